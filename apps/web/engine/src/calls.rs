//! What goes over HTTP and the WebSocket, as the page does it.

use snug_protocol::{
    ClientId, RoomId, ServerMessage,
    api::{self, ApiError, CreateRoom, IceServers, JoinRoom, RoomCreated, RoomJoined},
};
use snug_session::{SignalingError, SignalingInput, SignalingOutput};

use crate::Output;

/// The way to the server: which call is under way, and who asks.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    under_way: Option<Call>,
    seat: Option<(RoomId, ClientId)>,
}

#[derive(Debug, Clone, Copy)]
enum Call {
    CreateRoom,
    JoinRoom,
}

impl Calls {
    /// Says what the page has to do.
    pub(crate) fn execute(&mut self, output: SignalingOutput) -> Output {
        self.under_way = None;
        match output {
            SignalingOutput::CreateRoom { capacity } => {
                self.under_way = Some(Call::CreateRoom);
                call("/create-room", &CreateRoom { capacity })
            }
            SignalingOutput::JoinRoom { room, client } => {
                self.under_way = Some(Call::JoinRoom);
                self.seat = Some((room, client.clone()));
                let (room_id, client_id) = (room, client);
                call("/join-room", &JoinRoom { room_id, client_id })
            }
            SignalingOutput::OpenSocket => Output::OpenSocket {
                route: "/ws".into(),
                ice_servers_route: self.ice_servers_route(),
            },
            SignalingOutput::Send(message) => Output::SendText {
                text: message.encode(),
            },
            SignalingOutput::Close => Output::HangUp,
        }
    }

    /// The room that this member asked for a seat in.
    pub(crate) fn room(&self) -> Option<RoomId> {
        self.seat.as_ref().map(|(room, _)| *room)
    }

    /// Reads the answer to the call under way.
    pub(crate) fn on_answer(&mut self, status: u16, body: &str) -> Option<SignalingInput> {
        let call = self.under_way.take()?;
        let read = if (200..300).contains(&status) {
            read(call, body)
        } else {
            Err(refusal(status, body))
        };
        Some(read.unwrap_or_else(SignalingInput::Failed))
    }

    pub(crate) fn on_unreachable(&mut self, reason: &str) -> Option<SignalingInput> {
        self.under_way.take()?;
        Some(SignalingInput::Failed(unreachable(reason)))
    }

    fn ice_servers_route(&self) -> String {
        // Neither has a character that would need escaping.
        let seat = self.seat.as_ref();
        seat.map_or_else(String::new, |(room, client)| {
            format!("/ice-servers?roomId={room}&clientId={client}")
        })
    }
}

/// Reads a text of the socket. A newer server may say more than we know.
pub(crate) fn read_text(text: &str) -> Option<SignalingInput> {
    ServerMessage::decode(text)
        .ok()
        .map(SignalingInput::Message)
}

/// What a socket's end means.
pub(crate) fn closed(opened: bool, reason: &str) -> SignalingInput {
    let reason = printable(reason);
    SignalingInput::Failed(if opened {
        SignalingError::Closed(reason)
    } else {
        SignalingError::Unreachable(reason)
    })
}

/// Reads the list of ICE servers. Without them host candidates may be enough.
pub(crate) fn read_ice_servers(body: &str) -> Vec<api::IceServer> {
    let answer: Result<IceServers, _> = api::decode_answer(body.as_bytes());
    answer.map_or_else(|_| Vec::new(), |answer| answer.ice_servers)
}

fn call(route: &str, body: &impl api::Call) -> Output {
    Output::Call {
        route: route.into(),
        body: api::encode_call(body),
    }
}

fn read(call: Call, body: &str) -> Result<SignalingInput, SignalingError> {
    let strange = |_| unreachable("what answers is not a Snug server");
    match call {
        Call::CreateRoom => {
            let created: RoomCreated = api::decode_answer(body.as_bytes()).map_err(strange)?;
            let room = created.room_id;
            Ok(SignalingInput::RoomCreated { room })
        }
        Call::JoinRoom => {
            let _: RoomJoined = api::decode_answer(body.as_bytes()).map_err(strange)?;
            Ok(SignalingInput::RoomJoined)
        }
    }
}

/// Reads an answer that is not a success: ours says why, any other comes from something else.
fn refusal(status: u16, body: &str) -> SignalingError {
    match api::decode_answer::<ApiError>(body.as_bytes()) {
        Ok(ApiError { error, code }) => SignalingError::Refused {
            code,
            message: printable(&error),
        },
        Err(_) => unreachable(&format!("the server answers {status}")),
    }
}

fn unreachable(reason: &str) -> SignalingError {
    SignalingError::Unreachable(printable(reason))
}

/// Text of a server, as much of it as anybody reads.
fn printable(text: &str) -> String {
    let printable = text.chars().filter(|c| !c.is_control());
    printable.take(TEXT_CHARS).collect()
}

const TEXT_CHARS: usize = 300;

#[cfg(test)]
mod tests {
    use snug_protocol::ErrorCode;

    use super::*;

    fn creating() -> Calls {
        let mut calls = Calls::default();
        calls.execute(SignalingOutput::CreateRoom { capacity: None });
        calls
    }

    #[test]
    fn an_answer_belongs_to_the_call_under_way() {
        let mut calls = creating();
        let answer = calls.on_answer(200, r#"{"roomId":"K7Q4X9"}"#);
        assert!(matches!(answer, Some(SignalingInput::RoomCreated { .. })));
        assert!(calls.on_answer(200, "{}").is_none(), "nothing was asked");
    }

    #[test]
    fn a_refusal_says_why() {
        let body = r#"{"error":"too\u0007 many","code":"rate-limited"}"#;
        let Some(SignalingInput::Failed(error)) = creating().on_answer(429, body) else {
            panic!("it was refused");
        };
        let message = "too many".into();
        let code = ErrorCode::RateLimited;
        assert_eq!(error, SignalingError::Refused { code, message });
    }

    #[test]
    fn what_is_no_snug_server_is_not_reached() {
        for (status, body) in [(200, "<html>"), (502, "bad gateway"), (200, "{}")] {
            let Some(SignalingInput::Failed(error)) = creating().on_answer(status, body) else {
                panic!("{body} is no answer");
            };
            assert!(matches!(error, SignalingError::Unreachable(_)), "{error}");
        }
    }
}
