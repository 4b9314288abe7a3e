//! A host session of the test's own, whose kernel is asked call by call.

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use layerlab::host::{Answer, Host, HostError, HostOptions, Kind, Order};
use layerlab_core::kernel::{Call, Errno, MountFlags, MountInfo, OpenFlags, Outcome, Task, Value};
use layerlab_tests::lab::{self, On};
use layerlab_tests::poll::poll;
use layerlab_tests::process::need_root;

/// A session and the wrapper that it was started through.
pub(crate) struct Session {
    host: Host,
    _wrapper: tempfile::TempDir,
}

/// Starts a session, as root or as uid 1000.
pub(crate) fn start(on: On, root: Option<&Path>) -> Result<Session, HostError> {
    need_root();
    let user = format!("exec setpriv --reuid {0} --regid {0} --clear-groups", lab::USER);
    let exec = if on == On::User { &user } else { "exec" };
    start_by(exec, root)
}

/// Starts a session by a shell command that ends in the program's name and arguments.
pub(crate) fn start_by(exec: &str, root: Option<&Path>) -> Result<Session, HostError> {
    let wrapper = lab::shared_folder();
    let program = wrapper.path().join("layerlab");
    let script = format!("#!/bin/sh\n{exec} {} \"$@\"\n", lab::binary().display());
    std::fs::write(&program, script).expect("our own folder");
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).expect("our own file");
    let options = HostOptions { kind: Kind::Host { root: root.map(PathBuf::from) }, program: Some(program) };
    // Another test's child, forked while the wrapper was written, holds it open until that child runs its own program.
    let host = poll("nobody to write the wrapper any more", Duration::from_secs(10), || {
        match Host::start(&options) {
            Err(HostError::Start(error)) if error.kind() == ErrorKind::ExecutableFileBusy => None,
            ended => Some(ended),
        }
    })?;
    Ok(Session { host, _wrapper: wrapper })
}

impl Session {
    pub(crate) fn pid(&self) -> u32 {
        self.host.pid()
    }

    pub(crate) fn call(&mut self, task: &Task, call: Call) -> Outcome {
        self.host.send(&Order::Calls(vec![(task.clone(), call)])).expect("the child is there");
        match self.host.receive().expect("the child answers") {
            Answer::Outcomes(mut outcomes) => outcomes.remove(0),
            other => panic!("not what was asked for: {other:?}"),
        }
    }

    pub(crate) fn ok(&mut self, task: &Task, call: Call) -> Value {
        let said = format!("{call:?}");
        match self.call(task, call) {
            Outcome::Ok(value) => value,
            Outcome::Err(errno) => panic!("{said}: {}", errno.name()),
        }
    }

    pub(crate) fn err(&mut self, task: &Task, call: Call) -> Errno {
        let said = format!("{call:?}");
        match self.call(task, call) {
            Outcome::Err(errno) => errno,
            Outcome::Ok(value) => panic!("{said} should fail, and gave {value:?}"),
        }
    }

    pub(crate) fn mounts(&mut self) -> Vec<MountInfo> {
        self.host.send(&Order::Mounts).expect("the child is there");
        match self.host.receive().expect("the child answers") {
            Answer::Mounts(mounts) => mounts,
            other => panic!("not what was asked for: {other:?}"),
        }
    }

    pub(crate) fn reset(&mut self) -> Result<(), String> {
        self.host.send(&Order::Reset).expect("the child is there");
        match self.host.receive().expect("the child answers") {
            Answer::Reset(result) => result,
            other => panic!("not what was asked for: {other:?}"),
        }
    }

    pub(crate) fn mkdir(&mut self, path: &str) {
        self.ok(&Task::root(), Call::Mkdir { path: path.into(), mode: 0o755 });
    }

    pub(crate) fn write(&mut self, path: &str, text: &str) {
        let task = Task::root();
        let flags = OpenFlags::WRONLY | OpenFlags::CREAT;
        let Value::Fd(fd) = self.ok(&task, Call::Open { path: path.into(), flags, mode: 0o644 }) else {
            panic!("open gives a descriptor")
        };
        self.ok(&task, Call::Pwrite { fd, offset: 0, data: text.into() });
        self.ok(&task, Call::Close { fd });
    }

    pub(crate) fn read(&mut self, task: &Task, path: &str) -> String {
        let open = Call::Open { path: path.into(), flags: OpenFlags::RDONLY, mode: 0 };
        let Value::Fd(fd) = self.ok(task, open) else { panic!("open gives a descriptor") };
        let Value::Bytes(text) = self.ok(task, Call::Pread { fd, offset: 0, len: 4096 }) else {
            panic!("pread gives bytes")
        };
        self.ok(task, Call::Close { fd });
        text.to_text()
    }

    /// `/l`, `/u` and `/w`, mounted on `/m`.
    pub(crate) fn overlay(&mut self) {
        for dir in ["/l", "/l/d", "/u", "/w", "/m"] {
            self.mkdir(dir);
        }
        self.write("/l/f", "lower");
        let mount =
            overlay_mount("lowerdir=/l,upperdir=/u,workdir=/w,redirect_dir=off,index=off,metacopy=off");
        self.ok(&Task::root(), mount);
    }
}

pub(crate) fn overlay_mount(data: &str) -> Call {
    Call::Mount {
        source: "overlay".into(),
        target: "/m".into(),
        fstype: "overlay".into(),
        flags: MountFlags::empty(),
        data: data.into(),
    }
}
