//! The documents of an archive as moby 20.10 declares them (`image/image.go`, `image/tarexport`, `api/types/container`).

use super::Go;

const STRING: Go = Go::String("string");
const STRINGS: Go = Go::List("[]string", &STRING);
const DURATION: Go = Go::Int("time.Duration");
const NOTHING: Go = Go::Struct("", "struct {}", &[]);

const HEALTH: Go = Go::Struct(
    "HealthConfig",
    "container.HealthConfig",
    &[
        ("Test", STRINGS),
        ("Interval", DURATION),
        ("Timeout", DURATION),
        ("StartPeriod", DURATION),
        ("Retries", Go::Int("int")),
    ],
);

const CONFIG: Go = Go::Struct(
    "Config",
    "container.Config",
    &[
        ("Hostname", STRING),
        ("Domainname", STRING),
        ("User", STRING),
        ("AttachStdin", Go::Bool),
        ("AttachStdout", Go::Bool),
        ("AttachStderr", Go::Bool),
        ("ExposedPorts", Go::Map("nat.PortSet", &NOTHING)),
        ("Tty", Go::Bool),
        ("OpenStdin", Go::Bool),
        ("StdinOnce", Go::Bool),
        ("Env", STRINGS),
        ("Cmd", Go::Words),
        ("Healthcheck", HEALTH),
        ("ArgsEscaped", Go::Bool),
        ("Image", STRING),
        ("Volumes", Go::Map("map[string]struct {}", &NOTHING)),
        ("WorkingDir", STRING),
        ("Entrypoint", Go::Words),
        ("NetworkDisabled", Go::Bool),
        ("MacAddress", STRING),
        ("OnBuild", STRINGS),
        ("Labels", Go::Map("map[string]string", &STRING)),
        ("StopSignal", STRING),
        ("StopTimeout", Go::Int("int")),
        ("Shell", Go::Words),
    ],
);

const HISTORY: Go = Go::Struct(
    "History",
    "image.History",
    &[
        ("created", Go::Time),
        ("author", STRING),
        ("created_by", STRING),
        ("comment", STRING),
        ("empty_layer", Go::Bool),
    ],
);

const DIFF_IDS: Go = Go::List("[]layer.DiffID", &Go::String("layer.DiffID"));
const ROOTFS: Go = Go::Struct("RootFS", "image.RootFS", &[("type", STRING), ("diff_ids", DIFF_IDS)]);

/// An image's configuration.
pub const IMAGE: Go = Go::Struct(
    "Image",
    "image.Image",
    &[
        ("id", STRING),
        ("comment", STRING),
        ("created", Go::Time),
        ("container", STRING),
        ("container_config", CONFIG),
        ("docker_version", STRING),
        ("author", STRING),
        ("config", CONFIG),
        ("architecture", STRING),
        ("variant", STRING),
        ("os", STRING),
        ("Size", Go::Int("int64")),
        ("parent", Go::String("image.ID")),
        ("rootfs", ROOTFS),
        ("history", Go::List("[]image.History", &HISTORY)),
        ("os.version", STRING),
        ("os.features", STRINGS),
    ],
);

const DESCRIPTOR: Go = Go::Struct(
    "Descriptor",
    "distribution.Descriptor",
    &[
        ("mediaType", STRING),
        ("size", Go::Int("int64")),
        ("digest", Go::String("digest.Digest")),
        ("urls", STRINGS),
        ("annotations", Go::Map("map[string]string", &STRING)),
    ],
);

const ITEM: Go = Go::Struct(
    "manifestItem",
    "tarexport.manifestItem",
    &[
        ("Config", STRING),
        ("RepoTags", STRINGS),
        ("Layers", STRINGS),
        ("Parent", Go::String("image.ID")),
        ("LayerSources", Go::Map("map[layer.DiffID]distribution.Descriptor", &DESCRIPTOR)),
    ],
);

/// `manifest.json`.
pub const MANIFEST: Go = Go::List("[]tarexport.manifestItem", &ITEM);

const PLATFORM: Go = Go::Struct(
    "Platform",
    "v1.Platform",
    &[
        ("architecture", STRING),
        ("os", STRING),
        ("os.version", STRING),
        ("os.features", STRINGS),
        ("variant", STRING),
    ],
);

const OCI_DESCRIPTOR: Go = Go::Struct(
    "Descriptor",
    "v1.Descriptor",
    &[
        ("mediaType", STRING),
        ("digest", Go::String("digest.Digest")),
        ("size", Go::Int("int64")),
        ("urls", STRINGS),
        ("annotations", Go::Map("map[string]string", &STRING)),
        ("platform", PLATFORM),
    ],
);

/// A manifest or an index of OCI's, or of Docker's second schema: the fields of both, as one document must not be both
/// (image-spec `specs-go/v1`).
pub const DOCUMENT: Go = Go::Struct(
    "Document",
    "v1.Document",
    &[
        ("schemaVersion", Go::Int("int")),
        ("mediaType", STRING),
        ("config", OCI_DESCRIPTOR),
        ("layers", Go::List("[]v1.Descriptor", &OCI_DESCRIPTOR)),
        ("manifests", Go::List("[]v1.Descriptor", &OCI_DESCRIPTOR)),
        ("annotations", Go::Map("map[string]string", &STRING)),
    ],
);

/// `repositories`.
pub const REPOSITORIES: Go = Go::Map("map[string]map[string]string", &Go::Map("map[string]string", &STRING));

/// The first look at an image of before 1.10.
pub const V1_PARENT: Go =
    Go::Struct("", "struct { OS string; Parent string }", &[("OS", STRING), ("Parent", STRING)]);

/// An image of before 1.10.
pub const V1_IMAGE: Go = Go::Struct(
    "V1Image",
    "image.V1Image",
    &[
        ("id", STRING),
        ("parent", STRING),
        ("comment", STRING),
        ("created", Go::Time),
        ("container", STRING),
        ("container_config", CONFIG),
        ("docker_version", STRING),
        ("author", STRING),
        ("config", CONFIG),
        ("architecture", STRING),
        ("variant", STRING),
        ("os", STRING),
        ("Size", Go::Int("int64")),
    ],
);
