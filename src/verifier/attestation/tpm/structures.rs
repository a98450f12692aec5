//! TPMS_ATTEST and TPMT_PUBLIC (TCG, TPM 2.0 Library, Part 2: Structures, §10.12.8 and §12.2.4).

use std::fmt;

/// TPMS_ATTEST: what a TPM signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attest {
    /// TPM_GENERATED_VALUE, if the TPM made the structure.
    pub magic: u32,
    /// What kind of structure it attests; 0x8017 is a certification.
    pub structure: u16,
    /// The name of the signing key.
    pub qualified_signer: Vec<u8>,
    /// Data of the caller's.
    pub extra_data: Vec<u8>,
    /// TPMS_CLOCK_INFO: clock, reset and restart counts, and whether the clock is safe.
    pub clock_info: [u8; 17],
    /// The vendor's version of its firmware.
    pub firmware_version: u64,
    /// The name of the object that is certified, in a certification.
    pub name: Option<Vec<u8>>,
    /// Its qualified name.
    pub qualified_name: Option<Vec<u8>>,
}

/// TPMT_PUBLIC: a public key and what it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Public {
    /// TPM_ALG_ID of the hash in the object's name.
    pub name_algorithm: u16,
    /// TPMA_OBJECT.
    pub object_attributes: u32,
    /// The policy of its use.
    pub auth_policy: Vec<u8>,
    /// The key.
    pub parameters: PublicParameters,
}

/// TPMU_PUBLIC_PARMS and TPMU_PUBLIC_ID for the two types of keys that WebAuthn knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicParameters {
    /// An RSA key.
    Rsa {
        /// The bits of the modulus.
        key_bits: u16,
        /// The public exponent; 0 stands for 65,537.
        exponent: u32,
        /// The modulus.
        modulus: Vec<u8>,
    },
    /// A point on a curve.
    Ecc {
        /// TPM_ECC_CURVE: 3 is P-256, 4 P-384, 5 P-521.
        curve: u16,
        /// The x coordinate.
        x: Vec<u8>,
        /// The y coordinate.
        y: Vec<u8>,
    },
}

const ATTEST_CERTIFY: u16 = 0x8017;
const ALG_RSA: u16 = 0x0001;
const ALG_ECC: u16 = 0x0023;
const ALG_NULL: u16 = 0x0010;
const ALG_RSAES: u16 = 0x0015;
const ALG_ECDAA: u16 = 0x001a;
const ALG_XOR: u16 = 0x000a;

impl Attest {
    /// Reads a TPMS_ATTEST.
    ///
    /// # Errors
    /// [`StructureError`]: the field and what was found.
    pub fn parse(bytes: &[u8]) -> Result<Self, StructureError> {
        let mut fields = Fields { rest: bytes };
        let magic = fields.u32("magic")?;
        let structure = fields.u16("type")?;
        let qualified_signer = fields.sized("qualifiedSigner")?;
        let extra_data = fields.sized("extraData")?;
        let clock_info = fields.array("clockInfo")?;
        let firmware_version = u64::from_be_bytes(fields.array("firmwareVersion")?);
        let (name, qualified_name) = match structure {
            ATTEST_CERTIFY => {
                let names = (fields.sized("attested.name")?, fields.sized("attested.qualifiedName")?);
                fields.end()?;
                (Some(names.0), Some(names.1))
            }
            // Other structures attest other things, which nobody here looks at.
            _ => (None, None),
        };
        Ok(Self {
            magic,
            structure,
            qualified_signer,
            extra_data,
            clock_info,
            firmware_version,
            name,
            qualified_name,
        })
    }
}

impl Public {
    /// Reads a TPMT_PUBLIC.
    ///
    /// # Errors
    /// [`StructureError`]: the field and what was found.
    pub fn parse(bytes: &[u8]) -> Result<Self, StructureError> {
        let mut fields = Fields { rest: bytes };
        let key_type = fields.u16("type")?;
        let name_algorithm = fields.u16("nameAlg")?;
        let object_attributes = fields.u32("objectAttributes")?;
        let auth_policy = fields.sized("authPolicy")?;
        if !matches!(key_type, ALG_RSA | ALG_ECC) {
            return Err(StructureError { field: "type", found: format!("{key_type:#06x}") });
        }
        fields.symmetric()?;
        fields.scheme("parameters.scheme")?;
        let parameters = match key_type {
            ALG_RSA => PublicParameters::Rsa {
                key_bits: fields.u16("parameters.keyBits")?,
                exponent: fields.u32("parameters.exponent")?,
                modulus: fields.sized("unique.rsa")?,
            },
            _ => {
                let curve = fields.u16("parameters.curveID")?;
                fields.scheme("parameters.kdf")?;
                PublicParameters::Ecc { curve, x: fields.sized("unique.x")?, y: fields.sized("unique.y")? }
            }
        };
        fields.end()?;
        Ok(Self { name_algorithm, object_attributes, auth_policy, parameters })
    }
}

/// Big-endian fields, one after the other.
struct Fields<'a> {
    rest: &'a [u8],
}

impl Fields<'_> {
    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], StructureError> {
        let Some((value, rest)) = self.rest.split_first_chunk::<N>() else {
            return Err(StructureError {
                field,
                found: format!("{} bytes, fewer than {N}", self.rest.len()),
            });
        };
        self.rest = rest;
        Ok(*value)
    }

    fn u16(&mut self, field: &'static str) -> Result<u16, StructureError> {
        Ok(u16::from_be_bytes(self.array(field)?))
    }

    fn u32(&mut self, field: &'static str) -> Result<u32, StructureError> {
        Ok(u32::from_be_bytes(self.array(field)?))
    }

    /// A TPM2B: a length of two bytes and as many bytes.
    fn sized(&mut self, field: &'static str) -> Result<Vec<u8>, StructureError> {
        let length = usize::from(self.u16(field)?);
        let Some((value, rest)) = self.rest.split_at_checked(length) else {
            let found = format!("{} bytes, fewer than the {length} that are told", self.rest.len());
            return Err(StructureError { field, found });
        };
        self.rest = rest;
        Ok(value.to_vec())
    }

    /// TPMT_SYM_DEF_OBJECT: an algorithm and, if it is not null, key bits and a mode.
    fn symmetric(&mut self) -> Result<(), StructureError> {
        match self.u16("parameters.symmetric")? {
            ALG_NULL => {}
            ALG_XOR => {
                self.u16("parameters.symmetric.hashAlg")?;
            }
            _ => {
                self.u16("parameters.symmetric.keyBits")?;
                self.u16("parameters.symmetric.mode")?;
            }
        }
        Ok(())
    }

    /// A scheme: an algorithm and its hash, but for those without one.
    fn scheme(&mut self, field: &'static str) -> Result<(), StructureError> {
        match self.u16(field)? {
            ALG_NULL | ALG_RSAES => {}
            ALG_ECDAA => {
                self.u16(field)?;
                self.u16(field)?;
            }
            _ => {
                self.u16(field)?;
            }
        }
        Ok(())
    }

    fn end(&self) -> Result<(), StructureError> {
        match self.rest.len() {
            0 => Ok(()),
            more => Err(StructureError { field: "end", found: format!("{more} bytes more") }),
        }
    }
}

/// Where bytes depart from the structure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StructureError {
    /// The field, as the TCG names it.
    pub field: &'static str,
    /// What was found.
    pub found: String,
}

impl fmt::Display for StructureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.found, self.field)
    }
}

impl std::error::Error for StructureError {}
