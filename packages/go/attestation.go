package stuntkey

import (
	"crypto/x509"
	"encoding/json"
)

// A Root is a certificate that a server has to trust.
type Root struct {
	PEM string `json:"pem"`
	DER Bytes  `json:"der"`
}

// Certificate parses the certificate.
func (r Root) Certificate() (*x509.Certificate, error) { return x509.ParseCertificate(r.DER) }

// TestRoot is the root that attestation ends in without a seed and without an authority.
func TestRoot() Root { return mustAskAnywhere[Root]("attestation.root", nothing{}) }

// RootOfSeed is the root that attestation ends in with this seed.
func RootOfSeed(seed string) (Root, error) {
	return askAnywhere[Root]("attestation.root", struct {
		Seed string `json:"seed"`
	}{seed})
}

// AttestationRoot is the root that this authenticator's attestation ends in.
func (a *Authenticator) AttestationRoot() (Root, error) {
	return ask[Root](a, "attestation.root", a.itself())
}

// MetadataStatement is the authenticator's metadata statement.
func (a *Authenticator) MetadataStatement() (json.RawMessage, error) {
	return ask[json.RawMessage](a, "attestation.metadata", a.itself())
}

// MetadataBLOB is a signed metadata BLOB that has the authenticator's statement. The algorithm is the one to sign
// by, such as RS256.
func (a *Authenticator) MetadataBLOB(algorithm string) (string, error) {
	return ask[string](a, "attestation.metadata", struct {
		client
		BLOB string `json:"blob"`
	}{a.itself(), algorithm})
}
