//! Lines of text that know their colours, and how to do without.

use std::{fmt::Write as _, ops::Range};

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// One line for people, in spans of one colour each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Line(Vec<Span>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Span {
    ink: Ink,
    text: String,
}

/// How a span looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    /// As the terminal likes it.
    Plain,
    /// What the eye should find.
    Bold,
    /// What it may skip.
    Dim,
    /// It worked.
    Good,
    /// Look here.
    Warn,
    /// It failed.
    Bad,
    /// White on black, whatever the terminal likes: a camera reads it.
    Picture,
    /// A person; everyone has one of [`Self::PEOPLE`] colours.
    Person(u8),
}

impl Ink {
    /// Colours for people. Red and yellow mean something else.
    pub(crate) const PEOPLE: u8 = 6;

    /// The parameters of "select graphic rendition" (ECMA-48 §8.3.117).
    fn sgr(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Bold => Some("1"),
            Self::Dim => Some("2"),
            Self::Good => Some("32"),
            Self::Warn => Some("33"),
            Self::Bad => Some("1;31"),
            Self::Picture => Some("97;40"),
            Self::Person(person) => {
                const COLOURS: [&str; Ink::PEOPLE as usize] =
                    ["1;36", "1;35", "1;34", "1;32", "1;96", "1;95"];
                Some(COLOURS[usize::from(person % Self::PEOPLE)])
            }
        }
    }
}

impl Line {
    /// An empty line.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds text. It must be harmless already.
    #[must_use]
    pub(crate) fn with(mut self, ink: Ink, text: impl Into<String>) -> Self {
        let text = text.into();
        if !text.is_empty() {
            self.0.push(Span { ink, text });
        }
        self
    }

    #[must_use]
    pub(crate) fn plain(self, text: impl Into<String>) -> Self {
        self.with(Ink::Plain, text)
    }

    #[must_use]
    pub(crate) fn dim(self, text: impl Into<String>) -> Self {
        self.with(Ink::Dim, text)
    }

    #[must_use]
    pub(crate) fn bold(self, text: impl Into<String>) -> Self {
        self.with(Ink::Bold, text)
    }

    #[must_use]
    pub(crate) fn good(self, text: impl Into<String>) -> Self {
        self.with(Ink::Good, text)
    }

    #[must_use]
    pub(crate) fn warn(self, text: impl Into<String>) -> Self {
        self.with(Ink::Warn, text)
    }

    #[must_use]
    pub(crate) fn bad(self, text: impl Into<String>) -> Self {
        self.with(Ink::Bad, text)
    }

    /// Adds another line to the end of this one.
    #[must_use]
    pub(crate) fn join(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Columns on a terminal.
    pub(crate) fn width(&self) -> usize {
        self.0.iter().map(|span| span.text.width()).sum()
    }

    /// The text alone.
    pub(crate) fn text(&self) -> String {
        self.0.iter().map(|span| span.text.as_str()).collect()
    }

    /// The text with its colours, if they are wanted.
    pub(crate) fn paint(&self, colour: bool) -> String {
        let mut painted = String::new();
        for Span { ink, text } in &self.0 {
            match ink.sgr() {
                Some(sgr) if colour => {
                    write!(painted, "\x1b[{sgr}m{text}\x1b[0m").expect("strings take everything");
                }
                _ => painted.push_str(text),
            }
        }
        painted
    }

    /// Breaks the line into rows of at most `columns`; all but the first begin with `gutter`.
    pub(crate) fn wrap(&self, columns: usize, gutter: &str) -> Vec<Self> {
        if self.width() <= columns {
            return vec![self.clone()];
        }
        let text = self.text();
        let rows = wrap(&text, columns.saturating_sub(gutter.width()));
        let rows = rows.into_iter().map(|row| {
            let start = row.as_ptr() as usize - text.as_ptr() as usize;
            self.slice(start..start + row.len())
        });
        let gutter = Self::new().dim(gutter);
        rows.enumerate()
            .map(|(at, row)| {
                if at == 0 {
                    row
                } else {
                    gutter.clone().join(row)
                }
            })
            .collect()
    }

    /// The bytes of the text within `range`, in their colours.
    fn slice(&self, range: Range<usize>) -> Self {
        let mut slice = Self::new();
        let mut start = 0;
        for Span { ink, text } in &self.0 {
            let within = |at: usize| at.clamp(start, start + text.len()) - start;
            slice = slice.with(*ink, &text[within(range.start)..within(range.end)]);
            start += text.len();
        }
        slice
    }

    /// The line cut to at most `columns`, with `…` where something is missing.
    #[must_use]
    pub(crate) fn cut(self, columns: usize) -> Self {
        if self.width() <= columns {
            return self;
        }
        let mut left = columns.saturating_sub(1);
        let mut cut = Self::new();
        for Span { ink, text } in self.0 {
            let kept = fitting(&text, left);
            left -= kept.width();
            let whole = kept.len() == text.len();
            cut = cut.with(ink, kept);
            if !whole {
                break;
            }
        }
        if columns == 0 { cut } else { cut.plain("…") }
    }
}

/// As many graphemes from the start of `text` as fit into `columns`.
pub(crate) fn fitting(text: &str, columns: usize) -> &str {
    let mut width = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        width += grapheme.width();
        if width > columns {
            return &text[..at];
        }
    }
    text
}

/// Breaks `text` into rows of at most `columns`, at spaces where there are some.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<&str> {
    let columns = columns.max(2); // the widest grapheme
    let mut rows = Vec::new();
    let mut rest = text;
    loop {
        let row = fitting(rest, columns);
        if row.len() == rest.len() {
            rows.push(rest);
            return rows;
        }
        let row = match row.rfind(' ') {
            Some(space) if space > 0 && !rest[row.len()..].starts_with(' ') => &rest[..=space],
            // A grapheme wider than the row must not stop us.
            _ if row.is_empty() => rest.graphemes(true).next().unwrap_or(rest),
            _ => row,
        };
        rows.push(row.trim_end());
        rest = rest[row.len()..].trim_start();
        if rest.is_empty() {
            return rows;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn colour_is_optional() {
        let line = Line::new().bold("Ann").plain(": ").good("done");
        assert_eq!(line.paint(false), "Ann: done");
        assert_eq!(line.paint(true), "\x1b[1mAnn\x1b[0m: \x1b[32mdone\x1b[0m");
        assert_eq!(line.width(), 9);
    }

    #[test]
    fn cutting_counts_columns_not_bytes() {
        let line = || Line::new().bold("日本").plain("語です");
        assert_eq!(line().cut(10).text(), "日本語です");
        assert_eq!(line().cut(9).text(), "日本語で…");
        assert_eq!(line().cut(8).text(), "日本語…");
        assert_eq!(line().cut(1).text(), "…");
        assert_eq!(line().cut(0).text(), "");
    }

    #[test]
    fn lines_wrap_in_their_colours() {
        let line = || Line::new().bold("one two").plain(" three");
        assert_eq!(line().wrap(13, "  "), [line()]);
        let rows = [
            Line::new().bold("one"),
            Line::new().dim("  ").bold("two"),
            Line::new().dim("  ").plain("three"),
        ];
        assert_eq!(line().wrap(7, "  "), rows);
    }

    #[test]
    fn wrapping_prefers_spaces() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("one two", 7), ["one two"]);
        assert_eq!(wrap("one two", 3), ["one", "two"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("", 3), [""]);
        assert_eq!(wrap("日本語", 2), ["日", "本", "語"]);
    }

    proptest! {
        #[test]
        fn no_row_is_too_wide(text in "[a-z 日é👍]{0,80}", columns in 2_usize..20) {
            let rows = wrap(&text, columns);
            prop_assert!(rows.iter().all(|row| row.width() <= columns));
            let words: Vec<&str> = text.split_whitespace().collect();
            prop_assert_eq!(rows.concat().replace(' ', ""), words.concat());
        }
    }
}
