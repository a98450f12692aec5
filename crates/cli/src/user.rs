//! The user at the terminal.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};

use stuntkey::authenticator::{Answer, ConsentRequest};
use stuntkey::webauthn::Ceremony;

/// Asks on the terminal, as standard input may carry the options. Without a terminal there is no answer.
pub(crate) fn ask(request: &ConsentRequest<'_>) -> Answer {
    let Ok(terminal) = OpenOptions::new().read(true).write(true).open("/dev/tty") else {
        return Answer::NoAnswer;
    };
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
    let mut writer = &terminal;
    if write!(writer, "{:?} asks to {what}{account}. {choices}: ", request.rp_id).is_err() {
        return Answer::NoAnswer;
    }
    let mut line = String::new();
    match BufReader::new(&terminal).read_line(&mut line) {
        Ok(1..) => match line.trim() {
            "y" | "yes" => Answer::Verified,
            "t" => Answer::Present,
            _ => Answer::Denied,
        },
        _ => Answer::NoAnswer,
    }
}
