//! `stuntkey credentials`.

mod private_file;

use std::path::Path;

use stuntkey::authenticator::{Credential, CredentialStore, FileStore, ImportedCredential, StoreError};
use stuntkey::crypto::KeyPair;
use stuntkey::encoding::base64url::encode;
use stuntkey::encoding::json::Json;
use stuntkey::webauthn::User;
use stuntkey::zeroize::Zeroizing;

use stuntkey_inspect::text::harmless;

use crate::arguments::{Bytes, Credentials, Form, Selection};
use crate::failure::Failure;
use crate::output::Output;
use crate::{input, store};

/// The longest text that is imported, in bytes: more than two million credentials.
const MAX_IMPORT: usize = 1 << 30;

pub(crate) fn run(command: &Credentials, output: &Output) -> Result<(), Failure> {
    match command {
        Credentials::List(selection) => list(selection, output),
        Credentials::Export { selection, form, output: file } => {
            export(selection, *form, file.as_deref(), output)
        }
        Credentials::Import { file, store: target, rp_id, id, user_handle, user_name } => {
            let credentials = read(file, output, &|pem| {
                pem_credential(pem, rp_id.as_deref(), id.as_ref(), user_handle.as_ref(), user_name.as_deref())
            })?;
            import(credentials, &mut store::file(target, output)?, output)
        }
        Credentials::Delete { selection, all } => delete(selection, *all, output),
    }
}

fn import(
    credentials: Vec<ImportedCredential>,
    target: &mut FileStore,
    output: &Output,
) -> Result<(), Failure> {
    let mut transaction = target.begin()?;
    let before = transaction.all()?.len();
    let imported = credentials.len();
    // Lists have the newest first, and what is put last is the newest.
    for credential in credentials.into_iter().rev() {
        let known = match transaction.find(&credential.credential().id) {
            // Its key is of no use to this build, and is replaced.
            Err(StoreError::Key { .. }) => None,
            known => known?.filter(|known| known.rp_id == credential.credential().rp_id),
        };
        transaction.put(&match known {
            Some(known) => credential.in_place_of(&known),
            None => credential.credential().clone(),
        })?;
    }
    let replaced = before + imported - transaction.all()?.len();
    transaction.commit()?;
    let replaced = match replaced {
        0 => String::new(),
        n => format!(", {n} of the same id or account replaced"),
    };
    output.note(&format!("{} imported{replaced}", count(imported)));
    Ok(())
}

fn list(selection: &Selection, output: &Output) -> Result<(), Failure> {
    let credentials = select(selection, output)?;
    if output.is_json() {
        return output.data(&Json::Array(credentials.iter().map(Credential::to_list_json).collect()));
    }
    if credentials.is_empty() {
        output.note(&"the store is empty");
        return Ok(());
    }
    let header = ["RP ID", "USER", "COUNT", "KIND", "CREDENTIAL ID"].map(str::to_owned);
    let mut rows = vec![header];
    rows.extend(credentials.iter().map(|credential| {
        let kind = if credential.discoverable { "discoverable" } else { "server-side" };
        [
            printable(&credential.rp_id),
            printable(&credential.user.name),
            credential.sign_count.to_string(),
            kind.to_owned(),
            encode(&credential.id),
        ]
    }));
    output.data(&table(&rows, output.width()))
}

/// Columns as wide as their widest cell, two spaces between them; lines are cut at `width`.
fn table<const N: usize>(rows: &[[String; N]], width: usize) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let line = |row: &[String; N]| {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cut(cells.join("  ").trim_end(), width) + "\n"
    };
    rows.iter().map(line).collect()
}

/// A server's text without what could drive the terminal, in at most 24 characters.
fn printable(text: &str) -> String {
    cut(&text.chars().map(harmless).collect::<String>(), 24)
}

/// At most `width` characters; an ellipsis stands for the rest.
fn cut(text: &str, width: usize) -> String {
    match text.chars().count() > width {
        true => text.chars().take(width.saturating_sub(1)).chain(['…']).collect(),
        false => text.to_owned(),
    }
}

fn export(selection: &Selection, form: Form, file: Option<&Path>, output: &Output) -> Result<(), Failure> {
    let credentials = select(selection, output)?;
    let list = |form: fn(&Credential) -> Json<'static>| Json::Array(credentials.iter().map(form).collect());
    let text = match form {
        Form::Webdriver => Exported::Json(list(Credential::to_webdriver_json)),
        Form::Playwright => Exported::Json(list(Credential::to_playwright_json)),
        Form::Pkcs8 => match credentials.as_slice() {
            [credential] => Exported::Pem(credential.key.to_pkcs8_pem()),
            several => {
                let found = count(several.len());
                return Err(Failure::Usage(format!(
                    "--as pkcs8: found {found}, expected one: choose it by --id"
                )));
            }
        },
    };
    match (file, text) {
        (Some(file), text) => {
            private_file::write(file, &text.into_text())
                .map_err(|error| Failure::Tool(format!("{}: cannot write: {error}", file.display())))?;
            output.note(&format!("{} written to {}", count(credentials.len()), file.display()));
            Ok(())
        }
        (None, text) => {
            if let Some(who) = private_file::who_reads_standard_output() {
                let cure = "--output FILE writes a file that is private";
                output.warning(&format!("private keys go to standard output, which {who}; {cure}"));
            }
            match text {
                Exported::Json(json) => output.json_data(&json),
                Exported::Pem(pem) => output.data(&*pem),
            }
        }
    }
}

/// What is exported.
enum Exported {
    Json(Json<'static>),
    Pem(Zeroizing<String>),
}

impl Exported {
    fn into_text(self) -> Zeroizing<String> {
        match self {
            Exported::Json(json) => Zeroizing::new(format!("{json}\n")),
            Exported::Pem(pem) => pem,
        }
    }
}

fn delete(selection: &Selection, all: bool, output: &Output) -> Result<(), Failure> {
    if !all && !is_filtered(selection) {
        return Err(Failure::Usage("expected --id, --rp-id, --user-name or --all".into()));
    }
    let mut target = store::file(&selection.store, output)?;
    let mut transaction = target.begin()?;
    let chosen = filter(transaction.all()?, selection)?;
    for credential in &chosen {
        transaction.remove(&credential.id)?;
    }
    transaction.commit()?;
    output.note(&format!("{} deleted", count(chosen.len())));
    Ok(())
}

fn select(selection: &Selection, output: &Output) -> Result<Vec<Credential>, Failure> {
    let mut source = store::file(&selection.store, output)?;
    let all = match store::is_there(&source) {
        true => source.begin()?.all()?,
        false => Vec::new(),
    };
    filter(all, selection)
}

fn is_filtered(selection: &Selection) -> bool {
    !selection.ids.is_empty() || selection.rp_id.is_some() || selection.user_name.is_some()
}

fn filter(mut credentials: Vec<Credential>, selection: &Selection) -> Result<Vec<Credential>, Failure> {
    if let Some(missing) = selection.ids.iter().find(|id| !credentials.iter().any(|c| c.id == id.0)) {
        return Err(Failure::NothingMatched(format!("no credential has the id {}", encode(&missing.0))));
    }
    let wanted =
        |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
    credentials.retain(|credential| {
        (selection.ids.is_empty() || selection.ids.iter().any(|id| id.0 == credential.id))
            && wanted(&selection.rp_id, &credential.rp_id)
            && wanted(&selection.user_name, &credential.user.name)
    });
    match credentials.is_empty() && is_filtered(selection) {
        true => Err(Failure::NothingMatched("no credential matches".into())),
        false => Ok(credentials),
    }
}

fn read(
    file: &Path,
    output: &Output,
    from_pem: &dyn Fn(&str) -> Result<Credential, Failure>,
) -> Result<Vec<ImportedCredential>, Failure> {
    let text = Zeroizing::new(input::read_at_most(file, MAX_IMPORT)?);
    if !text.trim_start().starts_with(['{', '[']) && text.contains("-----BEGIN") {
        return Ok(vec![from_pem(&text)?.into()]);
    }
    let mut notices = Vec::new();
    let credentials = ImportedCredential::list_from_text(&text, &mut notices)
        .map_err(|error| Failure::from(error).in_file(file))?;
    for notice in &notices {
        output.warning(notice);
    }
    Ok(credentials)
}

fn pem_credential(
    pem: &str,
    rp_id: Option<&str>,
    id: Option<&Bytes>,
    user_handle: Option<&Bytes>,
    user_name: Option<&str>,
) -> Result<Credential, Failure> {
    let (Some(rp_id), Some(id)) = (rp_id, id) else {
        return Err(Failure::Usage("a PEM private key: expected --rp-id and --id with it".into()));
    };
    let user_id = user_handle.map(|handle| handle.0.clone()).unwrap_or_default();
    if user_id.len() > 64 || !(1..=1023).contains(&id.0.len()) {
        return Err(Failure::Usage(
            "expected --id of 1 to 1023 bytes and --user-handle of at most 64 bytes".into(),
        ));
    }
    let user_name = user_name.unwrap_or_default().to_owned();
    let user = User { id: user_id, display_name: user_name.clone(), name: user_name };
    let key = KeyPair::from_pem(pem).map_err(|error| Failure::Usage(error.to_string()))?;
    let mut credential = Credential::new(id.0.clone(), rp_id, user, key);
    credential.discoverable = !credential.user.id.is_empty();
    Ok(credential)
}

fn count(credentials: usize) -> String {
    match credentials {
        1 => "1 credential".into(),
        more => format!("{more} credentials"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_aligned_and_cut_at_the_width() {
        let rows = [["a", "bbb"], ["aaaa", "b"]].map(|row| row.map(str::to_owned));
        assert_eq!(table(&rows, usize::MAX), "a     bbb\naaaa  b\n");
        assert_eq!(table(&rows, 7), "a     …\naaaa  b\n");
    }

    #[test]
    fn control_characters_are_not_printed() {
        assert_eq!(printable("a\u{1b}[2J\u{9b}b"), "a\u{fffd}[2J\u{fffd}b");
        assert_eq!(printable(&"x".repeat(30)).chars().count(), 24);
    }
}
