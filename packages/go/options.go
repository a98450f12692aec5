package stuntkey

// Options say what an authenticator is, and what its user and its browser do. Everything can be left out.
type Options struct {
	// Origin is the page of the authenticator's own Create and Get. Default: https:// and the RP ID that each options
	// name. Pages at other origins are of [Authenticator.At].
	Origin string `json:"origin,omitzero"`
	// TopOrigin is the origin of the page at the top, if that page is in a frame.
	TopOrigin string `json:"topOrigin,omitzero"`
	// CrossOrigin: whether that page is in a frame that is not same-origin with its ancestors.
	CrossOrigin bool `json:"crossOrigin,omitzero"`
	// RelatedOrigins are those that /.well-known/webauthn of the RP ID lists.
	RelatedOrigins []string `json:"relatedOrigins,omitzero"`
	// AnyRPID uses whatever RP ID the options name, as no browser does.
	AnyRPID bool `json:"anyRpId,omitzero"`
	// Model is what the authenticator is. Default: a platform authenticator that signs by ES256.
	Model Model `json:"model,omitzero"`
	// Seed is what keys, ids and signatures follow from: same seed, same bytes. Default: nothing, they are random.
	Seed string `json:"seed,omitzero"`
	// Stateless is what the private keys of credentials follow from that take no storage.
	Stateless string `json:"stateless,omitzero"`
	// AttestationAuthority is PEM of a certificate and its private key: the authority at the end of attestation chains.
	AttestationAuthority string `json:"attestationAuthority,omitzero"`
	// CredentialIDs are the ids of the next credentials.
	CredentialIDs []Bytes `json:"credentialIds,omitzero"`
	// PIN is the one that the user knows.
	PIN string `json:"pin,omitzero"`
	// SetsPIN: whether an authenticator without a PIN is given the user's where it is to verify its user. Default: yes.
	SetsPIN *bool `json:"setsPin,omitzero"`
	// Account is the name of the account to log in with where there are several.
	Account string `json:"account,omitzero"`
	// Conditional: mediation "conditional", or not, whatever stands beside the options.
	Conditional *bool `json:"conditional,omitzero"`
	// Strict refuses options that stray from the standard instead of mending them.
	Strict bool `json:"strict,omitzero"`
	// RemoteClientData lets pages give client data of their own (remoteClientDataJSON).
	RemoteClientData bool `json:"remoteClientData,omitzero"`
	// Reply is the shape of replies, one of those that [Build.Presets] has. Default: the one that goes with the shape of
	// the options.
	Reply string `json:"reply,omitzero"`
	// ReplyMembers are members that some shapes of replies carry and the options may lack.
	ReplyMembers map[string]string `json:"replyMembers,omitzero"`
	// ClientDataMembers are members of client data after those of the standard.
	ClientDataMembers map[string]any `json:"clientDataMembers,omitzero"`
	// EnterpriseRPIDs are those that may have an enterprise attestation.
	EnterpriseRPIDs []string `json:"enterpriseRpIds,omitzero"`
	// Fault has the ids of faults that every ceremony has.
	Fault []string `json:"fault,omitzero"`
	// PreparedFor has the ids of faults that single ceremonies will have: the authenticator becomes what they need.
	PreparedFor []string `json:"preparedFor,omitzero"`
}

// A UserAnswer is what the user does when the authenticator asks.
type UserAnswer string

// What a user can do.
const (
	Verified UserAnswer = "verified" // is verified, by a finger or a PIN
	Present  UserAnswer = "present"  // touches, and is not verified
	Denied   UserAnswer = "denied"   // says no
	NoAnswer UserAnswer = "none"     // does nothing until the time is over
)

// A CeremonyOption is what one ceremony has that others of the authenticator have not.
type CeremonyOption func(*ceremony)

// WithFault makes these faults in this ceremony.
func WithFault(ids ...string) CeremonyOption {
	return func(c *ceremony) { c.Fault = append(c.Fault, ids...) }
}

// WithUser says what the user does in this ceremony.
func WithUser(answer UserAnswer) CeremonyOption {
	return func(c *ceremony) { c.User = answer }
}

// Sound makes this ceremony without the faults that the authenticator was made with.
func Sound() CeremonyOption {
	return func(c *ceremony) { c.Sound = true }
}
