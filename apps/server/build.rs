//! Has the program built anew when the page is.

fn main() {
    println!("cargo::rerun-if-changed=page");
}
