//! What people say to each other to meet: the code of a room, or a link that ends in it.

use std::{fmt, str::FromStr};

use crate::{InvalidRoomId, RoomId};

/// The code of a room.
///
/// Parsing takes a code with spaces or dashes anywhere, or a link that has the code after `#`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invite {
    /// The room that the code opens.
    pub room: RoomId,
}

impl Invite {
    /// The link that opens the room in a browser, given the address of the server.
    pub fn link(&self, server: &str) -> String {
        format!("{}/#{self}", server.trim_end_matches('/'))
    }
}

impl FromStr for Invite {
    type Err = InvalidInvite;

    fn from_str(typed: &str) -> Result<Self, InvalidInvite> {
        let code = typed.rsplit_once('#').map_or(typed, |(_link, code)| code);
        let symbols: String = code
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .take(64)
            .collect();
        if symbols.is_empty() {
            return Err(InvalidInvite::Empty);
        }
        Ok(Self {
            room: symbols.parse()?,
        })
    }
}

impl fmt::Display for Invite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.room.fmt(f)
    }
}

/// Why a text is not an [`Invite`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidInvite {
    /// Nothing was typed.
    #[error("the code is empty")]
    Empty,
    /// What was typed names no room.
    #[error("not a room code: {0}")]
    Room(#[from] InvalidRoomId),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_links_are_forgiven_their_spelling() {
        let room = "K7Q4X9".parse().unwrap();
        for typed in [
            "K7Q4X9",
            " k7q 4x9\n",
            "k7q-4x9",
            "https://snug.example/#k7q4x9",
        ] {
            assert_eq!(typed.parse(), Ok(Invite { room }), "{typed:?}");
        }
        let link = Invite { room }.link("https://snug.example/");
        assert_eq!(link, "https://snug.example/#K7Q4X9");
        assert_eq!(link.parse(), Ok(Invite { room }));
    }

    #[test]
    fn everything_else_says_why_not() {
        for (typed, why) in [
            ("", InvalidInvite::Empty),
            (" - ", InvalidInvite::Empty),
            (
                "https://snug.example/",
                InvalidInvite::Room(InvalidRoomId::Length),
            ),
            ("K7Q4XU", InvalidInvite::Room(InvalidRoomId::Symbol)),
        ] {
            assert_eq!(typed.parse::<Invite>(), Err(why), "{typed:?}");
        }
    }
}
