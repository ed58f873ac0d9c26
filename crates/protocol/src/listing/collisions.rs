//! Names that would be in each other's way on the receiver's disk.

use std::collections::BTreeMap;

use super::{InvalidListing, Item, ItemKind};
use crate::{
    FileName, FilePath,
    limits::LISTING_FOLDERS,
    normal::{caseless, decomposed},
};

/// Gives a number to what would replace something else: macOS and Windows take `README` and
/// `readme` for one name, and no system keeps a file and a folder of one name. A folder may be
/// named by several items, and is then called by the first spelling everywhere.
///
/// What was resolved before comes out as it is.
pub(super) fn resolve(items: Vec<Item>) -> Result<Vec<Item>, InvalidListing> {
    let mut tree = Tree::default();
    let placed = items.into_iter().map(|item| tree.place(item));
    placed.collect()
}

/// Everything that has its place. Flat, since a listing of 8 MiB can speak of a million folders
/// within folders.
#[derive(Default)]
struct Tree {
    names: BTreeMap<Key, Name>,
    /// What each folder is called, by number. The outermost has none, and no name.
    folders: Vec<FileName>,
}

#[derive(Default)]
struct Name {
    child: Option<Child>,
    /// The last number that was given for it, or 0. All long names of a folder count as one, which
    /// is empty.
    number: u32,
}

enum Child {
    File {
        /// The folder of that name, which had to take another.
        beside: Option<FolderNumber>,
    },
    Folder(FolderNumber),
}

/// A folder, and what all names of a thing in it have in common.
type Key = (FolderNumber, String);

/// 0 for the outermost one.
type FolderNumber = usize;

impl Tree {
    fn place(&mut self, item: Item) -> Result<Item, InvalidListing> {
        let names: Vec<FileName> = item.path.names().collect();
        let Some((last, folders)) = names.split_last() else {
            return Ok(item);
        };
        let mut placed = Vec::with_capacity(names.len());
        let mut folder = 0;
        for name in folders {
            folder = self.enter(folder, name)?;
            placed.push(self.folders[folder - 1].clone());
        }
        placed.push(match item.kind {
            ItemKind::Folder => {
                let folder = self.enter(folder, last)?;
                self.folders[folder - 1].clone()
            }
            ItemKind::File { .. } => self.add_file(folder, last),
        });
        let path = FilePath::join(placed).unwrap_or(item.path);
        let kind = item.kind;
        Ok(Item { path, kind })
    }

    /// Goes into a folder, which is made if need be.
    fn enter(&mut self, parent: FolderNumber, name: &FileName) -> Result<usize, InvalidListing> {
        let own = (parent, fold(name));
        if let Some(
            Child::Folder(folder)
            | Child::File {
                beside: Some(folder),
            },
        ) = self.child(&own)
        {
            return Ok(*folder);
        }
        if self.folders.len() >= LISTING_FOLDERS {
            return Err(InvalidListing::TooManyFolders);
        }
        let (free, key) = self.free(&own, name);
        self.folders.push(free);
        let folder = self.folders.len();
        if let Some(Child::File { beside }) = &mut self.name(own).child {
            *beside = Some(folder);
        }
        self.name(key).child = Some(Child::Folder(folder));
        Ok(folder)
    }

    fn add_file(&mut self, parent: FolderNumber, name: &FileName) -> FileName {
        let own = (parent, fold(name));
        let (free, key) = self.free(&own, name);
        self.name(key).child = Some(Child::File { beside: None });
        free
    }

    fn name(&mut self, key: Key) -> &mut Name {
        self.names.entry(key).or_default()
    }

    fn child(&self, key: &Key) -> Option<&Child> {
        self.names.get(key)?.child.as_ref()
    }

    /// The name, or the next one with a number that nothing has.
    fn free(&mut self, own: &Key, name: &FileName) -> (FileName, Key) {
        if self.child(own).is_none() {
            return (name.clone(), own.clone());
        }
        // Long names are cut to make room for the number, and then those that differ at their ends
        // only are one. Counted apart, each would try all numbers of the others.
        let counted = if name.is_long() { "" } else { &own.1 };
        let counted = (own.0, counted.to_owned());
        let last = self.names.get(&counted).map_or(0, |name| name.number);
        let mut number = last.max(1);
        loop {
            number += 1;
            let numbered = name.numbered(number);
            let key = (own.0, fold(&numbered));
            if self.child(&key).is_none() {
                self.name(counted).number = number;
                return (numbered, key);
            }
        }
    }
}

/// What names have in common that some file system takes for one: Unicode's canonical caseless
/// match (D145), as on APFS, where `ß` is `ss`, and on ext4, which also passes over what is not
/// seen. HFS+ and NTFS fold less. A number that was not needed costs nothing.
fn fold(name: &FileName) -> String {
    let name = name.as_str();
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let decomposed_name = decomposed(name);
    let visible = decomposed_name.chars().filter(|c| !is_ignorable(*c));
    decomposed(&caseless(visible))
}

/// Characters that have no look of their own (Unicode `Default_Ignorable_Code_Point`), but for
/// those that no [`FileName`] has.
fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::{super::Attributes, *};

    fn resolved(paths: &[&str]) -> Vec<String> {
        let items = paths.iter().map(|path| {
            let kind = match path.strip_suffix('/') {
                Some(_) => ItemKind::Folder,
                None => ItemKind::File {
                    size: 1,
                    attributes: Attributes::default(),
                },
            };
            let path = FilePath::sanitize(path);
            Item { path, kind }
        });
        let items = resolve(items.collect()).unwrap();
        items.iter().map(|item| item.path.to_string()).collect()
    }

    #[test]
    fn nothing_is_in_the_way_of_anything() {
        assert_eq!(
            resolved(&["README", "readme", "ReadMe.txt"]),
            ["README", "readme (2)", "ReadMe.txt"]
        );
        assert_eq!(
            resolved(&["a", "a/b", "a/c", "a (2)/d"]),
            ["a", "a (2)/b", "a (2)/c", "a (2)/d"]
        );
        assert_eq!(resolved(&["a/b", "A/B", "a"]), ["a/b", "a/B (2)", "a (2)"]);
        assert_eq!(resolved(&["x", "x", "x (2)", "x"]).len(), 4);
        assert_eq!(resolved(&["d/", "D/", "d/f"]), ["d", "d", "d/f"]);
    }

    #[test]
    fn what_is_resolved_stays_so() {
        let paths = [
            "x", "x", "X", "x (2)", "x/y", "e\u{301}", "\u{e9}", "a/b", "a",
        ];
        let once = resolved(&paths);
        let paths: Vec<&str> = once.iter().map(String::as_str).collect();
        assert_eq!(resolved(&paths), once);
    }
    #[test]
    fn a_folder_is_called_by_its_first_spelling() {
        assert_eq!(resolved(&["Docs/a", "docs/b"]), ["Docs/a", "Docs/b"]);
        assert_eq!(resolved(&["d", "D/a", "d/b"]), ["d", "D (2)/a", "D (2)/b"]);
        assert_eq!(resolved(&["a/x/y", "A/X"]), ["a/x/y", "a/X (2)"]);
    }

    #[test]
    fn names_that_some_file_system_takes_for_one_are_told_apart() {
        for (one, other) in [
            ("\u{e9}", "E\u{301}"),
            ("stra\u{df}e", "STRASSE"),
            ("\u{1e9e}", "ss"),
            (
                "\u{3bf}\u{3b4}\u{3bf}\u{3c2}",
                "\u{39f}\u{394}\u{39f}\u{3a3}",
            ),
            ("\u{3c3}", "\u{3c2}"),
            ("I", "\u{131}"),
            ("\u{130}", "i\u{307}"),
            ("\u{b5}", "\u{3bc}"),
            ("\u{fb01}", "fi"),
            ("\u{1f80}", "\u{3b1}\u{345}\u{313}"),
            ("\u{2764}\u{fe0f}", "\u{2764}"),
        ] {
            let found = resolved(&[one, other]);
            assert!(found[1].ends_with(" (2)"), "{found:?}");
        }
        let apart = ["e", "\u{e9}", "o", "\u{f8}", "\u{3b1}", "a"];
        assert_eq!(resolved(&apart), apart);
    }
}
