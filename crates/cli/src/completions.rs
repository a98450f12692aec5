//! `stuntkey completions`.

use clap::{Args, Command};
use clap_complete::Shell;

use crate::failure::Failure;
use crate::output::Output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The shell
    pub(crate) shell: Shell,
}

pub(crate) fn run(arguments: &Arguments, mut grammar: Command, output: &Output) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut grammar, "stuntkey", &mut script);
    output.data(&String::from_utf8_lossy(&script))
}
