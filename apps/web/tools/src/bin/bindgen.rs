//! Writes the JavaScript and the types around a module: `bindgen MODULE FOLDER`.

use std::env;

use anyhow::{Context as _, Result};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let mut args = env::args_os().skip(1);
    let module = args.next().context("which module?")?;
    let folder = args.next().context("into which folder?")?;
    Bindgen::new()
        .input_path(module)
        .web(true)?
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)
}
