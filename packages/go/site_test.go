package stuntkey_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stuntkey/stuntkey-go"
)

var paths = stuntkey.Paths{
	CreationOptions: "/register/options", Registration: "/register",
	RequestOptions: "GET /login/options?user=ada", Authentication: "/login",
}

// A server of one user, who is verified as this package does it.
type server struct {
	known    []stuntkey.CredentialRecord
	asked    []string
	creation object
	request  object
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	s.asked = append(s.asked, r.Host+" "+r.Header.Get("Origin")+" "+r.URL.RequestURI()+" "+r.Header.Get("Content-Type"))
	switch r.Method + " " + r.URL.Path {
	case "POST /register/options":
		http.SetCookie(w, &http.Cookie{Name: "visit", Value: "1", Secure: true, Path: "/"})
		err = json.NewEncoder(w).Encode(s.creation)
	case "GET /login/options":
		err = json.NewEncoder(w).Encode(s.request)
	case "POST /register":
		if _, err = r.Cookie("visit"); err == nil {
			var verified *stuntkey.VerifiedRegistration
			if verified, err = stuntkey.VerifyRegistration(body, registration(s.creation)); err == nil {
				s.known = []stuntkey.CredentialRecord{verified.Credential}
			}
		}
	case "POST /login":
		var verified *stuntkey.VerifiedAuthentication
		if verified, err = stuntkey.VerifyAuthentication(body, authentication(s.request, s.known...)); err == nil {
			s.known = []stuntkey.CredentialRecord{verified.Credential}
		}
	default:
		err = errors.New("there is no such page")
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
	}
}

func newServer() *server {
	return &server{creation: creationOptions(nil), request: requestOptions(nil)}
}

func TestGoesThroughAHandler(t *testing.T) {
	t.Parallel()
	behind := newServer()
	playAt(t, behind, stuntkey.New(t, stuntkey.Options{}).At(origin).Through(behind, paths))
}

func TestGoesThroughAServer(t *testing.T) {
	t.Parallel()
	behind := newServer()
	listening := httptest.NewServer(behind)
	defer listening.Close()
	playAt(t, behind, stuntkey.New(t, stuntkey.Options{}).At(origin).ThroughServer(listening, paths))
}

func TestGoesThroughAServerWithTLS(t *testing.T) {
	t.Parallel()
	behind := newServer()
	listening := httptest.NewTLSServer(behind)
	defer listening.Close()
	playAt(t, behind, stuntkey.New(t, stuntkey.Options{}).At(origin).ThroughServer(listening, paths))
}

func playAt(t *testing.T, behind *server, site *stuntkey.Site) {
	t.Helper()
	if _, err := site.Register(object{"user": "ada"}); err != nil {
		t.Fatal(err)
	}
	visit, err := site.Authenticate(nil)
	if err != nil {
		t.Fatal(err)
	}
	if visit.Authentication == nil || visit.StatusCode != http.StatusOK {
		t.Errorf("found %+v, expected the reply and the server's answer", visit)
	}
	visit, err = site.Authenticate(nil, stuntkey.WithFault("signature/value/corrupted"))
	var refusal *stuntkey.RefusedError
	if !errors.As(err, &refusal) || refusal.StatusCode != http.StatusForbidden || refusal.Request != "POST /login" {
		t.Fatalf("found %v, expected POST /login to be refused", err)
	}
	if !strings.Contains(string(visit.Body), "§7.2 step 21") || !strings.Contains(err.Error(), "§7.2 step 21") {
		t.Errorf("found %v, expected the server's words", err)
	}
	expected := []string{
		"login.example.com https://login.example.com /register/options application/json",
		"login.example.com https://login.example.com /register application/json",
		"login.example.com https://login.example.com /login/options?user=ada ",
		"login.example.com https://login.example.com /login application/json",
	}
	if found := behind.asked[:4]; strings.Join(found, "\n") != strings.Join(expected, "\n") {
		t.Errorf("found\n%s\nexpected\n%s", strings.Join(found, "\n"), strings.Join(expected, "\n"))
	}
}

func TestSendsFormsAndHeaders(t *testing.T) {
	t.Parallel()
	var form url.Values
	var token string
	site := stuntkey.New(t, stuntkey.Options{Origin: origin}).At("").Through(
		http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm()
			form, token = r.PostForm, r.Header.Get("X-Csrf-Token")
		}), paths)
	site.Header.Set("X-Csrf-Token", "42")
	_, err := site.Register(url.Values{"user": {"ada"}})
	refused(t, err, stuntkey.ErrType)
	if form.Get("user") != "ada" || token != "42" {
		t.Errorf("found %v and the token %q", form, token)
	}
}

func TestASiteNeedsAnOriginAndPaths(t *testing.T) {
	t.Parallel()
	key := stuntkey.New(t, stuntkey.Options{})
	_, err := key.At("").Through(newServer(), paths).Register(nil)
	refused(t, err, stuntkey.ErrRequest)
	_, err = key.At(origin).Through(newServer(), stuntkey.Paths{}).Register(nil)
	if refusal := refused(t, err, stuntkey.ErrRequest); refusal.Path != "$.paths" || refusal.Hint == "" {
		t.Errorf("found %+v, expected $.paths and a hint", refusal)
	}
	_, err = key.At(origin).Through(http.NotFoundHandler(), paths).Register(nil)
	if refusal := refused(t, err, stuntkey.ErrRefused); refusal.Path != "POST /register/options" {
		t.Errorf("found %+v, expected POST /register/options to be refused", refusal)
	}
}
