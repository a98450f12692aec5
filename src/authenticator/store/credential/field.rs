//! What a row of the table of fields says.

use super::Credential;

/// One field of a credential.
pub(crate) struct Field {
    /// Its key in a record, which is an integer key of a CBOR map.
    pub(crate) record: i64,
    /// Its name in a list of credentials.
    pub(crate) listed: &'static str,
    /// Its name in WebDriver's credential parameters.
    pub(crate) webdriver: &'static str,
    /// Its name in Playwright's credential, which does not carry every field.
    pub(crate) playwright: Option<&'static str>,
    /// Whether JSON that can carry it has to.
    pub(crate) required: bool,
    /// Whether it is kept out of lists for people.
    pub(crate) secret: bool,
    /// What an error says was expected.
    pub(crate) expected: &'static str,
    /// The least and the most bytes that JSON may give it.
    pub(crate) length: (usize, usize),
    /// Where it is in a credential.
    pub(crate) place: Place,
}

/// The type of a field, and how it is reached.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    Bytes(fn(&Credential) -> &Vec<u8>, fn(&mut Credential) -> &mut Vec<u8>),
    Text(fn(&Credential) -> &String, fn(&mut Credential) -> &mut String),
    Flag(fn(&Credential) -> &bool, fn(&mut Credential) -> &mut bool),
    Count(fn(&Credential) -> &u32, fn(&mut Credential) -> &mut u32),
    /// The key pair, which each form writes in a way of its own.
    Key,
}

/// A [`Place`] of this type, at this path in a credential.
macro_rules! place {
    ($kind:ident, $($path:ident).+) => {
        Place::$kind(|credential| &credential.$($path).+, |credential| &mut credential.$($path).+)
    };
}
pub(super) use place;

/// A field that JSON may leave out, and that Playwright does not carry.
pub(super) const fn field(record: i64, listed: &'static str, webdriver: &'static str, place: Place) -> Field {
    Field {
        record,
        listed,
        webdriver,
        playwright: None,
        required: false,
        secret: false,
        expected: "",
        length: (0, usize::MAX),
        place,
    }
}

impl Field {
    pub(super) const fn playwright(self, name: &'static str) -> Self {
        Self { playwright: Some(name), ..self }
    }

    pub(super) const fn expects(self, expected: &'static str) -> Self {
        Self { expected, ..self }
    }

    pub(super) const fn required(self, expected: &'static str) -> Self {
        Self { required: true, expected, ..self }
    }

    pub(super) const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }

    pub(super) const fn length(self, least: usize, most: usize) -> Self {
        Self { length: (least, most), ..self }
    }

    /// Whether the field is empty, not set, or 0.
    fn is_blank(&self, credential: &Credential) -> bool {
        match self.place {
            Place::Bytes(read, _) => read(credential).is_empty(),
            Place::Text(read, _) => read(credential).is_empty(),
            Place::Flag(read, _) => !read(credential),
            Place::Count(read, _) => *read(credential) == 0,
            Place::Key => false,
        }
    }

    /// Whether a record or a JSON text of this credential has the field. Those of the first version always stand there.
    pub(crate) fn is_written(&self, credential: &Credential) -> bool {
        self.is_of_first_version() || !self.is_blank(credential)
    }

    /// Whether every record has it.
    pub(crate) const fn is_of_first_version(&self) -> bool {
        self.record <= 11
    }

    /// Copies the field from one credential to another.
    pub(crate) fn copy(&self, from: &Credential, to: &mut Credential) {
        match self.place {
            Place::Bytes(read, write) => write(to).clone_from(read(from)),
            Place::Text(read, write) => write(to).clone_from(read(from)),
            Place::Flag(read, write) => *write(to) = *read(from),
            Place::Count(read, write) => *write(to) = *read(from),
            Place::Key => to.key = from.key.clone(),
        }
    }
}
