//! The table of a plan's settings.

/// Hands the table to another macro, after the tokens that follow its name.
macro_rules! plan_table {
    ($with:ident $($first:tt)*) => {
        $with! { $($first)*
            /// The attestation to make, whatever the request asks for.
            ///
            /// A credential whose algorithm the format does not [support](AttestationFormat::supports) is refused.
            /// Default: `packed` with a certificate, or `none` where the request prefers it.
            format: Option<AttestationFormat> = None,
                SettingOption::or("format", "FMT", "packed, or none if the request asks for none"),
                [format: AttestationFormat];

            /// The authority at the end of attestation chains: test-root, seed: and a text, or PEM.
            ///
            /// Default: the root that ships; with a seed, a root of the seed's own.
            authority: Option<Authority> = None, None, [];

            /// How many intermediate authorities stand between the root and the attestation certificate.
            ///
            /// The first allows none below it, so a path with two is too long. Default: none, but for `apple` one, as
            /// Apple's own chain has. `fido-u2f` has no place for any.
            intermediates: Option<u8> = None,
                SettingOption::implying("attestation-intermediate", "COUNT", "1", "0; with apple 1"),
                [attestation_intermediates: u8];

            /// Whether the root's certificate is sent in x5c, where it does not belong.
            ///
            /// Default: no.
            root_in_x5c: bool = false,
                SettingOption::flag(
                    "attestation-root-in-x5c", "true", "Send the root's certificate in x5c, where it does not belong"
                ),
                [attestation_root_in_x5c: bool];

            /// The algorithm with which attestation keys sign.
            ///
            /// RSA keys are those that ship ([`KeyPair::from_rsa_pool`](crate::crypto::KeyPair::from_rsa_pool)).
            /// Default: ES256; with the format `android-safetynet` RS256, as the service signed with nothing else and
            /// verifiers insist on it.
            algorithm: Option<Algorithm> = None,
                SettingOption::or("attestation-alg", "ALG", "ES256; with android-safetynet RS256"),
                [attestation_algorithm: Algorithm];

            /// The device's serial number in enterprise attestations.
            ///
            /// Default: `stuntkey-0001`.
            serial_number: SerialNumber = SerialNumber::default(),
                SettingOption::value("serial-number", "TEXT"),
                [];

            /// The time that attestations state: system, or milliseconds since 1970.
            ///
            /// Default: the system's time; with a seed [`Clock::SEEDED`].
            clock: Option<Clock> = None,
                SettingOption::or("clock", "TIME", "system; with a seed 1767225600000, the beginning of 2026"),
                [clock: Clock];
        }
    };
}
pub(crate) use plan_table;
