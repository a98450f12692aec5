//! authenticatorGetInfo (CTAP 2.1 §6.4).

use std::borrow::Cow;

use super::message::{Element, MemberError, message, response};
use crate::crypto::Algorithm;
use crate::encoding::cbor::{Value, Writer};
use crate::webauthn::{Aaguid, Transport};

response! {
    /// The response. A list that is empty is not told.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct GetInfoResponse {
        /// The protocol versions, as `FIDO_2_1`.
        versions: Vec<Cow<'static, str>> = 0x01,
        /// The extensions that it has.
        extensions: Vec<Cow<'static, str>> = [0x02],
        /// The authenticator's model.
        aaguid: Aaguid = 0x03,
        /// What the authenticator can do.
        options: InfoOptions = [0x04],
        /// The longest message that it takes, in bytes; `None` stands for 1,024.
        max_msg_size: Option<u64> = 0x05,
        /// The numbers of the PIN/UV auth protocols, the most preferred first.
        pin_uv_auth_protocols: Vec<u64> = [0x06],
        /// The longest list of credentials that it takes.
        max_credential_count_in_list: Option<u64> = 0x07,
        /// The longest credential id that it takes, in bytes.
        max_credential_id_length: Option<u64> = 0x08,
        /// How a client may reach it, as far as this library knows the ways.
        transports: Vec<Transport> = [0x09],
        /// What its credentials sign with, the most preferred first, as far as this library knows the algorithms.
        algorithms: Vec<Algorithm> = [0x0a],
        /// The room for large blobs, in bytes.
        max_serialized_large_blob_array: Option<u64> = 0x0b,
        /// Whether the PIN has to be changed before it gives a token.
        force_pin_change: Option<bool> = 0x0c,
        /// The least length of a PIN, in code points.
        min_pin_length: Option<u64> = 0x0d,
        /// The version of its firmware.
        firmware_version: Option<u64> = 0x0e,
        /// The longest blob of `credBlob`, in bytes.
        max_cred_blob_length: Option<u64> = 0x0f,
        /// How many RP IDs may be told the least length of a PIN.
        max_rp_ids_for_set_min_pin_length: Option<u64> = 0x10,
        /// How often a platform should try built-in user verification before it asks for a PIN.
        preferred_platform_uv_attempts: Option<u64> = 0x11,
        /// How it verifies users by itself, as flags of the FIDO Registry of Predefined Values §3.1.
        uv_modality: Option<u64> = 0x12,
        /// Its certifications, and the level of each.
        certifications: Certifications = [0x13],
        /// An estimate of how many discoverable credentials it has room for.
        remaining_discoverable_credentials: Option<u64> = 0x14,
        /// The vendor's sub-commands of authenticatorConfig.
        vendor_prototype_config_commands: Option<Vec<u64>> = 0x15,
        /// The attestation statement formats that it makes.
        attestation_formats: Vec<Cow<'static, str>> = [0x16],
        /// How often it verified its user by itself since the PIN was last entered.
        uv_count_since_last_pin_entry: Option<u64> = 0x17,
        /// Whether a reset takes a long touch.
        long_touch_for_reset: Option<bool> = 0x18,
        /// What holders of the persistent token know it by: an initialisation vector and a ciphertext.
        enc_identifier: Option<Vec<u8>> = 0x19,
        /// The transports by which it can be reset.
        transports_for_reset: Vec<Transport> = [0x1a],
        /// Whether PINs have to be complex; `None` where it has no such rule.
        pin_complexity_policy: Option<bool> = 0x1b,
        /// Where that rule is described.
        pin_complexity_policy_url: Option<Vec<u8>> = 0x1c,
        /// The greatest length of a PIN, in code points.
        max_pin_length: Option<u64> = 0x1d,
        /// What holders of the persistent token know the state of its credentials by, as `enc_identifier`.
        enc_cred_store_state: Option<Vec<u8>> = 0x1e,
        /// The sub-commands of authenticatorConfig.
        authenticator_config_commands: Vec<u64> = [0x1f],
    }
}

impl GetInfoResponse {
    /// The response of an authenticator that says no more than it must.
    #[must_use]
    pub fn new(versions: Vec<Cow<'static, str>>, aaguid: Aaguid) -> Self {
        Self {
            versions,
            aaguid,
            extensions: Vec::new(),
            options: InfoOptions::default(),
            max_msg_size: None,
            pin_uv_auth_protocols: Vec::new(),
            max_credential_count_in_list: None,
            max_credential_id_length: None,
            transports: Vec::new(),
            algorithms: Vec::new(),
            max_serialized_large_blob_array: None,
            force_pin_change: None,
            min_pin_length: None,
            firmware_version: None,
            max_cred_blob_length: None,
            max_rp_ids_for_set_min_pin_length: None,
            preferred_platform_uv_attempts: None,
            uv_modality: None,
            certifications: Certifications::default(),
            remaining_discoverable_credentials: None,
            vendor_prototype_config_commands: None,
            attestation_formats: Vec::new(),
            uv_count_since_last_pin_entry: None,
            long_touch_for_reset: None,
            enc_identifier: None,
            transports_for_reset: Vec::new(),
            pin_complexity_policy: None,
            pin_complexity_policy_url: None,
            max_pin_length: None,
            enc_cred_store_state: None,
            authenticator_config_commands: Vec::new(),
        }
    }
}

/// Names, each with a value, in canonical order: shorter names first.
macro_rules! by_name {
    ($(#[$meta:meta])* $name:ident of $value:ty) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct $name(Vec<(Cow<'static, str>, $value)>);

        impl $name {
            /// Sets the value of a name.
            pub fn set(&mut self, name: impl Into<Cow<'static, str>>, value: $value) {
                let name = name.into();
                self.remove(&name);
                let before = |known: &str| (known.len(), known) < (name.len(), &*name);
                let at = self.0.partition_point(|(known, _)| before(known));
                self.0.insert(at, (name, value));
            }

            /// Takes a name out.
            pub fn remove(&mut self, name: &str) {
                self.0.retain(|(known, _)| known != name);
            }

            /// The value of a name.
            #[must_use]
            pub fn get(&self, name: &str) -> Option<$value> {
                self.0.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
            }

            /// Every name and its value.
            pub fn iter(&self) -> impl Iterator<Item = (&str, $value)> {
                self.0.iter().map(|(name, value)| (&**name, *value))
            }
        }

        impl Element for $name {
            const KIND: &'static str = "a map of names";

            fn write(&self, writer: &mut Writer) {
                writer.map(self.0.len());
                for (name, value) in &self.0 {
                    writer.text(name);
                    value.write(writer);
                }
            }

            fn read(value: &Value<'_>) -> Result<Self, MemberError> {
                let entries = value.as_map().ok_or_else(|| MemberError::wrong_type(value, Self::KIND))?;
                let mut read = Self::default();
                for (name, value) in entries {
                    let name = name.as_text().ok_or_else(|| MemberError::wrong_type(name, "a name"))?;
                    read.set(name.to_owned(), Element::read(value)?);
                }
                Ok(read)
            }
        }
    };
}

by_name! {
    /// The options of getInfo. What an option means where it is not there depends on the option.
    InfoOptions of bool
}

by_name! {
    /// Certifications and their levels.
    Certifications of u64
}

impl Element for Aaguid {
    const KIND: &'static str = "16 bytes";

    fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.0);
    }

    fn read(value: &Value<'_>) -> Result<Self, MemberError> {
        Element::read(value).map(Self)
    }
}

/// Ways that this library does not know are passed over.
impl Element for Transport {
    const KIND: &'static str = "a transport";

    fn write(&self, writer: &mut Writer) {
        writer.text(self.as_str());
    }

    fn read(value: &Value<'_>) -> Result<Self, MemberError> {
        Self::read_item(value)?.ok_or_else(|| MemberError::wrong_type(value, Self::KIND))
    }

    fn read_item(value: &Value<'_>) -> Result<Option<Self>, MemberError> {
        let name = value.as_text().ok_or_else(|| MemberError::wrong_type(value, "a text string"))?;
        Ok(Self::from_name(name))
    }
}

message! {
    struct CredentialParameters {
        alg: Integer = "alg",
        r#type: String = "type",
    }
}

/// A COSE algorithm identifier.
struct Integer(i64);

impl Element for Integer {
    const KIND: &'static str = "an integer";

    fn write(&self, writer: &mut Writer) {
        writer.int(self.0);
    }

    fn read(value: &Value<'_>) -> Result<Self, MemberError> {
        value.as_int().map(Self).ok_or_else(|| MemberError::wrong_type(value, Self::KIND))
    }
}

/// A PublicKeyCredentialParameters. Algorithms that this library does not know are passed over.
impl Element for Algorithm {
    const KIND: &'static str = "an algorithm";

    fn write(&self, writer: &mut Writer) {
        let alg = Integer(self.cose_identifier());
        CredentialParameters { alg, r#type: "public-key".to_owned() }.write(writer);
    }

    fn read(value: &Value<'_>) -> Result<Self, MemberError> {
        Self::read_item(value)?.ok_or_else(|| MemberError::wrong_type(value, Self::KIND))
    }

    fn read_item(value: &Value<'_>) -> Result<Option<Self>, MemberError> {
        Ok(Self::from_cose_identifier(CredentialParameters::read(value)?.alg.0))
    }
}
