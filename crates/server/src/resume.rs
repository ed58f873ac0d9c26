//! The right to re-take a seat, proven to a server that remembers nothing.
//!
//! A token is a MAC under the server's key over the room, the client and the [`Claim`]: whoever
//! holds the key can check it, also after a restart or on another node.

use std::{fmt, time::Duration};

use base64::{Engine, engine::general_purpose};
use snug_protocol::{ClientId, ResumeToken, RoomId};

/// The secret under which resume tokens are made.
#[derive(Clone, PartialEq, Eq)]
pub struct ResumeKey([u8; Self::BYTES]);

impl ResumeKey {
    /// Bytes in a key.
    pub const BYTES: usize = 32;

    /// Takes the bytes of a key.
    pub const fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// Makes a key from the operating system's randomness.
    pub fn random() -> Self {
        Self(rand::random())
    }

    /// Reads a key as people write it: 64 hexadecimal digits, or base64 in either alphabet.
    ///
    /// # Errors
    /// [`InvalidResumeKey`] for everything else. The error does not repeat the text.
    pub fn parse(text: &str) -> Result<Self, InvalidResumeKey> {
        let text = text.trim();
        let bytes = decode_hex(text)
            .or_else(|| decode_base64(text))
            .ok_or(InvalidResumeKey)?;
        bytes.try_into().map(Self).map_err(|_| InvalidResumeKey)
    }

    /// The key as 64 hexadecimal digits, for the key file.
    pub fn to_hex(&self) -> String {
        blake3::Hash::from_bytes(self.0).to_hex().to_string()
    }

    /// Makes the token with which `client` re-takes its seat in `room`.
    pub(crate) fn issue(&self, room: RoomId, client: &ClientId, claim: Claim) -> ResumeToken {
        let mut token = claim.encode().to_vec();
        let mac = self.mac(&token, room, client);
        token.extend_from_slice(mac.as_bytes());
        let token = general_purpose::URL_SAFE_NO_PAD.encode(token);
        ResumeToken::new(token).expect("ours are a quarter of the limit")
    }

    /// Reads a token, or refuses it when it was not made under this key for this seat.
    pub(crate) fn open(
        &self,
        room: RoomId,
        client: &ClientId,
        token: &ResumeToken,
    ) -> Option<Claim> {
        let bytes = general_purpose::URL_SAFE_NO_PAD
            .decode(token.as_str())
            .ok()?;
        let (claim, mac) = bytes.split_at_checked(Claim::BYTES)?;
        let mac = blake3::Hash::from_slice(mac).ok()?;
        // `Hash` compares in constant time.
        (self.mac(claim, room, client) == mac)
            .then(|| Claim::decode(claim))
            .flatten()
    }

    /// A password derived from the key, for things that are neither tokens nor told to clients.
    pub(crate) fn pseudonym(&self, room: RoomId, client: &ClientId) -> String {
        let mac = self.mac(b"pseudonym", room, client);
        mac.to_hex()[..16].to_owned()
    }

    /// The parts cannot run into each other: the first has a length of its own for each use, the
    /// room a fixed one.
    fn mac(&self, head: &[u8], room: RoomId, client: &ClientId) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(head);
        hasher.update(room.as_str().as_bytes());
        hasher.update(client.as_str().as_bytes());
        hasher.finalize()
    }
}

impl fmt::Debug for ResumeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResumeKey(..)")
    }
}

/// A text that is not a [`ResumeKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key is 32 bytes, written as 64 hexadecimal digits or as base64")]
pub struct InvalidResumeKey;

/// What a token says about its seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Claim {
    /// Capacity of the room, so that a server that lost it can rebuild it.
    pub(crate) capacity: u16,
    /// When the token stops to open anything but a seat that is still there; Unix time.
    pub(crate) expires: Duration,
    /// Which taking of the seat it was. Without it, whoever once had a client id could push out
    /// the one who has it now.
    pub(crate) seating: u64,
}

impl Claim {
    const VERSION: u8 = 1;
    const BYTES: usize = 1 + 2 + 8 + 8;

    /// `version | capacity | expiry in seconds | seating`, big-endian.
    fn encode(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[0] = Self::VERSION;
        bytes[1..3].copy_from_slice(&self.capacity.to_be_bytes());
        bytes[3..11].copy_from_slice(&self.expires.as_secs().to_be_bytes());
        bytes[11..].copy_from_slice(&self.seating.to_be_bytes());
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first()?;
        let (capacity, rest) = rest.split_first_chunk()?;
        let (expires, seating) = rest.split_first_chunk()?;
        (*version == Self::VERSION).then_some(Self {
            capacity: u16::from_be_bytes(*capacity),
            expires: Duration::from_secs(u64::from_be_bytes(*expires)),
            seating: u64::from_be_bytes(seating.try_into().ok()?),
        })
    }
}

fn decode_hex(text: &str) -> Option<Vec<u8>> {
    blake3::Hash::from_hex(text)
        .ok()
        .map(|hash| hash.as_bytes().to_vec())
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    let engines = [
        general_purpose::STANDARD_NO_PAD,
        general_purpose::URL_SAFE_NO_PAD,
    ];
    engines.iter().find_map(|engine| engine.decode(text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLAIM: Claim = Claim {
        capacity: 8,
        expires: Duration::from_secs(1_900_000_000),
        seating: 7,
    };

    fn seat() -> (RoomId, ClientId) {
        ("K7Q4X9".parse().unwrap(), "ann".parse().unwrap())
    }

    #[test]
    fn tokens_read_back() {
        let key = ResumeKey::from_bytes([7; 32]);
        let (room, client) = seat();
        let token = key.issue(room, &client, CLAIM);
        assert_eq!(key.open(room, &client, &token), Some(CLAIM));
        assert_eq!(token.as_str().len(), 68);
    }

    #[test]
    fn tokens_of_another_key_room_or_client_are_refused() {
        let key = ResumeKey::from_bytes([7; 32]);
        let (room, client) = seat();
        let token = key.issue(room, &client, CLAIM);
        let other_room = "000000".parse().unwrap();
        let other_client = "ann2".parse().unwrap();
        assert_eq!(
            ResumeKey::from_bytes([8; 32]).open(room, &client, &token),
            None
        );
        assert_eq!(key.open(other_room, &client, &token), None);
        assert_eq!(key.open(room, &other_client, &token), None);
    }

    #[test]
    fn cut_and_changed_tokens_are_refused() {
        let key = ResumeKey::from_bytes([7; 32]);
        let (room, client) = seat();
        let token = key.issue(room, &client, CLAIM).as_str().to_owned();
        for cut in 0..token.len() {
            let token = ResumeToken::new(&token[..cut]).unwrap();
            assert_eq!(key.open(room, &client, &token), None, "cut to {cut}");
        }
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = ResumeToken::new(String::from_utf8(changed).unwrap()).unwrap();
            assert_eq!(key.open(room, &client, &changed), None, "changed at {at}");
        }
    }

    #[test]
    fn keys_are_read_as_hexadecimal_and_as_base64() {
        let key = ResumeKey::from_bytes([0xfb; 32]);
        assert_eq!(
            ResumeKey::parse(&format!("{}\n", key.to_hex())),
            Ok(key.clone())
        );
        let base64 = general_purpose::STANDARD.encode([0xfb; 32]);
        assert_eq!(ResumeKey::parse(&base64), Ok(key.clone()));
        assert_eq!(
            ResumeKey::parse(&base64.replace('+', "-").replace('/', "_")),
            Ok(key)
        );
        for bad in ["", "secret", &"0".repeat(63), &base64[..40]] {
            assert_eq!(ResumeKey::parse(bad), Err(InvalidResumeKey), "{bad:?}");
        }
    }
}
