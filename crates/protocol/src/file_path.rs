//! Where a file of a folder goes, below the place that the receiver chose.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::{
    FileName,
    limits::{PATH_BYTES, PATH_COMPONENTS},
};

/// A relative path of 1 to [`PATH_COMPONENTS`] file names, each of them safe to create
/// ([`FileName`]), written with slashes.
///
/// Like a file name it comes from [`FilePath::sanitize`] only, so it never leads out of the folder
/// that it is used in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct FilePath(String);

impl FilePath {
    /// Makes any text a safe path: what is no name (nothing, `.`, `..`) is left out, and what is
    /// too deep is moved up.
    pub fn sanitize(path: &str) -> Self {
        let named = |part: &&str| !matches!(*part, "" | "." | "..");
        let mut parts = path.split(['/', '\\']).filter(named);
        let Some(last) = parts.next_back() else {
            return Self::from(FileName::sanitize(path));
        };
        let folders = parts.take(PATH_COMPONENTS - 1);
        let names = folders.chain([last]).map(FileName::sanitize);
        Self::join(names).expect("there is a last one")
    }

    /// Puts names behind each other; `None` if there are none or more than [`PATH_COMPONENTS`].
    pub fn join(names: impl IntoIterator<Item = FileName>) -> Option<Self> {
        let names: Vec<FileName> = names.into_iter().collect();
        if names.is_empty() || names.len() > PATH_COMPONENTS {
            return None;
        }
        let names: Vec<&str> = names.iter().map(FileName::as_str).collect();
        Some(Self(names.join("/")))
    }

    /// The path, with slashes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The names in it, from the outermost folder to the file.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }

    /// As [`components`](Self::components), each as a name.
    pub(crate) fn names(&self) -> impl Iterator<Item = FileName> {
        self.components().map(FileName::of_component)
    }

    /// The name of the file itself.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

impl From<FileName> for FilePath {
    fn from(name: FileName) -> Self {
        Self(name.as_str().to_owned())
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for FilePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let path = Cow::<'de, str>::deserialize(deserializer)?;
        if path.len() > PATH_BYTES {
            return Err(de::Error::invalid_length(path.len(), &"a path"));
        }
        Ok(Self::sanitize(&path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_below_where_they_begin() {
        for (given, safe) in [
            ("a/b/c.txt", "a/b/c.txt"),
            ("../../etc/passwd", "etc/passwd"),
            ("/abs/x", "abs/x"),
            ("C:\\Users\\x", "C_/Users/x"),
            ("a//./b/", "a/b"),
            ("x/.ssh/authorized_keys", "x/_ssh/authorized_keys"),
            ("con/nul", "_con/_nul"),
            ("..", "file"),
            ("", "file"),
            ("a/\u{200b}/b", "a/file/b"),
        ] {
            assert_eq!(FilePath::sanitize(given).as_str(), safe, "{given:?}");
        }
    }

    #[test]
    fn what_is_too_deep_moves_up() {
        let path = FilePath::sanitize(&format!("{}last", "d/".repeat(1000)));
        assert_eq!(path.components().count(), PATH_COMPONENTS);
        assert_eq!(path.file_name(), "last");
    }
}
