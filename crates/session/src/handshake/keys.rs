//! What a handshake ends in: keys for one peer.

use std::fmt;

use snug_protocol::{ForwardKind, IdentityKey, Sealed};

use super::{
    Check, OpenError, Parties, SealError,
    binding::{self, Claim},
    schedule::{Key, Purpose, Schedule},
    seal::{Address, OpeningKey, SealingKey},
};
use crate::Fingerprints;

/// The keys that this peer shares with another.
///
/// A side has them once the other has proved to know the words (or that there are none) and to
/// hold the private key of its identity. They are erased when dropped, and print as nothing.
pub struct Keys {
    parties: Parties,
    agreed: Agreed,
    seal: Way,
    relay: Way,
    binding: Key,
}

/// What both sides agreed on besides keys.
pub(super) struct Agreed {
    pub(super) peer: IdentityKey,
    pub(super) words: bool,
    pub(super) check: Check,
}

/// Both directions of what is sealed for one purpose.
struct Way {
    out: SealingKey,
    into: OpeningKey,
}

impl Keys {
    pub(super) fn new(parties: Parties, agreed: Agreed, schedule: &Schedule) -> Self {
        let me = parties.role();
        let way = |purpose: fn(_) -> Purpose| Way {
            out: SealingKey::new(&schedule.key(purpose(me))),
            into: OpeningKey::new(&schedule.key(purpose(me.other()))),
        };
        Self {
            seal: way(Purpose::Seal),
            relay: way(Purpose::Relay),
            binding: schedule.key(Purpose::Binding),
            parties,
            agreed,
        }
    }

    /// Seals what the server passes on to the peer.
    ///
    /// # Errors
    /// [`SealError`]; nothing has changed.
    pub fn seal(&mut self, kind: ForwardKind, plaintext: &[u8]) -> Result<Sealed, SealError> {
        let address = Address {
            room: self.parties.room,
            from: &self.parties.me,
            to: &self.parties.peer,
            kind,
        };
        let way = match kind {
            ForwardKind::Offer | ForwardKind::Answer | ForwardKind::IceCandidate => &mut self.seal,
            ForwardKind::Relay => &mut self.relay,
            ForwardKind::Key => return Err(SealError::NotSealed),
        };
        way.out.seal(&address, plaintext)
    }

    /// Opens what the server passed on from the peer.
    ///
    /// # Errors
    /// [`OpenError`]; nothing has changed.
    pub fn open(&mut self, kind: ForwardKind, sealed: &Sealed) -> Result<Vec<u8>, OpenError> {
        let address = Address {
            room: self.parties.room,
            from: &self.parties.peer,
            to: &self.parties.me,
            kind,
        };
        let way = match kind {
            ForwardKind::Offer | ForwardKind::Answer | ForwardKind::IceCandidate => &mut self.seal,
            ForwardKind::Relay => &mut self.relay,
            ForwardKind::Key => return Err(OpenError::NotSealed),
        };
        way.into.open(&address, sealed)
    }

    /// Who the peer is in this room.
    pub fn peer(&self) -> IdentityKey {
        self.agreed.peer
    }

    /// Whether the peer has proved to know the words; `false` in an open room.
    pub fn has_words(&self) -> bool {
        self.agreed.words
    }

    /// What two people compare to be sure that nobody is between them, words or not.
    pub fn check(&self) -> Check {
        self.agreed.check
    }

    /// What shows the peer that the connection of this attempt ends here.
    pub fn bind(&self, attempt: u32, fingerprints: &Fingerprints) -> [u8; 32] {
        let claim = Claim {
            sender: self.parties.role(),
            attempt,
            senders: &fingerprints.local,
            others: &fingerprints.remote,
        };
        binding::bind(&self.binding, &claim)
    }

    /// Whether the peer showed that the connection of this attempt ends at it.
    pub fn is_bound(&self, attempt: u32, fingerprints: &Fingerprints, mac: &[u8; 32]) -> bool {
        let claim = Claim {
            sender: self.parties.role().other(),
            attempt,
            senders: &fingerprints.remote,
            others: &fingerprints.local,
        };
        binding::is_bound(&self.binding, &claim, mac)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}
