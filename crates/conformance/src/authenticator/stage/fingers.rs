//! Fingers, enrolled by a platform (CTAP 2.1 §6.7).

use ciborium::Value;

use super::super::platform::answer::{Answer, member};
use super::super::platform::code::{permission, status};
use super::super::platform::parameters::members;
use super::super::platform::sub_command::bio;
use super::Stage;
use super::management::Management;
use crate::core::exchange::Role;
use crate::core::outcome::{Outcome, Stop};

/// So many samples are given of one finger, and no more: whoever touches a sensor without a finger is not taken.
const MOST_SAMPLES: usize = 40;

/// The parameters of a sub-command about a template.
pub(crate) fn of_template(template_id: &[u8]) -> Value {
    members! { 1 => template_id.to_vec() }
}

/// setFriendlyName.
pub(crate) fn rename(template_id: &[u8], name: &str) -> Management {
    let parameters = members! { 1 => template_id.to_vec(), 2 => name };
    Management::bio(bio::SET_FRIENDLY_NAME, Some(parameters))
}

/// removeEnrollment.
pub(crate) fn remove(template_id: &[u8]) -> Management {
    Management::bio(bio::REMOVE_ENROLLMENT, Some(of_template(template_id)))
}

/// enrollCaptureNextSample.
pub(crate) fn capture(template_id: &[u8]) -> Management {
    Management::bio(bio::ENROLL_CAPTURE_NEXT_SAMPLE, Some(of_template(template_id)))
}

impl Stage<'_> {
    /// enrollBegin, which has to work where there is room for a finger.
    pub(crate) fn enroll_begin(&mut self) -> Result<Answer, Stop> {
        let answer = self.manage_permitted(Management::bio(bio::ENROLL_BEGIN, None))?;
        if answer.status == status::FP_DATABASE_FULL {
            return Err(Stop::skip("the target has no room for another finger"));
        }
        self.control(answer, "enrollBegin")
    }

    /// Enrols a finger to the end: the answers to its samples, the first of which has the template's id.
    pub(crate) fn enroll_samples(&mut self) -> Result<Vec<Answer>, Stop> {
        let first = self.enroll_begin()?;
        let template_id = template_id(&first)?.to_vec();
        let mut samples = vec![first];
        let token = self.token(permission::BIO_ENROLLMENT, None)?;
        for _ in 0..MOST_SAMPLES {
            if samples.last().is_some_and(|sample| sample.number(6) == Some(0)) {
                self.info = self.get_info()?;
                return Ok(samples);
            }
            let answer = self.manage(&capture(&template_id).proven(&token))?;
            samples.push(self.control(answer, "enrollCaptureNextSample")?);
        }
        self.cancel_enrollment();
        Err(Stop::skip("no finger was enrolled: whoever touches the target needs one"))
    }

    /// Plays after a finger is enrolled, and removes it again.
    pub(crate) fn with_finger(&mut self, play: impl FnOnce(&mut Self, &[u8]) -> Outcome) -> Outcome {
        let samples = self.enroll_samples()?;
        let template_id = samples.first().map_or(Ok(&[][..]), template_id)?.to_vec();
        let outcome = play(self, &template_id);
        self.remove_finger(&template_id);
        outcome
    }

    /// Removes a finger after a case. What went wrong there says nothing about the case.
    pub(crate) fn remove_finger(&mut self, template_id: &[u8]) {
        if self.manage_permitted(remove(template_id)).is_ok() {
            self.last_was(Role::Control);
        }
    }

    /// Gives up an enrolment that a case began, whatever comes of that.
    pub(crate) fn cancel_enrollment(&mut self) {
        if self.manage(&Management::bio(bio::CANCEL_CURRENT_ENROLLMENT, None)).is_ok() {
            self.last_was(Role::Control);
        }
    }

    /// The names of the fingers that are enrolled, by their templates' ids.
    pub(crate) fn fingers(&mut self) -> Result<Vec<(Vec<u8>, String)>, Stop> {
        let answer = self.manage_permitted(Management::bio(bio::ENUMERATE_ENROLLMENTS, None))?;
        self.last_was(Role::Control);
        let templates = match answer.status {
            status::OK => answer.get(7).and_then(Value::as_array).cloned().unwrap_or_default(),
            status::INVALID_OPTION => Vec::new(),
            _ => {
                return Err(Stop::error(format!("enumerateEnrollments was answered with {}", answer.name())));
            }
        };
        let finger = |template: &Value| {
            let id = member(template, &Value::from(1)).and_then(Value::as_bytes).cloned();
            let name = member(template, &Value::from(2)).and_then(Value::as_text).unwrap_or_default();
            Some((id?, name.to_owned()))
        };
        Ok(templates.iter().filter_map(finger).collect())
    }
}

/// The id of the template that enrollBegin began.
pub(crate) fn template_id(answer: &Answer) -> Result<&[u8], Stop> {
    match answer.bytes(4) {
        Some(id @ [_, ..]) => Ok(id),
        _ => Err(Stop::fail("enrollBegin gave no id of a template")),
    }
}
