//! The way to a server behind TLS.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{env, fs, process::Command, sync::Arc};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use snug_peer::signaling::{Report, Signaling};
use snug_session::{SignalingError, SignalingInput, SignalingOutput};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::accept_async;

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let (listener, acceptor, _) = server("127.0.0.1").await;
    let mut signaling = client(&listener);
    signaling.execute(SignalingOutput::CreateRoom { capacity: None });
    let (stream, _) = listener.accept().await.unwrap();
    assert!(acceptor.accept(stream).await.is_err());
    let reason = refused(&mut signaling).await;
    assert!(reason.contains("cannot be trusted"), "{reason}");
}

/// Which certificates the system trusts is told by the environment of a process, so that each of
/// these runs in one of its own.
#[test]
fn the_systems_certificates_are_trusted() {
    run_trusting("trusted");
    run_trusting("another_name");
}

#[tokio::test]
#[ignore = "run by the_systems_certificates_are_trusted"]
async fn trusted() {
    let (listener, acceptor, certificate) = server("127.0.0.1").await;
    fs::write(env::var("SSL_CERT_FILE").unwrap(), certificate).unwrap();
    let mut signaling = client(&listener);
    signaling.execute(SignalingOutput::CreateRoom { capacity: None });
    let (stream, _) = listener.accept().await.unwrap();
    let mut stream = acceptor.accept(stream).await.unwrap();
    let mut asked = [0; 4];
    stream.read_exact(&mut asked).await.unwrap();
    assert_eq!(&asked, b"POST");
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n{\"roomId\":\"K7Q4X9\"}";
    stream.write_all(answer).await.unwrap();
    let created = signaling.next().await;
    assert!(
        matches!(created, Report::Input(SignalingInput::RoomCreated { .. })),
        "{created:?}"
    );

    signaling.execute(SignalingOutput::OpenSocket);
    let (stream, _) = listener.accept().await.unwrap();
    let stream = acceptor.accept(stream).await.unwrap();
    accept_async(stream).await.unwrap();
    let opened = signaling.next().await;
    assert!(
        matches!(opened, Report::Input(SignalingInput::SocketOpened)),
        "{opened:?}"
    );
}

#[tokio::test]
#[ignore = "run by the_systems_certificates_are_trusted"]
async fn another_name() {
    let (listener, acceptor, certificate) = server("snug.example").await;
    fs::write(env::var("SSL_CERT_FILE").unwrap(), certificate).unwrap();
    let mut signaling = client(&listener);
    signaling.execute(SignalingOutput::OpenSocket);
    let (stream, _) = listener.accept().await.unwrap();
    assert!(acceptor.accept(stream).await.is_err());
    let reason = refused(&mut signaling).await;
    assert!(reason.contains("cannot be trusted"), "{reason}");
}

fn run_trusting(test: &str) {
    let folder = TempDir::new().unwrap();
    let status = Command::new(env::current_exe().unwrap())
        .args(["--exact", "--ignored", test])
        .env("SSL_CERT_FILE", folder.path().join("trusted.pem"))
        .env_remove("SSL_CERT_DIR")
        .status();
    assert!(status.unwrap().success(), "{test}");
}

/// A server with a certificate for `name`, and that certificate.
async fn server(name: &str) -> (TcpListener, TlsAcceptor, String) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], PrivateKeyDer::from(key))
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    (listener, acceptor, made.cert.pem())
}

fn client(listener: &TcpListener) -> Signaling {
    let url = format!("https://{}", listener.local_addr().unwrap());
    Signaling::new(url.parse().unwrap())
}

async fn refused(signaling: &mut Signaling) -> String {
    match signaling.next().await {
        Report::Input(SignalingInput::Failed(SignalingError::Unreachable(reason))) => reason,
        other => panic!("{other:?}"),
    }
}
