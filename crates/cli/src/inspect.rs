//! `stuntkey inspect`: what bytes are, and whether a response holds.
//!
//! ```text
//!   input ─ recognise ─ readers ─ tree ─┬─ terminal, hex view
//!                  └─ response ─ steps ─┴─ JSON
//! ```

mod arguments;
mod expectations;
mod hex_view;
mod json;
mod keys;
mod public_key;
mod steps;
mod terminal;
#[cfg(test)]
mod tests;

use std::io::{self, IsTerminal};
use std::path::Path;

pub(crate) use arguments::Arguments;
use clap::ColorChoice;
pub(crate) use expectations::certificates;

use crate::failure::Failure;
use crate::input;
use crate::output::Output;
use steps::Verification;
use stuntkey::client::{find_creation_options, find_request_options};
use stuntkey_inspect::recognise::{Recognised, recognise};
use stuntkey_inspect::response::Form;
use stuntkey_inspect::text::count;
use terminal::Canvas;

pub(crate) fn run(arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    let file = match &arguments.file {
        Some(file) => file.as_path(),
        None if io::stdin().is_terminal() => {
            return Err(Failure::Usage("expected FILE, or something on standard input".into()));
        }
        None => Path::new("-"),
    };
    let bytes = input::read_bytes(file)?;
    let mut found = recognise(&bytes, arguments.kind, &find_options);
    keys::check(&mut found.tree);
    let hidden = if arguments.show_secrets { 0 } else { found.tree.hide_secrets() };
    if hidden > 0 {
        output.note(&"a private key is not shown; --show-secrets shows it");
    }
    let verification = match (&found.response, arguments.expected.is_given()) {
        (_, false) => None,
        (Some(response), true) => Some(expectations::verify(response, &arguments.expected)?),
        (None, true) => None,
    };
    match output.is_json() {
        true => output.data(
            &json::document(&found, verification.as_ref())
                .map_err(|error| Failure::Tool(format!("no JSON could be made: {error}")))?,
        )?,
        false => output.data(&text(arguments, output.color(), &bytes, &found, verification.as_ref()))?,
    }
    match &verification {
        Some(verification) if verification.failures() > 0 => {
            let first = verification.report.refusals().next().map(ToString::to_string).unwrap_or_default();
            return Err(Failure::Refuted(first));
        }
        _ => {}
    }
    if let Some(stop) = found.tree.first_stop() {
        // Where nothing was recognised, the tree's own name says nothing.
        let own = stop.split_once(": ").filter(|_| found.kind.is_none());
        return Err(Failure::Usage(own.map_or(stop.clone(), |(_, why)| why.to_owned())));
    }
    match (arguments.expected.is_given(), verification) {
        (true, None) => {
            Err(Failure::Usage("expectations are for a registration or authentication response".into()))
        }
        _ => Ok(()),
    }
}

/// Whose options a server's answer holds, if it holds any.
fn find_options(body: &str) -> Option<Form> {
    if find_creation_options(body).is_ok() {
        return Some(Form::Registration);
    }
    find_request_options(body).ok().map(|_| Form::Authentication)
}

fn text(
    arguments: &Arguments,
    color: ColorChoice,
    input: &[u8],
    found: &Recognised,
    verification: Option<&Verification>,
) -> String {
    let canvas = Canvas::new(color);
    let size = count(input.len(), "byte", "bytes");
    let kind = found.kind.map_or("nothing that is known", |kind| kind.name());
    let taken = format!("taken for: {kind} ({}, {size})", found.encoding);
    let mut out = canvas.paint(terminal::DIM, &taken) + "\n\n";
    out.push_str(&terminal::draw(&found.tree, canvas));
    if arguments.hex {
        out.push('\n');
        out.push_str(&hex_view::draw(&found.tree, canvas));
    }
    if let Some(verification) = verification {
        out.push('\n');
        out.push_str(&steps::draw(verification, canvas));
    }
    out
}
