package servers

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/go-webauthn/webauthn/metadata"
	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// A server with go-webauthn, of many users, in the FIDO conformance form.
type people struct {
	rp *webauthn.WebAuthn
	// Makes the server expect what the reply says.
	flaw func(*webauthn.SessionData, *protocol.CollectedClientData)

	mutex    sync.Mutex
	users    map[string]*person
	sessions sessions[visit]
}

type person struct {
	goWebAuthnUser
	name string
}

func (p *person) WebAuthnName() string        { return p.name }
func (p *person) WebAuthnDisplayName() string { return p.name }

// A ceremony that has begun. Without a name, any user may log in.
type visit struct {
	webauthn.SessionData
	name string
}

func newPeople(t *testing.T, trusted metadata.Provider) *people {
	t.Helper()
	return &people{rp: newGoWebAuthn(t, trusted).rp, users: map[string]*person{}}
}

// What the options of both ceremonies ask for.
type wishes struct {
	Username               string                               `json:"username"`
	Attestation            protocol.ConveyancePreference        `json:"attestation"`
	AuthenticatorSelection protocol.AuthenticatorSelection      `json:"authenticatorSelection"`
	UserVerification       protocol.UserVerificationRequirement `json:"userVerification"`
	Extensions             protocol.AuthenticationExtensions    `json:"extensions"`
}

func (p *people) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	answer, err := p.serve(w, r)
	said := map[string]any{"status": "ok", "errorMessage": ""}
	if err != nil {
		var described *protocol.Error
		if errors.As(err, &described) {
			err = errors.New(described.Details + ": " + described.DevInfo)
		}
		said["status"], said["errorMessage"] = "failed", err.Error()
		w.WriteHeader(http.StatusBadRequest)
	} else if text, err := json.Marshal(answer); err == nil && answer != nil {
		_ = json.Unmarshal(text, &said)
	}
	_ = json.NewEncoder(w).Encode(said)
}

func (p *people) serve(w http.ResponseWriter, r *http.Request) (any, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var wanted wishes
	switch r.Method + " " + r.URL.Path {
	case "POST /attestation/options":
		if err := json.Unmarshal(body, &wanted); err != nil {
			return nil, err
		}
		return p.beginRegistration(w, wanted)
	case "POST /attestation/result":
		return nil, p.finishRegistration(r, body)
	case "POST /assertion/options":
		if err := json.Unmarshal(body, &wanted); err != nil {
			return nil, err
		}
		return p.beginLogin(w, wanted)
	case "POST /assertion/result":
		return nil, p.finishLogin(r, body)
	default:
		return nil, errors.New("there is no such page")
	}
}

func (p *people) beginRegistration(w http.ResponseWriter, wanted wishes) (any, error) {
	user := p.users[wanted.Username]
	if user == nil {
		user = &person{goWebAuthnUser{id: []byte(rand.Text())}, wanted.Username}
		p.users[wanted.Username] = user
	}
	options, session, err := p.rp.BeginRegistration(user,
		webauthn.WithConveyancePreference(wanted.Attestation),
		webauthn.WithAuthenticatorSelection(wanted.AuthenticatorSelection),
		webauthn.WithExtensions(webauthn.WithExtensionInputs(wanted.Extensions)),
		webauthn.WithExclusions(webauthn.Credentials(user.credentials).CredentialDescriptors()))
	if err != nil {
		return nil, err
	}
	p.sessions.keep(w, visit{*session, wanted.Username})
	return options.Response, nil
}

func (p *people) finishRegistration(r *http.Request, body []byte) error {
	begun, err := p.sessions.take(r)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(body)
	if err != nil {
		return err
	}
	user := p.users[begun.name]
	p.weaken(&begun.SessionData, &parsed.Response.CollectedClientData)
	credential, err := p.rp.CreateCredential(user, begun.SessionData, parsed)
	if err != nil {
		return err
	}
	// What the library leaves to its user (§7.1 step 26).
	for _, other := range p.users {
		if _, known := other.credential(credential.ID); known {
			return errors.New("the credential is registered already")
		}
	}
	user.credentials = append(user.credentials, *credential)
	return nil
}

func (p *people) beginLogin(w http.ResponseWriter, wanted wishes) (any, error) {
	verification := webauthn.WithUserVerification(wanted.UserVerification)
	var options *protocol.CredentialAssertion
	var session *webauthn.SessionData
	var err error
	if user := p.users[wanted.Username]; wanted.Username == "" {
		options, session, err = p.rp.BeginDiscoverableLogin(verification)
	} else if user == nil {
		err = errors.New("there is no such user")
	} else {
		options, session, err = p.rp.BeginLogin(user, verification)
	}
	if err != nil {
		return nil, err
	}
	p.sessions.keep(w, visit{*session, wanted.Username})
	return options.Response, nil
}

func (p *people) finishLogin(r *http.Request, body []byte) error {
	begun, err := p.sessions.take(r)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(body)
	if err != nil {
		return err
	}
	p.weaken(&begun.SessionData, &parsed.Response.CollectedClientData)
	user := p.users[begun.name]
	var credential *webauthn.Credential
	if user != nil {
		credential, err = p.rp.ValidateLogin(user, begun.SessionData, parsed)
	} else {
		_, credential, err = p.rp.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
			for _, one := range p.users {
				if bytes.Equal(one.id, handle) {
					user = one
					return one, nil
				}
			}
			return nil, errors.New("there is no such user")
		}, begun.SessionData, parsed)
	}
	if err != nil {
		return err
	}
	// What the library leaves to its user (§7.2 step 22).
	if credential.Authenticator.CloneWarning {
		return errors.New("the signature counter did not rise")
	}
	number, _ := user.credential(credential.ID)
	user.credentials[number] = *credential
	return nil
}

func (p *people) weaken(session *webauthn.SessionData, client *protocol.CollectedClientData) {
	if p.flaw != nil {
		p.flaw(session, client)
	}
}

func (p *person) credential(id []byte) (number int, known bool) {
	for number, one := range p.credentials {
		if bytes.Equal(one.ID, id) {
			return number, true
		}
	}
	return 0, false
}
