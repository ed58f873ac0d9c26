//! What comes before, instead of and after the first frames of a connection.

use bytes::Bytes;
use snug_protocol::ControlFrame;
use snug_session::LinkInput;

use crate::victim::{Victim, blames_and_closes, frames, hello, mallorys, opened};

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
