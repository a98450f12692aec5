//! Client extension outputs: `AuthenticationExtensionsClientOutputsJSON` (WebAuthn L3 §5.8, §10.1; CTAP 2.1 §12).

use super::super::input::InputError;
use super::super::json_form::JsonForm;
use super::super::options::PrfValues;
use super::super::reading::Node;
use crate::encoding::json::ObjectWriter;

/// Client extension outputs of either ceremony. Each is there if its extension was acted on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExtensionResults {
    /// `credProps.rk`: whether the credential is discoverable.
    pub cred_props_rk: Option<bool>,
    /// `prf`
    pub prf: Option<PrfOutput>,
    /// `largeBlob`
    pub large_blob: Option<LargeBlobOutput>,
    /// `credBlob`: whether the blob is kept.
    pub cred_blob: Option<bool>,
    /// `getCredBlob`: the blob.
    pub get_cred_blob: Option<Vec<u8>>,
    /// `hmacCreateSecret`: whether the credential has secrets.
    pub hmac_create_secret: Option<bool>,
    /// `appid`: whether the AppID stood for the RP ID.
    pub app_id: Option<bool>,
    /// `appidExclude`
    pub app_id_exclude: Option<bool>,
    /// `remoteClientDataJSON`: whether the page's client data were used.
    pub remote_client_data: Option<bool>,
}

/// The output of `prf`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PrfOutput {
    /// Whether the credential has the function: in a registration.
    pub enabled: Option<bool>,
    /// What it makes of the input, 32 bytes each.
    pub results: Option<PrfValues>,
}

/// The output of `largeBlob`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LargeBlobOutput {
    /// Whether the credential can keep a large blob: in a registration.
    pub supported: Option<bool>,
    /// The blob that was read.
    pub blob: Option<Vec<u8>>,
    /// Whether the blob was written.
    pub written: Option<bool>,
}

const BASE64URL: &str = "base64url";

impl JsonForm for ExtensionResults {
    fn read(node: &Node<'_>) -> Result<Self, InputError> {
        node.object()?;
        let flag = |name| node.member(name).map(|value| value.boolean()).transpose();
        let properties = node.member("credProps");
        let rk = properties.as_ref().and_then(|properties| properties.member("rk"));
        Ok(Self {
            cred_props_rk: rk.map(|rk| rk.boolean()).transpose()?,
            prf: node.member("prf").map(|prf| PrfOutput::read(&prf)).transpose()?,
            large_blob: node.member("largeBlob").map(|blob| LargeBlobOutput::read(&blob)).transpose()?,
            cred_blob: flag("credBlob")?,
            get_cred_blob: node.member("getCredBlob").map(|blob| blob.bytes(BASE64URL)).transpose()?,
            hmac_create_secret: flag("hmacCreateSecret")?,
            app_id: flag("appid")?,
            app_id_exclude: flag("appidExclude")?,
            remote_client_data: flag("remoteClientDataJSON")?,
        })
    }

    fn write(&self, object: &mut ObjectWriter<'_>) {
        if let Some(rk) = self.cred_props_rk {
            object.object("credProps", |properties| properties.bool("rk", rk));
        }
        if let Some(prf) = &self.prf {
            object.object("prf", |object| prf.write(object));
        }
        if let Some(blob) = &self.large_blob {
            object.object("largeBlob", |object| blob.write(object));
        }
        if let Some(kept) = self.cred_blob {
            object.bool("credBlob", kept);
        }
        if let Some(blob) = &self.get_cred_blob {
            object.base64url("getCredBlob", blob);
        }
        for (name, value) in [
            ("hmacCreateSecret", self.hmac_create_secret),
            ("appid", self.app_id),
            ("appidExclude", self.app_id_exclude),
            ("remoteClientDataJSON", self.remote_client_data),
        ] {
            if let Some(value) = value {
                object.bool(name, value);
            }
        }
    }
}

impl JsonForm for PrfOutput {
    fn read(node: &Node<'_>) -> Result<Self, InputError> {
        node.object()?;
        Ok(Self {
            enabled: node.member("enabled").map(|enabled| enabled.boolean()).transpose()?,
            results: node.member("results").map(|results| PrfValues::read(&results)).transpose()?,
        })
    }

    fn write(&self, object: &mut ObjectWriter<'_>) {
        if let Some(enabled) = self.enabled {
            object.bool("enabled", enabled);
        }
        if let Some(results) = &self.results {
            object.object("results", |object| results.write(object));
        }
    }
}

impl JsonForm for LargeBlobOutput {
    fn read(node: &Node<'_>) -> Result<Self, InputError> {
        node.object()?;
        let flag = |name| node.member(name).map(|value| value.boolean()).transpose();
        Ok(Self {
            supported: flag("supported")?,
            blob: node.member("blob").map(|blob| blob.bytes(BASE64URL)).transpose()?,
            written: flag("written")?,
        })
    }

    fn write(&self, object: &mut ObjectWriter<'_>) {
        if let Some(supported) = self.supported {
            object.bool("supported", supported);
        }
        if let Some(blob) = &self.blob {
            object.base64url("blob", blob);
        }
        if let Some(written) = self.written {
            object.bool("written", written);
        }
    }
}
