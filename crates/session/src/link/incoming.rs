//! What comes in from a peer: through the server, and on the connection.

use bytes::Bytes;
use rand::Rng;
use snug_protocol::{
    ControlFrame, DecodeError, Forward, ForwardKind, KeyMessage, Payload, RelaySegment, Sealed,
    negotiation::{Description, TrickledCandidate},
};

use super::{
    Link, Paths,
    direct::Direct,
    keying::Secured,
    relay::{Heard, Relay},
};
use crate::{
    Event, LinkId, Refusal,
    handshake::OpenError,
    mesh::{Context, Report},
};

impl Link {
    /// The server brought something of the peer's.
    ///
    /// # Errors
    /// [`DecodeError`] when it is not what it says.
    pub(crate) fn on_forward<R: Rng>(
        &mut self,
        forward: &Forward,
        cx: &mut Context<'_, R>,
    ) -> Result<(), DecodeError> {
        let done = if forward.kind == ForwardKind::Key {
            KeyMessage::decode(&forward.payload).map(|message| self.on_key(message, cx))
        } else {
            self.on_sealed(forward, cx)
        };
        self.settle(cx);
        done
    }

    fn on_key<R: Rng>(&mut self, message: KeyMessage, cx: &mut Context<'_, R>) {
        let secured = self.keying.handle(message, &self.peer, self.polite, cx);
        let Some(secured) = secured else {
            return;
        };
        let known = self.paths.as_ref().map(|paths| paths.keys.peer());
        if known.is_some_and(|known| known != secured.keys.peer()) {
            // Whoever is here under this name stays, though the other knows the words too.
            cx.out.event(Event::Misbehaved {
                peer: self.peer.clone(),
                reason: Refusal::Impostor.to_string(),
            });
            return;
        }
        self.on_secured(secured, cx);
    }

    /// The peer and this member share keys from now on. Whatever went by older ones is over.
    pub(super) fn on_secured<R: Rng>(&mut self, secured: Secured, cx: &mut Context<'_, R>) {
        if let Some(paths) = &mut self.paths {
            paths.direct.close(cx);
            paths.relay.close();
            self.switch(None, cx);
        }
        let Secured { keys, initiated } = secured;
        cx.report(Report::Met {
            peer: self.peer.clone(),
            key: keys.peer(),
            check: keys.check(),
        });
        self.paths = Some(Box::new(Paths {
            keys,
            direct: Direct::new(self.polite, initiated, cx.now),
            relay: Relay::new(cx),
        }));
        if initiated && let Some(paths) = &mut self.paths {
            paths.direct.offer(cx);
        }
    }

    fn on_sealed<R: Rng>(
        &mut self,
        forward: &Forward,
        cx: &mut Context<'_, R>,
    ) -> Result<(), DecodeError> {
        let sealed = Sealed::decode(&forward.payload)?;
        let Some(paths) = &mut self.paths else {
            // The peer thinks that we share keys: it will learn that we do not.
            self.keying.start(&self.peer, cx);
            return Ok(());
        };
        let plain = match paths.keys.open(forward.kind, &sealed) {
            Ok(plain) => plain,
            Err(OpenError::Replayed { .. }) => return Ok(()),
            Err(_) => {
                self.on_tampered(cx);
                return Ok(());
            }
        };
        if forward.kind == ForwardKind::Relay {
            return RelaySegment::decode(&plain).map(|segment| self.on_segment(segment, cx));
        }
        let payload = Payload::from_bytes(plain)?;
        match forward.kind {
            ForwardKind::Offer => paths.direct.on_offer(Description::decode(&payload)?, cx),
            ForwardKind::Answer => paths.direct.on_answer(Description::decode(&payload)?, cx),
            ForwardKind::IceCandidate => {
                paths
                    .direct
                    .on_candidate(TrickledCandidate::decode(&payload)?, cx);
            }
            ForwardKind::Key | ForwardKind::Relay => {}
        }
        Ok(())
    }

    fn on_segment<R: Rng>(&mut self, segment: RelaySegment, cx: &mut Context<'_, R>) {
        let Some((_, relay, mut pair)) = self.split() else {
            return;
        };
        if segment.is_farewell() {
            let peer = self.peer.clone();
            return cx.report(Report::Farewell { peer });
        }
        let heard = match relay.handle(segment, &mut pair, cx) {
            Ok(heard) => heard,
            Err(reason) => return self.judge(Err(reason), cx),
        };
        self.settle(cx);
        let active = self.active.is_some_and(LinkId::is_relayed);
        for heard in heard {
            match heard {
                // Transfers start over on a better path; what was asked on this one is void.
                Heard::Control(frame) if active || !frame.is_about_files() => {
                    self.report_frame(frame, cx);
                }
                Heard::Bulk(frame) if active => self.report_bulk(frame, cx),
                Heard::Control(_) | Heard::Bulk(_) => {}
            }
        }
    }

    pub(super) fn on_control<R: Rng>(&mut self, frame: Bytes, cx: &mut Context<'_, R>) {
        let Some((direct, _, mut pair)) = self.split() else {
            return;
        };
        match direct.on_control(frame, &mut pair, cx) {
            Ok(Some(frame)) => self.report_frame(frame, cx),
            Ok(None) => self.settle(cx),
            Err(reason) => self.judge(Err(reason), cx),
        }
    }

    pub(super) fn on_bulk<R: Rng>(&mut self, frame: Bytes, cx: &mut Context<'_, R>) {
        if self.is_direct() {
            self.report_bulk(frame, cx);
        } else {
            self.judge(Err("data before the greeting".into()), cx);
        }
    }

    /// Somebody changed what was sealed, or does not have our keys. Said once: there may be no end
    /// of it.
    fn on_tampered<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        if !std::mem::replace(&mut self.tampered, true) {
            cx.out.event(Event::Misbehaved {
                peer: self.peer.clone(),
                reason: "what came in its name through the server was not sealed by it".into(),
            });
        }
    }

    fn report_frame<R: Rng>(&self, frame: ControlFrame, cx: &mut Context<'_, R>) {
        let (peer, frame) = (self.peer.clone(), Box::new(frame));
        cx.report(Report::Frame { peer, frame });
    }

    fn report_bulk<R: Rng>(&self, frame: Bytes, cx: &mut Context<'_, R>) {
        let peer = self.peer.clone();
        cx.report(Report::Bulk { peer, frame });
    }
}
