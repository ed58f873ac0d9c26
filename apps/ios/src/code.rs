//! Codes, as somebody types them.

use qrcodegen::QrCodeEcc;
use snug_peer::ServerUrl;
use snug_protocol::{InvalidInvite, Invite};

use crate::{Secrecy, SnugError, boundary::guard, names::parse};

/// What a code says, or what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum CodeReading {
    /// It is complete.
    Complete {
        /// What it says.
        code: Code,
    },
    /// It is not: not yet, or something is wrong.
    Incomplete {
        /// Which of the reasons, for programs.
        reason: CodeProblem,
        /// Why, for the person who typed it.
        message: String,
        /// The word that is not clear.
        word: Option<String>,
        /// What may have been meant by it; at most three.
        candidates: Vec<String>,
    },
}

/// A code that is complete.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Code {
    /// The code as it is written.
    pub code: String,
    /// The room in it.
    pub room: String,
    /// What it has besides the room.
    pub secrecy: Secrecy,
    /// The address in front of it, if it came as a link.
    pub server: Option<String>,
}

/// What is wrong with a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum CodeProblem {
    /// Nothing was typed.
    Empty,
    /// A link without a code.
    BareLink,
    /// A character that is in no code.
    Character,
    /// It does not begin with a room.
    Room,
    /// Too few words, or too many.
    WordCount,
    /// A word that is not on the list.
    UnknownWord,
    /// A word that is cut too short.
    AmbiguousWord,
    /// Neither words nor a token.
    Other,
}

/// A QR code.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct QrCode {
    /// Modules in a row, and rows. A margin of four light ones belongs around them.
    pub size: u32,
    /// One byte a module, row by row from the top: 1 where it is dark.
    pub modules: Vec<u8>,
}

/// Reads a code, or the link that ends in it. Typing is forgiven: case, spaces, words cut short.
#[uniffi::export]
pub fn read_code(typed: &str) -> CodeReading {
    guard(|| Ok(read(typed))).unwrap_or_else(|broken| CodeReading::Incomplete {
        reason: CodeProblem::Other,
        message: broken.to_string(),
        word: None,
        candidates: Vec::new(),
    })
}

fn read(typed: &str) -> CodeReading {
    match typed.parse::<Invite>() {
        Ok(invite) => CodeReading::Complete {
            code: Code {
                code: invite.to_string(),
                room: invite.room.to_string(),
                secrecy: (&invite.secret).into(),
                server: server_in(typed),
            },
        },
        Err(problem) => explain(problem),
    }
}

/// The link that opens a room in a browser or in the app.
///
/// # Errors
/// [`SnugError::Invalid`] when it is no code, or no address of a server.
#[uniffi::export]
pub fn invite_link(server: &str, code: &str) -> Result<String, SnugError> {
    guard(|| {
        let server: ServerUrl = parse(server)?;
        let invite: Invite = parse(code)?;
        Ok(invite.link(&server.to_string()))
    })
}

/// Draws a link; nothing if it is too long.
#[uniffi::export]
pub fn qr_code(link: &str) -> Option<QrCode> {
    guard(|| Ok(draw(link))).ok()?
}

fn draw(link: &str) -> Option<QrCode> {
    let drawn = qrcodegen::QrCode::encode_text(link, QrCodeEcc::Medium).ok()?;
    let rows = 0..drawn.size();
    let places = rows.clone().flat_map(|y| rows.clone().map(move |x| (x, y)));
    let modules = places.map(|(x, y)| u8::from(drawn.get_module(x, y)));
    Some(QrCode {
        modules: modules.collect(),
        size: u32::try_from(drawn.size()).ok()?,
    })
}

/// The server that a link leads to. The code in it was read already.
fn server_in(typed: &str) -> Option<String> {
    let (address, _) = typed.trim().split_once('#')?;
    let server: ServerUrl = address.parse().ok()?;
    Some(server.to_string())
}

fn explain(problem: InvalidInvite) -> CodeReading {
    let message = problem.to_string();
    let (reason, word, candidates) = match problem {
        InvalidInvite::Empty => (CodeProblem::Empty, None, Vec::new()),
        InvalidInvite::BareLink => (CodeProblem::BareLink, None, Vec::new()),
        InvalidInvite::Character(_) => (CodeProblem::Character, None, Vec::new()),
        InvalidInvite::Room(_) => (CodeProblem::Room, None, Vec::new()),
        InvalidInvite::WordCount(_) => (CodeProblem::WordCount, None, Vec::new()),
        InvalidInvite::UnknownWord { typed, candidates } => {
            (CodeProblem::UnknownWord, Some(typed), candidates)
        }
        InvalidInvite::AmbiguousWord { typed, candidates } => {
            (CodeProblem::AmbiguousWord, Some(typed), candidates)
        }
        _ => (CodeProblem::Other, None, Vec::new()),
    };
    CodeReading::Incomplete {
        reason,
        message,
        word,
        candidates: candidates.into_iter().map(str::to_owned).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let CodeReading::Complete { code } = read_code("k7q4x9 otter LEMON cloud ferry") else {
            panic!("it is complete");
        };
        assert_eq!(code.code, "K7Q4X9-otter-lemon-cloud-ferry");
        assert_eq!(code.room, "K7Q4X9");
        assert_eq!((code.secrecy, code.server), (Secrecy::Words, None));
    }

    #[test]
    fn a_link_says_which_server_to_ask() {
        let link = invite_link("snug.example/", "k7q4x9-otter-lemon-cloud-ferry").unwrap();
        assert_eq!(link, "https://snug.example/#K7Q4X9-otter-lemon-cloud-ferry");
        let CodeReading::Complete { code } = read_code(&link) else {
            panic!("it is complete");
        };
        assert_eq!(code.server.as_deref(), Some("https://snug.example"));
        assert!(invite_link("snug.example", "otter").is_err());
    }

    #[test]
    fn an_unclear_word_comes_with_suggestions() {
        let reading = read_code("K7Q4X9-ottre-lemon-cloud-ferry");
        let CodeReading::Incomplete {
            reason,
            word,
            candidates,
            ..
        } = reading
        else {
            panic!("it is no word");
        };
        assert_eq!(reason, CodeProblem::UnknownWord);
        assert_eq!(word.as_deref(), Some("ottre"));
        assert_eq!(candidates, ["otter"]);
    }

    #[test]
    fn a_link_becomes_a_picture() {
        let drawn = qr_code("https://snug.example/#K7Q4X9-otter-lemon-cloud-ferry").unwrap();
        let size = drawn.size as usize;
        assert_eq!(drawn.modules.len(), size * size);
        // A finder pattern is in the corner (ISO/IEC 18004 §6.3.3).
        assert_eq!(drawn.modules[..8], [1, 1, 1, 1, 1, 1, 1, 0]);
        assert_eq!(qr_code(&"a".repeat(10_000)), None);
    }
}
