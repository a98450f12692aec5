//! The table of a model's settings.

/// Hands the table to another macro, after the tokens that follow its name.
macro_rules! model_table {
    ($with:ident $($first:tt)*) => {
        $with! { $($first)*
            /// The version of CTAP that it speaks.
            ///
            /// One that speaks 2.1 or 2.3 is built only where the build has the Cargo feature `ctap`. Default: 2.0.
            ctap_version: CtapVersion = CtapVersion::V2_0, None, [ctap_version: CtapVersion];

            /// Whether it speaks U2F, which is CTAP1, too.
            ///
            /// Default: no.
            u2f: bool = false, None, [];

            /// Whether it has the prototypes of credential management and finger enrolment too (`FIDO_2_1_PRE`).
            ///
            /// Default: no.
            previews: bool = false, None, [];

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

            /// The least length of a PIN in code points, at least 4.
            ///
            /// Default: 4.
            min_pin_length: u8 = 4, None, [];

            /// The greatest length of a PIN in code points, 8 to 63, if it says one.
            ///
            /// Default: none.
            max_pin_length: Option<u8> = None, None, [];

            /// The RP IDs that are told the rules for PINs without a platform's doing.
            ///
            /// Default: none.
            min_pin_length_rp_ids: Vec<String> = Vec::new(), None, [];

            /// How many RP IDs platforms may let know the rules for PINs.
            ///
            /// Default: 8.
            max_rpids_for_set_min_pin_length: u8 = 8, None, [];

            /// Whether PINs have to be complex at first; without a value, there is no such rule.
            ///
            /// Default: none.
            pin_complexity_policy: Option<bool> = None, None, [];

            /// Where the rule for complex PINs is described.
            ///
            /// Default: none.
            pin_complexity_policy_url: Option<String> = None, None, [];

            /// The PIN/UV auth protocols, by their numbers, the preferred one first.
            ///
            /// Default: 1 in CTAP 2.0, 2 and 1 later.
            pin_uv_auth_protocols: Option<Vec<PinUvAuthProtocol>> = None, None, [];

            /// Whether a PIN gives no token for ceremonies (`noMcGaPermissionsWithClientPin`).
            ///
            /// Default: no.
            no_mc_ga_permissions_with_client_pin: bool = false, None, [];

            /// Whether credentials that need not be discoverable are made without verifying the user, since CTAP 2.1.
            ///
            /// Default: yes.
            make_cred_uv_not_rqd: bool = true, None, [];

            /// Whether users are always verified at first; without a value, it cannot be switched.
            ///
            /// Default: none.
            always_uv: Option<bool> = None, None, [];

            /// How often built-in user verification may fail before only a PIN helps, 1 to 25.
            ///
            /// Default: 5.
            max_uv_retries: u8 = 5, None, [];

            /// How often built-in user verification is tried for one request, 1 to 5.
            ///
            /// Default: 3.
            uv_attempts: u8 = 3, None, [];

            /// How often a platform should try built-in user verification before it asks for a PIN.
            ///
            /// Default: it does not say.
            preferred_platform_uv_attempts: Option<u8> = None, None, [];

            /// How it verifies users by itself, as flags of the FIDO Registry of Predefined Values.
            ///
            /// Default: by fingers if they can be enrolled, else by a PIN of its own.
            uv_modality: Option<u16> = None, None, [];

            /// Whether fingers can be enrolled, by which it then verifies its user.
            ///
            /// Default: no.
            bio_enrollment: bool = false, None, [];

            /// How many fingers there is room for.
            ///
            /// Default: 5.
            max_fingers: u8 = 5, None, [];

            /// How many good samples enrol a finger.
            ///
            /// Default: 4.
            samples_per_finger: u8 = 4, None, [];

            /// What becomes of the next samples of fingers, by their numbers; later ones are good.
            ///
            /// Default: none.
            finger_samples: Vec<SampleStatus> = Vec::new(), None, [];

            /// Whether who is verified by the authenticator itself may enrol fingers.
            ///
            /// Default: no.
            uv_bio_enroll: bool = false, None, [];

            /// Whether who is verified by the authenticator itself may configure it.
            ///
            /// Default: no.
            uv_acfg: bool = false, None, [];

            /// Whether platforms can manage its credentials, since CTAP 2.1.
            ///
            /// Default: yes, where it keeps discoverable ones.
            credential_management: bool = true, None, [];

            /// Whether it gives a token that reads credentials until the PIN changes, since CTAP 2.2.
            ///
            /// Default: no.
            credential_management_read_only: bool = false, None, [];

            /// Whether platforms can configure it.
            ///
            /// Default: no.
            authenticator_config: bool = false, None, [];

            /// The commands of its vendor's for configuration; they do nothing. Without a value, it has none.
            ///
            /// Default: none.
            vendor_config_commands: Option<Vec<u64>> = None, None, [];

            /// The room for large blobs in bytes, at least 1,024; without a value, there are none.
            ///
            /// Default: none.
            large_blobs: Option<u16> = None, None, [];

            /// The longest blob of `credBlob` in bytes, at least 32.
            ///
            /// Default: 32.
            max_cred_blob_length: u16 = 32, None, [];

            /// How many discoverable credentials there is room for.
            ///
            /// Default: any number.
            max_credentials: Option<u16> = None, None, [];

            /// The longest list of credentials in a request, since CTAP 2.1.
            ///
            /// Default: 8.
            max_credential_count_in_list: u8 = 8, None, [];

            /// How many seconds after its power came it can be reset.
            ///
            /// Default: at any time, and 10 seconds for the ready-made security keys.
            reset_within: Option<u16> = None, None, [];

            /// Whether a reset takes a long touch at first; without a value, it cannot be switched.
            ///
            /// Default: none.
            long_touch_for_reset: Option<bool> = None, None, [];

            /// The transports by which it says that it can be reset.
            ///
            /// Default: it does not say.
            transports_for_reset: Vec<Transport> = Vec::new(), None, [];

            /// The version of its firmware.
            ///
            /// Default: it does not say.
            firmware_version: Option<u16> = None, None, [];

            /// Its certifications, each with its level.
            ///
            /// Default: none.
            certifications: Certifications = Certifications::default(), None, [];

            /// Options of getInfo to tell otherwise than they are: each with =true, =false or =absent.
            ///
            /// Default: none.
            info_options: InfoOverrides = InfoOverrides::default(), None, [];

            /// Whether a model is built that CTAP forbids.
            ///
            /// Default: no.
            nonconforming: bool = false, None, [];

            /// Whether it can keep discoverable credentials.
            ///
            /// Default: yes.
            resident_key: bool = true,
                SettingOption::flag("no-resident-key", "false", "The authenticator cannot keep discoverable credentials"),
                [resident_key: bool];

            /// Whether it gives enterprise attestations. Since CTAP 2.1, a reset switches them off until a platform enables them.
            ///
            /// Default: no.
            enterprise_attestation: bool = false,
                SettingOption::flag("enterprise-attestation", "true", "The authenticator gives enterprise attestations"),
                [];

            /// The RP IDs that get enterprise attestations without a platform's doing (vendor-facilitated).
            ///
            /// Default: none.
            enterprise_rp_ids: Vec<String> = Vec::new(), None, [];

            /// Whether a platform can let any RP ID have enterprise attestations (platform-managed).
            ///
            /// Default: yes.
            platform_managed: bool = true, None, [];

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
