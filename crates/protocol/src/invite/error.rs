//! What is wrong with a code, said to whoever typed it.

use std::fmt;

use crate::{InvalidRoomId, limits::INVITE_BYTES};

/// Why a text is not an [`Invite`](crate::Invite).
///
/// Some messages quote a word of the code: they are for the person who typed it, never for a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidInvite {
    /// Nothing was typed.
    #[error("the code is empty")]
    Empty,
    /// More bytes than any link to a room has.
    #[error("{0} bytes are no code, which {INVITE_BYTES} hold with any link: paste it alone")]
    TooLong(usize),
    /// A link without a `#`.
    #[error("the link has no code: copy all of it, with what follows the #")]
    BareLink,
    /// Something between the letters and digits that does not belong there, or a letter of another
    /// alphabet.
    #[error("{0:?} is in no code: it has only digits, the letters A to Z, spaces and dashes")]
    Character(char),
    /// What was typed names no room.
    #[error("the code does not begin with a room: {0}")]
    Room(#[from] InvalidRoomId),
    /// Some of the words are missing, or there are too many.
    #[error("a code has four words after the room, this one has {0}: ask for the whole code")]
    WordCount(usize),
    /// A word that is not on the list.
    #[error("{typed:?} is not a word of the list{}", DidYouMean(candidates))]
    UnknownWord {
        /// What was typed, in lower case.
        typed: String,
        /// At most three words that are one slip away.
        candidates: Vec<&'static str>,
    },
    /// A word that is cut too short.
    #[error("{typed:?} begins several words of the list{}", DidYouMean(candidates))]
    AmbiguousWord {
        /// What was typed, in lower case.
        typed: String,
        /// Three words, or two, that begin so.
        candidates: Vec<&'static str>,
    },
    /// One long group after the room that is no token.
    #[error(
        "{0} letters in a row after the room are neither a word nor a token of 26: \
         put a space or a dash between words"
    )]
    Symbols(usize),
    /// As many symbols as a token has, but not those of one.
    #[error("the 26 letters and digits after the room are no token: copy them again")]
    Token,
}

/// Ends a sentence with words to choose from.
struct DidYouMean<'a>(&'a [&'static str]);

impl fmt::Display for DidYouMean<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((last, others)) = self.0.split_last() else {
            return Ok(());
        };
        f.write_str("; did you mean ")?;
        for (at, word) in others.iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            write!(f, "{comma}{word:?}")?;
        }
        let or = if others.is_empty() { "" } else { " or " };
        write!(f, "{or}{last:?}?")
    }
}
