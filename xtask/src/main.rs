//! `cargo xtask`: sets up, builds, tests and serves the project. `cargo xtask help` lists what it does.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line's job")]

mod book;
mod build;
mod checks;
mod errand;
mod linux;
mod play;
mod report;
mod setup;
mod sh;
mod soak;
mod test;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask COMMAND

  play   [--listen ADDR:PORT]  set up what is missing, build the page, serve it with `layerlab serve`, print the URL
  build  [--fast]              build the page into dist/ and print its compressed sizes (--fast: in haste)
  test   [STEP...]             every check and test, or the steps named; `cargo xtask test --list` lists them
  bench  [NAME...]             measure; prints each figure beside its budget
  fuzz   [TARGET] [SECONDS]    run the fuzz targets (600 seconds each unless told)
  soak   [NAME...]             what is too long for `test`, whole; `cargo xtask soak --list` lists it
  linux                        make the Linux that the page can run, dist/linux/ (10 minutes and 2.5 GB of target/ the first time)
  book                         build docs/ as a book into dist/book, with mdBook
  first                        see in Chromium what the page runs first, and write web-ui/first.txt by it
  shots  [--built] [NAME...]   screenshots of every screen, size, theme and language, and target/shots/index.html that
                               shows them (--built: of dist/ as it is; readme: the pictures of README.md)
  setup                        install what all of the above needs, and say what and why
  help                         this text
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let rest: Vec<&str> = args.iter().skip(1).map(String::as_str).collect();
    let done = match args.first().map_or("help", String::as_str) {
        "play" => play::play(&rest),
        "build" => build::build_command(&rest),
        "test" => test::test(&rest),
        "bench" => errand::bench(&rest),
        "fuzz" => errand::fuzz(&rest),
        "soak" => soak::soak(&rest),
        "linux" => linux::linux(&rest),
        "book" => book::book(),
        "first" => errand::first(),
        "shots" => errand::shots(&rest),
        "setup" => errand::set_up(),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => {
            eprintln!("xtask: unknown command {other}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}
