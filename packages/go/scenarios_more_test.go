package stuntkey_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stuntkey/stuntkey-go"
)

func TestExportAndImport(t *testing.T) {
	t.Parallel()
	first := stuntkey.New(t, stuntkey.Options{})
	known := register(t, first.At(origin), creationOptions(nil))
	exported := must[json.RawMessage](t)(first.Export(stuntkey.WebDriver, stuntkey.Filter{}))

	second := stuntkey.New(t, stuntkey.Options{})
	if result := must[stuntkey.ImportResult](t)(second.Import(exported)); result.Imported != 1 {
		t.Errorf("found %d, expected one credential to be imported", result.Imported)
	}
	logIn(t, second.At(origin), known)

	keys := must[[]string](t)(second.ExportPKCS8(stuntkey.Filter{RPID: rpID}))
	if len(keys) != 1 || !strings.HasPrefix(keys[0], "-----BEGIN PRIVATE KEY-----") {
		t.Errorf("found %d keys, expected one in PEM", len(keys))
	}
	playwright := must[json.RawMessage](t)(second.Export(stuntkey.Playwright, stuntkey.Filter{}))
	third := stuntkey.New(t, stuntkey.Options{})
	must[stuntkey.ImportResult](t)(third.Import(playwright))
	logIn(t, third.At(origin), known)
}

func TestAddedCredential(t *testing.T) {
	t.Parallel()
	key := stuntkey.New(t, stuntkey.Options{})
	added := must[stuntkey.AddedCredential](t)(key.Add(stuntkey.NewCredential{
		RPID: rpID, UserHandle: stuntkey.Bytes("ada"), UserName: "ada@example.com",
	}))
	logIn(t, key.At(origin), stuntkey.CredentialRecord{
		ID: added.ID, PublicKey: added.PublicKey, UserHandle: stuntkey.Bytes("ada"),
	})

	if removed := must[int](t)(key.Remove(stuntkey.Filter{ID: added.ID})); removed != 1 {
		t.Errorf("found %d, expected one credential to be removed", removed)
	}
	_, err := key.Remove(stuntkey.Filter{})
	refused(t, err, stuntkey.ErrRequest)
	if removed := must[int](t)(key.RemoveAll()); removed != 0 {
		t.Errorf("found %d, expected none to be left", removed)
	}
}

func TestPrf(t *testing.T) {
	t.Parallel()
	page := stuntkey.New(t, stuntkey.Options{Model: stuntkey.Model{Extensions: []string{"hmac-secret"}}}).At(origin)
	page.MustCreate(creationOptions(object{"extensions": object{"prf": object{}}}))
	secret := func(salt string) string {
		reply := page.MustGet(requestOptions(object{
			"extensions": object{"prf": object{"eval": object{"first": salt}}},
		}))
		var prf struct {
			Results struct {
				First stuntkey.Bytes `json:"first"`
			} `json:"results"`
		}
		if err := json.Unmarshal(reply.Response.ClientExtensionResults["prf"], &prf); err != nil {
			t.Fatal(err)
		}
		if len(prf.Results.First) != 32 {
			t.Fatalf("found %d bytes, expected a secret of 32", len(prf.Results.First))
		}
		return prf.Results.First.String()
	}
	once, again, other := secret("c2FsdA"), secret("c2FsdA"), secret("b3RoZXI")
	if once != again {
		t.Error("the same salt has given two secrets")
	}
	if once == other {
		t.Error("two salts have given the same secret")
	}
}

func TestSoundBesideAFault(t *testing.T) {
	t.Parallel()
	const fault = "client-data/origin/missing"
	page := stuntkey.New(t, stuntkey.Options{}).At(origin)
	options := creationOptions(nil)
	_, err := stuntkey.VerifyRegistration(page.MustCreate(options, stuntkey.WithFault(fault)), registration(options))
	refusedBy(t, err, "client-data/origin")
	known := register(t, page, options)
	logIn(t, page, known)

	always := stuntkey.New(t, stuntkey.Options{Fault: []string{fault}}).At(origin)
	_, err = stuntkey.VerifyRegistration(always.MustCreate(options), registration(options))
	refusedBy(t, err, "client-data/origin")
	sound := always.MustCreate(options, stuntkey.Sound())
	must[*stuntkey.VerifiedRegistration](t)(stuntkey.VerifyRegistration(sound, registration(options)))
}

func TestSignals(t *testing.T) {
	t.Parallel()
	key := stuntkey.New(t, stuntkey.Options{})
	page := key.At(origin)
	discoverable := creationOptions(object{"authenticatorSelection": object{"residentKey": "required"}})
	known := register(t, page, discoverable)

	if err := key.SignalCurrentUserDetails(rpID, known.UserHandle, "ada@new.example", "Ada L."); err != nil {
		t.Fatal(err)
	}
	renamed := must[[]stuntkey.Credential](t)(key.Credentials(stuntkey.Filter{UserName: "ada@new.example"}))
	if len(renamed) != 1 || renamed[0].UserDisplayName != "Ada L." {
		t.Errorf("found %+v, expected the new names", renamed)
	}
	if err := key.SignalUnknownCredential(rpID, known.ID); err != nil {
		t.Fatal(err)
	}
	_, err := page.Get(requestOptions(nil))
	refused(t, err, stuntkey.ErrNotAllowed)

	known = register(t, page, discoverable)
	if err := key.SignalAllAcceptedCredentials(rpID, known.UserHandle, [][]byte{known.ID}); err != nil {
		t.Fatal(err)
	}
	logIn(t, page, known)
	if err := key.SignalAllAcceptedCredentials(rpID, known.UserHandle, nil); err != nil {
		t.Fatal(err)
	}
	_, err = page.Get(requestOptions(nil))
	refused(t, err, stuntkey.ErrNotAllowed)
}

func TestInspect(t *testing.T) {
	t.Parallel()
	reply := stuntkey.New(t, stuntkey.Options{}).At(origin).MustCreate(creationOptions(nil))
	explained := must[*stuntkey.Explanation](t)(stuntkey.Inspect(reply.Response.Response.AttestationObject))
	if explained.Kind != "attestation object" || explained.Stop != "" {
		t.Errorf("found %s %s, expected a whole attestation object", explained.Kind, explained.Stop)
	}
	aaguid := explained.Tree.Find("aaguid")
	if aaguid == nil || aaguid.Value != "5354554e-544b-4559-8001-000000000001" {
		t.Errorf("found %+v, expected the AAGUID", aaguid)
	}
	if format := explained.Tree.Find("fmt"); format == nil || format.Text != "packed" {
		t.Errorf("found %+v, expected packed", format)
	}
}

func TestRootAndMetadata(t *testing.T) {
	t.Parallel()
	key := stuntkey.New(t, stuntkey.Options{Seed: "42"})
	root := must[stuntkey.Root](t)(key.AttestationRoot())
	if root.PEM != must[stuntkey.Root](t)(stuntkey.RootOfSeed("42")).PEM {
		t.Error("the root of the key is not that of its seed")
	}
	if certificate, err := root.Certificate(); err != nil || !certificate.IsCA {
		t.Errorf("found %v, expected a certificate of an authority", err)
	}
	var statement struct {
		AAGUID                      string
		AttestationRootCertificates [][]byte
	}
	if err := json.Unmarshal(must[json.RawMessage](t)(key.MetadataStatement()), &statement); err != nil {
		t.Fatal(err)
	}
	if statement.AAGUID != "5354554e-544b-4559-8001-000000000001" {
		t.Errorf("found the AAGUID %s", statement.AAGUID)
	}
	roots := statement.AttestationRootCertificates
	if len(roots) != 1 || !bytes.Equal(roots[0], root.DER) {
		t.Error("the statement has another root")
	}
	if blob := must[string](t)(key.MetadataBLOB("ES256")); strings.Count(blob, ".") != 2 {
		t.Errorf("found %q, expected a JSON Web Signature", blob)
	}
}

func TestMisuse(t *testing.T) {
	t.Parallel()
	key, err := stuntkey.Open(stuntkey.Options{})
	if err != nil {
		t.Fatal(err)
	}
	page := key.At(origin)
	_, unknownModel := stuntkey.Open(stuntkey.Options{Model: stuntkey.Model{Base: "toaster"}})
	_, unknownValue := stuntkey.Open(stuntkey.Options{Model: stuntkey.Model{Counter: "sideways"}})
	_, noOrigin := key.At("login.example.com").Create(creationOptions(nil))
	_, unknownFault := page.Create(creationOptions(nil), stuntkey.WithFault("client-data/origin/absent"))
	_, unprepared := page.Create(creationOptions(nil), stuntkey.WithFault("tpm/ver/1.2"))
	_, noOptions := page.Create(object{"hello": "world"})
	_, noJSON := page.Create("nonsense")
	_, noValue := page.Create(func() {})
	_, noUserHandle := page.Create(creationOptions(object{"user": object{"name": "ada", "displayName": "Ada"}}))
	if err := key.Close(); err != nil {
		t.Fatal(err)
	}
	_, closed := page.Create(creationOptions(nil))

	for name, test := range map[string]struct {
		err        error
		kind       error
		path, hint string
	}{
		"unknown model":  {unknownModel, stuntkey.ErrRequest, "$.model.base", ""},
		"unknown value":  {unknownValue, stuntkey.ErrRequest, "$.model.counter", ""},
		"no origin":      {noOrigin, stuntkey.ErrType, "origin", ""},
		"unknown fault":  {unknownFault, stuntkey.ErrFault, "$.fault", "client-data/challenge/missing"},
		"unprepared":     {unprepared, stuntkey.ErrFault, "", "preparedFor"},
		"no options":     {noOptions, stuntkey.ErrType, "$", ""},
		"no JSON":        {noJSON, stuntkey.ErrType, "$", ""},
		"no value":       {noValue, stuntkey.ErrType, "$.options", "encoding/json"},
		"no user handle": {noUserHandle, stuntkey.ErrType, "$.user.id", ""},
		"closed":         {closed, stuntkey.ErrClosed, "$.client", "make another"},
	} {
		t.Run(name, func(t *testing.T) {
			refusal := refused(t, test.err, test.kind)
			if refusal.Path != test.path || !strings.Contains(refusal.Hint, test.hint) {
				t.Errorf("found %q at %q, expected %q at %q", refusal.Hint, refusal.Path, test.hint, test.path)
			}
			if refusal.Hint != "" && !strings.Contains(test.err.Error(), refusal.Hint) {
				t.Errorf("found %q, expected the hint in it", test.err)
			}
		})
	}
}
