//! The container engine: images, layers and containers over any kernel, with its state on that kernel's disk as Docker
//! lays it out. It keeps nothing between two calls: what can be read from the disk is read from the disk.

pub mod build;
pub mod buildkit;
mod changes;
mod commit;
mod containers;
mod copy;
mod create;
pub mod daemon;
mod endpoints;
mod error;
mod history;
mod host_config;
mod images;
mod known;
mod layers;
pub mod layout;
mod lifecycle;
mod load;
pub(crate) mod log_driver;
mod mount_spec;
mod mounting;
mod mounts;
mod names;
pub mod networks;
mod ports;
mod pull;
mod push;
mod register;
mod registry;
mod remote;
mod save;
mod scoped;
mod signals;
mod spaces;
mod store;
mod stores;
mod system;
mod tell;
mod untag;
mod update;
mod uppers;
mod users;
mod verify;
mod view;
mod volumes;
mod wanted;
pub(crate) mod wire;

pub use changes::{ChangeKind, FileChange};
pub use commit::CommitOptions;
pub use containers::{Container, ContainerState, Health, Probe};
pub use create::{CreateSpec, UnnamedVolumes};
pub use endpoints::{EndpointIpam, EndpointSettings, NetworkSettings, PortBinding, PortMap};
pub use error::{Cause, Error, Result, go_text};
pub use history::HistoryLine;
pub use host_config::{
    DEFAULT_SHM_SIZE, DeviceMapping, HostConfig, LogConfig, Resources, RestartPolicy, ThrottleDevice, Ulimit,
    WeightDevice,
};
pub use images::Summary;
pub use lifecycle::Place;
pub use load::Loaded;
pub use mount_spec::{BindOptions, DriverConfig, MountPoint, MountSpec, TmpfsOptions, VolumeOptions};
pub use pull::{Progress, Pull, Transfer};
pub use push::{Push, Pushed, PushedTags};
pub use register::refusal;
pub(crate) use remote::access_line;
pub use save::Packed;
pub use signals::signal_number;
pub(crate) use stores::OVERLAY;
pub use stores::{GraphDirs, StoredImage, is_own_mount};
pub use system::fill_dev;
pub use untag::{RemoveOptions, Removed};
pub use uppers::{Marks, marks};
pub use view::View;
pub use volumes::Details;

use crate::kernel::{Kernel, Task, Timespec, fs};
use crate::oci::time;
use crate::program::{System, World};

/// What Docker says that it is.
pub const VERSION: &str = "20.10.24+dfsg1";

/// The engine for the length of one command.
pub struct Engine<'a> {
    /// System calls.
    pub kernel: &'a mut dyn Kernel,
    /// What is not on the disk.
    pub world: &'a mut World,
    /// How the container that was asked for last meets its host, with the bytes that say so: one start asks ten times.
    host: Option<(bytes::Bytes, HostConfig)>,
}

impl std::fmt::Debug for Engine<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("world", &self.world).finish_non_exhaustive()
    }
}

impl<'a> Engine<'a> {
    /// The engine of this machine. Its directories are made where they are missing.
    ///
    /// # Errors
    /// The disk's.
    pub fn new(kernel: &'a mut dyn Kernel, world: &'a mut World) -> Result<Self> {
        use error::Named as _;
        let engine = Self { kernel, world, host: None };
        let dirs = engine.layers().dirs();
        layout::prepare(engine.kernel, dirs).named("mkdir", layout::ROOT.as_bytes())?;
        Ok(engine)
    }

    /// The engine of a running program's machine.
    ///
    /// # Errors
    /// The disk's.
    pub fn of(system: &'a mut System<'_>) -> Result<Self> {
        Self::new(&mut *system.kernel, &mut *system.world)
    }

    /// A new id that nothing on this disk has: where a disk outlives its session, the next one counts from the start.
    pub(crate) fn fresh_id(&mut self) -> String {
        loop {
            let id = self.world.new_id();
            // The layer's directory, not its entries: a daemon that was killed may have left it without them.
            let (entries, container) = (self.layers().entries(&id), layout::container(&id));
            let layer = crate::kernel::path::parent(entries.as_bytes());
            let is_taken =
                [layer, container.as_bytes()].iter().any(|path| fs::exists(self.kernel, &Task::root(), path));
            if !is_taken {
                return id;
            }
        }
    }

    /// The time.
    pub fn now(&mut self) -> Timespec {
        self.world.time().unwrap_or_else(|| self.kernel.clock_gettime())
    }

    /// The time as documents hold it.
    pub(crate) fn now_text(&mut self) -> String {
        time::format(self.now())
    }
}
