package stuntkey

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
)

// Paths are where a server takes the four requests of its pages. Before a path can stand a method, as in
// "GET /login/begin"; without one, it is POST.
type Paths struct {
	// CreationOptions answers with creation options, and Registration takes the reply to them.
	CreationOptions, Registration string
	// RequestOptions answers with request options, and Authentication takes the reply to them.
	RequestOptions, Authentication string
}

// A Site is a page and the server behind it: one person's browser, with the cookies that the server sets.
type Site struct {
	// Client reaches the server at the page's origin, and keeps its cookies. What a test does between two ceremonies can
	// go through it, too.
	Client *http.Client
	// Header is sent with every request of a ceremony, such as a token against forgery.
	Header http.Header

	page  *Page
	paths Paths
}

// Through gives the page in front of a handler, which is called directly: its requests are for the page's origin,
// though nothing listens there.
func (p *Page) Through(handler http.Handler, paths Paths) *Site {
	return p.site(inProcess{handler}, paths)
}

// ThroughServer gives the page in front of a server that listens: its requests are for the page's origin, and go to
// the server, wherever it is.
func (p *Page) ThroughServer(server *httptest.Server, paths Paths) *Site {
	return p.site(redirected{server.URL, server.Client().Transport}, paths)
}

func (p *Page) site(transport http.RoundTripper, paths Paths) *Site {
	jar, _ := cookiejar.New(nil) // Without options, there is no error.
	return &Site{
		Client: &http.Client{Transport: transport, Jar: jar},
		Header: http.Header{},
		page:   p,
		paths:  paths,
	}
}

// A Visit is what was said between the page and the server in one ceremony.
type Visit struct {
	// Options are what the server sent.
	Options json.RawMessage
	// Registration or Authentication is what the page has answered; the other is nil.
	Registration   *RegistrationReply
	Authentication *AuthenticationReply
	// StatusCode, Header and Body are the server's last word.
	StatusCode int
	Header     http.Header
	Body       []byte
}

// Register asks the server for creation options, answers them, and sends the reply. What the server is told first
// is the JSON of about, or a form if it is url.Values; nil is nothing. Where the server refuses, the error is a
// [*RefusedError], and the visit has what was said until then.
func (s *Site) Register(about any, this ...CeremonyOption) (*Visit, error) {
	visit, err := s.begin(s.paths.CreationOptions, about)
	if err != nil {
		return visit, err
	}
	if visit.Registration, err = s.page.Create(string(visit.Options), this...); err != nil {
		return visit, err
	}
	return visit, s.finish(visit, s.paths.Registration, visit.Registration.Message)
}

// Authenticate asks the server for request options, answers them, and sends the reply, as Register does.
func (s *Site) Authenticate(about any, this ...CeremonyOption) (*Visit, error) {
	visit, err := s.begin(s.paths.RequestOptions, about)
	if err != nil {
		return visit, err
	}
	if visit.Authentication, err = s.page.Get(string(visit.Options), this...); err != nil {
		return visit, err
	}
	return visit, s.finish(visit, s.paths.Authentication, visit.Authentication.Message)
}

func (s *Site) begin(path string, about any) (*Visit, error) {
	visit := &Visit{}
	var body, contentType string
	switch about := about.(type) {
	case nil:
	case url.Values:
		body, contentType = about.Encode(), "application/x-www-form-urlencoded"
	default:
		var err error
		if body, err = textOf("$.about", about); err != nil {
			return visit, err
		}
		contentType = "application/json"
	}
	if err := s.send(visit, path, body, contentType); err != nil {
		return visit, err
	}
	visit.Options = visit.Body
	return visit, nil
}

func (s *Site) finish(visit *Visit, path string, reply Message) error {
	return s.send(visit, path, reply.Body, reply.ContentType)
}

// Sends a request of the page's; the visit has the answer.
func (s *Site) send(visit *Visit, path, body, contentType string) error {
	method, path, ok := strings.Cut(path, " ")
	if !ok {
		method, path = http.MethodPost, method
	}
	origin := s.page.origin
	if origin == "" {
		origin = s.page.authenticator.options.Origin
	}
	if origin == "" || !strings.HasPrefix(path, "/") {
		return &Error{
			Name: ErrRequest.Name,
			Message: fmt.Sprintf(
				"$.paths: found %q at the origin %q, expected a path that begins with / at an origin", path, origin),
			Path: "$.paths",
			Hint: `give all Paths, such as "/login/begin" or "GET /login/begin", and a page with an origin: key.At(…)`,
		}
	}
	request, err := http.NewRequest(method, origin+path, strings.NewReader(body))
	if err != nil {
		return &Error{Name: ErrRequest.Name, Message: "$.paths: " + err.Error(), Path: "$.paths", cause: err}
	}
	request.Header = s.Header.Clone()
	request.Header.Set("Origin", origin)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := s.Client.Do(request)
	if err != nil {
		return &Error{Name: "NetworkError", Message: err.Error(), cause: err}
	}
	defer func() { _ = response.Body.Close() }()
	visit.StatusCode, visit.Header = response.StatusCode, response.Header
	if visit.Body, err = io.ReadAll(response.Body); err != nil {
		return &Error{Name: "NetworkError", Message: err.Error(), cause: err}
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return &RefusedError{method + " " + path, response.StatusCode, visit.Body}
	}
	return nil
}

// A RefusedError is a server's answer whose status is no success. It is an [*Error], too.
type RefusedError struct {
	// Request is the method and the path.
	Request    string
	StatusCode int
	Body       []byte
}

// Error has the request, the status and the beginning of the answer.
func (e *RefusedError) Error() string { return e.Unwrap().Error() }

// Unwrap gives the same as an [*Error].
func (e *RefusedError) Unwrap() error {
	body := bytes.TrimSpace(e.Body)
	if len(body) > 500 {
		body = append(body[:500:500], "…"...)
	}
	return &Error{
		Name:    ErrRefused.Name,
		Message: fmt.Sprintf("%s: found the status %d, expected 200 to 299: %s", e.Request, e.StatusCode, body),
		Path:    e.Request,
	}
}
