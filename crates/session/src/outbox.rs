//! What a session wants done, in order.

use std::collections::VecDeque;

use snug_protocol::ControlFrame;

use crate::{Event, LinkId, LinkOutput, Output, SignalingOutput, StoreOutput};

/// Collects outputs until the host polls them. It is empty before every input, so one input's
/// worth bounds it.
#[derive(Debug, Default)]
pub(crate) struct Outbox(VecDeque<Output>);

impl Outbox {
    pub(crate) fn event(&mut self, event: Event) {
        self.0.push_back(Output::Event(event));
    }

    pub(crate) fn signaling(&mut self, output: SignalingOutput) {
        self.0.push_back(Output::Signaling(output));
    }

    pub(crate) fn link(&mut self, link: LinkId, output: LinkOutput) {
        self.0.push_back(Output::Link(link, output));
    }

    pub(crate) fn control(&mut self, link: LinkId, frame: &ControlFrame) {
        self.link(link, LinkOutput::SendControl(frame.encode()));
    }

    pub(crate) fn store(&mut self, output: StoreOutput) {
        self.0.push_back(Output::Store(output));
    }

    pub(crate) fn pop(&mut self) -> Option<Output> {
        self.0.pop_front()
    }
}
