//! The bottom of a terminal: lines scroll by above, a block of status lines and the line being
//! typed stays below them.
//!
//! A [`Screen`] only makes bytes. It remembers what it drew, so that the next frame starts by
//! erasing exactly that, and everything of one frame goes out in one write.

use std::fmt::Write as _;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::style::Line;

/// What stays at the bottom.
#[derive(Debug, Clone, Default)]
pub(crate) struct Block<'a> {
    /// Shown above the line being typed.
    pub(crate) status: Vec<Line>,
    /// The line being typed, if there is one.
    pub(crate) input: Option<Input<'a>>,
}

/// The line being typed.
#[derive(Debug, Clone)]
pub(crate) struct Input<'a> {
    /// What stands before it.
    pub(crate) prompt: Line,
    /// The text.
    pub(crate) text: &'a str,
    /// Byte offset of the cursor.
    pub(crate) cursor: usize,
}

/// Draws frames.
#[derive(Debug)]
pub(crate) struct Screen {
    columns: usize,
    rows: usize,
    colour: bool,
    /// Widths of the block's rows down to the cursor's, as drawn.
    drawn: Vec<usize>,
}

/// DEC private mode 2026: the terminal shows what follows at once, or ignores this.
const BEGIN_FRAME: &str = "\x1b[?2026h\x1b[?25l";
const END_FRAME: &str = "\x1b[?25h\x1b[?2026l";

impl Screen {
    /// Prepares to draw on a terminal of this size.
    pub(crate) fn new(columns: u16, rows: u16, colour: bool) -> Self {
        Self {
            columns: usize::from(columns).max(1),
            rows: usize::from(rows).max(1),
            colour,
            drawn: Vec::new(),
        }
    }

    /// Columns that text may use: the last one stays free, where terminals disagree on when to
    /// wrap.
    pub(crate) fn width(&self) -> usize {
        self.columns.saturating_sub(1).max(1)
    }

    /// Rows of the terminal.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Takes the terminal's size.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.columns = usize::from(columns).max(1);
        self.rows = usize::from(rows).max(1);
    }

    /// Forgets what was drawn, since the terminal was cleared.
    pub(crate) fn forget(&mut self) {
        self.drawn.clear();
    }

    /// Makes the bytes that print `above` over the block and draw the block anew.
    pub(crate) fn frame(&mut self, above: &[Line], block: &Block<'_>) -> String {
        let mut out = String::from(BEGIN_FRAME);
        self.erase(&mut out);
        for line in above {
            write!(out, "{}\r\n", line.paint(self.colour)).expect("strings take everything");
        }
        self.draw(block, &mut out);
        out.push_str(END_FRAME);
        out
    }

    /// Moves to the first column of the block's first row and clears from there.
    ///
    /// A terminal that became narrower has broken the rows it had; each takes as many new rows as
    /// its width needs.
    fn erase(&mut self, out: &mut String) {
        let (above, cursor) = match self.drawn.split_last() {
            Some((cursor, above)) => (above, *cursor),
            None => (&[][..], 0),
        };
        let broken = |width: usize| width.saturating_sub(1) / self.columns;
        let up = above.iter().map(|width| 1 + broken(*width)).sum::<usize>() + broken(cursor);
        out.push('\r');
        if up > 0 {
            write!(out, "\x1b[{up}A").expect("strings take everything");
        }
        out.push_str("\x1b[J");
        self.drawn.clear();
    }

    fn draw(&mut self, block: &Block<'_>, out: &mut String) {
        let status_rows = if self.rows < 4 { 0 } else { self.rows / 3 };
        let status = block.status.iter().take(status_rows);
        let status: Vec<Line> = status.map(|line| line.clone().cut(self.width())).collect();
        for (at, line) in status.iter().enumerate() {
            if at > 0 {
                out.push_str("\r\n");
            }
            out.push_str(&line.paint(self.colour));
            self.drawn.push(line.width());
        }
        if let Some(input) = &block.input {
            if !status.is_empty() {
                out.push_str("\r\n");
            }
            self.draw_input(input, out);
        }
    }

    fn draw_input(&mut self, input: &Input<'_>, out: &mut String) {
        let prompt = input.prompt.clone().cut(self.width() / 2);
        let indent = prompt.width();
        let typed = Typed::lay_out(input.text, input.cursor, self.width() - indent);
        let visible = typed.window((self.rows / 2).max(1));
        for (at, row) in typed.rows[visible.clone()].iter().enumerate() {
            if at == 0 {
                write!(out, "{}{row}", prompt.paint(self.colour))
            } else {
                write!(out, "\r\n{:indent$}{row}", "")
            }
            .expect("strings take everything");
        }
        let below = visible.end - 1 - typed.row;
        if below > 0 {
            write!(out, "\x1b[{below}A").expect("strings take everything");
        }
        let column = indent + typed.column;
        out.push('\r');
        if column > 0 {
            write!(out, "\x1b[{column}C").expect("strings take everything");
        }
        let above = &typed.rows[visible.start..typed.row];
        self.drawn
            .extend(above.iter().map(|row| indent + row.width()));
        self.drawn.push(column);
    }
}

/// Typed text in rows, with the place of the cursor.
struct Typed {
    rows: Vec<String>,
    row: usize,
    column: usize,
}

impl Typed {
    fn lay_out(text: &str, cursor: usize, columns: usize) -> Self {
        let mut typed = Self {
            rows: vec![String::new()],
            row: 0,
            column: 0,
        };
        let mut width = 0;
        for (at, grapheme) in text.grapheme_indices(true) {
            let shown = visible(grapheme);
            if width + shown.width() > columns && width > 0 {
                typed.rows.push(String::new());
                width = 0;
            }
            if at == cursor {
                typed.mark_cursor(width);
            }
            if grapheme == "\n" {
                typed.rows.push(String::new());
                width = 0;
                continue;
            }
            typed
                .rows
                .last_mut()
                .expect("starts with one")
                .push_str(shown);
            width += shown.width();
        }
        if cursor >= text.len() {
            typed.mark_cursor(width);
        }
        typed
    }

    fn mark_cursor(&mut self, column: usize) {
        self.row = self.rows.len() - 1;
        self.column = column;
    }

    /// At most `rows` rows around the cursor.
    fn window(&self, rows: usize) -> std::ops::Range<usize> {
        let start = (self.row + 1).saturating_sub(rows);
        start..self.rows.len().min(start + rows)
    }
}

/// What stands for a typed grapheme: itself, unless it would move the cursor elsewhere.
fn visible(grapheme: &str) -> &str {
    match grapheme {
        "\n" => "",
        "\t" => " ",
        _ if grapheme.chars().any(char::is_control) => "\u{b7}",
        // A tower of marks on one base, or marks on nothing.
        _ if grapheme.len() > 64 || grapheme.width() == 0 => "\u{b7}",
        _ => grapheme,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A terminal that shows what the frames do to it.
    struct Glass {
        screen: Screen,
        terminal: vt100::Parser,
    }

    impl Glass {
        fn new(columns: u16, rows: u16) -> Self {
            Self {
                screen: Screen::new(columns, rows, true),
                terminal: vt100::Parser::new(
                    rows.try_into().unwrap(),
                    columns.try_into().unwrap(),
                    0,
                ),
            }
        }

        fn frame(&mut self, above: &[&str], status: &[&str], text: &str, cursor: usize) {
            let above: Vec<Line> = above.iter().map(|line| Line::new().plain(*line)).collect();
            let block = Block {
                status: status.iter().map(|line| Line::new().dim(*line)).collect(),
                input: Some(Input {
                    prompt: Line::new().bold("> "),
                    text,
                    cursor,
                }),
            };
            let bytes = self.screen.frame(&above, &block);
            self.terminal.process(bytes.as_bytes());
        }

        fn shows(&self, rows: &[&str], cursor: (u16, u16)) {
            let shown = self.terminal.screen();
            let contents: Vec<String> = shown
                .rows(0, shown.size().1.get())
                .map(|row| row.trim_end().to_owned())
                .collect();
            let mut wanted: Vec<&str> = rows.to_vec();
            wanted.resize(contents.len(), "");
            assert_eq!(contents, wanted);
            assert_eq!(shown.cursor_position(), cursor);
        }
    }

    #[test]
    fn messages_pass_above_what_is_being_typed() {
        let mut glass = Glass::new(20, 6);
        glass.frame(&[], &[], "hel", 3);
        glass.shows(&["> hel"], (0, 5));
        glass.frame(&["Ann: hi"], &["1 file moving"], "hello", 2);
        glass.shows(&["Ann: hi", "1 file moving", "> hello"], (2, 4));
        glass.frame(&["Bob: hey"], &[], "hello", 5);
        glass.shows(&["Ann: hi", "Bob: hey", "> hello"], (2, 7));
    }

    #[test]
    fn the_block_stays_at_the_bottom_when_lines_scroll() {
        let mut glass = Glass::new(20, 6);
        for _ in 0..3 {
            glass.frame(&["one", "two", "three"], &["status", "more"], "x", 1);
        }
        glass.shows(&["one", "two", "three", "status", "more", "> x"], (5, 3));
    }

    #[test]
    fn long_lines_wrap_under_the_prompt() {
        let mut glass = Glass::new(10, 8);
        glass.frame(&["Ann: hi"], &["s"], "abcdefghijklm", 13);
        glass.shows(&["Ann: hi", "s", "> abcdefg", "  hijklm"], (3, 8));
        glass.frame(&["Bob: hi"], &["s"], "abcdefghijklm", 1);
        glass.shows(
            &["Ann: hi", "Bob: hi", "s", "> abcdefg", "  hijklm"],
            (3, 3),
        );
        glass.frame(&[], &[], "", 0);
        glass.shows(&["Ann: hi", "Bob: hi", ">"], (2, 2));
    }

    #[test]
    fn a_text_larger_than_the_screen_shows_the_part_at_the_cursor() {
        let mut glass = Glass::new(10, 6);
        let text = "1\n2\n3\n4\n5\n6\n7";
        glass.frame(&["Ann"], &[], text, text.len());
        glass.shows(&["Ann", "> 5", "  6", "  7"], (3, 3));
        glass.frame(&[], &[], text, 2);
        glass.shows(&["Ann", "> 1", "  2", "  3"], (2, 2));
    }

    #[test]
    fn wide_and_hostile_characters_keep_the_cursor_right() {
        let mut glass = Glass::new(20, 4);
        glass.frame(&[], &[], "日本\x1b[2Jx", 10);
        glass.shows(&["> 日本\u{b7}[2Jx"], (0, 10));
    }

    #[test]
    fn a_narrower_terminal_leaves_nothing_behind() {
        let mut screen = Screen::new(40, 10, false);
        let block = Block {
            status: vec![Line::new().plain("x".repeat(39))],
            input: Some(Input {
                prompt: Line::new().plain("> "),
                text: "hello",
                cursor: 5,
            }),
        };
        screen.frame(&[], &block);
        screen.resize(10, 10);
        // The status took four rows once the terminal broke it.
        let frame = screen.frame(&[], &block);
        assert!(frame.contains("\r\x1b[4A\x1b[J"), "{frame:?}");
    }

    #[test]
    fn a_tiny_terminal_shows_only_the_input() {
        let mut glass = Glass::new(4, 2);
        glass.frame(&[], &["status"], "abc", 3);
        glass.shows(&["…c"], (0, 2));
    }
}
