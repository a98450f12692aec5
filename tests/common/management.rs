//! The commands that take tokens: how a platform asks, and proves that it may.

use ciborium::{Value, cbor};
use sha2::{Digest, Sha256};
use stuntkey::ctap2::{BioEnrollmentResponse, Command, CredentialManagementResponse, LargeBlobsResponse};

use super::codes::permission;
use super::platform::{OK, Platform};

/// A map of the members that are there, in canonical order.
pub fn map<const COUNT: usize>(members: [(u64, Option<Value>); COUNT]) -> Value {
    let mut members: Vec<_> = members.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
    members.sort_by_key(|(key, _)| *key);
    Value::Map(members.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

/// A request with another member, or without it.
pub fn with(request: &Value, key: u64, member: Option<Value>) -> Value {
    let mut members = request.as_map().unwrap().clone();
    members.retain(|(known, _)| *known != Value::from(key));
    members.extend(member.map(|member| (key.into(), member)));
    members.sort_by_key(|(key, _)| u64::try_from(key.as_integer().unwrap()).unwrap());
    Value::Map(members)
}

pub fn bytes(bytes: &[u8]) -> Value {
    Value::Bytes(bytes.to_vec())
}

/// By an implementation of CBOR that is not the library's.
pub fn encoded(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

/// A PublicKeyCredentialDescriptor.
pub fn descriptor(id: &[u8]) -> Value {
    cbor!({"id" => bytes(id), "type" => "public-key"}).unwrap()
}

impl Platform {
    fn proof(&self, token: Option<&[u8]>, message: &[&[u8]]) -> [Option<Value>; 2] {
        let param = token.map(|token| bytes(&self.protocol.authenticate(token, message)));
        [param, token.map(|_| self.protocol.number().into())]
    }

    /// A request of authenticatorCredentialManagement (§6.8).
    pub fn managing(&self, sub_command: u8, parameters: Option<Value>, token: Option<&[u8]>) -> Value {
        let encoded = parameters.as_ref().map(encoded).unwrap_or_default();
        let [param, protocol] = self.proof(token, &[&[sub_command], &encoded]);
        map([(1, Some(sub_command.into())), (2, parameters), (3, protocol), (4, param)])
    }

    pub fn manage(
        &mut self,
        sub_command: u8,
        parameters: Option<Value>,
        token: Option<&[u8]>,
    ) -> Result<CredentialManagementResponse, u8> {
        let request = self.managing(sub_command, parameters, token);
        let response = self.command(Command::CredentialManagement, &encoded(&request))?;
        Ok(CredentialManagementResponse::from_cbor(&response).unwrap())
    }

    /// A request of authenticatorBioEnrollment (§6.7), for fingers.
    pub fn enrolling(&self, sub_command: u8, parameters: Option<Value>, token: Option<&[u8]>) -> Value {
        let encoded = parameters.as_ref().map(encoded).unwrap_or_default();
        let [param, protocol] = self.proof(token, &[&[1, sub_command], &encoded]);
        map([(1, Some(1.into())), (2, Some(sub_command.into())), (3, parameters), (4, protocol), (5, param)])
    }

    pub fn enroll(
        &mut self,
        sub_command: u8,
        parameters: Option<Value>,
        token: Option<&[u8]>,
    ) -> Result<BioEnrollmentResponse, u8> {
        let request = self.enrolling(sub_command, parameters, token);
        let response = self.command(Command::BioEnrollment, &encoded(&request))?;
        Ok(BioEnrollmentResponse::from_cbor(&response).unwrap())
    }

    /// Enrols a finger with a new token, sample by sample. Returns its template.
    pub fn enroll_finger(&mut self) -> Vec<u8> {
        let token = self.permitted(permission::ENROLL, None).unwrap();
        let mut response = self.enroll(0x01, None, Some(&token)).unwrap();
        let template = response.template_id.unwrap();
        while response.remaining_samples.unwrap() > 0 {
            let parameters = map([(1, Some(bytes(&template)))]);
            response = self.enroll(0x02, Some(parameters), Some(&token)).unwrap();
        }
        template
    }

    /// A request of authenticatorConfig (§6.11).
    pub fn configuring(&self, sub_command: u8, parameters: Option<Value>, token: Option<&[u8]>) -> Value {
        let encoded = parameters.as_ref().map(encoded).unwrap_or_default();
        let [param, protocol] = self.proof(token, &[&[0xff; 32], &[0x0d, sub_command], &encoded]);
        map([(1, Some(sub_command.into())), (2, parameters), (3, protocol), (4, param)])
    }

    pub fn configure(&mut self, sub_command: u8, parameters: Option<Value>, token: Option<&[u8]>) -> u8 {
        let request = self.configuring(sub_command, parameters, token);
        self.refusal(Command::Config, &request)
    }

    /// A request of authenticatorLargeBlobs that writes a fragment (§6.10.2).
    pub fn writing(
        &self,
        offset: u32,
        length: Option<usize>,
        fragment: &[u8],
        token: Option<&[u8]>,
    ) -> Value {
        let place = [&[0x0c, 0x00][..], &offset.to_le_bytes()].concat();
        let [param, protocol] = self.proof(token, &[&[0xff; 32], &place, &Sha256::digest(fragment)]);
        map([
            (2, Some(bytes(fragment))),
            (3, Some(offset.into())),
            (4, length.map(|length| u64::try_from(length).unwrap().into())),
            (5, param),
            (6, protocol),
        ])
    }

    /// Writes a whole array in one fragment.
    pub fn write_blobs(&mut self, array: &[u8], token: Option<&[u8]>) -> u8 {
        let request = self.writing(0, Some(array.len()), array, token);
        self.refusal(Command::LargeBlobs, &request)
    }

    pub fn read_blobs(&mut self, count: u64, offset: u64) -> Result<Vec<u8>, u8> {
        let request = map([(1, Some(count.into())), (3, Some(offset.into()))]);
        let response = self.command(Command::LargeBlobs, &encoded(&request))?;
        Ok(LargeBlobsResponse::from_cbor(&response).unwrap().config.unwrap())
    }

    /// The status of a request.
    pub fn refusal(&mut self, command: Command, request: &Value) -> u8 {
        self.command(command, &encoded(request)).err().unwrap_or(OK)
    }
}
