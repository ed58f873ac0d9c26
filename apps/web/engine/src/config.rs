//! How a member takes part.

use serde::Serialize;
use snug_protocol::{Invite, Profile, Secret, Token, Words, limits::NICKNAME_BYTES};
use snug_session::{self as session, Intent, RelayBudget};
use tsify::Tsify;

/// How a member takes part in a room.
#[derive(Debug, Clone, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Config {
    /// Which room.
    pub entry: Entry,
    /// How to be called; empty for no name.
    pub nickname: String,
    /// Hides this machine's addresses from the others: frames go through TURN servers, or sealed
    /// through the server itself.
    pub relay_only: bool,
    /// Passes on what it receives to others who want it.
    pub shares: bool,
}

/// Which room to enter.
#[derive(Debug, Clone, Tsify)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub enum Entry {
    /// A new one.
    Create {
        /// What its code has besides the room.
        secrecy: Secrecy,
        /// Seats, if not the server's default.
        #[tsify(optional)]
        capacity: Option<u16>,
    },
    /// One that exists.
    Join {
        /// Its code, or the link that ends in it.
        code: String,
    },
}

/// What those in a room have in common, and the server does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "kebab-case")]
pub enum Secrecy {
    /// Four words, to be said aloud.
    Words,
    /// 128 bits, to be pasted.
    Token,
    /// Nothing: nobody can be verified.
    Open,
}

/// Why nobody can take part in this way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error(transparent)]
    Code(#[from] snug_protocol::InvalidInvite),
    #[error("the name is longer than {NICKNAME_BYTES} bytes")]
    NicknameTooLong,
    #[error("this browser gives no random numbers")]
    NoRandomness,
}

impl Config {
    /// The session's configuration, for a member that never was before.
    pub(crate) fn into_session(self) -> Result<session::Config, ConfigError> {
        if self.nickname.len() > NICKNAME_BYTES {
            return Err(ConfigError::NicknameTooLong);
        }
        let (intent, secret) = self.entry.open()?;
        let id = uuid::Builder::from_random_bytes(entropy()?).into_uuid();
        Ok(session::Config {
            client: id.to_string().parse().expect("a UUID is a client id"),
            intent,
            secret,
            profile: Profile {
                nickname: self.nickname,
                ..Profile::default()
            },
            relay_only: self.relay_only,
            relay: RelayBudget::SERVER,
            shares: self.shares,
        })
    }
}

impl Entry {
    fn open(self) -> Result<(Intent, Secret), ConfigError> {
        match self {
            Self::Create { secrecy, capacity } => {
                Ok((Intent::Create { capacity }, secrecy.draw()?))
            }
            Self::Join { code } => {
                let Invite { room, secret } = code.parse()?;
                Ok((Intent::Join(room), secret))
            }
        }
    }
}

impl Secrecy {
    fn draw(self) -> Result<Secret, ConfigError> {
        Ok(match self {
            Self::Words => Secret::Words(Words::from_entropy(entropy()?)),
            Self::Token => Secret::Token(Token::from_entropy(entropy()?)),
            Self::Open => Secret::Open,
        })
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

/// Bytes from the system's randomness.
pub(crate) fn entropy<const N: usize>() -> Result<[u8; N], ConfigError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| ConfigError::NoRandomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(entry: Entry) -> Config {
        Config {
            entry,
            nickname: "Ann".into(),
            relay_only: false,
            shares: true,
        }
    }

    #[test]
    fn whoever_joins_brings_the_words_of_the_code() {
        let code = "k7q4x9 otter lemon cloud ferry".into();
        let joins = config(Entry::Join { code }).into_session().unwrap();
        assert_eq!(joins.intent, Intent::Join("K7Q4X9".parse().unwrap()));
        assert!(matches!(joins.secret, Secret::Words(_)));
    }

    #[test]
    fn whoever_creates_draws_new_words() {
        let create = || {
            let (secrecy, capacity) = (Secrecy::Words, None);
            let config = config(Entry::Create { secrecy, capacity });
            config.into_session().unwrap()
        };
        let (one, other) = (create(), create());
        assert_ne!(one.secret, other.secret);
        assert_ne!(one.client, other.client);
    }

    #[test]
    fn a_long_name_is_refused() {
        let mut config = config(Entry::Create {
            secrecy: Secrecy::Open,
            capacity: None,
        });
        config.nickname = "a".repeat(NICKNAME_BYTES + 1);
        assert_eq!(config.into_session(), Err(ConfigError::NicknameTooLong));
    }
}
