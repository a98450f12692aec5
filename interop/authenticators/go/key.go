package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/bulwarkid/virtual-fido/ctap"
	"github.com/bulwarkid/virtual-fido/ctap_hid"
	"github.com/bulwarkid/virtual-fido/fido_client"
	"github.com/bulwarkid/virtual-fido/u2f"
	"github.com/bulwarkid/virtual-fido/webauthn"
)

const (
	// How long a touch before a request is good for it.
	touchLasts = 3 * time.Second
	// How long the user takes for a no.
	userTakes = 3 * time.Second
	// How long the store takes, at least. What the library does around it takes about as long as the time to its first sign of
	// life, which says that it waits for its user; so there is one in every run, and not in some.
	storeTakes = 100 * time.Millisecond
)

// Serves the authenticator on standard input and output, a report after the other.
func serveKey(vault string) {
	user := newUser()
	authority, key := newAuthority()
	client := evenClient{fido_client.NewDefaultClient(authority, key, [32]byte{}, user, file(vault))}
	server := ctap_hid.NewCTAPHIDServer(ctap.NewCTAPServer(client), u2f.NewU2FServer(client))

	_, err := os.Stdout.Write([]byte{0})
	check(err)
	go func() {
		for {
			_, err := os.Stdout.Write(server.GetResponse(0, 0))
			check(err)
		}
	}()
	report := make([]byte, reportLength)
	for {
		_, err := io.ReadFull(os.Stdin, report)
		if errors.Is(err, io.EOF) {
			return
		}
		check(err)
		// The library keeps parts of what it is given.
		server.HandleMessage(append([]byte{}, report...))
	}
}

// One public key in 128 has a coordinate that begins with a zero byte, which the library leaves out (cose/cose.go:54, told in
// ../../writeups/virtual-fido.toml). Such a key is drawn again here, so that every run comes out alike.
type evenClient struct {
	*fido_client.DefaultFIDOClient
}

func (client evenClient) NewCredentialSource(
	relyingParty webauthn.PublicKeyCredentialRpEntity,
	user webauthn.PublicKeyCrendentialUserEntity,
) *fido_client.CredentialSource {
	for {
		made := client.DefaultFIDOClient.NewCredentialSource(relyingParty, user)
		if key := made.PrivateKey.PublicKey; len(key.X.Bytes()) == 32 && len(key.Y.Bytes()) == 32 {
			return made
		}
		client.DeleteIdentity(made.ID)
	}
}

// A certificate authority, as cmd/demo makes one.
func newAuthority() ([]byte, *ecdsa.PrivateKey) {
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(0),
		Subject: pkix.Name{
			Organization: []string{"Self-Signed Virtual FIDO"},
			Country:      []string{"US"},
		},
		NotBefore:             time.Now(),
		NotAfter:              time.Now().AddDate(10, 0, 0),
		IsCA:                  true,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		BasicConstraintsValid: true,
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	certificate, err := x509.CreateCertificate(rand.Reader, authority, authority, &key.PublicKey, key)
	check(err)
	return certificate, key
}

// The user, who agrees by a touch, which is SIGUSR1.
type user struct {
	touches chan time.Time
}

func newUser() user {
	touches := make(chan time.Time, 1)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	go func() {
		for range signals {
			select {
			case <-touches:
			default:
			}
			touches <- time.Now()
		}
	}()
	return user{touches}
}

// ApproveClientAction asks the user, and waits for the answer. U2F knows no wait: its client asks again until the user agrees.
func (user user) ApproveClientAction(action fido_client.ClientAction, _ fido_client.ClientActionRequestParams) bool {
	until := time.After(userTakes)
	if action == fido_client.ClientActionU2FRegister || action == fido_client.ClientActionU2FAuthenticate {
		until = time.After(0)
	}
	for {
		select {
		case touched := <-user.touches:
			if time.Since(touched) < touchLasts {
				return true
			}
			continue
		default:
		}
		select {
		case touched := <-user.touches:
			if time.Since(touched) < touchLasts {
				return true
			}
		case <-until:
			return false
		}
	}
}

// The file that has what the library saves.
type file string

func (file file) SaveData(data []byte) {
	time.Sleep(storeTakes)
	// A kill in the middle leaves what was there.
	check(os.WriteFile(string(file)+".new", data, 0o600))
	check(os.Rename(string(file)+".new", string(file)))
}

func (file file) RetrieveData() []byte {
	data, err := os.ReadFile(string(file))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	check(err)
	return data
}

func (file file) Passphrase() string {
	return "passphrase"
}
