//! Name constraints (RFC 5280 §4.2.1.10): which names may stand below an authority.

use std::mem::discriminant;

use x509_cert::ext::pkix::constraints::name::GeneralSubtree;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{NameConstraints, SubjectAltName};

use super::super::certificate::{Certificate, name};

/// Checks that every name of a certificate is permitted and none is excluded; the error says which is not.
pub(super) fn check(constraints: &NameConstraints, certificate: &Certificate) -> Result<(), String> {
    let names = names_of(certificate)?;
    let excluded = constraints.excluded_subtrees.as_deref().unwrap_or_default();
    let permitted = constraints.permitted_subtrees.as_deref().unwrap_or_default();
    for name in &names {
        let of_form = |subtree: &&GeneralSubtree| discriminant(&subtree.base) == discriminant(name);
        for subtree in excluded.iter().chain(permitted).filter(of_form) {
            // RFC 5280 does not use distances, and has no rule for names of other forms.
            if subtree.minimum != 0 || subtree.maximum.is_some() || matches(name, &subtree.base).is_none() {
                return Err(format!("a name constraint that the verifier does not know for {}", shown(name)));
            }
        }
        let is_in = |subtree: &GeneralSubtree| matches(name, &subtree.base) == Some(true);
        if excluded.iter().any(is_in) {
            return Err(format!("{}, which an authority above excludes", shown(name)));
        }
        if permitted.iter().any(|subtree| of_form(&subtree)) && !permitted.iter().any(is_in) {
            return Err(format!("{}, which an authority above does not permit", shown(name)));
        }
    }
    Ok(())
}

/// Returns the subject, if it is not empty, and every subject alternative name.
fn names_of(certificate: &Certificate) -> Result<Vec<GeneralName>, String> {
    let subject = certificate.subject();
    let own = (!subject.is_empty()).then(|| GeneralName::DirectoryName(subject.clone()));
    let names = certificate.decoded::<SubjectAltName>("a subject alternative name")?;
    Ok(own.into_iter().chain(names.map(|names| names.0).unwrap_or_default()).collect())
}

/// Whether a name stands in a subtree of its form; `None` for forms without a rule.
fn matches(name: &GeneralName, base: &GeneralName) -> Option<bool> {
    Some(match (name, base) {
        (GeneralName::DirectoryName(name), GeneralName::DirectoryName(base)) => name::begins_with(name, base),
        (GeneralName::DnsName(name), GeneralName::DnsName(base)) => is_below(name.as_str(), base.as_str()),
        (GeneralName::Rfc822Name(name), GeneralName::Rfc822Name(base)) => {
            mailbox(name.as_str(), base.as_str())
        }
        (GeneralName::UniformResourceIdentifier(name), GeneralName::UniformResourceIdentifier(base)) => {
            host_matches(host_of(name.as_str())?, base.as_str())
        }
        (GeneralName::IpAddress(name), GeneralName::IpAddress(base)) => {
            address(name.as_bytes(), base.as_bytes())
        }
        (name, base) if discriminant(name) == discriminant(base) => return None,
        _ => false,
    })
}

/// Whether a host is the base, or the base with labels before it.
fn is_below(host: &str, base: &str) -> bool {
    let (host, base) = (host.to_ascii_lowercase(), base.to_ascii_lowercase());
    let before = host.strip_suffix(&base);
    base.is_empty()
        || before.is_some_and(|before| before.is_empty() || before.ends_with('.') || base.starts_with('.'))
}

/// Whether a host is the base; a base with a dot before it stands for the hosts below it alone.
fn host_matches(host: &str, base: &str) -> bool {
    match base.strip_prefix('.') {
        Some(domain) => is_below(host, domain) && !host.eq_ignore_ascii_case(domain),
        None => host.eq_ignore_ascii_case(base),
    }
}

/// Whether a mailbox is the base, or at a host that the base stands for.
fn mailbox(address: &str, base: &str) -> bool {
    let Some((local, host)) = address.rsplit_once('@') else { return false };
    match base.rsplit_once('@') {
        Some((base_local, base_host)) => local == base_local && host.eq_ignore_ascii_case(base_host),
        None => host_matches(host, base),
    }
}

/// The host in the authority of a URI.
fn host_of(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    host.split(':').next().filter(|host| !host.is_empty())
}

/// Whether an address is in a network; the base is an address and a mask.
fn address(address: &[u8], base: &[u8]) -> bool {
    let (network, mask) = base.split_at(base.len() / 2);
    let mut bytes = address.iter().zip(network).zip(mask);
    base.len() == address.len() * 2 && bytes.all(|((byte, network), mask)| byte & mask == network & mask)
}

fn shown(name: &GeneralName) -> String {
    match name {
        GeneralName::DirectoryName(name) => format!("the name {:?}", name.to_string()),
        GeneralName::DnsName(name) => format!("the host {:?}", name.as_str()),
        GeneralName::Rfc822Name(name) => format!("the mailbox {:?}", name.as_str()),
        GeneralName::UniformResourceIdentifier(uri) => format!("the URI {:?}", uri.as_str()),
        GeneralName::IpAddress(_) => "an IP address".into(),
        _ => "a name of another form".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_stand_below_their_bases() {
        // RFC 5280 §4.2.1.10.
        assert!(is_below("host.example.com", "example.com") && is_below("EXAMPLE.com", "example.COM"));
        assert!(!is_below("badexample.com", "example.com") && !is_below("com", "example.com"));
        assert!(
            host_matches("a.example.com", ".example.com") && host_matches("a.b.example.com", ".example.com")
        );
        assert!(
            !host_matches("example.com", ".example.com") && !host_matches("a.example.com", "example.com")
        );
        assert!(mailbox("me@example.com", "example.com") && mailbox("me@a.example.com", ".example.com"));
        assert!(mailbox("me@example.com", "me@EXAMPLE.com") && !mailbox("you@example.com", "me@example.com"));
        assert_eq!(host_of("https://me@a.example:8443/x?y"), Some("a.example"));
        assert_eq!(host_of("urn:x"), None);
        assert!(address(&[10, 9, 8, 7], &[10, 9, 0, 0, 255, 255, 0, 0]));
        assert!(!address(&[10, 8, 8, 7], &[10, 9, 0, 0, 255, 255, 0, 0]));
        assert!(!address(&[10, 9, 8, 7], &[0; 32]));
    }
}
