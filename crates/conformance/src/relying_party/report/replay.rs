//! The requests of a case as shell commands. `curl` keeps the cookies in a file; `stuntkey` makes fresh replies.

use stuntkey::encoding::json;
use stuntkey::fault::Fault;

use crate::core::exchange::Exchange;
use crate::core::report::CaseReport;
use crate::core::report::target_kind::Replay;

/// The commands, or `None` if the target was not spoken to over HTTP.
pub(crate) fn replay(case: &CaseReport, origin: &str) -> Option<Replay> {
    let requests: Vec<&Exchange> =
        case.exchanges.iter().filter(|exchange| !exchange.url.is_empty()).collect();
    if requests.is_empty() {
        return None;
    }
    let as_sent: Vec<String> = requests
        .iter()
        .map(|exchange| {
            // On one line: what follows a line's end would be no comment, but a command.
            let action = crate::core::report::text::line(&exchange.action, 80);
            format!("# {action}\n{}\n", curl(exchange, &Data::AsSent))
        })
        .collect();
    Some(Replay { anew: anew(case, &requests, origin), as_sent: as_sent.join("\n") })
}

/// The last ceremony of the case as a pipeline, for a login with a registration before it.
fn anew(case: &CaseReport, requests: &[&Exchange], origin: &str) -> Option<String> {
    let (ceremony, id) = case.id.split_once('/')?;
    let fault = Fault::from_id(id)?;
    let of = |ceremony: &str, stage: &str| {
        let action = format!("{ceremony} {stage}");
        requests.iter().rev().find(|exchange| exchange.action == action)
    };
    let pipeline = |ceremony: &str, flags: &str| {
        let (options, result) = (of(ceremony, "options")?, of(ceremony, "result")?);
        let command = if ceremony == "registration" { "register" } else { "authenticate" };
        let preset = preset(&result.sent).map(|preset| format!(" --reply {preset}")).unwrap_or_default();
        Some(format!(
            "{} |\n  stuntkey {command} --origin {}{preset}{flags} |\n  {}\n",
            curl(options, &Data::AsSent),
            quoted(origin),
            curl(result, &Data::StandardInput),
        ))
    };
    let change = format!(" --fault {}", quoted(fault.id()));
    // An empty store: a credential in the user's own store could be one that the server excludes.
    let store = "export STUNTKEY_STORE=\"$(mktemp -d)/store\"";
    match ceremony {
        "registration" => Some(format!("{store}\n{}", pipeline(ceremony, &change)?)),
        _ => {
            let algorithm = fault.credential_algorithm();
            let algorithm =
                algorithm.map(|algorithm| format!(" --alg {}", algorithm.name())).unwrap_or_default();
            let registration = pipeline("registration", &algorithm)?;
            let login = pipeline("authentication", &change)?;
            Some(format!("{store}\n{registration}\n{login}"))
        }
    }
}

/// The preset of the reply that was sent. The command names it, as `stuntkey` could derive another one from the options.
fn preset(sent: &str) -> Option<&'static str> {
    let body = json::parse(sent).ok()?;
    let has = |name| body.member(name).is_some();
    match (has("rawId"), has("getClientExtensionResults")) {
        (true, _) => Some("l3"),
        (false, true) => Some("fido"),
        (false, false) => None,
    }
}

enum Data {
    AsSent,
    StandardInput,
}

fn curl(exchange: &Exchange, data: &Data) -> String {
    let mut command = "curl -sS -g -b jar -c jar".to_owned();
    let has_body = !exchange.sent.is_empty() || matches!(data, Data::StandardInput);
    match (exchange.method.as_str(), has_body) {
        ("POST", true) | ("GET", false) => {}
        ("HEAD", _) => command.push_str(" -I"),
        (method, _) => command.push_str(&format!(" -X {}", quoted(method))),
    }
    command.push_str(&format!(" --url {}", quoted(&exchange.url)));
    for (name, value) in &exchange.headers {
        command.push_str(&format!(" \\\n    -H {}", quoted(&format!("{name}: {value}"))));
    }
    match data {
        Data::StandardInput => command.push_str(" \\\n    --data-binary @-"),
        Data::AsSent if has_body => {
            command.push_str(&format!(" \\\n    --data-raw {}", quoted(&exchange.sent)))
        }
        Data::AsSent => {}
    }
    command
}

/// Quotes text as one word of a POSIX shell. Characters that a reader could not see are escaped as in C, in `$'…'`
/// (POSIX.1-2024, 2.2.4).
pub(crate) fn quoted(text: &str) -> String {
    let is_plain = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | ':' | '@' | '%' | '+' | ',')
    };
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    if text.chars().all(|c| crate::core::report::text::harmless(c) == c) {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    let mut word = String::from("$'");
    for character in text.chars() {
        match character {
            '\'' | '\\' => word.extend(['\\', character]),
            '\n' => word.push_str("\\n"),
            '\t' => word.push_str("\\t"),
            '\r' => word.push_str("\\r"),
            harmless if crate::core::report::text::harmless(harmless) == harmless => word.push(harmless),
            other => {
                // Three octal digits. A digit that follows them is no part of the escape.
                let mut buffer = [0; 4];
                let bytes = other.encode_utf8(&mut buffer).bytes();
                word.extend(bytes.map(|byte| format!("\\{byte:03o}")));
            }
        }
    }
    word.push('\'');
    word
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_are_quoted_only_if_they_need_it() {
        assert_eq!(quoted("http://localhost:8080/a"), "http://localhost:8080/a");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(quoted("a\n\u{1b}9'\\"), r"$'a\n\0339\'\\'");
    }

    /// The shell itself is the independent reader.
    #[cfg(unix)]
    #[test]
    fn a_shell_reads_back_the_text_that_was_quoted() {
        let texts = [
            "",
            "plain",
            "-n",
            "it's",
            "''",
            "$HOME `id` $(id) \\ \" ! * ? [a] {b,c} ~ # ; & | < >",
            "\u{1b}[31m7",
            "a\r\n\tb\\'",
            "ä\u{202e}ö\u{9b}7",
            "{\"a\":\"'\"}",
            "@file",
            "\u{7f}'\u{7f}",
        ];
        for text in texts {
            let script = format!("printf '%s.' {}", quoted(text));
            let output = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
            let printed = String::from_utf8(output.stdout).unwrap();
            assert_eq!(printed, format!("{text}."), "{script}");
        }
    }
}
