//! Paths within an offered folder: any text becomes one that stays below where it begins, and
//! stays as it is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use snug_protocol::{FileName, FilePath, limits::PATH_COMPONENTS};

fuzz_target!(|path: &str| {
    let safe = FilePath::sanitize(path);
    assert!((1..=PATH_COMPONENTS).contains(&safe.components().count()));
    for name in safe.components() {
        assert_eq!(FileName::sanitize(name).as_str(), name);
        assert!(!matches!(name, "" | "." | ".."));
    }
    assert_eq!(safe.components().next_back(), Some(safe.file_name()));
    assert_eq!(FilePath::sanitize(safe.as_str()), safe);
});
