//! Whatever happens to members and to what they send, everyone ends with the exact file or knows
//! what is missing.
//!
//! `SNUG_SEEDS=5000 cargo nextest run -p snug-session --all-features -E 'binary(endurance)'` tries
//! more storms than usual.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{env, time::Duration};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;
use snug_protocol::{TransferId, limits::PIECE_BYTES};
use snug_session::{Command, Event, Selection, sim::Network};

/// A room in which one sends, and what befell it.
struct Storm {
    seed: u64,
    net: Network,
    rng: ChaCha12Rng,
    bytes: Vec<u8>,
    pieces: u32,
    transfer: TransferId,
    sender: usize,
    receivers: Vec<usize>,
    /// Members that gave something else than the file.
    liars: usize,
}

/// Seeds in one test: enough to meet every kind of misfortune, few enough for every day.
const SEEDS: u64 = 60;

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
    let seeds = env::var("SNUG_SEEDS").map_or(SEEDS, |seeds| seeds.parse().unwrap());
    for seed in 0..seeds {
        let mut storm = Storm::new(seed * 4 + part, receivers);
        storm.rage();
        storm.settle();
        storm.check();
    }
}

impl Storm {
    fn new(seed: u64, receivers: usize) -> Self {
        let mut rng = ChaCha12Rng::seed_from_u64(seed ^ 0xf11e);
        let mut net = Network::new(seed);
        net.set_uplink([500_000, 2_500_000, 20_000_000][rng.random_range(0..3)]);
        net.set_duplication([0.0, 0.1][rng.random_range(0..2)]);
        let members = net.full_room(receivers + 1);
        let len = rng.random_range(0..8 * PIECE_BYTES);
        let mut bytes = vec![0; len];
        rng.fill(&mut bytes[..]);
        let transfer = net.offer(members[0], "video.mp4", bytes.clone());
        let mut storm = Self {
            seed,
            net,
            rng,
            pieces: u32::try_from(len.div_ceil(PIECE_BYTES)).unwrap(),
            bytes,
            transfer,
            sender: members[0],
            receivers: members[1..].to_vec(),
            liars: 0,
        };
        storm.net.run_for(Duration::from_secs(1));
        for receiver in storm.receivers.clone() {
            storm.accept(receiver);
        }
        storm
    }

    /// A few misfortunes, with some time between them.
    fn rage(&mut self) {
        for _ in 0..self.rng.random_range(0..6) {
            let wait = self.rng.random_range(0..4000);
            self.net.run_for(Duration::from_millis(wait));
            self.misfortune();
        }
    }

    fn misfortune(&mut self) {
        let any = self.rng.random_range(0..self.receivers.len());
        let receiver = self.receivers[any];
        match self.rng.random_range(0..9) {
            0 => self.net.cut(self.sender, receiver),
            1 => {
                let other = self.receivers[self.rng.random_range(0..self.receivers.len())];
                if other != receiver {
                    self.net.cut(receiver, other);
                }
            }
            2 => self.net.heal_all(),
            3 => self.net.change_address(receiver),
            4 => {
                self.net.kill(receiver);
                self.receivers[any] = self.come_back(receiver);
            }
            5 => {
                self.net.command(receiver, Command::Leave);
                self.receivers[any] = self.come_back(receiver);
            }
            6 => self.restart_sender(),
            7 => self.net.kill(self.sender),
            _ => {
                if self.liars == 0 {
                    self.liars = 1;
                    self.net.node_mut(receiver).store_mut().lie();
                }
            }
        }
    }

    fn restart_sender(&mut self) {
        self.net.kill(self.sender);
        self.sender = self.net.join();
        self.net.offer(self.sender, "video.mp4", self.bytes.clone());
    }

    fn come_back(&mut self, receiver: usize) -> usize {
        let again = self.net.come_back(receiver);
        self.net.run_for(Duration::from_secs(2));
        self.accept(again);
        again
    }

    /// Takes it if it is on offer; a second time means nothing.
    fn accept(&mut self, receiver: usize) {
        let transfer = self.transfer;
        let offered =
            |event: &Event| matches!(event, Event::Offered { transfer: t, .. } if *t == transfer);
        if self.net.node(receiver).saw(offered) {
            let selection = Selection::All;
            self.net.command(
                receiver,
                Command::Accept {
                    transfer,
                    selection,
                },
            );
        }
    }

    /// The weather clears, and there is time for everything.
    fn settle(&mut self) {
        self.net.heal_all();
        for _ in 0..12 {
            self.net.run_for(Duration::from_secs(5));
            for receiver in self.receivers.clone() {
                self.accept(receiver);
            }
        }
        let receivers = self.receivers.clone();
        let transfer = self.transfer;
        self.net.run_until(Duration::from_mins(10), |net| {
            receivers
                .iter()
                .all(|receiver| fate(net, *receiver, transfer) == Fate::Whole)
        });
    }

    /// What a receiver's machine thinks of it all, shortened.
    fn state(&self, receiver: usize) -> String {
        let state = format!("{:?}", self.net.node(receiver).session());
        let from = state.find("transfers: Transfers").unwrap_or_default();
        state[from..].chars().take(6000).collect()
    }

    fn check(&self) {
        for receiver in &self.receivers {
            let node = self.net.node(*receiver);
            let fate = fate(&self.net, *receiver, self.transfer);
            match fate {
                Fate::Whole => assert_eq!(
                    node.store().received(self.transfer),
                    Some(&*self.bytes),
                    "seed {}: not the file",
                    self.seed
                ),
                Fate::Told | Fate::NeverOffered => {}
                Fate::Limbo => panic!(
                    "seed {}: {receiver} of {:?} from {} knows nothing: {:?}",
                    self.seed,
                    self.receivers,
                    self.sender,
                    self.state(*receiver)
                ),
            }
            let most = (0..self.pieces).map(|piece| node.store().fetches(self.transfer, piece));
            assert!(
                most.max() <= Some(2),
                "seed {}: fetched again and again",
                self.seed
            );
        }
        // A room that is full of those who were killed lets nobody in for a while.
        let sender = self.net.node(self.sender);
        let is_there = sender.is_alive() && sender.ending().is_none();
        let whole = |receiver: &&usize| fate(&self.net, **receiver, self.transfer) == Fate::Whole;
        if is_there {
            let without = self.receivers.iter().find(|receiver| !whole(receiver));
            if let Some(receiver) = without {
                let state = self.state(*receiver);
                panic!(
                    "seed {}: the sender is there, and {receiver} without it: {state}",
                    self.seed
                );
            }
        }
    }
}

/// What became of a transfer at a receiver.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Whole,
    /// It failed, or nobody has what is missing, and a person knows.
    Told,
    NeverOffered,
    Limbo,
}

fn fate(net: &Network, receiver: usize, transfer: TransferId) -> Fate {
    let mut events = net.node(receiver).events().iter().rev();
    let last = events.find_map(|event| match event {
        Event::Received { transfer: t, .. } if *t == transfer => Some(Fate::Whole),
        Event::TransferFailed { transfer: t, .. }
        | Event::OfferWithdrawn { transfer: t, .. }
        | Event::Stranded { transfer: t, .. }
            if *t == transfer =>
        {
            Some(Fate::Told)
        }
        Event::Progress(progress) if progress.transfer == transfer => Some(Fate::Limbo),
        Event::Offered { transfer: t, .. } if *t == transfer => Some(Fate::Limbo),
        _ => None,
    });
    last.unwrap_or(Fate::NeverOffered)
}
