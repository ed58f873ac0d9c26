//! Seals what the server passes on: ChaCha20-Poly1305 (RFC 8439 §2.8) with a counter.

use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use snug_protocol::{
    ClientId, ForwardKind, RoomId, Sealed,
    limits::{SEALED_MESSAGES, SEALED_SIZES},
};
use zeroize::Zeroizing;

use super::{OpenError, SealError, encoding::lv_cat, schedule::Key};

/// Bytes of the length in front of what is padded.
const LENGTH_BYTES: usize = 4;

/// What is sealed in one direction, by the sender.
pub(super) struct SealingKey {
    cipher: ChaCha20Poly1305,
    last: u64,
}

/// What is sealed in one direction, at the receiver.
pub(super) struct OpeningKey {
    cipher: ChaCha20Poly1305,
    last: u64,
}

/// Where a sealed message goes. The receiver opens it at this address only.
pub(super) struct Address<'a> {
    pub(super) room: RoomId,
    pub(super) from: &'a ClientId,
    pub(super) to: &'a ClientId,
    pub(super) kind: ForwardKind,
}

impl SealingKey {
    pub(super) fn new(key: &Key) -> Self {
        Self {
            cipher: cipher(key),
            last: 0,
        }
    }

    pub(super) fn seal(
        &mut self,
        address: &Address<'_>,
        plaintext: &[u8],
    ) -> Result<Sealed, SealError> {
        if self.last == SEALED_MESSAGES {
            return Err(SealError::Spent);
        }
        let padded = pad(plaintext).ok_or(SealError::TooLong {
            len: plaintext.len(),
        })?;
        let number = self.last + 1;
        let payload = Payload {
            msg: &padded,
            aad: &address.associated_data(number),
        };
        let data = self
            .cipher
            .encrypt(&nonce(number), payload)
            .expect("a bounded message is below the cipher's limit of 256 GiB");
        self.last = number;
        Ok(Sealed {
            number,
            data: data.into(),
        })
    }
}

impl OpeningKey {
    pub(super) fn new(key: &Key) -> Self {
        Self {
            cipher: cipher(key),
            last: 0,
        }
    }

    pub(super) fn open(
        &mut self,
        address: &Address<'_>,
        sealed: &Sealed,
    ) -> Result<Vec<u8>, OpenError> {
        let number = sealed.number;
        if number <= self.last {
            return Err(OpenError::Replayed {
                number,
                last: self.last,
            });
        }
        if number > SEALED_MESSAGES {
            return Err(OpenError::Forged);
        }
        let payload = Payload {
            msg: &sealed.data,
            aad: &address.associated_data(number),
        };
        let padded = self
            .cipher
            .decrypt(&nonce(number), payload)
            .map(Zeroizing::new)
            .map_err(|_| OpenError::Forged)?;
        let plaintext = unpad(&padded).ok_or(OpenError::Padding)?;
        self.last = number;
        Ok(plaintext.to_vec())
    }
}

impl Address<'_> {
    fn associated_data(&self, number: u64) -> Vec<u8> {
        lv_cat(&[
            b"snug v1 sealed",
            self.room.as_str().as_bytes(),
            self.from.as_str().as_bytes(),
            self.to.as_str().as_bytes(),
            self.kind.as_str().as_bytes(),
            &number.to_be_bytes(),
        ])
    }
}

fn cipher(key: &Key) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new_from_slice(key.as_slice()).expect("32 bytes are a key")
}

/// The number as a nonce: used once under each key, as it only grows.
fn nonce(number: u64) -> Nonce {
    let mut nonce = Nonce::default();
    nonce[4..].copy_from_slice(&number.to_be_bytes());
    nonce
}

/// Puts the length in front and zeros behind, up to one of a few sizes.
fn pad(plaintext: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let len = u32::try_from(plaintext.len()).ok()?;
    let size = padded_size(plaintext.len())?;
    let mut padded = Zeroizing::new(Vec::with_capacity(size));
    padded.extend_from_slice(&len.to_be_bytes());
    padded.extend_from_slice(plaintext);
    padded.resize(size, 0);
    Some(padded)
}

/// Takes what [`pad`] made, and nothing else, so that no two paddings mean the same.
fn unpad(padded: &[u8]) -> Option<&[u8]> {
    let (len, rest) = padded.split_first_chunk::<LENGTH_BYTES>()?;
    let len = usize::try_from(u32::from_be_bytes(*len)).ok()?;
    let (plaintext, zeros) = rest.split_at_checked(len)?;
    let agreed = padded_size(len) == Some(padded.len()) && zeros.iter().all(|zero| *zero == 0);
    agreed.then_some(plaintext)
}

/// The smallest of the sizes that holds so many bytes and their length.
fn padded_size(len: usize) -> Option<usize> {
    let needed = len.checked_add(LENGTH_BYTES)?;
    SEALED_SIZES.into_iter().find(|size| *size >= needed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn ids() -> [ClientId; 2] {
        ["ann".parse().unwrap(), "ben".parse().unwrap()]
    }

    fn address([from, to]: &[ClientId; 2]) -> Address<'_> {
        Address {
            room: "K7Q4X9".parse().unwrap(),
            from,
            to,
            kind: ForwardKind::Offer,
        }
    }

    fn keys() -> (SealingKey, OpeningKey) {
        let key = Zeroizing::new(KEY);
        (SealingKey::new(&key), OpeningKey::new(&key))
    }

    #[test]
    fn a_key_seals_so_many_messages_and_no_more() {
        let ids = ids();
        let (mut sealing, mut opening) = keys();
        sealing.last = SEALED_MESSAGES - 1;
        let last = sealing.seal(&address(&ids), b"x").unwrap();
        assert_eq!(last.number, SEALED_MESSAGES);
        assert_eq!(opening.open(&address(&ids), &last).unwrap(), b"x");
        assert_eq!(sealing.seal(&address(&ids), b"x"), Err(SealError::Spent));
        assert_eq!(sealing.last, SEALED_MESSAGES);
    }

    #[test]
    fn every_part_of_the_address_counts() {
        let (here, other) = (ids(), "eve".parse().unwrap());
        let (mut sealing, mut opening) = keys();
        let sealed = sealing.seal(&address(&here), b"x").unwrap();
        for wrong in [
            Address {
                room: "K7Q4X8".parse().unwrap(),
                ..address(&here)
            },
            Address {
                from: &other,
                ..address(&here)
            },
            Address {
                to: &other,
                ..address(&here)
            },
            Address {
                kind: ForwardKind::Answer,
                ..address(&here)
            },
        ] {
            assert_eq!(opening.open(&wrong, &sealed), Err(OpenError::Forged));
        }
        assert_eq!(opening.open(&address(&here), &sealed).unwrap(), b"x");
    }

    #[test]
    fn only_the_agreed_padding_is_taken() {
        let ids = ids();
        let text = |len: u32, size: usize| {
            let mut padded = len.to_be_bytes().to_vec();
            padded.resize(size, 0);
            padded
        };
        let mut stray = text(1, 256);
        stray[255] = 1;
        for wrong in [
            vec![],
            vec![0; 3],
            text(0, 4),     // no padding
            text(0, 1024),  // more than needed
            text(0, 255),   // no size of ours
            text(253, 256), // longer than it is
            text(253, 257), // another size than its own
            text(u32::MAX, 256),
            stray,
        ] {
            let (_, mut opening) = keys();
            let payload = Payload {
                msg: &wrong,
                aad: &address(&ids).associated_data(1),
            };
            let data = opening.cipher.encrypt(&nonce(1), payload).unwrap().into();
            let sealed = Sealed { number: 1, data };
            let opened = opening.open(&address(&ids), &sealed);
            assert_eq!(opened, Err(OpenError::Padding), "{} bytes", wrong.len());
            assert_eq!(opening.last, 0);
        }
    }

    #[test]
    fn sizes_hold_their_length_and_no_more() {
        assert_eq!(padded_size(0), Some(256));
        assert_eq!(padded_size(252), Some(256));
        assert_eq!(padded_size(253), Some(1024));
        assert_eq!(padded_size(40_956), Some(40_960));
        assert_eq!(padded_size(40_957), None);
        assert_eq!(padded_size(usize::MAX), None);
    }
}
