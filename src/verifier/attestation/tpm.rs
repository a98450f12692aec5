//! `tpm` (WebAuthn L3 §8.3).

use der::asn1::ObjectIdentifier;
use sha2::{Digest, Sha256, Sha384, Sha512};
use stuntkey_inspect::cbor::Item;
use stuntkey_inspect::tpm::{self, ATTEST_CERTIFY, Structure};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{ExtendedKeyUsage, SubjectAltName};

use super::{
    AttestationType, Evidence, Examined, aaguid_extension, alg, bytes, first_certificate, no_authority, only,
    signed_by, text, version_3, x5c,
};
use crate::crypto::Algorithm;
use crate::verifier::cbor;
use crate::verifier::certificate::Certificate;
use crate::verifier::check::Check;
use crate::verifier::judge::{Judge, Place, hex};
use crate::verifier::key_type::KeyType;
use crate::verifier::primitive::{RsaValue, without_leading_zeros};

/// TPM_GENERATED_VALUE (TPM 2.0 Part 2 §6.2).
const GENERATED_VALUE: u64 = 0xff54_4347;
/// tcg-kp-AIKCertificate.
const AIK_CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.133.8.3");
/// The attributes in a TPM's subject alternative name (TCG EK Credential Profile §3.2.9).
const TPM_ATTRIBUTES: [(ObjectIdentifier, &str); 3] = [
    (ObjectIdentifier::new_unwrap("2.23.133.2.1"), "tpmManufacturer"),
    (ObjectIdentifier::new_unwrap("2.23.133.2.2"), "tpmModel"),
    (ObjectIdentifier::new_unwrap("2.23.133.2.3"), "tpmVersion"),
];

struct Statement {
    version: String,
    algorithm: Algorithm,
    signature: Vec<u8>,
    x5c: Vec<Vec<u8>>,
    cert_info: Vec<u8>,
    pub_area: Vec<u8>,
}

fn read(statement: &Item<'_>) -> Result<Statement, String> {
    only(statement, &["ver", "alg", "x5c", "sig", "certInfo", "pubArea"])?;
    Ok(Statement {
        version: text(statement, "ver")?,
        algorithm: alg(statement)?,
        signature: bytes(statement, "sig")?,
        x5c: x5c(statement)?,
        cert_info: bytes(statement, "certInfo")?,
        pub_area: bytes(statement, "pubArea")?,
    })
}

pub(super) fn verify(
    judge: &mut Judge<'_>,
    statement: &Item<'_>,
    evidence: &Evidence<'_>,
) -> Option<Examined> {
    let expected = "ver, alg, x5c, sig, certInfo and pubArea";
    let statement = judge.require(Check::TpmSyntax, read(statement), expected)?;
    let version = &statement.version;
    judge.check(Check::TpmVersion, version == "2.0", || format!("{version:?}"), "\"2.0\"");
    examine_pub_area(judge, &statement.pub_area, evidence);
    examine_cert_info(judge, &statement, evidence);
    let leaf = first_certificate(judge, Check::TpmCertificateReadable, &statement.x5c);
    if let Some(leaf) = &leaf {
        let by = (&leaf.key, statement.algorithm);
        signed_by(judge, Check::TpmSignature, by, evidence, &[&statement.cert_info], &statement.signature);
        judge.within(Place::Certificate(0), |judge| examine_certificate(judge, leaf, evidence));
    }
    Some(Examined::of("tpm", AttestationType::BasicOrAttestationCa).with(statement.x5c, leaf))
}

/// Refuses a structure that could not be read to its end; the error says where the reader stopped.
fn whole(structure: Structure<'_>) -> Result<Structure<'_>, String> {
    match &structure.stop {
        Some(stop) => Err(cbor::place(stop)),
        None => Ok(structure),
    }
}

/// Refuses such a structure, and bytes behind one.
fn alone(structure: Structure<'_>) -> Result<Structure<'_>, String> {
    match structure.rest.len() {
        0 => whole(structure),
        more if structure.stop.is_none() => Err(format!("{more} bytes more at the end")),
        _ => whole(structure),
    }
}

fn examine_pub_area(judge: &mut Judge<'_>, pub_area: &[u8], evidence: &Evidence<'_>) {
    let public = alone(tpm::public(pub_area, 0..pub_area.len()));
    let Some(public) = judge.require(Check::TpmPubArea, public, "a TPMT_PUBLIC of an RSA or ECC key") else {
        return;
    };
    if let Some((key, _)) = evidence.key {
        let found = || {
            public_value(&public).map_or_else(
                || "another curve".into(),
                |(key_type, value)| format!("{key_type} {}", hex(&value)),
            )
        };
        let holds = public_value(&public)
            .is_some_and(|(key_type, value)| key.key_type() == key_type && key.value() == value);
        judge.check(Check::TpmPubAreaKey, holds, found, format_args!("{key:?}"));
    }
}

/// The type of the key in a public area, and its value as [`VerifyingKey::value`](crate::verifier::VerifyingKey) has
/// it. `None` for a curve that WebAuthn does not know.
fn public_value(public: &Structure<'_>) -> Option<(KeyType, Vec<u8>)> {
    if let Some(modulus) = public.bytes("unique.rsa") {
        // Zero stands for the default exponent (TPM 2.0 Part 2 §12.2.3.5).
        let exponent = match public.number("parameters.exponent")? {
            0 => 65_537,
            exponent => exponent,
        };
        return Some((KeyType::Rsa, RsaValue::write(modulus, &exponent.to_be_bytes())));
    }
    let (key_type, length) = match public.number("parameters.curveID")? {
        0x0003 => (KeyType::P256, 32),
        0x0004 => (KeyType::P384, 48),
        0x0005 => (KeyType::P521, 66),
        _ => return None,
    };
    let (x, y) = (pad(public.bytes("unique.x")?, length)?, pad(public.bytes("unique.y")?, length)?);
    Some((key_type, [&[4], x.as_slice(), &y].concat()))
}

fn pad(number: &[u8], length: usize) -> Option<Vec<u8>> {
    let number = without_leading_zeros(number);
    Some([vec![0; length.checked_sub(number.len())?].as_slice(), number].concat())
}

fn examine_cert_info(judge: &mut Judge<'_>, statement: &Statement, evidence: &Evidence<'_>) {
    let cert_info = tpm::attest(&statement.cert_info, 0..statement.cert_info.len());
    // Structures other than a certification attest other things, which WebAuthn does not look at.
    let attest = match cert_info.number("type") {
        Some(ATTEST_CERTIFY) => alone(cert_info),
        _ => whole(cert_info),
    };
    let Some(attest) = judge.require(Check::TpmCertInfo, attest, "a TPMS_ATTEST") else { return };
    let magic = attest.number("magic").unwrap_or_default();
    judge.check(Check::TpmMagic, magic == GENERATED_VALUE, || format!("{magic:#010x}"), "0xff544347");
    let structure = attest.number("type").unwrap_or_default();
    judge.check(Check::TpmType, structure == ATTEST_CERTIFY, || format!("{structure:#06x}"), "0x8017");
    let wanted = signature_hash(statement.algorithm, &evidence.signed().concat());
    let extra_data = attest.bytes("extraData").unwrap_or_default();
    let holds = wanted.as_deref() == Some(extra_data);
    let expected =
        wanted.map_or_else(|| format!("an algorithm with a hash, not {}", statement.algorithm), |w| hex(&w));
    judge.check(Check::TpmExtraData, holds, || hex(extra_data), expected);
    // Only a certification has an attested name.
    let Some(name) = attest.bytes("attested.name") else { return };
    let public = alone(tpm::public(&statement.pub_area, 0..statement.pub_area.len()));
    let wanted = public.ok().and_then(|public| tpm_name(public.number("nameAlg")?, &statement.pub_area));
    let holds = wanted.as_deref() == Some(name);
    let expected = wanted
        .map_or_else(|| "the name of a pubArea with a hash that is known".to_owned(), |wanted| hex(&wanted));
    judge.check(Check::TpmName, holds, || hex(name), expected);
}

/// The hash that a signature algorithm uses.
fn signature_hash(algorithm: Algorithm, message: &[u8]) -> Option<Vec<u8>> {
    Some(match algorithm {
        Algorithm::Es256 | Algorithm::Es256k | Algorithm::Rs256 | Algorithm::Ps256 => {
            Sha256::digest(message).to_vec()
        }
        Algorithm::Es384 | Algorithm::Rs384 | Algorithm::Ps384 => Sha384::digest(message).to_vec(),
        Algorithm::Es512 | Algorithm::Rs512 | Algorithm::Ps512 => Sha512::digest(message).to_vec(),
        Algorithm::Rs1 => sha1::Sha1::digest(message).to_vec(),
        _ => return None,
    })
}

/// The name of an object: its hash algorithm and the hash of its public area (TPM 2.0 Part 1 §16).
fn tpm_name(algorithm: u64, pub_area: &[u8]) -> Option<Vec<u8>> {
    let algorithm = u16::try_from(algorithm).ok()?;
    let hash = match algorithm {
        0x0004 => sha1::Sha1::digest(pub_area).to_vec(),
        0x000b => Sha256::digest(pub_area).to_vec(),
        0x000c => Sha384::digest(pub_area).to_vec(),
        0x000d => Sha512::digest(pub_area).to_vec(),
        _ => return None,
    };
    Some([algorithm.to_be_bytes().as_slice(), &hash].concat())
}

fn examine_certificate(judge: &mut Judge<'_>, leaf: &Certificate, evidence: &Evidence<'_>) {
    version_3(judge, Check::TpmCertificateVersion, leaf);
    let subject = leaf.subject();
    judge.check(
        Check::TpmCertificateSubject,
        subject.is_empty(),
        || format!("{:?}", subject.to_string()),
        "none",
    );
    let told = subject_alternative_name(leaf);
    let holds = told.is_ok();
    let expected = "a directory name with tpmManufacturer, tpmModel and tpmVersion";
    judge.check(
        Check::TpmCertificateSubjectAlternativeName,
        holds,
        || told.err().unwrap_or_default(),
        expected,
    );
    let usage = match leaf.decoded::<ExtendedKeyUsage>("extended key usage") {
        Ok(None) => Err("no extended key usage".to_owned()),
        Ok(Some(usage)) if usage.0.contains(&AIK_CERTIFICATE) => Ok(()),
        Ok(Some(usage)) => {
            let usages: Vec<String> = usage.0.iter().map(ToString::to_string).collect();
            Err(format!("the usages {}", usages.join(", ")))
        }
        Err(found) => Err(found),
    };
    let holds = usage.is_ok();
    let check = Check::TpmCertificateExtendedKeyUsage;
    judge.check(check, holds, || usage.err().unwrap_or_default(), "2.23.133.8.3");
    no_authority(judge, Check::TpmCertificateBasicConstraints, leaf);
    aaguid_extension(judge, Check::TpmCertificateAaguid, leaf, evidence);
}

/// Checks that the three attributes are there, in one relative distinguished name or in several; the error says what was found.
fn subject_alternative_name(leaf: &Certificate) -> Result<(), String> {
    let name = leaf.decoded::<SubjectAltName>("a subject alternative name")?;
    let name = name.ok_or("no subject alternative name")?;
    let directory_names = name.0.iter().filter_map(|name| match name {
        GeneralName::DirectoryName(name) => Some(name),
        _ => None,
    });
    let told: Vec<ObjectIdentifier> = directory_names.flat_map(|name| name.iter()).map(|a| a.oid).collect();
    match TPM_ATTRIBUTES.iter().find(|(oid, _)| !told.contains(oid)) {
        None => Ok(()),
        Some((_, missing)) => Err(format!("no {missing}")),
    }
}
