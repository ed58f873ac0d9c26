//! The lines of the standard output. The names are a promise: `docs/headless.md` lists them.

use std::borrow::Cow;

use serde::Serialize;
use snug_protocol::{ClientId, Hash, TransferId};
use snug_session::handshake::Check;

/// One line of the standard output.
#[derive(Debug, Serialize)]
#[serde(
    tag = "event",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub(super) enum Line<'a> {
    Room {
        code: &'a str,
        link: &'a str,
        secret: &'static str,
        client_id: &'a ClientId,
        peers: &'a [ClientId],
    },
    Ready,
    Server {
        status: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_in_ms: Option<u64>,
    },
    PeerJoined {
        peer: &'a ClientId,
    },
    PeerLeft {
        peer: &'a ClientId,
        goodbye: bool,
    },
    Link {
        peer: &'a ClientId,
        status: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        verified: Option<bool>,
        #[serde(skip_serializing_if = "Option::is_none")]
        path: Option<&'static str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'static str>,
    },
    Check {
        peer: &'a ClientId,
        emoji: [&'static str; Check::EMOJI],
        names: [&'static str; Check::EMOJI],
    },
    Guesses {
        wrong: u32,
        closed: bool,
    },
    Split {
        peers: &'a [ClientId],
    },
    Profile {
        peer: &'a ClientId,
        name: &'a str,
        camera: bool,
        microphone: bool,
    },
    Typing {
        peer: &'a ClientId,
        on: bool,
    },
    Message(Said<'a>),
    Edited {
        id: String,
        text: &'a str,
    },
    Deleted {
        id: String,
    },
    Reacted {
        id: String,
        peer: &'a ClientId,
        emoji: &'a str,
        on: bool,
    },
    Missing {
        author: &'a ClientId,
        count: u64,
    },
    Receipt {
        peer: &'a ClientId,
        delivered: u64,
        read: u64,
    },
    Hashing {
        path: Cow<'a, str>,
        bytes: u64,
        total: u64,
    },
    Offering {
        transfer: TransferId,
        path: Cow<'a, str>,
        paths: Vec<Cow<'a, str>>,
        files: usize,
        size: u64,
        left_out: usize,
    },
    Offered(Offered<'a>),
    OfferWithdrawn {
        transfer: TransferId,
        from: &'a ClientId,
    },
    Progress {
        transfer: TransferId,
        #[serde(skip_serializing_if = "Option::is_none")]
        to: Option<&'a ClientId>,
        bytes: u64,
        total: u64,
        rate: f64,
        #[serde(skip_serializing_if = "Option::is_none")]
        eta_ms: Option<u64>,
    },
    Stalled {
        transfer: TransferId,
    },
    Stranded {
        transfer: TransferId,
        missing: u64,
    },
    Paused {
        transfer: TransferId,
        on: bool,
    },
    Checking {
        transfer: TransferId,
        bytes: u64,
        total: u64,
    },
    Playing {
        transfer: TransferId,
        name: &'a str,
        size: u64,
        media_type: &'a str,
        address: &'a str,
    },
    PlayFailed {
        transfer: TransferId,
        message: &'a str,
    },
    PlayerEnded,
    Received {
        transfer: TransferId,
        #[serde(skip_serializing_if = "Option::is_none")]
        place: Option<&'a str>,
    },
    Delivered {
        transfer: TransferId,
        to: &'a ClientId,
    },
    Declined {
        transfer: TransferId,
        by: &'a ClientId,
        reason: &'static str,
    },
    TransferFailed {
        transfer: TransferId,
        #[serde(skip_serializing_if = "Option::is_none")]
        to: Option<&'a ClientId>,
        reason: &'static str,
        message: String,
    },
    Misbehaved {
        peer: &'a ClientId,
        reason: &'a str,
    },
    Refused {
        reason: &'static str,
        message: String,
    },
    Error {
        message: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        path: Option<Cow<'a, str>>,
    },
    Leaving,
    Ended {
        reason: &'static str,
        message: String,
    },
    Exit {
        code: u8,
        reason: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// An event of a newer session.
    Other {
        text: String,
    },
}

/// What a member offers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Offered<'a> {
    pub(super) transfer: TransferId,
    pub(super) from: &'a ClientId,
    pub(super) name: &'a str,
    pub(super) size: u64,
    pub(super) hash: Hash,
    pub(super) media_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) height: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) duration_ms: Option<u64>,
    pub(super) files: usize,
    pub(super) items: Vec<Entry<'a>>,
    /// Those that are not told of.
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) more_items: usize,
}

/// A file or an empty folder of an offer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry<'a> {
    pub(super) path: &'a str,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) folder: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) size: Option<u64>,
    /// Seconds since the Unix epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) modified: Option<i64>,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) executable: bool,
}

/// A message.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Said<'a> {
    pub(super) id: String,
    pub(super) author: &'a ClientId,
    pub(super) seq: u64,
    pub(super) lamport: u64,
    pub(super) sent_at: u64,
    pub(super) late: bool,
    pub(super) mine: bool,
    /// `None` once deleted.
    pub(super) text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reply_to: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_false(it: &bool) -> bool {
    !it
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(it: &usize) -> bool {
    *it == 0
}
