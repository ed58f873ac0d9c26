//! HTTP and WebSocket frames by hand, for what well-behaved clients cannot send.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::server::within;

/// An HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        Self {
            status: status.unwrap_or(0),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }

    /// The answer without the time of day.
    pub(crate) fn timeless(&self) -> String {
        let head: Vec<_> = self
            .head
            .lines()
            .filter(|line| !line.starts_with("date:"))
            .collect();
        format!("{}\n\n{}", head.join("\n"), self.body)
    }
}

pub(crate) async fn get(address: SocketAddr, path: &str) -> Answer {
    send(address, &request("GET", path, "", "")).await
}

pub(crate) async fn post(address: SocketAddr, path: &str, body: &str) -> Answer {
    send(
        address,
        &request("POST", path, "content-type: application/json\r\n", body),
    )
    .await
}

pub(crate) fn request(method: &str, path: &str, headers: &str, body: &str) -> String {
    let len = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-length: {len}\r\n{headers}\r\n{body}"
    )
}

/// Sends bytes and reads until the server closes.
pub(crate) async fn send(address: SocketAddr, request: impl AsRef<[u8]>) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The server may answer and close before it has read everything.
    let _ = stream.write_all(request.as_ref()).await;
    Answer::parse(&rest(&mut stream).await)
}

/// Reads until the other side closes or resets.
pub(crate) async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = within(stream.read_to_end(&mut bytes)).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A WebSocket on which frames are written by hand.
pub(crate) struct RawSocket(pub(crate) TcpStream);

impl RawSocket {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        stream.write_all(handshake("").as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(within(stream.read_u8()).await.unwrap());
        }
        assert!(
            head.starts_with(b"HTTP/1.1 101 "),
            "{}",
            String::from_utf8_lossy(&head)
        );
        Self(stream)
    }

    /// Writes bytes, as long as the other side takes them.
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes).await;
    }

    /// Reads one frame: its opcode and its payload.
    pub(crate) async fn read(&mut self) -> Option<(u8, Vec<u8>)> {
        within(self.try_read()).await.ok()
    }

    async fn try_read(&mut self) -> std::io::Result<(u8, Vec<u8>)> {
        let first = self.0.read_u8().await?;
        let len = match self.0.read_u8().await? {
            126 => usize::from(self.0.read_u16().await?),
            127 => usize::try_from(self.0.read_u64().await?).unwrap(),
            len => usize::from(len),
        };
        let mut payload = vec![0; len];
        self.0.read_exact(&mut payload).await?;
        Ok((first & 0x0f, payload))
    }

    /// Reads up to the close frame and returns its code; `None` if the connection just ends.
    pub(crate) async fn close_code(&mut self) -> Option<u16> {
        loop {
            if let (0x8, payload) = self.read().await? {
                return Some(u16::from_be_bytes([payload[0], payload[1]]));
            }
        }
    }
}

/// The request that opens a WebSocket.
pub(crate) fn handshake(headers: &str) -> String {
    format!(
        "GET /ws HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
    )
}

/// A masked frame with `first` as its first byte: FIN, reserved bits, opcode.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        len @ 0..126 => frame.push(0x80 | u8::try_from(len).unwrap()),
        len @ 126..65536 => {
            frame.push(0x80 | 0x7e);
            frame.extend(u16::try_from(len).unwrap().to_be_bytes());
        }
        len => {
            frame.push(0x80 | 0x7f);
            frame.extend((len as u64).to_be_bytes());
        }
    }
    let mask = [1, 2, 3, 4];
    frame.extend(mask);
    frame.extend(
        payload
            .iter()
            .zip(mask.into_iter().cycle())
            .map(|(byte, mask)| byte ^ mask),
    );
    frame
}

pub(crate) const TEXT: u8 = 0x81;
pub(crate) const PING: u8 = 0x89;
