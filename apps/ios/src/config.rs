//! How a member takes part.

use snug_peer::{PeerConfig, nearby::Radio};
use snug_protocol::{Invite, Profile, Secret, Token, Words, limits::NICKNAME_BYTES};
use snug_session::Intent;

use crate::{SnugError, names::parse};

/// How a member takes part in a room.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SessionConfig {
    /// Who introduces the members.
    pub way: Way,
    /// Which room.
    pub entry: Entry,
    /// How to be called; empty for no name.
    #[uniffi(default)]
    pub nickname: String,
    /// Hides this phone's addresses from the others: frames go through TURN servers, or sealed
    /// through the server itself.
    #[uniffi(default = false)]
    pub relay_only: bool,
    /// Passes on what it receives to others who want it.
    #[uniffi(default = true)]
    pub shares: bool,
    /// Bytes of files received into memory that have not been taken yet; 256 MiB if not said.
    #[uniffi(default = None)]
    pub memory_cap: Option<u64>,
}

/// Who introduces the members to each other.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Way {
    /// A server.
    Server {
        /// Its address, as a person may type it.
        address: String,
    },
    /// The app, over whatever radio there is.
    Nearby,
}

/// Which room to enter.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Entry {
    /// A new one.
    Create {
        /// What its code has besides the room.
        secrecy: Secrecy,
        /// Seats, if not the server's default.
        capacity: Option<u16>,
    },
    /// One that exists.
    Join {
        /// Its code, or the link that ends in it.
        code: String,
    },
}

/// What those in a room have in common, and the server does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Secrecy {
    /// Four words, to be said aloud.
    Words,
    /// 128 bits, to be pasted.
    Token,
    /// Nothing: nobody can be verified.
    Open,
}

impl SessionConfig {
    /// The peer's configuration, for a member that never was before, and its radio if it has one.
    pub(crate) fn into_peer(self) -> Result<(PeerConfig, Option<Radio>), SnugError> {
        if self.nickname.len() > NICKNAME_BYTES {
            let message = format!("the name is longer than {NICKNAME_BYTES} bytes");
            return Err(SnugError::Invalid { message });
        }
        let (intent, secret) = self.entry.open()?;
        let (mut config, radio) = match self.way {
            Way::Server { address } => (PeerConfig::new(parse(&address)?, intent, secret), None),
            Way::Nearby => {
                let radio = Radio::new();
                let config = PeerConfig::nearby(radio.clone(), intent, secret);
                (config, Some(radio))
            }
        };
        config.profile = Profile {
            nickname: self.nickname,
            ..Profile::default()
        };
        config.relay_only = self.relay_only;
        config.shares = self.shares;
        config.memory_cap = self.memory_cap.unwrap_or(config.memory_cap);
        Ok((config, radio))
    }
}

impl Entry {
    fn open(self) -> Result<(Intent, Secret), SnugError> {
        match self {
            Self::Create { secrecy, capacity } => Ok((Intent::Create { capacity }, secrecy.draw())),
            Self::Join { code } => {
                let Invite { room, secret } = parse(&code)?;
                Ok((Intent::Join(room), secret))
            }
        }
    }
}

impl Secrecy {
    fn draw(self) -> Secret {
        match self {
            Self::Words => Secret::Words(Words::from_entropy(rand::random())),
            Self::Token => Secret::Token(Token::from_entropy(rand::random())),
            Self::Open => Secret::Open,
        }
    }
}

impl From<&Secret> for Secrecy {
    fn from(secret: &Secret) -> Self {
        match secret {
            Secret::Words(_) => Self::Words,
            Secret::Token(_) => Self::Token,
            Secret::Open => Self::Open,
        }
    }
}
