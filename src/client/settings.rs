use std::fmt;

use zeroize::Zeroizing;

use super::preset::Preset;

/// How a client behaves, whatever the page.
#[derive(Default)]
pub(super) struct Settings {
    pub(super) enterprise_rp_ids: Vec<String>,
    pub(super) account: Option<String>,
    pub(super) pin: Option<Zeroizing<String>>,
    pub(super) leaves_pin_unset: bool,
    pub(super) conditional: Option<bool>,
    pub(super) strict: bool,
    pub(super) remote_client_data: bool,
    pub(super) preset: Option<Preset>,
    pub(super) reply_members: Vec<(String, String)>,
}

/// Members of replies may be access tokens, so their values are not shown.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let members: Vec<&String> = self.reply_members.iter().map(|(name, _)| name).collect();
        f.debug_struct("Settings")
            .field("strict", &self.strict)
            .field("preset", &self.preset)
            .field("reply_members", &members)
            .finish_non_exhaustive()
    }
}
