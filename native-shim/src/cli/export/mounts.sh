#!/bin/sh
# The layers of a Layerlab session as overlay mounts made by hand, without Docker.
#
#   sh mounts.sh [DIR]      unpack the layers into DIR (default: lab) and mount each container at DIR/CONTAINER/merged
#   sh mounts.sh -u [DIR]   unmount them again; DIR stays
#
# Needs root, tar, and setfattr (package attr). DIR must be on a file system that can hold an upper directory: ext4, xfs,
# btrfs or tmpfs.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
undo=
if [ "${1-}" = -u ]; then undo=1; shift; fi
mkdir -p "${1:-lab}"
dir=$(cd "${1:-lab}" && pwd)
command -v setfattr >/dev/null || { echo "mounts.sh: setfattr is missing (package attr)" >&2; exit 1; }

# Unpacks a layer. In an archive ".wh.NAME" hides NAME and ".wh..wh..opq" makes its directory opaque;
# overlayfs has a character device 0,0 for the one and an extended attribute for the other.
layer() {
    [ -z "$undo" ] || return 0
    [ ! -e "$dir/.layers/$1" ] || return 0
    rm -rf "$dir/.layers/.part"
    mkdir -p "$dir/.layers/.part"
    tar --xattrs --xattrs-include='*' --numeric-owner --warning=no-timestamp -xpf "$here/layers/$1.tar" -C "$dir/.layers/.part"
    find "$dir/.layers/.part" -depth -name '.wh.*' -exec sh -c '
        for mark do
            parent=${mark%/*} name=${mark##*/.wh.}
            time=$(stat -c %.9Y "$parent")
            rm -f "$mark"
            if [ "$name" = .wh..opq ]; then
                setfattr -n trusted.overlay.opaque -v y "$parent"
            else
                mknod "$parent/$name" c 0 0
            fi
            touch -d "@$time" "$parent"
        done' sh {} +
    mv "$dir/.layers/.part" "$dir/.layers/$1"
}

# Mounts a container: its last layer is the writable one, the others lie below it.
overlay() {
    name=$1 lower= upper=
    shift
    for number do
        [ -z "$upper" ] || lower=$dir/.layers/$upper${lower:+:$lower}
        upper=$number
    done
    merged=$dir/$name/merged
    if [ -n "$undo" ]; then umount "$merged"; return; fi
    mkdir -p "$merged" "$dir/$name/work"
    [ -e "$dir/$name/upper" ] || cp -a "$dir/.layers/$upper" "$dir/$name/upper"
    if [ -z "$lower" ]; then lower=$dir/.empty; mkdir -p "$lower"; fi
    mount -t overlay overlay -o "lowerdir=$lower,upperdir=$dir/$name/upper,workdir=$dir/$name/work" "$merged"
    echo "$merged"
}

