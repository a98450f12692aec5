package stuntkey

import "encoding/json"

// A Credential is one that an authenticator keeps, without its private key.
type Credential struct {
	ID              Bytes  `json:"id"`
	RPID            string `json:"rpId"`
	UserHandle      Bytes  `json:"userHandle"`
	UserName        string `json:"userName"`
	UserDisplayName string `json:"userDisplayName"`
	Algorithm       string `json:"alg"`
	Discoverable    bool   `json:"discoverable"`
	SignCount       uint32 `json:"signCount"`
	BackupEligible  bool   `json:"backupEligible"`
	BackupState     bool   `json:"backupState"`
}

// A Filter selects credentials: those that fit everything that is given.
type Filter struct {
	ID         Bytes  `json:"id,omitzero"`
	RPID       string `json:"rpId,omitzero"`
	UserName   string `json:"userName,omitzero"`
	UserHandle Bytes  `json:"userHandle,omitzero"`
}

// Credentials lists credentials, newest first. The zero Filter selects all.
func (a *Authenticator) Credentials(filter Filter) ([]Credential, error) {
	return ask[[]Credential](a, "credentials.list", struct {
		client
		Filter
	}{a.itself(), filter})
}

// Remove removes credentials, and says how many. The zero Filter is an error: see RemoveAll.
func (a *Authenticator) Remove(filter Filter) (int, error) {
	return a.remove(filter, false)
}

// RemoveAll removes every credential, and says how many there were.
func (a *Authenticator) RemoveAll() (int, error) {
	return a.remove(Filter{}, true)
}

func (a *Authenticator) remove(filter Filter, all bool) (int, error) {
	answer, err := ask[struct {
		Removed int `json:"removed"`
	}](a, "credentials.remove", struct {
		client
		Filter
		All bool `json:"all,omitzero"`
	}{a.itself(), filter, all})
	return answer.Removed, err
}

// A NewCredential is one that no ceremony makes. What is left out, but for RPID, is drawn, or has the default of a
// new credential.
type NewCredential struct {
	RPID string `json:"rpId"`
	// ID: by default, 32 bytes that are drawn.
	ID Bytes `json:"id,omitzero"`
	// UserHandle: with one, the credential is discoverable.
	UserHandle      Bytes  `json:"userHandle,omitzero"`
	UserName        string `json:"userName,omitzero"`
	UserDisplayName string `json:"userDisplayName,omitzero"`
	// Algorithm is the name of the key's. Default: the authenticator's first.
	Algorithm string `json:"algorithm,omitzero"`
	// PrivateKey is PKCS#8 in base64url or PEM, and goes with an ID. Default: one that is drawn.
	PrivateKey     string `json:"privateKey,omitzero"`
	SignCount      uint32 `json:"signCount,omitzero"`
	BackupEligible bool   `json:"backupEligible,omitzero"`
	BackupState    bool   `json:"backupState,omitzero"`
}

// An AddedCredential is what a server stores of a credential that was added.
type AddedCredential struct {
	ID Bytes `json:"id"`
	// PublicKey is a COSE_Key.
	PublicKey Bytes `json:"publicKey"`
	// PublicKeySPKI is the same as a SubjectPublicKeyInfo.
	PublicKeySPKI Bytes `json:"publicKeySpki"`
}

// Add adds a credential that no ceremony made.
func (a *Authenticator) Add(credential NewCredential) (AddedCredential, error) {
	return ask[AddedCredential](a, "credentials.add", struct {
		client
		NewCredential
	}{a.itself(), credential})
}

// An ImportResult says what became of credentials that were imported.
type ImportResult struct {
	// Imported is how many there were.
	Imported int `json:"imported"`
	// Notices say what was mended.
	Notices []string `json:"notices"`
}

// Import takes one credential, or an array of them, newest first, in the form of WebDriver, the DevTools Protocol or
// Playwright: text, or a value whose JSON it is.
func (a *Authenticator) Import(credentials any) (ImportResult, error) {
	text, err := textOf("$.credentials", credentials)
	if err != nil {
		return ImportResult{}, err
	}
	return ask[ImportResult](a, "credentials.import", struct {
		client
		Credentials string `json:"credentials"`
	}{a.itself(), text})
}

// A Form is one of credentials with their private keys.
type Form string

// The forms of credentials.
const (
	// WebDriver is the form of WebDriver's virtual authenticators.
	WebDriver Form = "webdriver"
	// Playwright is the form of Playwright's context.credentials.
	Playwright Form = "playwright"
)

// Export gives credentials with their private keys, as a JSON array. The zero Filter selects all.
func (a *Authenticator) Export(form Form, filter Filter) (json.RawMessage, error) {
	return export[json.RawMessage](a, form, filter)
}

// ExportPKCS8 gives the private keys of credentials, as PEM. The zero Filter selects all.
func (a *Authenticator) ExportPKCS8(filter Filter) ([]string, error) {
	return export[[]string](a, "pkcs8", filter)
}

func export[T any](a *Authenticator, form Form, filter Filter) (T, error) {
	return ask[T](a, "credentials.export", struct {
		client
		Filter
		As Form `json:"as"`
	}{a.itself(), filter, form})
}
