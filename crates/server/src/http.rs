//! One HTTP connection: limits before, headers after, warp in between.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
};

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::{
    HeaderMap, Method, Request, StatusCode,
    body::{Body, Incoming},
    header::{self, HeaderValue},
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use ipnet::IpNet;
use snug_protocol::{ErrorCode, limits::HTTP_BODY_BYTES};
use tokio::{
    net::TcpStream,
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;
use tracing::warn;
use warp::{filters::BoxedFilter, reply::Response};

use crate::{
    address::{self, Client, FORWARDED_FOR, Place},
    clock,
    context::Context,
    limits,
    origin::Origin,
    reply::{self, Failure},
    upgrade,
};

/// Who is at the other end of a TCP connection, with the places it takes up as long as it is
/// there, be it as a WebSocket.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    pub(crate) _place: Place,
    pub(crate) _permit: OwnedSemaphorePermit,
}

/// What is served on one listener.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) routes: BoxedFilter<(Response,)>,
    /// Whether there are sockets too, and calls are counted; not so for the metrics.
    pub(crate) websocket: bool,
}

/// Serves HTTP on `stream` until it ends, is upgraded, or has been served for long enough. After
/// `stop` it ends with the answer under way.
pub(crate) async fn serve(
    stream: TcpStream,
    peer: Peer,
    context: Arc<Context>,
    site: Site,
    stop: CancellationToken,
) {
    let _gauge = site.websocket.then(|| context.metrics.connection());
    let peer = Arc::new(peer);
    let life = Instant::from_std(clock::now()) + context.config.http.connection_life;
    let service = service_fn(|request| {
        let (context, peer, site) = (Arc::clone(&context), Arc::clone(&peer), site.clone());
        async move { Ok::<_, Infallible>(answer(request, context, peer, site).await) }
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(context.config.http.head_timeout)
            .max_header_size(limits::HEAD_BYTES)
            .max_headers(limits::HEADERS)
            .max_buf_size(limits::HEAD_BYTES)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades()
    );
    let served = async {
        // Errors are the peer's: it broke off, was too slow, or did not speak HTTP.
        if stop
            .run_until_cancelled(connection.as_mut())
            .await
            .is_none()
        {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    };
    let _ = timeout_at(life, served).await;
}

async fn answer(
    request: Request<Incoming>,
    context: Arc<Context>,
    peer: Arc<Peer>,
    site: Site,
) -> Response {
    let allowed = allowed_origin(&request, &context);
    let counts = site.websocket;
    let mut response = route(request, &context, &peer, site)
        .await
        .unwrap_or_else(Failure::into_response);
    if counts {
        context
            .metrics
            .on_request(response.status().as_u16() >= 400);
    }
    reply::secure(response.headers_mut());
    if let Some(origin) = allowed {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::VARY, HeaderValue::from_static("origin"));
        headers.insert(
            "cross-origin-resource-policy",
            HeaderValue::from_static("cross-origin"),
        );
    }
    response
}

async fn route(
    request: Request<Incoming>,
    context: &Arc<Context>,
    peer: &Arc<Peer>,
    site: Site,
) -> Result<Response, Failure> {
    let trusted = &context.config.trusted_proxies;
    let client = Client::of(peer.address.ip(), request.headers(), trusted);
    if is_unnamed_proxy(peer.address.ip(), request.headers(), trusted) {
        warn_of_proxy(context);
    }
    if site.websocket && matches!(request.uri().path(), "/ws" | "/api/ws") {
        return upgrade::upgrade(request, context, peer, client);
    }
    if is_preflight(&request, context) {
        return Ok(preflight());
    }
    let (mut parts, body) = request.into_parts();
    let body = read_body(body, context).await?;
    // hyper leaves the body out of answers to HEAD.
    if parts.method == Method::HEAD {
        parts.method = Method::GET;
    }
    parts.extensions.insert(client);
    let request = Request::from_parts(parts, Full::new(body));
    let Ok(response) = TowerToHyperService::new(warp::service(site.routes))
        .call(request)
        .await;
    Ok(response)
}

/// Whether `peer` seems to be a proxy on this machine that is not trusted at the address from which
/// it comes: `127.0.0.1` and `::1` are two.
fn is_unnamed_proxy(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> bool {
    headers.contains_key(FORWARDED_FOR)
        && peer.to_canonical().is_loopback()
        && !address::is_trusted(peer, trusted)
}

/// Says once that a proxy should be named: behind one on this machine everybody would count as
/// loopback, which is spared from the limits.
fn warn_of_proxy(context: &Context) {
    context.proxy_warning.call_once(|| {
        warn!(
            "a proxy on this machine seems to be in front; name each address from which it comes, \
             or nobody behind it is limited"
        );
    });
}

/// Reads a body that is short and does not take long, whatever its headers promise.
async fn read_body(body: Incoming, context: &Context) -> Result<Bytes, Failure> {
    if body.size_hint().lower() > DISCARDED_BYTES as u64 {
        return Err(too_large());
    }
    let mut read = BytesMut::new();
    match timeout(context.config.http.body_timeout, collect(body, &mut read)).await {
        _ if read.len() > HTTP_BODY_BYTES => Err(too_large()),
        Ok(Ok(())) => Ok(read.freeze()),
        Ok(Err(_)) => Err(Failure::of(ErrorCode::BadMessage, "the body broke off").and_close()),
        Err(_) => {
            let text = "the body did not arrive in time";
            Err(Failure::of(ErrorCode::RequestTimeout, text).and_close())
        }
    }
}

/// Reads a body, but keeps little more than a body may have: the rest is thrown away, so that a
/// peer that writes before it reads still gets to read its answer.
async fn collect(mut body: Incoming, read: &mut BytesMut) -> hyper::Result<()> {
    let mut total = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        total += data.len();
        if read.len() <= HTTP_BODY_BYTES {
            read.extend_from_slice(&data);
        } else if total > DISCARDED_BYTES {
            break;
        }
    }
    Ok(())
}

fn too_large() -> Failure {
    let text = format!("a body has at most {HTTP_BODY_BYTES} bytes");
    Failure::of(ErrorCode::TooLarge, text).and_close()
}

fn allowed_origin(request: &Request<Incoming>, context: &Context) -> Option<HeaderValue> {
    match Origin::of(request.headers(), &context.config.allowed_origins) {
        Origin::Allowed(origin) => Some(origin.clone()),
        Origin::None | Origin::Same | Origin::Foreign => None,
    }
}

/// Whether a browser asks on behalf of an allowed page what that may send (Fetch §3.3.1).
fn is_preflight(request: &Request<Incoming>, context: &Context) -> bool {
    request.method() == Method::OPTIONS && allowed_origin(request, context).is_some()
}

fn preflight() -> Response {
    let mut response = warp::reply::Reply::into_response(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    let methods = HeaderValue::from_static("GET, POST");
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    let names = HeaderValue::from_static("content-type");
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names);
    headers.insert(
        header::ACCESS_CONTROL_MAX_AGE,
        HeaderValue::from_static("600"),
    );
    response
}

/// Bytes of a body that is too large that are read all the same. One that promises more is not
/// even begun.
const DISCARDED_BYTES: usize = 16 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_that_comes_from_another_address_than_was_named_is_noticed() {
        let trusted = ["127.0.0.1/32".parse().unwrap()];
        let mut headers = HeaderMap::new();
        let is_unnamed = |peer: &str, headers: &HeaderMap, trusted: &[IpNet]| {
            is_unnamed_proxy(peer.parse().unwrap(), headers, trusted)
        };
        assert!(!is_unnamed("::1", &headers, &trusted));
        headers.insert(FORWARDED_FOR, HeaderValue::from_static("192.0.2.1"));
        assert!(is_unnamed("::1", &headers, &trusted));
        assert!(is_unnamed("::ffff:127.0.0.1", &headers, &[]));
        assert!(!is_unnamed("::ffff:127.0.0.1", &headers, &trusted));
        assert!(!is_unnamed("192.0.2.2", &headers, &trusted));
    }
}
