//! The form of the user names that the harness makes up.

use std::str::FromStr;

use sha2::{Digest, Sha256};

/// A form of user names, such as `{}@example.org`: a text that is another one for each user takes the place of the
/// braces. It has letters, digits and hyphens; in the place of `{number}` it has twelve digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserNames {
    before: String,
    after: String,
    is_number: bool,
}

/// E-mail addresses, as many products take nothing else, in a domain that is reserved (RFC 2606).
impl Default for UserNames {
    fn default() -> Self {
        Self { before: String::new(), after: "@example.org".into(), is_number: false }
    }
}

impl FromStr for UserNames {
    type Err = String;

    fn from_str(form: &str) -> Result<Self, Self::Err> {
        let text = form.split_once("{}").map(|parts| (parts, false));
        let number = || form.split_once("{number}").map(|parts| (parts, true));
        match text.or_else(number) {
            Some(((before, after), is_number))
                if !form.contains(char::is_control) && !before.contains('{') && !after.contains('{') =>
            {
                Ok(Self { before: before.to_owned(), after: after.to_owned(), is_number })
            }
            _ => Err(format!(
                "found {form:?}, expected a name with one {{}} or {{number}} in it, such as {{}}@example.org"
            )),
        }
    }
}

impl UserNames {
    /// The name of the user that is told from others by this text.
    #[must_use]
    pub fn name(&self, unique: &str) -> String {
        let Self { before, after, .. } = self;
        match self.is_number {
            true => format!("{before}{}{after}", number(unique)),
            false => format!("{before}{unique}{after}"),
        }
    }
}

/// Twelve digits, the first of which is not zero.
fn number(unique: &str) -> u64 {
    let digest = Sha256::digest(unique);
    let drawn = digest.iter().take(6).fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
    100_000_000_000 + drawn % 900_000_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_has_a_place_for_what_differs() {
        assert_eq!(UserNames::default().name("a-1"), "a-1@example.org");
        assert_eq!("user_{}".parse::<UserNames>().unwrap().name("1"), "user_1");
        for form in ["everybody", "{}\n", "{}{}", "{number}-{}", "{name}"] {
            assert!(form.parse::<UserNames>().unwrap_err().contains("{}@example.org"), "{form}");
        }
    }

    #[test]
    fn a_number_is_the_same_for_the_same_user_only() {
        let form: UserNames = "4{number}".parse().unwrap();
        let (alice, bob) = (form.name("alice"), form.name("bob"));
        assert_eq!(alice, form.name("alice"));
        assert!(
            alice != bob && alice.len() == 13 && alice.bytes().all(|byte| byte.is_ascii_digit()),
            "{alice}"
        );
    }
}
