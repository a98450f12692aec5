//! authenticatorConfig (CTAP 2.1 §6.11).

use super::Status;
use super::message::{EncodedItem, numbered, parameters, read, request};

numbered! {
    /// A sub-command of authenticatorConfig.
    pub enum ConfigSubCommand: u64 {
        /// enableEnterpriseAttestation
        EnableEnterpriseAttestation = 0x01,
        /// toggleAlwaysUv
        ToggleAlwaysUv = 0x02,
        /// setMinPINLength
        SetMinPinLength = 0x03,
        /// enableLongTouchForReset, since CTAP 2.3
        EnableLongTouchForReset = 0x04,
        /// vendorPrototype
        VendorPrototype = 0xff,
    }
}

request! {
    /// The request. There is no response.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct ConfigRequest {
        /// The number of the sub-command.
        sub_command: u64 = 0x01,
        /// `subCommandParams`, as encoded.
        parameters: Option<EncodedItem> = 0x02,
        /// The number of the PIN/UV auth protocol.
        pin_uv_auth_protocol: Option<u64> = 0x03,
        /// The proof that the platform has a token.
        pin_uv_auth_param: Option<Vec<u8>> = 0x04,
    }
}

parameters! {
    /// The parameters of setMinPINLength (§6.11.4).
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct SetMinPinLengthParameters {
        /// The least length of a PIN from now on, in code points.
        new_min_pin_length: Option<u64> = 0x01,
        /// The RP IDs that may be told it.
        min_pin_length_rp_ids: Option<Vec<String>> = 0x02,
        /// Whether the PIN has to be changed.
        force_change_pin: Option<bool> = 0x03,
        /// Whether PINs have to be complex, since CTAP 2.3.
        pin_complexity_policy: Option<bool> = 0x04,
    }
}

parameters! {
    /// The parameters of vendorPrototype (§6.11.3).
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct VendorPrototypeParameters {
        /// The vendor's sub-command.
        vendor_command_id: u64 = 0x01,
    }
}

impl VendorPrototypeParameters {
    /// For this command of the vendor's.
    #[must_use]
    pub fn new(vendor_command_id: u64) -> Self {
        Self { vendor_command_id }
    }
}

impl ConfigRequest {
    /// A request of this sub-command, without parameters and without a proof.
    #[must_use]
    pub fn new(sub_command: ConfigSubCommand) -> Self {
        Self {
            sub_command: sub_command.number(),
            parameters: None,
            pin_uv_auth_protocol: None,
            pin_uv_auth_param: None,
        }
    }

    /// Reads the parameters of setMinPINLength; without them, nothing is asked for.
    pub(crate) fn set_min_pin_length(&self) -> Result<SetMinPinLengthParameters, Status> {
        match &self.parameters {
            None => Ok(SetMinPinLengthParameters::default()),
            Some(EncodedItem(cbor)) => Ok(read(cbor)?),
        }
    }

    /// Reads the parameters of vendorPrototype.
    pub(crate) fn vendor_prototype(&self) -> Result<VendorPrototypeParameters, Status> {
        let EncodedItem(cbor) = self.parameters.as_ref().ok_or(Status::MissingParameter)?;
        Ok(read(cbor)?)
    }
}
