//! `/proc/sys`: settings of the kernel that a container may have for itself (proc_sys(5)).

use std::collections::BTreeMap;

use super::proc::{change, put};
use crate::kernel::{Errno, Kernel, Result, Task, fs, path};

/// The settings that there are, with what they are where nobody has set them (a Linux 6 with 2 processors).
const KNOWN: [(&str, &str); 32] = [
    ("fs/file-max", "9223372036854775807"),
    ("fs/mqueue/msg_max", "10"),
    ("fs/mqueue/msgsize_max", "8192"),
    ("fs/mqueue/queues_max", "256"),
    ("kernel/msgmax", "8192"),
    ("kernel/msgmnb", "16384"),
    ("kernel/msgmni", "32000"),
    ("kernel/osrelease", "6.18.0-layerlab"),
    ("kernel/ostype", "Linux"),
    ("kernel/pid_max", "32768"),
    ("kernel/sem", "32000\t1024000000\t500\t32000"),
    ("kernel/shm_rmid_forced", "0"),
    ("kernel/shmall", "18446744073692774399"),
    ("kernel/shmmax", "18446744073692774399"),
    ("kernel/shmmni", "4096"),
    ("net/core/somaxconn", "4096"),
    ("net/ipv4/conf/all/forwarding", "1"),
    ("net/ipv4/icmp_echo_ignore_all", "0"),
    ("net/ipv4/ip_default_ttl", "64"),
    ("net/ipv4/ip_forward", "1"),
    ("net/ipv4/ip_local_port_range", "32768\t60999"),
    ("net/ipv4/ip_unprivileged_port_start", "0"),
    ("net/ipv4/ping_group_range", "0\t2147483647"),
    ("net/ipv4/tcp_fin_timeout", "60"),
    ("net/ipv4/tcp_keepalive_time", "7200"),
    ("net/ipv4/tcp_max_syn_backlog", "512"),
    ("net/ipv4/tcp_syncookies", "1"),
    ("net/ipv4/tcp_tw_reuse", "2"),
    ("net/ipv6/conf/all/disable_ipv6", "0"),
    ("vm/max_map_count", "65530"),
    ("vm/overcommit_memory", "0"),
    ("vm/swappiness", "60"),
];

fn is_numbers(text: &str) -> bool {
    text.split_whitespace().all(|word| word.strip_prefix('-').unwrap_or(word).parse::<u64>().is_ok())
}

/// Sets what is wanted in the `/proc/sys` of a tree. Keys are written with dots.
///
/// # Errors
/// The call that fails, the file, and why: a setting that there is not, or a value that is no number.
pub fn set(
    kernel: &mut dyn Kernel,
    root: &[u8],
    wanted: &BTreeMap<String, String>,
) -> std::result::Result<(), (&'static str, String, Errno)> {
    if wanted.is_empty() {
        return Ok(());
    }
    let mut values = BTreeMap::new();
    for (key, value) in wanted {
        let name = key.replace('.', "/");
        let place = format!("/proc/sys/{name}");
        let Some((name, usual)) = KNOWN.iter().find(|(known, _)| *known == name) else {
            return Err(("open", place, Errno::ENOENT));
        };
        if is_numbers(usual) && (value.is_empty() || !is_numbers(value)) {
            return Err(("write", place, Errno::EINVAL));
        }
        values.insert(*name, value.as_str());
    }
    change(kernel, root, |kernel, place| fill(kernel, place, &values))
        .map_err(|errno| ("write", "/proc/sys".to_owned(), errno))
}

/// Writes all settings below a `/proc`.
///
/// # Errors
/// The disk's.
pub(super) fn fill(kernel: &mut dyn Kernel, place: &[u8], values: &BTreeMap<&str, &str>) -> Result<()> {
    for (name, usual) in KNOWN {
        let file = path::join(&path::join(place, b"sys"), name.as_bytes());
        fs::mkdir_all(kernel, &Task::root(), path::parent(&file), 0o555)?;
        let value = values.get(name).copied().unwrap_or(usual);
        put(kernel, &path::join(place, b"sys"), name, format!("{value}\n").as_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::SimKernel;

    #[test]
    fn what_is_set_is_read_and_what_is_not_there_is_refused() {
        let mut kernel = SimKernel::new();
        kernel.mkdir(&Task::root(), b"/proc", 0o755).unwrap();
        super::super::proc::mount(&mut kernel, b"/").unwrap();
        let one = |key: &str, value: &str| BTreeMap::from([(key.to_owned(), value.to_owned())]);
        set(&mut kernel, b"/", &one("net.core.somaxconn", "1024")).unwrap();
        let text = fs::read(&mut kernel, &Task::root(), b"/proc/sys/net/core/somaxconn").unwrap();
        assert_eq!(&text[..], b"1024\n");
        let missing = set(&mut kernel, b"/", &one("net.foo", "1"));
        assert_eq!(missing, Err(("open", "/proc/sys/net/foo".to_owned(), Errno::ENOENT)));
        let word = set(&mut kernel, b"/", &one("kernel.msgmax", "many"));
        assert_eq!(word, Err(("write", "/proc/sys/kernel/msgmax".to_owned(), Errno::EINVAL)));
    }
}
