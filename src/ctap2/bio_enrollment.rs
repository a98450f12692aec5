//! authenticatorBioEnrollment (CTAP 2.1 §6.7).

use super::Status;
use super::message::{EncodedItem, message, numbered, parameters, read, request, response};

numbered! {
    /// A sub-command of authenticatorBioEnrollment.
    pub enum BioEnrollmentSubCommand: u64 {
        /// enrollBegin
        EnrollBegin = 0x01,
        /// enrollCaptureNextSample
        EnrollCaptureNextSample = 0x02,
        /// cancelCurrentEnrollment
        CancelCurrentEnrollment = 0x03,
        /// enumerateEnrollments
        EnumerateEnrollments = 0x04,
        /// setFriendlyName
        SetFriendlyName = 0x05,
        /// removeEnrollment
        RemoveEnrollment = 0x06,
        /// getFingerprintSensorInfo
        GetFingerprintSensorInfo = 0x07,
    }
}

numbered! {
    /// What became of a sample of a finger (§6.7.4).
    pub enum SampleStatus: u64 {
        /// Taken.
        Good = 0x00,
        /// The finger was too high.
        TooHigh = 0x01,
        /// The finger was too low.
        TooLow = 0x02,
        /// The finger was too far left.
        TooLeft = 0x03,
        /// The finger was too far right.
        TooRight = 0x04,
        /// The finger moved too fast.
        TooFast = 0x05,
        /// The finger moved too slowly.
        TooSlow = 0x06,
        /// The quality was poor.
        PoorQuality = 0x07,
        /// The finger was too skewed.
        TooSkewed = 0x08,
        /// The finger was there too short.
        TooShort = 0x09,
        /// The sample does not go with the others.
        MergeFailure = 0x0a,
        /// The finger is enrolled already.
        Exists = 0x0b,
        /// No finger came.
        NoUserActivity = 0x0d,
        /// The finger was not lifted.
        NoUserPresenceTransition = 0x0e,
    }
}

request! {
    /// The request.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct BioEnrollmentRequest {
        /// 1: a finger.
        modality: Option<u64> = 0x01,
        /// The number of the sub-command.
        sub_command: Option<u64> = 0x02,
        /// `subCommandParams`, as encoded.
        parameters: Option<EncodedItem> = 0x03,
        /// The number of the PIN/UV auth protocol.
        pin_uv_auth_protocol: Option<u64> = 0x04,
        /// The proof that the platform has a token.
        pin_uv_auth_param: Option<Vec<u8>> = 0x05,
        /// Whether the modality is asked for, and nothing else.
        get_modality: Option<bool> = 0x06,
    }
}

parameters! {
    /// What a sub-command is about.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct BioEnrollmentParameters {
        /// The template.
        template_id: Option<Vec<u8>> = 0x01,
        /// The name that it shall have.
        template_friendly_name: Option<String> = 0x02,
        /// How long to wait for a finger, in milliseconds.
        timeout_milliseconds: Option<u64> = 0x03,
    }
}

impl BioEnrollmentRequest {
    /// Reads `subCommandParams`; without them, there are none.
    pub(crate) fn read_parameters(&self) -> Result<BioEnrollmentParameters, Status> {
        match &self.parameters {
            None => Ok(BioEnrollmentParameters::default()),
            Some(EncodedItem(cbor)) => Ok(read(cbor)?),
        }
    }
}

message! {
    /// A template.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct TemplateInfo {
        /// Its id.
        template_id: Vec<u8> = 0x01,
        /// Its name; at first empty.
        template_friendly_name: String = 0x02,
    }
}

impl TemplateInfo {
    /// A template without a name.
    #[must_use]
    pub fn new(template_id: Vec<u8>) -> Self {
        Self { template_id, template_friendly_name: String::new() }
    }
}

response! {
    /// The response. Each sub-command has some of these.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    #[non_exhaustive]
    pub struct BioEnrollmentResponse {
        /// 1: a finger.
        modality: Option<u64> = 0x01,
        /// 1: touched, 2: swiped.
        fingerprint_kind: Option<u64> = 0x02,
        /// How many samples an enrolment takes.
        max_capture_samples_required_for_enroll: Option<u64> = 0x03,
        /// The template that is enrolled.
        template_id: Option<Vec<u8>> = 0x04,
        /// The number of the [`SampleStatus`].
        last_enroll_sample_status: Option<u64> = 0x05,
        /// How many good samples are missing.
        remaining_samples: Option<u64> = 0x06,
        /// The templates.
        template_infos: Option<Vec<TemplateInfo>> = 0x07,
        /// The longest name of a template, in bytes.
        max_template_friendly_name: Option<u64> = 0x08,
    }
}
