//! A ceremony is a draft until it is sealed: single changes to it, each at one stage.

use std::borrow::Cow;
use std::fmt;

use super::{CertInfo, CertificateDraft, KeyDescription, PubArea};
use crate::crypto::KeyPair;
use crate::encoding::cbor::{Item, Writer};
use crate::encoding::cose;
use crate::encoding::json::Json;
use crate::webauthn::{AuthenticatorData, ClientData};

/// One change at one stage of a ceremony. What comes later is made from what was changed; so a change before the
/// signature is signed over. Stages stand here in their order.
///
/// Given to a [client](crate::client::ClientBuilder::edit) or an
/// [authenticator](crate::authenticator::AuthenticatorBuilder::edit), it changes every ceremony that has the stage.
/// The credential's own key and id are stored as they were made, whatever is said of them.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Edit {
    /// The members of client data, by the client.
    ClientData(fn(&mut ClientData)),
    /// The bytes of client data, by the client. The hash is of these.
    ClientDataJson(fn(&mut Vec<u8>)),
    /// The algorithms that the authenticator takes for those asked for.
    RequestedAlgorithms(fn(&mut Vec<i64>)),
    /// The members of authenticator data. Where it has them, the credential's id and key in the response are these.
    AuthenticatorData(fn(&mut AuthenticatorData)),
    /// The credential public key in authenticator data: the COSE_Key as a CBOR tree.
    CredentialKey(fn(&mut Item)),
    /// The bytes of authenticator data.
    AuthData(fn(&mut Vec<u8>)),
    /// `android-key`: the key description, which goes into the leaf.
    KeyDescription(fn(&mut KeyDescription)),
    /// The intermediate certificate, before it is signed. Puts one in where there is none, but not
    /// for `fido-u2f`, which has no place for it.
    Intermediate(fn(&mut CertificateDraft)),
    /// The leaf certificate, before it is signed. An identity of the caller's is signed already.
    Leaf(fn(&mut CertificateDraft)),
    /// The certificates of `x5c`, DER, leaf first.
    Chain(fn(&mut Vec<Vec<u8>>)),
    /// `tpm`: the members of `pubArea`.
    PubArea(fn(&mut PubArea)),
    /// `tpm`: the bytes of `pubArea`. The name in `certInfo` is of these.
    PubAreaBytes(fn(&mut Vec<u8>)),
    /// `tpm`: the members of `certInfo`.
    CertInfo(fn(&mut CertInfo)),
    /// `tpm`: the bytes of `certInfo`.
    CertInfoBytes(fn(&mut Vec<u8>)),
    /// `android-safetynet`: the header of the JSON Web Signature.
    SafetyNetHeader(fn(&mut Json<'static>)),
    /// `android-safetynet`: the payload of the JSON Web Signature.
    SafetyNetPayload(fn(&mut Json<'static>)),
    /// What is signed, in both ceremonies. What it was made of goes out as it was.
    Signed(fn(&mut Vec<u8>)),
    /// The signature, in both ceremonies.
    Signature(fn(&mut Vec<u8>)),
    /// The attestation statement as a CBOR tree. For `compound` that is the whole array.
    Statement(fn(&mut Item)),
    /// The attestation object as a CBOR tree, by the client.
    AttestationObject(fn(&mut Item)),
    /// The bytes of the attestation object, by the client.
    AttestationObjectBytes(fn(&mut Vec<u8>)),
    /// The reply's JSON, by the client. Written for the shape `l3`; other JSON shapes are given to it as they are.
    Reply(fn(&mut Json<'static>)),
}

impl Edit {
    /// The stage's name: that of the variant.
    #[must_use]
    pub const fn stage(&self) -> &'static str {
        match self {
            Edit::ClientData(_) => "ClientData",
            Edit::ClientDataJson(_) => "ClientDataJson",
            Edit::RequestedAlgorithms(_) => "RequestedAlgorithms",
            Edit::AuthenticatorData(_) => "AuthenticatorData",
            Edit::CredentialKey(_) => "CredentialKey",
            Edit::AuthData(_) => "AuthData",
            Edit::KeyDescription(_) => "KeyDescription",
            Edit::Intermediate(_) => "Intermediate",
            Edit::Leaf(_) => "Leaf",
            Edit::Chain(_) => "Chain",
            Edit::PubArea(_) => "PubArea",
            Edit::PubAreaBytes(_) => "PubAreaBytes",
            Edit::CertInfo(_) => "CertInfo",
            Edit::CertInfoBytes(_) => "CertInfoBytes",
            Edit::SafetyNetHeader(_) => "SafetyNetHeader",
            Edit::SafetyNetPayload(_) => "SafetyNetPayload",
            Edit::Signed(_) => "Signed",
            Edit::Signature(_) => "Signature",
            Edit::Statement(_) => "Statement",
            Edit::AttestationObject(_) => "AttestationObject",
            Edit::AttestationObjectBytes(_) => "AttestationObjectBytes",
            Edit::Reply(_) => "Reply",
        }
    }
}

/// A function has nothing to show, its stage has.
impl fmt::Debug for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.stage())
    }
}

/// The edits of one client or authenticator, in the order in which they were given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Edits(Vec<Edit>);

/// For each stage the method that applies its edits.
macro_rules! stages {
    ($($apply:ident, $variant:ident, $draft:ty;)*) => {
        $(pub(crate) fn $apply(&self, draft: &mut $draft) {
            for edit in &self.0 {
                if let Edit::$variant(change) = edit {
                    change(draft);
                }
            }
        })*
    };
}

impl Edits {
    pub(crate) fn push(&mut self, edit: Edit) {
        self.0.push(edit);
    }

    pub(crate) fn extend(&mut self, edits: impl IntoIterator<Item = Edit>) {
        self.0.extend(edits);
    }

    pub(crate) fn set(&mut self, edits: impl IntoIterator<Item = Edit>) {
        self.0 = edits.into_iter().collect();
    }

    stages! {
        client_data, ClientData, ClientData;
        client_data_json, ClientDataJson, Vec<u8>;
        requested_algorithms, RequestedAlgorithms, Vec<i64>;
        authenticator_data, AuthenticatorData, AuthenticatorData;
        credential_key, CredentialKey, Item;
        auth_data, AuthData, Vec<u8>;
        key_description, KeyDescription, KeyDescription;
        intermediate, Intermediate, CertificateDraft;
        leaf, Leaf, CertificateDraft;
        certificates, Chain, Vec<Vec<u8>>;
        pub_area, PubArea, PubArea;
        pub_area_bytes, PubAreaBytes, Vec<u8>;
        cert_info, CertInfo, CertInfo;
        cert_info_bytes, CertInfoBytes, Vec<u8>;
        safety_net_header, SafetyNetHeader, Json<'static>;
        safety_net_payload, SafetyNetPayload, Json<'static>;
        message, Signed, Vec<u8>;
        signature, Signature, Vec<u8>;
        att_stmt, Statement, Item;
        object, AttestationObject, Item;
        attestation_object_bytes, AttestationObjectBytes, Vec<u8>;
        reply, Reply, Json<'static>;
    }

    /// Whether certificates come out otherwise than without edits, so that none may be kept for a next time.
    pub(crate) fn touch_certificates(&self) -> bool {
        self.any(|edit| matches!(edit, Edit::Leaf(_) | Edit::Intermediate(_)))
    }

    pub(crate) fn touch_client_data(&self) -> bool {
        self.any(|edit| matches!(edit, Edit::ClientData(_) | Edit::ClientDataJson(_)))
    }

    pub(crate) fn touch_reply(&self) -> bool {
        self.any(|edit| matches!(edit, Edit::Reply(_)))
    }

    pub(crate) fn touch_intermediate(&self) -> bool {
        self.any(|edit| matches!(edit, Edit::Intermediate(_)))
    }

    fn any(&self, is: impl Fn(&Edit) -> bool) -> bool {
        self.0.iter().any(is)
    }

    /// The algorithms that the authenticator takes for those asked for.
    pub(crate) fn algorithms_for<'a>(&self, requested: &'a [i64]) -> Cow<'a, [i64]> {
        let mut algorithms = Cow::Borrowed(requested);
        if self.any(|edit| matches!(edit, Edit::RequestedAlgorithms(_))) {
            self.requested_algorithms(algorithms.to_mut());
        }
        algorithms
    }

    /// Authenticator data through its stages: members, credential key, bytes.
    pub(crate) fn seal(&self, data: &mut AuthenticatorData) -> Vec<u8> {
        self.authenticator_data(data);
        let mut bytes = match &data.attested_credential_data {
            Some(attested) if self.any(|edit| matches!(edit, Edit::CredentialKey(_))) => {
                let mut writer = Writer::new();
                cose::write_public_key(&mut writer, &attested.public_key);
                let mut key = tree(writer.into_bytes());
                self.credential_key(&mut key);
                data.to_bytes_with_key(&key.to_bytes())
            }
            _ => data.to_bytes(),
        };
        self.auth_data(&mut bytes);
        bytes
    }

    /// The chain, copied only to be changed.
    pub(crate) fn chain<'c>(&self, chain: &'c [Vec<u8>]) -> Cow<'c, [Vec<u8>]> {
        let mut chain = Cow::Borrowed(chain);
        if self.any(|edit| matches!(edit, Edit::Chain(_))) {
            self.certificates(chain.to_mut());
        }
        chain
    }

    /// Signs the concatenation of `parts`: the stages of what is signed and of the signature.
    pub(crate) fn sign(&self, key: &KeyPair, parts: &[&[u8]]) -> Vec<u8> {
        let mut signature = self.sign_message(key, parts);
        self.signature(&mut signature);
        signature
    }

    /// As [`sign`](Self::sign), up to the signature, for a format that has another encoding of it.
    pub(crate) fn sign_message(&self, key: &KeyPair, parts: &[&[u8]]) -> Vec<u8> {
        if !self.any(|edit| matches!(edit, Edit::Signed(_))) {
            return key.sign(parts);
        }
        let mut message = parts.concat();
        self.message(&mut message);
        key.sign(&[&message])
    }

    /// The statement, read into a tree only to be changed.
    pub(crate) fn statement(&self, statement: Vec<u8>) -> Vec<u8> {
        if !self.any(|edit| matches!(edit, Edit::Statement(_))) {
            return statement;
        }
        let mut statement = tree(statement);
        self.att_stmt(&mut statement);
        statement.to_bytes()
    }

    /// The attestation object through its stages: the tree, its bytes. `encode` makes it where nothing changes the
    /// tree.
    pub(crate) fn attestation_object(
        &self,
        fmt: &str,
        att_stmt: &[u8],
        auth_data: &[u8],
        encode: impl FnOnce(&str, &[u8], &[u8]) -> Vec<u8>,
    ) -> Vec<u8> {
        let mut bytes = match self.any(|edit| matches!(edit, Edit::AttestationObject(_))) {
            false => encode(fmt, att_stmt, auth_data),
            true => {
                let mut object = Item::Map(vec![
                    ("fmt".into(), fmt.into()),
                    ("attStmt".into(), tree(att_stmt.to_vec())),
                    ("authData".into(), auth_data.to_vec().into()),
                ]);
                self.object(&mut object);
                object.to_bytes()
            }
        };
        self.attestation_object_bytes(&mut bytes);
        bytes
    }
}

/// The tree of one item. What an earlier edit has made unreadable stays as it is.
fn tree(bytes: Vec<u8>) -> Item {
    Item::read(&bytes).unwrap_or(Item::Raw(bytes))
}
