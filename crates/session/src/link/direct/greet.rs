//! The first frames on a connection: where it ends, and hello.

use bytes::Bytes;
use rand::Rng;
use snug_protocol::ControlFrame;

use super::{
    super::{
        introduction::{Introduction, Step},
        pair::Pair,
    },
    Direct, Misbehaviour, State,
};
use crate::{
    Fingerprints, Refusal,
    mesh::{Context, Report},
};

impl Direct {
    /// The channels are open: each side says who it is.
    pub(super) fn transition_to_verifying<R: Rng>(
        &mut self,
        fingerprints: Fingerprints,
        pair: &Pair<'_>,
        cx: &mut Context<'_, R>,
    ) {
        let connection = match self.take_state() {
            State::Connecting { connection, .. } => connection,
            other => {
                self.state = other;
                return;
            }
        };
        self.state = State::Verifying {
            connection,
            introduction: Introduction::new(fingerprints, cx.now),
        };
        self.greet(pair, cx);
    }

    pub(super) fn on_first_frames<R: Rng>(
        &mut self,
        frame: &Bytes,
        pair: &Pair<'_>,
        cx: &mut Context<'_, R>,
    ) -> Result<(), Misbehaviour> {
        let State::Verifying {
            connection,
            introduction,
        } = &mut self.state
        else {
            return Ok(());
        };
        match introduction.on_frame(frame, connection.attempt(), pair.keys)? {
            Step::Nothing => {}
            Step::Answer => cx.out.control(connection.id, &ControlFrame::Welcome),
            Step::Intercepted => self.refuse(Refusal::Intercepted, cx),
        }
        self.check_introduction();
        Ok(())
    }

    fn check_introduction(&mut self) {
        let State::Verifying { introduction, .. } = &mut self.state else {
            return;
        };
        let Some(hello) = introduction.finish() else {
            return;
        };
        if let State::Verifying { connection, .. } = self.take_state() {
            self.backoff.succeed();
            self.refusal = None;
            self.state = State::Connected { connection, hello };
        }
    }

    pub(super) fn greet_again<R: Rng>(&mut self, pair: &Pair<'_>, cx: &mut Context<'_, R>) {
        if let State::Verifying { introduction, .. } = &mut self.state
            && introduction.repeats(cx.now)
        {
            self.greet(pair, cx);
        }
    }

    /// Says that this connection ends here, and hello.
    fn greet<R: Rng>(&self, pair: &Pair<'_>, cx: &mut Context<'_, R>) {
        if let State::Verifying {
            connection,
            introduction,
        } = &self.state
        {
            let binding = introduction.binding(connection.attempt(), pair.keys);
            cx.out.control(connection.id, &binding);
            let (peer, link) = (pair.peer.clone(), connection.id);
            cx.report(Report::Greet { peer, link });
        }
    }
}
