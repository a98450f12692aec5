//! The form of the user names that the harness makes up.

use std::str::FromStr;

/// A form of user names, such as `{}@example.org`: a text that is another one for each user takes the place of the
/// braces. It has letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserNames {
    before: String,
    after: String,
}

/// E-mail addresses, as many products take nothing else, in a domain that is reserved (RFC 2606).
impl Default for UserNames {
    fn default() -> Self {
        Self { before: String::new(), after: "@example.org".into() }
    }
}

impl FromStr for UserNames {
    type Err = String;

    fn from_str(form: &str) -> Result<Self, Self::Err> {
        match form.split_once("{}") {
            Some((before, after)) if !form.contains(char::is_control) => {
                Ok(Self { before: before.to_owned(), after: after.to_owned() })
            }
            _ => Err(format!("found {form:?}, expected a name with {{}} in it, such as {{}}@example.org")),
        }
    }
}

impl UserNames {
    /// The name of the user that is told from others by this text.
    #[must_use]
    pub fn name(&self, unique: &str) -> String {
        format!("{}{unique}{}", self.before, self.after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_has_a_place_for_what_differs() {
        assert_eq!(UserNames::default().name("a-1"), "a-1@example.org");
        assert_eq!("user_{}".parse::<UserNames>().unwrap().name("1"), "user_1");
        assert!("everybody".parse::<UserNames>().unwrap_err().contains("{}@example.org"));
        assert!("{}\n".parse::<UserNames>().is_err());
    }
}
