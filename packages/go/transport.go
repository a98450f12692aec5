package stuntkey

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/url"
)

// A transport that calls a handler in this process, in the goroutine of the caller.
type inProcess struct{ handler http.Handler }

func (t inProcess) RoundTrip(request *http.Request) (*http.Response, error) {
	served := request.Clone(request.Context())
	served.RequestURI = request.URL.RequestURI()
	served.Host = request.URL.Host
	// An address of those that are for documentation (RFC 5737).
	served.RemoteAddr = "192.0.2.1:1234"
	if served.Body == nil {
		served.Body = http.NoBody
	}
	if request.URL.Scheme == "https" {
		served.TLS = &tls.ConnectionState{
			Version: tls.VersionTLS13, HandshakeComplete: true, ServerName: request.URL.Hostname(),
		}
	}
	// What a server sees of a URL is the path and the query.
	served.URL = &url.URL{Path: request.URL.Path, RawPath: request.URL.RawPath, RawQuery: request.URL.RawQuery}
	recorder := httptest.NewRecorder()
	t.handler.ServeHTTP(recorder, served)
	response := recorder.Result()
	response.Request = request
	return response, nil
}

// A transport that sends every request to one server, whatever host it is for.
type redirected struct {
	server    string
	transport http.RoundTripper
}

func (t redirected) RoundTrip(request *http.Request) (*http.Response, error) {
	server, err := url.Parse(t.server)
	if err != nil {
		return nil, err
	}
	sent := request.Clone(request.Context())
	sent.Host = request.URL.Host
	sent.URL.Scheme, sent.URL.Host = server.Scheme, server.Host
	response, err := t.transport.RoundTrip(sent)
	if response != nil {
		// Cookies are those of the host that the request was for.
		response.Request = request
	}
	return response, err
}
