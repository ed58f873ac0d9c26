//! Names that would be in each other's way on the receiver's disk.

use std::collections::BTreeMap;

use super::{Item, ItemKind};
use crate::{FileName, FilePath};

/// Gives a number to what would replace something else: macOS and Windows take `README` and
/// `readme` for one name, and no system keeps a file and a folder of one name.
pub(super) fn resolve(items: Vec<Item>) -> Vec<Item> {
    let mut root = Folder::default();
    let placed = items.into_iter().map(|item| root.place(item));
    placed.collect()
}

/// A folder, as far as it is known.
#[derive(Default)]
struct Folder {
    children: BTreeMap<Key, Child>,
    /// Folders that could not keep their names.
    moved: BTreeMap<Key, Key>,
    /// The last number given to each name.
    numbers: BTreeMap<Key, u32>,
}

enum Child {
    File,
    /// With the name that it had first.
    Folder(FileName, Folder),
}

/// What names have in common that a file system may take for one.
type Key = String;

impl Folder {
    fn place(&mut self, item: Item) -> Item {
        let names: Vec<FileName> = item.path.components().map(FileName::sanitize).collect();
        let Some((last, folders)) = names.split_last() else {
            return item;
        };
        let mut placed = Vec::with_capacity(names.len());
        let mut folder = self;
        for name in folders {
            let (name, child) = folder.enter(name);
            placed.push(name);
            folder = child;
        }
        placed.push(match item.kind {
            ItemKind::Folder => folder.enter(last).0,
            ItemKind::File { .. } => folder.add_file(last),
        });
        let path = FilePath::join(placed).unwrap_or(item.path);
        let kind = item.kind;
        Item { path, kind }
    }

    /// Goes into a folder, which is made if need be. Says what it is called.
    fn enter(&mut self, name: &FileName) -> (FileName, &mut Self) {
        let own = key(name);
        let key = self.moved.get(&own).cloned().unwrap_or_else(|| own.clone());
        if !matches!(self.children.get(&key), Some(Child::Folder(..))) {
            let (free, free_key) = self.free(name);
            if free_key != own {
                self.moved.insert(own, free_key.clone());
            }
            let child = Child::Folder(free, Self::default());
            self.children.insert(free_key.clone(), child);
            return self.folder(&free_key);
        }
        self.folder(&key)
    }

    fn folder(&mut self, key: &Key) -> (FileName, &mut Self) {
        match self.children.get_mut(key) {
            Some(Child::Folder(name, folder)) => (name.clone(), folder),
            Some(Child::File) | None => unreachable!("only asked for folders that are there"),
        }
    }

    fn add_file(&mut self, name: &FileName) -> FileName {
        let (free, key) = self.free(name);
        self.children.insert(key, Child::File);
        free
    }

    /// The name, or the next one with a number that nothing has.
    fn free(&mut self, name: &FileName) -> (FileName, Key) {
        let own = key(name);
        if !self.children.contains_key(&own) {
            return (name.clone(), own);
        }
        let last = self.numbers.get(&own).copied().unwrap_or(1);
        for number in last + 1.. {
            let numbered = name.numbered(number);
            let key = key(&numbered);
            if !self.children.contains_key(&key) {
                self.numbers.insert(own, number);
                return (numbered, key);
            }
        }
        unreachable!("a listing has fewer items than there are numbers")
    }
}

fn key(name: &FileName) -> Key {
    name.as_str().to_lowercase()
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
        let items = resolve(items.collect());
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
}
