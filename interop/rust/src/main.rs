//! Checks stuntkey against webauthn-rs. Usage: webauthn_rs_peer STUNTKEY

mod harness;

use harness::{Checks, ORIGIN, OTHER_ORIGIN, OTHER_RP_ID, Outcome, RP_ID, Stuntkey, expect};
use serde_cbor_2::Value as Cbor;
use std::fmt;
use std::process::ExitCode;
use std::time::Duration;
use url::Url;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::error::WebauthnResult;
use webauthn_rs_core::proto::{
    AttestationCaList, AttestationConveyancePreference, AttestationFormat, AuthenticationResult,
    AuthenticationState, Credential, ParsedAttestationData, PublicKeyCredential, RegisterPublicKeyCredential,
    RegistrationState, UserVerificationPolicy,
};

/// What is registered: the attestation asked for, stuntkey's flags, and what must come back.
struct Kind {
    attestation: AttestationConveyancePreference,
    flags: &'static [&'static str],
    format: AttestationFormat,
    found: &'static str,
}

const X5C: Kind = Kind {
    attestation: AttestationConveyancePreference::Direct,
    flags: &[],
    format: AttestationFormat::Packed,
    found: "type Basic, 1 in x5c",
};
const X5C_INTERMEDIATE: Kind =
    Kind { flags: &["--attestation-intermediate"], found: "type Basic, 2 in x5c", ..X5C };
const SELF: Kind = Kind { flags: &["--format", "packed-self"], found: "type Self", ..X5C };
const NONE: Kind = Kind {
    attestation: AttestationConveyancePreference::None,
    flags: &[],
    format: AttestationFormat::None,
    found: "type None",
};

const OTHER_SEED: &[&str] = &["--seed", "other"];

fn server(rp_id: &str, origin: &str) -> WebauthnCore {
    let origin = Url::parse(origin).expect("a constant");
    WebauthnCore::new_unsafe_experts_only("Example", rp_id, vec![origin], Duration::from_secs(60), None, None)
}

fn usual_server() -> WebauthnCore {
    server(RP_ID, ORIGIN)
}

fn trust(root: &[u8]) -> Outcome<AttestationCaList> {
    AttestationCaList::try_from(root).map_err(|error| format!("not a root certificate: {error}").into())
}

/// One registration ceremony: the server's state, and stuntkey's reply to it.
struct Registration {
    user_id: Vec<u8>,
    state: RegistrationState,
    reply: RegisterPublicKeyCredential,
}

impl Registration {
    fn new(stuntkey: &Stuntkey, kind: &Kind, extra_flags: &[&str]) -> Outcome<Self> {
        Self::of("alice", stuntkey, kind, extra_flags)
    }

    fn of(user: &str, stuntkey: &Stuntkey, kind: &Kind, extra_flags: &[&str]) -> Outcome<Self> {
        let user_id = format!("the id of {user}").into_bytes();
        let server = usual_server();
        let builder = server
            .new_challenge_register_builder(&user_id, user, user)?
            .attestation(kind.attestation.clone())
            .user_verification_policy(UserVerificationPolicy::Required)
            .require_resident_key(true);
        let (options, state) = server.generate_challenge_register(builder)?;
        let flags = [kind.flags, extra_flags].concat();
        let reply = stuntkey.register(&serde_json::to_value(options)?, &flags)?;
        Ok(Self { user_id, state, reply: serde_json::from_value(reply)? })
    }

    /// Without a list of roots the library verifies the statement, and requires trust in nobody.
    fn finish(&self, roots: Option<&AttestationCaList>) -> WebauthnResult<Credential> {
        usual_server().register_credential(&self.reply, &self.state, roots)
    }
}

/// One authentication ceremony, for a credential already registered.
struct SignIn {
    state: AuthenticationState,
    reply: PublicKeyCredential,
}

impl SignIn {
    fn listed(stuntkey: &Stuntkey, credential: &Credential, flags: &[&str]) -> Outcome<Self> {
        Self::new(stuntkey, vec![credential.clone()], flags)
    }

    fn discoverable(stuntkey: &Stuntkey) -> Outcome<Self> {
        Self::new(stuntkey, vec![], &[])
    }

    fn new(stuntkey: &Stuntkey, credentials: Vec<Credential>, flags: &[&str]) -> Outcome<Self> {
        let server = usual_server();
        let policy = Some(UserVerificationPolicy::Required);
        let builder = server.new_challenge_authenticate_builder(credentials, policy)?;
        let (options, state) = server.generate_challenge_authenticate(builder)?;
        let reply = stuntkey.authenticate(&serde_json::to_value(options)?, flags)?;
        Ok(Self { state, reply: serde_json::from_value(reply)? })
    }

    fn finish(&self, credential: &Credential) -> WebauthnResult<AuthenticationResult> {
        self.finish_at(&usual_server(), credential)
    }

    fn finish_at(
        &self,
        server: &WebauthnCore,
        credential: &Credential,
    ) -> WebauthnResult<AuthenticationResult> {
        let mut state = self.state.clone();
        state.set_allowed_credentials(vec![credential.clone()]);
        server.authenticate_credential(&self.reply, &state)
    }
}

/// Turns the refusal that was expected, by its variant's name, into words for its line.
fn refusal<T: fmt::Debug>(result: WebauthnResult<T>, variant: &str) -> Outcome<String> {
    match result {
        Ok(accepted) => Err(format!("accepted: {accepted:?}").into()),
        Err(error) => {
            let name = format!("{error:?}");
            let found = name.split('(').next().unwrap_or(&name);
            expect(found == variant, format_args!("expected {variant}, not {name}: {error}"))?;
            Ok(format!("{name}: {error}"))
        }
    }
}

/// The last byte belongs to the number s, so the DER structure stays whole.
fn flip_last_bit(signature: &mut [u8]) -> Outcome<()> {
    *signature.last_mut().ok_or("an empty signature")? ^= 1;
    Ok(())
}

/// Corrupts the signature inside an attestation object, where it lies.
fn corrupt_attestation_signature(attestation_object: &mut [u8]) -> Outcome<()> {
    let member = |value: Cbor, name: &str| match value {
        Cbor::Map(mut map) => map.remove(&Cbor::Text(name.into())),
        _ => None,
    };
    let statement = member(serde_cbor_2::from_slice(attestation_object)?, "attStmt").ok_or("no attStmt")?;
    let Some(Cbor::Bytes(signature)) = member(statement, "sig") else {
        return Err("no sig in the attestation statement".into());
    };
    let places: Vec<usize> = (0..attestation_object.len())
        .filter(|&at| attestation_object[at..].starts_with(&signature))
        .collect();
    let [at] = places[..] else {
        return Err("the signature's bytes do not occur exactly once".into());
    };
    flip_last_bit(&mut attestation_object[at..at + signature.len()])
}

fn accepts_registration(
    stuntkey: &Stuntkey,
    kind: &Kind,
    roots: Option<&AttestationCaList>,
) -> Outcome<String> {
    let credential = Registration::new(stuntkey, kind, &[])?.finish(roots)?;
    expect(
        credential.attestation_format == kind.format,
        format_args!("the format is {:?}", credential.attestation_format),
    )?;
    expect(credential.user_verified, "the user was not verified")?;
    let found = match &credential.attestation.data {
        ParsedAttestationData::Basic(chain) => format!("type Basic, {} in x5c", chain.len()),
        ParsedAttestationData::Self_ => "type Self".to_owned(),
        ParsedAttestationData::None => "type None".to_owned(),
        other => format!("{other:?}"),
    };
    expect(found == kind.found, format_args!("found {found}"))?;
    Ok(found)
}

fn accepts_sign_ins(stuntkey: &Stuntkey, kind: &Kind) -> Outcome<String> {
    let registration = Registration::new(stuntkey, kind, &[])?;
    let mut credential = registration.finish(None)?;
    let at_registration = credential.counter;

    let first = SignIn::discoverable(stuntkey)?;
    let handle = first.reply.get_user_unique_id();
    expect(handle == Some(&registration.user_id), format_args!("userHandle is {handle:?}"))?;
    credential.counter = first.finish(&credential)?.counter();

    let risen = SignIn::listed(stuntkey, &credential, &[])?.finish(&credential)?.counter();
    let count = credential.counter;
    expect(risen > count, format_args!("the counter went from {count} to {risen}"))?;
    Ok(format!("counter {at_registration}, {count}, {risen}"))
}

fn accepts_another_seed(stuntkey: &Stuntkey) -> Outcome<String> {
    let root = trust(&stuntkey.root(OTHER_SEED)?)?;
    Registration::new(stuntkey, &X5C, OTHER_SEED)?.finish(Some(&root))?;
    Ok(String::new())
}

fn refuses_another_root(stuntkey: &Stuntkey, kind: &Kind) -> Outcome<String> {
    let registration = Registration::new(stuntkey, kind, &[])?;
    registration.finish(Some(&trust(&stuntkey.root(&[])?)?))?;
    let other = trust(&stuntkey.root(OTHER_SEED)?)?;
    refusal(registration.finish(Some(&other)), "AttestationChainNotTrusted")
}

fn refuses_self_attestation(stuntkey: &Stuntkey) -> Outcome<String> {
    let root = trust(&stuntkey.root(&[])?)?;
    refusal(Registration::new(stuntkey, &SELF, &[])?.finish(Some(&root)), "AttestationNotVerifiable")
}

fn refuses_corrupted_attestation(stuntkey: &Stuntkey, kind: &Kind) -> Outcome<String> {
    let mut registration = Registration::new(stuntkey, kind, &[])?;
    registration.finish(None)?;
    corrupt_attestation_signature(&mut registration.reply.response.attestation_object)?;
    refusal(registration.finish(None), "AttestationStatementSigInvalid")
}

fn refuses_registration_at(stuntkey: &Stuntkey, server: &WebauthnCore, variant: &str) -> Outcome<String> {
    let Registration { state, reply, .. } = Registration::new(stuntkey, &X5C, &[])?;
    refusal(server.register_credential(&reply, &state, None), variant)
}

fn refuses_sign_in_at(stuntkey: &Stuntkey, server: &WebauthnCore, variant: &str) -> Outcome<String> {
    let credential = Registration::new(stuntkey, &X5C, &[])?.finish(None)?;
    refusal(SignIn::listed(stuntkey, &credential, &[])?.finish_at(server, &credential), variant)
}

fn refuses_registration_flagged(stuntkey: &Stuntkey, flag: &str, variant: &str) -> Outcome<String> {
    refusal(Registration::new(stuntkey, &X5C, &["--flag", flag])?.finish(None), variant)
}

fn refuses_sign_in_flagged(stuntkey: &Stuntkey, flag: &str, variant: &str) -> Outcome<String> {
    let credential = Registration::new(stuntkey, &X5C, &[])?.finish(None)?;
    refusal(SignIn::listed(stuntkey, &credential, &["--flag", flag])?.finish(&credential), variant)
}

fn refuses_registration_for_another_challenge(stuntkey: &Stuntkey) -> Outcome<String> {
    let mut registration = Registration::new(stuntkey, &X5C, &[])?;
    registration.state = Registration::of("bob", stuntkey, &X5C, &[])?.state;
    refusal(registration.finish(None), "MismatchedChallenge")
}

fn refuses_sign_in_for_another_challenge(stuntkey: &Stuntkey) -> Outcome<String> {
    let credential = Registration::new(stuntkey, &X5C, &[])?.finish(None)?;
    let mut sign_in = SignIn::listed(stuntkey, &credential, &[])?;
    sign_in.state = SignIn::listed(stuntkey, &credential, &[])?.state;
    refusal(sign_in.finish(&credential), "MismatchedChallenge")
}

fn refuses_corrupted_signature(stuntkey: &Stuntkey) -> Outcome<String> {
    let credential = Registration::new(stuntkey, &X5C, &[])?.finish(None)?;
    let mut sign_in = SignIn::listed(stuntkey, &credential, &[])?;
    sign_in.finish(&credential)?;
    flip_last_bit(&mut sign_in.reply.response.signature)?;
    refusal(sign_in.finish(&credential), "AuthenticationFailure")
}

fn refuses_an_older_assertion(stuntkey: &Stuntkey) -> Outcome<String> {
    let mut credential = Registration::new(stuntkey, &X5C, &[])?.finish(None)?;
    let older = SignIn::listed(stuntkey, &credential, &[])?;
    older.finish(&credential)?;
    credential.counter = SignIn::listed(stuntkey, &credential, &[])?.finish(&credential)?.counter();
    refusal(older.finish(&credential), "CredentialPossibleCompromise")
}

fn refuses_another_key(stuntkey: &Stuntkey) -> Outcome<String> {
    let alice = Registration::of("alice", stuntkey, &X5C, &[])?.finish(None)?;
    let bob = Registration::of("bob", stuntkey, &X5C, &[])?.finish(None)?;
    let sign_in = SignIn::listed(stuntkey, &alice, &[])?;
    sign_in.finish(&alice)?;
    let crossed = Credential { cred: bob.cred, ..alice };
    refusal(sign_in.finish(&crossed), "AuthenticationFailure")
}

/// The version this program was built with, which the library itself does not state.
fn version() -> Outcome<&'static str> {
    include_str!("../Cargo.lock")
        .split_once("name = \"webauthn-rs-core\"\nversion = \"")
        .and_then(|(_, rest)| rest.split('"').next())
        .ok_or("webauthn-rs-core is not in Cargo.lock".into())
}

fn run() -> Outcome<bool> {
    let mut checks = Checks::new(format!("webauthn-rs-core {}", version()?))?;

    for (name, kind, rooted) in [
        ("packed x5c under direct attestation, our root trusted", X5C, true),
        ("packed x5c through an issuing intermediate, our root trusted", X5C_INTERMEDIATE, true),
        ("packed self attestation, no trust required", SELF, false),
        ("no attestation", NONE, false),
    ] {
        checks.check(&format!("accepts {name}"), |stuntkey| {
            let roots = if rooted { Some(trust(&stuntkey.root(&[])?)?) } else { None };
            accepts_registration(stuntkey, &kind, roots.as_ref())
        });
        checks.check(&format!("accepts a discoverable and a listed sign-in after {name}"), |stuntkey| {
            accepts_sign_ins(stuntkey, &kind)
        });
    }
    checks.check("accepts packed x5c of another seed, that seed's root trusted", accepts_another_seed);

    checks.check("refuses packed x5c, another root trusted", |stuntkey| refuses_another_root(stuntkey, &X5C));
    checks.check("refuses packed x5c through an issuing intermediate, another root trusted", |stuntkey| {
        refuses_another_root(stuntkey, &X5C_INTERMEDIATE)
    });
    checks.check("refuses packed self attestation, our root required", refuses_self_attestation);
    for (name, kind) in [("packed x5c", X5C), ("packed self attestation", SELF)] {
        checks.check(&format!("refuses {name} with its signature corrupted"), |stuntkey| {
            refuses_corrupted_attestation(stuntkey, &kind)
        });
    }

    checks.check(
        "refuses a registration with the reply to another challenge",
        refuses_registration_for_another_challenge,
    );
    checks.check(
        "refuses a sign-in with the reply to another challenge",
        refuses_sign_in_for_another_challenge,
    );
    for (name, server, variant) in [
        ("another origin", server(RP_ID, OTHER_ORIGIN), "InvalidRPOrigin"),
        ("another RP ID", server(OTHER_RP_ID, ORIGIN), "InvalidRPIDHash"),
    ] {
        checks.check(&format!("refuses a registration with {name}"), |stuntkey| {
            refuses_registration_at(stuntkey, &server, variant)
        });
        checks.check(&format!("refuses a sign-in with {name}"), |stuntkey| {
            refuses_sign_in_at(stuntkey, &server, variant)
        });
    }
    for (name, flag, variant) in [
        ("a user not verified, verification required", "uv=0", "UserNotVerified"),
        ("user presence clear", "up=0", "UserNotPresent"),
    ] {
        checks.check(&format!("refuses a registration with {name}"), |stuntkey| {
            refuses_registration_flagged(stuntkey, flag, variant)
        });
        checks.check(&format!("refuses a sign-in with {name}"), |stuntkey| {
            refuses_sign_in_flagged(stuntkey, flag, variant)
        });
    }
    checks.check("refuses a sign-in with its signature corrupted", refuses_corrupted_signature);
    checks.check("refuses a sign-in older than the last one counted", refuses_an_older_assertion);
    checks.check("refuses a sign-in under another credential's key", refuses_another_key);
    Ok(checks.finish())
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
