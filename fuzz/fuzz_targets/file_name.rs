//! Names of files: any text becomes a name that is safe to create, and stays as it is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use snug_protocol::{FileName, limits::FILE_NAME_BYTES};

fuzz_target!(|name: &str| {
    let safe = FileName::sanitize(name);
    assert_safe(&safe);
    for number in [2, 99, u32::MAX] {
        let numbered = safe.numbered(number);
        assert_safe(&numbered);
        assert!(numbered.as_str().contains(&format!("({number})")));
        assert_ne!(numbered, safe.numbered(number - 1));
    }
});

fn assert_safe(name: &FileName) {
    let text = name.as_str();
    assert!(!text.is_empty() && text.len() <= FILE_NAME_BYTES);
    assert!(!text.contains(['/', '\\', ':', '\0']) && !text.contains(char::is_control));
    assert!(!text.starts_with(['.', ' ']) && !text.ends_with(['.', ' ']));
    let stem = text.split('.').next().unwrap_or_default().trim_end();
    assert!(!DEVICES.contains(&&*stem.to_ascii_lowercase()));
    assert_eq!(FileName::sanitize(text), *name);
}

const DEVICES: [&str; 10] = [
    "con", "prn", "aux", "nul", "conin$", "conout$", "com1", "com9", "lpt1", "lpt9",
];
