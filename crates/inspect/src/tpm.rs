//! TPMS_ATTEST and TPMT_PUBLIC (TCG, TPM 2.0 Library, Part 2: Structures), field by field.

use std::ops::Range;

use super::tree::{Node, count, slice};

/// `certInfo`.
pub fn attest(bytes: &[u8], range: Range<usize>) -> Node {
    structure("certInfo", "TPMS_ATTEST", bytes, range, |fields| {
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
        if kind == 0x8017 {
            fields.name("attested.name")?;
            fields.name("attested.qualifiedName")?;
        }
        Ok(())
    })
}

/// `pubArea`.
pub fn public(bytes: &[u8], range: Range<usize>) -> Node {
    structure("pubArea", "TPMT_PUBLIC", bytes, range, |fields| {
        let kind = fields.algorithm("type")?;
        fields.algorithm("nameAlg")?;
        let attributes = fields.number("objectAttributes", 4)?;
        fields.means(object_attributes(attributes));
        fields.sized("authPolicy")?;
        if !matches!(kind, 0x0001 | 0x0023) {
            return Err("a type other than RSA and ECC".into());
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
        if kind == 0x0001 {
            fields.count("parameters.keyBits", 2)?;
            if fields.count("parameters.exponent", 4)? == 0 {
                fields.means("stands for 65,537");
            }
            return fields.sized("unique.rsa");
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
        fields.sized("unique.y")
    })
}

fn structure(
    name: &str,
    kind: &str,
    bytes: &[u8],
    range: Range<usize>,
    read: impl Fn(&mut Fields<'_>) -> Result<(), String>,
) -> Node {
    let mut fields = Fields { bytes, rest: range.clone(), nodes: Vec::new() };
    let end = read(&mut fields);
    let rest = fields.rest.clone();
    let node = Node::new(name).word(kind).at(range).with_all(fields.nodes);
    let left = |name: &str| Node::new(name).data(slice(bytes, rest.clone())).at(rest.clone());
    match end {
        Ok(()) if rest.is_empty() => node,
        Ok(()) => node.with(left("more")).stop(format!("{} more", count(rest.len(), "byte", "bytes"))),
        Err(why) if rest.is_empty() => node.stop(why),
        Err(why) => node.with(left("not read")).stop(why),
    }
}

/// Big-endian fields, one after the other.
struct Fields<'a> {
    bytes: &'a [u8],
    rest: Range<usize>,
    nodes: Vec<Node>,
}

impl<'a> Fields<'a> {
    fn take(&mut self, field: &str, length: usize) -> Result<(&'a [u8], Range<usize>), String> {
        let start = self.rest.start;
        if length > self.rest.len() {
            let left = count(self.rest.len(), "byte", "bytes");
            return Err(format!("stops at offset {start:#06x}: {left} for {field}, which has {length}"));
        }
        self.rest.start = start + length;
        Ok((slice(self.bytes, start..start + length), start..start + length))
    }

    fn integer(&mut self, field: &str, length: usize) -> Result<(u64, Range<usize>), String> {
        let (bytes, range) = self.take(field, length)?;
        Ok((bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)), range))
    }

    /// What the field before means.
    fn means(&mut self, meaning: impl Into<String>) {
        if let Some(node) = self.nodes.last_mut() {
            node.meaning = Some(meaning.into());
        }
    }

    /// A number that identifies something, in hex.
    fn number(&mut self, field: &str, length: usize) -> Result<u64, String> {
        let (number, range) = self.integer(field, length)?;
        self.nodes
            .push(Node::new(field).word(format!("{number:#0width$x}", width = 2 + 2 * length)).at(range));
        Ok(number)
    }

    /// A number that counts something.
    fn count(&mut self, field: &str, length: usize) -> Result<u64, String> {
        let (number, range) = self.integer(field, length)?;
        self.nodes.push(Node::new(field).number(number).at(range));
        Ok(number)
    }

    /// A TPM2B: a length of two bytes and as many bytes.
    fn sized(&mut self, field: &str) -> Result<(), String> {
        let (length, head) = self.integer(field, 2)?;
        let taken = self.take(field, usize::try_from(length).unwrap_or(usize::MAX));
        let (value, range) = taken.inspect_err(|_| self.rest.start = head.start)?;
        self.nodes.push(Node::new(field).data(value).at(head.start..range.end));
        Ok(())
    }

    /// A TPM2B_NAME: a hash algorithm and a hash.
    fn name(&mut self, field: &str) -> Result<(), String> {
        self.sized(field)?;
        let hash = match self.nodes.last().map(|node| &node.value) {
            Some(super::tree::Value::Bytes(bytes)) => match bytes.as_slice() {
                [high, low, _, ..] => Some(u64::from(*high) << 8 | u64::from(*low)),
                _ => None,
            },
            _ => None,
        };
        if let Some(hash) = hash {
            self.means(format!("by {}", algorithm(hash)));
        }
        Ok(())
    }

    fn algorithm(&mut self, field: &str) -> Result<u64, String> {
        let identifier = self.number(field, 2)?;
        self.means(algorithm(identifier));
        Ok(identifier)
    }

    /// A scheme: an algorithm and its hash, but for those without one.
    fn scheme(&mut self, field: &str) -> Result<(), String> {
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
