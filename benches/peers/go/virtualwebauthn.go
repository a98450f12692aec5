package main

import (
	"github.com/descope/virtualwebauthn"
)

// As in the library's README: the key is made by NewCredential, and the caller keeps it. The registration is always
// attested by the new key itself.
func virtualWebAuthn(given fixture) (map[string]work, error) {
	rp := virtualwebauthn.RelyingParty{ID: given.RPID, Name: "Example", Origin: given.Origin}

	var (
		authenticator virtualwebauthn.Authenticator
		credential    virtualwebauthn.Credential
	)

	register := func() (string, error) {
		options, err := virtualwebauthn.ParseAttestationOptions(given.CreationOptions)
		if err != nil {
			return "", err
		}

		authenticator = virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{
			UserHandle: []byte(options.UserID),
		})
		credential = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
		response := virtualwebauthn.CreateAttestationResponse(rp, authenticator, credential, *options)
		authenticator.AddCredential(credential)

		return response, nil
	}

	authenticate := func() (string, error) {
		options, err := virtualwebauthn.ParseAssertionOptions(given.RequestOptions)
		if err != nil {
			return "", err
		}

		return virtualwebauthn.CreateAssertionResponse(rp, authenticator, credential, *options), nil
	}

	if _, err := register(); err != nil {
		return nil, err
	}

	return map[string]work{
		"register packed self": making(register, register, authenticate),
		"authenticate":         making(authenticate, register, authenticate),
	}, nil
}
