//! The page, as it was when this program was built.

use rust_embed::Embed;
use snug_server::Page;

/// What `scripts/web` puts there. Without that there is no page, and everything else works.
#[derive(Embed)]
#[folder = "page"]
struct Files;

/// The page, if there was one.
pub(crate) fn embedded() -> Option<Page> {
    let files = Files::iter().filter_map(|path| {
        let file = Files::get(&path)?;
        Some((path.into_owned(), file.data))
    });
    Page::new(files)
}
