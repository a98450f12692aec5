//! `stuntkey man`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;

use crate::failure::Failure;
use crate::output::Output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The command whose page to print: conform, credentials list [default: the page of stuntkey itself]
    #[arg(conflicts_with = "directory")]
    pub(crate) command: Vec<String>,

    /// Write the pages of all commands into this directory
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) directory: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, grammar: Command, output: &Output) -> Result<(), Failure> {
    let mut root = grammar.disable_help_subcommand(true);
    root.build();
    if let Some(directory) = &arguments.directory {
        return write_all(&root, directory);
    }
    let mut command = &root;
    for name in &arguments.command {
        command = command.find_subcommand(name).ok_or_else(|| {
            Failure::NothingMatched(format!("found no command {:?}", arguments.command.join(" ")))
                .hint("`stuntkey --help` lists the commands")
        })?;
    }
    let page = page(command).map_err(|error| Failure::Tool(format!("cannot write the page: {error}")))?;
    output.data(&String::from_utf8_lossy(&page))
}

/// The page, in the language of `man`.
fn page(command: &Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let version = env!("CARGO_PKG_VERSION");
    Man::new(command.clone().version(version)).source(format!("stuntkey {version}")).render(&mut page)?;
    Ok(page)
}

/// `credentials list` has the page stuntkey-credentials-list.1, and so on.
fn write_all(command: &Command, directory: &Path) -> Result<(), Failure> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let file = directory.join(format!("{name}.1"));
    page(command)
        .and_then(|page| fs::write(&file, page))
        .map_err(|error| Failure::Tool(format!("{}: cannot write: {error}", file.display())))?;
    command.get_subcommands().try_for_each(|below| write_all(below, directory))
}
