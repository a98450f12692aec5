//! The result as a table for people, and as JSON.

use std::collections::BTreeMap;

use serde_json::json;
use stuntkey::crypto::Backend;

use crate::contenders::{Lengths, Peer};
use crate::measure::Measured;
use crate::ratios::{self, Resolved, Spread};
use crate::setting;

pub(crate) struct Report {
    pub(crate) rounds: usize,
    pub(crate) lengths: Lengths,
    /// The programs in other languages.
    pub(crate) peers: Vec<Peer>,
    pub(crate) measured: Vec<Measured>,
}

/// Of the table, in characters.
const WIDTH: usize = 80;

const ALONE: &str = "none; benches/peers/run has those in other languages as well";

const FOOTNOTE: &str = "
10 % and 90 %: percentiles over the rounds.
aim: the limit that the project sets itself; nothing fails when it is passed.
";

impl Report {
    /// Plain text, at most 80 characters wide.
    pub(crate) fn text(&self) -> String {
        let Lengths { packed, login } = self.lengths;
        let versions: Vec<String> =
            setting::versions().into_iter().map(|(name, version)| format!("{name} {version}")).collect();
        let signed = [format!("{packed} bytes for a packed attestation"), format!("{login} for a login")];
        let mut text = heading("processor", &[setting::processor()]);
        text += &heading("compiler", &[setting::rustc().to_owned()]);
        text += &heading("crates", &versions);
        let peers =
            self.peers.iter().map(|Peer { name, version, runtime }| format!("{name} {version} ({runtime})"));
        text +=
            &heading("others", &if self.peers.is_empty() { vec![ALONE.to_owned()] } else { peers.collect() });
        text += &heading("default", &[format!("stuntkey signs by {} here", Backend::fastest().name())]);
        text += &heading("signed", &signed);
        text += &heading("rounds", &[self.rounds.to_string()]);

        text += "\n";
        text += &time_line("µs for one", "by", ["median", "10 %", "90 %"]);
        for measured in &self.measured {
            let columns = measured.spread().columns();
            text += &time_line(measured.work.name(), &measured.who, columns.each_ref().map(String::as_str));
        }

        text += "\n";
        text += &ratio_line("ratio, round by round", ["median", "10 %", "90 %", "aim"]);
        let mut of_before = String::new();
        for ratio in ratios::all(&self.measured) {
            let Some(Resolved { of, over, values }) = ratio.resolve(&self.measured) else { continue };
            if of != of_before {
                text += &format!("{of}\n");
            }
            let [median, low, high] = Spread::of(&values).columns();
            let aim = ratio.aim.map(|aim| format!("{aim:.2}")).unwrap_or_default();
            text += &ratio_line(&format!("  / {over}"), [&median, &low, &high, &aim]);
            of_before = of;
        }
        text + FOOTNOTE
    }

    /// Times in µs. Members may be added.
    pub(crate) fn json(&self) -> String {
        let measured = self.measured.iter().map(|measured| {
            let Spread { median, low, high } = measured.spread();
            json!({
                "work": measured.work.name(), "who": measured.who,
                "median_us": median, "p10_us": low, "p90_us": high,
            })
        });
        let ratios = ratios::all(&self.measured);
        let ratios = ratios.iter().filter_map(|ratio| {
            let resolved = ratio.resolve(&self.measured)?;
            let Spread { median, low, high } = Spread::of(&resolved.values);
            Some(json!({
                "of": resolved.of, "over": resolved.over,
                "median": median, "p10": low, "p90": high, "aim": ratio.aim,
            }))
        });
        let report = json!({
            "processor": setting::processor(),
            "rustc": setting::rustc(),
            "versions": setting::versions().into_iter().collect::<BTreeMap<_, _>>(),
            "others": self.peers.iter().map(|Peer { name, version, runtime }| {
                json!({ "name": name, "version": version, "runtime": runtime })
            }).collect::<Vec<_>>(),
            "default_backend": Backend::fastest().name(),
            "signed_bytes": { "packed": self.lengths.packed, "login": self.lengths.login },
            "rounds": self.rounds,
            "times": measured.collect::<Vec<_>>(),
            "ratios": ratios.collect::<Vec<_>>(),
        });
        format!("{report:#}\n")
    }
}

impl Spread {
    fn columns(self) -> [String; 3] {
        [self.median, self.low, self.high].map(digits)
    }
}

/// Three digits or more.
fn digits(value: f64) -> String {
    match value {
        0.0995.. => format!("{value:.2}"),
        0.00995.. => format!("{value:.3}"),
        _ => format!("{value:.4}"),
    }
}

fn time_line(work: &str, who: &str, [median, low, high]: [&str; 3]) -> String {
    format!("{work:<22}{who:<26}{median:>10}{low:>10}{high:>10}\n")
}

fn ratio_line(label: &str, [median, low, high, aim]: [&str; 4]) -> String {
    let line = format!("{label:<51}{median:>7}{low:>7}{high:>7}{aim:>7}");
    format!("{}\n", line.trim_end())
}

/// A list beside its name, broken between its items.
fn heading(name: &str, items: &[String]) -> String {
    let mut lines = String::new();
    let mut line = format!("{:<10}", format!("{name}:"));
    for (index, item) in items.iter().enumerate() {
        let comma = if index + 1 < items.len() { "," } else { "" };
        if line.chars().count() + 1 + item.chars().count() + comma.len() > WIDTH {
            lines += &format!("{line}\n");
            line = " ".repeat(10);
        }
        line += &format!(" {item}{comma}");
    }
    format!("{lines}{line}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contenders::{
        P256, PASSKEY_AWS_LC, PASSKEY_RUSTCRYPTO, STUNTKEY, STUNTKEY_RUSTCRYPTO, WEBAUTHN_RS, Work,
    };

    fn report() -> Report {
        let everybody =
            [STUNTKEY, STUNTKEY_RUSTCRYPTO, PASSKEY_AWS_LC, PASSKEY_RUSTCRYPTO, WEBAUTHN_RS, P256];
        let measured = Work::ALL
            .iter()
            .flat_map(|work| {
                everybody.map(|who| Measured {
                    who: who.to_owned(),
                    work: *work,
                    microseconds: vec![123.456; 3],
                })
            })
            .collect();
        let peer = |name: &str| Peer {
            name: name.to_owned(),
            version: "1.2.3".to_owned(),
            runtime: "A language 4.5".to_owned(),
        };
        let peers = vec![peer("one-library"), peer("another-library")];
        Report { rounds: 3, lengths: Lengths { packed: 196, login: 69 }, peers, measured }
    }

    #[test]
    fn the_table_fits_a_terminal_and_has_every_ratio() {
        let text = report().text();
        for line in text.lines() {
            assert!(line.chars().count() <= WIDTH && line == line.trim_end(), "{line:?}");
        }
        let ratios = ratios::all(&report().measured).len();
        assert_eq!(text.lines().filter(|line| line.starts_with("  / ")).count(), ratios);
        assert!(text.contains("another-library 1.2.3 (A language 4.5)"), "{text}");
        assert!(text.contains("123.46") && text.contains("0.65"), "{text}");
    }

    #[test]
    fn small_ratios_keep_their_digits() {
        assert_eq!(
            [12.345, 1.0, 0.1, 0.0999, 0.0423, 0.00423].map(digits),
            ["12.35", "1.00", "0.10", "0.10", "0.042", "0.0042"]
        );
    }

    #[test]
    fn the_json_has_every_time_and_ratio() {
        let json: serde_json::Value = serde_json::from_str(&report().json()).unwrap();
        assert_eq!(json["times"].as_array().unwrap().len(), report().measured.len());
        assert_eq!(json["times"][0]["median_us"], 123.456);
        assert_eq!(json["ratios"].as_array().unwrap().len(), ratios::all(&report().measured).len());
        assert_eq!(json["others"][1]["name"], "another-library");
        assert_eq!(json["ratios"][0]["aim"], 1.15);
    }
}
