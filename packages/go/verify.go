package stuntkey

import (
	"encoding/json"
	"strings"
)

// RegistrationExpectations say what a relying party holds a registration to (WebAuthn L3 §7.1).
type RegistrationExpectations struct {
	// Options are what the server sent; they say what is not given here. Text, or a value whose JSON they are. Or else
	// Challenge and RPID.
	Options any
	// Origins are those of the server's pages.
	Origins []string
	// Challenge is the one that was issued.
	Challenge Bytes
	// RPID is by default that of the options.
	RPID string
	// CrossOrigin: whether the server expects to be embedded in pages of other origins, and TopOrigins in which.
	CrossOrigin bool
	TopOrigins  []string
	// UserVerification: whether it is required. Default: what the options say, or no.
	UserVerification *bool
	// Algorithms are the names of those that were asked for. Default: what the options say, or ES256.
	Algorithms []string
	// Conditional: whether the create was conditional.
	Conditional bool
	// Trust says who may attest: PEM of certificates, or "test-root". Default: anybody.
	Trust []string
	// Credentials are what is registered already.
	Credentials []CredentialRecord
	// Policy is what the standard leaves to the relying party.
	Policy Policy
	// Steps: whether the result has every step, and not only the one that failed.
	Steps bool
}

// AuthenticationExpectations say what a relying party holds an authentication to (WebAuthn L3 §7.2).
type AuthenticationExpectations struct {
	// Options are what the server sent; they say what is not given here. Text, or a value whose JSON they are. Or else
	// Challenge and RPID.
	Options any
	// Origins are those of the server's pages.
	Origins []string
	// Credentials are what is registered.
	Credentials []CredentialRecord
	// Challenge is the one that was issued.
	Challenge Bytes
	// RPID is by default that of the options.
	RPID string
	// CrossOrigin: whether the server expects to be embedded in pages of other origins, and TopOrigins in which.
	CrossOrigin bool
	TopOrigins  []string
	// UserVerification: whether it is required. Default: what the options say, or no.
	UserVerification *bool
	// UserHandle is that of the user who was identified before.
	UserHandle Bytes
	// StaleSignCount lets a signature counter pass that does not rise.
	StaleSignCount bool
	// Policy is what the standard leaves to the relying party.
	Policy Policy
	// Steps: whether the result has every step, and not only the one that failed.
	Steps bool
}

// A Policy is what the standard leaves to the relying party. What is left out has the standard's default.
type Policy struct {
	// NoneAttestation: whether a registration without attestation is acceptable. Default: yes.
	NoneAttestation *bool `json:"noneAttestation,omitzero"`
	// SelfAttestation: whether self attestation is acceptable. Default: yes.
	SelfAttestation *bool `json:"selfAttestation,omitzero"`
	// RootInX5C: whether x5c of a packed statement may include the trust anchor. Default: yes.
	RootInX5C *bool `json:"rootInX5c,omitzero"`
	// FIDOU2FZeroAAGUID: whether the AAGUID of a fido-u2f attestation has to be zero. Default: no.
	FIDOU2FZeroAAGUID *bool `json:"fidoU2fZeroAaguid,omitzero"`
	// BackupEligible is what BE has to be. Default: either.
	BackupEligible *bool `json:"backupEligible,omitzero"`
	// BackedUp is what BS has to be. Default: either.
	BackedUp *bool `json:"backedUp,omitzero"`
	// RefuseUnsolicitedExtensions: whether extension outputs that were not asked for are refused. Default: no.
	RefuseUnsolicitedExtensions *bool `json:"refuseUnsolicitedExtensions,omitzero"`
	// CanonicalCBOR: whether CBOR has to be in the CTAP2 canonical encoding form. Default: yes.
	CanonicalCBOR *bool `json:"canonicalCbor,omitzero"`
	// Formats are the attestation statement formats that are acceptable. Default: all.
	Formats []string `json:"formats,omitzero"`
}

// A CredentialRecord is what a relying party keeps of a credential (WebAuthn L3 §4, credential record).
type CredentialRecord struct {
	ID Bytes `json:"id"`
	// PublicKey is a COSE_Key.
	PublicKey      Bytes    `json:"publicKey"`
	SignCount      uint32   `json:"signCount"`
	UVInitialized  bool     `json:"uvInitialized"`
	Transports     []string `json:"transports,omitzero"`
	BackupEligible bool     `json:"backupEligible"`
	BackupState    bool     `json:"backupState"`
	// UserHandle is that of the credential's user.
	UserHandle Bytes `json:"userHandle,omitzero"`
}

// A VerifiedRegistration is a registration that holds.
type VerifiedRegistration struct {
	// Credential is what to store.
	Credential CredentialRecord `json:"credential"`
	// AAGUID is the authenticator's model.
	AAGUID string `json:"aaguid"`
	// Format is the attestation statement format.
	Format string `json:"format"`
	// Attestation is the type of attestation, in the standard's words.
	Attestation string `json:"attestation"`
	// Steps has every step, if that was asked for.
	Steps []Step `json:"steps"`
}

// A VerifiedAuthentication is an authentication that holds.
type VerifiedAuthentication struct {
	// Credential is what to store from now on.
	Credential CredentialRecord `json:"credential"`
	// Steps has every step, if that was asked for.
	Steps []Step `json:"steps"`
}

// A Step is one of §7.1 or §7.2.
type Step struct {
	Step    int    `json:"step"`
	Title   string `json:"title"`
	Clause  string `json:"clause"`
	Verdict string `json:"verdict"`
	Reason  string `json:"reason"`
}

// A VerificationError is about a reply that a relying party has to refuse. It is an [*Error], too.
type VerificationError struct {
	// Step is the number of the step of §7.1 or §7.2 that failed, and Clause the same with document and section.
	Step   int    `json:"step"`
	Clause string `json:"clause"`
	// Check is the name of the check, and Requirement what it holds replies to.
	Check       string `json:"check"`
	Requirement string `json:"requirement"`
	Found       string `json:"found"`
	Expected    string `json:"expected"`
	// Place is where in the response, if the check alone does not say it.
	Place string `json:"place"`
	// Message is all of it in one sentence.
	Message string `json:"message"`
	// Steps has every step, if that was asked for.
	Steps []Step `json:"-"`
}

// Error is the name of the error and all of it in one sentence.
func (e *VerificationError) Error() string { return e.Unwrap().Error() }

// Unwrap gives the same as an [*Error].
func (e *VerificationError) Unwrap() error {
	return &Error{Name: ErrVerification.Name, Message: e.Message, Path: e.Place, Hint: e.hint()}
}

func (e *VerificationError) hint() string {
	if e.Requirement == "" || strings.Contains(e.Message, e.Requirement) {
		return ""
	}
	return "it is required that " + e.Requirement
}

type expectations struct {
	Response         string             `json:"response"`
	Options          *string            `json:"options,omitzero"`
	Origins          []string           `json:"origin"`
	Challenge        Bytes              `json:"challenge,omitzero"`
	RPID             string             `json:"rpId,omitzero"`
	CrossOrigin      bool               `json:"crossOrigin,omitzero"`
	TopOrigins       []string           `json:"topOrigins,omitzero"`
	UserVerification *bool              `json:"userVerification,omitzero"`
	Algorithms       []string           `json:"algorithms,omitzero"`
	Conditional      bool               `json:"conditional,omitzero"`
	Trust            []string           `json:"trust,omitzero"`
	UserHandle       Bytes              `json:"userHandle,omitzero"`
	StaleSignCount   bool               `json:"staleSignCount,omitzero"`
	Credentials      []CredentialRecord `json:"credentials,omitzero"`
	Policy           Policy             `json:"policy"`
	Steps            bool               `json:"steps,omitzero"`
}

// What the verifier says beside what it verified.
type verdict struct {
	Failure *VerificationError `json:"failure"`
	Steps   []Step             `json:"steps"`
}

// VerifyRegistration verifies a registration as a relying party does. The reply is a [*RegistrationReply], or
// RegistrationResponseJSON as text or as a value whose JSON it is.
func VerifyRegistration(reply any, expected RegistrationExpectations) (*VerifiedRegistration, error) {
	request := expectations{
		Origins: expected.Origins, Challenge: expected.Challenge, RPID: expected.RPID,
		CrossOrigin: expected.CrossOrigin, TopOrigins: expected.TopOrigins,
		UserVerification: expected.UserVerification, Algorithms: expected.Algorithms,
		Conditional: expected.Conditional, Trust: expected.Trust, Credentials: expected.Credentials,
		Policy: expected.Policy, Steps: expected.Steps,
	}
	var verified VerifiedRegistration
	if err := verify("verify.registration", &request, reply, expected.Options, &verified); err != nil {
		return nil, err
	}
	return &verified, nil
}

// VerifyAuthentication verifies an authentication as a relying party does. The reply is an [*AuthenticationReply], or
// AuthenticationResponseJSON as text or as a value whose JSON it is.
func VerifyAuthentication(reply any, expected AuthenticationExpectations) (*VerifiedAuthentication, error) {
	request := expectations{
		Origins: expected.Origins, Challenge: expected.Challenge, RPID: expected.RPID,
		CrossOrigin: expected.CrossOrigin, TopOrigins: expected.TopOrigins,
		UserVerification: expected.UserVerification, UserHandle: expected.UserHandle,
		StaleSignCount: expected.StaleSignCount, Policy: expected.Policy, Steps: expected.Steps,
		Credentials: append([]CredentialRecord{}, expected.Credentials...),
	}
	var verified VerifiedAuthentication
	if err := verify("verify.authentication", &request, reply, expected.Options, &verified); err != nil {
		return nil, err
	}
	return &verified, nil
}

func verify(operation string, request *expectations, reply, options, verified any) error {
	var err error
	if request.Response, err = textOf("$.response", reply); err != nil {
		return err
	}
	if options != nil {
		text, err := textOf("$.options", options)
		if err != nil {
			return err
		}
		request.Options = &text
	}
	if request.Origins == nil {
		request.Origins = []string{}
	}
	answer, err := askAnywhere[json.RawMessage](operation, *request)
	if err != nil {
		return err
	}
	var said verdict
	if err := json.Unmarshal(answer, &said); err != nil {
		return internal("the answer to "+operation+" is not as expected", err)
	}
	if said.Failure != nil {
		said.Failure.Steps = said.Steps
		return said.Failure
	}
	return json.Unmarshal(answer, verified)
}
