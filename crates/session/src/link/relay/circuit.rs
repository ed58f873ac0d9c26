//! One run of the relayed path: segments out, segments in, and what was not acknowledged.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;
use rand::{Rng, RngExt};
use snug_protocol::{
    ControlFrame, ForwardKind, Hello, RelayFrame, RelaySegment,
    limits::{RELAY_FRAMES, RELAY_SEGMENT_BYTES},
};

use super::len;
use crate::{
    LinkId, LinkOutput, Time,
    greeting::Greeting,
    limits::{RELAY_ACK_PAUSE, RELAY_RESEND_CEILING, RELAY_RESEND_FLOOR, RELAY_SILENCE},
    link::{
        direct::{Misbehaviour, decode},
        pair::Pair,
    },
    mesh::{Context, Report},
};

/// Numbered segments each way, from the opening of the path to its end.
#[derive(Debug)]
pub(super) struct Circuit {
    link: LinkId,
    epoch: u32,
    stage: Stage,
    /// Frames that are in no segment yet: what is said goes before files.
    control: VecDeque<Bytes>,
    bulk: VecDeque<Bytes>,
    queued: usize,
    /// Segments out and not acknowledged.
    unacknowledged: VecDeque<RelaySegment>,
    next: u64,
    /// When to send them again, and the pause after that.
    resend_at: Option<Time>,
    pause: Duration,
    /// Since when the oldest of them has been waiting, the server being there.
    waiting_since: Option<Time>,
    peer: Option<PeerSide>,
    /// When the peer must be told how far it has got.
    acknowledge_at: Option<Time>,
    /// When the pace lets a segment go.
    ready_at: Option<Time>,
}

/// What is known of the peer's segments.
#[derive(Debug, Clone, Copy)]
struct PeerSide {
    epoch: u32,
    /// The last one in order.
    last: u64,
}

#[derive(Debug)]
enum Stage {
    Greeting(Greeting),
    Up(Box<Hello>),
}

/// What came of a segment.
#[derive(Debug)]
pub(in crate::link) enum Heard {
    Control(ControlFrame),
    Bulk(Bytes),
}

/// How a segment relates to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kinship {
    /// It is of the run of the peer's that belongs to this one.
    Continues,
    /// It begins another, which the peer opened because of this one.
    Answers,
    /// It begins another, of which this one knows nothing.
    Begins,
    /// It is of a run that was closed.
    Stale,
}

/// The path is of no use any more.
#[derive(Debug)]
pub(super) struct Broken;

impl Circuit {
    pub(super) fn new<R: Rng>(cx: &mut Context<'_, R>) -> Self {
        Self {
            link: cx.open_relay(),
            epoch: cx.rng.random(),
            stage: Stage::Greeting(Greeting::new(cx.now)),
            control: VecDeque::new(),
            bulk: VecDeque::new(),
            queued: 0,
            unacknowledged: VecDeque::new(),
            next: 1,
            resend_at: None,
            pause: RELAY_RESEND_FLOOR,
            waiting_since: None,
            peer: None,
            acknowledge_at: None,
            ready_at: None,
        }
    }

    pub(super) const fn link(&self) -> LinkId {
        self.link
    }

    pub(super) fn up(&self) -> Option<(LinkId, &Hello)> {
        match &self.stage {
            Stage::Greeting(_) => None,
            Stage::Up(hello) => Some((self.link, hello)),
        }
    }

    /// How a segment relates to this run.
    pub(super) fn kinship(&self, segment: &RelaySegment) -> Kinship {
        let begins = segment.seq == 1;
        let greeting = matches!(self.stage, Stage::Greeting(_));
        match self.peer {
            Some(peer) if peer.epoch == segment.epoch => Kinship::Continues,
            None if segment.seq <= 1 => Kinship::Continues,
            // Were ours to start over too, so would the peer's again, and so on.
            Some(_) if begins && greeting && segment.ack_epoch == self.epoch => Kinship::Answers,
            Some(_) if begins => Kinship::Begins,
            Some(_) | None => Kinship::Stale,
        }
    }

    /// The peer has started over and counts ours from the first.
    pub(super) fn forget_peer(&mut self) {
        self.peer = None;
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        let silence = self.waiting_since.map(|since| since + RELAY_SILENCE);
        // What is owed waits for the pace.
        let owed = self.ready_at.or(self.acknowledge_at);
        [self.resend_at, owed, silence].into_iter().flatten().min()
    }

    pub(super) fn handle_timeout<R: Rng>(
        &mut self,
        pair: &mut Pair<'_>,
        cx: &mut Context<'_, R>,
    ) -> Result<(), Broken> {
        if !cx.signaling.is_online() {
            // The way is shut: the peer's silence means nothing.
            (self.waiting_since, self.resend_at, self.ready_at) = (None, None, None);
            self.acknowledge_at = None;
            return Ok(());
        }
        let silent = |since: Time| cx.now >= since + RELAY_SILENCE;
        if self.waiting_since.is_some_and(silent) {
            return Err(Broken);
        }
        if self.resend_at.is_some_and(|at| cx.now >= at) {
            self.pause = (self.pause * 2).min(RELAY_RESEND_CEILING);
            self.resend(pair, cx);
        }
        self.pump(pair, cx);
        Ok(())
    }

    /// Queues a frame, and sends what may be sent.
    pub(super) fn send<R: Rng>(
        &mut self,
        output: LinkOutput,
        pair: &mut Pair<'_>,
        cx: &mut Context<'_, R>,
    ) -> Result<(), Broken> {
        let (queue, frame) = match output {
            LinkOutput::SendControl(frame) => (&mut self.control, frame),
            LinkOutput::SendBulk(frame) => (&mut self.bulk, frame),
            _ => return Ok(()),
        };
        self.queued += len(&frame);
        queue.push_back(frame);
        if self.queued > cx.pacer.budget().queue() {
            return Err(Broken);
        }
        self.pump(pair, cx);
        Ok(())
    }

    /// Sends what is said and queued, whatever the window and the pace: this member leaves.
    pub(super) fn flush<R: Rng>(&mut self, pair: &mut Pair<'_>, cx: &mut Context<'_, R>) {
        self.bulk.clear();
        while !self.control.is_empty() {
            let segment = self.next_segment();
            pair.send_bytes(ForwardKind::Relay, &segment.encode(), cx);
        }
    }

    /// The server is back: what it had not passed on is lost.
    pub(super) fn on_server_back<R: Rng>(&mut self, pair: &mut Pair<'_>, cx: &mut Context<'_, R>) {
        self.waiting_since = (!self.unacknowledged.is_empty()).then_some(cx.now);
        self.pause = RELAY_RESEND_FLOOR;
        self.resend(pair, cx);
        self.pump(pair, cx);
    }

    /// Sends again what was not acknowledged.
    fn resend<R: Rng>(&mut self, pair: &mut Pair<'_>, cx: &mut Context<'_, R>) {
        for index in 0..self.unacknowledged.len() {
            if !cx.pacer.take(cx.now) {
                break;
            }
            let segment = self.stamped(self.unacknowledged[index].clone());
            pair.send_bytes(ForwardKind::Relay, &segment.encode(), cx);
        }
        self.resend_at = (!self.unacknowledged.is_empty()).then(|| cx.now + self.pause);
    }

    /// Takes a segment of the peer's.
    pub(super) fn handle<R: Rng>(
        &mut self,
        segment: RelaySegment,
        pair: &mut Pair<'_>,
        cx: &mut Context<'_, R>,
    ) -> Result<Vec<Heard>, Misbehaviour> {
        self.on_acknowledged(&segment, cx);
        let mut heard = Vec::new();
        if self.is_next(&segment, cx.now) {
            for frame in segment.frames {
                heard.extend(self.on_frame(frame, cx)?);
            }
        }
        self.pump(pair, cx);
        Ok(heard)
    }

    fn on_acknowledged<R: Rng>(&mut self, segment: &RelaySegment, cx: &mut Context<'_, R>) {
        if segment.ack_epoch != self.epoch {
            return;
        }
        let mut credit = 0;
        while let Some(sent) = self.unacknowledged.front()
            && sent.seq <= segment.ack
        {
            credit += sent.frames.iter().map(bulk_bytes).sum::<usize>();
            self.unacknowledged.pop_front();
            self.pause = RELAY_RESEND_FLOOR;
            self.resend_at = Some(cx.now + self.pause);
            self.waiting_since = Some(cx.now);
        }
        if self.unacknowledged.is_empty() {
            (self.resend_at, self.waiting_since) = (None, None);
        }
        if credit > 0 {
            let (link, bytes) = (self.link, credit);
            cx.report(Report::Credit { link, bytes });
        }
    }

    /// Whether the segment carries frames and is the next one.
    fn is_next(&mut self, segment: &RelaySegment, now: Time) -> bool {
        if segment.seq == 0 {
            return false;
        }
        let peer = self.peer.get_or_insert(PeerSide {
            epoch: segment.epoch,
            last: 0,
        });
        let next = segment.seq == peer.last + 1;
        if next {
            peer.last += 1;
        }
        // Every second one, and whatever is out of turn, is acknowledged at once.
        let pause = if next && self.acknowledge_at.is_none() {
            RELAY_ACK_PAUSE
        } else {
            Duration::ZERO
        };
        self.acknowledge_at = Some(now + pause);
        next
    }

    fn on_frame<R: Rng>(
        &mut self,
        frame: RelayFrame,
        cx: &mut Context<'_, R>,
    ) -> Result<Option<Heard>, Misbehaviour> {
        match (frame, &mut self.stage) {
            (RelayFrame::Bulk(frame), Stage::Up(_)) => Ok(Some(Heard::Bulk(frame))),
            (RelayFrame::Bulk(_), Stage::Greeting(_)) => Err("data before the greeting".into()),
            (RelayFrame::Control(frame), stage) => {
                let Some(frame) = decode(&frame)? else {
                    return Ok(None);
                };
                match (frame, stage) {
                    (ControlFrame::Hello(hello), stage) => {
                        cx.out.control(self.link, &ControlFrame::Welcome);
                        if let Stage::Greeting(greeting) = stage {
                            greeting.on_hello(hello);
                            self.check_greeting(cx);
                        }
                        Ok(None)
                    }
                    (ControlFrame::Welcome, Stage::Greeting(greeting)) => {
                        greeting.on_welcome();
                        self.check_greeting(cx);
                        Ok(None)
                    }
                    (ControlFrame::Welcome | ControlFrame::Binding { .. }, _) => Ok(None),
                    (frame, Stage::Up(_)) => Ok(Some(Heard::Control(frame))),
                    (_, Stage::Greeting(_)) => Err("the first frame is not a greeting".into()),
                }
            }
        }
    }

    fn check_greeting<R: Rng>(&mut self, cx: &mut Context<'_, R>) {
        let Stage::Greeting(greeting) = &mut self.stage else {
            return;
        };
        if let Some(hello) = greeting.finish() {
            self.stage = Stage::Up(hello);
            let (link, bytes) = (self.link, cx.pacer.budget().credit());
            cx.report(Report::Credit { link, bytes });
        }
    }

    /// Sends as much as the window and the pace allow.
    fn pump<R: Rng>(&mut self, pair: &mut Pair<'_>, cx: &mut Context<'_, R>) {
        self.ready_at = None;
        if !cx.signaling.is_online() {
            return;
        }
        while self.queued > 0 && self.unacknowledged.len() < cx.pacer.budget().window {
            if !self.may_send(cx) {
                return;
            }
            let segment = self.next_segment();
            pair.send_bytes(ForwardKind::Relay, &segment.encode(), cx);
            self.unacknowledged.push_back(segment);
            self.resend_at.get_or_insert(cx.now + self.pause);
            self.waiting_since.get_or_insert(cx.now);
        }
        let owed = self.acknowledge_at.is_some_and(|at| cx.now >= at);
        if owed && self.may_send(cx) {
            let empty = RelaySegment {
                epoch: self.epoch,
                ..RelaySegment::default()
            };
            let segment = self.stamped(empty);
            self.acknowledge_at = None;
            pair.send_bytes(ForwardKind::Relay, &segment.encode(), cx);
        }
    }

    fn may_send<R>(&mut self, cx: &mut Context<'_, R>) -> bool {
        let free = cx.pacer.take(cx.now);
        self.ready_at = (!free).then(|| cx.pacer.ready_at(cx.now));
        free
    }

    fn next_segment(&mut self) -> RelaySegment {
        let (mut frames, mut bytes) = (Vec::new(), SEGMENT_HEADER_BYTES);
        while let Some(frame) = self.control.front().or_else(|| self.bulk.front()) {
            let cost = len(frame);
            bytes += cost;
            let full = bytes > RELAY_SEGMENT_BYTES || frames.len() >= RELAY_FRAMES;
            if full && !frames.is_empty() {
                break;
            }
            self.queued -= cost;
            let control = self.control.pop_front().map(RelayFrame::Control);
            frames.extend(control.or_else(|| self.bulk.pop_front().map(RelayFrame::Bulk)));
        }
        let segment = RelaySegment {
            epoch: self.epoch,
            seq: self.next,
            frames,
            ..RelaySegment::default()
        };
        self.next += 1;
        self.acknowledge_at = None;
        self.stamped(segment)
    }

    /// A segment that tells how far the peer has got.
    fn stamped(&self, segment: RelaySegment) -> RelaySegment {
        let (ack_epoch, ack) = self.peer.map_or((0, 0), |peer| (peer.epoch, peer.last));
        RelaySegment {
            ack_epoch,
            ack,
            ..segment
        }
    }
}

fn bulk_bytes(frame: &RelayFrame) -> usize {
    match frame {
        RelayFrame::Control(_) => 0,
        RelayFrame::Bulk(bytes) => bytes.len(),
    }
}

/// Room for the numbers of a segment.
const SEGMENT_HEADER_BYTES: usize = 64;
