//! The flat record that every signaling message is read into first.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Forward, ForwardKind, Payload, ResumeToken};
use crate::{
    ClientId, DecodeError,
    decode::{check_total, from_json, parse_field, raw_field, require},
    encoder::to_json,
    limits::SIGNAL_MESSAGE_BYTES,
};

/// Every field of every message; `type` says which of them matter.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Fields<'a> {
    #[serde(borrow, rename = "type", default)]
    pub(super) kind: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) room_id: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) client_id: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "raw_field", skip_serializing)]
    pub(super) payload: Option<&'a str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) peers: Option<Vec<ClientId>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) resume: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) grace_seconds: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reconnect_in_ms: Option<u32>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<Cow<'a, str>>,
}

impl<'a> Fields<'a> {
    pub(super) fn of(kind: &'a str) -> Self {
        Self {
            kind: Some(kind.into()),
            ..Self::default()
        }
    }

    pub(super) fn parse(text: &'a str) -> Result<Self, DecodeError> {
        check_total(text.len(), SIGNAL_MESSAGE_BYTES)?;
        from_json(text)
    }

    pub(super) fn require_kind(&self) -> Result<&str, DecodeError> {
        require("type", self.kind.as_deref())
    }

    pub(super) fn forward(&self, kind: ForwardKind) -> Result<Forward, DecodeError> {
        Ok(Forward {
            kind,
            from: parse_field("from", self.from.as_deref())?,
            to: parse_field("to", self.to.as_deref())?,
            payload: Payload(require("payload", self.payload)?.into()),
        })
    }

    pub(super) fn resume(&self) -> Result<Option<ResumeToken>, DecodeError> {
        self.resume.as_deref().map(ResumeToken::new).transpose()
    }

    pub(super) fn encode(&self) -> String {
        to_json(self)
    }
}
