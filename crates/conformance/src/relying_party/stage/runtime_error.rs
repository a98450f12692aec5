//! Refusals that are errors of the target's own: it did not look for what is wrong, but stumbled over it. The next version may
//! stumble no more, and accept.

/// What runtime errors say in the languages that servers are written in, in lower case.
const SIGNS: &[&str] = &[
    // JavaScript
    "is not a function",
    "is not iterable",
    "is not a constructor",
    "cannot read propert",
    "cannot set propert",
    "cannot destructure",
    "undefined is not",
    "maximum call stack",
    "expected arraybuffer",
    "constructor must be an",
    "referenceerror",
    // Python
    "traceback (most recent call last)",
    "missing 1 required",
    "has no attribute",
    "indices must be",
    "cannot convert \"<class",
    "is not an instance of",
    "a bytes-like object is required",
    "attributeerror",
    "indexerror",
    "keyerror",
    "nonetype",
    "recursionerror",
    "unboundlocalerror",
    "zerodivisionerror",
    // Java
    "nullpointerexception",
    "classcastexception",
    "indexoutofbounds",
    "stackoverflowerror",
    "cannot be cast to",
    "because \"<local",
    // Go
    "runtime error",
    "nil pointer",
    "goroutine ",
    // Rust
    "panicked at",
    "index out of bounds",
    "out of range for slice",
    // Ruby
    "no implicit conversion",
    "nomethoderror",
    "undefined method",
    "undefined local variable",
    // C#, PHP and others
    "nullreferenceexception",
    "object reference not set",
    "call to a member function",
    "undefined array key",
    "undefined index",
    "index out of range",
    "stack overflow",
    "segmentation fault",
    "unhandled exception",
];

/// Whether a sign stands in a text, and is not the end of a longer word.
fn has(text: &str, sign: &str) -> bool {
    let mut places = text.match_indices(sign).map(|(place, _)| place);
    places.any(|place| !text.get(..place).is_some_and(|before| before.ends_with(char::is_alphanumeric)))
}

/// Whether the words of a refusal are those of a runtime error.
pub(super) fn is_one(why: &str) -> bool {
    let why = why.to_lowercase();
    SIGNS.iter().any(|sign| has(&why, sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_runtime_errors_are_known() {
        for why in [
            "TypeError: list indices must be integers or slices, not str",
            "TypeError: Cannot read properties of undefined (reading 'length')",
            "r.slice is not a function",
            "IndexError: index out of range",
            "KeyError: 'alg'",
            "'NoneType' object has no attribute 'x'",
            "java.lang.NullPointerException: Cannot invoke \"x\" because \"<local4>\" is null",
            "runtime error: slice bounds out of range [:32] with capacity 16",
            "thread 'main' panicked at src/lib.rs:1",
            "undefined method `bytes' for nil:NilClass (NoMethodError)",
        ] {
            assert!(is_one(why), "{why}");
        }
    }

    #[test]
    fn words_of_refusals_are_none() {
        for why in [
            "Unexpected registration response origin \"https://evil.example\", expected \"https://example.org\"",
            "WebAuthn L3 §7.1 step 9: client-data/origin: found \"null\", expected \"https://example.org\"",
            "Error validating challenge",
            "Invalid signature",
            "User verification required, but user could not be verified",
            "clientDataJSON is null",
            "response.type is undefined",
            "the value is out of range",
            "OpenSSL::PKey::PKeyError: EVP_DigestVerify",
            "COSE::MalformedKeyError: Malformed CBOR key input",
            "TypeError: AuthenticatorAttestationResponse.from_dict called with non-Mapping data",
            "",
        ] {
            assert!(!is_one(why), "{why}");
        }
    }
}
