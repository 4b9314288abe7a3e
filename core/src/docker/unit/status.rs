//! `systemctl status docker`, and how the journal's entries are shown.

use super::turns::{ABOUT, UNIT};
use crate::oci::time;
use crate::program::{Daemon, DaemonState, Nanos, Noted, SECOND, to_timespec};

/// So many of the newest entries stand below the state.
const SHOWN: usize = 10;
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// The text and the exit status (systemctl(1), "Exit status").
pub(super) fn status(daemon: &Daemon, now: Nanos) -> (String, u8) {
    let seconds = now.saturating_sub(daemon.since).max(0) / SECOND;
    let span = match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}min {}s", seconds / 60, seconds % 60),
        _ => format!("{}h", seconds / 3600),
    };
    let since = format!("since {}; {span} ago", date(daemon.since));
    let (mark, state, code) = match daemon.state {
        DaemonState::Up => ("●", "active (running)", 0),
        DaemonState::Stopped => ("○", "inactive (dead)", 3),
        DaemonState::Failed => ("×", "failed (Result: exit-code)", 3),
    };
    let since = if daemon.since == 0 { String::new() } else { format!(" {since}") };
    let mut text = format!(
        "{mark} {UNIT} - {ABOUT}\n     Loaded: loaded (/lib/systemd/system/docker.service; enabled; preset: enabled)\n     \
         Active: {state}{since}\n       Docs: https://docs.docker.com\n"
    );
    let pid = daemon.pid();
    if daemon.is_up() {
        text += &format!("   Main PID: {pid} (dockerd)\n");
        text += &format!("     CGroup: /system.slice/{UNIT}\n             └─{pid} /usr/sbin/dockerd\n");
    }
    let first = daemon.journal.len().saturating_sub(SHOWN);
    if first < daemon.journal.len() {
        text.push('\n');
    }
    for entry in &daemon.journal[first..] {
        text += &line(entry);
        text.push('\n');
    }
    (text, code)
}

/// An entry as `journalctl` shows it.
pub(super) fn line(entry: &Noted) -> String {
    let full = time::format(to_timespec(entry.at));
    let month = full.get(5..7).and_then(|month| month.parse::<usize>().ok()).unwrap_or(1);
    let (day, clock) = (full.get(8..10).unwrap_or_default(), full.get(11..19).unwrap_or_default());
    format!("{} {day} {clock} lab {}: {}", MONTHS[(month - 1).min(11)], entry.by, entry.text)
}

/// A moment as systemd shows it.
fn date(at: Nanos) -> String {
    let full = time::format(to_timespec(at));
    let day = DAYS[(at.div_euclid(SECOND).div_euclid(86_400)).rem_euclid(7) as usize];
    format!("{day} {} {} UTC", full.get(..10).unwrap_or_default(), full.get(11..19).unwrap_or_default())
}
