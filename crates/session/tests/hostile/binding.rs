//! Bindings that are wrong, missing, late or said twice (48, 51, 52).

use std::time::Duration;

use snug_protocol::{ControlFrame, Fingerprint};
use snug_session::{Fingerprints, LinkInput, LinkOutput, LinkStatus, Output, Refusal};

use crate::victim::{Victim, blames_and_closes, frames, hello, mallorys};

#[test]
fn a_connection_that_ends_elsewhere_is_refused() {
    let [own, mallorys_, somebodys] = [1, 2, 3].map(|n| Fingerprint([n; 32]));
    // What Mallory's stack says: another certificate at either end, or both the other way round.
    for (local, remote) in [
        (mallorys_, somebodys),
        (somebodys, own),
        (somebodys, somebodys),
        (own, mallorys_),
    ] {
        let mut victim = Victim::open();
        let mac = bind(&victim, 7, local, remote);
        let outputs = victim.control(&ControlFrame::Binding { mac });
        assert!(closes(&outputs), "{outputs:?}");
        let refused = LinkStatus::Refused(Refusal::Intercepted);
        assert_eq!(victim.status(), Some(refused));
    }
}

#[test]
fn a_binding_of_another_try_is_refused() {
    let mut victim = Victim::open();
    let mac = bind(&victim, 8, Fingerprint([2; 32]), Fingerprint([1; 32]));
    assert!(closes(&victim.control(&ControlFrame::Binding { mac })));
    assert!(victim.was_told(LinkStatus::Refused(Refusal::Intercepted)));
}

#[test]
fn its_own_binding_does_not_bind_the_other() {
    let mut victim = Victim::connecting();
    let outputs = victim.link(crate::victim::opened());
    let own = frames(&outputs).find(|frame| matches!(frame, ControlFrame::Binding { .. }));
    let own = own.expect("it binds first");
    assert!(closes(&victim.control(&own)));
    assert!(victim.was_told(LinkStatus::Refused(Refusal::Intercepted)));
}

#[test]
fn a_connection_without_a_binding_is_given_up() {
    let mut victim = Victim::open();
    let outputs = victim.let_pass(Duration::from_secs(6));
    assert!(closes(&outputs), "{outputs:?}");
    let connected = |status: &LinkStatus| matches!(status, LinkStatus::Connected { .. });
    assert!(!victim.status().as_ref().is_some_and(connected));
}

#[test]
fn a_binding_that_comes_too_late_binds_nothing() {
    let mut victim = Victim::open();
    victim.let_pass(Duration::from_secs(6));
    let binding = victim.binding();
    victim.control(&binding);
    victim.link(hello());
    victim.control(&ControlFrame::Welcome);
    victim.control(&ControlFrame::Entry(mallorys(1, "late")));
    assert!(victim.texts().is_empty());
}

#[test]
fn a_binding_said_twice_changes_nothing() {
    let mut victim = Victim::opened();
    let binding = victim.binding();
    victim.control(&binding);
    victim.link(hello());
    victim.control(&ControlFrame::Welcome);
    let outputs = victim.control(&binding);
    assert!(outputs.is_empty(), "{outputs:?}");
    victim.control(&ControlFrame::Entry(mallorys(1, "hello")));
    assert_eq!(victim.texts(), ["hello"]);
}

/// A stack may lose the binding and not the greeting: it is not taken before both are said again.
#[test]
fn a_greeting_before_the_binding_is_not_taken() {
    let mut victim = Victim::open();
    victim.link(hello());
    victim.control(&ControlFrame::Welcome);
    assert!(!matches!(
        victim.status(),
        Some(LinkStatus::Connected { .. })
    ));
    let outputs = victim.control(&ControlFrame::Entry(mallorys(1, "unbound")));
    assert!(blames_and_closes(&outputs), "{outputs:?}");
    assert!(victim.texts().is_empty());
}

#[test]
fn nothing_is_taken_before_the_binding() {
    for early in [
        LinkInput::Control(ControlFrame::Entry(mallorys(1, "early")).encode()),
        LinkInput::Control(ControlFrame::Guesses { wrong: 5 }.encode()),
        LinkInput::Control(ControlFrame::Bye.encode()),
        LinkInput::Bulk(vec![1; 64].into()),
    ] {
        let mut victim = Victim::open();
        let outputs = victim.link(early);
        assert!(blames_and_closes(&outputs), "{outputs:?}");
        assert!(victim.texts().is_empty());
    }
}

/// Mallory shows the victim a connection of Trudy's as its own: two people and one certificate.
#[test]
fn a_connection_of_somebody_else_is_not_ones_own() {
    let mut victim = Victim::connecting();
    let trudys = Fingerprint([3; 32]);
    let local = Fingerprint([1; 32]);
    victim.link(LinkInput::Opened {
        fingerprints: Fingerprints {
            local,
            remote: trudys,
        },
    });
    // Mallory binds the certificate that it has.
    let binding = victim.binding();
    assert!(closes(&victim.control(&binding)));
    assert!(victim.was_told(LinkStatus::Refused(Refusal::Intercepted)));
}

fn bind(victim: &Victim, attempt: u32, local: Fingerprint, remote: Fingerprint) -> [u8; 32] {
    let keys = victim.keys.as_ref().expect("the handshake is done");
    keys.bind(attempt, &Fingerprints { local, remote })
}

fn closes(outputs: &[Output]) -> bool {
    let closes = |output: &Output| matches!(output, Output::Link(_, LinkOutput::Close));
    outputs.iter().any(closes)
}
