package stuntkey_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stuntkey/stuntkey-go"
)

// Cases about one thing, which play quickly.
var aboutChallenges = []string{"registration/client-data/challenge", "authentication/client-data/challenge"}

// The variable that has the test of this name play at a server with this flaw.
const flawVariable = "STUNTKEY_TEST_FLAW"

func TestASoundServerConforms(t *testing.T) {
	options := stuntkey.ConformOptions{
		Origin: origin, Seed: "go", Name: "a server", Only: append([]string{"registration/client-data"}, aboutChallenges...),
		Reports: []string{filepath.Join(t.TempDir(), "report.xml"), filepath.Join(t.TempDir(), "report.html")},
	}
	report := stuntkey.Conform(t, newRelyingParty(os.Getenv(flawVariable)), options)
	if !report.Conforms || len(report.Cases) < 20 || !strings.Contains(report.Summary, "a server") {
		t.Errorf("found %+v", report)
	}
	var whole struct{ Cases []object }
	if err := json.Unmarshal(report.JSON(), &whole); err != nil || len(whole.Cases) != len(report.Cases) {
		t.Errorf("found %d cases in JSON, %v", len(whole.Cases), err)
	}
	text, err := os.ReadFile(options.Reports[0])
	if err != nil || xml.Unmarshal(text, new(struct{ XMLName xml.Name })) != nil {
		t.Errorf("found %.100q, %v, expected XML", text, err)
	}
	if text, err := os.ReadFile(options.Reports[1]); err != nil || !bytes.Contains(text, []byte("<html")) {
		t.Errorf("found %.100q, %v, expected HTML", text, err)
	}
}

// What go test tells of a server with a flaw, played in another process.
func TestAFlawFailsTheSubtestOfItsCase(t *testing.T) {
	t.Parallel()
	for flaw, about := range map[string]string{"challenge": "other", "origin": "other-site"} {
		test := "TestASoundServerConforms/registration/client-data/" + flaw
		output := playFlawed(t, flaw, test)
		for _, expected := range []string{
			"--- FAIL: " + test + "/" + about + " ", "fail: the server must refuse a registration in which", "does not conform",
		} {
			if !strings.Contains(output, expected) {
				t.Errorf("%s: found no %q in\n%s", flaw, expected, output)
			}
		}
	}
}

func TestRunNamesTheCasesToPlay(t *testing.T) {
	t.Parallel()
	output := playFlawed(t, "challenge", "^TestASoundServerConforms$/registration/client-data/origin/other-site")
	if !strings.Contains(output, "--- PASS: TestASoundServerConforms/registration/client-data/origin/other-site") ||
		strings.Count(output, "=== RUN") != 2 {
		t.Errorf("found\n%s\nexpected one case", output)
	}
	output = playFlawed(t, "", "^TestASoundServerConforms$/registration/client-data/nothing")
	if !strings.Contains(output, "which names no case") {
		t.Errorf("found\n%s\nexpected that there is no such case", output)
	}
}

func playFlawed(t *testing.T, flaw, run string) string {
	t.Helper()
	command := exec.Command(os.Args[0], "-test.v", "-test.run", run)
	command.Env = append(os.Environ(), flawVariable+"="+flaw)
	output, err := command.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		t.Errorf("found %v, expected the tests to fail", err)
	}
	return string(output)
}

func TestWhatIsKnownRaisesNoAlarm(t *testing.T) {
	t.Parallel()
	report := playCases(t, newRelyingParty("challenge"), stuntkey.ConformOptions{
		Origin: origin, Only: aboutChallenges,
		Expectations: "[[expect]]\ncases = \"*/challenge/*\"\nverdict = \"fail\"\nreason = \"it is known\"\n",
	})
	isFailed := func(result stuntkey.CaseResult) bool { return result.Verdict == stuntkey.VerdictFail }
	if !slices.ContainsFunc(report.Cases, isFailed) {
		t.Errorf("found %+v, expected failures", report.Cases)
	}
	for _, result := range report.Cases {
		if isFailed(result) && result.Alarm {
			t.Errorf("found %+v, expected no alarm", result)
		}
	}
}

func TestAnotherDescriptionInTOML(t *testing.T) {
	t.Parallel()
	behind := newRelyingParty("")
	site := http.NewServeMux()
	site.HandleFunc("PUT /{tenant}/{page...}", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("tenant") != "shop" || r.Header.Get("X-Key") != "42" {
			http.NotFound(w, r)
			return
		}
		r.Method, r.URL.Path = http.MethodPost, "/"+r.PathValue("page")
		behind.ServeHTTP(w, r)
	})
	report := playCases(t, site, stuntkey.ConformOptions{
		Origin: origin, Only: aboutChallenges, Description: description, URL: "https://login.example.com/shop",
		Variables: map[string]string{"key": "42"}, Headers: map[string]string{"X-Trace": "1"},
	})
	if !report.Conforms {
		t.Error(report.Summary)
	}
}

const description = `
headers = { X-Key = "{{key}}" }

[registration.options]
method = "PUT"
url = "{{base}}/attestation/options"
body = '{"username":"{{username}}","attestation":"{{attestation}}"}'

[registration.result]
method = "PUT"
url = "{{base}}/attestation/result"

[authentication.options]
method = "PUT"
url = "{{base}}/assertion/options"
body = '{"username":"{{username}}","userVerification":"{{user_verification}}"}'

[authentication.result]
method = "PUT"
url = "{{base}}/assertion/result"
`

// What is no relying party at all is told, with what it did.
func TestServersThatAnswerNothingUseful(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		handler  http.HandlerFunc
		expected []string
	}{
		"panics": {
			func(http.ResponseWriter, *http.Request) { panic("out of order") },
			[]string{"the handler panicked: out of order", "conform_test.go:"},
		},
		"ends its goroutine": {
			func(http.ResponseWriter, *http.Request) { t.SkipNow() }, []string{"the handler ended its goroutine"},
		},
		"hangs": {
			func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done(); <-time.After(time.Second) },
			[]string{"no answer"},
		},
		"is a page": {
			func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<!doctype html><h1>Hello</h1>")) },
			[]string{"no JSON: 200"},
		},
		"is elsewhere": {http.NotFound, []string{"404"}},
	} {
		report := playCases(t, one.handler, stuntkey.ConformOptions{
			Origin: origin, Only: aboutChallenges, Deadline: 100 * time.Millisecond,
		})
		for _, expected := range one.expected {
			if report.Conforms || !strings.Contains(report.Summary, expected) {
				t.Errorf("%s: found\n%s\nexpected %q", name, report.Summary, expected)
			}
		}
	}
}

func TestAPanicIsNoRefusal(t *testing.T) {
	t.Parallel()
	report := playCases(t, newRelyingParty("panics"), stuntkey.ConformOptions{
		Origin: origin, Only: []string{"registration/client-data/origin/other-site", "*/challenge/missing"}, FailOn: "should",
	})
	for _, result := range report.Cases {
		panicked := strings.Contains(result.ID, "/origin/")
		if panicked != (result.Verdict == stuntkey.VerdictWeak) || panicked != result.Alarm ||
			panicked != strings.Contains(result.Trace, "weaken") {
			t.Errorf("found %+v", result)
		}
	}
}

func TestWrongConformOptions(t *testing.T) {
	t.Parallel()
	for path, options := range map[string]stuntkey.ConformOptions{
		"$.origin":      {Origin: "login.example.com"},
		"$.description": {Origin: origin, Description: "[registration.options]\nurl = 5"},
		"$.url":         {Origin: origin, URL: "ftp://example.com"},
		"$.variables":   {Origin: origin, Description: description},
		"$.only":        {Origin: origin, Only: []string{"registration/nothing"}},
		"$.profile":     {Origin: origin, Profile: "l9"},
		"$.library":     {Origin: origin, Library: "none"},
		"$.reports":     {Origin: origin, Reports: []string{"report.pdf"}},
	} {
		_, err := stuntkey.PlayCases(newRelyingParty(""), options, nil)
		if refusal := refused(t, err, stuntkey.ErrRequest); refusal.Path != path {
			t.Errorf("found %v, expected it to be about %s", refusal, path)
		}
	}
	_, err := stuntkey.PlayCases(newRelyingParty(""), stuntkey.ConformOptions{}, nil)
	if refusal := refused(t, err, stuntkey.ErrRequest); refusal.Path != "$.origin" || refusal.Hint == "" {
		t.Errorf("found %+v, expected $.origin and a hint", refusal)
	}
	_, err = stuntkey.PlayCases(newRelyingParty(""), stuntkey.ConformOptions{
		Origin: origin, Only: aboutChallenges[:1], Reports: []string{filepath.Join(t.TempDir(), "nowhere", "report.md")},
	}, nil)
	if refusal := refused(t, err, stuntkey.ErrRequest); refusal.Path != "$.reports" || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("found %v, expected it to be about $.reports", refusal)
	}
}

func TestCasesAreListed(t *testing.T) {
	t.Parallel()
	all := must[[]stuntkey.Case](t)(stuntkey.Cases(""))
	some := must[[]stuntkey.Case](t)(stuntkey.Cases("fido", "registration/client-data"))
	if len(all) < 600 || len(some) < 20 || !strings.HasPrefix(some[0].Clause, "WebAuthn L3") || some[0].Level == "" {
		t.Errorf("found %d and %d cases, %+v", len(all), len(some), some[0])
	}
	_, err := stuntkey.Cases("l9")
	refused(t, err, stuntkey.ErrRequest)
}

func playCases(t *testing.T, handler http.Handler, options stuntkey.ConformOptions) *stuntkey.ConformReport {
	t.Helper()
	var told []string
	tell := func(result stuntkey.CaseResult) { told = append(told, result.ID) }
	report, err := stuntkey.PlayCases(handler, options, tell)
	if err != nil {
		t.Fatal(err)
	}
	if len(told) != len(report.Cases) {
		t.Errorf("found %d cases to be told, expected %d", len(told), len(report.Cases))
	}
	return report
}
