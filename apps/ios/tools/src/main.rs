//! Writes the Swift around the library: `scripts/ios bindings`.

fn main() {
    uniffi::uniffi_bindgen_main();
}
