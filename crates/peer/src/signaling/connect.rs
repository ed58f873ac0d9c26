//! Connections to the server, with TLS if its address says so.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use rustls::pki_types::{InvalidDnsNameError, ServerName};
use snug_session::SignalingError;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{self, TcpStream},
    time,
};
use url::Host;

use super::tls;
use crate::{
    ServerUrl,
    limits::{ATTEMPT_DELAY, CONNECT_TIMEOUT},
};

/// A stream of bytes, encrypted or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send {}

impl<T: AsyncRead + AsyncWrite + Send> Stream for T {}

pub(super) type Connection = Pin<Box<dyn Stream>>;

/// Connects to the server within [`CONNECT_TIMEOUT`].
pub(super) async fn connect(server: &ServerUrl) -> Result<Connection, SignalingError> {
    let connected = time::timeout(CONNECT_TIMEOUT, connect_any_time(server)).await;
    connected.unwrap_or_else(|_| unreachable(server, "does not answer"))
}

async fn connect_any_time(server: &ServerUrl) -> Result<Connection, SignalingError> {
    let addresses = match look_up(server).await {
        Ok(addresses) if !addresses.is_empty() => addresses,
        Ok(_) => return unreachable(server, "has no address"),
        Err(error) => {
            tracing::debug!(%error, "the lookup failed");
            return unreachable(server, "is not known: check the address, or the network");
        }
    };
    let tcp = match race(addresses).await {
        Ok(tcp) => tcp,
        Err(error) => return unreachable(server, &refused(&error)),
    };
    // Without it, small messages wait for the acknowledgement of the one before.
    drop(tcp.set_nodelay(true));
    if !server.is_secure() {
        return Ok(Box::pin(tcp));
    }
    let Ok(name) = tls_name(server) else {
        return unreachable(server, "has a name that no certificate can have");
    };
    match tls::connector().connect(name, tcp).await {
        Ok(stream) => Ok(Box::pin(stream)),
        Err(error) => unreachable(
            server,
            &format!("cannot be trusted or speaks no TLS: {error}"),
        ),
    }
}

async fn look_up(server: &ServerUrl) -> io::Result<Vec<SocketAddr>> {
    let port = server.port();
    match server.host() {
        Host::Ipv4(ip) => Ok(vec![(ip, port).into()]),
        Host::Ipv6(ip) => Ok(vec![(ip, port).into()]),
        Host::Domain(name) => Ok(net::lookup_host((name, port)).await?.collect()),
    }
}

/// Tries the addresses in order, each with a head start over the next, and takes the first that
/// answers (RFC 8305 §5).
async fn race(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    let mut untried = addresses.into_iter();
    let mut attempts = FuturesUnordered::new();
    attempts.extend(untried.next().map(TcpStream::connect));
    let mut failure = io::ErrorKind::AddrNotAvailable.into();
    loop {
        tokio::select! {
            attempt = attempts.next() => match attempt {
                Some(Ok(stream)) => return Ok(stream),
                Some(Err(error)) => failure = error,
                None => return Err(failure),
            },
            () = time::sleep(ATTEMPT_DELAY), if untried.len() > 0 => {}
        }
        attempts.extend(untried.next().map(TcpStream::connect));
    }
}

fn tls_name(server: &ServerUrl) -> Result<ServerName<'static>, InvalidDnsNameError> {
    match server.host() {
        Host::Ipv4(ip) => Ok(IpAddr::from(ip).into()),
        Host::Ipv6(ip) => Ok(IpAddr::from(ip).into()),
        Host::Domain(name) => name.to_owned().try_into(),
    }
}

/// What a failed connection means, without its number.
fn refused(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "refuses: no server runs there".into(),
        io::ErrorKind::TimedOut => "does not answer".into(),
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => {
            "is out of reach from this network".into()
        }
        _ => format!("cannot be connected to: {error}"),
    }
}

pub(super) fn unreachable<T>(server: &ServerUrl, why: &str) -> Result<T, SignalingError> {
    Err(SignalingError::Unreachable(format!("{server} {why}")))
}
