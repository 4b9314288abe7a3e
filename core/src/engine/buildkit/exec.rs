//! `RUN`: a layer with what a process sees in it, and what it leaves.

use serde::{Deserialize, Serialize};

use super::cache::{DIR, MOUNTS, key};
use super::ops::{RunOp, Tree};
use super::{Given, SolveError};
use crate::dockerfile::mount::{Mount, MountKind};
use crate::engine::error::{Named as _, Result};
use crate::engine::scoped::scoped;
use crate::engine::{Engine, Place};
use crate::kernel::{Follow, MountFlags, Task, fs, path};
use crate::oci::Digest;
use crate::program::Env;

/// The files that every process has of its own, with what is in them.
const FILES: [(&str, &str); 2] = [
    ("/etc/hosts", "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"),
    ("/etc/resolv.conf", ""),
];
/// Where secrets are.
const SECRETS: &str = "/run/secrets";

/// A process to run.
#[derive(Debug, Clone)]
pub struct Process {
    /// Its layer's name, which stands for a container.
    pub id: String,
    /// Where it runs and as whom.
    pub place: Place,
    /// Its words.
    pub args: Vec<String>,
}

/// A process that is out, and what goes when it has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Out {
    pub(super) vertex: usize,
    pub(super) key: String,
    root: String,
    /// Files that are there for the mounts alone.
    stubs: Vec<String>,
    /// Layers that mounts show.
    views: Vec<String>,
    /// Files of the engine's that mounts show.
    scratch: Vec<String>,
    pub(super) command: String,
}

impl Engine<'_> {
    /// Makes the layer of a `RUN` with all its mounts. `chain` says which layers a tree is.
    pub(super) fn exec_begin(
        &mut self,
        vertex: usize,
        below: Option<&Digest>,
        op: &RunOp,
        given: &Given,
        chain: &dyn Fn(&Tree) -> Option<Digest>,
    ) -> std::result::Result<(Out, Process), SolveError> {
        let key = self.layers().prepare(self, below)?;
        let root = self.layers().mount(self, &key)?;
        let command = op.args.join(" ");
        let mut out = Out {
            vertex,
            key: key.clone(),
            root,
            stubs: Vec::new(),
            views: Vec::new(),
            scratch: Vec::new(),
            command,
        };
        match self.exec_fill(&mut out, op, given, chain) {
            Ok(place) => Ok((out, Process { id: key, place, args: op.args.clone() })),
            Err(error) => {
                self.exec_clear(&out)?;
                self.layers().remove(self, &out.key)?;
                Err(error)
            }
        }
    }

    fn exec_fill(
        &mut self,
        out: &mut Out,
        op: &RunOp,
        given: &Given,
        chain: &dyn Fn(&Tree) -> Option<Digest>,
    ) -> std::result::Result<Place, SolveError> {
        let root = out.root.clone();
        let inside = Task::root().chrooted(root.as_str());
        for dir in ["/proc", "/dev", "/sys", "/etc"] {
            fs::mkdir_all(self.kernel, &inside, dir.as_bytes(), 0o755).named("mkdir", dir.as_bytes())?;
        }
        self.mount_system(&root, &crate::engine::HostConfig::default())?;
        self.make_dir(DIR, 0o711)?;
        let resolv = fs::read(self.kernel, &Task::root(), b"/etc/resolv.conf").unwrap_or_default();
        for (place, content) in FILES {
            let content = if content.is_empty() { resolv.to_vec() } else { content.as_bytes().to_vec() };
            self.show_file(out, &content, place, 0o644)?;
        }
        for (mount, tree) in &op.mounts {
            self.show_mount(out, mount, tree, given, chain)?;
        }
        let who = self.identity(&inside, &op.user, None)?;
        let dir = if op.dir.is_empty() { "/" } else { &op.dir };
        // runc makes the working directory where it is missing.
        fs::mkdir_all(self.kernel, &inside, dir.as_bytes(), 0o755).named("mkdir", dir.as_bytes())?;
        let task = inside.with_user(who.uid, who.gid).at(path::normalize(dir.as_bytes()));
        let mut env = Env::new();
        env.insert("HOME".into(), who.home.into());
        for line in &op.env {
            let (name, value) = line.split_once('=').unwrap_or((line, ""));
            env.insert(name.into(), value.into());
        }
        Ok(Place { task, env })
    }

    /// Shows a file of the engine's own at a place.
    fn show_file(&mut self, out: &mut Out, content: &[u8], place: &str, mode: u32) -> Result<String> {
        let inside = Task::root().chrooted(out.root.as_str());
        let file = format!("{DIR}/file-{}", &self.world.new_id()[..16]);
        self.write_plain(&file, content, mode)?;
        self.kernel.chmod(&Task::root(), file.as_bytes(), mode).named("chmod", file.as_bytes())?;
        out.scratch.push(file.clone());
        if !fs::exists(self.kernel, &inside, place.as_bytes()) {
            out.stubs.push(place.to_owned());
        }
        self.bind(&out.root, &file, place, false)?;
        Ok(file)
    }

    fn show_mount(
        &mut self,
        out: &mut Out,
        mount: &Mount,
        tree: &Tree,
        given: &Given,
        chain: &dyn Fn(&Tree) -> Option<Digest>,
    ) -> std::result::Result<(), SolveError> {
        let host = Task::root();
        let inside = host.chrooted(out.root.as_str());
        match mount.kind {
            MountKind::Ssh => Err(SolveError::new(
                "no SSH key \"default\" forwarded from the client\nLayerlab: --mount=type=ssh needs an agent, which a lab has \
                 not",
            )),
            MountKind::Secret => {
                let id = [&mount.id, &mount.source, &mount.target].into_iter().find(|text| !text.is_empty());
                let id = id.map(|id| id.rsplit('/').next().unwrap_or(id).to_owned()).unwrap_or_default();
                let Some(content) = given.secrets.get(&id) else {
                    if mount.required {
                        return Err(SolveError::new(format!("secret {id}: not found")));
                    }
                    return Ok(());
                };
                let place =
                    if mount.target.is_empty() { format!("{SECRETS}/{id}") } else { mount.target.clone() };
                let file = self.show_file(out, content, &place, mount.mode.unwrap_or(0o400))?;
                if mount.uid.is_some() || mount.gid.is_some() {
                    self.kernel
                        .chown(&host, file.as_bytes(), mount.uid, mount.gid, Follow::Target)
                        .named("chown", file.as_bytes())?;
                }
                Ok(())
            }
            MountKind::Tmpfs => {
                fs::mkdir_all(self.kernel, &inside, mount.target.as_bytes(), 0o755)
                    .named("mkdir", mount.target.as_bytes())?;
                let real = scoped(self.kernel, &inside, mount.target.as_bytes())?;
                let target = [out.root.as_bytes(), &real].concat();
                self.kernel
                    .mount(&host, b"tmpfs", &target, b"tmpfs", MountFlags::NOSUID, b"")
                    .named("mount", &target)?;
                Ok(())
            }
            MountKind::Cache => {
                let name = if mount.id.is_empty() { &mount.target } else { &mount.id };
                let dir = format!("{MOUNTS}/{}", &key(&[name])[..32]);
                if !fs::exists(self.kernel, &host, dir.as_bytes()) {
                    self.make_dir(&dir, mount.mode.unwrap_or(0o755))?;
                    self.kernel
                        .chown(&host, dir.as_bytes(), mount.uid, mount.gid, Follow::Target)
                        .named("chown", dir.as_bytes())?;
                    if *tree != Tree::Scratch {
                        let from = self.tree_path(out, tree, &mount.source, given, chain, false)?;
                        crate::engine::copy::copy_contents(self.kernel, from.as_bytes(), dir.as_bytes())?;
                    }
                }
                Ok(self.bind(&out.root, &dir, &mount.target, !mount.read_only)?)
            }
            MountKind::Bind => {
                let from = self.tree_path(out, tree, &mount.source, given, chain, !mount.read_only)?;
                let is_file = self.kernel.stat(&host, from.as_bytes()).is_ok_and(|stat| !stat.is_dir());
                if is_file && !fs::exists(self.kernel, &inside, mount.target.as_bytes()) {
                    out.stubs.push(mount.target.clone());
                }
                Ok(self.bind(&out.root, &from, &mount.target, !mount.read_only)?)
            }
        }
    }

    /// The place on the host of a path in a tree. What is written to it goes with the process.
    fn tree_path(
        &mut self,
        out: &mut Out,
        tree: &Tree,
        asked: &str,
        given: &Given,
        chain: &dyn Fn(&Tree) -> Option<Digest>,
        writable: bool,
    ) -> std::result::Result<String, SolveError> {
        let host = Task::root();
        let top = match (tree, &given.context) {
            (Tree::Context, Some(context)) if writable => {
                let copy = format!("{DIR}/context-{}", &self.world.new_id()[..16]);
                self.make_dir(&copy, 0o755)?;
                crate::engine::copy::copy_contents(self.kernel, context.as_bytes(), copy.as_bytes())?;
                out.scratch.push(copy.clone());
                copy
            }
            (Tree::Context, Some(context)) => context.clone(),
            _ => {
                let below = chain(tree);
                let view = self.layers().prepare(self, below.as_ref())?;
                out.views.push(view.clone());
                self.layers().mount(self, &view)?
            }
        };
        let inside = host.chrooted(top.as_str());
        let at = scoped(self.kernel, &inside, asked.as_bytes())?;
        if !fs::exists(self.kernel, &inside, &at) {
            return Err(SolveError::of_key(format!("\"{}\" not found: not found", at.to_text())));
        }
        Ok(format!("{top}{}", at.to_text()))
    }

    /// Takes away all that stood in the layer for the process.
    pub(super) fn exec_clear(&mut self, out: &Out) -> Result<()> {
        self.unmount_below(&out.root)?;
        let inside = Task::root().chrooted(out.root.as_str());
        for stub in &out.stubs {
            let is_empty = self
                .kernel
                .lstat(&inside, stub.as_bytes())
                .is_ok_and(|stat| stat.size == 0 && !stat.is_dir());
            if is_empty {
                self.kernel.unlink(&inside, stub.as_bytes()).named("remove", stub.as_bytes())?;
            }
        }
        for view in &out.views {
            self.layers().remove(self, view)?;
        }
        for file in &out.scratch {
            self.remove(file)?;
        }
        self.layers().unmount(self, &out.key)
    }

    /// Makes a layer known that was filled, and returns its chain id.
    pub(super) fn layer_done(&mut self, key: &str, below: Option<&Digest>) -> Result<Digest> {
        use crate::oci::blob::FdBlob;
        use crate::oci::layer::{Blob, Expected};
        let packed = self.pack_layer(key);
        let files = self.files_size(&self.layers().entries(key))?;
        self.layers().remove(self, key)?;
        let (scratch, packed) = packed?;
        let mut source = FdBlob { fd: scratch.fd, size: packed.len };
        let blob = Blob { offset: 0, len: packed.len };
        let expected = Expected { diff_id: Some(packed.diff_id), ..Expected::default() };
        let registered = self.register(&mut source, blob, expected, below);
        self.discard(&scratch)?;
        let (_, chain) = registered?;
        // BuildKit counts what its tar holds of files, not the lengths of links (recorded build: bk-copy-shapes).
        self.layers().set_usage(self, &chain, files)?;
        Ok(chain)
    }
}
