//! The tree that an engine makes of a stack, from its own disk.

use std::path::Path;
use std::process::Command;

use layerlab::linux::{LinuxKernel, Naming};
use layerlab_core::kernel::Kernel;
use layerlab_tests::layout::{Layout, Stored};
use layerlab_tests::process::{must, run, said, tool};
use layerlab_tests::stacks::{Item, Tree, archive, of_kernel, tar};
use layerlab_tests::tools::{Containerd, Containers};

const NAME: &str = "stack:1";

/// Looks at this machine's disk: the kernel's seam changes the thread that it is on.
pub(crate) fn on_disk<T: Send>(look: impl FnOnce(&mut dyn Kernel) -> T + Send) -> T {
    std::thread::scope(|scope| {
        let work = scope.spawn(|| {
            let proc = std::fs::File::open("/proc").expect("Linux has /proc");
            look(&mut LinuxKernel::new(Naming::Trusted, proc.into()).expect("run as root"))
        });
        work.join().expect("it ends well")
    })
}

fn tree(dir: &Path) -> Tree {
    let dir = dir.as_os_str().as_encoded_bytes().to_vec();
    on_disk(|kernel| of_kernel(kernel, &dir))
}

/// A program's refusal.
fn tried(command: &mut Command) -> Result<String, String> {
    let out = run(command);
    if out.status.success() {
        Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned())
    } else {
        Err(said(&out))
    }
}

/// What `umoci unpack` makes.
pub(crate) fn umoci(folder: &Path, stack: &[Vec<Item>]) -> Result<Tree, String> {
    let work = tempfile::tempdir_in(folder).expect("our own folder");
    let (layout, bundle) = (work.path().join("layout"), work.path().join("bundle"));
    let layers: Vec<_> = stack.iter().map(|items| (tar(items), Stored::Plain)).collect();
    Layout::default().image("x", ("linux", "amd64"), &layers).write(&layout);
    let image = format!("{}:x", layout.display());
    tried(tool("/usr/bin/umoci", "umoci").args(["unpack", "--image", &image]).arg(&bundle))?;
    Ok(tree(&bundle.join("rootfs")))
}

/// What podman keeps with its driver `vfs`.
pub(crate) fn podman(containers: &Containers, folder: &Path, stack: &[Vec<Item>]) -> Result<Tree, String> {
    let file = folder.join("stack.tar");
    std::fs::write(&file, archive(NAME, stack)).expect("our own folder");
    // A whiteout below a named pipe makes it wait for who writes to that.
    let mut podman = containers.podman();
    podman.args(["load", "--quiet", "--input"]).arg(&file);
    tried(tool("/usr/bin/timeout", "coreutils").arg("60").arg(podman.get_program()).args(podman.get_args()))?;
    let dir = must(containers.podman().args(["image", "mount", NAME]));
    let tree = tree(Path::new(dir.trim()));
    must(containers.podman().args(["rmi", "--force", NAME]));
    Ok(tree)
}

/// What containerd's overlayfs snapshotter shows.
pub(crate) fn containerd(
    containerd: &Containerd,
    folder: &Path,
    stack: &[Vec<Item>],
) -> Result<Tree, String> {
    let (file, view) = (folder.join("stack.tar"), folder.join("view"));
    std::fs::write(&file, archive(NAME, stack)).expect("our own folder");
    std::fs::create_dir_all(&view).expect("our own folder");
    let image = format!("docker.io/library/{NAME}");
    let result = tried(containerd.ctr().args(["images", "import"]).arg(&file)).and_then(|_| {
        tried(containerd.ctr().args(["images", "mount", "--rw", &image]).arg(&view))?;
        let tree = tree(&view);
        must(containerd.ctr().args(["images", "unmount", "--rm"]).arg(&view));
        Ok(tree)
    });
    tried(containerd.ctr().args(["images", "remove", "--sync", &image])).ok();
    result
}
