//! The user at the terminal.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};

use stuntkey::authenticator::{Answer, ConsentRequest};
use stuntkey::webauthn::Ceremony;

use crate::failure::Failure;

/// The terminal of this process, which standard input and output need not be.
#[cfg(not(windows))]
const TERMINAL: (&str, &str) = ("/dev/tty", "/dev/tty");
#[cfg(windows)]
const TERMINAL: (&str, &str) = ("CONIN$", "CONOUT$");

/// Fails if there is nobody to ask.
pub(crate) fn can_be_asked() -> Result<(), Failure> {
    terminal().map(drop).map_err(|error| {
        Failure::Usage(format!("--user ask: this process has no terminal to ask on ({error})"))
            .hint("--user verified, present, denied or none answers without one")
    })
}

/// Asks on the terminal, as standard input may carry the options. Without a terminal there is no answer.
pub(crate) fn ask(request: &ConsentRequest<'_>) -> Answer {
    match terminal() {
        Ok((reader, writer)) => ask_at(reader, writer, request),
        Err(_) => Answer::NoAnswer,
    }
}

fn terminal() -> io::Result<(File, File)> {
    let (input, output) = TERMINAL;
    // A console's input can only be opened for both.
    let open = |name| OpenOptions::new().read(true).write(true).open(name);
    Ok((open(input)?, open(output)?))
}

/// Shows a question on the terminal, whose answer [`answers`] hands over.
pub(crate) fn show(request: &ConsentRequest<'_>) {
    if let Ok((_, writer)) = terminal() {
        // Without a terminal the question is not seen, and stays unanswered.
        drop(question(writer, request));
    }
}

/// Hands over each answer that is typed on the terminal, until it closes.
pub(crate) fn answers(mut hand_over: impl FnMut(Answer)) {
    let Ok((reader, _)) = terminal() else { return };
    for line in BufReader::new(reader).lines().map_while(Result::ok) {
        hand_over(answer(&line));
    }
}

fn ask_at(reader: File, writer: File, request: &ConsentRequest<'_>) -> Answer {
    if question(writer, request).is_err() {
        return Answer::NoAnswer;
    }
    let mut line = String::new();
    match BufReader::new(reader).read_line(&mut line) {
        Ok(1..) => answer(&line),
        _ => Answer::NoAnswer,
    }
}

fn question(mut writer: File, request: &ConsentRequest<'_>) -> io::Result<()> {
    let what = match request.ceremony {
        Some(Ceremony::Create) => "make a credential",
        Some(Ceremony::Get) => "log in",
        None => "be touched",
    };
    let account = request.user_name.map(|name| format!(" as {name:?}")).unwrap_or_default();
    let choices = match request.user_verification {
        true => "[y] yes and verify me, [t] touch only, [n] no",
        false => "[y] yes, [n] no",
    };
    write!(writer, "{:?} asks to {what}{account}. {choices}: ", request.rp_id)
}

fn answer(line: &str) -> Answer {
    match line.trim() {
        "y" | "yes" => Answer::Verified,
        "t" => Answer::Present,
        _ => Answer::Denied,
    }
}
