//! Radios that hear each other, without a network.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use snug_peer::nearby::Radio;
use tokio::task::JoinSet;

/// What carries between radios, each under the name of its number.
#[derive(Default)]
pub(crate) struct Ether {
    radios: Arc<Mutex<Vec<Radio>>>,
    /// Pairs that do not hear each other, the smaller number first.
    apart: Arc<Mutex<BTreeSet<(usize, usize)>>>,
    carriers: JoinSet<()>,
}

impl Ether {
    /// Adds a radio, which everyone finds.
    pub(crate) fn add(&mut self, radio: &Radio) -> usize {
        let number = self.radios.lock().unwrap().len();
        self.radios.lock().unwrap().push(radio.clone());
        for other in 0..number {
            self.meet(other, number);
        }
        self.carry(number);
        number
    }

    /// Brings two together.
    pub(crate) fn meet(&self, one: usize, other: usize) {
        self.apart.lock().unwrap().remove(&pair(one, other));
        self.radio(one).found(&name(other));
        self.radio(other).found(&name(one));
    }

    /// Takes two out of each other's reach.
    pub(crate) fn part(&self, one: usize, other: usize) {
        self.apart.lock().unwrap().insert(pair(one, other));
        self.radio(one).lost(&name(other));
        self.radio(other).lost(&name(one));
    }

    /// Sends something to a radio in the name of another.
    pub(crate) fn forge(&self, from: usize, to: usize, bytes: impl Into<Bytes>) {
        self.radio(to).received(&name(from), bytes.into());
    }

    fn radio(&self, number: usize) -> Radio {
        self.radios.lock().unwrap()[number].clone()
    }

    fn carry(&mut self, from: usize) {
        let radio = self.radio(from);
        let (radios, apart) = (self.radios.clone(), self.apart.clone());
        self.carriers.spawn(async move {
            while let Some((phone, bytes)) = radio.next().await {
                let to: usize = phone.parse().unwrap();
                if !apart.lock().unwrap().contains(&pair(from, to)) {
                    radios.lock().unwrap()[to].received(&name(from), bytes);
                }
            }
        });
    }
}

pub(crate) fn name(number: usize) -> String {
    number.to_string()
}

fn pair(one: usize, other: usize) -> (usize, usize) {
    (one.min(other), one.max(other))
}
