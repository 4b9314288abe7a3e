//! What each flavour does.

use super::super::mode::{self, ModeChange};
use super::table::table;
use crate::kernel::FileType;
use crate::program::Flavour;

/// Returns the mode that a change makes of a file's, under a umask.
type NewMode = fn(&ModeChange, FileType, u32, u32) -> u32;

table! {
    /// The rules in which the flavours differ.
    Habits {
        // Of all commands.
        /// Names in messages stand in quotes that a shell would read back; otherwise in plain ones.
        quotes_for_shell: bool = true, false;
        /// A mistake ends with a line that points to `--help`. Otherwise a wrong use shows the whole usage, and a wrong
        /// value nothing more.
        points_to_help: bool = true, false;
        /// The status of what could not be done at all: `ls` of a missing operand, `sed` of a missing file, `tar`.
        grave_status: u8 = 2, 1;
        /// `.` as the directory is left off the names in it: `ls`, `ln`.
        drops_dot: bool = true, false;

        // Reading.
        /// `diff` writes unified hunks without `-u`.
        diff_is_unified: bool = false, true;
        /// `diff -u` dates the two files.
        diff_dates_files: bool = true, false;
        /// `grep` says that an operand is a directory.
        grep_tells_directories: bool = true, false;
        /// `grep -r` reads what symbolic links below an operand lead to, if it is no directory.
        grep_reads_links_below: bool = false, true;
        /// How many columns a count of `wc` takes; `None`: as many as the longest needs.
        wc_columns: Option<usize> = None, Some(9);

        // Listing.
        /// The columns of `ls -l` have fixed widths.
        ls_fixed_columns: bool = false, true;
        /// `ls` quotes in its columns what a shell would misread. Otherwise it shows `?` for each byte that is no
        /// printable ASCII, unless the locale has UTF-8.
        ls_quotes: bool = true, false;
        /// `ls` follows any link that is an operand; otherwise only links to directories.
        ls_follows_operands: bool = false, true;
        /// `ls` looks at every entry; otherwise only where what it shows needs it.
        ls_looks_at_all: bool = false, true;
        /// `ls` lists a name that it could not look at, with question marks.
        ls_lists_unknown: bool = true, false;

        // Attributes.
        /// How `chmod` applies a change.
        new_mode: NewMode = mode::apply, mode::apply_evenly;
        /// `chmod -R` enters a directory that a link among the operands leads to.
        chmod_enters_links: bool = true, false;
        /// `touch` opens the file first, which makes it; otherwise it makes the file when the times cannot be set.
        touch_opens_first: bool = true, false;

        // Making and removing.
        /// `cp` and `mv` work by the rules in docs/design/rules-busybox-copy.md (`busycopy`), otherwise as `copy` does.
        copies_in_steps: bool = false, true;
        /// `mkdir -p` ends the names of parents with their slashes.
        mkdir_keeps_slashes: bool = false, true;
        /// `mkdir -p` tells the error of its last call; otherwise that of making the directory.
        mkdir_tells_last_error: bool = false, true;
        /// `ln -f` removes what is there before it makes the link; otherwise after the link has failed.
        ln_removes_first: bool = false, true;
        /// `rm -f` is silent about a path that leads through a file.
        rm_forgives_file_in_path: bool = true, false;
        /// `truncate` takes sizes with a sign.
        truncate_takes_signs: bool = true, false;
        /// `dd` ends with the count of bytes.
        dd_counts_bytes: bool = true, false;

        // Text and archives.
        /// `sed -i` refuses a directory; otherwise it fails when it renames.
        sed_refuses_directories: bool = true, false;
        /// `sed -i` writes to a file named after the edited one; otherwise to one of its own in the same directory.
        sed_stages_by_name: bool = false, true;
        /// `sed -i` ends at the first file that it cannot replace.
        sed_stops_at_failure: bool = false, true;
        /// The status of a `sed -i` that could not replace a file.
        sed_replace_status: u8 = 4, 1;
        /// `xargs` runs its command once without any word.
        xargs_runs_without_words: bool = true, false;
        /// `gunzip` and `zcat` speak as `gzip`.
        gunzip_speaks_as_gzip: bool = true, false;

        // Processes and mounts.
        /// `ps` and `top` are those of procps, with their options and summary.
        has_procps: bool = true, false;
        /// When the time is up, `timeout` exits with 128 plus the signal's number; otherwise with 124.
        timeout_tells_signal: bool = false, true;
        /// How many seconds `top` waits between two tables.
        top_seconds: i64 = 3, 5;
        /// How wide the names of `free`'s rows are.
        free_name_width: usize = 8, 7;
        /// The status of a shell that cannot open its script.
        sh_no_script_status: u8 = 127, 2;
        /// The status of a `mount` that failed.
        mount_status: u8 = 32, 255;
        /// The status of an `umount` of what is not mounted.
        umount_status: u8 = 32, 1;
        /// `umount -q` says nothing of what is there but not mounted.
        umount_takes_quiet: bool = true, false;
    }
}
