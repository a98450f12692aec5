//! authenticatorBioEnrollment (CTAP 2.1 §6.7): a sensor for fingers, whose samples are good unless the model has others in
//! store.

use rand_core::Rng as _;

use super::session::Proof;
use super::state::State;
use super::user::{Answer, ConsentRequest};
use super::{Authenticator, AuthenticatorError};
use crate::ctap2::{
    BioEnrollmentParameters, BioEnrollmentRequest, BioEnrollmentResponse, BioEnrollmentSubCommand as Sub,
    EncodedItem, Permissions, SampleStatus, Status, TemplateInfo,
};

/// The modality of fingers (§6.7.2).
const FINGERPRINT: u64 = 1;
/// A sensor that is touched (§6.7.3).
const TOUCHED: u64 = 1;
/// The longest name of a template, in bytes.
const MAX_FRIENDLY_NAME: u64 = 64;

/// A finger that is being enrolled.
#[derive(Debug)]
pub(super) struct Enrollment {
    template_id: Vec<u8>,
    /// How many good samples are missing.
    remaining: u64,
}

impl Authenticator {
    /// Enrols fingers, names them and removes them.
    ///
    /// # Errors
    /// [`AuthenticatorError`].
    pub fn bio_enrollment(
        &mut self,
        request: &BioEnrollmentRequest,
    ) -> Result<BioEnrollmentResponse, AuthenticatorError> {
        if !self.model.bio_enrollment {
            return Err(Status::InvalidCommand.into());
        }
        if request.get_modality == Some(true) {
            return Ok(BioEnrollmentResponse {
                modality: Some(FINGERPRINT),
                ..BioEnrollmentResponse::default()
            });
        }
        let number = request.sub_command.ok_or(Status::MissingParameter)?;
        let sub_command = Sub::from_number(number).ok_or(Status::InvalidSubcommand)?;
        if request.modality.ok_or(Status::MissingParameter)? != FINGERPRINT {
            return Err(Status::InvalidParameter.into());
        }
        match sub_command {
            Sub::GetFingerprintSensorInfo => return Ok(self.sensor_info()),
            Sub::CancelCurrentEnrollment => {
                self.enrollment = None;
                return Ok(BioEnrollmentResponse::default());
            }
            _ => {}
        }
        let parameters = request.read_parameters()?;
        let state = self.state()?;
        self.may_enroll(request, &state)?;
        match sub_command {
            Sub::EnrollBegin => self.enroll_begin(&state),
            Sub::EnrollCaptureNextSample => self.enroll_next(&parameters),
            Sub::EnumerateEnrollments if state.templates.is_empty() => Err(Status::InvalidOption.into()),
            Sub::EnumerateEnrollments => Ok(BioEnrollmentResponse {
                template_infos: Some(state.templates.clone()),
                ..BioEnrollmentResponse::default()
            }),
            Sub::SetFriendlyName => self.set_friendly_name(parameters),
            Sub::RemoveEnrollment => self.remove_enrollment(&parameters),
            // Answered above.
            Sub::GetFingerprintSensorInfo | Sub::CancelCurrentEnrollment => {
                Ok(BioEnrollmentResponse::default())
            }
        }
    }

    fn sensor_info(&self) -> BioEnrollmentResponse {
        BioEnrollmentResponse {
            fingerprint_kind: Some(TOUCHED),
            max_capture_samples_required_for_enroll: Some(self.samples_per_finger()),
            max_template_friendly_name: Some(MAX_FRIENDLY_NAME),
            ..BioEnrollmentResponse::default()
        }
    }

    fn samples_per_finger(&self) -> u64 {
        u64::from(self.model.samples_per_finger.max(1))
    }

    /// Checks the token of a request.
    fn may_enroll(
        &mut self,
        request: &BioEnrollmentRequest,
        state: &State,
    ) -> Result<(), AuthenticatorError> {
        let param = request.pin_uv_auth_param.as_deref().ok_or(Status::PuatRequired)?;
        let protocol = self.protocol(request.pin_uv_auth_protocol)?;
        let number = |member: Option<u64>| member.unwrap_or_default().to_be_bytes()[7];
        let numbers = [number(request.modality), number(request.sub_command)];
        let parameters = request.parameters.as_ref().map_or(&[][..], |EncodedItem(cbor)| cbor);
        let proof = Proof { protocol, message: &[&numbers, parameters], param };
        self.token_allows(state, proof, Permissions::BIO_ENROLLMENT)?;
        Ok(())
    }

    /// §6.7.4
    fn enroll_begin(&mut self, state: &State) -> Result<BioEnrollmentResponse, AuthenticatorError> {
        // One that is not finished is dropped.
        self.enrollment = None;
        if state.templates.len() >= usize::from(self.model.max_fingers) {
            return Err(Status::FpDatabaseFull.into());
        }
        let mut template_id = vec![0; 8];
        self.random.ceremony(&[b"template"]).fill_bytes(&mut template_id);
        let enrollment =
            Enrollment { template_id: template_id.clone(), remaining: self.samples_per_finger() };
        let response = self.capture(enrollment)?;
        Ok(BioEnrollmentResponse { template_id: Some(template_id), ..response })
    }

    fn enroll_next(
        &mut self,
        parameters: &BioEnrollmentParameters,
    ) -> Result<BioEnrollmentResponse, AuthenticatorError> {
        let template_id = parameters.template_id.as_ref().ok_or(Status::MissingParameter)?;
        match self.enrollment.take() {
            Some(enrollment) if enrollment.template_id == *template_id => self.capture(enrollment),
            other => {
                self.enrollment = other;
                Err(Status::InvalidParameter.into())
            }
        }
    }

    /// Takes a sample. The last one that was missing enrols the finger.
    fn capture(&mut self, mut enrollment: Enrollment) -> Result<BioEnrollmentResponse, AuthenticatorError> {
        let sample = match self.user.answer(&ConsentRequest::touch()) {
            Answer::Denied => {
                self.enrollment = Some(enrollment);
                return Err(AuthenticatorError::OperationDenied);
            }
            Answer::NoAnswer => SampleStatus::NoUserActivity,
            Answer::Verified | Answer::Present => {
                self.finger_samples.pop_front().unwrap_or(SampleStatus::Good)
            }
        };
        if sample == SampleStatus::Good {
            enrollment.remaining = enrollment.remaining.saturating_sub(1);
        }
        let remaining = enrollment.remaining;
        match remaining {
            0 => {
                let template = TemplateInfo::new(enrollment.template_id);
                let most = usize::from(self.model.max_fingers);
                self.change_state(|state| match state.templates.len() < most {
                    true => {
                        state.templates.push(template);
                        Ok(())
                    }
                    // Another authenticator on the same store was quicker.
                    false => Err(Status::FpDatabaseFull),
                })??;
            }
            _ => self.enrollment = Some(enrollment),
        }
        Ok(BioEnrollmentResponse {
            last_enroll_sample_status: Some(sample.number()),
            remaining_samples: Some(remaining),
            ..BioEnrollmentResponse::default()
        })
    }

    /// §6.7.7
    fn set_friendly_name(
        &mut self,
        parameters: BioEnrollmentParameters,
    ) -> Result<BioEnrollmentResponse, AuthenticatorError> {
        let template_id = parameters.template_id.ok_or(Status::MissingParameter)?;
        let name = parameters.template_friendly_name.ok_or(Status::MissingParameter)?;
        if u64::try_from(name.len()).is_ok_and(|length| length > MAX_FRIENDLY_NAME) {
            return Err(Status::InvalidLength.into());
        }
        let found = self.change_state(|state| {
            let template = state.templates.iter_mut().find(|known| known.template_id == template_id)?;
            template.template_friendly_name = name;
            Some(())
        })?;
        found.ok_or(Status::InvalidOption)?;
        Ok(BioEnrollmentResponse::default())
    }

    /// §6.7.8
    fn remove_enrollment(
        &mut self,
        parameters: &BioEnrollmentParameters,
    ) -> Result<BioEnrollmentResponse, AuthenticatorError> {
        let template_id = parameters.template_id.as_ref().ok_or(Status::MissingParameter)?;
        let was_there = self.change_state(|state| {
            let before = state.templates.len();
            state.templates.retain(|known| known.template_id != *template_id);
            state.templates.len() < before
        })?;
        match was_there {
            true => Ok(BioEnrollmentResponse::default()),
            false => Err(Status::InvalidOption.into()),
        }
    }
}
