//! People who never were, and those whom they must not keep from being heard.

use snug_protocol::{
    ClientId, ControlFrame, Entry, Heads, IdentityKey, Roster, limits::ROSTER_MEMBERS,
};

use crate::{
    member::Member,
    victim::{Victim, mallory, mallorys, me},
};

/// More than anybody remembers.
const CROWDS: usize = 20;

#[test]
fn people_of_whom_nobody_knows_a_key_are_not_remembered() {
    let mut victim = Victim::linked();
    for crowd in 0..CROWDS {
        victim.control(&heads_of(&crowd_of(crowd)));
    }
    let bob = Member::linked(&mut victim, "bob");
    let named = named_in(&bob.hears(&bob.arrival));
    assert!(!named.is_empty());
    let real = [me(), mallory(), bob.name];
    assert!(named.iter().all(|it| real.contains(it)), "{named:?}");
}

#[test]
fn a_newcomer_is_heard_however_many_were_invented() {
    let mut victim = Victim::linked();
    for crowd in 0..CROWDS {
        invent(&mut victim, &crowd_of(crowd));
    }
    victim.control(&ControlFrame::Bye);
    hears_a_newcomer(&mut victim);
}

#[test]
fn a_newcomer_is_heard_however_many_were_made_to_speak() {
    let mut victim = Victim::linked();
    for crowd in 0..CROWDS {
        let crowd = crowd_of(crowd);
        invent(&mut victim, &crowd);
        for author in crowd {
            let entry = Entry {
                author,
                ..mallorys(1, "I never was")
            };
            victim.control(&ControlFrame::Entry(entry));
        }
    }
    victim.control(&ControlFrame::Entry(mallorys(1, "I am here")));
    hears_a_newcomer(&mut victim);
    assert!(victim.texts().contains(&"I am here".into()));
}

/// A frame holds only so many heads.
#[test]
fn whoever_is_here_is_named_before_the_invented() {
    let mut victim = Victim::linked();
    let mut ann = Member::linked(&mut victim, "zzz-ann");
    ann.say(&mut victim, "hello", 1);
    for crowd in 0..CROWDS {
        invent(&mut victim, &crowd_of(crowd));
    }
    let bob = Member::linked(&mut victim, "zzz-bob");
    let (mut starts, mut heads) = (None, None);
    for frame in bob.hears(&bob.arrival) {
        match frame {
            ControlFrame::Hello(hello) => starts = head_of(&hello.starts, &ann.name),
            ControlFrame::Heads(named) => heads = head_of(&named, &ann.name),
            _ => {}
        }
    }
    assert_eq!((starts, heads), (Some(2), Some(1)));
}

fn hears_a_newcomer(victim: &mut Victim) {
    let mut bob = Member::linked(victim, "newcomer");
    bob.say(victim, "hello", 5);
    assert!(victim.texts().contains(&"hello".into()));
}

fn crowd_of(crowd: usize) -> Vec<ClientId> {
    let nobody = |at| format!("nobody-{crowd:02}-{at:02}").parse().expect("an id");
    (0..ROSTER_MEMBERS).map(nobody).collect()
}

/// Mallory says that it has met them, and heard them.
fn invent(victim: &mut Victim, crowd: &[ClientId]) {
    let key = victim.identity.key();
    let members: Vec<(ClientId, IdentityKey)> = crowd.iter().map(|it| (it.clone(), key)).collect();
    victim.control(&ControlFrame::Roster(Roster(members)));
    victim.control(&heads_of(crowd));
}

fn heads_of(crowd: &[ClientId]) -> ControlFrame {
    ControlFrame::Heads(Heads(crowd.iter().map(|it| (it.clone(), 1)).collect()))
}

fn head_of(heads: &Heads, of: &ClientId) -> Option<u64> {
    let head = heads.0.iter().find(|(author, _)| author == of);
    head.map(|(_, seq)| *seq)
}

/// Everyone whom a greeting names.
fn named_in(greeting: &[ControlFrame]) -> Vec<ClientId> {
    let heads = greeting.iter().flat_map(|frame| match frame {
        ControlFrame::Hello(hello) => [&hello.starts, &hello.heads].to_vec(),
        ControlFrame::Heads(heads) => vec![heads],
        _ => Vec::new(),
    });
    let names = heads.flat_map(|heads| &heads.0).map(|(name, _)| name);
    names.cloned().collect()
}
