package servers

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/duo-labs/webauthn/protocol"
	"github.com/duo-labs/webauthn/webauthn"
)

// A server with duo-labs/webauthn, which is not developed any more and is still in use, of one user.
type duoLabs struct {
	rp       *webauthn.WebAuthn
	user     duoLabsUser
	sessions sessions[webauthn.SessionData]
}

type duoLabsUser struct{ credentials []webauthn.Credential }

func (u *duoLabsUser) WebAuthnID() []byte                         { return []byte("ada") }
func (u *duoLabsUser) WebAuthnName() string                       { return "ada@example.com" }
func (u *duoLabsUser) WebAuthnDisplayName() string                { return "Ada" }
func (u *duoLabsUser) WebAuthnIcon() string                       { return "" }
func (u *duoLabsUser) WebAuthnCredentials() []webauthn.Credential { return u.credentials }

func newDuoLabs(t *testing.T) http.Handler {
	t.Helper()
	rp, err := webauthn.New(&webauthn.Config{
		RPID: rpID, RPDisplayName: "Example", RPOrigin: origin,
		AttestationPreference: protocol.PreferDirectAttestation,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &duoLabs{rp: rp}
}

func (s *duoLabs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
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

func (s *duoLabs) serve(w http.ResponseWriter, r *http.Request) (any, error) {
	switch r.Method + " " + r.URL.Path {
	case "POST /register/begin":
		options, session, err := s.rp.BeginRegistration(&s.user)
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
		options, session, err := s.rp.BeginLogin(&s.user)
		if err == nil {
			s.sessions.keep(w, *session)
		}
		return options, err
	case "POST /login/finish":
		session, err := s.sessions.take(r)
		if err != nil {
			return nil, err
		}
		return s.rp.FinishLogin(&s.user, session, r)
	default:
		return nil, errors.New("there is no such page")
	}
}

func TestDuoLabs(t *testing.T) {
	play(t, newDuoLabs, faults)
}
