//! The commands: one file a command or a family, gathered by [`programs`].

mod awk;
mod base64;
mod cat;
mod chmod;
mod chown;
mod clock;
mod cmp;
mod columns;
mod common;
mod compare;
mod cp;
mod dd;
mod echo;
mod expr;
mod find;
mod follow;
mod grep;
mod gzip;
mod head;
mod helpers;
mod hunks;
mod idle;
mod launch;
mod lines;
mod ln;
mod ls;
mod mkdir;
mod mount;
mod mv;
mod names;
mod od;
mod pager;
mod printf;
mod ps;
mod rm;
mod sed;
mod sh;
mod small;
mod space;
mod stat;
mod sums;
mod tar;
mod test;
mod top;
mod touch;
mod tree;
mod truth;
mod umount;
mod wc;
mod who;
mod xargs;
mod xattr;
mod yes;

pub use ps::process_table;

use common::stream::Stream;

use crate::program::{Loader, Program, loader};

/// The states of commands that wait.
pub(super) fn jobs() -> Vec<(&'static str, Loader)> {
    vec![
        loader::<clock::Sleeping>(),
        loader::<follow::Following>(),
        loader::<launch::Clocked>(),
        loader::<launch::Timed>(),
        loader::<top::Top>(),
        loader::<yes::Yes>(),
        loader::<find::Finder>(),
        loader::<xargs::Commands>(),
        loader::<Stream<cat::Shape>>(),
        loader::<Stream<head::Head>>(),
        loader::<Stream<lines::Tee>>(),
        loader::<Stream<wc::Wc>>(),
        loader::<Stream<sums::Summing>>(),
        loader::<dd::Copy>(),
    ]
}

/// All commands of the shell's own.
pub fn programs() -> Vec<Program> {
    vec![
        cat::PROGRAM,
        chmod::PROGRAM,
        chown::CHGRP,
        chown::PROGRAM,
        cp::PROGRAM,
        echo::PROGRAM,
        ln::PROGRAM,
        ls::PROGRAM,
        ls::LL,
        mkdir::PROGRAM,
        mkdir::MKFIFO,
        mkdir::MKNOD,
        mount::PROGRAM,
        mv::PROGRAM,
        printf::PROGRAM,
        rm::PROGRAM,
        rm::RMDIR,
        sh::ASH,
        sh::BASH,
        sh::DASH,
        sh::SH,
        stat::PROGRAM,
        test::BRACKET,
        test::PROGRAM,
        touch::PROGRAM,
        truth::FALSE,
        truth::TRUE,
        umount::PROGRAM,
        clock::DATE,
        clock::SLEEP,
        columns::CUT,
        columns::TR,
        grep::EGREP,
        grep::FGREP,
        grep::PROGRAM,
        head::PROGRAM,
        head::TAIL,
        launch::NOHUP,
        launch::SUDO,
        launch::TIME,
        launch::TIMEOUT,
        lines::SEQ,
        lines::SORT,
        lines::TAC,
        lines::TEE,
        lines::UNIQ,
        names::BASENAME,
        names::DIRNAME,
        names::PWD,
        names::READLINK,
        names::REALPATH,
        names::WHICH,
        wc::PROGRAM,
        who::ENV,
        who::HOSTNAME,
        who::ID,
        who::PRINTENV,
        who::UNAME,
        who::WHOAMI,
        cmp::CMP,
        compare::DIFF,
        dd::PROGRAM,
        dd::TRUNCATE,
        awk::PROGRAM,
        base64::PROGRAM,
        expr::PROGRAM,
        od::HEXDUMP,
        od::PROGRAM,
        pager::LESS,
        pager::MAN,
        pager::MORE,
        small::ARCH,
        small::KILL,
        small::KILLALL,
        small::LINK,
        small::NPROC,
        small::PIDOF,
        small::REV,
        small::TTY,
        small::UNLINK,
        find::PROGRAM,
        gzip::GUNZIP,
        gzip::GZIP,
        gzip::ZCAT,
        helpers::BUSYBOX,
        helpers::CLEAR,
        helpers::EMACS,
        helpers::HELP,
        helpers::MKTEMP,
        helpers::NANO,
        ps::PROGRAM,
        helpers::SYNC,
        helpers::VI,
        helpers::VIM,
        xargs::PROGRAM,
        sed::PROGRAM,
        space::DF,
        space::DU,
        sums::MD5,
        sums::PROGRAM,
        sums::SHA512,
        tar::PROGRAM,
        tree::PROGRAM,
        xattr::GET,
        xattr::SET,
        idle::FREE,
        idle::UPTIME,
        top::PROGRAM,
        yes::PROGRAM,
    ]
}
