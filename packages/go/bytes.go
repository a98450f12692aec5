package stuntkey

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// Bytes are base64url without padding in JSON, as all binary values of WebAuthn are.
type Bytes []byte

// String is the bytes as base64url without padding.
func (b Bytes) String() string { return base64.RawURLEncoding.EncodeToString(b) }

// MarshalJSON writes base64url without padding; null for nil.
func (b Bytes) MarshalJSON() ([]byte, error) {
	if b == nil {
		return []byte("null"), nil
	}
	return json.Marshal(b.String())
}

// UnmarshalJSON reads base64url, with or without padding.
func (b *Bytes) UnmarshalJSON(text []byte) error {
	var given *string
	if err := json.Unmarshal(text, &given); err != nil || given == nil {
		*b = nil
		return err
	}
	decoded, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(*given, "="))
	*b = decoded
	return err
}

// Of points to a value, for settings that are left out unless they are given.
func Of[T any](value T) *T { return &value }
