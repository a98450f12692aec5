package stuntkey_test

import (
	"errors"
	"testing"

	"github.com/stuntkey/stuntkey-go"
)

const (
	origin = "https://login.example.com"
	rpID   = "example.com"
)

// JSON of any shape.
type object = map[string]any

// Creation options that ask for direct attestation; the members in place of others, nil takes one away.
func creationOptions(members object) object {
	return with(object{
		"challenge":              "Y3JlYXRpb24gY2hhbGxlbmdl",
		"rp":                     object{"id": rpID, "name": "Example"},
		"user":                   object{"id": "YWRh", "name": "ada@example.com", "displayName": "Ada"},
		"pubKeyCredParams":       []object{{"type": "public-key", "alg": -7}},
		"attestation":            "direct",
		"authenticatorSelection": object{"residentKey": "preferred"},
	}, members)
}

// Request options without allowCredentials.
func requestOptions(members object) object {
	return with(object{"challenge": "cmVxdWVzdCBjaGFsbGVuZ2U", "rpId": rpID}, members)
}

func with(options, members object) object {
	for name, value := range members {
		if value == nil {
			delete(options, name)
		} else {
			options[name] = value
		}
	}
	return options
}

// What a relying party at origin holds a registration to.
func registration(options object) stuntkey.RegistrationExpectations {
	return stuntkey.RegistrationExpectations{Options: options, Origins: []string{origin}}
}

// What a relying party at origin holds a login to.
func authentication(options object, known ...stuntkey.CredentialRecord) stuntkey.AuthenticationExpectations {
	return stuntkey.AuthenticationExpectations{Options: options, Origins: []string{origin}, Credentials: known}
}

// The result, or the end of the test.
func must[T any](t *testing.T) func(T, error) T {
	return func(result T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
}

// Registers, and verifies it.
func register(t *testing.T, page *stuntkey.Page, options object) stuntkey.CredentialRecord {
	t.Helper()
	verified, err := stuntkey.VerifyRegistration(page.MustCreate(options), registration(options))
	if err != nil {
		t.Fatal(err)
	}
	return verified.Credential
}

// Logs in, and verifies it.
func logIn(t *testing.T, page *stuntkey.Page, known stuntkey.CredentialRecord) stuntkey.CredentialRecord {
	t.Helper()
	options := requestOptions(nil)
	verified, err := stuntkey.VerifyAuthentication(page.MustGet(options), authentication(options, known))
	if err != nil {
		t.Fatal(err)
	}
	return verified.Credential
}

// Takes an error that has to be of this name, and gives it.
func refused(t *testing.T, err, kind error) *stuntkey.Error {
	t.Helper()
	var refusal *stuntkey.Error
	if !errors.Is(err, kind) || !errors.As(err, &refusal) {
		t.Fatalf("found %v, expected %v", err, kind)
	}
	return refusal
}

// Takes an error that has to be a failed check of the verifier's.
func refusedBy(t *testing.T, err error, check string) *stuntkey.VerificationError {
	t.Helper()
	var failure *stuntkey.VerificationError
	if !errors.As(err, &failure) || failure.Check != check {
		t.Fatalf("found %v, expected the check %s to fail", err, check)
	}
	return failure
}

// Takes an error that has to be any failed check of the verifier's.
func refusedAtAll(t *testing.T, err error) *stuntkey.VerificationError {
	t.Helper()
	var failure *stuntkey.VerificationError
	if !errors.As(err, &failure) {
		t.Fatalf("found %v, expected it to be refused", err)
	}
	if !errors.Is(err, stuntkey.ErrVerification) {
		t.Errorf("found %v, expected an ErrVerification", err)
	}
	return failure
}

// Every value of a setting.
func settingValues(name string) []string {
	var values []string
	for _, setting := range stuntkey.Settings() {
		if setting.Name == name {
			for _, value := range setting.Values {
				values = append(values, value[0])
			}
		}
	}
	return values
}

// The COSE algorithm identifiers.
var algorithms = map[string]int{
	"ES256": -7, "ES384": -35, "ES512": -36, "ES256K": -47, "EdDSA": -8, "Ed448": -53, "RS256": -257, "RS384": -258,
	"RS512": -259, "PS256": -37, "PS384": -38, "PS512": -39, "RS1": -65535, "ML-DSA-44": -48, "ML-DSA-65": -49,
	"ML-DSA-87": -50,
}
