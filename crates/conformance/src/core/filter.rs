//! Filters: names of cases in which `*` stands for any text.

/// Whether `filter` is the id or its beginning at a slash; `*` stands for any text, slashes and all.
pub(crate) fn matches(filter: &str, id: &str) -> bool {
    let filter = filter.trim_end_matches('/');
    if glob(filter, id) {
        return true;
    }
    id.match_indices('/').any(|(at, _)| id.get(..at).is_some_and(|beginning| glob(filter, beginning)))
}

/// Whether the pattern is the whole text. The parts between stars are looked for from left to right, each as early as
/// possible, so that no choice is ever taken back: the time grows with the length of the text, whatever the pattern.
fn glob(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        match text.find(part) {
            Some(at) => text = text.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_a_beginning_at_a_slash_or_a_glob() {
        let id = "registration/client-data/origin/subdomain";
        for filter in
            [id, "registration", "registration/", "registration/client-data", "*/origin", "*subdomain", "*"]
        {
            assert!(matches(filter, id), "{filter}");
        }
        for filter in ["registration/client", "client-data", "", "*/origin/", "authentication/*"] {
            assert_eq!(matches(filter, id), filter == "*/origin/", "{filter}");
        }
    }

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, text, fits) in [
            ("a*b*c", "abc", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "acb", false),
            ("*ab", "abab", true),
            ("a*a", "a", false),
            ("**", "", true),
            ("*a*", "b", false),
        ] {
            assert_eq!(glob(pattern, text), fits, "{pattern} {text}");
        }
    }

    /// Exponential time would not end here before the machine does.
    #[test]
    fn many_stars_take_no_longer_than_few() {
        let (pattern, text) = (format!("{}x", "*a".repeat(5_000)), "a".repeat(50_000));
        assert!(!glob(&pattern, &text));
    }
}
