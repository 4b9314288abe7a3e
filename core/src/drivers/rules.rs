//! The drivers, a row each. Every row has its source; a sentence of a row that is not from there is not in it.

/// What is copied when a file of an image is written to for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// The whole file.
    File,
    /// The blocks that are written, of so many bytes.
    Block(u64),
    /// Nothing: everything was copied when the container was made, so often.
    Everything(u64),
}

/// A storage driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Driver {
    /// Its name in `docker info`.
    pub name: &'static str,
    /// What it copies.
    pub unit: Unit,
    /// The same in words.
    pub copies: &'static str,
    /// How a deletion of an image's file is noted.
    pub deletion: &'static str,
    /// How a directory that was deleted and made again hides what was in it.
    pub recreated: &'static str,
    /// Where a container's changes lie; `ID` is the layer's own name.
    pub place: &'static str,
    /// How many layers an image may have.
    pub layers: &'static str,
    /// What `docker info` says below `Storage Driver`, where the documents show it.
    pub info: &'static [&'static str],
    /// The keys of `GraphDriver.Data` in `docker inspect`.
    pub data: &'static [&'static str],
    /// Where the row is from.
    pub source: &'static str,
    /// What the row leaves out.
    pub leaves_out: &'static str,
}

/// Docker refuses deeper stacks whatever the driver (`layer/layer_store.go`, `maxLayerDepth`).
const DEPTH: &str = "125, Docker's own limit";

/// All of them, in the order in which Docker had them.
pub static DRIVERS: [Driver; 7] = [
    Driver {
        name: "aufs",
        unit: Unit::File,
        copies: "the whole file",
        deletion: "an empty file .wh.NAME",
        // AUFS's own name for it, shown and never compared; the image format took it over.
        recreated: "an empty file .wh..wh..opq in it",
        place: "/var/lib/docker/aufs/diff/ID",
        layers: "127 branches in one mount; 125, Docker's own limit",
        info: &[
            "Root Dir: /var/lib/docker/aufs",
            "Backing Filesystem: extfs",
            "Dirs: N",
            "Dirperm1 Supported: true",
        ],
        data: &[],
        source: "Docker documents, Use the AUFS storage driver",
        leaves_out: "the search through all branches, which makes a first write late in a deep stack slow",
    },
    Driver {
        name: "overlay2",
        unit: Unit::File,
        copies: "the whole file",
        deletion: "a character device 0:0 of that name",
        recreated: "the attribute trusted.overlay.opaque=y on it",
        place: "/var/lib/docker/overlay2/ID/diff",
        layers: "500 lower directories in one mount; 125, Docker's own limit",
        info: &[
            "Backing Filesystem: extfs",
            "Supports d_type: true",
            "Native Overlay Diff: true",
            "userxattr: false",
        ],
        data: &["LowerDir", "MergedDir", "UpperDir", "WorkDir"],
        source: "Docker documents, Use the OverlayFS storage driver; measured in this lab",
        leaves_out: "metacopy, with which a chmod copies no data: Docker does not turn it on",
    },
    Driver {
        name: "vfs",
        unit: Unit::Everything(2),
        copies: "nothing: it was copied before",
        deletion: "nothing: the container's copy no longer has it",
        recreated: "nothing: it is an ordinary directory",
        place: "/var/lib/docker/vfs/dir/ID",
        layers: DEPTH,
        info: &[],
        data: &[],
        source: "Docker documents, Use the VFS storage driver; Docker makes a layer of its own below each container's, so two copies",
        leaves_out: "reflinks, by which a backing file system may share what was copied",
    },
    Driver {
        name: "devicemapper",
        unit: Unit::Block(64 << 10),
        copies: "blocks of 64 KiB",
        deletion: "nothing: the container's own file system no longer has it",
        recreated: "nothing: it is an ordinary directory",
        place: "blocks of the thin pool; seen at /var/lib/docker/devicemapper/mnt/ID/rootfs",
        layers: DEPTH,
        info: &[
            "Pool Name: docker-thinpool",
            "Pool Blocksize: 524.3kB",
            "Base Device Size: 10.74GB",
            "Backing Filesystem: xfs",
        ],
        data: &["DeviceId", "DeviceName", "DeviceSize"],
        source: "Docker documents, Use the Device Mapper storage driver (64 KB blocks)",
        leaves_out: "which blocks the inner file system chooses, and its journal; a pool of direct-lvm may have larger blocks",
    },
    Driver {
        name: "btrfs",
        unit: Unit::Block(4 << 10),
        copies: "blocks of 4 KiB",
        deletion: "nothing: the container's snapshot no longer has it",
        recreated: "nothing: it is an ordinary directory",
        place: "/var/lib/docker/btrfs/subvolumes/ID",
        layers: DEPTH,
        info: &["Build Version: Btrfs v4.4", "Library Version: 101"],
        data: &[],
        source: "Docker documents, Use the BTRFS storage driver; btrfs(5), sectorsize",
        leaves_out: "metadata, which is twice on one disk, and extents that stay whole while a part of them is in use",
    },
    Driver {
        name: "zfs",
        unit: Unit::Block(128 << 10),
        copies: "records of 128 KiB",
        deletion: "nothing: the container's clone no longer has it",
        recreated: "nothing: it is an ordinary directory",
        place: "/var/lib/docker/zfs/graph/ID, the data set POOL/ID",
        layers: DEPTH,
        info: &[
            "Zpool: zpool-docker",
            "Zpool Health: ONLINE",
            "Parent Dataset: zpool-docker",
            "Compression: off",
        ],
        data: &["Dataset", "Mountpoint"],
        source: "Docker documents, Use the ZFS storage driver; zfsprops(7), recordsize",
        leaves_out: "compression, and files smaller than one record, which have a record of their own size",
    },
    Driver {
        name: "windowsfilter",
        unit: Unit::File,
        copies: "the whole file",
        deletion: "a tombstone, a mark of the container's file system filter",
        recreated: "a tombstone for each name that was in it",
        place: r"C:\ProgramData\docker\windowsfilter\ID\sandbox.vhdx",
        layers: DEPTH,
        info: &["Windows: "],
        data: &["dir"],
        source: "Microsoft, Container storage overview; moby, daemon/graphdriver/windows",
        leaves_out: "the empty virtual disk that each container gets, and the registry hives, which are merged apart",
    },
];

/// The name of the driver of this lab.
pub(super) const OWN: &str = "overlay2";
