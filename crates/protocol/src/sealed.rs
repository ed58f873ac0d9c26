//! What the server passes on without being able to read it: the payloads of `offer`, `answer`,
//! `ice-candidate` and `relay` once two peers share a key (JSON).

use std::borrow::Cow;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{
    DecodeError, Payload,
    byte_string::{from_base64url, to_base64url},
    decode::{check_total, from_json_object},
    limits::{SEAL_BYTES, SEALED_BYTES, SEALED_MESSAGES, SIGNAL_MESSAGE_BYTES},
};

/// A sealed message: ChaCha20-Poly1305 (RFC 8439 §2.8) over a padded text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The count of messages under this key, from 1 to [`SEALED_MESSAGES`].
    pub number: u64,
    /// The ciphertext and its tag, [`SEAL_BYTES`] to [`SEALED_BYTES`] in all.
    pub data: Bytes,
}

/// A [`Sealed`] as it is written.
#[derive(Serialize, Deserialize)]
struct Fields<'a> {
    number: u64,
    #[serde(rename = "box", borrow)]
    data: Cow<'a, str>,
}

impl Sealed {
    /// Reads a payload.
    pub fn decode(payload: &Payload) -> Result<Self, DecodeError> {
        check_total(payload.json().len(), SIGNAL_MESSAGE_BYTES)?;
        let Fields { number, data } = from_json_object(payload.json())?;
        if !(1..=SEALED_MESSAGES).contains(&number) {
            return Err(DecodeError::invalid("number", "not from 1 to 2^48"));
        }
        let data = from_base64url(&data)
            .ok_or_else(|| DecodeError::invalid("box", "not unpadded base64url"))?;
        if !(SEAL_BYTES..=SEALED_BYTES).contains(&data.len()) {
            return Err(DecodeError::invalid(
                "box",
                &format_args!("{} bytes", data.len()),
            ));
        }
        Ok(Self {
            number,
            data: data.into(),
        })
    }

    /// Writes a payload.
    pub fn encode(&self) -> Payload {
        Payload::encode(&Fields {
            number: self.number,
            data: to_base64url(&self.data).into(),
        })
    }
}
