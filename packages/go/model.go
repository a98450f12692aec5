package stuntkey

// A Model says what an authenticator is. What is left out is as in the model that Base names. The settings have the
// text forms that [Settings] lists.
type Model struct {
	// Base is the name of a model that is ready to use, one of [Models]. Default: platform.
	Base string `json:"base,omitzero"`
	// CTAPVersion: the version of CTAP that it speaks: u2f, 2.0, 2.1, 2.3.
	CTAPVersion string `json:"ctap_version,omitzero"`
	// U2F: whether it speaks U2F, which is CTAP1, too.
	U2F *bool `json:"u2f,omitzero"`
	// Previews: whether it has the prototypes of credential management and finger enrolment too (`FIDO_2_1_PRE`).
	Previews *bool `json:"previews,omitzero"`
	// AAGUID: the model identifier.
	AAGUID string `json:"aaguid,omitzero"`
	// Attachment: how the authenticator is attached: platform, cross-platform.
	Attachment string `json:"attachment,omitzero"`
	// Transports: how clients reach the authenticator: usb, nfc, ble, smart-card, hybrid, internal.
	Transports []string `json:"transports,omitzero"`
	// Algorithms: the algorithms that the authenticator has; all means every one but RS1, as SHA-1 is broken: all,
	// ES256, ES384, ES512, ES256K, EdDSA, Ed448, RS256, RS384, RS512, PS256, PS384, PS512, RS1, ML-DSA-44, ML-DSA-65,
	// ML-DSA-87.
	Algorithms []string `json:"algorithms,omitzero"`
	// Backend: the library that computes keys and signatures: rustcrypto, graviola.
	Backend string `json:"backend,omitzero"`
	// RSAPool: whether RSA credentials take one of the eight RSA keys that ship with stuntkey.
	RSAPool *bool `json:"rsa_pool,omitzero"`
	// CredentialIDLength: the length of new credential ids in bytes.
	CredentialIDLength *uint64 `json:"credential_id_length,omitzero"`
	// MaxMsgSize: the longest request that the authenticator takes, in bytes.
	MaxMsgSize *uint64 `json:"max_msg_size,omitzero"`
	// Counter: how signature counters move: per-credential, global, zero.
	Counter string `json:"counter,omitzero"`
	// Flags: flags of authenticator data to force: up, uv, be, bs, at or ed, each with =0 or =1.
	Flags []string `json:"flags,omitzero"`
	// Backup: whether new credentials may be backed up, and whether they are: no, eligible, backed-up,
	// backed-up-not-eligible.
	Backup string `json:"backup,omitzero"`
	// Extensions: the extensions that the authenticator has: credProtect, hmac-secret, hmac-secret-mc, credBlob,
	// largeBlobKey, largeBlob, minPinLength, pinComplexityPolicy, thirdPartyPayment, uvm.
	Extensions []string `json:"extensions,omitzero"`
	// ExtensionData: extension outputs to send with every ceremony: a canonical CBOR map in hex.
	ExtensionData string `json:"extension_data,omitzero"`
	// UserVerification: whether it can verify its user.
	UserVerification *bool `json:"user_verification,omitzero"`
	// ClientPIN: whether it takes a PIN, which a platform sets.
	ClientPIN *bool `json:"client_pin,omitzero"`
	// MinPINLength: the least length of a PIN in code points, at least 4.
	MinPINLength *uint64 `json:"min_pin_length,omitzero"`
	// MaxPINLength: the greatest length of a PIN in code points, 8 to 63, if it says one.
	MaxPINLength *uint64 `json:"max_pin_length,omitzero"`
	// MinPINLengthRPIDs: the RP IDs that are told the rules for PINs without a platform's doing.
	MinPINLengthRPIDs []string `json:"min_pin_length_rp_ids,omitzero"`
	// MaxRPIDsForSetMinPINLength: how many RP IDs platforms may let know the rules for PINs.
	MaxRPIDsForSetMinPINLength *uint64 `json:"max_rpids_for_set_min_pin_length,omitzero"`
	// PINComplexityPolicy: whether PINs have to be complex at first; without a value, there is no such rule.
	PINComplexityPolicy *bool `json:"pin_complexity_policy,omitzero"`
	// PINComplexityPolicyURL: where the rule for complex PINs is described.
	PINComplexityPolicyURL string `json:"pin_complexity_policy_url,omitzero"`
	// PINUVAuthProtocols: the PIN/UV auth protocols, by their numbers, the preferred one first: 1, 2.
	PINUVAuthProtocols []string `json:"pin_uv_auth_protocols,omitzero"`
	// NoMCGAPermissionsWithClientPIN: whether a PIN gives no token for ceremonies (`noMcGaPermissionsWithClientPin`).
	NoMCGAPermissionsWithClientPIN *bool `json:"no_mc_ga_permissions_with_client_pin,omitzero"`
	// MakeCredUVNotRqd: whether credentials that need not be discoverable are made without verifying the user, since
	// CTAP 2.1.
	MakeCredUVNotRqd *bool `json:"make_cred_uv_not_rqd,omitzero"`
	// AlwaysUV: whether users are always verified at first; without a value, it cannot be switched.
	AlwaysUV *bool `json:"always_uv,omitzero"`
	// MaxUVRetries: how often built-in user verification may fail before only a PIN helps, 1 to 25.
	MaxUVRetries *uint64 `json:"max_uv_retries,omitzero"`
	// UVAttempts: how often built-in user verification is tried for one request, 1 to 5.
	UVAttempts *uint64 `json:"uv_attempts,omitzero"`
	// PreferredPlatformUVAttempts: how often a platform should try built-in user verification before it asks for a
	// PIN.
	PreferredPlatformUVAttempts *uint64 `json:"preferred_platform_uv_attempts,omitzero"`
	// UVModality: how it verifies users by itself, as flags of the FIDO Registry of Predefined Values.
	UVModality *uint64 `json:"uv_modality,omitzero"`
	// BioEnrollment: whether fingers can be enrolled, by which it then verifies its user.
	BioEnrollment *bool `json:"bio_enrollment,omitzero"`
	// MaxFingers: how many fingers there is room for.
	MaxFingers *uint64 `json:"max_fingers,omitzero"`
	// SamplesPerFinger: how many good samples enrol a finger.
	SamplesPerFinger *uint64 `json:"samples_per_finger,omitzero"`
	// FingerSamples: what becomes of the next samples of fingers, by their numbers; later ones are good.
	FingerSamples []string `json:"finger_samples,omitzero"`
	// UVBioEnroll: whether who is verified by the authenticator itself may enrol fingers.
	UVBioEnroll *bool `json:"uv_bio_enroll,omitzero"`
	// UVAcfg: whether who is verified by the authenticator itself may configure it.
	UVAcfg *bool `json:"uv_acfg,omitzero"`
	// CredentialManagement: whether platforms can manage its credentials, since CTAP 2.1.
	CredentialManagement *bool `json:"credential_management,omitzero"`
	// CredentialManagementReadOnly: whether it gives a token that reads credentials until the PIN changes, since CTAP
	// 2.2.
	CredentialManagementReadOnly *bool `json:"credential_management_read_only,omitzero"`
	// AuthenticatorConfig: whether platforms can configure it.
	AuthenticatorConfig *bool `json:"authenticator_config,omitzero"`
	// VendorConfigCommands: the commands of its vendor's for configuration; they do nothing. Without a value, it has
	// none.
	VendorConfigCommands []string `json:"vendor_config_commands,omitzero"`
	// LargeBlobs: the room for large blobs in bytes, at least 1,024; without a value, there are none.
	LargeBlobs *uint64 `json:"large_blobs,omitzero"`
	// MaxCredBlobLength: the longest blob of `credBlob` in bytes, at least 32.
	MaxCredBlobLength *uint64 `json:"max_cred_blob_length,omitzero"`
	// MaxCredentials: how many discoverable credentials there is room for.
	MaxCredentials *uint64 `json:"max_credentials,omitzero"`
	// MaxCredentialCountInList: the longest list of credentials in a request, since CTAP 2.1.
	MaxCredentialCountInList *uint64 `json:"max_credential_count_in_list,omitzero"`
	// ResetWithin: how many seconds after its power came it can be reset.
	ResetWithin *uint64 `json:"reset_within,omitzero"`
	// LongTouchForReset: whether a reset takes a long touch at first; without a value, it cannot be switched.
	LongTouchForReset *bool `json:"long_touch_for_reset,omitzero"`
	// TransportsForReset: the transports by which it says that it can be reset: usb, nfc, ble, smart-card, hybrid,
	// internal.
	TransportsForReset []string `json:"transports_for_reset,omitzero"`
	// FirmwareVersion: the version of its firmware.
	FirmwareVersion *uint64 `json:"firmware_version,omitzero"`
	// Certifications: its certifications, each with its level.
	Certifications []string `json:"certifications,omitzero"`
	// InfoOptions: options of getInfo to tell otherwise than they are: each with =true, =false or =absent.
	InfoOptions []string `json:"info_options,omitzero"`
	// Nonconforming: whether a model is built that CTAP forbids.
	Nonconforming *bool `json:"nonconforming,omitzero"`
	// ResidentKey: whether it can keep discoverable credentials.
	ResidentKey *bool `json:"resident_key,omitzero"`
	// EnterpriseAttestation: whether it gives enterprise attestations. Since CTAP 2.1, a reset switches them off until
	// a platform enables them.
	EnterpriseAttestation *bool `json:"enterprise_attestation,omitzero"`
	// EnterpriseRPIDs: the RP IDs that get enterprise attestations without a platform's doing (vendor-facilitated).
	EnterpriseRPIDs []string `json:"enterprise_rp_ids,omitzero"`
	// PlatformManaged: whether a platform can let any RP ID have enterprise attestations (platform-managed).
	PlatformManaged *bool `json:"platform_managed,omitzero"`
	// User: what the user answers: one answer each time, or several in turn: verified, present, denied, none.
	User []UserAnswer `json:"user,omitzero"`
	// Attestation says how it attests.
	Attestation Attestation `json:"attestation,omitzero"`
}

// Attestation says how an authenticator attests.
type Attestation struct {
	// Format: the attestation to make, whatever the request asks for: packed, packed-self, tpm, android-key,
	// android-safetynet, fido-u2f, apple, compound, none.
	Format string `json:"format,omitzero"`
	// Authority: the authority at the end of attestation chains: test-root, seed: and a text, or PEM.
	Authority string `json:"authority,omitzero"`
	// Intermediates: how many intermediate authorities stand between the root and the attestation certificate.
	Intermediates *uint64 `json:"intermediates,omitzero"`
	// RootInX5C: whether the root's certificate is sent in x5c, where it does not belong.
	RootInX5C *bool `json:"root_in_x5c,omitzero"`
	// Algorithm: the algorithm with which attestation keys sign: ES256, ES384, ES512, ES256K, EdDSA, Ed448, RS256,
	// RS384, RS512, PS256, PS384, PS512, RS1, ML-DSA-44, ML-DSA-65, ML-DSA-87.
	Algorithm string `json:"algorithm,omitzero"`
	// SerialNumber: the device's serial number in enterprise attestations.
	SerialNumber string `json:"serial_number,omitzero"`
	// Clock: the time that attestations state: system, or milliseconds since 1970.
	Clock string `json:"clock,omitzero"`
}
