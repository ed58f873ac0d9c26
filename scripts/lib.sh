# What the scripts share. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
cd "$root"

say() {
    printf '\n== %s\n' "$*" >&2
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

# need_cargo_tool <tool>: a cargo subcommand, built from the registry when it is missing.
need_cargo_tool() {
    cargo "$1" --version >/dev/null 2>&1 && return
    say "installing cargo-$1 (once, a few minutes)"
    cargo install --locked "cargo-$1" >&2 || die "cargo-$1 could not be installed" \
        "Try by hand: cargo install --locked cargo-$1"
}
