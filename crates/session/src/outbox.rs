//! What a session wants done, in order.

use std::collections::VecDeque;

use snug_protocol::ControlFrame;

use crate::{Event, LinkId, LinkOutput, Output, SignalingOutput, StoreOutput};

/// Collects outputs until the host polls them. It is empty before every input, so one input's
/// worth bounds it.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    outputs: VecDeque<Output>,
    /// Whether the person was told that the session is over.
    ended: bool,
    /// Frames for paths through the server, which the mesh seals first.
    relayed: VecDeque<(LinkId, LinkOutput)>,
}

impl Outbox {
    /// Tells the person. After [`Event::Ended`] nothing follows, whatever is still being closed.
    pub(crate) fn event(&mut self, event: Event) {
        if !self.ended {
            self.ended = matches!(event, Event::Ended(_));
            self.outputs.push_back(Output::Event(event));
        }
    }

    pub(crate) fn signaling(&mut self, output: SignalingOutput) {
        self.outputs.push_back(Output::Signaling(output));
    }

    pub(crate) fn link(&mut self, link: LinkId, output: LinkOutput) {
        if link.is_relayed() {
            self.relayed.push_back((link, output));
        } else {
            self.outputs.push_back(Output::Link(link, output));
        }
    }

    pub(crate) fn control(&mut self, link: LinkId, frame: &ControlFrame) {
        self.link(link, LinkOutput::SendControl(frame.encode()));
    }

    pub(crate) fn store(&mut self, output: StoreOutput) {
        self.outputs.push_back(Output::Store(output));
    }

    /// The next frame for a path through the server.
    pub(crate) fn pop_relayed(&mut self) -> Option<(LinkId, LinkOutput)> {
        self.relayed.pop_front()
    }

    pub(crate) fn pop(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }
}
