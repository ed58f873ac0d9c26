//! Some of the files on offer, as a person or a script picks them: `3 5-9 *.jpg`.

use std::{collections::BTreeSet, ops::RangeInclusive};

use snug_protocol::{FilePath, Listing};
use snug_session::Selection;

/// What is wanted of an offer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Nothing means all.
    picks: Vec<Pick>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Pick {
    /// Items, counted from 1 as they are shown.
    Numbers(RangeInclusive<usize>),
    /// Files and folders of that name, or at that path.
    Pattern(Pattern),
}

/// A path in which `*` stands for any characters of a name and `?` for one, whatever their case.
/// A folder stands for everything in it. Without a slash it is about names at any depth.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern(Vec<String>);

impl Choice {
    /// Reads numbers, ranges of numbers, and patterns. None of them, or `all`, is all.
    ///
    /// # Errors
    /// What is wrong with them, in words.
    pub(crate) fn of_words<S: AsRef<str>>(words: &[S]) -> Result<Self, String> {
        let mut picks = Vec::new();
        for word in words {
            let word = word.as_ref();
            if word == "all" {
                return Ok(Self::default());
            }
            picks.push(Pick::read(word)?);
        }
        Ok(Self { picks })
    }

    /// Takes patterns alone: what a number stands for is not known before the offer is.
    pub(crate) fn of_patterns(patterns: &[String]) -> Self {
        let picks = patterns.iter().map(|it| Pick::Pattern(Pattern::new(it)));
        Self {
            picks: picks.collect(),
        }
    }

    /// Finds what is meant.
    ///
    /// # Errors
    /// Which word stands for nothing in this offer.
    pub(crate) fn select(&self, listing: &Listing) -> Result<Selection, String> {
        if self.picks.is_empty() {
            return Ok(Selection::All);
        }
        let mut items = BTreeSet::new();
        for pick in &self.picks {
            let mut found = pick.find(listing).peekable();
            if found.peek().is_none() {
                return Err(pick.nothing());
            }
            items.extend(found);
        }
        Ok(shorten(items, listing))
    }

    /// Finds what is meant, as far as it is there; `None` if nothing is.
    pub(crate) fn select_any(&self, listing: &Listing) -> Option<Selection> {
        if self.picks.is_empty() {
            return Some(Selection::All);
        }
        let items: BTreeSet<usize> = self.picks.iter().flat_map(|it| it.find(listing)).collect();
        (!items.is_empty()).then(|| shorten(items, listing))
    }
}

/// All of it is called so.
fn shorten(items: BTreeSet<usize>, listing: &Listing) -> Selection {
    if items.len() == listing.items().len() {
        return Selection::All;
    }
    Selection::Items(items)
}

impl Pick {
    fn read(word: &str) -> Result<Self, String> {
        let numbers = match word.split_once('-') {
            Some((first, last)) => first.parse().ok().zip(last.parse().ok()),
            None => word.parse().ok().map(|number: usize| (number, number)),
        };
        match numbers {
            Some((0, _)) => Err("the files are counted from 1".to_owned()),
            Some((first, last)) if first > last => Err(format!("{word} is no range of numbers")),
            Some((first, last)) => Ok(Self::Numbers(first..=last)),
            None => Ok(Self::Pattern(Pattern::new(word))),
        }
    }

    fn find<'a>(&'a self, listing: &'a Listing) -> Box<dyn Iterator<Item = usize> + 'a> {
        let items = listing.items();
        match self {
            Self::Numbers(numbers) => {
                let end = items.len().min(*numbers.end());
                Box::new(numbers.start() - 1..end)
            }
            Self::Pattern(pattern) => {
                let items = items.iter().enumerate();
                Box::new(items.filter_map(|(at, item)| pattern.is_of(&item.path).then_some(at)))
            }
        }
    }

    fn nothing(&self) -> String {
        match self {
            Self::Numbers(numbers) => format!("there is no file {}", numbers.start()),
            Self::Pattern(pattern) => format!("no file is called {}", pattern.0.join("/")),
        }
    }
}

impl Pattern {
    fn new(pattern: &str) -> Self {
        let pattern = pattern.to_lowercase();
        let parts = pattern.trim_matches('/').split('/');
        Self(parts.map(str::to_owned).collect())
    }

    fn is_of(&self, path: &FilePath) -> bool {
        let path = path.as_str().to_lowercase();
        let names: Vec<&str> = path.split('/').collect();
        match &self.0[..] {
            [name] => names.iter().any(|it| is_like(it, name)),
            parts if parts.len() > names.len() => false,
            parts => parts.iter().zip(names).all(|(part, it)| is_like(it, part)),
        }
    }
}

/// Whether a name matches a pattern. Takes at most the product of their lengths: of several stars
/// only the last one is ever tried again.
fn is_like(name: &str, pattern: &str) -> bool {
    let (name, pattern): (Vec<char>, Vec<char>) =
        (name.chars().collect(), pattern.chars().collect());
    let (mut at, mut p) = (0, 0);
    let mut star = None;
    while at < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, at));
                p += 1;
            }
            Some(c) if *c == '?' || *c == name[at] => (at, p) = (at + 1, p + 1),
            _ => {
                let Some((behind, from)) = star else {
                    return false;
                };
                star = Some((behind, from + 1));
                (at, p) = (from + 1, behind + 1);
            }
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use snug_protocol::{Attributes, Item, ItemKind};

    use super::*;

    fn listing() -> Listing {
        let paths = [
            "trip/day 1/a.JPG",
            "trip/day 1/b.png",
            "trip/day 2/c.jpg",
            "notes.txt",
        ];
        let items = paths.map(|path| Item {
            path: FilePath::sanitize(path),
            kind: ItemKind::File {
                size: 1,
                attributes: Attributes::default(),
            },
        });
        Listing::new(items.to_vec()).unwrap()
    }

    fn selected(words: &[&str]) -> Result<Vec<usize>, String> {
        match Choice::of_words(words)?.select(&listing())? {
            Selection::All => Ok(vec![0, 1, 2, 3]),
            Selection::Items(items) => Ok(items.into_iter().collect()),
        }
    }

    #[test]
    fn numbers_ranges_and_patterns_pick_files() {
        for (words, items) in [
            (&[][..], &[0, 1, 2, 3][..]),
            (&["all"], &[0, 1, 2, 3]),
            (&["2"], &[1]),
            (&["1", "3-9"], &[0, 2, 3]),
            (&["1-4"], &[0, 1, 2, 3]),
            (&["*.jpg"], &[0, 2]),
            (&["day ?"], &[0, 1, 2]),
            (&["trip/*/b*"], &[1]),
            (&["/trip/day 2/"], &[2]),
            (&["4", "*.txt"], &[3]),
            (&["n*t*s.*x*"], &[3]),
        ] {
            assert_eq!(selected(words).as_deref(), Ok(items), "{words:?}");
        }
    }

    #[test]
    fn what_is_not_there_is_said() {
        for words in [&["5"][..], &["0"], &["3-2"], &["1", "*.mp4"], &["a.jpg/x"]] {
            assert!(selected(words).is_err(), "{words:?}");
        }
        let some = Choice::of_patterns(&["*.mp4".to_owned(), "notes*".to_owned()]);
        let notes = Selection::Items([3].into());
        assert_eq!(some.select_any(&listing()), Some(notes));
        let none = Choice::of_patterns(&["*.mp4".to_owned()]);
        assert_eq!(none.select_any(&listing()), None);
    }

    #[test]
    fn many_stars_are_soon_answered() {
        let name = "a".repeat(255);
        let pattern = format!("{}b", "a*".repeat(127));
        assert!(!is_like(&name, &pattern));
    }
}
