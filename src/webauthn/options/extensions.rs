//! Client extension inputs: `AuthenticationExtensionsClientInputsJSON` (WebAuthn L3 §5.7.1, §10.1; CTAP 2.1 §12).

use super::super::input::InputError;
use super::super::json_form::JsonForm;
use super::super::reading::Node;
use crate::encoding::base64url::encode;
use crate::encoding::json::{Json, ObjectWriter};

enumeration! {
    /// `largeBlob.support` (§10.1.5).
    LargeBlobRequirement {
        /// Only an authenticator that keeps large blobs will do.
        Required = "required",
        /// Better one that does.
        Preferred = "preferred",
    }
}

enumeration! {
    /// `credentialProtectionPolicy` (CTAP 2.1 §12.1).
    CredentialProtection {
        /// 1
        UserVerificationOptional = "userVerificationOptional",
        /// 2
        UserVerificationOptionalWithCredentialIdList = "userVerificationOptionalWithCredentialIDList",
        /// 3
        UserVerificationRequired = "userVerificationRequired",
    }
}

impl CredentialProtection {
    /// The level in CTAP: 1 to 3.
    #[must_use]
    pub const fn level(self) -> u64 {
        match self {
            Self::UserVerificationOptional => 1,
            Self::UserVerificationOptionalWithCredentialIdList => 2,
            Self::UserVerificationRequired => 3,
        }
    }
}

/// Client extension inputs that this client acts on; all others are ignored, as §5.9 says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Extensions {
    /// `credProps` (§10.1.3), in a registration.
    pub cred_props: bool,
    /// `prf` (§10.1.4).
    pub prf: Option<PrfInput>,
    /// `largeBlob` (§10.1.5).
    pub large_blob: Option<LargeBlobInputs>,
    /// `credentialProtectionPolicy` (CTAP 2.1 §12.1), in a registration.
    pub credential_protection_policy: Option<CredentialProtection>,
    /// `enforceCredentialProtectionPolicy`, the same.
    pub enforce_credential_protection_policy: bool,
    /// `credBlob` (CTAP 2.1 §12.2), in a registration: what to keep with the credential.
    pub cred_blob: Option<Vec<u8>>,
    /// `getCredBlob`, in an authentication.
    pub get_cred_blob: bool,
    /// `minPinLength` (CTAP 2.1 §12.4), in a registration.
    pub min_pin_length: bool,
    /// `hmacCreateSecret` (CTAP 2.1 §12.5), in a registration.
    pub hmac_create_secret: bool,
    /// `payment.isPayment` (Secure Payment Confirmation §5).
    pub payment: bool,
    /// `appid` (§10.1.1), in an authentication.
    pub app_id: Option<String>,
    /// `appidExclude` (§10.1.2), in a registration.
    pub app_id_exclude: Option<String>,
    /// `remoteClientDataJSON` (§10.1.6): the client data to use.
    pub remote_client_data_json: Option<String>,
}

/// The input of `prf`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PrfInput {
    /// What to evaluate the function on.
    pub eval: Option<PrfValues>,
    /// The same for single credentials, by their ids in base64url; `None` where the member is not there.
    pub eval_by_credential: Option<Vec<(String, PrfValues)>>,
}

/// One value of a pseudo-random function, or two: inputs or outputs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrfValues {
    /// The first.
    pub first: Vec<u8>,
    /// The second, if there is one.
    pub second: Option<Vec<u8>>,
}

/// The input of `largeBlob`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LargeBlobInputs {
    /// Whether the authenticator has to keep large blobs: in a registration. A word that the standard does not know is
    /// none.
    pub support: Option<LargeBlobRequirement>,
    /// Whether to read the blob: in an authentication.
    pub read: Option<bool>,
    /// The blob to write: in an authentication.
    pub write: Option<Vec<u8>>,
}

impl Extensions {
    /// The identifiers of those that a relying party asked for, as they stand in its options.
    #[must_use]
    pub fn identifiers(&self) -> Vec<&'static str> {
        let asked = [
            ("credProps", self.cred_props),
            ("prf", self.prf.is_some()),
            ("largeBlob", self.large_blob.is_some()),
            ("credProtect", self.credential_protection_policy.is_some()),
            ("credBlob", self.cred_blob.is_some()),
            ("getCredBlob", self.get_cred_blob),
            ("minPinLength", self.min_pin_length),
            ("hmacCreateSecret", self.hmac_create_secret),
            ("hmac-secret", self.hmac_create_secret || self.prf.is_some()),
            ("hmac-secret-mc", self.prf.is_some()),
            ("payment", self.payment),
            ("thirdPartyPayment", self.payment),
            ("appid", self.app_id.is_some()),
            ("appidExclude", self.app_id_exclude.is_some()),
            ("remoteClientDataJSON", self.remote_client_data_json.is_some()),
        ];
        asked.into_iter().filter(|(_, is_asked)| *is_asked).map(|(identifier, _)| identifier).collect()
    }
}

const BASE64URL: &str = "base64url";

impl JsonForm for Extensions {
    fn read(node: &Node<'_>) -> Result<Self, InputError> {
        node.object()?;
        let flag = |name| node.member(name).map_or(Ok(false), |asked| asked.boolean());
        let text = |name| node.member(name).map(|text| text.text().map(Into::into)).transpose();
        let policy = node.member("credentialProtectionPolicy");
        let payment = node.member("payment");
        Ok(Self {
            cred_props: flag("credProps")?,
            prf: node.member("prf").map(|prf| PrfInput::read(&prf)).transpose()?,
            large_blob: node.member("largeBlob").map(|blob| LargeBlobInputs::read(&blob)).transpose()?,
            credential_protection_policy: match policy {
                Some(policy) => policy.enumerated(CredentialProtection::from_name)?,
                None => None,
            },
            enforce_credential_protection_policy: flag("enforceCredentialProtectionPolicy")?,
            cred_blob: node.member("credBlob").map(|blob| blob.bytes(BASE64URL)).transpose()?,
            get_cred_blob: flag("getCredBlob")?,
            min_pin_length: flag("minPinLength")?,
            hmac_create_secret: flag("hmacCreateSecret")?,
            payment: match payment {
                Some(payment) => {
                    payment.object()?;
                    payment.member("isPayment").map_or(Ok(false), |is_payment| is_payment.boolean())?
                }
                None => false,
            },
            app_id: text("appid")?,
            app_id_exclude: text("appidExclude")?,
            remote_client_data_json: text("remoteClientDataJSON")?,
        })
    }

    fn write(&self, object: &mut ObjectWriter<'_>) {
        let mut flag = |name, asked: bool| {
            if asked {
                object.bool(name, true);
            }
        };
        flag("credProps", self.cred_props);
        flag("enforceCredentialProtectionPolicy", self.enforce_credential_protection_policy);
        flag("getCredBlob", self.get_cred_blob);
        flag("minPinLength", self.min_pin_length);
        flag("hmacCreateSecret", self.hmac_create_secret);
        if let Some(prf) = &self.prf {
            object.object("prf", |object| prf.write(object));
        }
        if let Some(blob) = &self.large_blob {
            object.object("largeBlob", |object| blob.write(object));
        }
        if let Some(policy) = self.credential_protection_policy {
            object.text("credentialProtectionPolicy", policy.as_str());
        }
        if let Some(blob) = &self.cred_blob {
            object.base64url("credBlob", blob);
        }
        if self.payment {
            object.object("payment", |payment| payment.bool("isPayment", true));
        }
        if let Some(app_id) = &self.app_id {
            object.text("appid", app_id);
        }
        if let Some(app_id) = &self.app_id_exclude {
            object.text("appidExclude", app_id);
        }
        if let Some(client_data) = &self.remote_client_data_json {
            object.text("remoteClientDataJSON", client_data);
        }
    }
}

impl JsonForm for PrfInput {
    fn read(node: &Node<'_>) -> Result<Self, InputError> {
        node.object()?;
        let eval = node.member("eval").map(|eval| PrfValues::read(&eval)).transpose()?;
        let Some(by_credential) = node.member("evalByCredential") else {
            return Ok(Self { eval, eval_by_credential: None });
        };
        by_credential.object()?;
        let mut entries = Vec::new();
        for (id, _) in by_credential.value.members() {
            if let Some(values) = by_credential.member(&id) {
                entries.push((id.clone().into_owned(), PrfValues::read(&values)?));
            }
        }
        Ok(Self { eval, eval_by_credential: Some(entries) })
    }

    fn write(&self, object: &mut ObjectWriter<'_>) {
        if let Some(eval) = &self.eval {
            object.object("eval", |object| eval.write(object));
        }
        if let Some(entries) = &self.eval_by_credential {
            let entries = entries.iter().map(|(id, values)| (id.clone(), values.to_tree()));
            object.value("evalByCredential", &Json::object(entries));
        }
    }
}

impl PrfValues {
    fn to_tree(&self) -> Json<'static> {
        let second = self.second.iter().map(|second| ("second", Json::from(encode(second))));
        Json::object([("first", Json::from(encode(&self.first)))].into_iter().chain(second))
    }
}

impl JsonForm for PrfValues {
    fn read(node: &Node<'_>) -> Result<Self, InputError> {
        node.object()?;
        Ok(Self {
            first: node.required("first", BASE64URL)?.bytes(BASE64URL)?,
            second: node.member("second").map(|second| second.bytes(BASE64URL)).transpose()?,
        })
    }

    fn write(&self, object: &mut ObjectWriter<'_>) {
        object.base64url("first", &self.first);
        if let Some(second) = &self.second {
            object.base64url("second", second);
        }
    }
}

impl JsonForm for LargeBlobInputs {
    fn read(node: &Node<'_>) -> Result<Self, InputError> {
        node.object()?;
        Ok(Self {
            support: match node.member("support") {
                Some(support) => support.enumerated(LargeBlobRequirement::from_name)?,
                None => None,
            },
            read: node.member("read").map(|read| read.boolean()).transpose()?,
            write: node.member("write").map(|write| write.bytes(BASE64URL)).transpose()?,
        })
    }

    fn write(&self, object: &mut ObjectWriter<'_>) {
        if let Some(support) = self.support {
            object.text("support", support.as_str());
        }
        if let Some(read) = self.read {
            object.bool("read", read);
        }
        if let Some(write) = &self.write {
            object.base64url("write", write);
        }
    }
}
