package stuntkey

import (
	"encoding/json"
	"io"
	"strings"
)

// A Message is what to send to the server.
type Message struct {
	// JSON is the standard's RegistrationResponseJSON or AuthenticationResponseJSON.
	JSON json.RawMessage `json:"response"`
	// Body is the body of the request to the server, in the shape that goes with the options.
	Body string `json:"body"`
	// ContentType is the media type of the body.
	ContentType string `json:"contentType"`
	// Preset is the name of the body's shape.
	Preset string `json:"preset"`
	// Notices say what was mended or ignored in the options.
	Notices []Notice `json:"notices"`
	// Missing has the members that the shape requires, and that nobody gave.
	Missing []string `json:"missing"`
}

// A Notice is about something in the options that was mended or ignored.
type Notice struct {
	// Path is where, as a JSON path.
	Path string `json:"path"`
	// Message is all of it in one sentence.
	Message string `json:"message"`
}

// Reader reads the body: http.Post(url, reply.ContentType, reply.Reader()).
func (m *Message) Reader() io.Reader { return strings.NewReader(m.Body) }

// MarshalJSON writes the standard's JSON.
func (m Message) MarshalJSON() ([]byte, error) { return m.JSON, nil }

// The standard's JSON letter by letter, as a fault can be in a letter.
func (m Message) letters() string {
	if m.Preset == "l3" {
		return m.Body
	}
	return string(m.JSON)
}

// A RegistrationReply is what a page gets from navigator.credentials.create(), and what it sends to the server.
type RegistrationReply struct {
	Message
	// Response has the parts of the JSON. A fault can put something else in a part's place, which is then left out here.
	Response RegistrationResponse `json:"-"`
}

// A RegistrationResponse is the standard's RegistrationResponseJSON.
type RegistrationResponse struct {
	ID                      string                           `json:"id"`
	RawID                   Bytes                            `json:"rawId"`
	Type                    string                           `json:"type"`
	AuthenticatorAttachment string                           `json:"authenticatorAttachment"`
	ClientExtensionResults  map[string]json.RawMessage       `json:"clientExtensionResults"`
	Response                AuthenticatorAttestationResponse `json:"response"`
}

// An AuthenticatorAttestationResponse is the standard's AuthenticatorAttestationResponseJSON.
type AuthenticatorAttestationResponse struct {
	ClientDataJSON     Bytes    `json:"clientDataJSON"`
	AttestationObject  Bytes    `json:"attestationObject"`
	AuthenticatorData  Bytes    `json:"authenticatorData"`
	Transports         []string `json:"transports"`
	PublicKey          Bytes    `json:"publicKey"`
	PublicKeyAlgorithm int64    `json:"publicKeyAlgorithm"`
}

// An AuthenticationReply is what a page gets from navigator.credentials.get(), and what it sends to the server.
type AuthenticationReply struct {
	Message
	// Response has the parts of the JSON. A fault can put something else in a part's place, which is then left out here.
	Response AuthenticationResponse `json:"-"`
}

// An AuthenticationResponse is the standard's AuthenticationResponseJSON.
type AuthenticationResponse struct {
	ID                      string                         `json:"id"`
	RawID                   Bytes                          `json:"rawId"`
	Type                    string                         `json:"type"`
	AuthenticatorAttachment string                         `json:"authenticatorAttachment"`
	ClientExtensionResults  map[string]json.RawMessage     `json:"clientExtensionResults"`
	Response                AuthenticatorAssertionResponse `json:"response"`
}

// An AuthenticatorAssertionResponse is the standard's AuthenticatorAssertionResponseJSON.
type AuthenticatorAssertionResponse struct {
	ClientDataJSON    Bytes `json:"clientDataJSON"`
	AuthenticatorData Bytes `json:"authenticatorData"`
	Signature         Bytes `json:"signature"`
	UserHandle        Bytes `json:"userHandle"`
}

// What a fault has made unreadable is left out, as the exact text is in JSON.
func (r *RegistrationReply) read()   { _ = json.Unmarshal(r.JSON, &r.Response) }
func (r *AuthenticationReply) read() { _ = json.Unmarshal(r.JSON, &r.Response) }
