package main

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/go-webauthn/webauthn/metadata"
	"github.com/go-webauthn/webauthn/metadata/providers/memory"
	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

func goWebAuthn(given fixture) (map[string]work, error) {
	handle, err := base64.RawURLEncoding.DecodeString(given.UserHandle)
	if err != nil {
		return nil, err
	}

	trusted, err := trust(given.Root)
	if err != nil {
		return nil, err
	}

	rp, err := webauthn.New(&webauthn.Config{
		RPDisplayName: "Example",
		RPID:          given.RPID,
		RPOrigins:     []string{given.Origin},
		MDS:           trusted,
	})
	if err != nil {
		return nil, err
	}

	// What the application has kept of the ceremony; it is read and not changed.
	session := webauthn.SessionData{
		Challenge:        given.Challenge,
		RelyingPartyID:   given.RPID,
		UserID:           handle,
		UserVerification: protocol.VerificationPreferred,
		CredParams:       webauthn.CredentialParametersDefault(),
		Mediation:        protocol.MediationDefault,
	}
	owner := &user{id: handle}

	register := func(reply []byte) (*webauthn.Credential, error) {
		parsed, err := protocol.ParseCredentialCreationResponseBytes(reply)
		if err != nil {
			return nil, err
		}

		credential, err := rp.CreateCredential(owner, session, parsed)

		return credential, described(err)
	}

	credential, err := register([]byte(given.Registration))
	if err != nil {
		return nil, err
	}

	stored := &user{id: handle, credentials: []webauthn.Credential{*credential}}
	discoverable := session
	discoverable.UserID = nil

	login := func(reply []byte) error {
		parsed, err := protocol.ParseCredentialRequestResponseBytes(reply)
		if err != nil {
			return err
		}

		_, _, err = rp.ValidatePasskeyLogin(func(_, found []byte) (webauthn.User, error) {
			if string(found) != string(handle) {
				return nil, errors.New("there is no user with this handle")
			}

			return stored, nil
		}, discoverable, parsed)

		return described(err)
	}

	return map[string]work{
		"verify registration": verification(given.Registration, func(reply []byte) error {
			_, err := register(reply)

			return err
		}),
		"verify login": verification(given.Login, login),
	}, nil
}

type user struct {
	id          []byte
	credentials []webauthn.Credential
}

func (u *user) WebAuthnID() []byte                         { return u.id }
func (u *user) WebAuthnName() string                       { return "u_1654" }
func (u *user) WebAuthnDisplayName() string                { return "John Doe" }
func (u *user) WebAuthnCredentials() []webauthn.Credential { return u.credentials }

// The library's metadata in memory, which has the one entry for every model of authenticator: a provider is how the
// library is told what to trust.
type provider struct {
	metadata.Provider
	entry *metadata.Entry
}

func (p provider) GetEntry(context.Context, uuid.UUID) (*metadata.Entry, error) {
	return p.entry, nil
}

func trust(root string) (metadata.Provider, error) {
	block, _ := pem.Decode([]byte(root))
	if block == nil {
		return nil, errors.New("the root is not PEM")
	}

	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, err
	}

	inMemory, err := memory.New(memory.WithMetadata(map[uuid.UUID]*metadata.Entry{}))

	return provider{inMemory, &metadata.Entry{MetadataStatement: metadata.Statement{
		AttestationTypes:            metadata.AuthenticatorAttestationTypes{metadata.BasicFull},
		AttestationRootCertificates: []*x509.Certificate{certificate},
	}}}, err
}

// described adds what the library says to those who develop with it.
func described(err error) error {
	var own *protocol.Error
	if !errors.As(err, &own) {
		return err
	}

	words, _ := json.Marshal(own.DevInfo)

	return fmt.Errorf("%w: %s", err, words)
}
