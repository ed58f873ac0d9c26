//! Completes commands and file names.

use std::{env, fs, path::PathBuf};

use super::slash::COMMANDS;

/// What may stand at the cursor.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Completion {
    /// Byte offset of the word.
    pub(super) start: usize,
    /// What the word may become, as it is typed.
    pub(super) words: Vec<String>,
}

/// Names read from one folder.
const NAMES: usize = 10_000;

/// Finds what the last word of `typed` may become.
pub(super) fn complete(typed: &str) -> Completion {
    if !typed.starts_with('/') {
        return Completion::default();
    }
    let Some((command, rest)) = typed.split_once(' ') else {
        let words = COMMANDS.iter().filter(|(name, ..)| name.starts_with(typed));
        return Completion {
            start: 0,
            words: words.map(|(name, ..)| format!("{name} ")).collect(),
        };
    };
    if command != "/send" {
        return Completion::default();
    }
    let word = last_word(rest);
    Completion {
        start: typed.len() - rest.len() + word,
        words: paths(&unescape(&rest[word..])),
    }
}

impl Completion {
    /// What all words have in common.
    pub(super) fn common(&self) -> &str {
        let Some(first) = self.words.first() else {
            return "";
        };
        let common = |word: &String| {
            let pairs = first.char_indices().zip(word.chars());
            let same = pairs.take_while(|((_, a), b)| a == b).last();
            same.map_or(0, |((at, c), _)| at + c.len_utf8())
        };
        let len = self.words.iter().map(common).min().unwrap_or(0);
        &first[..len]
    }
}

/// Where a path begins that the shell would take from home.
pub(super) fn expand_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => path.into(),
    }
}

/// Byte offset of the last word, where a backslash keeps spaces in words.
fn last_word(text: &str) -> usize {
    let mut start = 0;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ' ' => start = at + 1,
            _ => {}
        }
    }
    start
}

fn unescape(word: &str) -> String {
    let mut chars = word.chars();
    let mut plain = String::new();
    while let Some(c) = chars.next() {
        plain.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    plain
}

fn escape(path: &str) -> String {
    let mut escaped = String::new();
    for c in path.chars() {
        if " \t\\'\"$`&;()<>|*?[]#!{}".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

fn paths(typed: &str) -> Vec<String> {
    let (folder, start) = match typed.rfind('/') {
        Some(slash) => typed.split_at(slash + 1),
        None => ("", typed),
    };
    let place = if folder.is_empty() {
        PathBuf::from(".")
    } else {
        expand_home(folder)
    };
    let Ok(entries) = fs::read_dir(place) else {
        return Vec::new();
    };
    let mut words: Vec<String> = entries
        .take(NAMES)
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let hidden = name.starts_with('.') && !start.starts_with('.');
            if !name.starts_with(start) || hidden || name.chars().any(char::is_control) {
                return None;
            }
            let end = if entry.path().is_dir() { "/" } else { " " };
            Some(escape(&format!("{folder}{name}")) + end)
        })
        .collect();
    words.sort();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_completed() {
        assert_eq!(complete("/acc").words, ["/accept "]);
        assert_eq!(complete("/re").words.len(), 4);
        assert_eq!(complete("/re").common(), "/re");
        assert_eq!(complete("hello"), Completion::default());
        assert_eq!(complete("/nick A"), Completion::default());
    }

    #[test]
    fn paths_are_completed_and_escaped() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a b.txt", "a c.txt", ".hidden", "z'y"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::create_dir(folder.path().join("sub")).unwrap();
        let at = folder.path().to_str().unwrap();
        let typed = format!("/send x\\ y {at}/a");
        let completion = complete(&typed);
        assert_eq!(
            completion.words,
            [format!("{at}/a\\ b.txt "), format!("{at}/a\\ c.txt ")]
        );
        assert_eq!(completion.common(), format!("{at}/a\\ "));
        assert_eq!(&typed[completion.start..], format!("{at}/a"));
        let names = |start: &str| complete(&format!("/send {at}/{start}")).words;
        assert_eq!(names("a\\ c"), [format!("{at}/a\\ c.txt ")]);
        assert_eq!(names("s"), [format!("{at}/sub/")]);
        assert_eq!(names("z"), [format!("{at}/z\\'y ")]);
        assert_eq!(names("").len(), 4);
        assert_eq!(names(".h"), [format!("{at}/.hidden ")]);
        assert!(names("nothing").is_empty());
        let words = shlex::split(complete(&typed).words[0].as_str()).unwrap();
        assert_eq!(words, [format!("{at}/a b.txt")]);
    }
}
