//! The table of a model's settings.

/// Hands the table to another macro, after the tokens that follow its name.
macro_rules! model_table {
    ($with:ident $($first:tt)*) => {
        $with! { $($first)*
            /// The version of CTAP that it speaks.
            ctap_version: CtapVersion = CtapVersion::V2_0, None, [];

            /// The model identifier.
            ///
            /// Default: stuntkey's own; with the format `fido-u2f` zero, as U2F has no models and FIDO's server
            /// requirements refuse any other.
            aaguid: Option<Aaguid> = None,
                SettingOption::or("aaguid", "UUID", "stuntkey's own; with fido-u2f zero"),
                [aaguid: Aaguid];

            /// How the authenticator is attached.
            ///
            /// Default: platform.
            attachment: Attachment = Attachment::Platform,
                SettingOption::value("attachment", "KIND"),
                [attachment: Attachment];

            /// How clients reach the authenticator.
            ///
            /// Default: `internal` for a platform authenticator, `usb` for another.
            transports: Option<Vec<Transport>> = None,
                SettingOption::or("transports", "LIST", "internal, or usb for cross-platform"),
                [];

            /// The algorithms that the authenticator has; all means every one but RS1, as SHA-1 is broken.
            ///
            /// A request's first algorithm that is among them is taken. An authenticator with one that this build lacks
            /// is not built, so that the same model gives the same keys whatever features a build has. Default: ES256,
            /// which every build has.
            algorithms: Vec<Algorithm> = vec![Algorithm::Es256],
                SettingOption::value("alg", "LIST"),
                [];

            /// The library that computes keys and signatures.
            ///
            /// RustCrypto does where the backend is not [available](Backend::is_available). Default: the
            /// [fastest](Backend::fastest); with a seed, or a random source of the caller's, RustCrypto, whose
            /// signatures follow from key and message.
            backend: Option<Backend> = None,
                SettingOption::or(
                    "backend", "NAME",
                    "the fastest here; with a seed rustcrypto, whose signatures stay the same"
                ),
                [backend: Backend];

            /// Whether RSA credentials take one of the eight RSA keys that ship with stuntkey.
            ///
            /// [Those](crate::crypto::KeyPair::from_rsa_pool) are quick, and the same on every machine, but everybody
            /// has the private keys, and two credentials may share a modulus. Otherwise each makes a fresh key, which
            /// takes its time. Default: with a seed from the pool, without one fresh.
            rsa_pool: Option<bool> = None,
                SettingOption::or("rsa-pool", "BOOL", "with a seed true, without one false"),
                [rsa_pool: bool];

            /// The length of new credential ids in bytes.
            ///
            /// At least 16 (WebAuthn L3 §4) and at most 65,535, which is all that the wire can say; the standard allows
            /// 1,023. Default: 32.
            credential_id_length: CredentialIdLength = CredentialIdLength::default(),
                SettingOption::value("credential-id-length", "BYTES"),
                [credential_id_length: u16];

            /// The longest request that the authenticator takes, in bytes.
            ///
            /// Default: 7,609, which is what fits a CTAPHID message.
            max_msg_size: u16 = MAX_MSG_SIZE,
                SettingOption::value("max-msg-size", "BYTES"),
                [max_msg_size: u16];

            /// How signature counters move.
            ///
            /// Default: a counter for each credential.
            counter: CounterPolicy = CounterPolicy::PerCredential,
                SettingOption::value("counter", "POLICY"),
                [counter: CounterPolicy];

            /// Flags of authenticator data to force: up, uv, be, bs, at or ed, each with =0 or =1.
            ///
            /// Default: none.
            flags: FlagOverrides = FlagOverrides::default(),
                SettingOption::value("flag", "FLAG=BIT"),
                [flags: FlagOverrides];

            /// Whether new credentials may be backed up, and whether they are.
            ///
            /// Default: neither.
            backup: Backup = Backup::No, SettingOption::value("backup", "STATE"), [];

            /// The extensions that the authenticator has.
            ///
            /// One that has any is built only where the build has the Cargo feature `ctap`. Default: none.
            extensions: Vec<Extension> = Vec::new(), None, [];

            /// Extension outputs to send with every ceremony: a canonical CBOR map in hex.
            ///
            /// They set the flag ED. Default: none.
            extension_data: Option<ExtensionData> = None, SettingOption::value("extension-data", "HEX"), [];

            /// Whether it can verify its user.
            ///
            /// Default: yes.
            user_verification: bool = true,
                SettingOption::flag("no-user-verification", "false", "The authenticator cannot verify its user"),
                [user_verification: bool];

            /// Whether it takes a PIN, which a platform sets.
            ///
            /// An authenticator that does is built only where the build has the Cargo feature `ctap`. Default: no.
            client_pin: bool = false, None, [client_pin: bool];

            /// Whether it can keep discoverable credentials.
            ///
            /// Default: yes.
            resident_key: bool = true,
                SettingOption::flag("no-resident-key", "false", "The authenticator cannot keep discoverable credentials"),
                [resident_key: bool];

            /// Whether it gives enterprise attestations.
            ///
            /// Default: no.
            enterprise_attestation: bool = false,
                SettingOption::flag("enterprise-attestation", "true", "The authenticator gives enterprise attestations"),
                [];

            /// What the user answers: one answer each time, or several in turn.
            ///
            /// Default: the user always consents and passes verification.
            user: Answers = Answers::default(), SettingOption::value("user", "ANSWER"), [];

            /// How it attests.
            attestation: Plan = Plan::default(), None, [];
        }
    };
}
pub(crate) use model_table;
