//! The server's calls over HTTP: one connection each, because they are few.

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    HeaderMap, Method, Request, StatusCode,
    client::conn::http1,
    header::{ACCEPT, CONNECTION, CONTENT_TYPE, HOST, HeaderValue, RETRY_AFTER, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use serde::{Serialize, de::DeserializeOwned};
use snug_protocol::{
    ClientId, RoomId,
    api::{ApiError, CreateRoom, IceServer, IceServers, JoinRoom, RoomCreated, RoomJoined},
};
use snug_session::SignalingError;
use tokio::time;

use super::connect::{connect, unreachable};
use crate::{
    ServerUrl,
    limits::{ANSWER_BYTES, CALL_TIMEOUT},
};

/// Calls a server.
#[derive(Debug)]
pub(super) struct Client {
    server: ServerUrl,
}

impl Client {
    pub(super) fn new(server: ServerUrl) -> Self {
        Self { server }
    }

    pub(super) fn server(&self) -> &ServerUrl {
        &self.server
    }

    pub(super) async fn create_room(
        &self,
        capacity: Option<u16>,
    ) -> Result<RoomId, SignalingError> {
        let created: RoomCreated = self.post("/create-room", &CreateRoom { capacity }).await?;
        Ok(created.room_id)
    }

    pub(super) async fn join_room(
        &self,
        room_id: RoomId,
        client_id: ClientId,
    ) -> Result<(), SignalingError> {
        let body = JoinRoom { room_id, client_id };
        let _: RoomJoined = self.post("/join-room", &body).await?;
        Ok(())
    }

    pub(super) async fn ice_servers(
        &self,
        room: RoomId,
        member: &ClientId,
    ) -> Result<Vec<IceServer>, SignalingError> {
        // Neither has a character that would need escaping.
        let route = format!("/ice-servers?roomId={room}&clientId={member}");
        let answer: IceServers = self.call(Method::GET, &route, Bytes::new()).await?;
        Ok(answer.ice_servers)
    }

    async fn post<T: DeserializeOwned>(
        &self,
        route: &str,
        body: &impl Serialize,
    ) -> Result<T, SignalingError> {
        let body = serde_json::to_vec(body).expect("wire types always serialize");
        self.call(Method::POST, route, body.into()).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        route: &str,
        body: Bytes,
    ) -> Result<T, SignalingError> {
        let exchange = self.exchange(method, route, body);
        let answer = time::timeout(CALL_TIMEOUT, exchange).await;
        let (status, headers, body) = answer.unwrap_or_else(|_| self.fail("takes too long"))?;
        if !status.is_success() {
            return Err(refusal(&self.server, status, &headers, &body));
        }
        serde_json::from_slice(&body).or_else(|_| self.fail("is not a Snug server"))
    }

    async fn exchange(
        &self,
        method: Method,
        route: &str,
        body: Bytes,
    ) -> Result<(StatusCode, HeaderMap, Bytes), SignalingError> {
        let request = self.request(method, route, body);
        let stream = TokioIo::new(connect(&self.server).await?);
        let handshake = http1::Builder::new()
            .max_headers(64)
            .handshake(stream)
            .await;
        let (mut sender, connection) = handshake.or_else(|error| self.broken(&error))?;
        let conversation = async {
            let response = sender
                .send_request(request)
                .await
                .or_else(|e| self.broken(&e))?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, ANSWER_BYTES).collect().await;
            let body = body.or_else(|_| self.fail("answers in a way that makes no sense"))?;
            Ok((head.status, head.headers, body.to_bytes()))
        };
        tokio::pin!(conversation);
        tokio::select! {
            // The connection first: it moves the bytes that the conversation waits for.
            biased;
            _ = connection => {}
            answer = &mut conversation => return answer,
        }
        conversation.await
    }

    fn request(&self, method: Method, route: &str, body: Bytes) -> Request<Full<Bytes>> {
        let request = Request::builder()
            .method(method)
            .uri(self.server.route(route))
            .header(HOST, self.server.authority())
            .header(CONNECTION, "close")
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, PRODUCT);
        let request = if body.is_empty() {
            request
        } else {
            request.header(CONTENT_TYPE, "application/json")
        };
        request
            .body(Full::new(body))
            .expect("a parsed address makes valid headers")
    }

    fn broken<T>(&self, error: &hyper::Error) -> Result<T, SignalingError> {
        tracing::debug!(%error, "a call failed");
        self.fail(if error.is_parse() {
            "is not a Snug server"
        } else {
            "hung up before it answered"
        })
    }

    fn fail<T>(&self, why: &str) -> Result<T, SignalingError> {
        unreachable(&self.server, why)
    }
}

/// Reads an answer that is not a success: ours says why, any other comes from something else.
pub(super) fn refusal(
    server: &ServerUrl,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
) -> SignalingError {
    let later = retry_after(headers);
    if let Ok(ApiError { error, code }) = serde_json::from_slice(body) {
        let message = printable(&error) + &later;
        return SignalingError::Refused { code, message };
    }
    SignalingError::Unreachable(if status == StatusCode::NOT_FOUND {
        format!("{server} is not a Snug server")
    } else {
        format!("{server} answers {status}{later}")
    })
}

fn retry_after(headers: &HeaderMap) -> String {
    let value = headers.get(RETRY_AFTER).map(HeaderValue::to_str);
    match value {
        Some(Ok(seconds)) if seconds.parse::<u32>().is_ok() => {
            format!(" (try again in {seconds} s)")
        }
        _ => String::new(),
    }
}

/// Text of a server, without what would confuse a terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(TEXT_CHARS)
        .collect()
}

/// Nobody reads more of an error.
const TEXT_CHARS: usize = 300;

const PRODUCT: &str = concat!("snug/", env!("CARGO_PKG_VERSION"));
