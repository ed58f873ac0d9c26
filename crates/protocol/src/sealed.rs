//! What the server passes on without being able to read it: the payloads of `offer`, `answer`,
//! `ice-candidate` and `relay` once two peers share a key (JSON).

use std::borrow::Cow;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{
    DecodeError, Payload, base64url,
    decode::{check_total, from_json},
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
        let Fields { number, data } = from_json(payload.json())?;
        if !(1..=SEALED_MESSAGES).contains(&number) {
            return Err(DecodeError::invalid("number", "not from 1 to 2^48"));
        }
        let data = base64url::decode(&data)
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
            data: base64url::encode(&self.data).into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(json: &str) -> Result<Sealed, DecodeError> {
        Sealed::decode(&Payload::from_json(json.into())?)
    }

    fn with(number: &str, data: &str) -> Result<Sealed, DecodeError> {
        decode(&format!(r#"{{"number":{number},"box":"{data}"}}"#))
    }

    #[test]
    fn a_sealed_message_reads_as_it_is_written() {
        let sealed = Sealed {
            number: SEALED_MESSAGES,
            data: vec![0xff; SEAL_BYTES].into(),
        };
        let text = r#"{"number":281474976710656,"box":"_____________________w"}"#;
        assert_eq!(sealed.encode().json(), text);
        assert_eq!(decode(text), Ok(sealed));
    }

    #[test]
    fn the_largest_fits_a_message_of_the_server() {
        let sealed = Sealed {
            number: SEALED_MESSAGES,
            data: vec![0; SEALED_BYTES].into(),
        };
        let payload = sealed.encode();
        let around = r#"{"type":"ice-candidate","from":"","to":"","payload":}"#.len();
        assert!(payload.json().len() + around + 2 * 64 <= SIGNAL_MESSAGE_BYTES);
        assert_eq!(Sealed::decode(&payload), Ok(sealed));
    }

    #[test]
    fn numbers_and_lengths_keep_to_their_bounds() {
        let data = "A".repeat(22);
        assert!(with("1", &data).is_ok());
        for number in ["0", "281474976710657", "-1", "1.0", "1e3", "\"1\"", "null"] {
            assert!(with(number, &data).is_err(), "{number}");
        }
        let long = base64url::encode(&vec![0; SEALED_BYTES + 1]);
        for data in ["", &"A".repeat(20), &"A".repeat(25), "A A", "AA==", &long] {
            assert!(with("1", data).is_err(), "{} characters", data.len());
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let data = "A".repeat(22);
        for bad in [
            "null",
            "{}",
            &format!(r#"[1,"{data}"]"#),
            &format!(r#"{{"box":"{data}"}}"#),
            r#"{"number":1}"#,
            r#"{"number":1,"box":[0]}"#,
            &format!(r#"{{"number":1,"number":1,"box":"{data}"}}"#),
            &format!(
                r#"{{"number":1,"box":"{data}","x":"{}"}}"#,
                "x".repeat(1 << 16)
            ),
        ] {
            assert!(decode(bad).is_err(), "{} characters", bad.len());
        }
    }
}
