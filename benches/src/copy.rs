//! Plain copies of a file between two processes, to compare with: TCP, and QUIC by quinn.

use std::{
    fs::File,
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::Path,
    sync::Arc,
};

use anyhow::{Context, Result};
use clap::ValueEnum;
use quinn::{
    ClientConfig, Endpoint, ServerConfig,
    rustls::{RootCertStore, pki_types::PrivatePkcs8KeyDer},
};

use crate::{now, say};

/// How the bytes travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Wire {
    Tcp,
    Quic,
}

const CHUNK: usize = 1024 * 1024;
const CERTIFICATE: &str = "certificate.der";

/// Sends `file` to the receiver on `port`. The certificate lies beside the file.
pub(crate) fn send(wire: Wire, port: u16, file: &Path) -> Result<()> {
    let to = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    match wire {
        Wire::Tcp => send_tcp(to, file),
        Wire::Quic => tokio::runtime::Runtime::new()?.block_on(send_quic(to, file)),
    }
}

/// Prints the port, takes one file into `folder`, and prints the seconds it took until it was on
/// the disk.
pub(crate) fn receive(wire: Wire, folder: &Path) -> Result<()> {
    match wire {
        Wire::Tcp => receive_tcp(folder),
        Wire::Quic => tokio::runtime::Runtime::new()?.block_on(receive_quic(folder)),
    }
}

fn send_tcp(to: SocketAddr, file: &Path) -> Result<()> {
    let mut file = File::open(file)?;
    let mut stream = TcpStream::connect(to)?;
    let mut chunk = vec![0; CHUNK];
    loop {
        let len = file.read(&mut chunk)?;
        if len == 0 {
            return Ok(());
        }
        stream.write_all(&chunk[..len])?;
    }
}

fn receive_tcp(folder: &Path) -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    say(listener.local_addr()?.port());
    let (mut stream, _) = listener.accept()?;
    let start = now();
    let mut file = File::create(folder.join("copy"))?;
    let mut chunk = vec![0; CHUNK];
    loop {
        let len = stream.read(&mut chunk)?;
        if len == 0 {
            break;
        }
        file.write_all(&chunk[..len])?;
    }
    file.sync_all()?;
    say(start.elapsed().as_secs_f64());
    Ok(())
}

async fn send_quic(to: SocketAddr, file: &Path) -> Result<()> {
    let mut roots = RootCertStore::empty();
    roots.add(std::fs::read(file.with_file_name(CERTIFICATE))?.into())?;
    let mut endpoint = Endpoint::client((Ipv4Addr::LOCALHOST, 0).into())?;
    endpoint.set_default_client_config(ClientConfig::with_root_certificates(Arc::new(roots))?);
    let connection = endpoint.connect(to, "localhost")?.await?;
    let mut stream = connection.open_uni().await?;
    let mut file = File::open(file)?;
    let mut chunk = vec![0; CHUNK];
    loop {
        let len = file.read(&mut chunk)?;
        if len == 0 {
            break;
        }
        stream.write_all(&chunk[..len]).await?;
    }
    stream.finish()?;
    stream.stopped().await?;
    Ok(())
}

async fn receive_quic(folder: &Path) -> Result<()> {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let key = PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
    let certificate = certified.cert.der().clone();
    let parent = folder.parent().context("a folder beside the file")?;
    std::fs::write(parent.join(CERTIFICATE), &certificate)?;
    let config = ServerConfig::with_single_cert(vec![certificate], key.into())?;
    let endpoint = Endpoint::server(config, (Ipv4Addr::LOCALHOST, 0).into())?;
    say(endpoint.local_addr()?.port());
    let connection = endpoint.accept().await.context("a connection")?.await?;
    let mut stream = connection.accept_uni().await?;
    let start = now();
    let mut file = File::create(folder.join("copy"))?;
    while let Some(chunk) = stream.read_chunk(CHUNK, true).await? {
        file.write_all(&chunk.bytes)?;
    }
    file.sync_all()?;
    say(start.elapsed().as_secs_f64());
    connection.close(0_u32.into(), b"");
    endpoint.wait_idle().await;
    Ok(())
}
