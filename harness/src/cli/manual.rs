//! `clockbench completions` and `clockbench man`: what a shell and `man` read.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args as ClapArgs, Command};
use clap_complete::Shell;

use super::print;

/// Print what a shell completes of this command.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  clockbench completions bash > ~/.local/share/bash-completion/completions/clockbench
  clockbench completions zsh > ~/.zfunc/_clockbench
  clockbench completions fish > ~/.config/fish/completions/clockbench.fish")]
pub(super) struct Completions {
    /// The shell.
    shell: Shell,
}

pub(super) fn completions(args: &Completions, mut command: Command) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "clockbench", &mut script);
    print(&String::from_utf8_lossy(&script))
}

/// Print the manual page, or write one for each verb.
#[derive(Debug, ClapArgs)]
#[command(after_long_help = "Examples:
  clockbench man | man -l -
  clockbench man ~/.local/share/man/man1      a page for each verb as well")]
pub(super) struct Man {
    /// The folder for the pages; it must exist.
    folder: Option<PathBuf>,
}

pub(super) fn man(args: &Man, command: Command) -> anyhow::Result<()> {
    let Some(folder) = &args.folder else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page)?;
        return print(&String::from_utf8_lossy(&page));
    };
    clap_mangen::generate_to(command, folder)
        .with_context(|| format!("the pages cannot be written into {}", folder.display()))
}
