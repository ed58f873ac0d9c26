//! The server's WebSocket.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use snug_protocol::ServerMessage;
use snug_session::{SignalingError, SignalingInput};
use tokio::{
    sync::{mpsc, oneshot},
    time::{self, Instant},
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        self, ClientRequestBuilder, Message,
        protocol::{CloseFrame, WebSocketConfig},
    },
};

use super::{
    Reports,
    client::{Client, printable, refusal},
    connect::{Connection, connect, unreachable},
};
use crate::{
    ServerUrl,
    limits::{
        CALL_TIMEOUT, ICE_SERVERS_TIMEOUT, INBOUND_BYTES, PING_AFTER, SILENCE, SOCKET_BUFFER_BYTES,
        WRITE_TIMEOUT,
    },
};

/// Opens the socket, then carries messages both ways until `outbox` ends or the socket does.
/// `prepared` holds up only the report that the socket is open.
pub(super) async fn run(
    client: Arc<Client>,
    prepared: oneshot::Receiver<()>,
    outbox: mpsc::Receiver<String>,
    reports: Reports,
) {
    let open = time::timeout(CALL_TIMEOUT, open(client.server()));
    let prepared = time::timeout(ICE_SERVERS_TIMEOUT, prepared);
    let (opened, _) = tokio::join!(open, prepared);
    let opened = opened.unwrap_or_else(|_| unreachable(client.server(), "takes too long"));
    let error = match opened {
        Ok(stream) => {
            reports.send(SignalingInput::SocketOpened).await;
            let Err(error) = Socket::new(stream, reports.clone()).carry(outbox).await else {
                return;
            };
            error
        }
        Err(error) => error,
    };
    reports.send(SignalingInput::Failed(error)).await;
}

async fn open(server: &ServerUrl) -> Result<WebSocketStream<Connection>, SignalingError> {
    let scheme = if server.is_secure() { "wss" } else { "ws" };
    let uri = format!("{scheme}://{}{}", server.authority(), server.route("/ws"));
    let uri = uri
        .parse()
        .or_else(|_| unreachable(server, "has no valid address"))?;
    let stream = connect(server).await?;
    let config = WebSocketConfig::default()
        .read_buffer_size(SOCKET_BUFFER_BYTES)
        .write_buffer_size(SOCKET_BUFFER_BYTES)
        .max_message_size(Some(INBOUND_BYTES))
        .max_frame_size(Some(INBOUND_BYTES));
    let request = ClientRequestBuilder::new(uri);
    match client_async_with_config(request, stream, Some(config)).await {
        Ok((socket, _)) => Ok(socket),
        Err(tungstenite::Error::Http(response)) => {
            let (head, body) = response.into_parts();
            let body = body.unwrap_or_default();
            Err(refusal(server, head.status, &head.headers, &body))
        }
        Err(error) => {
            tracing::debug!(%error, "the upgrade failed");
            unreachable(
                server,
                "is not a Snug server, or a proxy before it takes no WebSockets",
            )
        }
    }
}

struct Socket {
    stream: WebSocketStream<Connection>,
    reports: Reports,
    heard_at: Instant,
    /// Whether the server was asked for a sign of life since.
    pinged: bool,
}

impl Socket {
    fn new(stream: WebSocketStream<Connection>, reports: Reports) -> Self {
        let heard_at = now();
        Self {
            stream,
            reports,
            heard_at,
            pinged: false,
        }
    }

    /// Carries messages until there are none to come.
    async fn carry(mut self, mut outbox: mpsc::Receiver<String>) -> Result<(), SignalingError> {
        loop {
            tokio::select! {
                message = outbox.recv() => match message {
                    Some(message) => self.send(Message::text(message), &mut outbox).await?,
                    None => return self.close().await,
                },
                frame = self.stream.next() => self.on_frame(frame).await?,
                () = time::sleep_until(self.heard_at + SILENCE) => {
                    return Err(closed(&format!("nothing came for {} s", SILENCE.as_secs())));
                }
                () = time::sleep_until(self.heard_at + PING_AFTER), if !self.pinged => {
                    self.pinged = true;
                    self.send(Message::Ping(Bytes::new()), &mut outbox).await?;
                }
            }
        }
    }

    /// Sends a message and those behind it.
    async fn send(
        &mut self,
        message: Message,
        outbox: &mut mpsc::Receiver<String>,
    ) -> Result<(), SignalingError> {
        let write = async {
            self.stream.feed(message).await?;
            while let Ok(message) = outbox.try_recv() {
                self.stream.feed(Message::text(message)).await?;
            }
            self.stream.flush().await
        };
        match time::timeout(WRITE_TIMEOUT, write).await {
            Ok(written) => written.map_err(|error| broken(&error)),
            Err(_) => Err(closed("the server does not take messages")),
        }
    }

    async fn on_frame(
        &mut self,
        frame: Option<Result<Message, tungstenite::Error>>,
    ) -> Result<(), SignalingError> {
        let frame = match frame {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => return Err(broken(&error)),
            None => return Err(closed("the server hung up")),
        };
        self.heard_at = now();
        self.pinged = false;
        match frame {
            Message::Text(text) => match ServerMessage::decode(&text) {
                Ok(message) => self.reports.send(SignalingInput::Message(message)).await,
                // A newer server may say more than we know.
                Err(error) => tracing::debug!(%error, "a message is not understood"),
            },
            Message::Close(frame) => return Err(closed_by_server(frame.as_ref())),
            // The stream answers pings by itself.
            Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_) => {}
        }
        Ok(())
    }

    /// Says goodbye (RFC 6455 §7.1.2) and waits for the answer, so that the last message is not
    /// lost to a reset.
    async fn close(mut self) -> Result<(), SignalingError> {
        let goodbye = async {
            self.stream.close(None).await?;
            while self.stream.next().await.is_some_and(|frame| frame.is_ok()) {}
            Ok(())
        };
        match time::timeout(WRITE_TIMEOUT, goodbye).await {
            Ok(closed) => closed.map_err(|error| broken(&error)),
            Err(_) => Err(closed("the server does not take messages")),
        }
    }
}

fn closed_by_server(frame: Option<&CloseFrame>) -> SignalingError {
    match frame {
        Some(frame) if !frame.reason.is_empty() => {
            closed(&format!("the server says: {}", printable(&frame.reason)))
        }
        Some(frame) => closed(&format!("closed by the server ({})", frame.code)),
        None => closed("closed by the server"),
    }
}

fn broken(error: &tungstenite::Error) -> SignalingError {
    match error {
        tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed => {
            closed("the server hung up")
        }
        error => closed(&error.to_string()),
    }
}

fn closed(why: &str) -> SignalingError {
    SignalingError::Closed(why.to_owned())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a silent socket is found by the clock"
)]
fn now() -> Instant {
    Instant::now()
}
