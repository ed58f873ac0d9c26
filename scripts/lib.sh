# What the scripts share. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
cd "$root"

# say <what comes now>: with the minutes and seconds since the script began.
say() {
    printf '\n== %d:%02d %s\n' $((SECONDS / 60)) $((SECONDS % 60)) "$*" >&2
}

die() {
    printf '\n%s: %s\n' "${0##*/}" "$1" >&2
    shift
    [ $# -eq 0 ] || printf '  %s\n' "$@" >&2
    exit 1
}

# Prints the comment at the head of the calling script.
help_if_asked() {
    case ${1:-} in
    -h | --help)
        sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    esac
}

# need_rust: cargo, and the toolchain that rust-toolchain.toml names.
need_rust() {
    command -v cargo >/dev/null || die "cargo is not installed" \
        "Install rustup (https://rustup.rs); it reads rust-toolchain.toml by itself."
    local wanted found
    wanted=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
    found=$(rustc --version | cut -d' ' -f2)
    [ "$found" = "$wanted" ] || command -v rustup >/dev/null || say \
        "rustc is $found, tested is $wanted; without rustup the scripts go on with what is there"
    command -v cc >/dev/null || need_package cc build-essential
}

# need_package <command> <Debian package>
need_package() {
    command -v "$1" >/dev/null && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "installing $2, for $1"
        { apt-get update -q && apt-get install -qy --no-install-recommends "$2"; } >&2 && return
    fi
    die "$1 is missing" "Debian, Ubuntu: sudo apt-get install $2"
}

# need_cargo_tool <tool>: a cargo subcommand, built from the registry when it is missing. Without
# optimisation, which would take longer than it could ever save.
need_cargo_tool() {
    cargo "$1" --version >/dev/null 2>&1 && return
    say "installing cargo-$1 (once, a few minutes)"
    cargo install --debug --locked "cargo-$1" >&2 || die "cargo-$1 could not be installed" \
        "Try by hand: cargo install --locked cargo-$1"
}

# need_target <target>: a way to compile for it. Sets `target_cargo`, the words that begin a call.
need_target() {
    local sysroot copy=$target/sysroot
    target_cargo=(cargo)
    sysroot=$(rustc --print sysroot)
    [ ! -d "$sysroot/lib/rustlib/$1/lib" ] || return 0
    if [ ! -e "$copy/complete" ] && command -v rustup >/dev/null; then
        say "adding $1 to the toolchain"
        timeout 60 rustup target add "$1" >&2 && return
        say "rustup has nothing to offer; the standard library is built from Debian's sources"
    fi
    [ -e "$copy/complete" ] || copy_sysroot "$sysroot" "$copy" "$1"
    # A stable compiler builds its own standard library only if it is told to be lenient.
    # Not through rustup, which would have the copy load the original's libraries.
    target_cargo=(env RUSTC="$copy/bin/rustc" RUSTC_BOOTSTRAP=1
        "$sysroot/bin/cargo" -Zbuild-std=std,panic_abort)
}

# copy_sysroot <sysroot> <copy> <target>: the toolchain again, with the sources of its standard
# library.
copy_sysroot() {
    [ "$1" != /usr ] || die "the target $3 is missing" \
        "For browsers on Debian, Ubuntu: sudo apt-get install libstd-rust-dev-wasm32" \
        "For phones: install rustup (https://rustup.rs)"
    local tool version
    for tool in apt-get dpkg-deb; do
        command -v $tool >/dev/null || die "the target $3 is missing" "rustup target add $3"
    done
    version=$(rustc --version | cut -d' ' -f2)
    say "fetching the sources of Rust's standard library $version (once, 45 MB)"
    rm -rf "$2"
    mkdir -p "$2"/{bin,apt,lib/rustlib/src/rust}
    (cd "$2/apt" && fetch_rust_src "$version") >&2 ||
        die "Debian has no sources of Rust $version" "rustup target add $3"
    mv "$2"/apt/usr/src/rustc-*/library "$2/lib/rustlib/src/rust/library"
    rm -rf "$2/apt"
    cp "$1/bin/rustc" "$2/bin/"
    cp "$1"/lib/*.so* "$2/lib/"
    # What build scripts and macros are made with, and the linker.
    ln -s "$1/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')" "$2/lib/rustlib/"
    touch "$2/complete"
}

# fetch_rust_src <version>: Debian's rust-src into this folder, without touching the system's lists.
fetch_rust_src() {
    local mirror suite options package
    # Debian's mirror, as this machine has it.
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
        grep -v security | head -1)
    [ -n "$mirror" ] || return
    mkdir -p lists/partial cache/archives/partial
    for suite in trixie-backports sid; do
        echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
    done >sources.list
    options=(-q -o "Dir::Etc::SourceList=$PWD/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State::Lists=$PWD/lists" -o "Dir::Cache=$PWD/cache" -o APT::Sandbox::User=root)
    apt-get "${options[@]}" update || return
    package=$(apt-cache "${options[@]}" madison rust-src |
        awk -F' *[|] *' -v version="$1" 'index($2, version "+") == 1 { print $2; exit }')
    [ -n "$package" ] || return
    apt-get "${options[@]}" download "rust-src=$package" && dpkg-deb -x rust-src_*.deb .
}

# need_web_tools: what writes the JavaScript around a module, and what compresses files.
need_web_tools() {
    local tools=$root/apps/web/tools library support
    library=$(locked_version Cargo.lock wasm-bindgen)
    support=$(locked_version "$tools/Cargo.lock" wasm-bindgen-cli-support)
    [ "$library" = "$support" ] || die "wasm-bindgen is $library, and apps/web/tools has $support" \
        "Give its Cargo.toml the same version, and: cargo update --manifest-path apps/web/tools/Cargo.toml"
    web_tools=$target/web-tools/debug
    [ -e "$web_tools/gzip" ] || say "building what builds the page (once, a minute)"
    cargo build --quiet --locked --manifest-path "$tools/Cargo.toml" \
        --target-dir "$target/web-tools" || die "apps/web/tools does not compile"
}

# locked_version <Cargo.lock> <package>
locked_version() {
    sed -n "/^name = \"$2\"\$/{n;s/version = \"\(.*\)\"/\1/p}" "$1"
}

# need_node: node and npm, new enough for vite.
need_node() {
    need_package node nodejs
    need_package npm npm
    node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
        die "node $(node --version) is too old: 20.19 or newer is needed" \
            "https://nodejs.org, or https://deb.nodesource.com for Debian and Ubuntu"
}
