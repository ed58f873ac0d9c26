//! The server's part, played by each phone for itself.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use bytes::Bytes;
use snug_protocol::{
    ClientId, ClientMessage, Forward, ResumeToken, RoomId, ServerMessage, limits::GRACE,
};
use snug_session::{SignalingInput, SignalingOutput};
use tokio::time::{self, Instant};

use super::{
    Radio,
    air::{Air, Heard},
};

/// Answers what a session asks of a server, and passes messages to and from the phones in reach.
///
/// Dropping it closes the radio.
#[derive(Debug)]
pub(crate) struct Hall {
    air: Arc<Air>,
    /// Whether this member speaks first to those whom it meets.
    begins: bool,
    seat: Option<Seat>,
    /// Whether the session counts itself in the room.
    online: bool,
    /// Who is at each phone in reach that has said so.
    members: BTreeMap<String, ClientId>,
    /// Those who are out of reach, and until when they may be back as if nothing had happened.
    away: BTreeMap<ClientId, Instant>,
    reports: VecDeque<SignalingInput>,
}

#[derive(Debug, Clone)]
struct Seat {
    room: RoomId,
    me: ClientId,
}

impl Hall {
    pub(crate) fn new(radio: &Radio, begins: bool) -> Self {
        Self {
            air: radio.air.clone(),
            begins,
            seat: None,
            online: false,
            members: BTreeMap::new(),
            away: BTreeMap::new(),
            reports: VecDeque::new(),
        }
    }

    /// Does what the session wants. Returns at once.
    pub(crate) fn execute(&mut self, output: SignalingOutput) {
        match output {
            SignalingOutput::CreateRoom { capacity: _ } => {
                let room = RoomId::from_random(rand::random());
                self.report(SignalingInput::RoomCreated { room });
            }
            SignalingOutput::JoinRoom { room, client } => {
                self.seat = Some(Seat { room, me: client });
                self.report(SignalingInput::RoomJoined);
            }
            SignalingOutput::OpenSocket => self.report(SignalingInput::SocketOpened),
            SignalingOutput::Send(ClientMessage::Init { .. }) => self.enter(),
            SignalingOutput::Send(ClientMessage::Forward(forward)) => self.forward(forward),
            SignalingOutput::Send(ClientMessage::Leave) => {
                for phone in self.members.keys() {
                    self.send(phone, &ClientMessage::Leave);
                }
            }
            SignalingOutput::Close => self.online = false,
        }
    }

    /// Waits for the next report. May be dropped and called again.
    pub(crate) async fn next(&mut self) -> SignalingInput {
        loop {
            if let Some(report) = self.reports.pop_front() {
                return report;
            }
            let lapse = self.away.values().min().copied();
            tokio::select! {
                heard = self.air.hear() => self.on_heard(heard),
                () = sleep_until(lapse) => self.part_with_those_away(),
            }
        }
    }

    /// Waits until everything is sent, and closes the radio.
    pub(crate) async fn close(self) {
        self.air.flush().await;
    }

    /// The session takes its seat: everyone in reach hears of it.
    fn enter(&mut self) {
        self.online = true;
        for phone in self.air.phones() {
            self.greet(&phone);
        }
        let peers = self.members.values().cloned().collect();
        self.tell(ServerMessage::InitSuccess {
            peers,
            resume: ResumeToken::new(SEAT).expect("it is short"),
            grace_seconds: GRACE.as_secs().try_into().expect("half a minute"),
        });
    }

    fn on_heard(&mut self, heard: Heard) {
        match heard {
            Heard::Found(phone) if self.online => self.greet(&phone),
            // It is greeted when the session takes its seat.
            Heard::Found(_) => {}
            Heard::Lost(phone) => self.on_lost(&phone),
            Heard::Frame(phone, bytes) => self.on_frame(&phone, &bytes),
        }
    }

    fn on_lost(&mut self, phone: &str) {
        if let Some(member) = self.members.remove(phone) {
            self.away.insert(member, in_grace());
            // Somebody who makes up names makes room for them.
            if self.away.len() > MAX_AWAY
                && let Some((first, _)) = self.away.pop_first()
            {
                self.part_with(first);
            }
        }
    }

    /// What comes from a radio can be anything.
    fn on_frame(&mut self, phone: &str, bytes: &Bytes) {
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string());
        let message = text.and_then(|text| {
            let message = ClientMessage::decode(text);
            message.map_err(|error| error.to_string())
        });
        match message {
            Ok(ClientMessage::Init {
                room_id, client_id, ..
            }) => self.on_greeted(phone, room_id, client_id),
            Ok(ClientMessage::Forward(forward)) => self.on_forward(phone, forward),
            Ok(ClientMessage::Leave) => {
                if let Some(member) = self.members.remove(phone) {
                    self.part_with(member);
                }
            }
            Err(error) => tracing::debug!(%error, "a phone sent something else"),
        }
    }

    /// Somebody says who is at a phone.
    fn on_greeted(&mut self, phone: &str, room: RoomId, member: ClientId) {
        let here = self.seat.as_ref();
        let welcome = here.is_some_and(|seat| seat.room == room && seat.me != member);
        let elsewhere = |(other, of): (&String, &ClientId)| other != phone && *of == member;
        if !welcome || self.members.iter().any(elsewhere) {
            return tracing::debug!("a phone is in another room, or under a name that is taken");
        }
        let known = self.members.insert(phone.to_owned(), member.clone());
        self.away.remove(&member);
        if let Some(other) = known.filter(|known| *known != member) {
            self.part_with(other);
        }
        let begins = self.begins;
        self.report_online(SignalingInput::PeerFound {
            peer: member,
            begins,
        });
    }

    /// Passes a message to the session, if it is from who it says, and for this member.
    fn on_forward(&mut self, phone: &str, forward: Forward) {
        let ours = self.seat.as_ref().map(|seat| &seat.me) == Some(&forward.to);
        if self.members.get(phone) == Some(&forward.from) && ours {
            self.tell_online(ServerMessage::Forward(forward));
        } else {
            tracing::debug!("a phone speaks for somebody else, or to somebody else");
        }
    }

    fn forward(&self, forward: Forward) {
        let there = self.members.iter().find(|(_, of)| **of == forward.to);
        if let Some((phone, _)) = there {
            self.send(phone, &ClientMessage::Forward(forward));
        }
    }

    fn part_with_those_away(&mut self) {
        let now = now();
        let gone = self.away.iter().filter(|(_, until)| **until <= now);
        let gone: Vec<_> = gone.map(|(member, _)| member.clone()).collect();
        for member in gone {
            self.away.remove(&member);
            self.part_with(member);
        }
    }

    fn part_with(&mut self, member: ClientId) {
        self.tell_online(ServerMessage::PeerLeft { client_id: member });
    }

    /// Says to a phone who is at this one.
    fn greet(&self, phone: &str) {
        if let Some(Seat { room, me }) = self.seat.clone() {
            let init = ClientMessage::Init {
                room_id: room,
                client_id: me,
                resume: None,
            };
            self.send(phone, &init);
        }
    }

    fn send(&self, phone: &str, message: &ClientMessage) {
        self.air.send(phone, message.encode().into());
    }

    fn tell(&mut self, message: ServerMessage) {
        self.report(SignalingInput::Message(message));
    }

    /// While the session is out of the room it hears nothing: on its return it is told who is
    /// there.
    fn tell_online(&mut self, message: ServerMessage) {
        self.report_online(SignalingInput::Message(message));
    }

    fn report_online(&mut self, report: SignalingInput) {
        if self.online {
            self.report(report);
        }
    }

    fn report(&mut self, report: SignalingInput) {
        self.reports.push_back(report);
    }
}

impl Drop for Hall {
    fn drop(&mut self) {
        self.air.close();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the hall is a part of the driver, where time comes from"
)]
fn now() -> Instant {
    Instant::now()
}

fn in_grace() -> Instant {
    now() + GRACE
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// There is no seat that anybody could take.
const SEAT: &str = "nearby";

/// People out of reach who may be back.
const MAX_AWAY: usize = 64;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::{collection, prelude::*};
    use snug_protocol::{ForwardKind, Payload};

    use super::*;

    const ROOM: u32 = 7;

    /// A hall whose session is in the room, and the names of three phones.
    fn hall() -> (Hall, Radio) {
        let radio = Radio::new();
        let mut hall = Hall::new(&radio, true);
        let room = RoomId::from_random(ROOM);
        hall.execute(SignalingOutput::JoinRoom {
            room,
            client: id(0),
        });
        hall.execute(SignalingOutput::OpenSocket);
        let init = ClientMessage::Init {
            room_id: room,
            client_id: id(0),
            resume: None,
        };
        hall.execute(SignalingOutput::Send(init));
        hall.reports.clear();
        (hall, radio)
    }

    fn id(n: usize) -> ClientId {
        format!("member-{n}").parse().unwrap()
    }

    fn init(room: u32, member: usize) -> ClientMessage {
        ClientMessage::Init {
            room_id: RoomId::from_random(room),
            client_id: id(member),
            resume: None,
        }
    }

    fn says(from: usize, to: usize) -> ClientMessage {
        ClientMessage::Forward(Forward {
            kind: ForwardKind::Key,
            from: id(from),
            to: id(to),
            payload: Payload::encode(&"anything"),
        })
    }

    fn any_message() -> impl Strategy<Value = Bytes> {
        prop_oneof![
            (0..2_u32, 0..4_usize).prop_map(|(room, who)| init(ROOM + room, who).encode().into()),
            (0..4_usize, 0..4_usize).prop_map(|(from, to)| says(from, to).encode().into()),
            Just(ClientMessage::Leave.encode().into()),
            collection::vec(any::<u8>(), 0..64).prop_map(Bytes::from),
        ]
    }

    fn any_heard() -> impl Strategy<Value = Heard> {
        let phone = (0..3_usize).prop_map(|phone| phone.to_string());
        prop_oneof![
            1 => phone.clone().prop_map(Heard::Found),
            1 => phone.clone().prop_map(Heard::Lost),
            6 => (phone, any_message()).prop_map(|(phone, bytes)| Heard::Frame(phone, bytes)),
        ]
    }

    proptest! {
        #[test]
        fn nobody_speaks_for_another(heard in collection::vec(any_heard(), 0..60)) {
            let (mut hall, _radio) = hall();
            for heard in heard {
                let phone = match &heard {
                    Heard::Frame(phone, _) | Heard::Found(phone) | Heard::Lost(phone) => phone.clone(),
                };
                hall.on_heard(heard);
                prop_assert!(hall.reports.len() <= 2);
                for report in hall.reports.drain(..) {
                    if let SignalingInput::Message(ServerMessage::Forward(forward)) = report {
                        prop_assert_eq!(Some(&forward.from), hall.members.get(&phone));
                        prop_assert_eq!(forward.to, id(0));
                    }
                }
                let names: BTreeSet<_> = hall.members.values().collect();
                prop_assert_eq!(names.len(), hall.members.len());
                prop_assert!(!names.contains(&id(0)));
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn somebody_out_of_reach_is_parted_with_after_a_while() {
        let (mut hall, radio) = hall();
        radio.found("a");
        radio.received("a", init(ROOM, 1).encode().into());
        let SignalingInput::PeerFound { peer, begins } = hall.next().await else {
            panic!("it is new here")
        };
        assert_eq!((peer, begins), (id(1), true));
        radio.lost("a");
        radio.found("b");
        radio.received("b", init(ROOM, 1).encode().into());
        assert!(matches!(
            hall.next().await,
            SignalingInput::PeerFound { .. }
        ));
        radio.lost("b");
        let since = now();
        let SignalingInput::Message(ServerMessage::PeerLeft { client_id }) = hall.next().await
        else {
            panic!("it was away for too long")
        };
        assert_eq!((client_id, now() - since >= GRACE), (id(1), true));
    }
}
