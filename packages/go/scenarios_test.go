package stuntkey_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stuntkey/stuntkey-go"
)

// Every scenario of packages/scenarios.json has a test here, or in another file of this package, under its name.
func TestEveryScenarioHasATest(t *testing.T) {
	text, err := os.ReadFile("../scenarios.json")
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the list of scenarios is not part of a release")
	}
	var list struct {
		Scenarios map[string]string `json:"scenarios"`
	}
	if err != nil || json.Unmarshal(text, &list) != nil || len(list.Scenarios) == 0 {
		t.Fatal("the list of scenarios cannot be read", err)
	}
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	listed, err := exec.Command(binary, "-test.list", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	tests := strings.Fields(string(listed))
	for scenario := range list.Scenarios {
		name := "Test"
		for word := range strings.SplitSeq(scenario, "-") {
			name += strings.ToUpper(word[:1]) + word[1:]
		}
		if !slices.Contains(tests, name) {
			t.Errorf("there is no %s for the scenario %s", name, scenario)
		}
	}
}

func TestRegistersAndLogsIn(t *testing.T) {
	t.Parallel()
	page := stuntkey.New(t, stuntkey.Options{}).At(origin)
	known := register(t, page, creationOptions(nil))
	if after := logIn(t, page, known); after.SignCount <= known.SignCount {
		t.Errorf("found a counter of %d after %d, expected it to rise", after.SignCount, known.SignCount)
	}
}

func TestDirectAttestation(t *testing.T) {
	t.Parallel()
	page := stuntkey.New(t, stuntkey.Options{}).At(origin)
	options := creationOptions(nil)
	reply := page.MustCreate(options)

	expected := registration(options)
	expected.Trust = []string{stuntkey.TestRoot().PEM}
	verified := must[*stuntkey.VerifiedRegistration](t)(stuntkey.VerifyRegistration(reply, expected))
	if verified.Format != "packed" {
		t.Errorf("found %s, expected packed", verified.Format)
	}

	other := must[stuntkey.Root](t)(stuntkey.RootOfSeed("another"))
	expected.Trust = []string{other.PEM}
	_, err := stuntkey.VerifyRegistration(reply, expected)
	refusedBy(t, err, "trust/signature")
}

func TestEveryAlgorithm(t *testing.T) {
	t.Parallel()
	for _, algorithm := range stuntkey.ThisBuild().Algorithms {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			key := stuntkey.New(t, stuntkey.Options{Model: stuntkey.Model{
				Algorithms: []string{algorithm}, RSAPool: stuntkey.Of(true),
			}})
			page := key.At(origin)
			known := register(t, page, creationOptions(object{
				"pubKeyCredParams": []object{{"type": "public-key", "alg": algorithms[algorithm]}},
			}))
			logIn(t, page, known)
		})
	}
}

func TestEveryAttestationFormat(t *testing.T) {
	t.Parallel()
	for _, format := range settingValues("attestation.format") {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			key := stuntkey.New(t, stuntkey.Options{Model: stuntkey.Model{
				Attestation: stuntkey.Attestation{Format: format},
			}})
			options := creationOptions(nil)
			expected := registration(options)
			if format != "none" && format != "packed-self" {
				expected.Trust = []string{"test-root"}
			}
			verified, err := stuntkey.VerifyRegistration(key.At(origin).MustCreate(options), expected)
			if err != nil {
				t.Fatal(err)
			}
			if found, _, _ := strings.Cut(format, "-self"); verified.Format != found {
				t.Errorf("found %s, expected %s", verified.Format, found)
			}
		})
	}
}

func TestDiscoverableLogin(t *testing.T) {
	t.Parallel()
	page := stuntkey.New(t, stuntkey.Options{}).At(origin)
	known := register(t, page, creationOptions(object{
		"authenticatorSelection": object{"residentKey": "required"},
	}))
	reply := page.MustGet(requestOptions(nil))
	if string(reply.Response.Response.UserHandle) != "ada" {
		t.Errorf("found the user handle %q, expected ada", reply.Response.Response.UserHandle)
	}
	if reply.Response.ID != known.ID.String() {
		t.Errorf("found %s, expected %s", reply.Response.ID, known.ID)
	}
}

func TestTwoPagesOneKey(t *testing.T) {
	t.Parallel()
	key := stuntkey.New(t, stuntkey.Options{})
	hosts := []string{"a.example", "b.example"}
	ids := map[string]string{}
	for _, host := range hosts {
		reply := key.At("https://" + host).MustCreate(creationOptions(object{"rp": object{"id": host, "name": host}}))
		ids[host] = reply.Response.ID
	}
	for _, host := range hosts {
		reply := key.At("https://" + host).MustGet(requestOptions(object{"rpId": host}))
		if reply.Response.ID != ids[host] {
			t.Errorf("at %s: found %s, expected %s", host, reply.Response.ID, ids[host])
		}
	}
}

func TestIframe(t *testing.T) {
	t.Parallel()
	top := "https://shop.example"
	page := stuntkey.New(t, stuntkey.Options{}).InFrame(origin, top)
	options := creationOptions(nil)
	reply := page.MustCreate(options)
	var clientData struct {
		CrossOrigin bool
		TopOrigin   string
	}
	if err := json.Unmarshal(reply.Response.Response.ClientDataJSON, &clientData); err != nil {
		t.Fatal(err)
	}
	if !clientData.CrossOrigin || clientData.TopOrigin != top {
		t.Errorf("found %+v, expected crossOrigin, and topOrigin %s", clientData, top)
	}
	expected := registration(options)
	_, err := stuntkey.VerifyRegistration(reply, expected)
	refusedBy(t, err, "client-data/cross-origin")
	expected.TopOrigins = []string{top}
	must[*stuntkey.VerifiedRegistration](t)(stuntkey.VerifyRegistration(reply, expected))
}

func TestUserDenies(t *testing.T) {
	t.Parallel()
	key := stuntkey.New(t, stuntkey.Options{})
	_, err := key.At(origin).Create(creationOptions(nil), stuntkey.WithUser(stuntkey.Denied))
	refused(t, err, stuntkey.ErrNotAllowed)
	if stored := must[[]stuntkey.Credential](t)(key.Credentials(stuntkey.Filter{})); len(stored) != 0 {
		t.Errorf("found %d credentials, expected none", len(stored))
	}
}

func TestUserNotVerified(t *testing.T) {
	t.Parallel()
	touches := stuntkey.Model{User: []stuntkey.UserAnswer{stuntkey.Present}}
	page := stuntkey.New(t, stuntkey.Options{Model: touches}).At(origin)
	discouraged := creationOptions(object{"authenticatorSelection": object{"userVerification": "discouraged"}})
	reply := page.MustCreate(discouraged)
	expected := registration(discouraged)
	must[*stuntkey.VerifiedRegistration](t)(stuntkey.VerifyRegistration(reply, expected))
	expected.UserVerification = stuntkey.Of(true)
	_, err := stuntkey.VerifyRegistration(reply, expected)
	refusedBy(t, err, "authenticator-data/user-verified")

	required := creationOptions(object{"authenticatorSelection": object{"userVerification": "required"}})
	_, err = page.Create(required)
	refused(t, err, stuntkey.ErrNotAllowed)
	page = stuntkey.New(t, stuntkey.Options{}).At(origin)
	_, err = page.Create(required, stuntkey.WithUser(stuntkey.Present))
	refused(t, err, stuntkey.ErrNotAllowed)
}

func TestExcludedCredential(t *testing.T) {
	t.Parallel()
	page := stuntkey.New(t, stuntkey.Options{}).At(origin)
	known := register(t, page, creationOptions(nil))
	_, err := page.Create(creationOptions(object{
		"excludeCredentials": []object{{"type": "public-key", "id": known.ID}},
	}))
	refused(t, err, stuntkey.ErrInvalidState)
}

func TestNoCredential(t *testing.T) {
	t.Parallel()
	_, err := stuntkey.New(t, stuntkey.Options{}).At(origin).Get(requestOptions(nil))
	if refusal := refused(t, err, stuntkey.ErrNotAllowed); !strings.Contains(refusal.Hint, "register") {
		t.Errorf("found the hint %q, expected one to register first", refusal.Hint)
	}
}

func TestWrongRpId(t *testing.T) {
	t.Parallel()
	_, err := stuntkey.New(t, stuntkey.Options{}).At("https://evil.example").Create(creationOptions(nil))
	refusal := refused(t, err, stuntkey.ErrSecurity)
	if refusal.Hint == "" || !strings.Contains(err.Error(), "\nhint: "+refusal.Hint) {
		t.Errorf("found %q, expected the hint in it", err)
	}
}

func TestCounter(t *testing.T) {
	t.Parallel()
	page := stuntkey.New(t, stuntkey.Options{}).At(origin)
	known := register(t, page, creationOptions(nil))
	options := requestOptions(nil)
	first, second := page.MustGet(options), page.MustGet(options)
	after := must[*stuntkey.VerifiedAuthentication](t)(
		stuntkey.VerifyAuthentication(second, authentication(options, known)))
	if after.Credential.SignCount != known.SignCount+2 {
		t.Errorf("found %d after two logins, expected %d", after.Credential.SignCount, known.SignCount+2)
	}
	_, err := stuntkey.VerifyAuthentication(first, authentication(options, after.Credential))
	refusedBy(t, err, "policy/sign-count")
}
