//! What a session does, for whoever looks for a fault: decisions at `debug`, frames at `trace`.
//!
//! Members are told apart by the beginning of their ids. What people say, and what would tell where
//! they are, is in no line.

use snug_session::{Event, Input, LinkId, LinkInput, LinkOutput, Output, SignalingOutput};

/// Notes what has come in.
pub(crate) fn note_input(input: &Input) {
    let Input::Link(LinkId(link), input) = input else {
        return;
    };
    match input {
        LinkInput::Control(frame) => trace_frame("control", "in", *link, frame),
        LinkInput::Bulk(frame) => trace_frame("bulk", "in", *link, frame),
        LinkInput::BulkCredit(bytes) => tracing::trace!(link, bytes, "credit"),
        LinkInput::LocalOffer { .. } => tracing::debug!(link, "an offer is made"),
        LinkInput::LocalAnswer { .. } => tracing::debug!(link, "an answer is made"),
        LinkInput::LocalCandidate(_) => tracing::debug!(link, "a candidate is found"),
        LinkInput::Opened { .. } => tracing::debug!(link, "both channels are open"),
        LinkInput::Path(path) => tracing::debug!(link, ?path),
        LinkInput::PeerIsPlain => tracing::debug!(link, "the peer takes records whole only"),
        LinkInput::Resumed => tracing::debug!(link, "packets pass again"),
        LinkInput::Interrupted => tracing::debug!(link, "no packets come"),
        LinkInput::Failed(why) => tracing::debug!(link, why, "failed"),
        LinkInput::Rejected(why) => tracing::debug!(link, why, "a description is refused"),
    }
}

/// Notes what the session wants.
pub(crate) fn note_output(output: &Output) {
    match output {
        Output::Signaling(output) => note_signaling(output),
        Output::Link(LinkId(link), output) => note_link(*link, output),
        Output::Event(event) => note_event(event),
        // Pieces: their frames tell of them.
        Output::Store(_) => {}
    }
}

fn note_signaling(output: &SignalingOutput) {
    match output {
        SignalingOutput::CreateRoom { .. } => tracing::debug!("asks for a room"),
        SignalingOutput::JoinRoom { .. } => tracing::debug!("asks for a seat"),
        SignalingOutput::OpenSocket => tracing::debug!("opens the socket to the server"),
        SignalingOutput::Send(_) => tracing::trace!("a message to the server"),
        SignalingOutput::Close => tracing::debug!("closes the socket to the server"),
    }
}

fn note_link(link: u64, output: &LinkOutput) {
    match output {
        LinkOutput::SendControl(frame) => trace_frame("control", "out", link, frame),
        LinkOutput::SendBulk(frame) => trace_frame("bulk", "out", link, frame),
        LinkOutput::Open => tracing::debug!(link, "opens a connection"),
        LinkOutput::CreateOffer { ice_restart, plain } => {
            tracing::debug!(link, ice_restart, plain, "offers");
        }
        LinkOutput::AcceptOffer { rollback, .. } => {
            tracing::debug!(link, rollback, "takes an offer");
        }
        LinkOutput::AcceptAnswer { .. } => tracing::debug!(link, "takes an answer"),
        LinkOutput::AddCandidate(_) => tracing::debug!(link, "takes a candidate"),
        LinkOutput::Close => tracing::debug!(link, "closes the connection"),
    }
}

fn note_event(event: &Event) {
    match event {
        Event::Joined { peers, .. } => tracing::debug!(peers = peers.len(), "entered the room"),
        Event::Server(status) => tracing::debug!(?status, "the server"),
        Event::PeerJoined { peer } => tracing::debug!(?peer, "came"),
        Event::PeerLeft { peer, goodbye } => tracing::debug!(?peer, goodbye, "left"),
        Event::Link { peer, status } => tracing::debug!(?peer, ?status, "the link"),
        Event::Offered { transfer, from, .. } => tracing::debug!(?transfer, ?from, "on offer"),
        Event::Received { transfer, .. } => tracing::debug!(?transfer, "received"),
        Event::Delivered { transfer, to } => tracing::debug!(?transfer, ?to, "delivered"),
        Event::Stalled { transfer } => tracing::debug!(?transfer, "waits for somebody"),
        Event::Stranded { transfer, missing } => {
            tracing::debug!(?transfer, missing, "nobody has the rest");
        }
        Event::TransferFailed {
            transfer, reason, ..
        } => tracing::debug!(?transfer, %reason, "ended early"),
        Event::OfferWithdrawn { transfer, from } => {
            tracing::debug!(?transfer, ?from, "withdrawn");
        }
        Event::Missing { author, count } => tracing::debug!(?author, count, "messages missing"),
        Event::Misbehaved { peer, reason } => tracing::debug!(?peer, reason, "misbehaved"),
        Event::Ended(reason) => tracing::debug!(%reason, "the session ends"),
        // What people say and see.
        _ => {}
    }
}

/// Notes a frame: its first byte is its type (`docs/protocol.md` §7 and §8).
fn trace_frame(channel: &str, way: &str, link: u64, frame: &[u8]) {
    let kind = frame.first();
    tracing::trace!(link, channel, way, kind, bytes = frame.len(), "frame");
}
