//! Codes, as somebody types them.

use std::fmt::Write;

use qrcodegen::{QrCode, QrCodeEcc};
use serde::Serialize;
use snug_protocol::{InvalidInvite, Invite};
use tsify::{Ts, Tsify};
use wasm_bindgen::{JsError, prelude::wasm_bindgen};

use crate::Secrecy;

/// What a code says, or what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Tsify)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub enum CodeReading {
    /// It is complete.
    Complete(Code),
    /// It is not: not yet, or something is wrong.
    Invalid {
        /// Which of the reasons, for programs.
        reason: CodeProblem,
        /// Why, for the person who typed it.
        message: String,
        /// The word that is not clear.
        #[tsify(optional)]
        word: Option<String>,
        /// What may have been meant by it; at most three.
        candidates: Vec<&'static str>,
    },
}

/// A code that is complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Code {
    /// The code as it is written.
    pub code: String,
    /// The room in it.
    pub room: String,
    /// What it has besides the room.
    pub secrecy: Secrecy,
}

/// What is wrong with a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "kebab-case")]
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

/// Reads a code, or the link that ends in it. Typing is forgiven: case, spaces, words cut short.
///
/// # Errors
/// Never: what is wrong is in the reading.
#[wasm_bindgen(js_name = readCode)]
pub fn read_code(typed: &str) -> Result<Ts<CodeReading>, JsError> {
    Ok(CodeReading::of(typed).into_ts()?)
}

impl CodeReading {
    fn of(typed: &str) -> Self {
        match typed.parse::<Invite>() {
            Ok(invite) => Self::Complete(Code {
                code: invite.to_string(),
                room: invite.room.to_string(),
                secrecy: (&invite.secret).into(),
            }),
            Err(problem) => explain(problem),
        }
    }
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
    CodeReading::Invalid {
        reason,
        message,
        word,
        candidates,
    }
}

/// A QR code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct QrPicture {
    /// Modules in a row, and rows. A margin of four light ones belongs around them.
    pub size: u32,
    /// The dark modules as the path of an SVG, one unit a module.
    pub path: String,
}

/// Draws a link; nothing if it is too long.
///
/// # Errors
/// Never.
#[wasm_bindgen(js_name = qrCode)]
pub fn qr_code(link: &str) -> Result<Option<Ts<QrPicture>>, JsError> {
    let picture = QrPicture::of(link);
    Ok(picture.map(|picture| picture.into_ts()).transpose()?)
}

impl QrPicture {
    fn of(link: &str) -> Option<Self> {
        let code = QrCode::encode_text(link, QrCodeEcc::Medium).ok()?;
        let mut path = String::new();
        for y in 0..code.size() {
            for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
                write!(path, "M{x} {y}h1v1h-1z").expect("a string takes everything");
            }
        }
        let size = u32::try_from(code.size()).ok()?;
        Some(Self { size, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let CodeReading::Complete(code) =
            CodeReading::of("https://x.example/#k7q4x9-otter-lemon-cloud-ferry")
        else {
            panic!("it is complete");
        };
        assert_eq!(code.code, "K7Q4X9-otter-lemon-cloud-ferry");
        assert_eq!(
            (code.room.as_str(), code.secrecy),
            ("K7Q4X9", Secrecy::Words)
        );
    }

    #[test]
    fn an_unclear_word_comes_with_suggestions() {
        let CodeReading::Invalid {
            reason,
            word,
            candidates,
            ..
        } = CodeReading::of("K7Q4X9-ottre-lemon-cloud-ferry")
        else {
            panic!("it is no word");
        };
        assert_eq!(reason, CodeProblem::UnknownWord);
        assert_eq!(word.as_deref(), Some("ottre"));
        assert_eq!(candidates, ["otter"]);
    }

    #[test]
    fn a_link_becomes_a_picture() {
        let picture =
            QrPicture::of("https://snug.example/#K7Q4X9-otter-lemon-cloud-ferry").unwrap();
        assert!(picture.size >= 21);
        assert!(
            picture.path.starts_with("M0 0h1v1h-1z"),
            "the corner is dark"
        );
        assert!(QrPicture::of(&"a".repeat(10_000)).is_none());
    }
}
