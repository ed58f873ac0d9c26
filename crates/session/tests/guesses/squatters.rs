//! Somebody who knows the six symbols alone takes a seat and says nothing, or no, or guesses.

use std::time::Duration;

use rand_chacha::ChaCha12Rng;
use snug_protocol::{
    ClientId, ClientMessage, Forward, ForwardKind, KeyMessage, RefusalReason, RoomId, ServerMessage,
};
use snug_session::{
    Command, EndReason, Event, Refusal,
    handshake::{Identity, Parties, Password, Responder, Secrets},
    sim::{Adversary, Network},
};

use crate::fixture::{ending, ever_connected, hear_each_other, is_open, pairs, words};

/// However many they are, and first in every list.
#[test]
fn squatters_do_not_keep_others_from_meeting() {
    for behaviour in [Squat::Silent, Squat::Refuse] {
        for seats in 1..=3 {
            for seed in 0..30 {
                let mut net = Network::new(seed);
                let room = net.room();
                net.set_adversary(Squatters {
                    room,
                    seats,
                    behaviour,
                });
                net.join();
                net.run_for(Duration::from_secs(30));
                net.join();
                let met = net.run_until(Duration::from_mins(1), |net| pairs(net, 2));
                assert!(met, "seed {seed}, {seats} {behaviour:?}");
                net.join();
                let met = net.run_until(Duration::from_mins(1), |net| pairs(net, 3));
                assert!(met, "seed {seed}, {seats} {behaviour:?}");
            }
        }
    }
}

/// The room is empty but for squatters, so nobody vouches for anybody.
#[test]
fn silent_squatters_do_not_keep_newcomers_from_each_other() {
    for seed in 0..50 {
        let mut net = Network::new(seed);
        let creator = net.join();
        net.run_for(Duration::from_secs(1));
        net.command(creator, Command::Leave);
        net.set_adversary(Squatters {
            room: net.room(),
            seats: 2,
            behaviour: Squat::Silent,
        });
        let newcomers = [net.join(), net.join()];
        let met = net.run_until(Duration::from_mins(2), |net| {
            ever_connected(net, newcomers[0], newcomers[1])
                && ever_connected(net, newcomers[1], newcomers[0])
        });
        assert!(met, "seed {seed}");
    }
}

#[test]
fn squatters_who_guess_cost_a_newcomer_its_visit_and_no_more() {
    for seed in 0..50 {
        let mut net = Network::new(seed);
        let insiders = net.full_room(2);
        let (seats, behaviour) = (1, Squat::Guess);
        let room = net.room();
        net.set_adversary(Squatters {
            room,
            seats,
            behaviour,
        });
        let newcomer = net.join();
        net.run_for(Duration::from_mins(2));
        let reason = EndReason::KeptOut(Refusal::WrongWords);
        assert_eq!(ending(&net, newcomer), Some(&reason), "seed {seed}");
        let named = |event: &Event| match event {
            Event::Link { peer, status } => is_open(*status) && *peer == squatter(0),
            _ => false,
        };
        assert!(
            (0..3).all(|member| !net.node(member).saw(named)),
            "seed {seed}"
        );
        assert!(hear_each_other(&mut net, &insiders), "seed {seed}");
    }
}

/// Members who have the first ids there are, and not the words.
#[derive(Debug)]
struct Squatters {
    room: Option<RoomId>,
    seats: usize,
    behaviour: Squat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Squat {
    Silent,
    Refuse,
    /// Answers with a share that fits other words.
    Guess,
}

fn squatter(seat: usize) -> ClientId {
    format!("-{seat}").parse().expect("an id")
}

impl Squatters {
    fn ids(&self) -> impl Iterator<Item = ClientId> {
        (0..self.seats).map(squatter)
    }

    /// What a squatter says to what it is told.
    fn answer(&self, squatter: &ClientId, peer: &ClientId, said: &Forward) -> Option<KeyMessage> {
        let hello = match (self.behaviour, KeyMessage::decode(&said.payload).ok()?) {
            (Squat::Silent, _) => return None,
            (Squat::Guess, KeyMessage::Hello(hello)) => hello,
            (Squat::Refuse | Squat::Guess, _) => {
                let reason = RefusalReason::WrongWords;
                return Some(KeyMessage::Refused { reason });
            }
        };
        let parties = Parties {
            room: self.room?,
            me: squatter.clone(),
            peer: peer.clone(),
        };
        let mut secrets = Secrets::new([9; 32]);
        let identity = Identity::generate(&mut secrets);
        let guess = Password::new(&words(99).password());
        let answer = Responder::start(parties, &identity, &guess, &hello, &mut secrets);
        answer.ok().map(|(_, share)| share)
    }
}

impl Adversary for Squatters {
    fn pass(
        &mut self,
        to: &ClientId,
        mut message: ServerMessage,
        _: &mut ChaCha12Rng,
    ) -> Vec<(ClientId, ServerMessage)> {
        if let ServerMessage::InitSuccess { peers, .. } = &mut message {
            peers.extend(self.ids());
        }
        vec![(to.clone(), message)]
    }

    fn overhear(
        &mut self,
        from: &ClientId,
        message: &ClientMessage,
        _: &mut ChaCha12Rng,
    ) -> Vec<(ClientId, ServerMessage)> {
        let ClientMessage::Forward(forward) = message else {
            return Vec::new();
        };
        let Some(squatter) = self.ids().find(|id| *id == forward.to) else {
            return Vec::new();
        };
        let answer = self.answer(&squatter, from, forward).map(|answer| {
            let answer = Forward {
                kind: ForwardKind::Key,
                from: squatter,
                to: from.clone(),
                payload: answer.encode(),
            };
            (from.clone(), ServerMessage::Forward(answer))
        });
        answer.into_iter().collect()
    }
}
