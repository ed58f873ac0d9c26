//! Frames on the two data channels between peers.
//!
//! A frame on `control` is one byte that says its type and a `MessagePack` map of its fields, of
//! two types an array; unknown fields are skipped, unknown types are an error. A frame on `bulk` is
//! a fixed header and bytes of a piece.

mod bulk;
mod control;
mod fields;
mod offer;

pub use self::{
    bulk::BulkFrame,
    control::ControlFrame,
    fields::{DeclineReason, Heads, Hello, MediaState, Profile, Range, Roster, StopReason},
    offer::{Content, ListingSummary, Offer, Preview},
};
