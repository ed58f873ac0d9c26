//! One WebSocket: decodes what comes up, writes what goes down, and gives up what is dead.

use std::{ops::ControlFlow, pin::pin, sync::Arc};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use snug_protocol::{ClientMessage, DecodeError, ErrorCode, ServerMessage};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep_until, timeout},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        protocol::{Role, WebSocketConfig},
    },
};

use crate::{
    address::Client,
    clock,
    close::Closing,
    config::SocketConfig,
    context::Context,
    driver::{Departure, RoomsGone},
    intake::{Endless, Intake},
    limits,
    outbox::{Next, Outbox},
    pulse::{Beat, Pulse},
    rate::Bucket,
    registry::SocketId,
    relay::{Envelope, Text},
};

/// Serves a socket that has just been upgraded until it ends. `read` is what arrived with the
/// upgrade already, `client` who asked for it.
pub(crate) async fn serve(stream: TcpStream, read: Bytes, client: Client, context: Arc<Context>) {
    let _gauge = context.metrics.socket();
    let mut connection = Connection::new(stream, read, client, &context).await;
    let ending = connection.talk().await;
    connection.finish(ending).await;
}

struct Connection<'a> {
    stream: WebSocketStream<Intake>,
    socket: Registered<'a>,
    outbox: Arc<Outbox>,
    pulse: Pulse,
    messages: Bucket,
    refusals: Bucket,
    seated: bool,
    client: Client,
    context: &'a Context,
    config: &'a SocketConfig,
}

/// Why a connection ends.
#[derive(Debug)]
enum Ending {
    /// The peer closed it, or broke it off.
    ByPeer,
    /// The peer fell silent, or does not read; there is nobody to say goodbye to.
    Silence,
    /// We close it.
    ByUs(Closing),
}

type Flow = ControlFlow<Ending>;

impl<'a> Connection<'a> {
    async fn new(stream: TcpStream, read: Bytes, client: Client, context: &'a Context) -> Self {
        let config = &context.config.sockets;
        let (stream, part) = (Intake::new(stream), read.to_vec());
        let websocket = Some(websocket_config());
        let now = clock::now();
        Self {
            stream: WebSocketStream::from_partially_read(stream, part, Role::Server, websocket)
                .await,
            socket: Registered {
                id: context.next_socket(),
                context,
                departed: false,
            },
            outbox: Arc::new(Outbox::new(config.queue_messages, config.queue_bytes)),
            pulse: Pulse::new(now, config),
            messages: Bucket::new(now),
            refusals: Bucket::new(now),
            seated: false,
            client,
            context,
            config,
        }
    }

    async fn talk(&mut self) -> Ending {
        let rooms = &self.context.rooms;
        if rooms
            .open(self.socket.id, Arc::clone(&self.outbox))
            .await
            .is_err()
        {
            return Ending::ByUs(Closing::RESTART);
        }
        let mut timer = pin!(sleep_until(self.pulse.poll_timeout().into()));
        loop {
            let flow = tokio::select! {
                frame = self.stream.next() => self.on_frame(frame).await,
                next = self.outbox.next() => self.on_next(next).await,
                () = &mut timer => self.on_timer().await,
            };
            if let ControlFlow::Break(ending) = flow {
                return ending;
            }
            // Frames move the deadline later all the time; the timer follows when it has fired
            // or, after `init`, when it was late.
            let deadline = self.pulse.poll_timeout().into();
            if timer.is_elapsed() || deadline < timer.deadline() {
                timer.as_mut().reset(deadline);
            }
        }
    }

    async fn on_frame(&mut self, frame: Option<Result<Message, Error>>) -> Flow {
        let message = match frame {
            Some(Ok(message)) => message,
            Some(Err(error)) => return ControlFlow::Break(self.on_stream_error(&error)),
            None => return ControlFlow::Break(Ending::ByPeer),
        };
        let now = clock::now();
        self.pulse.on_frame(now, self.config);
        let count = 1 + self.stream.get_mut().settle(message.len());
        if !(0..count).all(|_| self.messages.take(self.config.message_rate, now)) {
            return self.on_flood(now);
        }
        match message {
            Message::Text(text) => self.on_text(&text).await,
            Message::Binary(_) => ControlFlow::Break(Ending::ByUs(Closing::BINARY)),
            // tungstenite answers pings.
            Message::Ping(_) | Message::Pong(_) => {
                or_restart(self.context.rooms.touch(self.socket.id).await)
            }
            Message::Close(_) => ControlFlow::Break(Ending::ByPeer),
            Message::Frame(_) => ControlFlow::Continue(()),
        }
    }

    /// Refuses a message over the rate; a peer that goes on all the same loses its socket.
    fn on_flood(&mut self, now: std::time::Instant) -> Flow {
        if self.refusals.take(self.config.refusal_rate, now) {
            self.refuse(ErrorCode::RateLimited, "too many messages; slow down");
            return ControlFlow::Continue(());
        }
        ControlFlow::Break(self.end_flood())
    }

    fn end_flood(&self) -> Ending {
        self.context.metrics.on_flood();
        Ending::ByUs(Closing::FLOOD)
    }

    fn on_stream_error(&self, error: &Error) -> Ending {
        match error {
            Error::Io(error) if Endless::caused(error) => self.end_flood(),
            error => Closing::of_error(error).map_or(Ending::ByPeer, Ending::ByUs),
        }
    }

    async fn on_text(&mut self, text: &str) -> Flow {
        match ClientMessage::decode(text) {
            Ok(message) => or_restart(self.on_message(message, text).await),
            Err(error) => {
                self.refuse(code_of(&error), &error.to_string());
                ControlFlow::Continue(())
            }
        }
    }

    async fn on_message(&mut self, message: ClientMessage, text: &str) -> Result<(), RoomsGone> {
        let (rooms, socket) = (&self.context.rooms, self.socket.id);
        match message {
            ClientMessage::Init { .. } if self.seated => {
                self.refuse(
                    ErrorCode::AlreadyInitialized,
                    "this socket is already in a room",
                );
            }
            ClientMessage::Init {
                room_id,
                client_id,
                resume,
            } => {
                self.seated = rooms
                    .init(socket, room_id, client_id, resume, self.client)
                    .await?;
                if self.seated {
                    self.pulse.on_seated(clock::now(), self.config);
                }
            }
            ClientMessage::Forward(_) | ClientMessage::Leave if !self.seated => {
                self.refuse(ErrorCode::NotInitialized, "the first message is init");
            }
            ClientMessage::Forward(forward) => {
                rooms
                    .forward(socket, Envelope::received(forward, text))
                    .await?;
            }
            ClientMessage::Leave => rooms.leave(socket).await?,
        }
        Ok(())
    }

    async fn on_next(&mut self, next: Next) -> Flow {
        match next {
            Next::Write(text) => self.write(text).await,
            Next::Close(closing) => ControlFlow::Break(Ending::ByUs(closing)),
        }
    }

    async fn on_timer(&mut self) -> Flow {
        match self.pulse.handle_timeout(clock::now(), self.config) {
            None => ControlFlow::Continue(()),
            Some(Beat::Ping) => {
                let ping = self.stream.send(Message::Ping(Bytes::new()));
                match timeout(self.config.write_timeout, ping).await {
                    Ok(Ok(())) => ControlFlow::Continue(()),
                    Ok(Err(error)) => ControlFlow::Break(on_write_error(&error)),
                    Err(_) => ControlFlow::Break(Ending::Silence),
                }
            }
            Some(Beat::Dead) => ControlFlow::Break(Ending::Silence),
            Some(Beat::InitTimeout) => {
                let error = error(ErrorCode::InitTimeout, "no init in time");
                let flow = self.write(error).await;
                flow?;
                ControlFlow::Break(Ending::ByUs(Closing::INIT_TIMEOUT))
            }
        }
    }

    /// Writes `text` and what has gathered behind it, then flushes once.
    async fn write(&mut self, text: Text) -> Flow {
        let outbox = Arc::clone(&self.outbox);
        let mut end = None;
        let write = async {
            let mut bytes = text.len();
            self.stream.feed(Message::Text(text.into_frame())).await?;
            while bytes < limits::FLUSH_BYTES {
                match outbox.try_next() {
                    Some(Next::Write(text)) => {
                        bytes += text.len();
                        self.stream.feed(Message::Text(text.into_frame())).await?;
                    }
                    Some(Next::Close(closing)) => {
                        end = Some(closing);
                        break;
                    }
                    None => break,
                }
            }
            self.stream.flush().await
        };
        tokio::select! {
            // Most writes are done at once, and then nothing else is looked at.
            biased;
            written = timeout(self.config.write_timeout, write) => match written {
                Ok(Ok(())) => end.map_or(ControlFlow::Continue(()), |closing| {
                    ControlFlow::Break(Ending::ByUs(closing))
                }),
                Ok(Err(error)) => ControlFlow::Break(on_write_error(&error)),
                Err(_) => ControlFlow::Break(Ending::Silence),
            },
            closing = self.outbox.overflowed() => ControlFlow::Break(Ending::ByUs(closing)),
        }
    }

    /// Answers a message with an error. If that does not fit, the outbox closes the socket.
    fn refuse(&self, code: ErrorCode, message: &str) {
        self.context.metrics.on_error();
        let _ = self.outbox.push(error(code, message));
    }

    /// Frees the seat, then closes as RFC 6455 §7.1 has it, in bounded time.
    async fn finish(mut self, ending: Ending) {
        let silent = matches!(ending, Ending::Silence | Ending::ByUs(Closing::QUEUE_FULL));
        self.socket.depart(if silent {
            Departure::Silent
        } else {
            Departure::Ended
        });
        let limit = self.config.close_timeout;
        match ending {
            Ending::Silence => {}
            // The answer to the peer's close frame is sent on the next read.
            Ending::ByPeer => drop(timeout(limit, self.exhaust()).await),
            Ending::ByUs(closing) => {
                let goodbye = async {
                    self.stream.close(Some(closing.frame())).await?;
                    self.exhaust().await;
                    Ok::<_, Error>(())
                };
                let _ = timeout(limit, goodbye).await;
                linger(self.stream.into_inner().into_inner(), limit).await;
            }
        }
    }

    /// Reads until the peer has closed too.
    async fn exhaust(&mut self) {
        while let Some(Ok(_)) = self.stream.next().await {}
    }
}

/// A socket that the rooms know of; they hear of its end whatever becomes of its task.
struct Registered<'a> {
    id: SocketId,
    context: &'a Context,
    departed: bool,
}

impl Registered<'_> {
    fn depart(&mut self, departure: Departure) {
        if !std::mem::replace(&mut self.departed, true) {
            self.context.rooms.closed(self.id, departure);
        }
    }
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        self.depart(Departure::Ended);
    }
}

fn websocket_config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(limits::READ_BUFFER_BYTES)
        .write_buffer_size(limits::FLUSH_BYTES)
        .max_write_buffer_size(limits::WRITE_BUFFER_BYTES)
        .max_message_size(Some(limits::SIGNAL_MESSAGE_BYTES))
        .max_frame_size(Some(limits::SIGNAL_MESSAGE_BYTES))
}

/// A full buffer is one of pongs: the peer asks for signs of life and does not read them.
fn on_write_error(error: &Error) -> Ending {
    match error {
        Error::WriteBufferFull(_) => Ending::Silence,
        _ => Ending::ByPeer,
    }
}

fn or_restart(result: Result<(), RoomsGone>) -> Flow {
    match result {
        Ok(()) => ControlFlow::Continue(()),
        Err(RoomsGone) => ControlFlow::Break(Ending::ByUs(Closing::RESTART)),
    }
}

fn error(code: ErrorCode, message: &str) -> Text {
    Text::from(&ServerMessage::Error {
        message: message.to_owned(),
        code,
    })
}

/// Which of the codes says best what is wrong with a message.
fn code_of(error: &DecodeError) -> ErrorCode {
    match error {
        DecodeError::TooLong { .. } => ErrorCode::TooLarge,
        DecodeError::InvalidField {
            field: "roomId", ..
        } => ErrorCode::InvalidRoomId,
        DecodeError::InvalidField {
            field: "clientId", ..
        } => ErrorCode::InvalidClientId,
        _ => ErrorCode::BadMessage,
    }
}

/// Reads what the peer has still sent and throws it away: closing a TCP socket with unread bytes
/// resets it, and the peer would never read the close frame.
async fn linger(mut stream: TcpStream, limit: std::time::Duration) {
    let discard = async {
        stream.shutdown().await?;
        let mut bytes = vec![0; 1024];
        while stream.read(&mut bytes).await? > 0 {}
        Ok::<_, std::io::Error>(())
    };
    let _ = timeout(limit, discard).await;
}
