//! The list of words, and what somebody means who types one of them badly.

use super::InvalidInvite;

/// The words, in order. Three to five lower-case letters; none begins another.
pub(super) static LIST: [&str; 1295] = lines(include_str!("words.txt"));

/// How many words are offered for one that is not clear. Four are no help.
const MAX_CANDIDATES: usize = 3;

/// The number of a word.
pub(super) fn place(at: usize) -> u16 {
    u16::try_from(at).expect("the list has fewer words")
}

/// Finds a word, or the only one that begins so.
///
/// # Errors
/// Names the words that may have been meant.
pub(super) fn find(typed: &str) -> Result<u16, InvalidInvite> {
    let first = LIST.partition_point(|word| *word < typed);
    let beginning: Vec<&str> = LIST[first..]
        .iter()
        .copied()
        .take_while(|word| word.starts_with(typed))
        .collect();
    match beginning[..] {
        [] => Err(unknown(typed)),
        // The shorter of two words comes first.
        [word, ..] if word == typed => Ok(place(first)),
        [_] => Ok(place(first)),
        _ => Err(InvalidInvite::AmbiguousWord {
            typed: typed.into(),
            candidates: beginning.into_iter().take(MAX_CANDIDATES).collect(),
        }),
    }
}

fn unknown(typed: &str) -> InvalidInvite {
    let mut candidates: Vec<&str> = LIST
        .into_iter()
        .filter(|word| is_one_edit(typed.as_bytes(), word.as_bytes()))
        .collect();
    // People rarely mistake the first letter.
    candidates.sort_by_key(|word| word.as_bytes().first() != typed.as_bytes().first());
    candidates.truncate(MAX_CANDIDATES);
    InvalidInvite::UnknownWord {
        typed: typed.chars().take(QUOTED_CHARS).collect(),
        candidates,
    }
}

/// How much of a word is quoted back. Longer ones are no mistyped words.
const QUOTED_CHARS: usize = 16;

/// Whether two different texts are a letter left out, put in, replaced, or swapped with its
/// neighbour apart (Damerau 1964).
fn is_one_edit(a: &[u8], b: &[u8]) -> bool {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    match (&a[same..], &b[same..]) {
        ([_, a @ ..], [_, b @ ..]) if a == b => true,
        ([a0, a1, a @ ..], [b0, b1, b @ ..]) if (a0, a1) == (b1, b0) && a == b => true,
        ([_, a @ ..], b) if a == b => true,
        (a, [_, b @ ..]) => a == b,
        _ => false,
    }
}

/// Splits the file when the crate is compiled, leaving out the lines that begin with `#`.
const fn lines<const COUNT: usize>(mut text: &'static str) -> [&'static str; COUNT] {
    let mut words = [""; COUNT];
    let mut count = 0;
    while !text.is_empty() {
        let (line, rest) = split_line(text);
        if line.as_bytes()[0] != b'#' {
            words[count] = line;
            count += 1;
        }
        text = rest;
    }
    assert!(count == COUNT, "the list has another length");
    words
}

const fn split_line(text: &str) -> (&str, &str) {
    let mut end = 0;
    while text.as_bytes()[end] != b'\n' {
        end += 1;
    }
    let (line, rest) = text.split_at(end);
    (line, rest.split_at(1).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_the_one_that_we_mean() {
        assert!(LIST.is_sorted_by(|a, b| a < b));
        assert_eq!((LIST[0], LIST[1294]), ("acid", "zoom"));
        for word in LIST {
            assert!((3..=5).contains(&word.len()), "{word}");
            assert!(word.bytes().all(|b| b.is_ascii_lowercase()), "{word}");
        }
        let bytes = LIST.join("\n");
        assert_eq!(
            blake3::hash(bytes.as_bytes()).to_string(),
            "f61eb26431201f2ddc1a6593f3aea48f85f1c31e1721ffc2985c4f4087497553"
        );
    }

    #[test]
    fn an_edit_is_one_letter_or_two_neighbours() {
        for (a, b) in [
            ("otter", "oter"),
            ("otter", "tter"),
            ("otter", "otte"),
            ("otter", "outer"),
            ("otter", "ottre"),
            ("otter", "toter"),
            ("lemon", "lemno"),
            ("a", ""),
        ] {
            assert!(is_one_edit(a.as_bytes(), b.as_bytes()), "{a} {b}");
            assert!(is_one_edit(b.as_bytes(), a.as_bytes()), "{b} {a}");
        }
        for (a, b) in [
            ("otter", "ote"),
            ("otter", "tteor"),
            ("otter", "ottres"),
            ("abcd", "badc"),
            ("", "ab"),
        ] {
            assert!(!is_one_edit(a.as_bytes(), b.as_bytes()), "{a} {b}");
            assert!(!is_one_edit(b.as_bytes(), a.as_bytes()), "{b} {a}");
        }
    }
}
