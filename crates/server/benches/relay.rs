//! How many messages a second the server relays, beside a bare relay of the same WebSocket stack,
//! and what an idle socket costs.
//!
//! `cargo bench -p snug-server -- [PAIRS] [SECONDS]`. Each server runs in a process of its own.
//! Every pair keeps one message under way: whoever hears one sends it back.

#![expect(clippy::print_stdout, reason = "the figures are the result")]
#![expect(clippy::cast_precision_loss, reason = "figures are rounded anyway")]
#![expect(clippy::disallowed_methods, reason = "a benchmark measures time")]

use std::{
    collections::HashMap,
    env, fmt,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use futures_util::{SinkExt, StreamExt};
use snug_protocol::{ClientMessage, Forward, ForwardKind, Payload, RoomId};
use snug_server::{Config, Rate, Server, config::MetricsListener};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::WebSocketConfig},
};

fn main() {
    let arguments: Vec<_> = env::args().skip(1).filter(|a| a != "--bench").collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    match arguments.first().map(String::as_str) {
        Some("serve-snug") => runtime.block_on(serve_snug()),
        Some("serve-bare") => runtime.block_on(serve_bare()),
        _ => runtime.block_on(compare(&arguments)),
    }
}

async fn compare(arguments: &[String]) {
    let number = |at: usize| arguments.get(at).and_then(|text| text.parse().ok());
    let pairs = number(0).unwrap_or(2000);
    let seconds = Duration::from_secs(number(1).unwrap_or(10));
    let mut ratios = Vec::new();
    for round in 1..=3 {
        let pairs = usize::try_from(pairs).expect("a count");
        let bare = measure("serve-bare", pairs, seconds).await;
        println!("round {round} bare: {bare}");
        let snug = measure("serve-snug", pairs, seconds).await;
        println!("round {round} snug: {snug}");
        ratios.push(snug.rate / bare.rate);
    }
    ratios.sort_by(f64::total_cmp);
    println!(
        "snug relays {:.2} of what a bare relay does (median)",
        ratios[1]
    );
}

/// What one server did in one round.
struct Figures {
    /// Messages a second.
    rate: f64,
    /// Microseconds of processor time for each.
    cpu: f64,
    /// KiB a socket.
    idle: f64,
    busy: f64,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rate,
            cpu,
            idle,
            busy,
        } = self;
        write!(f, "{rate:.0} messages/s, {cpu:.1} us of CPU each; ")?;
        write!(f, "KiB a socket: idle {idle:.1}, busy {busy:.1}")
    }
}

async fn measure(mode: &str, pairs: usize, time: Duration) -> Figures {
    let (mut server, address) = spawn(mode);
    let before = memory(server.id());
    let mut sockets = Vec::new();
    for pair in 0..pairs {
        sockets.push(open_pair(mode, address, pair).await);
    }
    let idle = memory(server.id());
    let relayed = Arc::new(AtomicU64::new(0));
    let mut tasks = Vec::new();
    for (pair, (one, two)) in sockets.into_iter().enumerate() {
        tasks.push(tokio::spawn(bounce(
            one,
            message(pair, "a", "b"),
            true,
            Arc::clone(&relayed),
        )));
        tasks.push(tokio::spawn(bounce(
            two,
            message(pair, "b", "a"),
            false,
            Arc::clone(&relayed),
        )));
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (start, count, cpu) = (Instant::now(), relayed.load(Relaxed), ticks(server.id()));
    tokio::time::sleep(time).await;
    let messages = relayed.load(Relaxed) - count;
    let rate = messages as f64 / start.elapsed().as_secs_f64();
    let cpu = (ticks(server.id()) - cpu) as f64 * 10_000.0 / messages as f64;
    let busy = memory(server.id());
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
    server.kill().expect("a server to kill");
    server.wait().expect("a server that ends");
    let per_socket = |memory: u64| (memory - before) as f64 / (2 * pairs) as f64;
    let (idle, busy) = (per_socket(idle), per_socket(busy));
    Figures {
        rate,
        cpu,
        idle,
        busy,
    }
}

fn spawn(mode: &str) -> (Child, SocketAddr) {
    let program = env::current_exe().expect("this program");
    let mut child = Command::new(program)
        .arg(mode)
        .stdout(Stdio::piped())
        .spawn()
        .expect("a server");
    let mut line = String::new();
    let output = child.stdout.take().expect("its output");
    BufReader::new(output)
        .read_line(&mut line)
        .expect("its address");
    (child, line.trim().parse().expect("its address"))
}

/// Resident memory in KiB.
fn memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse().ok())
        .unwrap_or(0)
}

/// Processor time in ticks of 10 ms.
fn ticks(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace();
    fields
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum()
}

type Socket = WebSocketStream<TcpStream>;

async fn open_pair(mode: &str, address: SocketAddr, pair: usize) -> (Socket, Socket) {
    if mode == "serve-bare" {
        return (
            connect(address, &format!("/{pair}/a")).await,
            connect(address, &format!("/{pair}/b")).await,
        );
    }
    let room = create_room(address).await;
    let one = seat(address, room, &format!("{pair}-a")).await;
    let mut one = one;
    let two = seat(address, room, &format!("{pair}-b")).await;
    one.next().await;
    (one, two)
}

async fn connect(address: SocketAddr, path: &str) -> Socket {
    let stream = TcpStream::connect(address).await.expect("a connection");
    stream.set_nodelay(true).expect("a socket option");
    let url = format!("ws://{address}{path}");
    let config = Some(WebSocketConfig::default().read_buffer_size(4096));
    tokio_tungstenite::client_async_with_config(url, stream, config)
        .await
        .expect("a WebSocket")
        .0
}

async fn post(address: SocketAddr, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream
        .write_all(request.as_bytes())
        .await
        .expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

async fn create_room(address: SocketAddr) -> RoomId {
    let answer = post(address, "/create-room", "").await;
    let id = answer
        .split(r#""roomId":""#)
        .nth(1)
        .and_then(|rest| rest.get(..6));
    id.and_then(|id| id.parse().ok()).expect("a room id")
}

async fn seat(address: SocketAddr, room_id: RoomId, client: &str) -> Socket {
    let body = format!(r#"{{"roomId":"{room_id}","clientId":"{client}"}}"#);
    post(address, "/join-room", &body).await;
    let mut socket = connect(address, "/ws").await;
    let client_id = client.parse().expect("a client id");
    let init = ClientMessage::Init {
        room_id,
        client_id,
        resume: None,
    }
    .encode();
    socket
        .send(Message::text(init))
        .await
        .expect("a socket that takes init");
    socket.next().await;
    socket
}

/// About the size of a sealed candidate.
fn message(pair: usize, from: &str, to: &str) -> Message {
    let client = |side: &str| format!("{pair}-{side}").parse().expect("a client id");
    let payload = Payload::encode(&"x".repeat(300));
    let forward = Forward {
        kind: ForwardKind::Relay,
        from: client(from),
        to: client(to),
        payload,
    };
    Message::text(ClientMessage::Forward(forward).encode())
}

async fn bounce(mut socket: Socket, message: Message, begins: bool, relayed: Arc<AtomicU64>) {
    if begins && socket.send(message.clone()).await.is_err() {
        return;
    }
    while let Some(Ok(heard)) = socket.next().await {
        if heard.is_text() {
            relayed.fetch_add(1, Relaxed);
            if socket.send(message.clone()).await.is_err() {
                return;
            }
        }
    }
}

async fn serve_snug() {
    let mut config = Config {
        metrics: MetricsListener::Off,
        ..Config::for_tests()
    };
    config.sockets.message_rate = Rate::new(1_000_000, Duration::from_secs(1), 1_000_000);
    let server = Server::bind(config).await.expect("a server");
    println!("{}", server.local_addr());
    server
        .serve(std::future::pending())
        .await
        .expect("a server that serves");
}

type Mailboxes = Arc<Mutex<HashMap<String, mpsc::UnboundedSender<Message>>>>;

/// The least that a relay does: no rooms, no decoding, no limits.
async fn serve_bare() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("{}", listener.local_addr().expect("an address"));
    let mailboxes = Mailboxes::default();
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        stream.set_nodelay(true).expect("a socket option");
        tokio::spawn(relay(stream, Arc::clone(&mailboxes)));
    }
}

#[expect(clippy::result_large_err, reason = "the callback's type is given")]
async fn relay(stream: TcpStream, mailboxes: Mailboxes) {
    use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
    let mut path = String::new();
    let note = |request: &Request, response: Response| {
        request.uri().path().clone_into(&mut path);
        Ok(response)
    };
    let config = Some(WebSocketConfig::default().read_buffer_size(4096));
    let accepted = tokio_tungstenite::accept_hdr_async_with_config(stream, note, config).await;
    let mut socket = accepted.expect("a WebSocket");
    let (sender, mut mailbox) = mpsc::unbounded_channel();
    let other = path
        .strip_suffix('a')
        .map_or_else(|| path.replace('b', "a"), |p| format!("{p}b"));
    mailboxes.lock().expect("no panics").insert(path, sender);
    let mut peer = None;
    loop {
        tokio::select! {
            heard = socket.next() => {
                let Some(Ok(message)) = heard else { return };
                if peer.is_none() {
                    peer = mailboxes.lock().expect("no panics").get(&other).cloned();
                }
                if let Some(peer) = &peer {
                    let _ = peer.send(message);
                }
            }
            Some(message) = mailbox.recv() => {
                if socket.feed(message).await.is_err() {
                    return;
                }
                while let Ok(message) = mailbox.try_recv() {
                    if socket.feed(message).await.is_err() {
                        return;
                    }
                }
                if socket.flush().await.is_err() {
                    return;
                }
            }
        }
    }
}
