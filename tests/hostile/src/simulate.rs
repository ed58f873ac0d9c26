//! One attack on one simulated room, from the first member to the end of the attack and beyond.

mod guesses;
mod judge;
mod recording;

use std::{collections::BTreeMap, time::Duration};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use snug_protocol::{ClientId, Secret, TransferId};
use snug_session::{Command, Event, Selection, sim::Network};

use self::{guesses::Guesses, judge::Judge};
pub use self::{judge::Outcome, recording::recorded_elsewhere};
use crate::{Attack, Knowledge};

/// How long an attack lasts once everybody has come.
const ATTACK: Duration = Duration::from_secs(90);

/// How long members may take, once nothing changes any more, to say why they do not meet: three
/// tries to connect, or five handshakes that nobody answers.
const PATIENCE: Duration = Duration::from_mins(3);

/// How long they may take to find each other once the server is honest.
const RECOVERY: Duration = Duration::from_mins(3);

/// Runs an attack on the room that a seed decides.
pub fn run(attack: Attack, seed: u64, knowledge: Knowledge) -> Outcome {
    let mut room = Room::new(attack, seed, knowledge);
    room.gather();
    room.endure();
    let mut outcome = room.judge().outcome();
    if attack.separates() && !room.late && outcome.verified > 0 {
        let met = format!("{} verified links", outcome.verified);
        outcome.met_anyway.push(met);
    }
    if attack.guesses() {
        outcome.overspent = room.guesses.overspent();
    }
    room.relent();
    outcome.stranded = room.judge().stranded();
    outcome
}

/// The words of the room that a seed decides.
pub fn words_of(seed: u64) -> Secret {
    Network::new(seed).secret().clone()
}

/// A room under attack, and what is known about it from outside.
struct Room {
    net: Network,
    rng: ChaCha12Rng,
    attack: Attack,
    knowledge: Option<Knowledge>,
    members: usize,
    /// Whether the members have met when the attack begins.
    late: bool,
    /// What members said, and who.
    said: Vec<(ClientId, String)>,
    /// What members offered.
    offered: BTreeMap<TransferId, Vec<u8>>,
    accepted: Vec<(usize, TransferId)>,
    guesses: Guesses,
    /// How many events each member had told when the attack began, and when things calmed down.
    struck: Vec<usize>,
    calm: Vec<usize>,
}

impl Room {
    fn new(attack: Attack, seed: u64, knowledge: Knowledge) -> Self {
        let mut rng = ChaCha12Rng::seed_from_u64(seed ^ 0xbad);
        let mut net = Network::new(seed);
        net.set_loss([0.0, 0.0, 0.02][rng.random_range(0..3)]);
        // Mostly a few, sometimes as many as fit but one.
        let members = match rng.random_range(0..20) {
            0 => 7,
            _ => rng.random_range(2..=4),
        };
        if attack.is_about_relay() {
            let pairs = (0..members).flat_map(|a| (0..a).map(move |b| (a, b)));
            pairs.for_each(|(a, b)| net.cut(a, b));
        }
        Self {
            net,
            attack,
            knowledge: Some(knowledge),
            members,
            late: rng.random(),
            rng,
            said: Vec::new(),
            offered: BTreeMap::new(),
            accepted: Vec::new(),
            guesses: Guesses::default(),
            struck: Vec::new(),
            calm: Vec::new(),
        }
    }

    /// Members come, and the attack begins before or after.
    fn gather(&mut self) {
        if !self.late {
            self.strike();
        }
        for _ in 0..self.members {
            self.net.join();
            let pause = self.rng.random_range(0..3_000);
            self.net.run_for(Duration::from_millis(pause));
        }
        if self.late {
            let linked = self
                .net
                .run_until(Duration::from_secs(30), Network::is_fully_linked);
            assert!(linked, "the mesh did not form before the attack");
            self.strike();
            self.net.join();
            self.members += 1;
        }
        self.offer();
    }

    fn strike(&mut self) {
        if self.attack == Attack::Intercept {
            self.net.intercept_links();
        }
        let knowledge = self.knowledge.take().unwrap_or_default();
        let adversary = self.guesses.counted(self.attack, knowledge);
        self.net.set_adversary(adversary);
        self.struck = self.told();
    }

    /// How many events each member has told.
    fn told(&self) -> Vec<usize> {
        let members = 0..self.net.members();
        members
            .map(|node| self.net.node(node).events().len())
            .collect()
    }

    /// Everybody talks and sends files, while things break that make the server matter.
    fn endure(&mut self) {
        let end = self.net.now() + ATTACK;
        while self.net.now() < end {
            self.say();
            if self.late && self.rng.random_range(0..6) == 0 {
                self.stir();
            }
            let pause = self.rng.random_range(500..8_000);
            self.net.run_for(Duration::from_millis(pause));
            self.accept();
        }
        if !self.attack.is_about_relay() {
            self.net.heal_all();
        }
        self.calm = self.told();
        self.net.run_for(PATIENCE);
    }

    /// The server is honest from now on.
    fn relent(&mut self) {
        self.net.unset_adversary();
        self.net.release_links();
        self.net.heal_all();
        if self.attack.hides_members() {
            self.net.restart_server(Duration::from_secs(1));
        }
        for _ in 0..RECOVERY.as_secs() / 10 {
            self.net.run_for(Duration::from_secs(10));
            if self.judge().stranded().is_empty() {
                break;
            }
        }
    }

    fn stir(&mut self) {
        let node = self.rng.random_range(0..self.members);
        let other = self.rng.random_range(0..self.members);
        match self.rng.random_range(0..4) {
            0 => self.net.restart_server(Duration::from_secs(2)),
            1 => self.net.change_address(node),
            _ if node != other && !self.attack.is_about_relay() => {
                self.net.cut(node, other);
                self.net.run_for(Duration::from_secs(25));
                self.net.heal(node, other);
            }
            _ => {}
        }
    }

    fn say(&mut self) {
        let node = self.rng.random_range(0..self.members);
        if self.net.node(node).ending().is_some() || self.net.room().is_none() {
            return;
        }
        let text = format!("{node} says {}", self.said.len());
        let id = self.net.say(node, &text);
        self.said.push((id.author, text));
    }

    fn offer(&mut self) {
        for node in 0..self.members {
            if self.net.node(node).ending().is_none() {
                let bytes = vec![u8::try_from(node).unwrap_or_default(); 40_000];
                let transfer = self.net.offer(node, &format!("{node}.txt"), bytes.clone());
                self.offered.insert(transfer, bytes);
            }
        }
    }

    /// Everybody takes what they are offered.
    fn accept(&mut self) {
        for node in 0..self.members {
            let offers = self.net.node(node).events().iter();
            let offers = offers.filter_map(|event| match event {
                Event::Offered { transfer, .. } => Some((node, *transfer)),
                _ => None,
            });
            let new: Vec<_> = offers.filter(|it| !self.accepted.contains(it)).collect();
            for (node, transfer) in new {
                self.accepted.push((node, transfer));
                self.net.command(
                    node,
                    Command::Accept {
                        transfer,
                        selection: Selection::All,
                    },
                );
            }
        }
    }

    fn judge(&self) -> Judge<'_> {
        Judge {
            net: &self.net,
            said: &self.said,
            offered: &self.offered,
            struck: &self.struck,
            calm: &self.calm,
            intercepted: self.attack == Attack::Intercept,
        }
    }
}
