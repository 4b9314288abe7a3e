//! `layerlab`: the lab on a Linux host.

fn main() -> std::process::ExitCode {
    layerlab::cli::main()
}
