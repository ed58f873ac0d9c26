//! Byte strings of a fixed length: base64url where people read them, bytes between machines.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_bytes::ByteArray;

use crate::base64url;

/// Declares a byte string of a fixed length.
macro_rules! byte_string {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $len]);

        impl $name {
            /// How many bytes it has.
            pub const BYTES: usize = $len;

            /// Takes the bytes.
            pub const fn new(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// The bytes.
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            /// The first eight bytes: enough to tell two apart.
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::byte_string::write_hex(f, &self.0[..8])
            }
        }

        impl std::fmt::Debug for $name {
            /// The first four bytes: enough to tell two apart in a log.
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::byte_string::write_hex(f, &self.0[..4])
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::byte_string::serialize(&self.0, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::byte_string::deserialize(deserializer).map(Self)
            }
        }
    };
}
pub(crate) use byte_string;

pub(crate) fn write_hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

pub(crate) fn serialize<const N: usize, S: Serializer>(
    bytes: &[u8; N],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        return base64url::encode(bytes).serialize(serializer);
    }
    serializer.serialize_bytes(bytes)
}

pub(crate) fn deserialize<'de, const N: usize, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<[u8; N], D::Error> {
    if !deserializer.is_human_readable() {
        return ByteArray::deserialize(deserializer).map(ByteArray::into_array);
    }
    let text = Cow::<'de, str>::deserialize(deserializer)?;
    base64url::decode(&text)
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| de::Error::custom(format_args!("not {N} bytes in base64url")))
}
