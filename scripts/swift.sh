# The Swift compiler for Linux, in a folder of its own. Sourced after lib.sh, never run.
#
# Debian has Swift 6 since trixie. It is unpacked into target/swift-root, whatever the machine
# itself runs, and entered with chroot. What is mounted for that is mounted for one command alone.

swift_root=$target/swift-root
swift_suite=trixie

# need_swift: the compiler, unpacked (once, two minutes, 3.3 GB).
need_swift() {
    [ -e "$swift_root/complete" ] && return
    [ "$(uname -s)" = Linux ] || die "the Swift checks here are for Linux" \
        "On a Mac: open ios/Package.swift in Xcode, or swift test --package-path ios"
    [ "$(id -u)" = 0 ] || die "a chroot takes root" "sudo scripts/ios test"
    need_package debootstrap debootstrap
    local mirror
    mirror=$(debian_mirror)
    [ -n "$mirror" ] || die "no Debian mirror is known" "DEBIAN_MIRROR=<address> scripts/ios test"
    say "fetching Swift from Debian $swift_suite (once, 600 MB)"
    rm -rf "$swift_root"
    mkdir -p "$swift_root"
    debootstrap --variant=minbase "$swift_suite" "$swift_root" "$mirror" >&2 ||
        die "Debian $swift_suite could not be unpacked" "Its log: $swift_root/debootstrap/debootstrap.log"
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

# in_swift_root <command>...: runs it in the checkout, as the compiler's folder sees it: at the
# same path. The mounts are in a namespace that ends with the command.
in_swift_root() {
    mkdir -p "$swift_root$root"
    ROOT=$swift_root CHECKOUT=$root unshare --mount bash -c '
        set -e
        mount --make-rprivate /
        mount -t proc proc "$ROOT/proc"
        mount --rbind /dev "$ROOT/dev"
        mount --bind "$CHECKOUT" "$ROOT$CHECKOUT"
        exec chroot "$ROOT" /usr/bin/env -i HOME=/root LANG=C.UTF-8 TERM=dumb \
            DEBIAN_FRONTEND=noninteractive CI="${CI:-}" PATH=/usr/sbin:/usr/bin:/sbin:/bin \
            bash -c "cd \"\$0\" && exec \"\$@\"" "$CHECKOUT" "$@"' _ "$@"
}
