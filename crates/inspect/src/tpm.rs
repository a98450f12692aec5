//! TPMS_ATTEST and TPMT_PUBLIC (TCG, TPM 2.0 Library, Part 2: Structures, §10.12.8 and §12.2.4), field by field.

use std::ops::Range;

use super::cbor::Stop;
use super::diagnostic::left_over;
use super::text::{big_endian, count, slice};
use super::tree::Node;

/// The type of TPMT_PUBLIC that is an RSA key.
pub const RSA: u64 = 0x0001;
/// The type of TPMT_PUBLIC that is a point on a curve.
pub const ECC: u64 = 0x0023;
/// The type of TPMS_ATTEST that is a certification.
pub const ATTEST_CERTIFY: u64 = 0x8017;

/// A structure, as far as it could be read.
#[derive(Debug, Clone)]
pub struct Structure<'a> {
    /// Its fields in order.
    pub fields: Vec<Field<'a>>,
    /// Why the reader went no further.
    pub stop: Option<Stop>,
    /// Where the bytes stand that were not read.
    pub rest: Range<usize>,
}

/// A field of a structure.
#[derive(Debug, Clone)]
pub struct Field<'a> {
    /// Its name, as the TCG has it: `attested.name`, `parameters.keyBits`.
    pub name: String,
    /// Its bytes; those behind the length, if it has one.
    pub bytes: &'a [u8],
    /// Where it stands, its length included.
    pub range: Range<usize>,
    shown: Shown,
    meaning: Option<String>,
}

/// How a field is shown.
#[derive(Debug, Clone, Copy)]
enum Shown {
    /// A number that identifies something, in hex.
    Identifier,
    /// A number that counts something.
    Count,
    Bytes,
}

impl<'a> Structure<'a> {
    /// The bytes of a field.
    #[must_use]
    pub fn bytes(&self, name: &str) -> Option<&'a [u8]> {
        self.fields.iter().find(|field| field.name == name).map(|field| field.bytes)
    }

    /// The number in a field of at most eight bytes.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u64> {
        self.bytes(name).filter(|bytes| bytes.len() <= 8).map(big_endian)
    }

    fn node(self, name: &str, kind: &str, bytes: &[u8], range: Range<usize>) -> Node {
        let fields = self.fields.iter().map(Field::node);
        let node = Node::new(name).word(kind).at(range).with_all(fields);
        match self.stop {
            Some(stop) => left_over(node, bytes, self.rest, Some(stop.to_string())),
            None if self.rest.is_empty() => node,
            None => {
                let more = format!("{} more", count(self.rest.len(), "byte", "bytes"));
                left_over(node, bytes, self.rest, None).stop(more)
            }
        }
    }
}

impl Field<'_> {
    fn node(&self) -> Node {
        let node =
            Node { meaning: self.meaning.clone(), ..Node::new(self.name.as_str()).at(self.range.clone()) };
        let number = big_endian(self.bytes);
        match self.shown {
            Shown::Identifier => node.word(format!("{number:#0width$x}", width = 2 + 2 * self.bytes.len())),
            Shown::Count => node.number(number),
            Shown::Bytes => node.data(self.bytes),
        }
    }
}

/// `certInfo` as a tree.
#[must_use]
pub fn attest_node(bytes: &[u8], range: Range<usize>) -> Node {
    attest(bytes, range.clone()).node("certInfo", "TPMS_ATTEST", bytes, range)
}

/// `pubArea` as a tree.
#[must_use]
pub fn public_node(bytes: &[u8], range: Range<usize>) -> Node {
    public(bytes, range.clone()).node("pubArea", "TPMT_PUBLIC", bytes, range)
}

/// Reads a TPMS_ATTEST. What another structure than a certification attests is left in the rest.
#[must_use]
pub fn attest(bytes: &[u8], range: Range<usize>) -> Structure<'_> {
    structure(bytes, range, |fields| {
        let magic = fields.number("magic", 4)?;
        fields.means(if magic == 0xff54_4347 { "TPM_GENERATED_VALUE" } else { "not TPM_GENERATED_VALUE" });
        let kind = fields.number("type", 2)?;
        fields.means(match kind {
            0x8014 => "TPM_ST_ATTEST_NV",
            0x8017 => "TPM_ST_ATTEST_CERTIFY",
            0x8018 => "TPM_ST_ATTEST_QUOTE",
            0x801a => "TPM_ST_ATTEST_CREATION",
            _ => "unknown",
        });
        fields.name("qualifiedSigner")?;
        fields.sized("extraData")?;
        fields.count("clock", 8)?;
        fields.means("milliseconds");
        fields.count("resetCount", 4)?;
        fields.count("restartCount", 4)?;
        let safe = fields.number("safe", 1)?;
        fields.means(if safe == 0 { "no" } else { "yes" });
        fields.number("firmwareVersion", 8)?;
        if kind == ATTEST_CERTIFY {
            fields.name("attested.name")?;
            fields.name("attested.qualifiedName")?;
        }
        Ok(())
    })
}

/// Reads a TPMT_PUBLIC of an RSA or ECC key.
#[must_use]
pub fn public(bytes: &[u8], range: Range<usize>) -> Structure<'_> {
    structure(bytes, range, |fields| {
        let kind = fields.algorithm("type")?;
        fields.algorithm("nameAlg")?;
        let attributes = fields.number("objectAttributes", 4)?;
        fields.means(object_attributes(attributes));
        fields.sized("authPolicy")?;
        if !matches!(kind, RSA | ECC) {
            return Err(Stop { offset: fields.start, why: "a type other than RSA and ECC".into() });
        }
        match fields.algorithm("parameters.symmetric")? {
            0x0010 => {}
            0x000a => drop(fields.algorithm("parameters.symmetric.hashAlg")?),
            _ => {
                fields.count("parameters.symmetric.keyBits", 2)?;
                fields.algorithm("parameters.symmetric.mode")?;
            }
        }
        fields.scheme("parameters.scheme")?;
        if kind == RSA {
            fields.count("parameters.keyBits", 2)?;
            if fields.count("parameters.exponent", 4)? == 0 {
                fields.means("stands for 65,537");
            }
            fields.sized("unique.rsa")?;
            return Ok(());
        }
        let curve = fields.number("parameters.curveID", 2)?;
        fields.means(match curve {
            0x0001 => "TPM_ECC_NIST_P192",
            0x0002 => "TPM_ECC_NIST_P224",
            0x0003 => "TPM_ECC_NIST_P256",
            0x0004 => "TPM_ECC_NIST_P384",
            0x0005 => "TPM_ECC_NIST_P521",
            0x0020 => "TPM_ECC_SM2_P256",
            _ => "unknown",
        });
        fields.scheme("parameters.kdf")?;
        fields.sized("unique.x")?;
        fields.sized("unique.y")?;
        Ok(())
    })
}

fn structure<'a>(
    bytes: &'a [u8],
    range: Range<usize>,
    read: impl Fn(&mut Fields<'a>) -> Result<(), Stop>,
) -> Structure<'a> {
    let mut fields = Fields { bytes, start: range.start, rest: range, fields: Vec::new() };
    let stop = read(&mut fields).err();
    Structure { fields: fields.fields, stop, rest: fields.rest }
}

/// Big-endian fields, one after the other.
struct Fields<'a> {
    bytes: &'a [u8],
    start: usize,
    rest: Range<usize>,
    fields: Vec<Field<'a>>,
}

impl<'a> Fields<'a> {
    fn take(&mut self, field: &str, length: usize) -> Result<(&'a [u8], Range<usize>), Stop> {
        let start = self.rest.start;
        if length > self.rest.len() {
            let left = count(self.rest.len(), "byte", "bytes");
            return Err(Stop { offset: start, why: format!("{left} for {field}, which has {length}") });
        }
        self.rest.start = start + length;
        Ok((slice(self.bytes, start..start + length), start..start + length))
    }

    fn push(&mut self, name: &str, (bytes, range): (&'a [u8], Range<usize>), shown: Shown) -> u64 {
        self.fields.push(Field { name: name.to_owned(), bytes, range, shown, meaning: None });
        big_endian(bytes)
    }

    /// Says what the field before means.
    fn means(&mut self, meaning: impl Into<String>) {
        if let Some(field) = self.fields.last_mut() {
            field.meaning = Some(meaning.into());
        }
    }

    /// A number that identifies something.
    fn number(&mut self, field: &str, length: usize) -> Result<u64, Stop> {
        let taken = self.take(field, length)?;
        Ok(self.push(field, taken, Shown::Identifier))
    }

    /// A number that counts something.
    fn count(&mut self, field: &str, length: usize) -> Result<u64, Stop> {
        let taken = self.take(field, length)?;
        Ok(self.push(field, taken, Shown::Count))
    }

    /// A TPM2B: a length of two bytes and as many bytes.
    fn sized(&mut self, field: &str) -> Result<&'a [u8], Stop> {
        let (length, head) = self.take(field, 2)?;
        let length = usize::try_from(big_endian(length)).unwrap_or(usize::MAX);
        let taken = self.take(field, length);
        let (value, range) = taken.inspect_err(|_| self.rest.start = head.start)?;
        self.push(field, (value, head.start..range.end), Shown::Bytes);
        Ok(value)
    }

    /// A TPM2B_NAME: a hash algorithm and a hash.
    fn name(&mut self, field: &str) -> Result<(), Stop> {
        if let [high, low, _, ..] = self.sized(field)? {
            self.means(format!("by {}", algorithm(u64::from(u16::from_be_bytes([*high, *low])))));
        }
        Ok(())
    }

    fn algorithm(&mut self, field: &str) -> Result<u64, Stop> {
        let identifier = self.number(field, 2)?;
        self.means(algorithm(identifier));
        Ok(identifier)
    }

    /// A scheme: an algorithm and its hash, but for those without one.
    fn scheme(&mut self, field: &str) -> Result<(), Stop> {
        match self.algorithm(field)? {
            0x0010 | 0x0015 => {}
            0x001a => {
                self.algorithm(&format!("{field}.hashAlg"))?;
                self.count(&format!("{field}.count"), 2)?;
            }
            _ => drop(self.algorithm(&format!("{field}.hashAlg"))?),
        }
        Ok(())
    }
}

/// TPM_ALG_ID (§6.3).
fn algorithm(identifier: u64) -> &'static str {
    match identifier {
        0x0001 => "TPM_ALG_RSA",
        0x0004 => "TPM_ALG_SHA1",
        0x0006 => "TPM_ALG_AES",
        0x000a => "TPM_ALG_XOR",
        0x000b => "TPM_ALG_SHA256",
        0x000c => "TPM_ALG_SHA384",
        0x000d => "TPM_ALG_SHA512",
        0x0010 => "TPM_ALG_NULL",
        0x0014 => "TPM_ALG_RSASSA",
        0x0015 => "TPM_ALG_RSAES",
        0x0016 => "TPM_ALG_RSAPSS",
        0x0018 => "TPM_ALG_ECDSA",
        0x001a => "TPM_ALG_ECDAA",
        0x0023 => "TPM_ALG_ECC",
        0x0043 => "TPM_ALG_CFB",
        _ => "unknown",
    }
}

/// TPMA_OBJECT (§8.3).
fn object_attributes(attributes: u64) -> String {
    const NAMES: [(u32, &str); 11] = [
        (1, "fixedTPM"),
        (2, "stClear"),
        (4, "fixedParent"),
        (5, "sensitiveDataOrigin"),
        (6, "userWithAuth"),
        (7, "adminWithPolicy"),
        (10, "noDA"),
        (11, "encryptedDuplication"),
        (16, "restricted"),
        (17, "decrypt"),
        (18, "sign"),
    ];
    let set: Vec<&str> =
        NAMES.iter().filter(|(bit, _)| attributes >> bit & 1 == 1).map(|(_, name)| *name).collect();
    if set.is_empty() { "none set".into() } else { set.join(", ") }
}
