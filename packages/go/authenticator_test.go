package stuntkey_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stuntkey/stuntkey-go"
)

// A test that is told of failures and goes on.
type fake struct {
	testing.TB
	failure  string
	cleanups []func()
}

func (f *fake) Helper()              {}
func (f *fake) Cleanup(last func())  { f.cleanups = append(f.cleanups, last) }
func (f *fake) Fatal(failure ...any) { f.failure = fmt.Sprint(failure...) }

func TestNewEndsTheTestWhereItFails(t *testing.T) {
	t.Parallel()
	mock := &fake{}
	func() {
		// The real Fatal does not return.
		defer func() { _ = recover() }()
		stuntkey.New(mock, stuntkey.Options{Model: stuntkey.Model{Base: "toaster"}})
	}()
	if !strings.Contains(mock.failure, `found "toaster", expected one of platform`) {
		t.Errorf("found %q, expected what is wrong with the model", mock.failure)
	}
}

func TestMustEndsTheTestWhereItFails(t *testing.T) {
	t.Parallel()
	mock := &fake{}
	stuntkey.New(mock, stuntkey.Options{}).At(origin).MustGet(requestOptions(nil))
	if !strings.HasPrefix(mock.failure, "NotAllowedError: ") || !strings.Contains(mock.failure, "\nhint: register") {
		t.Errorf("found %q, expected the error and its hint", mock.failure)
	}
}

func TestMustPanicsWithoutATest(t *testing.T) {
	t.Parallel()
	key := must[*stuntkey.Authenticator](t)(stuntkey.Open(stuntkey.Options{}))
	defer func() {
		if err, ok := recover().(error); !ok || !errors.Is(err, stuntkey.ErrNotAllowed) {
			t.Errorf("found %v, expected a NotAllowedError", err)
		}
		if err := key.Close(); err != nil {
			t.Error(err)
		}
		if err := key.Close(); err != nil {
			t.Errorf("found %v, expected that it can be closed twice", err)
		}
	}()
	key.At(origin).MustGet(requestOptions(nil))
}

func TestNewClosesTheAuthenticatorAtTheEnd(t *testing.T) {
	t.Parallel()
	mock := &fake{}
	key := stuntkey.New(mock, stuntkey.Options{})
	for _, cleanup := range mock.cleanups {
		cleanup()
	}
	_, err := key.Credentials(stuntkey.Filter{})
	refused(t, err, stuntkey.ErrClosed)
}

// Many goroutines share a key, its pages and the verifier.
func TestEverythingCanBeCalledAtOnce(t *testing.T) {
	t.Parallel()
	key := stuntkey.New(t, stuntkey.Options{})
	var all sync.WaitGroup
	for number := range 8 {
		all.Go(func() {
			host := fmt.Sprintf("host%d.example", number)
			page := key.At("https://" + host)
			options := creationOptions(object{"rp": object{"id": host, "name": host}})
			for range 5 {
				reply, err := page.Create(options)
				if err != nil {
					t.Error(err)
					return
				}
				_, err = stuntkey.VerifyRegistration(reply, stuntkey.RegistrationExpectations{
					Options: options, Origins: []string{page.Origin()},
				})
				if err != nil {
					t.Error(err)
				}
				if _, err := key.Credentials(stuntkey.Filter{RPID: host}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// Closing does not wait for those who come later, and breaks nothing.
func TestCanBeClosedAtAnyTime(t *testing.T) {
	t.Parallel()
	key := must[*stuntkey.Authenticator](t)(stuntkey.Open(stuntkey.Options{}))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 20 {
				if _, err := key.At(origin).Create(creationOptions(nil)); err != nil && !errors.Is(err, stuntkey.ErrClosed) {
					t.Error(err)
				}
			}
		})
	}
	if err := key.Close(); err != nil {
		t.Error(err)
	}
	all.Wait()
}

func TestKeysAreIndependent(t *testing.T) {
	t.Parallel()
	first, second := stuntkey.New(t, stuntkey.Options{}), stuntkey.New(t, stuntkey.Options{})
	register(t, first.At(origin), creationOptions(nil))
	_, err := second.At(origin).Get(requestOptions(nil))
	refused(t, err, stuntkey.ErrNotAllowed)
	if a, b := seeded(t), seeded(t); a != b {
		t.Error("the same seed has given two replies")
	}
}

func seeded(t *testing.T) string {
	return stuntkey.New(t, stuntkey.Options{Seed: "42"}).At(origin).MustCreate(creationOptions(nil)).Body
}

func TestTakesOptionsOfAnyType(t *testing.T) {
	t.Parallel()
	page := stuntkey.New(t, stuntkey.Options{}).At(origin)
	text := `{"publicKey":{"challenge":"AAAAAAAAAAAAAAAAAAAAAA","rp":{"id":"example.com","name":"Example"},` +
		`"user":{"id":"YWRh","name":"ada","displayName":"Ada"},"pubKeyCredParams":[{"type":"public-key","alg":-7}]}}`
	for name, options := range map[string]any{
		"text": text, "bytes": []byte(text), "reader": strings.NewReader(text), "value": creationOptions(nil),
	} {
		if _, err := page.Create(options); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestThePageOfTheOptions(t *testing.T) {
	t.Parallel()
	key := stuntkey.New(t, stuntkey.Options{})
	if _, err := key.Create(creationOptions(nil)); err != nil {
		t.Fatal(err)
	}
	key.At(origin).MustGet(requestOptions(nil))
	_, err := key.Get(requestOptions(nil))
	refused(t, err, stuntkey.ErrRequest)

	key = stuntkey.New(t, stuntkey.Options{Origin: "https://example.com"})
	if _, err := key.Create(creationOptions(nil)); err != nil {
		t.Fatal(err)
	}
	key.At(origin).MustGet(requestOptions(nil))
	reply := must[*stuntkey.AuthenticationReply](t)(key.Get(requestOptions(nil)))
	if !strings.Contains(string(reply.Response.Response.ClientDataJSON), `"https://example.com"`) {
		t.Errorf("found %s, expected the origin of the options", reply.Response.Response.ClientDataJSON)
	}
}

func TestSpeaksCTAP(t *testing.T) {
	t.Parallel()
	key := stuntkey.New(t, stuntkey.Options{})
	info := must[[]byte](t)(key.CTAP([]byte{0x04}, stuntkey.OnChannel(2), stuntkey.WhileUser(stuntkey.Denied)))
	if len(info) < 2 || info[0] != 0 {
		t.Errorf("found %x, expected the status 0 and a map", info)
	}
	if err := key.PowerCycle(); err != nil {
		t.Error(err)
	}
	if capabilities := must[[]string](t)(key.Capabilities()); len(capabilities) == 0 {
		t.Error("found no capabilities")
	}
}
