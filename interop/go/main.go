// go-webauthn as a relying party that `stuntkey conform --command` can play.
//
//	go_webauthn_adapter [--root FILE]    trusts these root certificates (PEM), and answers JSON lines
//	go_webauthn_adapter --version        prints the library's name and version
//
// docs/conform.md says what the lines are.
//
// What the library leaves to the application is done as in its examples (package webauthn: example_multifactor_test.go
// with a user name, example_passkey_test.go without one), and where these are crude, as the sections about storage and
// SessionData of its documentation say.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/google/uuid"

	"github.com/go-webauthn/webauthn/metadata"
	"github.com/go-webauthn/webauthn/metadata/providers/memory"
	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"
)

const (
	rpID   = "example.org"
	origin = "https://example.org"
	module = "github.com/go-webauthn/webauthn"
)

// What the library can verify beyond CredentialParametersDefault.
var further = []webauthncose.COSEAlgorithmIdentifier{
	webauthncose.AlgMLDSA44,
	webauthncose.AlgMLDSA65,
	webauthncose.AlgMLDSA87,
	webauthncose.AlgEd25519,
	webauthncose.AlgESP256,
	webauthncose.AlgESP384,
	webauthncose.AlgESP512,
	webauthncose.AlgES256K,
	webauthncose.AlgRS1,
}

// A user has a handle of 64 random bytes, as recommended for User.WebAuthnID.
type user struct {
	id          []byte
	name        string
	displayName string
	credentials []webauthn.Credential
}

func (u *user) WebAuthnID() []byte                         { return u.id }
func (u *user) WebAuthnName() string                       { return u.name }
func (u *user) WebAuthnDisplayName() string                { return u.displayName }
func (u *user) WebAuthnCredentials() []webauthn.Credential { return u.credentials }

// A pending ceremony. Without a user, the login is a discoverable one.
type pending struct {
	user *user
	data webauthn.SessionData
}

type session struct {
	registration   *pending
	authentication *pending
}

type request struct {
	Session          uint64                               `json:"session"`
	Do               string                               `json:"do"`
	Username         string                               `json:"username"`
	DisplayName      string                               `json:"displayName"`
	UserVerification protocol.UserVerificationRequirement `json:"userVerification"`
	ResidentKey      protocol.ResidentKeyRequirement      `json:"residentKey"`
	Attestation      protocol.ConveyancePreference        `json:"attestation"`
	Extensions       json.RawMessage                      `json:"extensions"`
	Reply            json.RawMessage                      `json:"reply"`
}

// The library's metadata in memory, which has the one entry for every model of authenticator: a provider is how the
// library is told what to trust. The roots of Android Key and Apple attestations are compiled in, and nothing
// adds to them.
type provider struct {
	metadata.Provider
	entry *metadata.Entry
}

func (p provider) GetEntry(context.Context, uuid.UUID) (*metadata.Entry, error) {
	return p.entry, nil
}

func trust(file string) (metadata.Provider, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}

	statement := metadata.Statement{AttestationTypes: metadata.AuthenticatorAttestationTypes{
		metadata.BasicFull, metadata.BasicSurrogate, metadata.AttCA, metadata.AnonCA, metadata.None,
	}}

	for block, rest := pem.Decode(content); block != nil; block, rest = pem.Decode(rest) {
		root, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}

		statement.AttestationRootCertificates = append(statement.AttestationRootCertificates, root)
	}

	inMemory, err := memory.New(memory.WithMetadata(map[uuid.UUID]*metadata.Entry{}))

	return provider{inMemory, &metadata.Entry{MetadataStatement: statement}}, err
}

type relyingParty struct {
	*webauthn.WebAuthn
	users map[string]*user
}

func (rp *relyingParty) answer(s *session, r request) (any, error) {
	switch r.Do {
	case "registration options":
		return rp.registrationOptions(s, r)
	case "registration result":
		return struct{}{}, rp.registrationResult(s, r.Reply)
	case "authentication options":
		return rp.authenticationOptions(s, r)
	case "authentication result":
		return struct{}{}, rp.authenticationResult(s, r.Reply)
	default:
		return nil, fmt.Errorf("there is no request %q", r.Do)
	}
}

func (rp *relyingParty) registrationOptions(s *session, r request) (any, error) {
	account, known := rp.users[r.Username]
	if !known {
		account = &user{id: make([]byte, 64), name: r.Username, displayName: r.DisplayName}
		rand.Read(account.id)
		rp.users[r.Username] = account
	}

	parameters := webauthn.CredentialParametersDefault()
	for _, algorithm := range further {
		parameters = append(parameters, protocol.CredentialParameter{Type: protocol.PublicKeyCredentialType, Algorithm: algorithm})
	}

	creation, data, err := rp.BeginMediatedRegistration(account, protocol.MediationDefault,
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{UserVerification: r.UserVerification}),
		webauthn.WithResidentKeyRequirement(r.ResidentKey),
		webauthn.WithConveyancePreference(r.Attestation),
		webauthn.WithCredentialParameters(parameters),
		webauthn.WithExclusions(webauthn.Credentials(account.credentials).CredentialDescriptors()),
		func(options *protocol.PublicKeyCredentialCreationOptions) error {
			return json.Unmarshal(r.Extensions, &options.Extensions)
		},
	)
	if err != nil {
		return nil, err
	}

	s.registration = &pending{account, *data}

	return creation.Response, nil
}

func (rp *relyingParty) registrationResult(s *session, reply []byte) error {
	begun, err := take(&s.registration)
	if err != nil {
		return err
	}

	parsed, err := protocol.ParseCredentialCreationResponseBytes(reply)
	if err != nil {
		return err
	}

	credential, err := rp.CreateCredential(begun.user, begun.data, parsed)
	if err != nil {
		return err
	}

	// The documented table has a unique index on the id (webauthn_credentials_kid_key).
	for _, other := range rp.users {
		if other.find(credential.ID) != nil {
			return errors.New("duplicate key value violates unique constraint webauthn_credentials_kid_key")
		}
	}

	begun.user.credentials = append(begun.user.credentials, *credential)

	return nil
}

func (rp *relyingParty) authenticationOptions(s *session, r request) (any, error) {
	var (
		assertion    *protocol.CredentialAssertion
		data         *webauthn.SessionData
		err          error
		account      *user
		verification = webauthn.WithUserVerification(r.UserVerification)
	)

	if r.Username == "" {
		assertion, data, err = rp.BeginDiscoverableMediatedLogin(protocol.MediationDefault, verification)
	} else if account = rp.users[r.Username]; account != nil {
		assertion, data, err = rp.BeginMediatedLogin(account, protocol.MediationDefault, verification)
	} else {
		err = errors.New("there is no such user")
	}

	if err != nil {
		return nil, err
	}

	s.authentication = &pending{account, *data}

	return assertion.Response, nil
}

func (rp *relyingParty) authenticationResult(s *session, reply []byte) error {
	begun, err := take(&s.authentication)
	if err != nil {
		return err
	}

	parsed, err := protocol.ParseCredentialRequestResponseBytes(reply)
	if err != nil {
		return err
	}

	var credential *webauthn.Credential

	account := begun.user
	if account != nil {
		credential, err = rp.ValidateLogin(account, begun.data, parsed)
	} else {
		_, credential, err = rp.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
			for _, owner := range rp.users {
				if bytes.Equal(owner.id, handle) {
					account = owner

					return owner, nil
				}
			}

			return nil, errors.New("there is no user with this handle")
		}, begun.data, parsed)
	}

	if err != nil {
		return err
	}

	// As in the examples: the credential is updated, and nothing looks at its CloneWarning.
	stored := account.find(credential.ID)
	if stored == nil {
		return errors.New("the user has no such credential")
	}

	*stored = *credential

	return nil
}

func (u *user) find(id []byte) *webauthn.Credential {
	for i := range u.credentials {
		if bytes.Equal(u.credentials[i].ID, id) {
			return &u.credentials[i]
		}
	}

	return nil
}

// "After the ceremony completes, the session data should be discarded" (SessionData).
func take(ceremony **pending) (*pending, error) {
	begun := *ceremony
	*ceremony = nil

	if begun == nil {
		return nil, errors.New("no session found")
	}

	return begun, nil
}

// describe says what of the library's error is for the people who call it, and what for those who develop with it.
func describe(err error) string {
	var own *protocol.Error
	if !errors.As(err, &own) {
		return err.Error()
	}

	text := fmt.Sprintf("%s: %s", own.Type, own.Details)
	if own.DevInfo != "" && own.DevInfo != own.Details {
		text += " (" + own.DevInfo + ")"
	}

	if own.Err != nil && own.Err.Error() != own.DevInfo && own.Err.Error() != own.Details {
		text += ": " + describe(own.Err)
	}

	return text
}

func (rp *relyingParty) reply(s *session, r request) (answer map[string]any) {
	defer func() {
		if words := recover(); words != nil {
			os.Stderr.Write(debug.Stack())

			answer = map[string]any{"crashed": fmt.Sprint(words)}
		}
	}()

	accepted, err := rp.answer(s, r)
	if err != nil {
		return map[string]any{"refused": describe(err)}
	}

	return map[string]any{"accepted": accepted}
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dependency := range info.Deps {
			if dependency.Path == module {
				return dependency.Version[1:]
			}
		}
	}

	return "of unknown version"
}

func run() error {
	root := flag.String("root", "", "trust these root certificates (PEM)")
	wantsVersion := flag.Bool("version", false, "print the library's name and version")
	flag.Parse()

	if *wantsVersion {
		fmt.Println("go-webauthn", version())

		return nil
	}

	config := &webauthn.Config{RPDisplayName: "Example", RPID: rpID, RPOrigins: []string{origin}}

	var err error
	if *root != "" {
		if config.MDS, err = trust(*root); err != nil {
			return err
		}

		// The library asks the system's certificates about a SafetyNet attestation before it asks the provider.
		os.Setenv("SSL_CERT_FILE", *root)
	}

	rp := &relyingParty{users: map[string]*user{}}
	if rp.WebAuthn, err = webauthn.New(config); err != nil {
		return err
	}

	sessions := map[uint64]*session{}
	answers := json.NewEncoder(os.Stdout)

	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) == 0 {
			return nil
		}

		var r request
		if err = json.Unmarshal(line, &r); err != nil {
			return err
		}

		if sessions[r.Session] == nil {
			sessions[r.Session] = &session{}
		}

		if err = answers.Encode(rp.reply(sessions[r.Session], r)); err != nil {
			return err
		}
	}
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
