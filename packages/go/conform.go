package stuntkey

import (
	"net/http"
	"testing"
	"time"
)

// ConformOptions say how a server is spoken to, and what it is held to. Only Origin has to be given.
type ConformOptions struct {
	// Origin is that of the server's pages, such as https://login.example.com.
	Origin string `json:"origin"`
	// Description says how the server is spoken to: the name of a description that is ready, such as fido, gitea or
	// keycloak, or a description in TOML. Default: fido, which is the FIDO conformance REST binding.
	Description string `json:"description"`
	// URL is what the URLs of requests begin with. Default: the origin.
	URL string `json:"url,omitzero"`
	// Variables are values for names in the description.
	Variables map[string]string `json:"variables,omitzero"`
	// Headers are for every request.
	Headers map[string]string `json:"headers,omitzero"`
	// Seed is what keys, ids, user names and challenges follow from. Default: it is drawn, and the report names it.
	Seed string `json:"seed,omitzero"`
	// Only says which cases are played: ids, beginnings of ids at a slash, globs. Default: all of the profile.
	Only []string `json:"only,omitzero"`
	// Profile is the document that the server is held to: l3, l2 or fido. Default: l3.
	Profile string `json:"profile,omitzero"`
	// FailOn is what speaks against the server: critical, must or should. Default: must.
	FailOn string `json:"failOn,omitzero"`
	// Allow is what the server's policy allows, though the standard's default is to refuse it: subdomain-origins,
	// other-ports, embedding.
	Allow []string `json:"allow,omitzero"`
	// Expectations are what is known of the server already: expectations in TOML.
	Expectations string `json:"expectations,omitzero"`
	// Model is the authenticator that people have. Default: one that has every algorithm.
	Model Model `json:"model,omitzero"`
	// AttestationAuthority is PEM of a certificate and its private key: the authority at the end of attestation chains.
	// Default: that of [TestRoot].
	AttestationAuthority string `json:"attestationAuthority,omitzero"`
	// UserNames is the form of user names, such as {}@example.com, {} or {number}.
	UserNames string `json:"userNames,omitzero"`
	// Reply is the shape of replies. Default: what the description says, or the one that goes with the options.
	Reply string `json:"reply,omitzero"`
	// Name is what the report calls the server.
	Name string `json:"name,omitzero"`
	// Library is the name of the one that the server stands on, for hints in code, such as go-webauthn.
	Library string `json:"library,omitzero"`

	// LongestWait is how long a case may wait for a challenge to expire. A wait is slept. Default: cases that wait are
	// skipped.
	LongestWait time.Duration `json:"-"`
	// Deadline is how long the handler may take for a request. Default: ten seconds.
	Deadline time.Duration `json:"-"`
	// Reports are files that the report is written to, in the format that the extension names: .json, .xml (JUnit), .md,
	// .html, .sarif or .txt.
	Reports []string `json:"-"`
}

// A Verdict is what came of a case.
type Verdict string

// The verdicts.
const (
	VerdictPass   Verdict = "pass"   // the server meets the requirement
	VerdictWeak   Verdict = "weak"   // it refused, but by breaking down, or for another reason than the case is about
	VerdictFail   Verdict = "fail"   // it accepted what it has to refuse, refused what it has to accept, or hung
	VerdictAdvice Verdict = "advice" // it keeps to the standard, but does not follow good practice
	VerdictSkip   Verdict = "skip"   // the case says nothing about this server
	VerdictError  Verdict = "error"  // the case could not be played to its end
)

// A CaseResult is what came of a case.
type CaseResult struct {
	// ID is the case's id, and Requirement a sentence without its subject: "must refuse …".
	ID          string  `json:"id"`
	Requirement string  `json:"requirement"`
	Verdict     Verdict `json:"verdict"`
	// Why says why it is no pass.
	Why string `json:"why"`
	// Alarm: whether it speaks against the server, by FailOn and Expectations.
	Alarm bool `json:"alarm"`
	// Trace is the stack of the handler where it panicked last in this case.
	Trace string `json:"-"`
}

// A ConformReport is what a run of the suite came to.
type ConformReport struct {
	// Conforms: whether nothing speaks against the server.
	Conforms bool
	// Summary is the report for people.
	Summary string
	// Cases are those that were played, in their order.
	Cases []CaseResult

	texts map[string]string
}

// JSON is the whole report.
func (r *ConformReport) JSON() []byte { return []byte(r.texts["json"]) }

// Conform plays the suite for relying parties against a handler, which is called directly. Each case is a subtest,
// told when it has ended: it fails where the case speaks against the server, and is skipped where the case says
// nothing about it. A server that does not conform fails the test, with the report for people. What cannot be played
// at all ends the test.
//
// Only those cases are played that -run names, if it names any: go test -run 'TestConform/registration/client-data'.
func Conform(t *testing.T, handler http.Handler, options ConformOptions) *ConformReport {
	t.Helper()
	options, err := options.thatAreToRun(t.Name())
	if err != nil {
		t.Fatal(err)
	}
	report, err := PlayCases(handler, options, func(result CaseResult) {
		t.Run(result.ID, result.tell)
	})
	switch {
	case err != nil:
		t.Fatal(err)
	case report.Conforms:
		t.Log(report.Summary)
	default:
		t.Error(report.Summary)
	}
	return report
}

func (r CaseResult) tell(t *testing.T) {
	text := string(r.Verdict) + ": the server " + r.Requirement
	if r.Why != "" {
		text += "\n" + r.Why
	}
	if r.Trace != "" {
		text += "\n" + r.Trace
	}
	switch {
	case r.Alarm:
		t.Error(text)
	case r.Verdict == VerdictSkip:
		t.Skip(r.Why)
	case r.Verdict != VerdictPass:
		t.Log(text)
	}
}

// PlayCases does the same without a test. Each case is told when it has ended; ended can be nil.
func PlayCases(handler http.Handler, options ConformOptions, ended func(CaseResult)) (*ConformReport, error) {
	run, err := newConformRun(handler, options)
	if err != nil {
		return nil, err
	}
	defer run.close()
	return run.play(ended)
}

// A Case is one of the suite for relying parties.
type Case struct {
	ID string `json:"id"`
	// Requirement is what a server has to do, in a sentence without its subject: "must refuse …".
	Requirement string `json:"requirement"`
	// Level is MUST, SHOULD, MAY or advice.
	Level string `json:"level"`
	// Clause is that of the standard.
	Clause string `json:"clause"`
}

// Cases lists the cases of a profile, l3, l2 or fido, whose ids these are, or begin with these at a slash, or match
// these globs. Without any, it lists all.
func Cases(profile string, only ...string) ([]Case, error) {
	return askAnywhere[[]Case]("cases", struct {
		Profile string   `json:"profile,omitzero"`
		Only    []string `json:"only,omitzero"`
	}{profile, only})
}
