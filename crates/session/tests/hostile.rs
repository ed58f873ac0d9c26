//! A peer that breaks the rules gains nothing and harms nobody.

use std::time::Duration;

use bytes::Bytes;
use snug_protocol::{
    Body, BulkFrame, ClientId, ClientMessage, ControlFrame, Entry, FileName, Fingerprint, Forward,
    ForwardKind, Hash, Heads, Hello, KeyMessage, Manifest, MessageId, Offer, Payload, Profile,
    Range, ResumeToken, RoomId, Secret, ServerMessage, Signature, StopReason, TransferId, Words,
    limits::{CANDIDATES_PER_ATTEMPT, MAX_CLOCK},
    negotiation::{Candidate, Description, TrickledCandidate},
};
use snug_session::{
    Command, Config, Event, Fingerprints, Input, Intent, LinkId, LinkInput, LinkOutput, Output,
    Session, SignalingInput, SignalingOutput, StoreInput, StoreOutput, Time,
    handshake::{Identity, Initiator, Keys, Parties, Password, Secrets},
};

#[test]
fn frames_before_the_greeting_cost_the_link() {
    for early in [
        LinkInput::Control(ControlFrame::Typing { on: true }.encode()),
        LinkInput::Control(ControlFrame::Entry(mallorys(1, "early")).encode()),
        LinkInput::Bulk(Bytes::from_static(&[1; 64])),
    ] {
        let mut victim = Victim::opened();
        let outputs = victim.link(early);
        assert!(blames_and_closes(&outputs), "{outputs:?}");
        assert!(victim.texts().is_empty());
    }
}

#[test]
fn what_comes_before_the_channels_are_open_waits_within_bounds() {
    let mut victim = Victim::connecting();
    victim.control(&victim.binding());
    victim.link(hello());
    victim.control(&ControlFrame::Welcome);
    victim.control(&ControlFrame::Entry(mallorys(1, "early")));
    assert!(victim.texts().is_empty());
    victim.link(opened());
    assert_eq!(victim.texts(), ["early"]);

    let mut victim = Victim::connecting();
    let typing = LinkInput::Control(ControlFrame::Typing { on: true }.encode());
    let cost = (0..1_000).find(|_| blames_and_closes(&victim.link(typing.clone())));
    assert_eq!(cost, Some(64));
}

#[test]
fn a_repeated_greeting_is_answered_and_changes_nothing() {
    let mut victim = Victim::linked();
    let outputs = victim.link(hello());
    assert!(frames(&outputs).eq([ControlFrame::Welcome]), "{outputs:?}");
    assert_eq!(outputs.len(), 1);
}

/// The stack of the peer lost our first greeting, as some do.
#[test]
fn a_lost_greeting_is_said_again() {
    let mut victim = Victim::opened();
    victim.link(hello());
    let greets = |frame: ControlFrame| matches!(frame, ControlFrame::Hello(_));
    assert!(frames(&victim.pass_time()).any(greets));
    assert!(frames(&victim.pass_time()).any(greets));
    victim.control(&ControlFrame::Welcome);
    victim.control(&ControlFrame::Entry(mallorys(1, "hello")));
    assert_eq!(victim.texts(), ["hello"]);
}

#[test]
fn what_is_no_frame_costs_the_link() {
    for nonsense in [
        &b""[..],
        b"\x03\x81",
        b"\x03\xdd\xff\xff\xff\xff",
        &*vec![2; 40_000],
    ] {
        let mut victim = Victim::linked();
        let frame = Bytes::copy_from_slice(nonsense);
        assert!(blames_and_closes(
            &victim.link(LinkInput::Control(frame.clone()))
        ));
        let mut victim = Victim::linked();
        assert!(blames_and_closes(&victim.link(LinkInput::Bulk(frame))));
    }
}

/// A later version may say more.
#[test]
fn a_frame_of_a_kind_not_known_is_skipped() {
    let mut victim = Victim::linked();
    let outputs = victim.link(LinkInput::Control(Bytes::from_static(b"\xff?")));
    assert!(outputs.is_empty(), "{outputs:?}");
}

#[test]
fn a_text_that_is_not_unicode_is_no_frame() {
    let mut frame = ControlFrame::Entry(mallorys(1, "lone surrogate: ###"))
        .encode()
        .to_vec();
    let at = frame
        .windows(3)
        .position(|bytes| bytes == b"###")
        .expect("the text is in it");
    frame[at..at + 3].copy_from_slice(b"\xed\xa0\x80");
    let mut victim = Victim::linked();
    assert!(blames_and_closes(
        &victim.link(LinkInput::Control(frame.into()))
    ));
}

#[test]
fn nobody_speaks_in_anothers_name() {
    let mut victim = Victim::linked();
    let forged = Entry {
        author: me(),
        ..mallorys(1, "I owe Mallory ten")
    };
    assert!(blames(&victim.control(&ControlFrame::Entry(forged))));
    assert!(victim.texts().is_empty());
}

#[test]
fn the_past_is_not_rewritten() {
    let mut victim = Victim::linked();
    let first = mallorys(1, "one");
    let second = Entry {
        previous: first.hash(),
        lamport: 2,
        ..mallorys(2, "two")
    };
    victim.control(&ControlFrame::Entry(first));
    let other_first = mallorys(1, "another");
    let unchained = Entry {
        previous: Hash::of(b"?"),
        ..second.clone()
    };
    for forgery in [other_first, unchained] {
        assert!(blames(&victim.control(&ControlFrame::Entry(forgery))));
    }
    assert!(!blames(
        &victim.control(&ControlFrame::Entry(second.clone()))
    ));
    assert!(
        !blames(&victim.control(&ControlFrame::Entry(second))),
        "a repetition is no lie"
    );
    assert_eq!(victim.texts(), ["one", "two"]);
}

#[test]
fn the_far_future_does_not_come() {
    let mut victim = Victim::linked();
    let future = Entry {
        lamport: MAX_CLOCK,
        ..mallorys(1, "last word")
    };
    assert!(blames(&victim.control(&ControlFrame::Entry(future))));
    victim.command(Command::Say {
        body: Body::Text {
            text: "hello".into(),
        },
        sent_at: 0,
    });
    assert!(victim.session.entries().all(|entry| entry.lamport < 10));
}

#[test]
fn only_the_author_edits_and_deletes() {
    let mut victim = Victim::linked();
    victim.command(Command::Say {
        body: Body::Text {
            text: "mine".into(),
        },
        sent_at: 0,
    });
    let to = MessageId {
        author: me(),
        seq: 1,
    };
    let edit = Body::Edit {
        to: to.clone(),
        text: "yours".into(),
    };
    let edit = Entry {
        body: edit,
        lamport: 2,
        ..mallorys(1, "")
    };
    let (previous, body) = (edit.hash(), Body::Delete { to });
    let delete = Entry {
        body,
        previous,
        seq: 2,
        lamport: 3,
        ..mallorys(2, "")
    };
    for entry in [edit, delete] {
        let outputs = victim.control(&ControlFrame::Entry(entry));
        let changed = |output: &Output| {
            matches!(
                output,
                Output::Event(Event::Edited { .. } | Event::Deleted { .. })
            )
        };
        assert!(!outputs.iter().any(changed), "{outputs:?}");
    }
    assert_eq!(victim.texts(), ["mine"]);
}

#[test]
fn a_flood_of_messages_is_kept_within_bounds() {
    let mut victim = Victim::linked();
    let mut previous = Hash::ZERO;
    for seq in 1..=20_000 {
        let entry = Entry {
            previous,
            lamport: seq,
            ..mallorys(seq, "flood")
        };
        previous = entry.hash();
        assert!(!blames(&victim.control(&ControlFrame::Entry(entry))));
    }
    assert_eq!(victim.session.entries().count(), 10_000);
}

/// A lie about how much was said makes no endless search.
#[test]
fn claims_without_end_are_asked_after_with_pauses() {
    let mut victim = Victim::linked();
    let somebody: ClientId = "somebody".parse().expect("an id");
    victim.control(&ControlFrame::Heads(Heads(vec![
        (mallory(), MAX_CLOCK),
        (somebody, MAX_CLOCK),
    ])));
    let mut asked = 0;
    let start = victim.now;
    while victim.now.since(start) < Duration::from_mins(1) {
        let outputs = victim.pass_time();
        asked += frames(&outputs)
            .filter(|f| matches!(f, ControlFrame::Fetch { .. }))
            .count();
    }
    // Every three seconds for each of the two.
    assert!((1..=42).contains(&asked), "{asked} in a minute");
}

#[test]
fn people_without_end_are_not_remembered() {
    let mut victim = Victim::linked();
    for crowd in 0..100 {
        let nobody = |at| (format!("nobody-{crowd}-{at}").parse().expect("an id"), 1);
        victim.control(&ControlFrame::Heads(Heads((0..100).map(nobody).collect())));
    }
    let entry = Entry {
        author: "one-too-many".parse().expect("an id"),
        ..mallorys(1, "hello")
    };
    victim.control(&ControlFrame::Entry(entry));
    assert!(victim.texts().is_empty());
    victim.control(&ControlFrame::Entry(mallorys(1, "hello")));
    assert_eq!(
        victim.texts(),
        ["hello"],
        "those who are here are still heard"
    );
}

#[test]
fn candidates_without_end_are_dropped() {
    let mut victim = Victim::opened();
    let candidate = Candidate {
        candidate: "x".into(),
        sdp_mid: None,
        sdp_mline_index: None,
    };
    let trickled = TrickledCandidate {
        attempt: 7,
        candidate,
    };
    let mut taken = 0;
    for _ in 0..10_000 {
        let outputs = victim.sealed(ForwardKind::IceCandidate, &Payload::encode(&trickled));
        let adds =
            |output: &&Output| matches!(output, Output::Link(_, LinkOutput::AddCandidate(_)));
        taken += outputs.iter().filter(adds).count();
    }
    assert_eq!(taken, CANDIDATES_PER_ATTEMPT);
}

#[test]
fn descriptions_that_are_none_are_blamed_and_open_nothing() {
    let huge = Description {
        attempt: 9,
        sdp: "v".repeat(32 * 1024 + 1),
    };
    let payloads = [
        "null",
        "[]",
        "7",
        r#"{"sdp":1}"#,
        r#"{"attempt":-1,"sdp":""}"#,
    ]
    .map(|json| Payload::from_json(json.into()).expect("JSON"));
    for payload in payloads.into_iter().chain([Payload::encode(&huge)]) {
        for kind in [
            ForwardKind::Offer,
            ForwardKind::Answer,
            ForwardKind::IceCandidate,
        ] {
            let mut victim = Victim::linked();
            let outputs = victim.sealed(kind, &payload);
            assert!(blames(&outputs), "{kind:?} {payload:?}");
            assert!(
                !outputs
                    .iter()
                    .any(|output| matches!(output, Output::Link(..)))
            );
        }
    }
}

#[test]
fn bytes_that_nobody_asked_for_go_nowhere() {
    let mut victim = Victim::linked();
    let transfer = victim.offered(3);
    let block = |transfer, piece, offset| {
        let payload = Bytes::from(vec![0; 32 * 1024]);
        LinkInput::Bulk(
            BulkFrame {
                transfer,
                piece,
                offset,
                payload,
            }
            .encode(),
        )
    };
    let written = |outputs: &[Output]| {
        outputs
            .iter()
            .any(|output| matches!(output, Output::Store(StoreOutput::WriteBlock { .. })))
    };
    assert!(
        !written(&victim.link(block(transfer, 0, 0))),
        "not accepted yet"
    );
    victim.accept(transfer, 3);
    assert!(
        !written(&victim.link(block(TransferId::from_bytes([9; 16]), 0, 0))),
        "no such file"
    );
    assert!(
        !written(&victim.link(block(transfer, 3, 0))),
        "past the end"
    );
    assert!(!written(&victim.link(block(transfer, 0, 1))), "askew");
    assert!(written(&victim.link(block(transfer, 0, 0))));
    assert!(!written(&victim.link(block(transfer, 0, 0))), "twice");
}

#[test]
fn hashes_that_do_not_fold_end_the_transfer() {
    let mut victim = Victim::linked();
    let transfer = victim.offered(3);
    victim.command(Command::Accept { transfer });
    victim.input(Input::Store(StoreInput::SinkOpened {
        transfer,
        have: Vec::new(),
    }));
    let hashes = vec![Hash::ZERO; 3];
    let outputs = victim.control(&ControlFrame::Hashes {
        transfer,
        first: 0,
        hashes,
    });
    assert!(blames(&outputs));
    let discarded =
        |output: &Output| matches!(output, Output::Store(StoreOutput::DiscardSink { .. }));
    assert!(outputs.iter().any(discarded), "{outputs:?}");
}

#[test]
fn pieces_that_nobody_offers_are_not_to_be_had() {
    let mut victim = Victim::linked();
    let transfer = TransferId::from_bytes([1; 16]);
    let everything = Range {
        first: 0,
        count: 1_000,
    };
    for ask in [
        ControlFrame::Request {
            transfer,
            pieces: everything,
        },
        ControlFrame::FetchHashes {
            transfer,
            pieces: Range::one(0),
        },
        ControlFrame::Accept { transfer },
    ] {
        let outputs = victim.control(&ask);
        let refused = |frame: ControlFrame| {
            matches!(
                frame,
                ControlFrame::Unavailable { .. } | ControlFrame::Stop { .. }
            )
        };
        assert!(frames(&outputs).all(refused) && frames(&outputs).count() == 1);
        assert!(
            !outputs
                .iter()
                .any(|output| matches!(output, Output::Store(_)))
        );
    }
    // Nor does stopping or completing what never was do anything.
    for lie in [
        ControlFrame::Complete { transfer },
        ControlFrame::Stop {
            transfer,
            reason: StopReason::Cancelled,
        },
    ] {
        assert_eq!(victim.control(&lie).len(), 0);
    }
}

#[test]
fn offers_without_end_are_declined() {
    let mut victim = Victim::linked();
    let mut told = 0;
    for at in 0..2_000_u32 {
        let outputs = victim.control(&ControlFrame::Offer(offer(1, &format!("{at}"))));
        told += outputs
            .iter()
            .filter(|o| matches!(o, Output::Event(Event::Offered { .. })))
            .count();
    }
    assert_eq!(told, 1_024);
}

/// Somebody who knows the words, with the help of the server, comes under the name of one who is
/// here.
#[test]
fn who_is_here_is_not_replaced_by_another_of_the_same_name() {
    let mut victim = Victim::linked();
    let honest = (victim.keys.take(), victim.link);
    victim.identity = Identity::generate(&mut Secrets::new([9; 32]));
    let outputs = victim.meet();
    assert!(blames(&outputs), "{outputs:?}");
    assert!(!blames_and_closes(&outputs), "{outputs:?}");
    victim.identity = Identity::generate(&mut Secrets::new([1; 32]));
    (victim.keys, victim.link) = honest;
    victim.control(&ControlFrame::Entry(mallorys(1, "still me")));
    assert_eq!(victim.texts(), ["still me"]);
}

/// An honest session, `honest`, and Mallory, who knows the words, at the other end of its link.
struct Victim {
    session: Session,
    link: LinkId,
    now: Time,
    identity: Identity,
    /// Mallory's.
    keys: Option<Keys>,
}

impl Victim {
    /// In the room, alone.
    fn alone() -> Self {
        let intent = Intent::Join(room());
        let config = Config {
            client: me(),
            intent,
            secret: words(),
            profile: Profile::default(),
            relay_only: false,
        };
        let (session, now) = (
            Session::new(config, [7; 32]),
            Time::new(Duration::from_secs(1)),
        );
        let mut victim = Self {
            session,
            link: LinkId(0),
            now,
            identity: Identity::generate(&mut Secrets::new([1; 32])),
            keys: None,
        };
        victim.input(Input::Signaling(SignalingInput::RoomJoined));
        victim.input(Input::Signaling(SignalingInput::SocketOpened));
        let resume = ResumeToken::new("token").expect("a short one");
        let init = ServerMessage::InitSuccess {
            peers: Vec::new(),
            resume,
            grace_seconds: 30,
        };
        victim.input(Input::Signaling(SignalingInput::Message(init)));
        victim
    }

    /// Mallory has done the handshake.
    fn met() -> Self {
        let mut victim = Self::alone();
        victim.meet();
        victim
    }

    /// Mallory does the handshake. Gives what came of its proof.
    fn meet(&mut self) -> Vec<Output> {
        let mut secrets = Secrets::new([2; 32]);
        let password = Password::new(&words().password());
        let parties = Parties {
            room: room(),
            me: mallory(),
            peer: me(),
        };
        let (initiator, hello) = Initiator::start(parties, &self.identity, &password, &mut secrets);
        let outputs = self.forward(ForwardKind::Key, hello.encode());
        let Some(KeyMessage::Share(share)) = key_message(&outputs) else {
            panic!("a hello is answered with a share: {outputs:?}");
        };
        let (awaiting, proof) = initiator
            .on_share(&share, &mut secrets)
            .expect("an honest share");
        let outputs = self.forward(ForwardKind::Key, proof.encode());
        let Some(KeyMessage::Confirm(confirm)) = key_message(&outputs) else {
            panic!("a proof is answered with a confirmation: {outputs:?}");
        };
        self.keys = Some(awaiting.on_confirm(&confirm).expect("an honest tag"));
        outputs
    }

    /// Mallory's offer is answered.
    fn connecting() -> Self {
        let mut victim = Self::met();
        let offer = Description {
            attempt: 7,
            sdp: "v=0".into(),
        };
        let outputs = victim.sealed(ForwardKind::Offer, &Payload::encode(&offer));
        let opened = outputs.iter().find_map(|output| match output {
            Output::Link(link, LinkOutput::Open) => Some(*link),
            _ => None,
        });
        victim.link = opened.expect("an offer is answered");
        victim.link(LinkInput::LocalAnswer { sdp: "v=0".into() });
        victim
    }

    /// The channels to Mallory are open; nothing was said on them.
    fn open() -> Self {
        let mut victim = Self::connecting();
        victim.link(opened());
        victim
    }

    /// Mallory has proven that the connection ends at it; nobody has greeted.
    fn opened() -> Self {
        let mut victim = Self::open();
        victim.control(&victim.binding());
        victim
    }

    /// Both have greeted.
    fn linked() -> Self {
        let mut victim = Self::opened();
        victim.link(hello());
        victim.control(&ControlFrame::Welcome);
        victim
    }

    fn input(&mut self, input: Input) -> Vec<Output> {
        self.session.handle(input, self.now);
        std::iter::from_fn(|| self.session.poll_output()).collect()
    }

    fn link(&mut self, input: LinkInput) -> Vec<Output> {
        self.input(Input::Link(self.link, input))
    }

    /// Mallory's frame, whose entries it signs unless they are signed.
    fn control(&mut self, frame: &ControlFrame) -> Vec<Output> {
        self.now = self.now + Duration::from_millis(1);
        let frame = match frame.clone() {
            ControlFrame::Entry(entry) if entry.signature == unsigned() => {
                ControlFrame::Entry(self.sign(entry))
            }
            frame => frame,
        };
        self.link(LinkInput::Control(frame.encode()))
    }

    fn sign(&self, entry: Entry) -> Entry {
        let signature = self.identity.sign(room(), &entry.hash());
        Entry { signature, ..entry }
    }

    /// What Mallory says first on a connection.
    fn binding(&self) -> ControlFrame {
        let (local, remote) = (Fingerprint([2; 32]), Fingerprint([1; 32]));
        let keys = self.keys.as_ref().expect("the handshake is done");
        let mac = keys.bind(7, &Fingerprints { local, remote });
        ControlFrame::Binding { mac }
    }

    /// Seals something and sends it by the server.
    fn sealed(&mut self, kind: ForwardKind, payload: &Payload) -> Vec<Output> {
        let keys = self.keys.as_mut().expect("the handshake is done");
        let sealed = keys.seal(kind, payload.json().as_bytes());
        self.forward(kind, sealed.expect("it is short").encode())
    }

    fn command(&mut self, command: Command) -> Vec<Output> {
        self.input(Input::Command(command))
    }

    fn forward(&mut self, kind: ForwardKind, payload: Payload) -> Vec<Output> {
        let forward = Forward {
            kind,
            from: mallory(),
            to: me(),
            payload,
        };
        let message = ServerMessage::Forward(forward);
        self.input(Input::Signaling(SignalingInput::Message(message)))
    }

    fn pass_time(&mut self) -> Vec<Output> {
        let next = self
            .session
            .poll_timeout()
            .unwrap_or(self.now + Duration::from_mins(1));
        self.now = self.now.max(next);
        self.input(Input::Timeout)
    }

    fn offered(&mut self, pieces: u64) -> TransferId {
        let offer = offer(pieces, "file");
        let transfer = offer.transfer();
        self.control(&ControlFrame::Offer(offer));
        transfer
    }

    fn accept(&mut self, transfer: TransferId, pieces: u64) {
        self.command(Command::Accept { transfer });
        self.input(Input::Store(StoreInput::SinkOpened {
            transfer,
            have: Vec::new(),
        }));
        let hashes = hashes(pieces);
        self.control(&ControlFrame::Hashes {
            transfer,
            first: 0,
            hashes,
        });
    }

    fn texts(&self) -> Vec<String> {
        let texts = self
            .session
            .messages()
            .filter_map(|message| match message.body {
                Some(Body::Text { text }) => Some(text),
                _ => None,
            });
        texts.collect()
    }
}

fn me() -> ClientId {
    "honest".parse().expect("an id")
}

fn mallory() -> ClientId {
    "mallory".parse().expect("an id")
}

fn opened() -> LinkInput {
    let (local, remote) = (Fingerprint([1; 32]), Fingerprint([2; 32]));
    LinkInput::Opened {
        fingerprints: Fingerprints { local, remote },
    }
}

fn hello() -> LinkInput {
    let hello = Hello {
        version: 1,
        profile: Profile::default(),
        starts: Heads(vec![(mallory(), 1)]),
        heads: Heads::default(),
        lamport: 0,
        delivered: 0,
        read: 0,
    };
    LinkInput::Control(ControlFrame::Hello(hello).encode())
}

fn mallorys(seq: u64, text: &str) -> Entry {
    let (author, body) = (mallory(), Body::Text { text: text.into() });
    Entry {
        author,
        seq,
        previous: Hash::ZERO,
        lamport: seq,
        sent_at: 0,
        body,
        signature: unsigned(),
    }
}

fn unsigned() -> Signature {
    Signature::new([0; 64])
}

fn room() -> RoomId {
    "K7Q4X9".parse().expect("a room")
}

fn words() -> Secret {
    Secret::Words(Words::from_entropy([5; 16]))
}

/// What the victim says in the handshake.
fn key_message(outputs: &[Output]) -> Option<KeyMessage> {
    outputs.iter().find_map(|output| match output {
        Output::Signaling(SignalingOutput::Send(ClientMessage::Forward(forward)))
            if forward.kind == ForwardKind::Key =>
        {
            KeyMessage::decode(&forward.payload).ok()
        }
        _ => None,
    })
}

fn hashes(pieces: u64) -> Vec<Hash> {
    (0..pieces)
        .map(|piece| Hash::of(&piece.to_be_bytes()))
        .collect()
}

fn offer(pieces: u64, name: &str) -> Offer {
    let manifest = Manifest::from_hashes(pieces * 1024 * 1024, &hashes(pieces)).expect("small");
    let (name, media_type) = (FileName::sanitize(name), String::new());
    Offer {
        name,
        manifest,
        media_type,
        preview: None,
    }
}

fn frames(outputs: &[Output]) -> impl Iterator<Item = ControlFrame> {
    outputs.iter().filter_map(|output| match output {
        Output::Link(_, LinkOutput::SendControl(frame)) => ControlFrame::decode(frame).ok(),
        _ => None,
    })
}

fn blames(outputs: &[Output]) -> bool {
    outputs
        .iter()
        .any(|output| matches!(output, Output::Event(Event::Misbehaved { .. })))
}

fn blames_and_closes(outputs: &[Output]) -> bool {
    let closes = |output: &Output| matches!(output, Output::Link(_, LinkOutput::Close));
    blames(outputs) && outputs.iter().any(closes)
}
