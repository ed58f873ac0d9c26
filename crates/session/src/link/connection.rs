//! One `RTCPeerConnection` and its negotiation (RFC 9429).

use bytes::Bytes;
use rand::{Rng, RngExt};
use snug_protocol::{
    ForwardKind,
    limits::CANDIDATES_PER_ATTEMPT,
    negotiation::{Candidate, Description, TrickledCandidate},
};

use super::pair::Pair;
use crate::{LinkId, LinkOutput, limits::EARLY_FRAMES, mesh::Context};

/// A try to connect, and what became of it.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) id: LinkId,
    /// The number of this try, chosen by its offerer.
    attempt: u32,
    negotiation: Negotiation,
    /// Candidates found before the description they belong to was sent.
    early_candidates: Vec<Candidate>,
    /// Frames that came before our side knew that the channels are open.
    early_frames: Vec<Bytes>,
    remote_candidates: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Negotiation {
    MakingOffer,
    OfferSent,
    MakingAnswer,
    Stable,
}

impl Connection {
    /// A try of our own.
    pub(super) fn offer<R: Rng>(plain: bool, cx: &mut Context<'_, R>) -> Self {
        let connection = Self::new(cx.open_link(), cx.rng.random(), Negotiation::MakingOffer);
        let ice_restart = false;
        let output = LinkOutput::CreateOffer { ice_restart, plain };
        cx.out.link(connection.id, output);
        connection
    }

    /// A try of the peer's.
    pub(super) fn answer<R: Rng>(offer: Description, cx: &mut Context<'_, R>) -> Self {
        let id = cx.open_link();
        let (sdp, rollback) = (offer.sdp, false);
        cx.out.link(id, LinkOutput::AcceptOffer { sdp, rollback });
        Self::new(id, offer.attempt, Negotiation::MakingAnswer)
    }

    fn new(id: LinkId, attempt: u32, negotiation: Negotiation) -> Self {
        Self {
            id,
            attempt,
            negotiation,
            early_candidates: Vec::new(),
            early_frames: Vec::new(),
            remote_candidates: 0,
        }
    }

    pub(super) const fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Whether an offer of ours is under way: another one would collide with it.
    pub(super) fn is_offering(&self) -> bool {
        matches!(
            self.negotiation,
            Negotiation::MakingOffer | Negotiation::OfferSent
        )
    }

    /// Offers an ICE restart.
    pub(super) fn restart_ice<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        self.negotiation = Negotiation::MakingOffer;
        self.remote_candidates = 0;
        let (ice_restart, plain) = (true, false);
        let output = LinkOutput::CreateOffer { ice_restart, plain };
        cx.out.link(self.id, output);
    }

    /// Answers an ICE restart of the peer's, and takes our own back if they collide.
    pub(super) fn answer_restart<R: Rng>(&mut self, offer: Description, cx: &mut Context<'_, R>) {
        let (sdp, rollback) = (offer.sdp, self.is_offering());
        self.negotiation = Negotiation::MakingAnswer;
        self.remote_candidates = 0;
        let output = LinkOutput::AcceptOffer { sdp, rollback };
        cx.out.link(self.id, output);
    }

    pub(super) fn on_answer<R: Rng>(&mut self, answer: Description, cx: &mut Context<'_, R>) {
        if self.attempt == answer.attempt && self.negotiation == Negotiation::OfferSent {
            self.negotiation = Negotiation::Stable;
            let output = LinkOutput::AcceptAnswer { sdp: answer.sdp };
            cx.out.link(self.id, output);
        }
    }

    pub(super) fn on_candidate<R: Rng>(
        &mut self,
        trickled: TrickledCandidate,
        cx: &mut Context<'_, R>,
    ) {
        if self.attempt == trickled.attempt && self.remote_candidates < CANDIDATES_PER_ATTEMPT {
            self.remote_candidates += 1;
            let output = LinkOutput::AddCandidate(trickled.candidate);
            cx.out.link(self.id, output);
        }
    }

    /// Our offer or answer is ready for the peer, unless a collision has overtaken it.
    pub(super) fn on_described<R: Rng>(
        &mut self,
        pair: &mut Pair<'_>,
        kind: ForwardKind,
        sdp: String,
        cx: &mut Context<'_, R>,
    ) {
        self.negotiation = match (kind, self.negotiation) {
            (ForwardKind::Offer, Negotiation::MakingOffer) => Negotiation::OfferSent,
            (ForwardKind::Answer, Negotiation::MakingAnswer) => Negotiation::Stable,
            _ => return,
        };
        let attempt = self.attempt;
        pair.send(kind, &Description { attempt, sdp }, cx);
        for candidate in self.early_candidates.drain(..) {
            pair.send_candidate(attempt, candidate, cx);
        }
    }

    pub(super) fn on_local_candidate<R: Rng>(
        &mut self,
        pair: &mut Pair<'_>,
        candidate: Candidate,
        cx: &mut Context<'_, R>,
    ) {
        match self.negotiation {
            Negotiation::OfferSent | Negotiation::Stable => {
                pair.send_candidate(self.attempt, candidate, cx);
            }
            Negotiation::MakingOffer | Negotiation::MakingAnswer => {
                if self.early_candidates.len() < CANDIDATES_PER_ATTEMPT {
                    self.early_candidates.push(candidate);
                }
            }
        }
    }

    /// Keeps a frame until the channels are open. `false` when there are too many.
    #[must_use]
    pub(super) fn hold(&mut self, frame: Bytes) -> bool {
        let fits = self.early_frames.len() < EARLY_FRAMES;
        if fits {
            self.early_frames.push(frame);
        }
        fits
    }

    pub(super) fn take_held(&mut self) -> Vec<Bytes> {
        std::mem::take(&mut self.early_frames)
    }
}
