package servers

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/go-webauthn/webauthn/metadata"
	"github.com/go-webauthn/webauthn/metadata/providers/memory"
	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"

	"github.com/stuntkey/stuntkey-go"
)

// A server with go-webauthn, of one user.
type goWebAuthn struct {
	rp       *webauthn.WebAuthn
	user     goWebAuthnUser
	sessions sessions[webauthn.SessionData]
}

type goWebAuthnUser struct {
	id          []byte
	credentials []webauthn.Credential
}

func (u *goWebAuthnUser) WebAuthnID() []byte                         { return u.id }
func (u *goWebAuthnUser) WebAuthnName() string                       { return "ada@example.com" }
func (u *goWebAuthnUser) WebAuthnDisplayName() string                { return "Ada" }
func (u *goWebAuthnUser) WebAuthnCredentials() []webauthn.Credential { return u.credentials }

func newGoWebAuthn(t *testing.T, trusted metadata.Provider) *goWebAuthn {
	t.Helper()
	rp, err := webauthn.New(&webauthn.Config{
		RPID: rpID, RPDisplayName: "Example", RPOrigins: []string{origin}, MDS: trusted,
		AttestationPreference: protocol.PreferDirectAttestation,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &goWebAuthn{rp: rp, user: goWebAuthnUser{id: []byte("ada")}}
}

func (s *goWebAuthn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := s.serve(w, r)
	if err != nil {
		var described *protocol.Error
		if errors.As(err, &described) {
			err = errors.New(described.Details + ": " + described.DevInfo)
		}
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func (s *goWebAuthn) serve(w http.ResponseWriter, r *http.Request) (any, error) {
	switch r.Method + " " + r.URL.Path {
	case "POST /register/begin":
		options, session, err := s.rp.BeginRegistration(&s.user,
			webauthn.WithResidentKeyRequirement(protocol.ResidentKeyRequirementRequired))
		if err == nil {
			s.sessions.keep(w, *session)
		}
		return options, err
	case "POST /register/finish":
		session, err := s.sessions.take(r)
		if err != nil {
			return nil, err
		}
		credential, err := s.rp.FinishRegistration(&s.user, session, r)
		if err == nil {
			s.user.credentials = append(s.user.credentials, *credential)
		}
		return credential, err
	case "GET /login/begin":
		options, session, err := s.begin(r.URL.Query().Get("user"))
		if err == nil {
			s.sessions.keep(w, *session)
		}
		return options, err
	case "POST /login/finish":
		session, err := s.sessions.take(r)
		if err != nil {
			return nil, err
		}
		return s.finish(session, r)
	default:
		return nil, errors.New("there is no such page")
	}
}

// Without a name, the login is a discoverable one.
func (s *goWebAuthn) begin(name string) (*protocol.CredentialAssertion, *webauthn.SessionData, error) {
	if name == "" {
		return s.rp.BeginDiscoverableLogin()
	}
	return s.rp.BeginLogin(&s.user)
}

func (s *goWebAuthn) finish(session webauthn.SessionData, r *http.Request) (*webauthn.Credential, error) {
	if session.UserID != nil {
		return s.rp.FinishLogin(&s.user, session, r)
	}
	_, credential, err := s.rp.FinishPasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		if string(handle) != string(s.user.id) {
			return nil, errors.New("there is no such user")
		}
		return &s.user, nil
	}, session, r)
	return credential, err
}

func TestGoWebAuthn(t *testing.T) {
	play(t, func(t *testing.T) http.Handler { return newGoWebAuthn(t, nil) }, faults)
}

// As its options are, without a server.
func TestGoWebAuthnOptions(t *testing.T) {
	server := newGoWebAuthn(t, nil)
	options, session, err := server.rp.BeginRegistration(&server.user)
	if err != nil {
		t.Fatal(err)
	}
	reply := stuntkey.New(t, stuntkey.Options{}).At(origin).MustCreate(options)
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(reply.Body))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := server.rp.CreateCredential(&server.user, *session, parsed); err != nil {
		t.Fatal(err)
	}
}

func TestGoWebAuthnDiscoverableLogin(t *testing.T) {
	nameless := paths
	nameless.RequestOptions = "GET /login/begin"
	site := stuntkey.New(t, stuntkey.Options{}).At(origin).Through(newGoWebAuthn(t, nil), nameless)
	mustRegister(t, site)
	visit, err := site.Authenticate(nil)
	if err != nil {
		t.Fatal(err)
	}
	if handle := visit.Authentication.Response.Response.UserHandle; string(handle) != "ada" {
		t.Errorf("found the user handle %q, expected ada", handle)
	}
}

// A library that is given metadata trusts no other authenticators.
func TestGoWebAuthnTrustsTheRoot(t *testing.T) {
	for name, test := range map[string]struct {
		root     stuntkey.Root
		isWanted bool
	}{
		"the test root": {stuntkey.TestRoot(), true},
		"another":       {other(t), false},
	} {
		t.Run(name, func(t *testing.T) {
			site := stuntkey.New(t, stuntkey.Options{}).At(origin).Through(newGoWebAuthn(t, trusting(t, test.root)), paths)
			visit, err := site.Register(nil)
			if test.isWanted && err != nil {
				t.Error(err)
			}
			if !test.isWanted {
				mustBeRefused(t, visit, err, "POST /register/finish")
			}
		})
	}
}

func other(t *testing.T) stuntkey.Root {
	t.Helper()
	root, err := stuntkey.RootOfSeed("another")
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// Metadata for every model of authenticator.
type everyModel struct {
	metadata.Provider
	entry *metadata.Entry
}

func (m everyModel) GetEntry(context.Context, uuid.UUID) (*metadata.Entry, error) {
	return m.entry, nil
}

func trusting(t *testing.T, root stuntkey.Root) metadata.Provider {
	t.Helper()
	certificate, err := root.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	provider, err := memory.New(memory.WithMetadata(map[uuid.UUID]*metadata.Entry{}))
	if err != nil {
		t.Fatal(err)
	}
	return everyModel{provider, &metadata.Entry{MetadataStatement: metadata.Statement{
		AttestationTypes: metadata.AuthenticatorAttestationTypes{
			metadata.BasicFull, metadata.BasicSurrogate, metadata.AttCA, metadata.AnonCA, metadata.None,
		},
		AttestationRootCertificates: []*x509.Certificate{certificate},
	}}}
}
