//! The code of a room, the link to it, and the picture of the link.

use std::fmt;

use qrcodegen::{QrCode, QrCodeEcc};
use snug_protocol::{Invite, Secret};

use crate::{
    style::{Ink, Line},
    view::Item,
};

/// What a room is entered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Opened to talk.
    Create,
    /// Entered to talk.
    Join,
    /// Opened to send files.
    Send,
    /// Entered to send files.
    SendTo,
    /// Entered to receive files.
    Receive,
    /// Entered to see which files are on offer.
    List,
    /// Entered to play a film.
    Play,
    /// Entered to compare check strings.
    Verify,
}

/// How others come in.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Invitation {
    /// What to say aloud, unless it is too long for that.
    pub(crate) code: String,
    /// What to click on.
    pub(crate) link: String,
    /// What the code has besides the room.
    pub(crate) secret: SecretKind,
    purpose: Purpose,
}

/// What those in a room have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecretKind {
    /// Four words.
    Words,
    /// 128 bits.
    Token,
    /// Nothing.
    Open,
}

impl Purpose {
    /// Whether the room is a new one, whose code nobody knows yet.
    pub(crate) fn opens_room(self) -> bool {
        matches!(self, Self::Create | Self::Send)
    }

    /// Whether it is for files alone.
    pub(crate) fn moves_files(self) -> bool {
        matches!(self, Self::Send | Self::SendTo | Self::Receive)
    }
}

impl From<&Secret> for SecretKind {
    fn from(secret: &Secret) -> Self {
        match secret {
            Secret::Words(_) => Self::Words,
            Secret::Token(_) => Self::Token,
            Secret::Open => Self::Open,
        }
    }
}

impl Invitation {
    /// Invites to a room on a server.
    pub(crate) fn new(invite: &Invite, server: &str, purpose: Purpose) -> Self {
        Self {
            code: invite.to_string(),
            link: invite.link(server),
            secret: (&invite.secret).into(),
            purpose,
        }
    }

    /// The code, if it can be said aloud, and the link.
    pub(crate) fn lines(&self) -> Vec<Line> {
        let code = Line::new().plain("Code: ").bold(self.code.clone());
        let link = Line::new().plain("Link: ").plain(self.link.clone());
        match self.secret {
            SecretKind::Words | SecretKind::Open => vec![code, link],
            SecretKind::Token => vec![link],
        }
    }

    /// What the one who invites is shown.
    pub(crate) fn items(&self) -> Vec<Item> {
        let how = match self.purpose {
            Purpose::Create => format!("They type: snug join {}", self.link),
            Purpose::Send => format!("They type: snug receive {}", self.link),
            Purpose::Join
            | Purpose::SendTo
            | Purpose::Receive
            | Purpose::List
            | Purpose::Play
            | Purpose::Verify => return Vec::new(),
        };
        let how = Item::Notice(Line::new().dim(format!("{how}, or open the link.")));
        let picture = Item::Picture(self.link.clone());
        let lines = self.lines().into_iter().map(Item::Result);
        lines.chain([picture, how]).chain(self.warning()).collect()
    }

    /// What everyone in a room without words has to know.
    pub(crate) fn warning(&self) -> Option<Item> {
        let open =
            "this room is open: nobody in it can be verified, and the server could listen in";
        let line = Line::new().warn(open);
        (self.secret == SecretKind::Open).then_some(Item::Notice(line))
    }
}

/// Without the words.
impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut invitation = f.debug_struct("Invitation");
        invitation.field("purpose", &self.purpose);
        invitation.finish_non_exhaustive()
    }
}

/// Draws a link in half blocks, if it fits into so many columns and rows.
///
/// Light modules are drawn, dark ones are left out: terminals are mostly dark, and where colours
/// are allowed both are set.
pub(crate) fn picture(link: &str, columns: usize, rows: usize) -> Option<Vec<Line>> {
    let code = QrCode::encode_text(link, QrCodeEcc::Low).ok()?;
    let side = code.size() + 2 * QUIET_MODULES;
    let width = usize::try_from(side).ok()?;
    if width > columns || width.div_ceil(2) > rows {
        return None;
    }
    let row = |y| -> String { (0..side).map(|x| half_block(&code, x, y)).collect() };
    let rows = (0..side).step_by(2).map(row);
    Some(
        rows.map(|row| Line::new().with(Ink::Picture, row))
            .collect(),
    )
}

/// Light modules around the code. The standard wants four (ISO/IEC 18004 §9.1); phones read two.
const QUIET_MODULES: i32 = 2;

fn half_block(code: &QrCode, x: i32, y: i32) -> char {
    match (is_light(code, x, y), is_light(code, x, y + 1)) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    }
}

fn is_light(code: &QrCode, x: i32, y: i32) -> bool {
    // Below the quiet zone of an odd number of rows there is nothing to draw.
    let drawn = y < code.size() + 2 * QUIET_MODULES;
    drawn && !code.get_module(x - QUIET_MODULES, y - QUIET_MODULES)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://snug.example/#K7Q4X9";

    #[test]
    fn the_picture_is_the_code_with_a_frame() {
        let rows = picture(LINK, 80, 40).unwrap();
        let rows: Vec<String> = rows.iter().map(Line::text).collect();
        let side = rows[0].chars().count();
        assert_eq!(rows.len(), side.div_ceil(2));
        assert!(rows.iter().all(|row| row.chars().count() == side));
        assert_eq!(rows[0], "█".repeat(side));
        // Each finder pattern begins with seven dark modules, under two light rows.
        let inner: String = rows[1].chars().skip(2).take(7).collect();
        assert_eq!(inner, " ▄▄▄▄▄ ");
    }

    #[test]
    fn no_room_no_picture() {
        assert!(picture(LINK, 20, 40).is_none());
        assert!(picture(LINK, 80, 10).is_none());
        assert!(picture(&"x".repeat(10_000), 800, 400).is_none());
    }

    fn invitation(code: &str, purpose: Purpose) -> Invitation {
        Invitation::new(&code.parse().unwrap(), "http://127.0.0.1:8080", purpose)
    }

    #[test]
    fn only_those_who_open_a_room_invite() {
        let code = "K7Q4X9-otter-lemon-cloud-ferry";
        assert!(invitation(code, Purpose::Join).items().is_empty());
        assert_eq!(invitation(code, Purpose::Send).items().len(), 4);
        let link = format!("http://127.0.0.1:8080/#{code}");
        let line = Line::new().plain("Link: ").plain(link);
        let items = invitation(code, Purpose::Create).items();
        assert_eq!(items[1], Item::Result(line));
    }

    #[test]
    fn a_token_is_not_for_saying_aloud() {
        let code = "K7Q4X9-01ARZ3NDEKTSV4RRFFQ69G5FAV";
        let lines = invitation(code, Purpose::Create).lines();
        let lines: Vec<String> = lines.iter().map(Line::text).collect();
        assert_eq!(lines, [format!("Link: http://127.0.0.1:8080/#{code}")]);
    }

    #[test]
    fn an_open_room_is_called_open() {
        let items = invitation("K7Q4X9", Purpose::Create).items();
        let Some(Item::Notice(warning)) = items.last() else {
            panic!("{items:?}");
        };
        assert!(warning.text().contains("nobody in it can be verified"));
    }

    #[test]
    fn nothing_that_is_logged_has_the_words() {
        let invitation = invitation("K7Q4X9-otter-lemon-cloud-ferry", Purpose::Create);
        assert!(!format!("{invitation:?}").contains("otter"));
    }
}
