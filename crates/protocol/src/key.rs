//! What two peers say to prove to each other that they know the words: the payloads of `key`
//! (JSON). `docs/handshake.md` has the whole exchange.
//!
//! ```text
//! initiator ── hello ──▶ responder      who I am, and a commitment to my nonce
//!           ◀── share ──                who I am, my nonce and my share of the key
//!           ── proof ──▶                the nonce, my share, and that I know the words
//!           ◀─ confirm ─                that I know them too
//! ```

use serde::{Deserialize, Serialize};

use crate::{
    DecodeError, Payload,
    byte_string::byte_string,
    decode::{check_count, check_total, list},
    limits::{KEY_MESSAGE_BYTES, VERSIONS},
};

byte_string! {
    /// Who somebody is in one room: an Ed25519 public key (RFC 8032 §5.1.5), made for that room.
    IdentityKey, 32
}

byte_string! {
    /// An Ed25519 signature (RFC 8032 §5.1.6).
    Signature, 64
}

byte_string! {
    /// What binds the initiator to a [`Nonce`] before it has seen the responder's.
    Commitment, 32
}

byte_string! {
    /// A random number that is used once.
    Nonce, 32
}

byte_string! {
    /// A public share of `CPace`: a ristretto255 element (RFC 9496 §4.3.2), not yet checked.
    Share, 32
}

byte_string! {
    /// What confirms a key: HMAC-SHA256 over the transcript.
    Tag, 32
}

/// A message of the handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum KeyMessage {
    /// Opens the handshake.
    Hello(KeyHello),
    /// Answers [`KeyMessage::Hello`].
    Share(KeyShare),
    /// Answers [`KeyMessage::Share`].
    Proof(KeyProof),
    /// Answers [`KeyMessage::Proof`] and ends the handshake.
    Confirm(KeyConfirm),
    /// Takes the place of any of them. Nobody vouches for it: a hint for people, never more.
    Refused {
        /// Why.
        reason: RefusalReason,
    },
}

/// What the initiator says first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyHello {
    /// The versions of the handshake that the initiator speaks, 1 to [`VERSIONS`] of them.
    #[serde(deserialize_with = "list")]
    pub versions: Vec<u16>,
    /// Whether the initiator has a secret for this room.
    pub words: bool,
    /// Who the initiator is.
    pub identity: IdentityKey,
    /// Binds the initiator to the nonce of its [`KeyProof`].
    pub commitment: Commitment,
}

/// What the responder answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyShare {
    /// The version that the responder chose.
    pub version: u16,
    /// Whether the responder has a secret for this room.
    pub words: bool,
    /// Who the responder is.
    pub identity: IdentityKey,
    /// The responder's nonce.
    pub nonce: Nonce,
    /// The responder's share.
    pub share: Share,
    /// The commitment of the hello that this answers.
    pub answers: Commitment,
}

/// How the initiator proves itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyProof {
    /// The initiator's nonce, to which it had committed.
    pub nonce: Nonce,
    /// The initiator's share.
    pub share: Share,
    /// Confirms the key, and so the words.
    pub tag: Tag,
    /// Shows that the initiator holds the private key of its identity.
    pub signature: Signature,
    /// The nonce of the share that this answers.
    pub answers: Nonce,
}

/// How the responder proves itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyConfirm {
    /// Confirms the key, and so the words.
    pub tag: Tag,
    /// Shows that the responder holds the private key of its identity.
    pub signature: Signature,
    /// The nonce of the proof that this answers.
    pub answers: Nonce,
}

/// Why a handshake goes no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RefusalReason {
    /// The proof was made with other words.
    WrongWords,
    /// The room has words, the other side has none.
    WordsNeeded,
    /// The room is open, the other side has words.
    OpenRoom,
    /// No newcomers any more: too many have tried wrong words.
    Closed,
    /// No version in common.
    Version,
    /// A reason of a newer version.
    #[serde(other)]
    Other,
}

impl KeyMessage {
    /// Reads a payload.
    pub fn decode(payload: &Payload) -> Result<Self, DecodeError> {
        check_total(payload.json().len(), KEY_MESSAGE_BYTES)?;
        let Kind { kind } = payload.decode()?;
        match kind.as_str() {
            "hello" => KeyHello::decode(payload).map(Self::Hello),
            "share" => payload.decode().map(Self::Share),
            "proof" => payload.decode().map(Self::Proof),
            "confirm" => payload.decode().map(Self::Confirm),
            "refused" => payload
                .decode()
                .map(|Refused { reason }| Self::Refused { reason }),
            unknown => Err(DecodeError::unknown_type(unknown)),
        }
    }

    /// Writes a payload.
    pub fn encode(&self) -> Payload {
        Payload::encode(self)
    }
}

impl KeyHello {
    fn decode(payload: &Payload) -> Result<Self, DecodeError> {
        let hello: Self = payload.decode()?;
        if hello.versions.is_empty() {
            return Err(DecodeError::invalid("versions", "none"));
        }
        check_count("versions", hello.versions.len(), VERSIONS)?;
        Ok(hello)
    }
}

/// Says which message an object is.
#[derive(Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    kind: String,
}

/// The fields of [`KeyMessage::Refused`].
#[derive(Deserialize)]
struct Refused {
    reason: RefusalReason,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode(json: &str) -> Result<KeyMessage, DecodeError> {
        KeyMessage::decode(&Payload::from_json(json.into())?)
    }

    fn hello() -> KeyHello {
        KeyHello {
            versions: vec![1],
            words: true,
            identity: IdentityKey::new([0xfb; 32]),
            commitment: Commitment::new([0; 32]),
        }
    }

    #[test]
    fn a_hello_reads_as_it_is_written() {
        let text = concat!(
            r#"{"type":"hello","versions":[1],"words":true,"#,
            r#""identity":"-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s","#,
            r#""commitment":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#,
        );
        let message = KeyMessage::Hello(hello());
        assert_eq!(message.encode().json(), text);
        assert_eq!(decode(text), Ok(message));
    }

    #[test]
    fn byte_strings_have_one_length_and_one_spelling() {
        let good = KeyMessage::Hello(hello()).encode();
        let zeros = "A".repeat(43);
        for bad in [
            "A".repeat(42),       // 31 bytes and stray bits
            "A".repeat(44),       // 33 bytes
            "A".repeat(41) + "w", // 31 bytes
            String::new(),        // none
            "A".repeat(42) + "B", // a stray bit
            "A".repeat(43) + "=", // padding
            "A".repeat(42) + "+", // the other alphabet
            "A".repeat(42) + " ", // white space
            "00".repeat(32),      // hexadecimal
            "A".repeat(42) + "\u{c4}",
        ] {
            let json = good.json().replace(&zeros, &bad);
            assert!(decode(&json).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn versions_are_some_and_not_many() {
        let good = KeyMessage::Hello(hello()).encode();
        let with = |versions: &str| decode(&good.json().replace("[1]", versions));
        assert!(with("[1,2,3,4,5,6,7,65535]").is_ok());
        for bad in ["[]", "[1,2,3,4,5,6,7,8,9]", "[65536]", "[-1]", "[1.0]", "1"] {
            assert!(with(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let hello = KeyMessage::Hello(hello()).encode();
        for bad in [
            "null",
            "[]",
            r#"["hello",[1],true]"#,
            "{}",
            r#"{"type":1}"#,
            r#"{"type":"hello"}"#,
            r#"{"type":"refused"}"#,
            r#"{"type":"refused","reason":7}"#,
            &hello.json().replace("true", "1"),
            &hello
                .json()
                .replace(r#""words":true"#, r#""words":true,"words":true"#),
            &hello
                .json()
                .replace(r#""type":"hello""#, r#""type":"hello","type":"hello""#),
            &hello.json().replace("hello", "proof"),
            &format!(
                r#"{{"type":"refused","reason":"closed","x":"{}"}}"#,
                "x".repeat(2048)
            ),
        ] {
            assert!(decode(bad).is_err(), "{bad}");
        }
        let unknown = decode(r#"{"type":"welcome"}"#);
        assert_eq!(unknown, Err(DecodeError::UnknownType("welcome".into())));
    }

    #[test]
    fn fields_and_reasons_of_a_newer_version_are_passed_over() {
        let refused = |reason| Ok(KeyMessage::Refused { reason });
        let newer = decode(r#"{"later":[{}],"type":"refused","reason":"full-moon"}"#);
        assert_eq!(newer, refused(RefusalReason::Other));
        let known = decode(r#"{"type":"refused","reason":"wrong-words"}"#);
        assert_eq!(known, refused(RefusalReason::WrongWords));
    }

    #[test]
    fn byte_strings_print_short() {
        let key = IdentityKey::new([0xab; 32]);
        assert_eq!(format!("{key:?} {key}"), "abababab abababababababab");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            versions in prop::collection::vec(any::<u16>(), 1..=VERSIONS),
            words: bool,
            bytes: [u8; 32],
            others: [u8; 32],
            version: u16,
        ) {
            let signature = Signature::new([bytes, others].concat().try_into().unwrap());
            for message in [
                KeyMessage::Hello(KeyHello {
                    versions,
                    words,
                    identity: IdentityKey::new(bytes),
                    commitment: Commitment::new(others),
                }),
                KeyMessage::Share(KeyShare {
                    version,
                    words,
                    identity: IdentityKey::new(bytes),
                    nonce: Nonce::new(others),
                    share: Share::new(bytes),
                    answers: Commitment::new(others),
                }),
                KeyMessage::Proof(KeyProof {
                    nonce: Nonce::new(bytes),
                    share: Share::new(others),
                    tag: Tag::new(bytes),
                    signature,
                    answers: Nonce::new(others),
                }),
                KeyMessage::Confirm(KeyConfirm {
                    tag: Tag::new(others),
                    signature,
                    answers: Nonce::new(bytes),
                }),
            ] {
                prop_assert_eq!(KeyMessage::decode(&message.encode()), Ok(message));
            }
        }

        #[test]
        fn no_json_does_more_than_fail(json in r#"\{"type":"(hello|share|proof|confirm|refused)"(,"[a-z]{1,9}":("[A-Za-z0-9_-]{0,90}"|\[[0-9,]{0,9}\]|true|[0-9]{1,6})){0,6}\}"#) {
            let _ = decode(&json);
        }
    }
}
