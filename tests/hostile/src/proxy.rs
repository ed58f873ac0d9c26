//! A server that does what it must not, in front of one that does what it must: everything that
//! members say to each other passes here.

mod rooms;
mod socket;

use std::{net::SocketAddr, sync::Arc};

use tokio::{
    io::{self, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use self::{rooms::Rooms, socket::carry};
use crate::Attack;

/// Bytes of a request that are looked at to see what it wants. Requests for a WebSocket are shorter.
const HEAD_BYTES: usize = 4 * 1024;

/// Listens before a server.
#[derive(Debug)]
pub struct Proxy {
    listener: TcpListener,
    server: SocketAddr,
    rooms: Arc<Rooms>,
}

impl Proxy {
    /// Listens at `listen` for those who want to talk to `server`.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub async fn bind(
        listen: SocketAddr,
        server: SocketAddr,
        attack: Attack,
        seed: u64,
    ) -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(listen).await?,
            server,
            rooms: Arc::new(Rooms::new(attack, seed)),
        })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Attacks until the end of days.
    pub async fn serve(self) {
        loop {
            let Ok((client, _)) = self.listener.accept().await else {
                continue;
            };
            let (server, rooms) = (self.server, Arc::clone(&self.rooms));
            tokio::spawn(async move {
                // Whatever ends one connection is no matter to the others.
                let _ = handle(client, server, rooms).await;
            });
        }
    }
}

async fn handle(mut client: TcpStream, server: SocketAddr, rooms: Arc<Rooms>) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut upstream = TcpStream::connect(server).await?;
    upstream.set_nodelay(true)?;
    if wants_socket(&client).await? {
        let carried = carry(client, upstream, rooms).await;
        return carried.map_err(io::Error::other);
    }
    copy_bidirectional(&mut client, &mut upstream).await?;
    Ok(())
}

/// Whether a request asks for a WebSocket (RFC 6455 §4.1). Nothing of it is consumed.
///
/// Programs send the head of a request at once, so what is there first is all of it.
async fn wants_socket(client: &TcpStream) -> io::Result<bool> {
    let mut head = vec![0; HEAD_BYTES];
    let len = client.peek(&mut head).await?;
    let head = String::from_utf8_lossy(&head[..len]).to_ascii_lowercase();
    Ok(head.contains("upgrade: websocket"))
}
