//! A well-behaved client.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use snug_protocol::{
    ClientMessage, ErrorCode, Forward, ForwardKind, Payload, ResumeToken, RoomId, ServerMessage,
};
use tokio::net::TcpStream;
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

use crate::server::within;

pub(crate) struct Client {
    pub(crate) stream: WebSocketStream<TcpStream>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::connect_to(address, "/ws").await
    }

    pub(crate) async fn connect_to(address: SocketAddr, path: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        let url = format!("ws://{address}{path}");
        let (stream, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
        Self { stream }
    }

    pub(crate) async fn init(&mut self, room: RoomId, client: &str) -> ResumeToken {
        self.send_init(room, client, None).await;
        self.seated().await
    }

    pub(crate) async fn resume(&mut self, room: RoomId, client: &str, token: &ResumeToken) {
        self.send_init(room, client, Some(token.clone())).await;
        self.seated().await;
    }

    pub(crate) async fn send_init(
        &mut self,
        room_id: RoomId,
        client: &str,
        resume: Option<ResumeToken>,
    ) {
        let client_id = client.parse().unwrap();
        self.send(&ClientMessage::Init {
            room_id,
            client_id,
            resume,
        })
        .await;
    }

    async fn seated(&mut self) -> ResumeToken {
        match self.hear().await {
            ServerMessage::InitSuccess { resume, .. } => resume,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn relay(&mut self, from: &str, to: &str, payload: &str) {
        self.send(&ClientMessage::Forward(forward(from, to, payload)))
            .await;
    }

    /// Sends a message of the handshake.
    pub(crate) async fn key(&mut self, from: &str, to: &str, payload: &str) {
        self.send(&ClientMessage::Forward(Forward {
            kind: ForwardKind::Key,
            ..forward(from, to, payload)
        }))
        .await;
    }

    pub(crate) async fn send(&mut self, message: &ClientMessage) {
        self.send_text(&message.encode()).await;
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.unwrap();
    }

    /// The next text.
    pub(crate) async fn hear_text(&mut self) -> String {
        loop {
            match within(self.stream.next()).await {
                Some(Ok(Message::Text(text))) => return text.to_string(),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    pub(crate) async fn hear(&mut self) -> ServerMessage {
        let text = self.hear_text().await;
        ServerMessage::decode(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    pub(crate) async fn hear_error(&mut self) -> ErrorCode {
        match self.hear().await {
            ServerMessage::Error { code, .. } => code,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn hear_relayed(&mut self) -> Forward {
        match self.hear().await {
            ServerMessage::Forward(forward) => forward,
            other => panic!("{other:?}"),
        }
    }

    /// Reads to the end and returns the code of the close frame.
    pub(crate) async fn close_code(&mut self) -> Option<u16> {
        let mut code = None;
        while let Some(Ok(message)) = within(self.stream.next()).await {
            if let Message::Close(Some(frame)) = message {
                code = Some(frame.code.into());
            }
        }
        code
    }
}

pub(crate) fn forward(from: &str, to: &str, payload: &str) -> Forward {
    Forward {
        kind: ForwardKind::Relay,
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        payload: Payload::from_json(payload.to_owned()).unwrap(),
    }
}
