# The Swift compiler on Linux, in a folder of its own. Sourced after lib.sh, never run.
#
# Debian has Swift 6 since trixie. It is unpacked into target/swift-root, whatever the machine
# itself runs, and entered with chroot. What is mounted and started for that ends with the command.

swift_root=$target/swift-root
swift_suite=trixie

# need_swift: the compiler, unpacked (once, four minutes, 3.3 GB).
need_swift() {
    [ -e "$swift_root/complete" ] && return
    [ "$(uname -s)" = Linux ] || die "the Swift checks here are for Linux" \
        "On a Mac, open ios/Package.swift or the app's project in Xcode."
    [ "$(id -u)" = 0 ] || die "a chroot takes root" "sudo scripts/swift"
    need_package debootstrap debootstrap
    local mirror
    mirror=$(debian_mirror)
    [ -n "$mirror" ] || die "no Debian mirror is known" "DEBIAN_MIRROR=<address> scripts/swift"
    say "fetching Swift from Debian $swift_suite (once, 600 MB)"
    rm -rf "$swift_root"
    mkdir -p "$swift_root"
    debootstrap --variant=minbase "$swift_suite" "$swift_root" "$mirror" >&2 ||
        die "Debian $swift_suite could not be unpacked" \
            "Its log: $swift_root/debootstrap/debootstrap.log"
    in_swift_root bash -c 'apt-get update -q && apt-get install -qy --no-install-recommends \
        swiftlang libc6-dev libstdc++-14-dev && apt-get clean' >&2 ||
        die "Swift could not be installed" "Try again; look into $swift_root"
    touch "$swift_root/complete"
}

# debian_mirror: Debian's mirror, as this machine has it.
debian_mirror() {
    if [ -n "${DEBIAN_MIRROR:-}" ]; then
        echo "$DEBIAN_MIRROR"
    elif command -v apt-get >/dev/null; then
        apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' |
            grep -v security | head -1
    fi
}

# in_swift_root <command>...: runs it in the checkout, which the compiler's folder has at the same
# path. Mounts and processes are in namespaces that end with the command.
in_swift_root() {
    SWIFT_ROOT=$swift_root CHECKOUT=$root TARGET=$target \
        unshare --mount --pid --fork --kill-child bash -c '
        set -e
        mount --make-rprivate /
        mount -t proc proc "$SWIFT_ROOT/proc"
        mount --rbind /dev "$SWIFT_ROOT/dev"
        for folder in "$CHECKOUT" "$TARGET"; do
            mkdir -p "$SWIFT_ROOT$folder"
            mount --bind "$folder" "$SWIFT_ROOT$folder"
        done
        exec chroot "$SWIFT_ROOT" /usr/bin/env -i HOME=/root LANG=C.UTF-8 TERM=dumb \
            DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin \
            bash -c "cd \"\$0\" && exec \"\$@\"" "$CHECKOUT" "$@"' _ "$@"
}
