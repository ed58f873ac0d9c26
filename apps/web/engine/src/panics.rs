//! What becomes of a panic.

use std::sync::Once;

/// Has a panic reach the page as an exception with the reason in it. After one the module must not
/// be used any more.
pub(crate) fn tell_the_page() {
    static ONCE: Once = Once::new();
    if cfg!(target_arch = "wasm32") {
        ONCE.call_once(|| {
            std::panic::set_hook(Box::new(|panic| {
                wasm_bindgen::throw_str(&format!("the engine failed: {panic}"));
            }));
        });
    }
}
