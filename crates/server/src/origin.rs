//! Which page a request comes from (RFC 6454, Fetch §3.2).

use hyper::{HeaderMap, header, header::HeaderValue};
use snug_protocol::ErrorCode;

use crate::reply::Failure;

/// Where the page that sends a request was loaded from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin<'a> {
    /// Not sent by a page.
    None,
    /// From here.
    Same,
    /// From elsewhere, and configured.
    Allowed(&'a HeaderValue),
    /// From elsewhere, or hidden (`null`).
    Foreign,
}

impl<'a> Origin<'a> {
    /// Reads the origin. The page is from here when it was loaded from the host that the request
    /// is for; the scheme does not matter, as a proxy may have taken TLS off.
    pub(crate) fn of(headers: &'a HeaderMap, allowed: &[String]) -> Self {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let Some(value) = origins.next() else {
            return Self::None;
        };
        let Ok(origin) = value.to_str() else {
            return Self::Foreign;
        };
        if origins.next().is_some() {
            return Self::Foreign;
        }
        if allowed
            .iter()
            .any(|allowed| allowed.eq_ignore_ascii_case(origin))
        {
            return Self::Allowed(value);
        }
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        if host.is_some_and(|host| is_same(origin, host)) {
            Self::Same
        } else {
            Self::Foreign
        }
    }
}

/// Refuses pages of other sites: a browser lets any page open a WebSocket to anywhere, and post
/// without a body or with one that it calls plain text (Fetch §2.2.2). What is not a browser sends
/// no origin.
pub(crate) fn check(headers: &HeaderMap, allowed: &[String]) -> Result<(), Failure> {
    match Origin::of(headers, allowed) {
        Origin::None | Origin::Same | Origin::Allowed(_) => Ok(()),
        Origin::Foreign => {
            let text = "pages of other sites may not use this server";
            Err(Failure::of(ErrorCode::OriginRefused, text))
        }
    }
}

fn is_same(origin: &str, host: &str) -> bool {
    let (authority, port) = if let Some(authority) = origin.strip_prefix("https://") {
        (authority, ":443")
    } else if let Some(authority) = origin.strip_prefix("http://") {
        (authority, ":80")
    } else {
        return false;
    };
    let bare = |authority: &str| authority.strip_suffix(port).unwrap_or(authority).to_owned();
    !host.is_empty() && bare(authority).eq_ignore_ascii_case(&bare(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(host: &str, origins: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        for origin in origins {
            headers.append(header::ORIGIN, origin.parse().unwrap());
        }
        let allowed = ["https://friend.example".to_owned()];
        match Origin::of(&headers, &allowed) {
            Origin::Allowed(_) => "allowed".to_owned(),
            other => format!("{other:?}").to_lowercase(),
        }
    }

    #[test]
    fn pages_from_here_are_same() {
        assert_eq!(of("snug.example", &["https://snug.example"]), "same");
        assert_eq!(of("SNUG.example:443", &["https://snug.example"]), "same");
        assert_eq!(of("127.0.0.1:8080", &["http://127.0.0.1:8080"]), "same");
        assert_eq!(of("[::1]:8080", &["http://[::1]:8080"]), "same");
    }

    #[test]
    fn pages_from_elsewhere_are_foreign() {
        for origin in [
            "null",
            "",
            "https://evil.example",
            "https://snug.example.evil.example",
            "https://snug.example:8443",
            "https://user@snug.example",
            "file://snug.example",
            "snug.example",
        ] {
            assert_eq!(of("snug.example", &[origin]), "foreign", "{origin:?}");
        }
        assert_eq!(of("snug.example", &["https://snug.example"; 2]), "foreign");
    }

    #[test]
    fn tools_send_none_and_friends_are_allowed() {
        assert_eq!(of("snug.example", &[]), "none");
        assert_eq!(of("snug.example", &["https://friend.example"]), "allowed");
    }
}
