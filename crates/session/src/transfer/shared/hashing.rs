//! The hashes of the pieces, before the first of them is asked for.

use snug_protocol::{ClientId, ControlFrame, Hash, Range, limits::HASHES_PER_FRAME};

use super::{
    super::{Cx, member::Member},
    Shared, State,
};
use crate::{Time, limits::SOURCE_TIMEOUT};

/// What one source has given of the hashes, all of it from there: should they not fold into the
/// root, it is clear who lied.
#[derive(Debug)]
pub(in super::super) struct Fetch {
    from: ClientId,
    hashes: Vec<Hash>,
    /// Since when the next ones have been awaited.
    asked: Option<Time>,
}

impl Fetch {
    /// What was asked of a member will not come, or not for now.
    pub(super) fn take_back(&mut self, peer: &ClientId) {
        if self.from == *peer {
            self.asked = None;
        }
    }

    /// Waits no longer for who has been silent for too long.
    pub(super) fn on_silence(&mut self, now: Time) {
        self.asked.take_if(|since| now >= *since + SOURCE_TIMEOUT);
    }

    fn is_awaited_from(&self, peer: &ClientId) -> bool {
        self.from == *peer && self.asked.is_some()
    }
}

impl Shared {
    /// # Errors
    /// What the peer did wrong, in words.
    pub(in super::super) fn on_hashes(
        &mut self,
        peer: &ClientId,
        first: u32,
        came: &[Hash],
        cx: &mut Cx<'_>,
    ) -> Result<(), String> {
        let State::Hashing {
            fetch: Some(fetch), ..
        } = &mut self.state
        else {
            return Ok(());
        };
        let next = first as usize == fetch.hashes.len() && !came.is_empty();
        if !next || !fetch.is_awaited_from(peer) {
            return Ok(());
        }
        fetch.asked = None;
        let missing = self.offer.manifest.pieces() as usize - fetch.hashes.len();
        fetch.hashes.extend(came.iter().take(missing));
        if came.len() < missing {
            self.member(peer).hashes_asked = None;
            return Ok(());
        }
        let hashes = std::mem::take(&mut fetch.hashes);
        if !self.offer.manifest.matches(&hashes) {
            self.ban(peer, cx);
            return Err("piece hashes that do not fold into the file's".into());
        }
        self.transition_to_pulling(hashes.into(), cx);
        Ok(())
    }

    pub(super) fn ask_hashes(&mut self, cx: &mut Cx<'_>) {
        let Some(source) = self.hash_source(cx) else {
            return;
        };
        let State::Hashing { fetch, .. } = &mut self.state else {
            return;
        };
        let fetch = match fetch {
            Some(fetch) if fetch.from == source => fetch,
            // What another one gave may be made up.
            fetch => fetch.insert(Fetch {
                from: source.clone(),
                hashes: Vec::new(),
                asked: None,
            }),
        };
        fetch.asked = Some(cx.now);
        let missing = self.offer.manifest.pieces() as usize - fetch.hashes.len();
        let fits = "piece counts are bounded";
        let pieces = Range {
            first: u32::try_from(fetch.hashes.len()).expect(fits),
            count: u32::try_from(missing.min(HASHES_PER_FRAME)).expect(fits),
        };
        self.member(&source).hashes_asked = Some(cx.now);
        let transfer = self.transfer;
        cx.tell(&source, &ControlFrame::FetchHashes { transfer, pieces });
    }

    /// When somebody may be asked for hashes that are not awaited yet.
    pub(super) fn poll_hashes(&self) -> Option<Time> {
        let State::Hashing { fetch, .. } = &self.state else {
            return None;
        };
        let asked = fetch.as_ref().and_then(|fetch| fetch.asked);
        if let Some(since) = asked {
            return Some(since + SOURCE_TIMEOUT);
        }
        let linked = self.members.values().filter(|member| member.linked);
        let again = linked.filter(|member| has_hashes(member) && !self.paused);
        let again = again.filter_map(|member| member.hashes_asked);
        again.min().map(|asked| asked + SOURCE_TIMEOUT)
    }

    /// Of whom to ask for hashes now, if they are not awaited: who has answered so far, or was
    /// never asked, or longest ago. Who offers the file has them for certain.
    fn hash_source(&self, cx: &Cx<'_>) -> Option<ClientId> {
        let State::Hashing { fetch, .. } = &self.state else {
            return None;
        };
        let fetch = fetch.as_ref();
        if fetch.is_some_and(|fetch| fetch.asked.is_some()) {
            return None;
        }
        let begun = |peer: &ClientId| fetch.is_some_and(|fetch| fetch.from == *peer);
        let lately = |asked: Time| cx.now < asked + SOURCE_TIMEOUT;
        let linked = self.members.iter();
        let linked = linked.filter(|(peer, _)| cx.links.contains_key(*peer));
        let sources = linked.filter(|(_, member)| has_hashes(member));
        let sources = sources.filter(|(_, member)| !member.hashes_asked.is_some_and(lately));
        let best = sources
            .min_by_key(|(peer, member)| (member.hashes_asked, !begun(peer), !member.offers()));
        best.map(|(peer, _)| peer.clone())
    }
}

/// Whether a member that is at the file knows the hashes of its pieces.
fn has_hashes(member: &Member) -> bool {
    member.gives() && !member.have.is_empty()
}
