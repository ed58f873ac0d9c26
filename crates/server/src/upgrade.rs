//! From HTTP to a WebSocket (RFC 6455 §4.2).

use std::sync::Arc;

use hyper::{
    HeaderMap, Method, Request, StatusCode, Version,
    body::Incoming,
    header::{self, HeaderValue},
};
use hyper_util::rt::TokioIo;
use snug_protocol::ErrorCode;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use warp::reply::{Reply, Response};

use crate::{
    address::{Client, Counted, Place},
    connection,
    context::Context,
    http::Peer,
    origin,
    reply::Failure,
};

/// Answers an upgrade and serves the socket that comes of it in a task of its own.
pub(crate) fn upgrade(
    mut request: Request<Incoming>,
    context: &Arc<Context>,
    peer: &Arc<Peer>,
    client: Client,
) -> Result<Response, Failure> {
    let accept = check_handshake(&request)?;
    origin::check(request.headers(), &context.config.allowed_origins)?;
    if context.is_draining() {
        return Err(Failure::draining());
    }
    let Some(place) = context.addresses.occupy(client, Counted::Socket) else {
        context.metrics.on_refused_connection();
        let text = "too many sockets from this address";
        return Err(Failure::of(ErrorCode::TooManyConnections, text).retry_after(10));
    };
    let upgrade = hyper::upgrade::on(&mut request);
    context.sockets.spawn(serve(
        upgrade,
        Arc::clone(context),
        Arc::clone(peer),
        client,
        place,
    ));
    Ok(switching_protocols(accept))
}

async fn serve(
    upgrade: hyper::upgrade::OnUpgrade,
    context: Arc<Context>,
    _peer: Arc<Peer>,
    client: Client,
    _place: Place,
) {
    // An error means that the peer has gone before the answer was written.
    let Ok(upgraded) = upgrade.await else { return };
    let parts = upgraded
        .downcast::<TokioIo<TcpStream>>()
        .expect("the listener serves nothing but TCP streams");
    connection::serve(parts.io.into_inner(), parts.read_buf, client, context).await;
}

/// Checks what the client must send, and returns the key that proves we read it.
fn check_handshake(request: &Request<Incoming>) -> Result<String, Failure> {
    let headers = request.headers();
    if request.method() != Method::GET {
        let text = "a WebSocket is opened with GET";
        return Err(Failure::of(ErrorCode::MethodNotAllowed, text)
            .with(header::ALLOW, HeaderValue::from_static("GET")));
    }
    if request.version() != Version::HTTP_11
        || !has_token(headers, &header::CONNECTION, "upgrade")
        || !has_token(headers, &header::UPGRADE, "websocket")
    {
        let text = "this is a WebSocket; ask for an upgrade";
        return Err(Failure::of(ErrorCode::UpgradeRequired, text)
            .with(header::UPGRADE, HeaderValue::from_static("websocket")));
    }
    if headers
        .get(header::SEC_WEBSOCKET_VERSION)
        .is_none_or(|version| version != "13")
    {
        return Err(
            Failure::of(ErrorCode::UpgradeRequired, "the version is 13").with(
                header::SEC_WEBSOCKET_VERSION,
                HeaderValue::from_static("13"),
            ),
        );
    }
    let key = headers
        .get(header::SEC_WEBSOCKET_KEY)
        .map_or(&b""[..], HeaderValue::as_bytes);
    // 16 bytes in base64.
    if key.len() != 24 || !key.ends_with(b"==") {
        return Err(Failure::of(ErrorCode::BadMessage, "bad Sec-WebSocket-Key"));
    }
    Ok(derive_accept_key(key))
}

fn has_token(headers: &HeaderMap, name: &header::HeaderName, token: &str) -> bool {
    let values = headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut tokens = values.flat_map(|value| value.split(','));
    tokens.any(|value| value.trim().eq_ignore_ascii_case(token))
}

fn switching_protocols(accept: String) -> Response {
    let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    let accept = HeaderValue::try_from(accept).expect("base64 is visible ASCII");
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    response
}
