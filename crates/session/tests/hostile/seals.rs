//! Sealed messages that somebody on the way has changed, repeated or sent elsewhere (47).

use std::time::Duration;

use snug_protocol::{
    ControlFrame, Forward, ForwardKind, Payload, RelayFrame, RelaySegment, Sealed, ServerMessage,
    negotiation::{Candidate, Description, TrickledCandidate},
};
use snug_session::{Event, Input, LinkOutput, LinkStatus, Output, SignalingInput};

use crate::victim::{Victim, blames, mallory, mallorys, me};

const SEALED: [ForwardKind; 4] = [
    ForwardKind::Offer,
    ForwardKind::Answer,
    ForwardKind::IceCandidate,
    ForwardKind::Relay,
];

#[test]
fn a_changed_seal_opens_nothing_and_is_said_once() {
    for kind in SEALED {
        let mut victim = Victim::met();
        let sealed = seal(&mut victim, kind);
        let mut blamed = 0;
        for at in 0..sealed.data.len() {
            let mut data = sealed.data.to_vec();
            data[at] ^= 1;
            let data = data.into();
            let outputs = pass(&mut victim, kind, &Sealed { data, ..sealed });
            assert!(!acts(&outputs), "{kind:?} byte {at}: {outputs:?}");
            blamed += usize::from(blames(&outputs));
        }
        assert_eq!(blamed, 1, "{kind:?}");
        // The one that was meant still opens.
        assert!(!blames(&pass(&mut victim, kind, &sealed)), "{kind:?}");
    }
}

#[test]
fn what_is_sealed_as_one_kind_is_no_other() {
    for kind in SEALED {
        for other in SEALED.into_iter().filter(|other| *other != kind) {
            let mut victim = Victim::met();
            let sealed = seal(&mut victim, kind);
            let outputs = pass(&mut victim, other, &sealed);
            assert!(blames(&outputs) && !acts(&outputs), "{kind:?} as {other:?}");
        }
    }
}

#[test]
fn a_number_cannot_be_changed() {
    for number in [2, 3, 1 << 47] {
        let mut victim = Victim::met();
        let sealed = seal(&mut victim, ForwardKind::Offer);
        let outputs = pass(
            &mut victim,
            ForwardKind::Offer,
            &Sealed { number, ..sealed },
        );
        assert!(blames(&outputs) && !acts(&outputs), "{outputs:?}");
    }
}

#[test]
fn what_is_repeated_or_late_is_dropped() {
    let mut victim = Victim::met();
    let [first, second] = [(); 2].map(|()| seal(&mut victim, ForwardKind::Offer));
    assert!(acts(&pass(&mut victim, ForwardKind::Offer, &second)));
    for old in [second, first] {
        let outputs = pass(&mut victim, ForwardKind::Offer, &old);
        assert!(outputs.is_empty(), "{outputs:?}");
    }
}

/// Nobody else shares keys yet: whose seal it is makes no difference.
#[test]
fn what_one_sealed_is_not_taken_from_another() {
    let mut victim = Victim::met();
    let payload = seal(&mut victim, ForwardKind::Offer).encode();
    let forward = Forward {
        kind: ForwardKind::Offer,
        from: "trudy".parse().expect("an id"),
        to: me(),
        payload,
    };
    let message = ServerMessage::Forward(forward);
    let outputs = victim.input(Input::Signaling(SignalingInput::Message(message)));
    assert!(!acts(&outputs), "{outputs:?}");
}

/// What the victim sealed for Mallory comes back as Mallory's.
#[test]
fn what_it_sealed_itself_does_not_open() {
    let mut victim = Victim::connecting();
    let outputs = victim.let_pass(Duration::from_secs(5));
    let sealed = outputs.iter().find_map(|output| match output {
        Output::Signaling(snug_session::SignalingOutput::Send(
            snug_protocol::ClientMessage::Forward(forward),
        )) if forward.kind != ForwardKind::Key => Some(forward.clone()),
        _ => None,
    });
    let own = sealed.expect("it opens the relayed path");
    let forward = Forward {
        from: mallory(),
        to: me(),
        ..own
    };
    let message = ServerMessage::Forward(forward);
    let outputs = victim.input(Input::Signaling(SignalingInput::Message(message)));
    assert!(blames(&outputs) && !acts(&outputs), "{outputs:?}");
}

#[test]
fn what_is_not_sealed_is_blamed_and_opens_nothing() {
    let plain = Payload::encode(&Description {
        attempt: 7,
        sdp: "v=0".into(),
    });
    let nothing = Payload::from_json("null".into()).expect("JSON");
    for kind in SEALED {
        for payload in [&plain, &nothing] {
            let mut victim = Victim::met();
            let outputs = victim.forward(kind, payload.clone());
            assert!(blames(&outputs) && !acts(&outputs), "{kind:?} {payload:?}");
        }
    }
}

/// 52, on the relayed path.
#[test]
fn frames_before_the_greeting_cost_the_relayed_path() {
    let entry = ControlFrame::Entry(mallorys(1, "early")).encode();
    for frame in [
        RelayFrame::Control(entry),
        RelayFrame::Control(ControlFrame::Bye.encode()),
        RelayFrame::Bulk(vec![1; 64].into()),
    ] {
        let mut victim = Victim::met();
        let outputs = relay(&mut victim, 1, vec![frame]);
        assert!(blames(&outputs), "{outputs:?}");
        assert!(victim.texts().is_empty());
        assert!(!matches!(
            victim.status(),
            Some(LinkStatus::Connected { .. })
        ));
    }
}

#[test]
fn segments_that_are_none_are_blamed() {
    for nonsense in [&b""[..], &[0; 23], &[0xff; 64]] {
        let mut victim = Victim::met();
        let keys = victim.keys.as_mut().expect("the handshake is done");
        let sealed = keys.seal(ForwardKind::Relay, nonsense).expect("short");
        let outputs = victim.forward(ForwardKind::Relay, sealed.encode());
        assert!(blames(&outputs) && victim.texts().is_empty(), "{outputs:?}");
    }
}

/// Segments of the far future, of other epochs and without end.
#[test]
fn segments_out_of_order_are_dropped() {
    let mut victim = Victim::met();
    for seq in [2, 3, u64::MAX, 7] {
        let frame = RelayFrame::Control(ControlFrame::Typing { on: true }.encode());
        let outputs = relay(&mut victim, seq, vec![frame]);
        assert!(!blames(&outputs), "{outputs:?}");
        let told = |output: &Output| matches!(output, Output::Event(Event::Typing { .. }));
        assert!(!outputs.iter().any(told), "{outputs:?}");
    }
}

/// Mallory's segment, sealed.
fn relay(victim: &mut Victim, seq: u64, frames: Vec<RelayFrame>) -> Vec<Output> {
    let segment = RelaySegment {
        epoch: 5,
        seq,
        frames,
        ..RelaySegment::default()
    };
    let keys = victim.keys.as_mut().expect("the handshake is done");
    let sealed = keys.seal(ForwardKind::Relay, &segment.encode());
    victim.forward(ForwardKind::Relay, sealed.expect("it is short").encode())
}

/// Something of Mallory's that makes the victim act.
fn seal(victim: &mut Victim, kind: ForwardKind) -> Sealed {
    let keys = victim.keys.as_mut().expect("the handshake is done");
    let plain = match kind {
        ForwardKind::Relay => RelaySegment::default().encode(),
        ForwardKind::IceCandidate => {
            let candidate = Candidate {
                candidate: "x".into(),
                sdp_mid: None,
                sdp_mline_index: None,
            };
            let attempt = 7;
            let trickled = TrickledCandidate { attempt, candidate };
            Payload::encode(&trickled).json().as_bytes().to_vec()
        }
        _ => Payload::encode(&Description {
            attempt: 7,
            sdp: "v=0".into(),
        })
        .json()
        .as_bytes()
        .to_vec(),
    };
    keys.seal(kind, &plain).expect("it is short")
}

fn pass(victim: &mut Victim, kind: ForwardKind, sealed: &Sealed) -> Vec<Output> {
    victim.forward(kind, sealed.encode())
}

/// Whether a connection was touched.
fn acts(outputs: &[Output]) -> bool {
    let acts =
        |output: &Output| matches!(output, Output::Link(_, output) if *output != LinkOutput::Close);
    outputs.iter().any(acts)
}
