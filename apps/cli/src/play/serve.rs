//! Serves one file to players on this machine, as HTTP has it (RFC 9110).

use std::{
    convert::Infallible,
    io,
    net::{Ipv4Addr, SocketAddr},
    ops::Range,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt as _, Empty, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Frame, Incoming},
    header,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};

use super::{
    Film,
    range::Asked,
    target::{Target, is_addressed_to_loopback},
};

/// Players that are answered at once. One player keeps two or three connections.
const CONNECTIONS: usize = 16;

/// How long a player may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long to wait when connections cannot be taken, such as for want of descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// Where the bytes of a film come from.
pub(crate) trait Reads: Clone + Send + Sync + 'static {
    /// Reads bytes of the transfer, once they are here.
    fn read(
        &self,
        film: &Film,
        bytes: Range<u64>,
    ) -> impl Future<Output = io::Result<Bytes>> + Send;
}

/// Serves a film from now on, on a port of its own. Gives the address, which holds `bits`, so that
/// nobody else on this machine finds it.
pub(crate) async fn serve(film: Film, bits: [u8; 16], from: impl Reads) -> io::Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address: SocketAddr = listener.local_addr()?;
    let target = Target::new(bits, &film.name);
    let url = target.url(address);
    let show = Show { film, target, from };
    tokio::spawn(accept(listener, Arc::new(show)));
    Ok(url)
}

/// What is served.
#[derive(Debug)]
struct Show<R> {
    film: Film,
    target: Target,
    from: R,
}

type Body = UnsyncBoxBody<Bytes, io::Error>;

async fn accept(listener: TcpListener, show: Arc<Show<impl Reads>>) {
    let seats = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(seat) = seats.clone().acquire_owned().await else {
            return;
        };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let show = show.clone();
        tokio::spawn(async move {
            converse(stream, show).await;
            drop(seat);
        });
    }
}

async fn converse(stream: TcpStream, show: Arc<Show<impl Reads>>) {
    let service = service_fn(|request: Request<Incoming>| {
        let answer = show.answer(&request);
        async { Ok::<_, Infallible>(answer) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        // Whoever seeks comes anew, and whoever is silent keeps no seat.
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        // Most often a player that has seeked elsewhere.
        tracing::debug!(%error, "a player went away");
    }
}

impl<R: Reads> Show<R> {
    fn answer(&self, request: &Request<impl hyper::body::Body>) -> Response<Body> {
        let headers = request.headers();
        if !is_addressed_to_loopback(request.uri(), headers.get(header::HOST)) {
            return refusal(StatusCode::FORBIDDEN);
        }
        if !self.target.is_at(request.uri().path()) {
            return refusal(StatusCode::NOT_FOUND);
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let mut refusal = refusal(StatusCode::METHOD_NOT_ALLOWED);
            let allowed = header::HeaderValue::from_static("GET, HEAD");
            refusal.headers_mut().insert(header::ALLOW, allowed);
            return refusal;
        }
        let size = self.film.size();
        // A range is defined for GET alone (RFC 9110 §14.2).
        let asked = if request.method() == Method::GET {
            self.asked(headers)
        } else {
            Asked::All
        };
        let (status, bytes) = match asked {
            Asked::All => (StatusCode::OK, 0..size),
            Asked::Part(bytes) => (StatusCode::PARTIAL_CONTENT, bytes),
            Asked::Unsatisfiable => {
                return self
                    .head(StatusCode::RANGE_NOT_SATISFIABLE, 0)
                    .header(header::CONTENT_RANGE, format!("bytes */{size}"))
                    .body(nothing())
                    .expect("the headers are plain");
            }
        };
        let mut head = self.head(status, bytes.end - bytes.start);
        if status == StatusCode::PARTIAL_CONTENT {
            let (first, last) = (bytes.start, bytes.end - 1);
            let range = format!("bytes {first}-{last}/{size}");
            head = head.header(header::CONTENT_RANGE, range);
        }
        let body = if request.method() == Method::HEAD {
            nothing()
        } else {
            self.body(bytes)
        };
        head.body(body).expect("the headers are plain")
    }

    fn asked(&self, headers: &header::HeaderMap) -> Asked {
        let text = |name| headers.get(name).and_then(|it| it.to_str().ok());
        let still_the_same = text(header::IF_RANGE.as_str()).is_none_or(|it| it == self.tag());
        match text(header::RANGE.as_str()) {
            Some(range) if still_the_same => Asked::read(range, self.film.size()),
            _ => Asked::All,
        }
    }

    /// What the transfer is called, and so the content too.
    fn tag(&self) -> String {
        format!("\"{}-{}\"", self.film.transfer, self.film.item)
    }

    fn head(&self, status: StatusCode, length: u64) -> hyper::http::response::Builder {
        Response::builder()
            .status(status)
            .header(header::CONTENT_TYPE, &self.film.media_type)
            .header(header::CONTENT_LENGTH, length)
            .header(header::ACCEPT_RANGES, "bytes")
            .header(header::ETAG, self.tag())
            .header(header::CACHE_CONTROL, "no-store")
            .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
    }

    /// Reads piece by piece, as fast as the player takes them and no further.
    fn body(&self, bytes: Range<u64>) -> Body {
        let (film, from) = (self.film.clone(), self.from.clone());
        let pieces = stream::try_unfold(bytes, move |bytes| {
            let (film, from) = (film.clone(), from.clone());
            async move {
                if bytes.is_empty() {
                    return Ok(None);
                }
                let read = from.read(&film, film.step(&bytes)).await?;
                if read.is_empty() {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                let rest = bytes.start + read.len() as u64..bytes.end;
                Ok(Some((Frame::data(read), rest)))
            }
        });
        StreamBody::new(pieces).boxed_unsync()
    }
}

fn nothing() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

fn refusal(status: StatusCode) -> Response<Body> {
    let mut refusal = Response::new(nothing());
    *refusal.status_mut() = status;
    refusal
}

#[cfg(test)]
mod tests {
    use hyper::body::Body as _;
    use snug_protocol::TransferId;

    use super::*;

    /// A film of which every byte is its own position.
    #[derive(Debug, Clone)]
    struct Positions;

    impl Reads for Positions {
        async fn read(&self, film: &Film, bytes: Range<u64>) -> io::Result<Bytes> {
            let positions = bytes.map(|at| (at - film.bytes.start).to_be_bytes()[7]);
            Ok(positions.collect())
        }
    }

    fn show() -> Show<Positions> {
        Show {
            film: Film {
                transfer: TransferId::from_bytes([1; 16]),
                item: 2,
                name: "a.mp4".to_owned(),
                media_type: "video/mp4".to_owned(),
                bytes: 1_048_570..1_048_670,
            },
            target: Target::new([0; 16], "a.mp4"),
            from: Positions,
        }
    }

    fn request(method: &str, path: &str, headers: &[(&str, &str)]) -> Request<Empty<Bytes>> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Empty::new()).unwrap()
    }

    const PATH: &str = "/00000000000000000000000000000000/a.mp4";
    const HOST: (&str, &str) = ("host", "127.0.0.1:5");

    async fn answered(request: Request<Empty<Bytes>>) -> (u16, String, Vec<u8>) {
        let response = show().answer(&request);
        let status = response.status().as_u16();
        let range = response.headers().get(header::CONTENT_RANGE);
        let range = range.map_or("", |range| range.to_str().unwrap()).to_owned();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, range, body.to_vec())
    }

    #[tokio::test]
    async fn parts_are_answered_with_parts() {
        let (status, range, body) = answered(request("GET", PATH, &[HOST])).await;
        assert_eq!((status, range.as_str()), (200, ""));
        assert_eq!(body, (0..100).collect::<Vec<u8>>());
        let part = [HOST, ("range", "bytes=4-9")];
        let (status, range, body) = answered(request("GET", PATH, &part)).await;
        assert_eq!((status, range.as_str()), (206, "bytes 4-9/100"));
        assert_eq!(body, [4, 5, 6, 7, 8, 9]);
        let past = [HOST, ("range", "bytes=100-")];
        let (status, range, body) = answered(request("GET", PATH, &past)).await;
        assert_eq!(
            (status, range.as_str(), body.len()),
            (416, "bytes */100", 0)
        );
        let other = [HOST, ("range", "bytes=4-9"), ("if-range", "\"other\"")];
        assert_eq!(answered(request("GET", PATH, &other)).await.0, 200);
    }

    #[tokio::test]
    async fn the_head_is_the_same_without_a_body() {
        let response = show().answer(&request("HEAD", PATH, &[HOST]));
        assert_eq!(response.status(), 200);
        for (name, value) in [
            ("content-length", "100"),
            ("content-type", "video/mp4"),
            ("accept-ranges", "bytes"),
        ] {
            assert_eq!(response.headers()[name], value);
        }
        assert!(response.into_body().is_end_stream());
    }

    #[tokio::test]
    async fn nothing_else_is_served() {
        for (method, path, host, status) in [
            ("GET", "/", HOST, 404),
            ("GET", "/a.mp4", HOST, 404),
            ("POST", PATH, HOST, 405),
            ("GET", PATH, ("host", "evil.example"), 403),
        ] {
            let answer = answered(request(method, path, &[host])).await;
            assert_eq!(answer.0, status, "{method} {path}");
        }
    }
}
