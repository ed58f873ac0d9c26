//! Who the two are: the roles by their ids, and by who spoke first.

use snug_protocol::{ClientId, IdentityKey, RoomId};

use super::encoding::lv_cat;

/// A pair of peers as one of them sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parties {
    /// The room where they meet.
    pub room: RoomId,
    /// This peer.
    pub me: ClientId,
    /// The other one.
    pub peer: ClientId,
}

/// Which of the two, by the order of their ids: what keys and tags go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The one with the lower client id.
    A,
    /// The other one.
    B,
}

/// Who speaks first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    Initiator,
    Responder,
}

/// Something that each of the two has, as this peer sees it.
#[derive(Clone, Copy)]
pub(super) struct Pair<T> {
    pub(super) me: T,
    pub(super) peer: T,
}

impl Parties {
    /// This peer's role.
    pub(super) fn role(&self) -> Role {
        if self.me < self.peer {
            Role::A
        } else {
            Role::B
        }
    }

    /// Whether the two are one: nobody shakes hands with itself.
    pub(super) fn are_one(&self) -> bool {
        self.me == self.peer
    }

    pub(super) fn ids(&self) -> Pair<&ClientId> {
        Pair {
            me: &self.me,
            peer: &self.peer,
        }
    }

    /// The channel identifier of `CPace`: everything that both sides know of the run before they
    /// share a key, with the roles (draft-irtf-cfrg-cpace-21 §10.1.1).
    pub(super) fn channel(&self, course: Course, identities: &Pair<IdentityKey>) -> Vec<u8> {
        let role = self.role();
        let [id_a, id_b] = self.ids().ordered(role);
        let [identity_a, identity_b] = identities.ordered(role);
        let [course_a, _] = course.pair().ordered(role);
        lv_cat(&[
            b"snug v1",
            self.room.as_str().as_bytes(),
            id_a.as_str().as_bytes(),
            id_b.as_str().as_bytes(),
            identity_a.as_bytes(),
            identity_b.as_bytes(),
            course_a.as_str().as_bytes(),
        ])
    }
}

impl Role {
    pub(super) const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
        }
    }
}

impl Course {
    /// This peer's course and the other one's.
    const fn pair(self) -> Pair<Self> {
        let peer = match self {
            Self::Initiator => Self::Responder,
            Self::Responder => Self::Initiator,
        };
        Pair { me: self, peer }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Initiator => "initiator",
            Self::Responder => "responder",
        }
    }
}

impl<T: Copy> Pair<T> {
    /// What A has and what B has, given this peer's role.
    pub(super) fn ordered(&self, me: Role) -> [T; 2] {
        match me {
            Role::A => [self.me, self.peer],
            Role::B => [self.peer, self.me],
        }
    }
}
