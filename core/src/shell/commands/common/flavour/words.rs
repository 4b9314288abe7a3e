//! What each flavour says.
//!
//! `{0}`, `{1}` are holes (see `fill`). `warn` puts the program's name before a message.

use super::table::table;
use crate::program::Flavour;

table! {
    /// The messages in which the flavours differ.
    Words {
        // Messages of several commands.
        /// The first lines of a help text.
        help_head: &'static str = "", "BusyBox multi-call binary.\n\n";
        /// An input that cannot be opened: `cat`, `uniq`, sums.
        cannot_open: &'static str = "{0f}: {1}", "can't open '{0}': {1}";
        /// A file that cannot be looked at: `chmod`, `chown`, `du`, `ls`.
        cannot_access: &'static str = "cannot access {0q}: {1}", "{0}: {1}";
        /// A program that cannot be run by `nice`, `timeout` and the like.
        cannot_execute: &'static str = "{0}: {1}", "can't execute '{0}': {1}";
        /// A program that `env` cannot run.
        env_cannot_execute: &'static str = "{0c}: {1}", "can't execute '{0}': {1}";
        /// `mkdir -v`.
        created_directory: &'static str = "mkdir: created directory {0q}\n", "created directory: {0q}\n";
        /// `rm -v` of a directory.
        removed_directory: &'static str = "removed directory {0q}\n", "removed directory: {0q}\n";

        // Reading.
        /// `cat` of what opens but cannot be read.
        cat_cannot_read: &'static str = "{0f}: {1}", "read error: {1}";
        head_cannot_open: &'static str = "cannot open {0q} for reading: {1}", "{0}: {1}";
        tail_cannot_open: &'static str = "cannot open {0q} for reading: {1}", "can't open '{0}': {1}";
        bad_byte_count: &'static str = "invalid number of bytes: {0c}", "invalid number {0q}";
        bad_line_count: &'static str = "invalid number of lines: {0c}", "invalid number {0q}";
        cmp_differ: &'static str = "{0} {1} differ: byte {2}, line {3}\n", "{0} {1} differ: char {2}, line {3}\n";
        sort_cannot_read: &'static str = "cannot read: {0}: {1}", "{0}: {1}";
        sums_is_directory: &'static str = "{0f}: {1}", "can't read '{0}': {1}";
        ls_cannot_open: &'static str = "cannot open directory {0q}: {1}", "can't open '{0}': {1}";

        // Attributes.
        bad_mode: &'static str = "invalid mode: {0c}", "invalid mode '{0}'";
        cannot_change_mode: &'static str = "changing permissions of {0q}: {1}", "{0}: {1}";
        /// `{0}` is the name, `{1}` the whole operand it stands in.
        unknown_user: &'static str = "invalid user: {1c}", "unknown user {0}";
        unknown_group: &'static str = "invalid group: {1c}", "unknown group {0}";
        cannot_change_owner: &'static str = "changing ownership of {0q}: {1}", "{0}: {1}";
        cannot_change_group: &'static str = "changing group of {0q}: {1}", "{0}: {1}";
        cannot_touch: &'static str = "cannot touch {0q}: {1}", "{0}: {1}";
        cannot_stat: &'static str = "cannot statx {0q}: {1}", "can't stat '{0}': {1}";
        /// The device in `stat`'s own format.
        stat_device: &'static str = "%\u{1},%\u{2}", "%Dh/%dd";
        /// The links of a device file in `stat`'s own format.
        stat_device_links: &'static str = "%-5h Device type: %\u{3},%\u{4}", "%-5h Device type: %t,%T";
        /// The last line of `stat`'s own format.
        stat_birth: &'static str = " Birth: %w\n", "";
        /// `%N` of `stat`, for a symbolic link.
        stat_link: &'static str = "{0q} -> {1q}", "'{0}' -> '{1}'";
        /// `%N` of `stat`, for any other file.
        stat_name: &'static str = "{0q}", "{0}";

        // Making and removing.
        cannot_make_directory: &'static str = "cannot create directory {0c}: {1}", "can't create directory '{0}': {1}";
        cannot_make_fifo: &'static str = "cannot create fifo {0q}: {1}", "{0}: {1}";
        dd_cannot_open: &'static str = "failed to open {0q}: {1}", "can't open {0q}: {1}";
        /// What `truncate` says of a device; `{1}` is the size.
        cannot_truncate: &'static str = "failed to truncate {0q} at {1} bytes: {2}", "{0}: truncate: {2}";
        truncate_cannot_open: &'static str = "cannot open {0q} for writing: {1}", "{0}: open: {1}";
        cannot_remove: &'static str = "cannot remove {0q}: {1}", "can't remove '{0}': {1}";
        /// What `rm` says of an operand that it cannot look at, though it is there.
        rm_cannot_look: &'static str = "cannot remove {0q}: {1}", "can't stat '{0}': {1}";
        rm_is_directory: &'static str = "cannot remove {0q}: Is a directory", "{0q} is a directory";
        cannot_remove_directory: &'static str = "failed to remove {0q}: {1}", "{0q}: {1}";
        /// The same of a parent, with `rmdir -p`.
        cannot_remove_parent: &'static str = "failed to remove directory {0q}: {1}", "{0q}: {1}";

        // Text.
        find_cannot_read: &'static str = "{0c}: {1}", "{0}: {1}";
        find_unknown_test: &'static str = "unknown predicate `{0}'", "unrecognized: {0}";
        find_late_path: &'static str = "paths must precede expression: `{0}'", "unrecognized: {0}";
        /// `{0}` is the place in the script.
        sed_bad_script: &'static str = "-e expression #1, char {0}: {1}", "{1}";
        sed_cannot_read: &'static str = "can't read {0}: {1}", "{0}: {1}";
        sed_cannot_stage: &'static str = "couldn't open temporary file {0}: {1}", "can't create temp file {0}: {1}";
        /// `{1}` is the new name.
        sed_cannot_rename: &'static str = "cannot rename {0}: {2}", "can't move '{0}' to '{1}': {2}";
        /// `{0}` is the kind of quote.
        xargs_open_quote: &'static str =
            "unmatched {0} quote; by default quotes are special to xargs unless you use the -0 option",
            "unmatched {0} quote";
        not_an_integer: &'static str = "{0}: integer expression expected", "{0}: bad number";
        printf_usage: &'static str =
            "printf: usage: printf [-v var] format [arguments]\n",
            "printf: usage: printf FORMAT [ARG]...\n";
        printf_bad_number: &'static str = "{0}: invalid number\n", "invalid number '{0}'\n";
        printf_bad_format: &'static str = "`{0}': invalid format character\n", "%{0}: invalid format\n";

        // Archives.
        gzip_no_suffix: &'static str = "unknown suffix -- ignored", "unknown suffix - ignored";
        tar_cannot_stat: &'static str = "{0}: Cannot stat: {1}", "{0}: {1}";
        tar_leading_slash: &'static str =
            "tar: Removing leading `/' from member names\n", "tar: removing leading '/' from member names\n";
        tar_cannot_open: &'static str = "{0}: Cannot open: {1}", "{0}: {1}";
        /// The line after that.
        tar_gives_up: &'static str = "tar: Error is not recoverable: exiting now\n", "";
        /// An archive that ends too early; `{0}` says how.
        tar_cut_off: &'static str = "{0}", "short read";
        tar_no_member: &'static str = "{0}: Not found in archive", "{0}: not found in archive";
        /// The last line of a `tar` that failed.
        tar_failed: &'static str = "tar: Exiting with failure status due to previous errors\n", "";
        /// The line after a wrong use of `tar`.
        tar_hint: &'static str = "Try 'tar --help' or 'tar --usage' for more information.\n", "";

        // Processes and people.
        bad_interval: &'static str = "invalid time interval {0c}", "invalid number '{0}'";
        /// The minutes, seconds, thousandths and hundredths that `time` measured.
        time_taken: &'static str =
            "\nreal\t{0}m{1}.{2}s\nuser\t0m0.000s\nsys\t0m0.000s\n",
            "real\t{0}m {1}.{3}s\nuser\t0m 0.00s\nsys\t0m 0.00s\n";
        bad_signal: &'static str = "invalid signal: '{0}'", "bad signal name '{0}'";
        kill_whom: &'static str = "not enough arguments", "you need to specify whom to kill";
        kill_no_process: &'static str = "({0}): No such process", "can't kill pid {0}: No such process";
        killall_no_process: &'static str = "{0}: no process found", "{0}: no process killed";
        no_such_user: &'static str = "{0c}: no such user", "unknown user {0}";
        no_name_for_uid: &'static str = "cannot find name for user ID {0}", "unknown uid {0}";
        sh_needs_command: &'static str = ": -c: option requires an argument\n", ": -c requires an argument\n";
        /// `{0}` is the shell's name.
        sh_cannot_open: &'static str = "{0}: {1}: {2}\n", "{0}: can't open '{1}': {2}\n";

        // Mounts.
        mount_failed: &'static str = "{0}: {1}.", "mounting on {0} failed: {1}";
        /// The line after that.
        mount_hint: &'static str = "       dmesg(1) may have more information after failed mount system call.\n", "";
        not_mounted: &'static str = "{0}: not mounted.", "can't unmount {0}: Invalid argument";
        no_mount_point: &'static str =
            "{0}: no mount point specified.", "can't unmount {0}: No such file or directory";
    }
}
