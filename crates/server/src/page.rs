//! The page that the server hands out: files that were read or embedded once, and never change.

use std::{borrow::Cow, collections::BTreeMap, fmt, sync::Arc};

use bytes::Bytes;
use hyper::{
    HeaderMap, StatusCode,
    header::{self, HeaderName, HeaderValue},
};
use warp::reply::{Reply as _, Response};

/// The files of a page, by their paths below `/`. Cheap to clone.
#[derive(Clone)]
pub struct Page(Arc<BTreeMap<String, File>>);

#[derive(Debug)]
struct File {
    media_type: &'static str,
    cache: &'static str,
    plain: Body,
    gzip: Option<Body>,
}

/// One way in which a file is sent.
#[derive(Debug)]
struct Body {
    bytes: Bytes,
    tag: HeaderValue,
}

impl Page {
    /// Takes the files of a page: paths such as `assets/index.js`, and their bytes. A file beside
    /// another whose name has `.gz` appended is the same, compressed (RFC 1952), for those who
    /// take that. `None` without an `index.html`, which is what is served at `/`.
    pub fn new(files: impl IntoIterator<Item = (String, Cow<'static, [u8]>)>) -> Option<Self> {
        let mut all: BTreeMap<String, Body> = files
            .into_iter()
            .map(|(path, bytes)| (path, Body::new(bytes)))
            .collect();
        let paths: Vec<String> = all.keys().filter(|path| is_plain(path)).cloned().collect();
        let files = paths.into_iter().filter_map(|path| {
            let plain = all.remove(&path)?;
            let gzip = all.remove(&format!("{path}{COMPRESSED}"));
            let file = File {
                media_type: media_type(&path),
                cache: cache(&path),
                plain,
                gzip,
            };
            Some((path, file))
        });
        let files: BTreeMap<String, File> = files.collect();
        files.contains_key(INDEX).then(|| Self(Arc::new(files)))
    }

    /// The answer to a request for `path`, if there is such a file.
    pub(crate) fn answer(&self, path: &str, asked: &HeaderMap) -> Option<Response> {
        let path = path.strip_prefix('/')?;
        let file = self.0.get(if path.is_empty() { INDEX } else { path })?;
        Some(file.answer(asked))
    }
}

impl File {
    fn answer(&self, asked: &HeaderMap) -> Response {
        let gzip = self.gzip.as_ref().filter(|_| takes_gzip(asked));
        let body = gzip.unwrap_or(&self.plain);
        let is_known = asked
            .get(header::IF_NONE_MATCH)
            .is_some_and(|known| lists(known, &body.tag));
        let mut response = if is_known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            hyper::Response::new(body.bytes.clone()).into_response()
        };
        let headers = response.headers_mut();
        for (name, value) in POLICY {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(self.cache));
        headers.insert(header::ETAG, body.tag.clone());
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if !is_known {
            let media_type = HeaderValue::from_static(self.media_type);
            headers.insert(header::CONTENT_TYPE, media_type);
        }
        if gzip.is_some() && !is_known {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    }
}

impl Body {
    fn new(bytes: Cow<'static, [u8]>) -> Self {
        let hash = blake3::hash(&bytes).to_hex();
        let tag = format!("\"{}\"", &hash[..32]);
        Self {
            bytes: match bytes {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => bytes.into(),
            },
            tag: HeaderValue::from_str(&tag).expect("hexadecimal digits are a header's"),
        }
    }
}

/// Whether gzip is among what is taken, and not refused (RFC 9110 §12.5.3).
fn takes_gzip(asked: &HeaderMap) -> bool {
    let values = asked.get_all(header::ACCEPT_ENCODING).into_iter();
    let mut codings = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    codings.any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").unwrap_or("1");
        name.trim().eq_ignore_ascii_case("gzip") && weight.parse::<f32>().is_ok_and(|w| w > 0.0)
    })
}

/// Whether a tag is among those that the other side has (RFC 9110 §13.1.2).
fn lists(known: &HeaderValue, tag: &HeaderValue) -> bool {
    let (Ok(known), Ok(tag)) = (known.to_str(), tag.to_str()) else {
        return false;
    };
    let mut tags = known.split(',').map(str::trim);
    tags.any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

fn is_plain(path: &str) -> bool {
    !path.ends_with(COMPRESSED)
}

/// What has a hash of its content in its name is never asked for again; everything else is, in
/// case there is a newer one.
fn cache(path: &str) -> &'static str {
    if path.starts_with(HASHED) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    }
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webmanifest" => "application/manifest+json",
        "json" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Page({} files)", self.0.len())
    }
}

const INDEX: &str = "index.html";

const COMPRESSED: &str = ".gz";

/// Where the page's build puts such files.
const HASHED: &str = "assets/";

/// What the page may do: run its own code, compile its own WebAssembly, talk to this server, and
/// show what it made itself (CSP Level 3; WebAssembly's part is `wasm-unsafe-eval`).
const POLICY: [(HeaderName, &str); 2] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' blob:; media-src 'self' blob:; font-src 'self'; \
         connect-src 'self'; worker-src 'self'; manifest-src 'self'; frame-src 'none'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), \
         autoplay=(self), clipboard-write=(self), screen-wake-lock=(self), geolocation=(), \
         payment=(), usb=(), serial=(), midi=(), browsing-topics=()",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Page {
        let files: [(&str, &'static [u8]); 4] = [
            ("index.html", b"<p>"),
            ("assets/a-1f.js", b"code"),
            ("assets/a-1f.js.gz", b"packed"),
            ("manifest.webmanifest", b"{}"),
        ];
        Page::new(files.map(|(path, bytes)| (path.to_owned(), bytes.into()))).unwrap()
    }

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(HeaderName, &'static str)| {
            (name.clone(), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    fn ask(path: &str, asked: &[(HeaderName, &'static str)]) -> Option<Response> {
        page().answer(path, &headers(asked))
    }

    fn header<'a>(response: &'a Response, name: &str) -> &'a str {
        let value = response.headers().get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    #[test]
    fn the_index_is_at_the_root_and_asked_for_each_time() {
        let response = ask("/", &[]).unwrap();
        assert_eq!(
            header(&response, "content-type"),
            "text/html; charset=utf-8"
        );
        assert_eq!(header(&response, "cache-control"), "no-cache");
        let policy = header(&response, "content-security-policy");
        assert!(!policy.contains("unsafe-inline"), "{policy}");
    }

    #[test]
    fn what_has_a_hash_in_its_name_is_kept() {
        let response = ask("/assets/a-1f.js", &[]).unwrap();
        assert!(header(&response, "cache-control").contains("immutable"));
        assert_eq!(header(&response, "content-encoding"), "");
    }

    #[test]
    fn compressed_files_go_to_those_who_take_them() {
        for (takes, encoding) in [
            ("gzip, deflate, br", "gzip"),
            ("br, GZIP;q=0.5", "gzip"),
            ("gzip;q=0", ""),
            ("br", ""),
            ("", ""),
        ] {
            let response = ask("/assets/a-1f.js", &[(header::ACCEPT_ENCODING, takes)]).unwrap();
            assert_eq!(header(&response, "content-encoding"), encoding, "{takes}");
            assert_eq!(header(&response, "vary"), "accept-encoding");
        }
        assert!(ask("/assets/a-1f.js.gz", &[]).is_none());
    }

    #[test]
    fn what_is_there_already_is_not_sent_again() {
        let first = ask("/", &[]).unwrap();
        let tag = first.headers().get(header::ETAG).unwrap();
        let mut asked = HeaderMap::new();
        asked.insert(header::IF_NONE_MATCH, tag.clone());
        let again = page().answer("/", &asked).unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        let other = ask("/", &[(header::IF_NONE_MATCH, "\"else\"")]).unwrap();
        assert_eq!(other.status(), StatusCode::OK);
    }

    #[test]
    fn nothing_else_is_there() {
        for path in [
            "/nowhere",
            "/assets",
            "/assets/",
            "/../index.html",
            "//",
            "",
            "/INDEX.HTML",
        ] {
            assert!(ask(path, &[]).is_none(), "{path}");
        }
    }

    #[test]
    fn a_page_without_an_index_is_none() {
        assert!(Page::new([("a.js".to_owned(), Cow::Borrowed(&b""[..]))]).is_none());
    }
}
