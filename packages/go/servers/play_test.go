package servers

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stuntkey/stuntkey-go"
)

const (
	rpID   = "example.com"
	origin = "https://login.example.com"
)

var paths = stuntkey.Paths{
	CreationOptions: "/register/begin?user=ada",
	Registration:    "/register/finish",
	RequestOptions:  "GET /login/begin?user=ada",
	Authentication:  "/login/finish",
}

// Faults that every library refuses.
var faults = map[stuntkey.Ceremony][]string{
	stuntkey.Registration: {
		"client-data/challenge/other", "client-data/origin/other-site", "client-data/type/other-ceremony",
		"authenticator-data/rp-id-hash/other-site", "packed/signature/corrupted",
	},
	stuntkey.Authentication: {
		"client-data/challenge/other", "client-data/origin/other-site", "client-data/type/other-ceremony",
		"authenticator-data/rp-id-hash/other-site", "signature/value/corrupted", "user/credential/unknown",
	},
}

// Registers and logs in at a server, which is made anew for each subtest, and has it refuse faults.
func play(t *testing.T, handler func(*testing.T) http.Handler, faults map[stuntkey.Ceremony][]string) {
	page := func(t *testing.T, faults ...string) *stuntkey.Page {
		return stuntkey.New(t, stuntkey.Options{PreparedFor: faults}).At(origin)
	}
	t.Run("registers and logs in", func(t *testing.T) {
		site := page(t).Through(handler(t), paths)
		mustRegister(t, site)
		for range 2 {
			if _, err := site.Authenticate(nil); err != nil {
				t.Fatal(err)
			}
		}
	})
	t.Run("registers and logs in over a connection", func(t *testing.T) {
		server := httptest.NewServer(handler(t))
		defer server.Close()
		site := page(t).ThroughServer(server, paths)
		mustRegister(t, site)
		if _, err := site.Authenticate(nil); err != nil {
			t.Fatal(err)
		}
	})
	for _, fault := range faults[stuntkey.Registration] {
		t.Run("registration/"+fault, func(t *testing.T) {
			site := page(t, fault).Through(handler(t), paths)
			visit, err := site.Register(nil, stuntkey.WithFault(fault))
			mustBeRefused(t, visit, err, "POST /register/finish")
			mustRegister(t, site)
		})
	}
	for _, fault := range faults[stuntkey.Authentication] {
		t.Run("authentication/"+fault, func(t *testing.T) {
			site := page(t, fault).Through(handler(t), paths)
			mustRegister(t, site)
			visit, err := site.Authenticate(nil, stuntkey.WithFault(fault))
			mustBeRefused(t, visit, err, "POST /login/finish")
			if _, err := site.Authenticate(nil); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func mustRegister(t *testing.T, site *stuntkey.Site) {
	t.Helper()
	if _, err := site.Register(nil); err != nil {
		t.Fatal(err)
	}
}

func mustBeRefused(t *testing.T, visit *stuntkey.Visit, err error, request string) {
	t.Helper()
	var refused *stuntkey.RefusedError
	if !errors.As(err, &refused) || refused.Request != request || !errors.Is(err, stuntkey.ErrRefused) {
		t.Fatalf("found %v, expected %s to be refused", err, request)
	}
	if visit.StatusCode != http.StatusBadRequest {
		t.Errorf("found the status %d, expected 400", visit.StatusCode)
	}
}

// Sessions of a server: what it keeps of a ceremony, by a cookie.
type sessions[S any] struct {
	mutex sync.Mutex
	kept  map[string]S
}

const cookie = "session"

func (s *sessions[S]) keep(w http.ResponseWriter, session S) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.kept == nil {
		s.kept = map[string]S{}
	}
	name := rand.Text()
	s.kept[name] = session
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: name, Path: "/", Secure: true, HttpOnly: true})
}

// A ceremony has one answer.
func (s *sessions[S]) take(r *http.Request) (S, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var none S
	named, err := r.Cookie(cookie)
	if err != nil {
		return none, err
	}
	session, ok := s.kept[named.Value]
	if !ok {
		return none, errors.New("there is no session")
	}
	delete(s.kept, named.Value)
	return session, nil
}
