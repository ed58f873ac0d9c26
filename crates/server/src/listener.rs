//! Sockets that listen, and the loop that accepts.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::{
    net::{TcpListener, TcpStream, UdpSocket},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::warn;

use crate::{
    address::{self, Client, Counted, Place},
    clock,
    context::Context,
    http::{self, Peer, Site},
    limits,
};

/// Listens for TCP connections. A wildcard of IPv6 takes IPv4 too, and becomes one of IPv4 where
/// there is no IPv6.
pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = bind(address, Type::STREAM, Protocol::TCP)?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Opens a socket for UDP, with the same fallback.
pub(crate) fn listen_udp(address: SocketAddr) -> io::Result<UdpSocket> {
    UdpSocket::from_std(bind(address, Type::DGRAM, Protocol::UDP)?.into())
}

fn bind(address: SocketAddr, kind: Type, protocol: Protocol) -> io::Result<Socket> {
    match bind_exactly(address, kind, protocol) {
        Err(error) if is_without_ipv6(&error) && address.ip().is_unspecified() => {
            let address = SocketAddr::from((Ipv4Addr::UNSPECIFIED, address.port()));
            bind_exactly(address, kind, protocol)
        }
        result => result,
    }
}

fn bind_exactly(address: SocketAddr, kind: Type, protocol: Protocol) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), kind, Some(protocol))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    // A restarted server takes its port back from connections that linger.
    if kind == Type::STREAM && cfg!(unix) {
        socket.set_reuse_address(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

fn is_without_ipv6(error: &io::Error) -> bool {
    // EAFNOSUPPORT, and EADDRNOTAVAIL where IPv6 is switched off.
    error.raw_os_error() == Some(97) || error.kind() == io::ErrorKind::AddrNotAvailable
}

/// Accepts connections and serves each in a task of its own.
pub(crate) struct Acceptor {
    pub(crate) listener: TcpListener,
    pub(crate) context: Arc<Context>,
    pub(crate) site: Site,
    /// Places for connections.
    pub(crate) places: Arc<Semaphore>,
    pub(crate) tasks: TaskTracker,
    /// Ends the accepting, and the serving of whatever is not a WebSocket once it is answered.
    pub(crate) stop: CancellationToken,
    /// Ends that at once.
    pub(crate) cut: CancellationToken,
}

impl Acceptor {
    pub(crate) async fn run(self) {
        let mut quiet_until = clock::now();
        while let Some(accepted) = self.stop.run_until_cancelled(self.listener.accept()).await {
            match accepted {
                Ok((stream, address)) => self.on_stream(stream, address),
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    self.context.metrics.on_failed_accept();
                    if clock::now() >= quiet_until {
                        warn!(%error, "cannot accept connections; are there enough descriptors?");
                        quiet_until = clock::now() + limits::COMPLAINT_INTERVAL;
                    }
                    // The connection stays in the queue, so without a rest this would spin.
                    tokio::time::sleep(limits::ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn on_stream(&self, stream: TcpStream, address: SocketAddr) {
        let Some(peer) = self.admit(&stream, address) else {
            return self.context.metrics.on_refused_connection();
        };
        // Without it a relayed message waits for the acknowledgement of the one before. A socket
        // that has already been reset refuses, and ends on its own.
        let _ = stream.set_nodelay(true);
        let (context, site) = (Arc::clone(&self.context), self.site.clone());
        let (stop, cut) = (self.stop.clone(), self.cut.clone());
        self.tasks.spawn(async move {
            let served = http::serve(stream, peer, context, site, stop);
            cut.run_until_cancelled(served).await;
        });
    }

    fn admit(&self, stream: &TcpStream, address: SocketAddr) -> Option<Peer> {
        let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() else {
            refuse(stream, SERVER_FULL);
            return None;
        };
        let Some(place) = self.place(address.ip()) else {
            refuse(stream, TOO_MANY_CONNECTIONS);
            return None;
        };
        Some(Peer {
            address,
            _place: place,
            _permit: permit,
        })
    }

    /// A place for a connection; proxies have as many as there are.
    fn place(&self, address: IpAddr) -> Option<Place> {
        if address::is_trusted(address, &self.context.config.trusted_proxies) {
            return Some(Place::uncounted());
        }
        let client = Client::Direct(address);
        self.context.addresses.occupy(client, Counted::Connection)
    }
}

/// Whether an accept failed because of the connection that it would have returned.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

/// Says why before the connection is dropped, if that can be done at once.
fn refuse(stream: &TcpStream, answer: &'static str) {
    let _ = stream.try_write(answer.as_bytes());
}

const SERVER_FULL: &str = "HTTP/1.1 503 Service Unavailable\r\n\
    content-type: application/json\r\ncontent-length: 54\r\n\
    retry-after: 30\r\nconnection: close\r\n\r\n\
    {\"error\":\"this server is full\",\"code\":\"server-full\"}  ";

const TOO_MANY_CONNECTIONS: &str = "HTTP/1.1 429 Too Many Requests\r\n\
    content-type: application/json\r\ncontent-length: 82\r\n\
    retry-after: 10\r\nconnection: close\r\n\r\n\
    {\"error\":\"too many connections from this address\",\"code\":\"too-many-connections\"}  ";

/// Connections that wait to be accepted: a restart's worth of them. The kernel has its own limit.
const BACKLOG: i32 = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canned_answers_have_the_length_they_say() {
        for answer in [SERVER_FULL, TOO_MANY_CONNECTIONS] {
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            assert!(
                head.contains(&format!("content-length: {}\r\n", body.len())),
                "{answer}"
            );
            serde_json::from_str::<snug_protocol::api::ApiError>(body).unwrap();
        }
    }
}
