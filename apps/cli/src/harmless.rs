//! Makes what others wrote safe to print on a terminal.
//!
//! A name or a text from the network may hold escape sequences that recolour, retitle or rewrite
//! the screen, direction overrides that turn `gpj.exe` around, characters without width that make
//! two names look alike, and towers of combining marks that paint over the lines above. What comes
//! out of here moves the cursor to the right only.

use unicode_width::UnicodeWidthChar;

/// Combining marks kept on one base character. Vietnamese needs two, Hebrew with cantillation and
/// Tibetan up to four.
const MARKS_PER_BASE: usize = 4;

/// Makes any text harmless within one line: line breaks and tabs become spaces, other control
/// characters their visible pictures, and what is invisible or changes direction goes.
pub(crate) fn harmless(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut marks = Marks::default();
    for c in text.chars() {
        match kind(c) {
            Kind::Visible => {
                marks.start();
                safe.push(c);
            }
            Kind::Space => {
                marks.start();
                safe.push(' ');
            }
            Kind::Control => {
                marks.start();
                safe.push(picture(c));
            }
            Kind::Joiner => marks.join(c),
            Kind::Mark => marks.push(c, &mut safe),
            Kind::Hidden => {}
        }
        marks.flush_joiner(c, &mut safe);
    }
    safe
}

/// Makes any text harmless, line by line.
pub(crate) fn harmless_lines(text: &str) -> Vec<String> {
    text.replace("\r\n", "\n")
        .split(is_line_break)
        .map(harmless)
        .collect()
}

/// How a character is treated.
enum Kind {
    /// Printed as it is.
    Visible,
    /// Printed as a space.
    Space,
    /// Printed as a picture.
    Control,
    /// Kept between two visible characters: emoji families, Persian and Indic words.
    Joiner,
    /// Kept a few times on a visible character.
    Mark,
    /// Dropped.
    Hidden,
}

fn kind(c: char) -> Kind {
    match c {
        '\t' => Kind::Space,
        _ if is_line_break(c) || c.is_whitespace() => Kind::Space,
        _ if c.is_control() => Kind::Control,
        '\u{200c}' | '\u{200d}' => Kind::Joiner,
        _ if is_hidden(c) => Kind::Hidden,
        _ if c.width() == Some(0) => Kind::Mark,
        _ => Kind::Visible,
    }
}

/// Direction marks and overrides, and what shows nothing at all: a message could hide in them, or
/// one name pass for another.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' // soft hyphen
        | '\u{34f}' // combining grapheme joiner
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // Hangul fillers
        | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}'
        | '\u{2800}' // the empty Braille cell
        | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}') // tags and the second block of variation selectors
}

fn is_line_break(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// `␛` for ESC and so on; C1 controls have no picture.
fn picture(control: char) -> char {
    match control {
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(control)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        _ => '\u{fffd}',
    }
}

/// Counts what sits on the latest base character.
#[derive(Default)]
struct Marks {
    has_base: bool,
    count: usize,
    joiner: Option<char>,
}

impl Marks {
    fn start(&mut self) {
        self.count = 0;
        self.has_base = true;
    }

    fn join(&mut self, joiner: char) {
        if self.has_base {
            self.joiner = Some(joiner);
        }
    }

    fn push(&mut self, mark: char, safe: &mut String) {
        if self.has_base && self.count < MARKS_PER_BASE {
            self.count += 1;
            safe.push(mark);
        }
    }

    /// Puts a joiner that was held back before `next`, if that is something to join.
    fn flush_joiner(&mut self, next: char, safe: &mut String) {
        if matches!(kind(next), Kind::Joiner | Kind::Hidden) {
            return;
        }
        let Some(joiner) = self.joiner.take() else {
            return;
        };
        if matches!(kind(next), Kind::Visible) {
            safe.insert(safe.len() - next.len_utf8(), joiner);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_become_pictures() {
        for (hostile, safe) in [
            ("plain text", "plain text"),
            ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
            ("\x1b]0;title\x07", "␛]0;title␇"),
            ("\x1b]8;;http://evil\x1b\\x", "␛]8;;http://evil␛\\x"),
            ("\u{9b}31m", "\u{fffd}31m"),
            ("a\x08\x08b\x7f\0", "a␈␈b␡␀"),
            ("one\ntwo\r\nthree\ttab", "one two  three tab"),
            ("one\u{2028}two\u{85}three", "one two three"),
        ] {
            assert_eq!(harmless(hostile), safe, "{hostile:?}");
        }
    }

    #[test]
    fn direction_and_invisible_characters_go() {
        for (hostile, safe) in [
            ("\u{202e}gpj.exe", "gpj.exe"),
            ("a\u{200b}\u{2060}\u{feff}b", "ab"),
            ("\u{2066}x\u{2069}", "x"),
            ("x\u{e0041}\u{e0042}", "x"),
            ("\u{3164}\u{2800}", ""),
            ("a\u{200d}\u{200d}\u{200d}b", "a\u{200d}b"),
            ("\u{200d}a\u{200d}", "a"),
            ("a\u{200d} b", "a b"),
        ] {
            assert_eq!(harmless(hostile), safe, "{hostile:?}");
        }
    }

    #[test]
    fn honest_text_stays_as_it_is() {
        for honest in [
            "naïve café",
            "e\u{301}",
            "日本語 한국어 עברית العربية",
            "👨\u{200d}👩\u{200d}👧 ❤\u{fe0f} 👍🏽",
            "می\u{200c}خواهم",
        ] {
            assert_eq!(harmless(honest), honest);
        }
    }

    #[test]
    fn towers_of_marks_are_cut() {
        let tower = format!("\u{301}a{}b", "\u{301}".repeat(1_000_000));
        assert_eq!(harmless(&tower), "a\u{301}\u{301}\u{301}\u{301}b");
    }

    #[test]
    fn lines_are_split_wherever_a_terminal_would() {
        let text = "a\nb\r\nc\rd\u{2029}e\u{b}f";
        assert_eq!(harmless_lines(text), ["a", "b", "c", "d", "e", "f"]);
        assert_eq!(harmless_lines(""), [""]);
    }

    proptest! {
        #[test]
        fn whatever_comes_out_only_moves_right(text in any::<String>()) {
            let safe = harmless(&text);
            prop_assert!(!safe.chars().any(|c| c.is_control() || is_hidden(c) || is_line_break(c)));
            prop_assert_eq!(harmless(&safe), safe);
        }

        #[test]
        fn a_soup_of_tricks_is_bounded(
            text in "[a\u{301}\u{200d}\u{200c}\u{202e}\u{fe0f}\u{1b}\n👍]{0,64}",
        ) {
            let safe = harmless(&text);
            let mut run = 0;
            for c in safe.chars() {
                run = if c.width() == Some(0) { run + 1 } else { 0 };
                prop_assert!(run <= MARKS_PER_BASE + 1, "{:?}", safe);
            }
            prop_assert_eq!(harmless(&safe), safe);
        }
    }
}
