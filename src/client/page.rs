//! The page that asks: its origin, the RP IDs that it may use, and the client data that tell of it.

mod origin;
mod related;
mod rp_id;

use std::borrow::Cow;
use std::fmt::Display;

pub use origin::Origin;
pub(super) use related::RelatedOrigins;
pub use related::{Fetch, Fetched};

use super::error::Error;
use crate::draft::Edits;
use crate::encoding::json::Json;
use crate::webauthn::{Ceremony, ClientData, InputError, Notice, client_data_json};

/// Where the browser is, and what it says of that.
#[derive(Debug)]
pub(super) struct Page {
    /// `None`: each ceremony's page is at `https://` and its RP ID.
    pub(super) origin: Option<Origin>,
    pub(super) top_origin: Option<Origin>,
    pub(super) cross_origin: bool,
    /// What stands at `https://RP-ID/.well-known/webauthn`.
    pub(super) related_origins: RelatedOrigins,
    pub(super) any_rp_id: bool,
    /// Members of client data after the standard's.
    pub(super) client_data_members: Vec<(String, Json<'static>)>,
}

impl Page {
    /// Goes to another page, which stands at the top or in a frame of another page.
    ///
    /// # Errors
    /// [`InputError`] for text that is not an origin. Then the page stays.
    pub(super) fn navigate(&mut self, origin: &str, top_origin: Option<&str>) -> Result<(), InputError> {
        let origin: Origin = origin.parse()?;
        let top_origin: Option<Origin> = top_origin.map(str::parse).transpose()?;
        // WebAuthn L3 §5.8.1: a frame of the same origin as its ancestors looks like a page at the top.
        self.top_origin = top_origin.filter(|top_origin| *top_origin != origin);
        self.cross_origin = self.top_origin.is_some();
        self.origin = Some(origin);
        Ok(())
    }

    /// The RP ID in effect, if the page may use it. `path` is where it stands.
    ///
    /// # Errors
    /// [`Error::Refused`], and [`Error::Input`] where neither the page nor the options name one.
    pub(super) fn rp_id<'o>(
        &self,
        asked: Option<&'o str>,
        path: &dyn Display,
        notices: &mut Vec<Notice>,
    ) -> Result<Cow<'o, str>, Error> {
        match (self.any_rp_id, asked) {
            (true, Some(asked)) => Ok(Cow::Borrowed(asked)),
            _ => rp_id::effective(self.origin.as_ref(), asked, &self.related_origins, path, notices),
        }
    }

    /// The AppID in effect, if the page may use it. An empty one is the page's own origin.
    pub(super) fn app_id<'a>(&'a self, asked: &'a str) -> Option<&'a str> {
        match &self.origin {
            Some(origin) if asked.is_empty() => Some(origin.as_str()),
            Some(origin) => rp_id::is_app_id_of(origin, asked).then_some(asked),
            // Each ceremony's page is at `https://` and its RP ID.
            None => Some(asked).filter(|asked| !asked.is_empty()),
        }
    }

    /// The client data of a ceremony, through its stages: members, bytes.
    pub(super) fn client_data(
        &self,
        ceremony: Ceremony,
        challenge: &[u8],
        rp_id: &str,
        edits: &Edits,
    ) -> Vec<u8> {
        let origin = match &self.origin {
            Some(origin) => Cow::Borrowed(origin.as_str()),
            None => Cow::Owned(format!("https://{rp_id}")),
        };
        let cross_origin = self.cross_origin || self.top_origin.is_some();
        let top_origin = self.top_origin.as_ref().map(Origin::as_str);
        if !edits.touch_client_data() {
            let extra = &self.client_data_members;
            return client_data_json(ceremony, challenge, &origin, cross_origin, top_origin, extra);
        }
        let mut members = ClientData {
            ceremony,
            challenge: challenge.to_vec(),
            origin: origin.into_owned(),
            cross_origin,
            top_origin: top_origin.map(str::to_owned),
            extra: self.client_data_members.clone(),
        };
        edits.client_data(&mut members);
        let mut json = members.to_json().into_bytes();
        edits.client_data_json(&mut json);
        json
    }
}
