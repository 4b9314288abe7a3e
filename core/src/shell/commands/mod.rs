//! The commands: one file a command, or a family that shares one table (`grep`, `egrep`, `fgrep`), gathered by [`programs`].

mod arch;
mod awk;
mod base64;
mod basename;
mod busybox;
mod cat;
mod chmod;
mod chown;
mod clear;
mod cmp;
mod comm;
mod common;
mod compare;
mod cp;
mod cut;
mod date;
mod dd;
mod df;
mod dirname;
mod du;
mod echo;
mod editors;
mod env;
mod expr;
mod find;
mod follow;
mod free;
mod grep;
mod gzip;
mod head;
mod help;
mod hostname;
mod hunks;
mod id;
mod kill;
mod link;
mod ln;
mod ls;
mod mkdir;
mod mktemp;
mod mount;
mod mv;
mod nohup;
mod nproc;
mod od;
mod pager;
mod pidof;
mod printenv;
mod printf;
mod ps;
mod pwd;
mod readlink;
mod realpath;
mod rev;
mod rm;
mod sed;
mod seq;
mod sh;
mod sleep;
mod sort;
mod stat;
mod sudo;
mod sums;
mod sync;
mod tac;
mod tar;
mod tee;
mod test;
mod time;
mod timeout;
mod top;
mod touch;
mod tr;
mod tree;
mod truth;
mod tty;
mod umount;
mod uname;
mod uniq;
mod unlink;
mod uptime;
mod wc;
mod which;
mod whoami;
mod xargs;
mod xattr;
mod yes;

pub use ps::process_table;

use common::stream::Stream;

use crate::program::{Loader, Program, loader};

/// The states of commands that wait.
pub(super) fn jobs() -> Vec<(&'static str, Loader)> {
    vec![
        loader::<sleep::Sleeping>(),
        loader::<follow::Following>(),
        loader::<time::Clocked>(),
        loader::<timeout::Timed>(),
        loader::<top::Top>(),
        loader::<yes::Yes>(),
        loader::<find::Finder>(),
        loader::<xargs::Commands>(),
        loader::<Stream<cat::Shape>>(),
        loader::<Stream<head::Head>>(),
        loader::<Stream<tee::Tee>>(),
        loader::<Stream<wc::Wc>>(),
        loader::<Stream<sums::Summing>>(),
        loader::<dd::Copy>(),
    ]
}

/// All commands of the shell's own.
pub fn programs() -> Vec<Program> {
    vec![
        arch::PROGRAM,
        awk::PROGRAM,
        base64::PROGRAM,
        basename::PROGRAM,
        busybox::PROGRAM,
        cat::PROGRAM,
        chmod::PROGRAM,
        chown::CHGRP,
        chown::PROGRAM,
        clear::PROGRAM,
        cmp::CMP,
        comm::PROGRAM,
        compare::DIFF,
        cp::PROGRAM,
        cut::PROGRAM,
        date::PROGRAM,
        dd::PROGRAM,
        dd::TRUNCATE,
        df::PROGRAM,
        dirname::PROGRAM,
        du::PROGRAM,
        echo::PROGRAM,
        editors::EMACS,
        editors::NANO,
        editors::VI,
        editors::VIM,
        env::PROGRAM,
        expr::PROGRAM,
        find::PROGRAM,
        free::PROGRAM,
        grep::EGREP,
        grep::FGREP,
        grep::PROGRAM,
        gzip::GUNZIP,
        gzip::GZIP,
        gzip::ZCAT,
        head::PROGRAM,
        head::TAIL,
        help::PROGRAM,
        hostname::PROGRAM,
        id::PROGRAM,
        kill::KILLALL,
        kill::PROGRAM,
        link::PROGRAM,
        ln::PROGRAM,
        ls::LL,
        ls::PROGRAM,
        mkdir::MKFIFO,
        mkdir::MKNOD,
        mkdir::PROGRAM,
        mktemp::PROGRAM,
        mount::PROGRAM,
        mv::PROGRAM,
        nohup::PROGRAM,
        nproc::PROGRAM,
        od::HEXDUMP,
        od::PROGRAM,
        pager::LESS,
        pager::MAN,
        pager::MORE,
        pidof::PROGRAM,
        printenv::PROGRAM,
        printf::PROGRAM,
        ps::PROGRAM,
        pwd::PROGRAM,
        readlink::PROGRAM,
        realpath::PROGRAM,
        rev::PROGRAM,
        rm::PROGRAM,
        rm::RMDIR,
        sed::PROGRAM,
        seq::PROGRAM,
        sh::ASH,
        sh::BASH,
        sh::DASH,
        sh::SH,
        sleep::PROGRAM,
        sort::PROGRAM,
        stat::PROGRAM,
        sudo::PROGRAM,
        sums::MD5,
        sums::PROGRAM,
        sums::SHA512,
        sync::PROGRAM,
        tac::PROGRAM,
        tar::PROGRAM,
        tee::PROGRAM,
        test::BRACKET,
        test::PROGRAM,
        time::PROGRAM,
        timeout::PROGRAM,
        top::PROGRAM,
        touch::PROGRAM,
        tr::PROGRAM,
        tree::PROGRAM,
        truth::FALSE,
        truth::TRUE,
        tty::PROGRAM,
        umount::PROGRAM,
        uname::PROGRAM,
        uniq::PROGRAM,
        unlink::PROGRAM,
        uptime::PROGRAM,
        wc::PROGRAM,
        which::PROGRAM,
        whoami::PROGRAM,
        xargs::PROGRAM,
        xattr::GET,
        xattr::SET,
        yes::PROGRAM,
    ]
}
