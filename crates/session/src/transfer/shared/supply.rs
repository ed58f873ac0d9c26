//! Whether what is missing can be had.

use snug_protocol::ClientId;

use super::{
    super::{Cx, member::Member, pieces::HaveMap},
    Shared, State,
};
use crate::Event;

/// Where the missing pieces are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Supply {
    /// With somebody who can be reached.
    Flowing,
    /// With members who cannot be reached for now.
    Stalled,
    /// With nobody in the room.
    Stranded,
}

impl Shared {
    /// Looks who has what is missing, and tells when that changed.
    pub(in super::super) fn check_supply(&mut self, cx: &mut Cx<'_>) {
        let Some(missing) = self.missing() else {
            return;
        };
        let before = std::mem::replace(&mut self.supply, Supply::Flowing);
        self.supply = self.supply_of(&missing, cx);
        if self.supply == before {
            return;
        }
        if self.supply != Supply::Flowing {
            self.tell_progress_now(cx);
        }
        let transfer = self.transfer;
        match self.supply {
            Supply::Flowing => {}
            Supply::Stalled => cx.out.event(Event::Stalled { transfer }),
            Supply::Stranded => {
                let missing = self.bytes_with_nobody(&missing);
                cx.out.event(Event::Stranded { transfer, missing });
            }
        }
    }

    fn supply_of(&self, missing: &HaveMap, cx: &Cx<'_>) -> Supply {
        if self.under_way() > 0 || missing.is_empty() {
            return Supply::Flowing;
        }
        let hashing = matches!(self.state, State::Hashing { .. });
        let useful =
            |member: &Member| member.have.intersects(missing) || hashing && !member.have.is_empty();
        let mut supply = Supply::Stranded;
        for (peer, _) in self.givers().filter(|(_, member)| useful(member)) {
            if cx.links.contains_key(peer) {
                return Supply::Flowing;
            }
            supply = Supply::Stalled;
        }
        supply
    }

    /// What is wanted and not here; `None` when nothing is awaited.
    fn missing(&self) -> Option<HaveMap> {
        match &self.state {
            State::Hashing { wanted, have, .. } => Some(wanted.pieces.minus(have)),
            State::Pulling(pull) => Some(pull.wanted.pieces.minus(&pull.have)),
            State::Own
            | State::Offered
            | State::Queued { .. }
            | State::Opening { .. }
            | State::Finishing { .. }
            | State::Done { .. } => None,
        }
    }

    fn bytes_with_nobody(&self, missing: &HaveMap) -> u64 {
        let mut with_nobody = missing.clone();
        for (_, member) in self.givers() {
            with_nobody = with_nobody.minus(&member.have);
        }
        let pieces = with_nobody.iter();
        pieces
            .map(|piece| self.manifest().piece_len(piece) as u64)
            .sum()
    }

    fn givers(&self) -> impl Iterator<Item = (&ClientId, &Member)> {
        self.members.iter().filter(|(_, member)| member.gives())
    }
}
