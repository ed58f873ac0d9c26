//! Names of rooms, clients and transfers.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{crockford, limits::CLIENT_ID_BYTES};

/// A room: six symbols of Crockford's base32, 30 bits, issued by the server.
///
/// Parsing forgives case and the look-alikes `O` for `0` and `I` or `L` for `1`; display is upper
/// case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomId([u8; Self::SYMBOLS]);

/// A participant, named by itself: 1 to 64 of `A-Z a-z 0-9 _ - . :`. Ours are `UUIDv4`.
///
/// The order of ids is the order of their bytes; it decides roles between two peers.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(Arc<str>);

/// A file on offer in a room, derived from its manifest and name: the same file offered again,
/// by anyone, has the same id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransferId([u8; Self::BYTES]);

impl RoomId {
    /// Symbols in an id.
    pub const SYMBOLS: usize = 6;

    /// Builds an id from the low 30 bits of `random`, which must be uniform.
    pub fn from_random(random: u32) -> Self {
        Self(std::array::from_fn(|at| {
            crockford::ALPHABET[(random >> (5 * at)) as usize % crockford::ALPHABET.len()]
        }))
    }

    /// The id in upper case.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("symbols are ASCII")
    }
}

impl FromStr for RoomId {
    type Err = InvalidRoomId;

    fn from_str(typed: &str) -> Result<Self, InvalidRoomId> {
        let typed: [u8; Self::SYMBOLS] = typed
            .as_bytes()
            .try_into()
            .map_err(|_| InvalidRoomId::Length)?;
        let mut symbols = [0; Self::SYMBOLS];
        for (symbol, typed) in symbols.iter_mut().zip(typed) {
            *symbol = crockford::symbol(typed).ok_or(InvalidRoomId::Symbol)?;
        }
        Ok(Self(symbols))
    }
}

impl ClientId {
    /// The id as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClientId {
    type Err = InvalidClientId;

    fn from_str(id: &str) -> Result<Self, InvalidClientId> {
        if id.is_empty() || id.len() > CLIENT_ID_BYTES {
            return Err(InvalidClientId::Length);
        }
        if !id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_-.:".contains(&b))
        {
            return Err(InvalidClientId::Symbol);
        }
        Ok(Self(id.into()))
    }
}

impl TransferId {
    /// Bytes in an id.
    pub const BYTES: usize = 16;

    /// Takes the bytes of an id.
    pub const fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes of the id.
    pub const fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

impl FromStr for TransferId {
    type Err = InvalidTransferId;

    fn from_str(hex: &str) -> Result<Self, InvalidTransferId> {
        // `from_str_radix` alone would also take a sign.
        if hex.len() != 2 * Self::BYTES || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(InvalidTransferId);
        }
        let mut bytes = [0; Self::BYTES];
        for (at, byte) in bytes.iter_mut().enumerate() {
            let digits = &hex[2 * at..2 * at + 2];
            *byte = u8::from_str_radix(digits, 16).map_err(|_| InvalidTransferId)?;
        }
        Ok(Self(bytes))
    }
}

/// Why a text is not a [`RoomId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRoomId {
    /// Not six symbols.
    #[error("a room id has {} symbols", RoomId::SYMBOLS)]
    Length,
    /// A symbol outside the alphabet.
    #[error("a room id has only digits and the letters A to Z without U")]
    Symbol,
}

/// Why a text is not a [`ClientId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidClientId {
    /// Empty or too long.
    #[error("a client id has 1 to {CLIENT_ID_BYTES} characters")]
    Length,
    /// A character outside the set.
    #[error("a client id has only letters, digits and the characters _ - . :")]
    Symbol,
}

/// A text that is not the hexadecimal form of a [`TransferId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a transfer id has {} hexadecimal digits", 2 * TransferId::BYTES)]
pub struct InvalidTransferId;

impl fmt::Display for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ClientId {
    /// The first eight characters: enough to tell people apart in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.get(..8).unwrap_or(&self.0))
    }
}

impl fmt::Display for TransferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TransferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..4]
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for RoomId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for RoomId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}

impl Serialize for ClientId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ClientId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}

/// Hexadecimal where people read it (JSON), bytes between machines (`MessagePack`).
impl Serialize for TransferId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.collect_str(self);
        }
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for TransferId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return from_text(deserializer);
        }
        serde_bytes::ByteArray::deserialize(deserializer).map(|bytes| Self(bytes.into_array()))
    }
}

/// Deserializes through `FromStr`, with its error.
fn from_text<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err: fmt::Display>,
    D: Deserializer<'de>,
{
    std::borrow::Cow::<'de, str>::deserialize(deserializer)?
        .parse()
        .map_err(de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_ids_forgive_case_and_look_alikes() {
        let id: RoomId = "k7qoil".parse().unwrap();
        assert_eq!(id.to_string(), "K7Q011");
        assert_eq!("K7Q011".parse(), Ok(id));
    }

    #[test]
    fn room_ids_refuse_everything_else() {
        for (typed, why) in [
            ("", InvalidRoomId::Length),
            ("K7Q4X", InvalidRoomId::Length),
            ("K7Q4X99", InvalidRoomId::Length),
            ("K7Q4XU", InvalidRoomId::Symbol),
            ("K7Q4X ", InvalidRoomId::Symbol),
            ("K7Q4\r\n", InvalidRoomId::Symbol),
            ("K7Q4\0X", InvalidRoomId::Symbol),
            ("K7Q\u{0410}X", InvalidRoomId::Symbol), // a Cyrillic A
            ("\u{ff2b}\u{ff17}", InvalidRoomId::Symbol), // two full-width letters are six bytes
            ("%2e%2e", InvalidRoomId::Symbol),
        ] {
            assert_eq!(typed.parse::<RoomId>(), Err(why), "{typed:?}");
        }
        assert_eq!(
            "x".repeat(10_000_000).parse::<RoomId>(),
            Err(InvalidRoomId::Length)
        );
    }

    #[test]
    fn room_ids_from_random_bits_use_all_thirty() {
        assert_eq!(RoomId::from_random(0).as_str(), "000000");
        assert_eq!(RoomId::from_random(u32::MAX).as_str(), "ZZZZZZ");
        assert_eq!(RoomId::from_random(1 << 29).as_str(), "00000G");
    }

    #[test]
    fn client_ids_keep_to_their_alphabet() {
        for good in ["a", "A-Z_0.9:", &"x".repeat(64)] {
            assert_eq!(good.parse::<ClientId>().unwrap().as_str(), good);
        }
        for bad in ["", " ", "a b", "a\n", "\u{e9}", "a/b", &"x".repeat(65)] {
            assert!(bad.parse::<ClientId>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn transfer_ids_read_back_from_hex() {
        let id = TransferId::from_bytes([0xab; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        for bad in [
            "",
            "ab",
            &"g".repeat(32),
            &"+a".repeat(16),
            &"\u{e9}".repeat(16),
        ] {
            assert_eq!(bad.parse::<TransferId>(), Err(InvalidTransferId));
        }
    }
}
