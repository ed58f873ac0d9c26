//! Descriptions and candidates that are none, or too many.

use snug_protocol::{
    ForwardKind, Payload,
    limits::CANDIDATES_PER_ATTEMPT,
    negotiation::{Candidate, Description, TrickledCandidate},
};
use snug_session::{LinkOutput, Output};

use crate::victim::{Victim, blames};

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
