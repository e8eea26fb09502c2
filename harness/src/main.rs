//! The command `clockbench` with the clocks of this workspace.

use std::process::ExitCode;

use harness::registry::Registry;

fn main() -> ExitCode {
    harness::cli::main(&Registry::builtin())
}
