//! Origins, as options give them.

use stuntkey::client::Origin;

/// The origin of a page that a browser may be at, as client data has it.
pub(crate) fn of_page(text: &str) -> Result<String, String> {
    let origin: Origin = text.parse().map_err(|error: stuntkey::webauthn::InputError| {
        format!("found {}, expected {}", error.found, error.expected)
    })?;
    Ok(origin.to_string())
}

/// An origin that a relying party expects: that of a page, or of an Android application, whose clients name its
/// certificate.
pub(crate) fn of_client(text: &str) -> Result<String, String> {
    match text.strip_prefix("android:apk-key-hash:") {
        Some(hash) if !hash.is_empty() => Ok(text.to_owned()),
        _ => of_page(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_an_origin_is_told_from_what_is() {
        assert_eq!(of_page("https://Login.Example.com:443/").unwrap(), "https://login.example.com");
        assert_eq!(of_page("http://localhost:8080").unwrap(), "http://localhost:8080");
        for text in ["x", "example.com", "http://example.com", "https://example.com/login", ""] {
            assert!(of_page(text).unwrap_err().contains("expected an origin: https://host[:port]"), "{text}");
            assert!(of_client(text).is_err(), "{text}");
        }
        let android = "android:apk-key-hash:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
        assert_eq!(of_client(android).unwrap(), android);
        assert!(of_page(android).is_err() && of_client("android:apk-key-hash:").is_err());
    }
}
