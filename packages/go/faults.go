package stuntkey

// A Ceremony is a registration or an authentication.
type Ceremony string

// The ceremonies.
const (
	Registration   Ceremony = "registration"
	Authentication Ceremony = "authentication"
)

// A Fault is one named change to a ceremony, which a server has to refuse.
type Fault struct {
	ID string `json:"id"`
	// Sentence says what is wrong, without a full stop.
	Sentence string `json:"sentence"`
	// Ceremonies has those that can have it.
	Ceremonies []Ceremony `json:"ceremonies"`
	// Clauses has those of the standard by which it is to be refused.
	Clauses []string `json:"clauses"`
	// Format is that of the attestation that it needs; empty if any will do.
	Format string `json:"format"`
	// Algorithm is the one that it needs; empty if any will do.
	Algorithm string `json:"algorithm"`
	// Policy is with which the verifier refuses it, where the standard leaves that to the relying party.
	Policy Policy `json:"policy"`
	// Given says what else a relying party has to know, so that it can refuse it; empty if nothing.
	Given string `json:"given"`
	// NeedsPreparation: whether it needs an authenticator that is made for it, by [Options.PreparedFor].
	NeedsPreparation bool `json:"needsPreparation"`
}

// Faults lists the faults that a ceremony can have; without a ceremony, all. It panics if the module cannot be
// loaded.
func Faults(ceremony Ceremony) []Fault {
	return FaultsOf(ceremony, "")
}

// FaultsOf lists those of them whose id is this, or begins with it at a slash.
func FaultsOf(ceremony Ceremony, id string) []Fault {
	return mustAskAnywhere[[]Fault]("faults", struct {
		Ceremony Ceremony `json:"ceremony,omitzero"`
		ID       string   `json:"id,omitzero"`
	}{ceremony, id})
}
