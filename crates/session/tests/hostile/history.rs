//! What was said before somebody came.

use snug_protocol::{Body, ClientId, ControlFrame, ServerMessage};
use snug_session::{Command, Input, LinkInput, SignalingInput};

use crate::{
    member::Member,
    victim::{Victim, me},
};

/// The server makes up more people than anybody remembers while a newcomer is on the way in.
#[test]
fn a_newcomer_gets_nothing_from_before_whoever_comes_and_goes() {
    let mut victim = Victim::alone();
    say(&mut victim, "before");
    let bob = Member::named("0-bob");
    joins(&mut victim, &bob.name);
    say(&mut victim, "on the way in");
    come_and_go(&mut victim);
    let bob = bob.link_to(&mut victim);
    assert_eq!(fetched(&mut victim, &bob), ["on the way in"]);
}

#[test]
fn who_vanished_keeps_its_time_whoever_comes_and_goes() {
    let mut victim = Victim::alone();
    say(&mut victim, "before");
    let bob = Member::linked(&mut victim, "0-bob");
    say(&mut victim, "one");
    victim.input(Input::Link(bob.link, LinkInput::Failed("gone".into())));
    victim.leaves(&bob.name);
    say(&mut victim, "while away");
    come_and_go(&mut victim);
    joins(&mut victim, &bob.name);
    let bob = bob.link_to(&mut victim);
    assert_eq!(fetched(&mut victim, &bob), ["one", "while away"]);
}

fn come_and_go(victim: &mut Victim) {
    for n in 0..1100 {
        let nobody = format!("nobody-{n}").parse().expect("an id");
        joins(victim, &nobody);
        victim.leaves(&nobody);
    }
}

fn joins(victim: &mut Victim, client: &ClientId) {
    let client_id = client.clone();
    let joined = ServerMessage::PeerJoined { client_id };
    victim.input(Input::Signaling(SignalingInput::Message(joined)));
}

fn say(victim: &mut Victim, text: &str) {
    let body = Body::Text { text: text.into() };
    victim.command(Command::Say { body, sent_at: 0 });
}

/// What a member gets who asks for everything that the victim has said.
fn fetched(victim: &mut Victim, by: &Member) -> Vec<String> {
    let fetch = ControlFrame::Fetch {
        author: me(),
        from: 1,
        to: 9,
    };
    let outputs = by.control(victim, &fetch);
    let texts = by
        .hears(&outputs)
        .into_iter()
        .filter_map(|frame| match frame {
            ControlFrame::Entry(entry) => Some(entry.body),
            _ => None,
        });
    let texts = texts.filter_map(|body| match body {
        Body::Text { text } => Some(text),
        _ => None,
    });
    texts.collect()
}
