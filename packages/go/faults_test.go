package stuntkey_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stuntkey/stuntkey-go"
)

func TestFaultsOfRegistrations(t *testing.T) {
	t.Parallel()
	faults := stuntkey.Faults(stuntkey.Registration)
	if len(faults) < 200 {
		t.Errorf("found %d faults, expected more", len(faults))
	}
	for _, fault := range faults {
		t.Run(fault.ID, func(t *testing.T) {
			t.Parallel()
			page := stuntkey.New(t, stuntkey.Options{PreparedFor: []string{fault.ID}}).At(origin)
			options := optionsFor(fault)
			reply, err := page.Create(options, stuntkey.WithFault(fault.ID))
			if err != nil {
				t.Fatal(err)
			}
			expected := registration(options)
			expected.Trust = []string{"test-root"}
			expected.Policy = fault.Policy
			if fault.ID != "credential-public-key/algorithm/not-asked-for" {
				expected.Algorithms = stuntkey.ThisBuild().Algorithms
			}
			if strings.HasPrefix(fault.ID, "credential-id/in-use/") {
				expected.Credentials = []stuntkey.CredentialRecord{inUse}
			}
			_, err = stuntkey.VerifyRegistration(reply, expected)
			refusedByAClauseOf(t, fault, err)
		})
	}
}

func TestFaultsOfAuthentications(t *testing.T) {
	t.Parallel()
	faults := stuntkey.Faults(stuntkey.Authentication)
	if len(faults) < 80 {
		t.Errorf("found %d faults, expected more", len(faults))
	}
	for _, fault := range faults {
		t.Run(fault.ID, func(t *testing.T) {
			t.Parallel()
			page := stuntkey.New(t, stuntkey.Options{PreparedFor: []string{fault.ID}}).At(origin)
			creation := optionsFor(fault)
			verified, err := stuntkey.VerifyRegistration(page.MustCreate(creation), registration(creation))
			if err != nil {
				t.Fatal(err)
			}
			known := verified.Credential
			if fault.ID == "policy/sign-count/rolled-back" {
				// A counter that has been seen before.
				known.SignCount = 1
			}
			if strings.HasPrefix(fault.ID, "policy/backup-") {
				// Otherwise a BE that comes later would be refused first.
				known.BackupEligible = true
			}
			options := requestOptions(object{"userVerification": "required"})
			if strings.HasPrefix(fault.ID, "user/allowed-credential/") {
				options["allowCredentials"] = []object{{"type": "public-key", "id": known.ID}}
			}
			reply, err := page.Get(options, stuntkey.WithFault(fault.ID))
			if err != nil {
				t.Fatal(err)
			}
			expected := authentication(options, known)
			expected.Policy = fault.Policy
			_, err = stuntkey.VerifyAuthentication(reply, expected)
			refusedByAClauseOf(t, fault, err)
		})
	}
}

// Creation options with which a fault can be made.
func optionsFor(fault stuntkey.Fault) object {
	options := creationOptions(object{"authenticatorSelection": object{
		"residentKey": "required", "userVerification": "required",
	}})
	if fault.Algorithm != "" {
		options["pubKeyCredParams"] = []object{{"type": "public-key", "alg": algorithms[fault.Algorithm]}}
	}
	return options
}

// The credential of another user whose id the fault takes.
var inUse = stuntkey.CredentialRecord{
	ID:         []byte(strings.Repeat("*", 32)),
	PublicKey:  stuntkey.Bytes{},
	UserHandle: stuntkey.Bytes("another"),
}

func refusedByAClauseOf(t *testing.T, fault stuntkey.Fault, err error) {
	t.Helper()
	if failure := refusedAtAll(t, err); !slices.Contains(fault.Clauses, failure.Clause) {
		t.Errorf("refused by %s, expected one of %v", failure.Clause, fault.Clauses)
	}
}
