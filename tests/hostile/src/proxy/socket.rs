//! One member's WebSocket, and the one to the server behind it.

use std::sync::Arc;

use futures_util::{SinkExt as _, StreamExt as _};
use snug_protocol::{ClientId, ClientMessage, RoomId, ServerMessage};
use tokio::{net::TcpStream, sync::mpsc};
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async, client_async,
    tungstenite::{
        Error, Message,
        handshake::server::{ErrorResponse, Request, Response},
    },
};

use super::rooms::{QUEUE, Rooms};

type Socket = WebSocketStream<TcpStream>;

/// Carries a member's messages both ways until either side closes.
pub(super) async fn carry(
    client: TcpStream,
    upstream: TcpStream,
    rooms: Arc<Rooms>,
) -> Result<(), Error> {
    let mut path = String::new();
    #[expect(
        clippy::result_large_err,
        reason = "the type of the answer is that of the library"
    )]
    let note_path = |request: &Request, response: Response| -> Result<_, ErrorResponse> {
        request.uri().path().clone_into(&mut path);
        Ok(response)
    };
    let client = accept_hdr_async(client, note_path).await?;
    let address = upstream.peer_addr()?;
    let (server, _) = client_async(format!("ws://{address}{path}"), upstream).await?;
    Carrier::new(client, server, rooms).run().await
}

struct Carrier {
    client: Socket,
    server: Socket,
    rooms: Arc<Rooms>,
    queue: mpsc::Sender<ServerMessage>,
    outbound: mpsc::Receiver<ServerMessage>,
    /// Who it is and where, once that is said.
    member: Option<(RoomId, ClientId)>,
}

impl Carrier {
    fn new(client: Socket, server: Socket, rooms: Arc<Rooms>) -> Self {
        let (queue, outbound) = mpsc::channel(QUEUE);
        Self {
            client,
            server,
            rooms,
            queue,
            outbound,
            member: None,
        }
    }

    async fn run(mut self) -> Result<(), Error> {
        loop {
            tokio::select! {
                said = self.client.next() => match said {
                    Some(Ok(said)) => self.on_client(said).await?,
                    Some(Err(error)) => return Err(error),
                    None => return self.server.close(None).await,
                },
                said = self.server.next() => match said {
                    Some(Ok(said)) => self.on_server(said).await?,
                    Some(Err(error)) => return Err(error),
                    None => return self.client.close(None).await,
                },
                Some(message) = self.outbound.recv() => {
                    self.client.send(Message::text(message.encode())).await?;
                }
            }
        }
    }

    async fn on_client(&mut self, said: Message) -> Result<(), Error> {
        if let Message::Text(text) = &said
            && let Ok(message) = ClientMessage::decode(text)
        {
            self.on_message(&message);
        }
        match said {
            // Each socket answers its own.
            Message::Ping(_) | Message::Pong(_) => Ok(()),
            said => self.server.send(said).await,
        }
    }

    fn on_message(&mut self, message: &ClientMessage) {
        if let ClientMessage::Init {
            room_id, client_id, ..
        } = message
        {
            self.rooms.enter(client_id, self.queue.clone());
            self.member = Some((*room_id, client_id.clone()));
        }
        if let Some((room, client)) = &self.member {
            self.rooms.overhear(*room, client, message);
        }
    }

    async fn on_server(&mut self, said: Message) -> Result<(), Error> {
        if let Message::Text(text) = &said
            && let Ok(message) = ServerMessage::decode(text)
            && let Some((room, client)) = &self.member
        {
            self.rooms.pass(*room, client, message);
            return Ok(());
        }
        match said {
            Message::Ping(_) | Message::Pong(_) => Ok(()),
            said => self.client.send(said).await,
        }
    }
}
