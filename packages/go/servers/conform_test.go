package servers

import (
	"slices"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/stuntkey/stuntkey-go"
)

// What is known of go-webauthn 0.18.2. All are true to the letter of the standard.
const known = `
[[expect]]
cases = "registration/packed/certificate/basic-constraints/missing"
verdict = "fail"
reason = "the library asks whether the certificate is a CA's, and a certificate without the extension is none"

[[expect]]
cases = "registration/*/syntax/further-member"
verdict = "fail"
reason = "the library does not look at members of a statement that it does not know"

[[expect]]
cases = "registration/tpm/cert-info/trailing-bytes"
verdict = "fail"
reason = "the library does not look whether anything follows the structure"
`

// The whole suite, as one test of the server's.
func TestConform(t *testing.T) {
	options := stuntkey.ConformOptions{
		Origin: origin, Seed: "go", Library: "go-webauthn", Expectations: known,
	}
	if testing.Short() {
		options.Only = []string{"registration/client-data", "authentication/client-data"}
	}
	report := stuntkey.Conform(t, newPeople(t, trusting(t, stuntkey.TestRoot())), options)
	if passed := count(report, stuntkey.VerdictPass); passed < len(report.Cases)/2 {
		t.Errorf("found %d of %d cases to pass, expected more", passed, len(report.Cases))
	}
}

func count(report *stuntkey.ConformReport, verdict stuntkey.Verdict) int {
	number := 0
	for _, result := range report.Cases {
		if result.Verdict == verdict {
			number++
		}
	}
	return number
}

// A server that does not compare the challenge fails the cases about it, and no others.
func TestConformFindsAFlaw(t *testing.T) {
	server := newPeople(t, nil)
	server.flaw = func(session *webauthn.SessionData, client *protocol.CollectedClientData) {
		session.Challenge = client.Challenge
	}
	var alarms []string
	report, err := stuntkey.PlayCases(server, stuntkey.ConformOptions{
		Origin: origin, Only: []string{"*/client-data/challenge/*", "*/client-data/type/*"},
	}, func(result stuntkey.CaseResult) {
		if result.Alarm {
			alarms = append(alarms, result.ID)
		}
	})
	if err != nil || report.Conforms {
		t.Fatalf("found %+v, %v, expected failures", report, err)
	}
	for _, about := range []string{
		"registration/client-data/challenge/other", "authentication/client-data/challenge/other",
	} {
		if !slices.Contains(alarms, about) {
			t.Errorf("found %q, expected %s among them", alarms, about)
		}
	}
	t.Log(alarms)
}
