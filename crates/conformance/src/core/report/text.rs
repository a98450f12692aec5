//! Makes text from a target harmless and short enough to show; and writes numbers for people.

pub(crate) use stuntkey_inspect::text::{harmless, hex};

/// The text on one line: all white space becomes single spaces, and the line is cut after `most` characters.
pub(crate) fn line(text: &str, most: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    clip(&words.join(" ").chars().map(harmless).collect::<String>(), most)
}

/// The text with its line breaks and tabs; every other control character is replaced.
pub(crate) fn lines(text: &str) -> String {
    let keep = |c: char| if matches!(c, '\n' | '\t') { c } else { harmless(c) };
    text.replace("\r\n", "\n").chars().map(keep).collect()
}

/// JSON with the same meaning, in which characters that could do harm are escaped.
pub(crate) fn harmless_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for character in json.chars() {
        match character == '\n' || harmless(character) == character {
            true => out.push(character),
            false => {
                let mut units = [0; 2];
                let escapes = character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}"));
                out.extend(escapes);
            }
        }
    }
    out
}

/// The first `most` characters; if there are more, also their number.
pub(crate) fn clip(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => {
            let length = text.chars().count();
            format!("{}… ({length} characters)", text.get(..end).unwrap_or_default())
        }
        None => text.to_owned(),
    }
}

/// Seconds with three decimals.
pub(crate) fn seconds(milliseconds: u64) -> String {
    format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000)
}

/// `1 case`, `2 cases`.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_is_left_that_controls_a_terminal() {
        let hostile = "a\u{1b}[31m\u{9b}\u{7}\0\u{202e}\u{fffe}\u{2028}b";
        assert_eq!(lines(hostile), "a\u{fffd}[31m\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}b");
        assert_eq!(line("a\r\n\tb\u{2028}c", 9), "a b c");
        assert_eq!(lines("a\r\n\tb\r"), "a\n\tb\u{fffd}");
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(line("äöü", 3), "äöü");
        assert_eq!(line("äöüß", 3), "äöü… (4 characters)");
    }

    #[test]
    fn harmless_json_has_the_same_meaning() {
        let text = "\u{9b}\u{202e}\u{1fffe}ä\n\u{7f}";
        let json = serde_json::to_string(text).unwrap();
        let escaped = harmless_json(&json);
        assert_eq!(escaped, r#""\u009b\u202e\ud83f\udffeä\n\u007f""#);
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
    }

    #[test]
    fn numbers_have_their_units() {
        assert_eq!(seconds(15_007), "15.007");
        assert_eq!(
            (count(1, "case", "cases"), count(0, "case", "cases")),
            ("1 case".into(), "0 cases".into())
        );
    }
}
