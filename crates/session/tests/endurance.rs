//! Whatever happens to members and to what they send, everyone ends with the exact file or knows
//! what is missing, and no piece is fetched more than twice.
//!
//! A storm is a room in which one member offers a file, or several, and others take all of it or
//! some. Ways are cut, addresses change, members pause, leave, are killed, come back and come late,
//! some pass nothing on and some give something else than the file; bulk frames are dropped,
//! doubled and changed, everywhere or between two members, for a while. Then the weather clears. In
//! the end, for every receiver:
//!
//! 1. What it wanted is there and byte-exact, or it was told that the transfer failed or that nobody
//!    has the rest, and of how many bytes. If whoever offers it is there and has given this receiver
//!    nothing but the file, it is there.
//! 2. A piece that was found good is never fetched again, not even after the receiver was killed.
//! 3. No piece comes whole and sound to a receiver more than twice, over all its lives: the second
//!    time when another source was asked because the first one stood still.
//! 4. No piece is spoiled more often than once by each source that spoils, as the first time bans
//!    the source for as long as the receiver is at it.
//!
//! Of a piece that a receiver wants in part only nothing is left when it is killed: for such pieces
//! 2 and 3 hold for each of its lives.
//!
//! `SNUG_SEEDS=5000 cargo nextest run -p snug-session --all-features -E 'binary(endurance)'` tries
//! more storms than usual, and `SNUG_SEED=17` one of them.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "endurance/files.rs"]
mod files;

use std::{env, panic, time::Duration};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use snug_protocol::TransferId;
use snug_session::{Command, Event, Selection, sim::Network};

use self::files::Files;

/// A room in which one sends, and what befell it.
struct Storm {
    net: Network,
    rng: ChaCha12Rng,
    files: Files,
    transfer: TransferId,
    sender: usize,
    receivers: Vec<Receiver>,
}

/// Somebody who wants it.
struct Receiver {
    /// The members that this one has been, one after the other, and how often each accepted.
    lives: Vec<(usize, usize)>,
    selection: Selection,
    /// Events of the present life that were looked at.
    heard: usize,
}

/// Storms in one test: enough to meet every kind of misfortune in every company, few enough for
/// every day.
const SEEDS: u64 = 260;

#[test]
fn two_members() {
    storms(0, 1);
}

#[test]
fn three_members() {
    storms(1, 2);
}

#[test]
fn four_members() {
    storms(2, 3);
}

#[test]
fn five_members() {
    storms(3, 4);
}

fn storms(part: u64, receivers: usize) {
    let number = |name| env::var(name).ok().map(|number| number.parse().unwrap());
    let seeds: Vec<u64> = match number("SNUG_SEED") {
        Some(seed) => vec![seed],
        None => (0..number("SNUG_SEEDS").unwrap_or(SEEDS))
            .map(|seed| seed * 4 + part)
            .collect(),
    };
    let rages = |seed: &u64| panic::catch_unwind(|| Storm::pass(*seed, receivers)).is_err();
    let lost: Vec<u64> = seeds
        .into_iter()
        .filter(|seed| *seed % 4 == part && rages(seed))
        .collect();
    assert!(lost.is_empty(), "lost in the storms of {lost:?}");
}

impl Storm {
    fn pass(seed: u64, receivers: usize) {
        let mut storm = Self::new(seed, receivers);
        storm.rage();
        storm.settle();
        storm.check();
    }

    fn new(seed: u64, receivers: usize) -> Self {
        let mut rng = ChaCha12Rng::seed_from_u64(seed ^ 0xf11e);
        let mut net = Network::new(seed);
        net.set_uplink([500_000, 2_500_000, 20_000_000][rng.random_range(0..3)]);
        let sender = net.join();
        let files = Files::random(&mut rng);
        let transfer = files.offer(&mut net, sender);
        let mut storm = Self {
            net,
            rng,
            files,
            transfer,
            sender,
            receivers: Vec::new(),
        };
        for _ in 0..receivers {
            storm.come();
        }
        storm.run(Duration::from_secs(2));
        storm
    }

    /// Somebody comes who will take it, or a part of it.
    fn come(&mut self) {
        self.net.set_shares(self.rng.random_bool(0.85));
        let node = self.net.join();
        let selection = self.files.selection(&mut self.rng);
        self.receivers.push(Receiver {
            lives: vec![(node, 0)],
            selection,
            heard: 0,
        });
    }

    /// A few misfortunes, with some time between them.
    fn rage(&mut self) {
        for _ in 0..self.rng.random_range(0..8) {
            let wait = self.rng.random_range(0..4000);
            self.run(Duration::from_millis(wait));
            self.misfortune();
        }
    }

    fn misfortune(&mut self) {
        let any = self.rng.random_range(0..self.receivers.len());
        let receiver = self.receivers[any].node();
        let other = self.receivers[self.rng.random_range(0..self.receivers.len())].node();
        let transfer = self.transfer;
        match self.rng.random_range(0..22) {
            0 => self.net.cut(self.sender, receiver),
            1 if other != receiver => self.net.cut(receiver, other),
            1 | 2 => self.net.heal_all(),
            3 => self.net.change_address(receiver),
            4 => {
                self.net.kill(receiver);
                self.come_back(any);
            }
            5 => {
                self.net.command(receiver, Command::Leave);
                self.come_back(any);
            }
            6 => self.net.kill(receiver),
            7 => self.restart_sender(),
            8 => self.net.kill(self.sender),
            9 => self.net.command(self.sender, Command::Leave),
            10 | 11 => self.net.node_mut(receiver).store_mut().lie(),
            12 if self.rng.random_bool(0.3) => self.net.node_mut(self.sender).store_mut().lie(),
            12 | 13 => self.net.set_corruption_between(self.sender, receiver, 0.02),
            14 if other != receiver => self.net.set_corruption_between(receiver, other, 0.05),
            14 | 15 => self
                .net
                .set_corruption([0.0005, 0.005][self.rng.random_range(0..2)]),
            16 => self
                .net
                .set_bulk_loss([0.001, 0.02, 0.5][self.rng.random_range(0..3)]),
            17 => self.net.set_duplication(0.1),
            18 => self.net.spare_bulk(),
            19 => self.net.command(receiver, Command::Pause { transfer }),
            20 => self.net.command(receiver, Command::Resume { transfer }),
            _ if self.receivers.len() < 5 && self.rng.random() => self.come(),
            _ => {
                let bytes = self.files.random_bytes(&mut self.rng);
                let command = Command::Prioritize { transfer, bytes };
                self.net.command(receiver, command);
            }
        }
    }

    fn restart_sender(&mut self) {
        self.net.kill(self.sender);
        self.net.set_shares(true);
        self.sender = self.net.join();
        self.files.offer(&mut self.net, self.sender);
    }

    fn come_back(&mut self, receiver: usize) {
        self.net.set_shares(self.rng.random_bool(0.85));
        let again = self.net.come_back(self.receivers[receiver].node());
        let receiver = &mut self.receivers[receiver];
        receiver.lives.push((again, 0));
        receiver.heard = 0;
        self.run(Duration::from_secs(2));
    }

    /// Lets time pass. Everyone takes what they see on offer.
    fn run(&mut self, time: Duration) {
        self.net.run_for(time);
        let transfer = self.transfer;
        for receiver in &mut self.receivers {
            let node = receiver.node();
            let events = self.net.node(node).events();
            let new = &events[receiver.heard.min(events.len())..];
            let offered = new.iter().any(|event| is_offer(event, transfer));
            receiver.heard = events.len();
            let here = self.net.node(node).store().received(transfer).is_some();
            if offered && !here {
                receiver.lives.last_mut().unwrap().1 += 1;
                let selection = receiver.selection.clone();
                let accept = Command::Accept {
                    transfer,
                    selection,
                };
                self.net.command(node, accept);
            }
        }
    }

    /// The weather clears, and there is time for everything.
    fn settle(&mut self) {
        self.net.heal_all();
        self.net.spare_bulk();
        let transfer = self.transfer;
        for receiver in &self.receivers {
            let resume = Command::Resume { transfer };
            self.net.command(receiver.node(), resume);
        }
        for _ in 0..48 {
            self.run(Duration::from_secs(5));
            if self
                .receivers
                .iter()
                .all(|receiver| self.is_content(receiver))
            {
                return;
            }
        }
    }

    /// Whether a receiver has nothing to wait for.
    fn is_content(&self, receiver: &Receiver) -> bool {
        let gone = !self.is_there(receiver.node());
        gone || self.fate(receiver) == Fate::Whole
    }

    fn check(&self) {
        for receiver in &self.receivers {
            if self.is_there(receiver.node()) {
                self.check_end(receiver);
            }
            self.check_fetches(receiver);
        }
    }

    fn check_end(&self, receiver: &Receiver) {
        let node = receiver.node();
        let store = self.net.node(node).store();
        let fate = self.fate(receiver);
        let state = || self.state(node);
        match fate {
            Fate::Whole => {
                let wanted = self.files.wanted(&receiver.selection);
                let exact = store.received(self.transfer) == Some(&*wanted);
                assert!(exact, "{node} has something else");
            }
            Fate::Failed | Fate::NeverOffered => {}
            Fate::Stranded { missing } => {
                let here = store.pieces(self.transfer);
                let wanted = self.files.pieces(&receiver.selection);
                let lacks = wanted
                    .difference(&here)
                    .map(|piece| self.files.piece_len(*piece));
                assert_eq!(
                    lacks.sum::<u64>(),
                    missing,
                    "{node} was told otherwise: {}",
                    state()
                );
            }
            Fate::Limbo => panic!("{node} knows nothing: {}", state()),
        }
        let from_there = !self.spoils(self.sender, node);
        if self.is_there(self.sender) && from_there {
            assert_eq!(
                fate,
                Fate::Whole,
                "{} is there, and {node} without it: {}",
                self.sender,
                state()
            );
        }
    }

    fn check_fetches(&self, receiver: &Receiver) {
        let store = self.net.node(receiver.node()).store();
        let partly = self.files.partly(&receiver.selection);
        let lives: Vec<usize> = receiver.lives.iter().map(|(node, _)| *node).collect();
        let spoilt_at_most = receiver.lives.iter().map(|(node, accepted)| {
            let sources = 0..self.net.members();
            accepted * sources.filter(|source| self.spoils(*source, *node)).count()
        });
        let spoilt_at_most: usize = spoilt_at_most.sum();
        for piece in self.files.pieces(&Selection::All) {
            let stored = store.stored(self.transfer, piece);
            let fetched = lives.iter().map(|life| {
                let store = self.net.node(*life).store();
                store.fetches(self.transfer, piece)
            });
            let spoilt = fetched.sum::<usize>() - stored;
            assert!(
                spoilt <= spoilt_at_most,
                "piece {piece} of {lives:?} was spoilt {spoilt} times"
            );
            let times = if partly.contains(&piece) {
                lives.len()
            } else {
                1
            };
            assert!(
                stored <= times,
                "piece {piece} of {lives:?} was fetched again"
            );
            let sound = self.net.arrivals(&lives, self.transfer, piece);
            assert!(
                sound <= 2 * times,
                "piece {piece} came {sound} times to {lives:?}"
            );
        }
    }

    /// Whether a member gave, or may have given, another one something else than the file.
    fn spoils(&self, from: usize, to: usize) -> bool {
        self.net.node(from).store().lies() || self.net.was_corrupted(from, to)
    }

    /// Whether a member lives and is in the room: one that is full of those who were killed lets
    /// nobody in for a while.
    fn is_there(&self, node: usize) -> bool {
        let node = self.net.node(node);
        node.is_alive() && node.ending().is_none()
    }

    fn fate(&self, receiver: &Receiver) -> Fate {
        let transfer = self.transfer;
        let node = self.net.node(receiver.node());
        if node.store().received(transfer).is_some() {
            return Fate::Whole;
        }
        let mut events = node.events().iter().rev();
        let last = events.find_map(|event| match event {
            Event::TransferFailed { transfer: t, .. }
            | Event::OfferWithdrawn { transfer: t, .. }
                if *t == transfer =>
            {
                Some(Fate::Failed)
            }
            Event::Stranded {
                transfer: t,
                missing,
            } if *t == transfer => {
                let missing = *missing;
                Some(Fate::Stranded { missing })
            }
            Event::Progress(progress) if progress.transfer == transfer => Some(Fate::Limbo),
            event if is_offer(event, transfer) => Some(Fate::Limbo),
            _ => None,
        });
        last.unwrap_or(Fate::NeverOffered)
    }

    /// What a member's machine thinks of it all, shortened.
    fn state(&self, node: usize) -> String {
        let state = format!("{:?}", self.net.node(node).session());
        let from = state.find("transfers: Transfers").unwrap_or_default();
        state[from..].chars().take(20_000).collect()
    }
}

/// What became of a transfer at a receiver.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Whole,
    /// It failed, and a person knows.
    Failed,
    /// Nobody has what is missing, and a person knows.
    Stranded {
        missing: u64,
    },
    NeverOffered,
    Limbo,
}

fn is_offer(event: &Event, transfer: TransferId) -> bool {
    matches!(event, Event::Offered { transfer: t, .. } if *t == transfer)
}

impl Receiver {
    /// Who it is now.
    fn node(&self) -> usize {
        self.lives.last().unwrap().0
    }
}
