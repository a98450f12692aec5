package stuntkey

import (
	"context"
	"errors"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tetratelabs/wazero/api"
)

// Whoever forgets to close an authenticator loses no memory.
func TestTheCollectorClosesAuthenticators(t *testing.T) {
	own := forgotten(t)
	for range 100 {
		runtime.GC()
		own.mutex.Lock()
		stopped := own.stopped
		own.mutex.Unlock()
		if stopped != nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the instance is still open")
}

func forgotten(t *testing.T) *instance {
	authenticator, err := Open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	return authenticator.instance
}

// A call that does not return ends the instance, and says so.
func TestATrapIsAnError(t *testing.T) {
	one, err := newInstance()
	if err != nil {
		t.Fatal(err)
	}
	one.call = outOfReach{one.call}
	var internal *Error
	if _, err := one.exchange([]byte(`{"op":"version"}`)); !errors.As(err, &internal) || internal.Name != "InternalError" {
		t.Fatalf("found %v, expected an InternalError", err)
	}
	if _, err := one.exchange([]byte(`{"op":"version"}`)); !errors.Is(err, internal) {
		t.Errorf("found %v, expected the same error again", err)
	}
}

// A function that is told of a request outside of the memory.
type outOfReach struct{ api.Function }

func (f outOfReach) Call(ctx context.Context, _ ...uint64) ([]uint64, error) {
	return f.Function.Call(ctx, 0xffff_0000, 0xff00)
}

func TestTheCacheCanBeElsewhereOrOff(t *testing.T) {
	t.Setenv(CacheVariable, "off")
	if found := cacheDirectory(); found != "" {
		t.Errorf("found %q, expected none", found)
	}
	t.Setenv(CacheVariable, "/elsewhere")
	if found := cacheDirectory(); found != "/elsewhere" {
		t.Errorf("found %q, expected /elsewhere", found)
	}
	t.Setenv(CacheVariable, "")
	if found := cacheDirectory(); found != "" && !strings.HasSuffix(found, "stuntkey-go") {
		t.Errorf("found %q, expected a directory stuntkey-go", found)
	}
}

// Model has a field for every setting that the module has.
func TestModelHasEverySetting(t *testing.T) {
	fields := membersOf(reflect.TypeFor[Model]())
	for name, kind := range membersOf(reflect.TypeFor[Attestation]()) {
		fields["attestation."+name] = kind
	}
	delete(fields, "base")
	delete(fields, "attestation")
	kinds := map[string]string{"flag": "*bool", "number": "*uint64", "text": "string", "list": "[]string"}
	for _, setting := range Settings() {
		expected := kinds[setting.Kind]
		if setting.Name == "user" {
			expected = "[]stuntkey.UserAnswer"
		}
		if found := fields[setting.Name]; found != expected {
			t.Errorf("%s: found a field of type %q, expected %s", setting.Name, found, expected)
		}
		delete(fields, setting.Name)
	}
	for name := range fields {
		t.Errorf("there is no setting %s", name)
	}
}

// Options has a field for every member that the module takes.
func TestOptionsHaveEveryMember(t *testing.T) {
	err := onAnyInstance("client.new", map[string]any{"unknown": true}, nil)
	var refusal *Error
	if !errors.As(err, &refusal) {
		t.Fatal(err)
	}
	var expected []string
	for _, match := range regexp.MustCompile("`([A-Za-z]+)`").FindAllStringSubmatch(refusal.Message, -1) {
		expected = append(expected, match[1])
	}
	expected = slices.DeleteFunc(expected, func(name string) bool { return name == "unknown" })
	if len(expected) < 10 {
		t.Fatalf("found %q, expected a list of members", refusal.Message)
	}
	fields := membersOf(reflect.TypeFor[Options]())
	for _, name := range expected {
		if fields[name] == "" {
			t.Errorf("there is no field for %s", name)
		}
	}
	if len(fields) != len(expected) {
		t.Errorf("found %d fields, expected %d", len(fields), len(expected))
	}
}

func membersOf(kind reflect.Type) map[string]string {
	members := map[string]string{}
	for number := range kind.NumField() {
		field := kind.Field(number)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		members[name] = field.Type.String()
	}
	return members
}

func BenchmarkRegistration(b *testing.B) {
	page := New(b, Options{}).At("https://login.example.com")
	options := `{"challenge":"AAAAAAAAAAAAAAAAAAAAAA","rp":{"id":"example.com","name":"Example"},` +
		`"user":{"id":"YWRh","name":"ada","displayName":"Ada"},"pubKeyCredParams":[{"type":"public-key","alg":-7}]}`
	for b.Loop() {
		page.MustCreate(options)
	}
}

func BenchmarkLogin(b *testing.B) {
	key := New(b, Options{})
	if _, err := key.Add(NewCredential{RPID: "example.com", UserHandle: Bytes("ada")}); err != nil {
		b.Fatal(err)
	}
	page := key.At("https://login.example.com")
	for b.Loop() {
		page.MustGet(`{"challenge":"AAAAAAAAAAAAAAAAAAAAAA","rpId":"example.com"}`)
	}
}

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		authenticator, err := Open(Options{})
		if err != nil {
			b.Fatal(err)
		}
		_ = authenticator.Close()
	}
}
