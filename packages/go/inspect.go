package stuntkey

// An Explanation says what something is, and what is in it.
type Explanation struct {
	// Kind is what it is, such as "attestation object".
	Kind string `json:"kind"`
	// Encoding is how it was written, such as base64url.
	Encoding string `json:"encoding"`
	// Stop says where it could not be read any further; empty if it was read to its end.
	Stop string `json:"stop"`
	// Tree has its parts.
	Tree Node `json:"tree"`
}

// A Node is a part, with its parts.
type Node struct {
	// Name is the part's name in the standard.
	Name string `json:"name"`
	// Value is the value of a part that is neither text nor bytes, or describes it: a string, a float64 or a bool; nil
	// if there is none.
	Value any `json:"value"`
	// Text is the value of a part that is text.
	Text string `json:"text"`
	// Hex is the value of a part that is a byte string.
	Hex string `json:"hex"`
	// Meaning is what the value means.
	Meaning string `json:"meaning"`
	// Remarks say what is worth knowing, Odd what strays from the standard, and Stops where the part could not be read
	// any further.
	Remarks []string `json:"remarks"`
	Odd     []string `json:"odd"`
	Stops   []string `json:"stops"`
	// Offset and Length say where its bytes are, and Bytes has them in hex.
	Offset   int    `json:"offset"`
	Length   int    `json:"length"`
	Bytes    string `json:"bytes"`
	Children []Node `json:"children"`
}

// Find gives the first part of this name, at any depth; nil if there is none.
func (n *Node) Find(name string) *Node {
	if n.Name == name {
		return n
	}
	for i := range n.Children {
		if found := n.Children[i].Find(name); found != nil {
			return found
		}
	}
	return nil
}

// An InspectOption says more about what to explain.
type InspectOption func(*inspection)

// AsKind says what it is, such as "attestation-object". Default: what it looks like.
func AsKind(kind string) InspectOption { return func(i *inspection) { i.Kind = kind } }

// ShowSecrets shows private keys.
func ShowSecrets() InspectOption { return func(i *inspection) { i.ShowSecrets = true } }

type inspection struct {
	Input       string `json:"input"`
	Kind        string `json:"kind,omitzero"`
	ShowSecrets bool   `json:"showSecrets,omitzero"`
}

// Inspect explains anything that WebAuthn and CTAP put on the wire: options, a response, or a part of one. It takes
// text (JSON, base64url, base64, hexadecimal or PEM), [Bytes], or a value whose JSON it is.
func Inspect(input any, options ...InspectOption) (*Explanation, error) {
	var text string
	switch input := input.(type) {
	case Bytes:
		text = input.String()
	default:
		var err error
		if text, err = textOf("$.input", input); err != nil {
			return nil, err
		}
	}
	request := inspection{Input: text}
	for _, option := range options {
		option(&request)
	}
	explanation, err := askAnywhere[Explanation]("inspect", request)
	if err != nil {
		return nil, err
	}
	return &explanation, nil
}
