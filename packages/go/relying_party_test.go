package stuntkey_test

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"

	"github.com/stuntkey/stuntkey-go"
)

// A relying party of many users in the FIDO conformance form, which verifies as this package does, and may have a flaw.
type relyingParty struct {
	flaw     string
	mutex    sync.Mutex
	handles  map[string]stuntkey.Bytes
	known    []stuntkey.CredentialRecord
	begun    map[string]object
	begunFor map[string]string
}

func newRelyingParty(flaw string) *relyingParty {
	return &relyingParty{
		flaw: flaw, handles: map[string]stuntkey.Bytes{}, begun: map[string]object{}, begunFor: map[string]string{},
	}
}

func (p *relyingParty) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	body, err := io.ReadAll(r.Body)
	said := object{}
	if err == nil {
		switch r.Method + " " + r.URL.Path {
		case "POST /attestation/options":
			said, err = p.begin(w, body, p.creationOptions)
		case "POST /attestation/result":
			err = p.finish(r, body, p.register)
		case "POST /assertion/options":
			said, err = p.begin(w, body, p.requestOptions)
		case "POST /assertion/result":
			err = p.finish(r, body, p.authenticate)
		default:
			err = errors.New("there is no such page")
		}
	}
	answer := object{"status": "ok", "errorMessage": ""}
	if err != nil {
		answer["status"], answer["errorMessage"] = "failed", err.Error()
		w.WriteHeader(http.StatusBadRequest)
	}
	for name, value := range said {
		answer[name] = value
	}
	_ = json.NewEncoder(w).Encode(answer)
}

type asked struct {
	Username               string
	Attestation            string
	AuthenticatorSelection object
	UserVerification       string
}

func (p *relyingParty) begin(w http.ResponseWriter, body []byte, options func(asked) object) (object, error) {
	var wanted asked
	if err := json.Unmarshal(body, &wanted); err != nil {
		return nil, err
	}
	made, ceremony := options(wanted), rand.Text()
	made["challenge"] = stuntkey.Bytes(rand.Text()).String()
	p.begun[ceremony], p.begunFor[ceremony] = made, wanted.Username
	http.SetCookie(w, &http.Cookie{Name: "ceremony", Value: ceremony, Path: "/", Secure: true})
	return made, nil
}

func (p *relyingParty) creationOptions(wanted asked) object {
	if p.handles[wanted.Username] == nil {
		p.handles[wanted.Username] = stuntkey.Bytes(rand.Text())
	}
	return object{
		"rp":               object{"id": rpID, "name": "Example"},
		"user":             object{"id": p.handles[wanted.Username], "name": wanted.Username, "displayName": wanted.Username},
		"pubKeyCredParams": []object{{"type": "public-key", "alg": -7}},
		"attestation":      wanted.Attestation, "authenticatorSelection": wanted.AuthenticatorSelection,
	}
}

func (p *relyingParty) requestOptions(wanted asked) object {
	allowed := []object{}
	for _, known := range p.known {
		if wanted.Username != "" && string(known.UserHandle) == string(p.handles[wanted.Username]) {
			allowed = append(allowed, object{"type": "public-key", "id": known.ID})
		}
	}
	return object{"rpId": rpID, "allowCredentials": allowed, "userVerification": wanted.UserVerification}
}

// A ceremony has one answer.
func (p *relyingParty) finish(r *http.Request, body []byte, verify func([]byte, object, string) error) error {
	ceremony, err := r.Cookie("ceremony")
	if err != nil {
		return err
	}
	options, name := p.begun[ceremony.Value], p.begunFor[ceremony.Value]
	if options == nil {
		return errors.New("there is no ceremony")
	}
	delete(p.begun, ceremony.Value)
	return verify(body, options, name)
}

func (p *relyingParty) register(body []byte, options object, name string) error {
	expected := registration(options)
	expected.Credentials = p.known
	p.weaken(body, &expected.Challenge, &expected.Origins)
	verified, err := stuntkey.VerifyRegistration(body, expected)
	if err != nil {
		return err
	}
	verified.Credential.UserHandle = p.handles[name]
	p.known = append(p.known, verified.Credential)
	return nil
}

func (p *relyingParty) authenticate(body []byte, options object, name string) error {
	expected := authentication(options, p.known...)
	expected.UserHandle = p.handles[name]
	p.weaken(body, &expected.Challenge, &expected.Origins)
	verified, err := stuntkey.VerifyAuthentication(body, expected)
	if err != nil {
		return err
	}
	number := slices.IndexFunc(p.known, func(one stuntkey.CredentialRecord) bool {
		return string(one.ID) == string(verified.Credential.ID)
	})
	p.known[number] = verified.Credential
	return nil
}

// A flaw expects what the reply says, or panics at what is unexpected.
func (p *relyingParty) weaken(body []byte, challenge *stuntkey.Bytes, origins *[]string) {
	var reply struct {
		Response struct{ ClientDataJSON stuntkey.Bytes }
	}
	var said struct {
		Challenge stuntkey.Bytes
		Origin    string
	}
	_ = json.Unmarshal(body, &reply)
	_ = json.Unmarshal(reply.Response.ClientDataJSON, &said)
	switch p.flaw {
	case "challenge":
		*challenge = said.Challenge
	case "origin":
		*origins = []string{said.Origin}
	case "panics":
		if said.Origin != origin {
			panic("another origin")
		}
	}
}
