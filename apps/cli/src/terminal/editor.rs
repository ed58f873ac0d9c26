//! The line being typed, as a state machine: keys go in, [`Action`]s come out.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use unicode_segmentation::UnicodeSegmentation;

/// The line being typed, and the lines before it.
#[derive(Debug, Default)]
pub(crate) struct Editor {
    text: String,
    /// Byte offset of the cursor, always between two graphemes.
    at: usize,
    history: Vec<String>,
    /// Which line of the history is shown; what was typed before is in `draft`.
    recalled: Option<usize>,
    draft: String,
    killed: String,
}

/// What a key asks of the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// The text or the cursor moved.
    Changed,
    /// A line is complete; the editor is empty again.
    Submit(String),
    /// Complete the word at the cursor.
    Complete,
    /// Nothing more will be typed.
    Close,
    /// Stop.
    Interrupt,
    /// Draw everything anew.
    Redraw,
}

/// Lines remembered. Enough for an evening.
const HISTORY_LINES: usize = 500;

impl Editor {
    /// Takes one key.
    pub(crate) fn handle(&mut self, key: KeyEvent) -> Option<Action> {
        if key.kind == KeyEventKind::Release {
            return None;
        }
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            return self.handle_control(key.code);
        }
        if key.modifiers.contains(KeyModifiers::ALT) {
            return self.handle_alt(key.code);
        }
        match key.code {
            KeyCode::Char(c) => self.insert(c.encode_utf8(&mut [0; 4])),
            KeyCode::Enter if key.modifiers.contains(KeyModifiers::SHIFT) => self.insert("\n"),
            KeyCode::Enter => return Some(self.submit()),
            KeyCode::Tab => return Some(Action::Complete),
            KeyCode::Backspace => self.remove(self.before()..self.at),
            KeyCode::Delete => self.remove(self.at..self.after()),
            KeyCode::Left => self.at = self.before(),
            KeyCode::Right => self.at = self.after(),
            KeyCode::Home => self.at = 0,
            KeyCode::End => self.at = self.text.len(),
            KeyCode::Up => self.recall_older(),
            KeyCode::Down => self.recall_newer(),
            _ => return None,
        }
        Some(Action::Changed)
    }

    fn handle_control(&mut self, code: KeyCode) -> Option<Action> {
        match code {
            KeyCode::Char('c') => return Some(Action::Interrupt),
            KeyCode::Char('d') if self.text.is_empty() => return Some(Action::Close),
            KeyCode::Char('l') => return Some(Action::Redraw),
            KeyCode::Char('d') => self.remove(self.at..self.after()),
            KeyCode::Char('h') => self.remove(self.before()..self.at),
            KeyCode::Char('a') => self.at = 0,
            KeyCode::Char('e') => self.at = self.text.len(),
            KeyCode::Char('b') => self.at = self.before(),
            KeyCode::Char('f') => self.at = self.after(),
            KeyCode::Char('p') => self.recall_older(),
            KeyCode::Char('n') => self.recall_newer(),
            KeyCode::Char('j') => self.insert("\n"),
            KeyCode::Char('u') => self.kill(0..self.at),
            KeyCode::Char('k') => self.kill(self.at..self.text.len()),
            KeyCode::Char('w') | KeyCode::Backspace => self.kill(self.word_before()..self.at),
            KeyCode::Char('y') => self.insert(&self.killed.clone()),
            KeyCode::Left => self.at = self.word_before(),
            KeyCode::Right => self.at = self.word_after(),
            _ => return None,
        }
        Some(Action::Changed)
    }

    fn handle_alt(&mut self, code: KeyCode) -> Option<Action> {
        match code {
            KeyCode::Enter => self.insert("\n"),
            KeyCode::Char('b') | KeyCode::Left => self.at = self.word_before(),
            KeyCode::Char('f') | KeyCode::Right => self.at = self.word_after(),
            KeyCode::Char('d') => self.kill(self.at..self.word_after()),
            KeyCode::Backspace => self.kill(self.word_before()..self.at),
            _ => return None,
        }
        Some(Action::Changed)
    }

    /// Inserts text at the cursor, as from the clipboard.
    pub(crate) fn insert(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        self.text.insert_str(self.at, &text);
        self.at = self.boundary_at_or_after(self.at + text.len());
    }

    /// Replaces what is before the cursor from `start` on.
    pub(crate) fn replace_word(&mut self, start: usize, word: &str) {
        self.text.replace_range(start..self.at, word);
        self.at = start + word.len();
    }

    /// The text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The text before the cursor.
    pub(crate) fn text_before(&self) -> &str {
        &self.text[..self.at]
    }

    /// Byte offset of the cursor.
    pub(crate) fn cursor(&self) -> usize {
        self.at
    }

    fn submit(&mut self) -> Action {
        let line = std::mem::take(&mut self.text);
        self.at = 0;
        self.recalled = None;
        self.draft.clear();
        if !line.trim().is_empty() && self.history.last() != Some(&line) {
            if self.history.len() == HISTORY_LINES {
                self.history.remove(0);
            }
            self.history.push(line.clone());
        }
        Action::Submit(line)
    }

    fn recall_older(&mut self) {
        let older = match self.recalled {
            None if self.history.is_empty() => return,
            None => {
                self.draft = self.text.clone();
                self.history.len() - 1
            }
            Some(0) => return,
            Some(line) => line - 1,
        };
        self.recalled = Some(older);
        self.show(self.history[older].clone());
    }

    fn recall_newer(&mut self) {
        let Some(line) = self.recalled else { return };
        if line + 1 < self.history.len() {
            self.recalled = Some(line + 1);
            self.show(self.history[line + 1].clone());
        } else {
            self.recalled = None;
            let draft = std::mem::take(&mut self.draft);
            self.show(draft);
        }
    }

    fn show(&mut self, text: String) {
        self.at = text.len();
        self.text = text;
    }

    fn remove(&mut self, range: std::ops::Range<usize>) {
        self.at = range.start;
        self.text.replace_range(range, "");
        // What was apart may now be one grapheme.
        self.at = self.boundary_at_or_after(self.at);
    }

    fn kill(&mut self, range: std::ops::Range<usize>) {
        if !range.is_empty() {
            self.killed = self.text[range.clone()].to_owned();
            self.remove(range);
        }
    }

    fn before(&self) -> usize {
        let before = self.text[..self.at].grapheme_indices(true).next_back();
        before.map_or(0, |(start, _)| start)
    }

    fn after(&self) -> usize {
        let next = self.text[self.at..].graphemes(true).next();
        self.at + next.map_or(0, str::len)
    }

    fn word_before(&self) -> usize {
        let text = self.text[..self.at].trim_end();
        text.rfind(char::is_whitespace)
            .map_or(0, |space| self.boundary_at_or_after(space + 1))
    }

    fn word_after(&self) -> usize {
        let rest = &self.text[self.at..];
        let word = rest.len() - rest.trim_start().len();
        let end = rest[word..].find(char::is_whitespace);
        end.map_or(self.text.len(), |end| self.at + word + end)
    }

    fn boundary_at_or_after(&self, at: usize) -> usize {
        let mut starts = self.text.grapheme_indices(true).map(|(start, _)| start);
        starts.find(|start| *start >= at).unwrap_or(self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn press(editor: &mut Editor, code: KeyCode, modifiers: KeyModifiers) -> Option<Action> {
        editor.handle(KeyEvent::new(code, modifiers))
    }

    fn type_text(editor: &mut Editor, text: &str) {
        for c in text.chars() {
            press(editor, KeyCode::Char(c), KeyModifiers::NONE);
        }
    }

    fn control(editor: &mut Editor, c: char) -> Option<Action> {
        press(editor, KeyCode::Char(c), KeyModifiers::CONTROL)
    }

    fn submit(editor: &mut Editor) -> Option<Action> {
        press(editor, KeyCode::Enter, KeyModifiers::NONE)
    }

    #[test]
    fn typed_lines_are_submitted() {
        let mut editor = Editor::default();
        type_text(&mut editor, "hello");
        let line = submit(&mut editor);
        assert_eq!(line, Some(Action::Submit("hello".to_owned())));
        assert_eq!(editor.text(), "");
    }

    #[test]
    fn the_cursor_walks_over_whole_graphemes() {
        let mut editor = Editor::default();
        editor.insert("ab👨\u{200d}👩\u{200d}👧e\u{301}");
        press(&mut editor, KeyCode::Left, KeyModifiers::NONE);
        press(&mut editor, KeyCode::Backspace, KeyModifiers::NONE);
        assert_eq!(editor.text(), "abe\u{301}");
        control(&mut editor, 'a');
        press(&mut editor, KeyCode::Delete, KeyModifiers::NONE);
        assert_eq!((editor.text(), editor.cursor()), ("be\u{301}", 0));
    }

    #[test]
    fn words_are_killed_and_brought_back() {
        let mut editor = Editor::default();
        type_text(&mut editor, "one two three ");
        control(&mut editor, 'w');
        assert_eq!(editor.text(), "one two ");
        control(&mut editor, 'a');
        control(&mut editor, 'y');
        assert_eq!(editor.text(), "three one two ");
        press(&mut editor, KeyCode::Char('f'), KeyModifiers::ALT);
        control(&mut editor, 'k');
        assert_eq!(editor.text(), "three one");
    }

    #[test]
    fn history_keeps_the_draft() {
        let mut editor = Editor::default();
        for line in ["first", "second", "second"] {
            type_text(&mut editor, line);
            submit(&mut editor);
        }
        type_text(&mut editor, "draft");
        let mut seen = Vec::new();
        for key in [
            KeyCode::Up,
            KeyCode::Up,
            KeyCode::Up,
            KeyCode::Down,
            KeyCode::Down,
        ] {
            press(&mut editor, key, KeyModifiers::NONE);
            seen.push(editor.text().to_owned());
        }
        assert_eq!(seen, ["second", "first", "first", "second", "draft"]);
    }

    #[test]
    fn keys_that_end_things() {
        let mut editor = Editor::default();
        assert_eq!(control(&mut editor, 'd'), Some(Action::Close));
        assert_eq!(control(&mut editor, 'c'), Some(Action::Interrupt));
        type_text(&mut editor, "x");
        assert_eq!(control(&mut editor, 'd'), Some(Action::Changed));
        assert_eq!(press(&mut editor, KeyCode::F(1), KeyModifiers::NONE), None);
    }

    #[test]
    fn pasted_lines_stay_one_message() {
        let mut editor = Editor::default();
        editor.insert("a\r\nb\rc");
        press(&mut editor, KeyCode::Enter, KeyModifiers::ALT);
        assert_eq!(editor.text(), "a\nb\nc\n");
    }

    proptest! {
        #[test]
        fn no_keys_break_it(keys in prop::collection::vec((0_usize..16, any::<char>()), 0..200)) {
            let mut editor = Editor::default();
            for (kind, c) in keys {
                let (code, modifiers) = match kind {
                    0..6 => (KeyCode::Char(c), KeyModifiers::NONE),
                    6..9 => (KeyCode::Char("abdefhjkpnuwyl".chars().nth(c as usize % 14).unwrap()), KeyModifiers::CONTROL),
                    9..11 => (KeyCode::Char("bfd".chars().nth(c as usize % 3).unwrap()), KeyModifiers::ALT),
                    11 => (KeyCode::Backspace, KeyModifiers::NONE),
                    12 => (KeyCode::Left, KeyModifiers::NONE),
                    13 => (KeyCode::Right, KeyModifiers::NONE),
                    14 => (KeyCode::Up, KeyModifiers::NONE),
                    _ => (KeyCode::Enter, KeyModifiers::NONE),
                };
                press(&mut editor, code, modifiers);
                prop_assert!(editor.text().is_char_boundary(editor.cursor()));
            }
        }
    }
}
