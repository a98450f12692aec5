//! The edits of one client or authenticator, and whether each had an effect in the ceremony that is going on.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use super::edit::{AttestationEdit, AuthenticatorEdit, Change, ClientEdit, Edit, IneffectiveEdit};
use super::stages::stages;
use super::{CertInfo, CertificateDraft, KeyDescription, PubArea};
use crate::crypto::KeyPair;
use crate::encoding::cbor::{Item, Writer};
use crate::encoding::cose;
use crate::encoding::json::Json;
use crate::webauthn::{AuthenticatorData, ClientData};

/// Edits in the order in which they were given.
#[derive(Default)]
pub(crate) struct Edits(Vec<Tracked>);

/// An edit, and its effect in this ceremony.
struct Tracked {
    edit: Edit,
    effect: Cell<Effect>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Effect {
    /// The ceremony has not come to the stage.
    NotReached,
    /// The edit was made, and left the draft as it was.
    Nothing,
    Changed,
}

/// For each stage the method that applies its edits.
macro_rules! apply {
    ($($(#[$kind_doc:meta])* $kind:ident, $edit:ident {
        $($(#[$doc:meta])* $stage:ident, $make:ident: $draft:ty;)*
    })*) => {
        $($(
            pub(crate) fn $make(&self, draft: &mut $draft) {
                self.apply(draft, |edit| match edit {
                    Edit::$kind($edit::$stage(change)) => Some(change),
                    _ => None,
                });
            }
        )*)*
    };
}

impl Edits {
    stages!(apply);

    fn apply<T: Clone + PartialEq>(&self, draft: &mut T, of_stage: fn(&Edit) -> Option<&Change<T>>) {
        for Tracked { edit, effect } in &self.0 {
            if let Some(change) = of_stage(edit) {
                let before = draft.clone();
                change.make(draft);
                let now = if *draft == before { Effect::Nothing } else { Effect::Changed };
                effect.set(effect.get().max(now));
            }
        }
    }

    pub(crate) fn push(&mut self, edit: Edit) {
        self.0.push(Tracked { edit, effect: Cell::new(Effect::NotReached) });
    }

    pub(crate) fn extend(&mut self, edits: impl IntoIterator<Item = Edit>) {
        edits.into_iter().for_each(|edit| self.push(edit));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn truncate(&mut self, length: usize) {
        self.0.truncate(length);
    }

    /// Takes the client's edits out.
    pub(crate) fn split_off_client(&mut self) -> Edits {
        let (client, others) = std::mem::take(&mut self.0)
            .into_iter()
            .partition(|tracked| matches!(tracked.edit, Edit::Client(_)));
        self.0 = others;
        Edits(client)
    }

    /// A ceremony begins: no edit has had an effect.
    pub(crate) fn begin(&self) {
        self.0.iter().for_each(|tracked| tracked.effect.set(Effect::NotReached));
    }

    /// The ceremony is at its end: whether every edit changed something.
    pub(crate) fn all_effective(&self) -> Result<(), IneffectiveEdit> {
        match self.0.iter().find(|tracked| tracked.effect.get() != Effect::Changed) {
            None => Ok(()),
            Some(Tracked { edit, effect }) => {
                Err(IneffectiveEdit { stage: edit.stage(), reached: effect.get() == Effect::Nothing })
            }
        }
    }

    /// Whether certificates come out otherwise than without edits, so that none may be kept for a next time.
    pub(crate) fn touch_certificates(&self) -> bool {
        self.touch_intermediate()
            || self.any(|edit| matches!(edit, Edit::Attestation(AttestationEdit::Leaf(_))))
    }

    pub(crate) fn touch_intermediate(&self) -> bool {
        self.any(|edit| matches!(edit, Edit::Attestation(AttestationEdit::Intermediate(_))))
    }

    pub(crate) fn touch_client_data(&self) -> bool {
        use ClientEdit::{ClientData, ClientDataJson};
        self.any(|edit| matches!(edit, Edit::Client(ClientData(_) | ClientDataJson(_))))
    }

    pub(crate) fn touch_reply(&self) -> bool {
        self.any(|edit| matches!(edit, Edit::Client(ClientEdit::Reply(_))))
    }

    fn any(&self, is: impl Fn(&Edit) -> bool) -> bool {
        self.0.iter().any(|tracked| is(&tracked.edit))
    }

    /// The algorithms that the authenticator reads as those asked for.
    pub(crate) fn algorithms_for<'a>(&self, requested: &'a [i64]) -> Cow<'a, [i64]> {
        let mut algorithms = Cow::Borrowed(requested);
        if self.any(|edit| matches!(edit, Edit::Authenticator(AuthenticatorEdit::RequestedAlgorithms(_)))) {
            self.requested_algorithms(algorithms.to_mut());
        }
        algorithms
    }

    /// Authenticator data through its stages: members, credential key, bytes.
    pub(crate) fn seal(&self, data: &mut AuthenticatorData) -> Vec<u8> {
        self.authenticator_data(data);
        let mut bytes = match &data.attested_credential_data {
            Some(attested)
                if self
                    .any(|edit| matches!(edit, Edit::Authenticator(AuthenticatorEdit::CredentialKey(_)))) =>
            {
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

    /// The chain that is sent, copied only to be changed.
    pub(crate) fn sent_chain<'c>(&self, chain: &'c [Vec<u8>]) -> Cow<'c, [Vec<u8>]> {
        let mut chain = Cow::Borrowed(chain);
        if self.any(|edit| matches!(edit, Edit::Attestation(AttestationEdit::Chain(_)))) {
            self.chain(chain.to_mut());
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
        if !self.any(|edit| matches!(edit, Edit::Authenticator(AuthenticatorEdit::Signed(_)))) {
            return key.sign(parts);
        }
        let mut message = parts.concat();
        self.signed(&mut message);
        key.sign(&[&message])
    }

    /// The statement, read into a tree only to be changed.
    pub(crate) fn seal_statement(&self, statement: Vec<u8>) -> Vec<u8> {
        if !self.any(|edit| matches!(edit, Edit::Attestation(AttestationEdit::Statement(_)))) {
            return statement;
        }
        let mut statement = tree(statement);
        self.statement(&mut statement);
        statement.to_bytes()
    }

    /// The attestation object through its stages: the tree, its bytes. `encode` makes it where nothing changes the
    /// tree.
    pub(crate) fn seal_attestation_object(
        &self,
        fmt: &str,
        att_stmt: &[u8],
        auth_data: &[u8],
        encode: impl FnOnce(&str, &[u8], &[u8]) -> Vec<u8>,
    ) -> Vec<u8> {
        let mut bytes = match self.any(|edit| matches!(edit, Edit::Client(ClientEdit::AttestationObject(_))))
        {
            false => encode(fmt, att_stmt, auth_data),
            true => {
                let mut object = Item::Map(vec![
                    ("fmt".into(), fmt.into()),
                    ("attStmt".into(), tree(att_stmt.to_vec())),
                    ("authData".into(), auth_data.to_vec().into()),
                ]);
                self.attestation_object(&mut object);
                object.to_bytes()
            }
        };
        self.attestation_object_bytes(&mut bytes);
        bytes
    }
}

impl fmt::Debug for Edits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let edits: Vec<&Edit> = self.0.iter().map(|tracked| &tracked.edit).collect();
        f.debug_tuple("Edits").field(&edits).finish()
    }
}

/// The tree of one item. What an earlier edit has made unreadable stays as it is.
fn tree(bytes: Vec<u8>) -> Item {
    Item::read(&bytes).unwrap_or(Item::Raw(bytes))
}
