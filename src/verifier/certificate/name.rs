//! Whether two names are the same (RFC 5280 §7.1).

use der::{Tag, Tagged};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::name::{Name, RelativeDistinguishedName};

/// Whether two names are the same.
pub(super) fn same(one: &Name, other: &Name) -> bool {
    one.len() == other.len() && begins_with(one, other)
}

/// Whether a name is `start`, or stands below it.
pub(in crate::verifier) fn begins_with(name: &Name, start: &Name) -> bool {
    name.len() >= start.len()
        && name.iter_rdn().zip(start.iter_rdn()).all(|(one, other)| same_set(one, other))
}

/// The attributes of a relative distinguished name have no order.
fn same_set(one: &RelativeDistinguishedName, other: &RelativeDistinguishedName) -> bool {
    let within =
        |attribute: &AttributeTypeAndValue| other.iter().any(|other| same_attribute(attribute, other));
    one.len() == other.len() && one.iter().all(within)
}

fn same_attribute(one: &AttributeTypeAndValue, other: &AttributeTypeAndValue) -> bool {
    let same_text = || match (prepared(one), prepared(other)) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    };
    one.oid == other.oid && (one.value == other.value || same_text())
}

/// The value in the form in which strings are compared: in lower case, with single spaces, whatever its string type.
/// `None` for other types.
fn prepared(attribute: &AttributeTypeAndValue) -> Option<String> {
    let text = matches!(attribute.value.tag(), Tag::PrintableString | Tag::Utf8String | Tag::Ia5String);
    let text = std::str::from_utf8(attribute.value.value()).ok().filter(|_| text)?;
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    Some(words.join(" "))
}
