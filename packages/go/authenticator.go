package stuntkey

import (
	"runtime"
	"sync"
	"testing"
)

// An Authenticator is a security key or the like, with its credentials, and the browser around it.
type Authenticator struct {
	options  Options
	instance *instance
	client   uint64
	test     testing.TB

	// Held while the browser is at a page.
	browser sync.Mutex
	// Whether it has left the page of the options.
	away bool
}

// New makes an authenticator for a test, and closes it when the test ends. What goes wrong ends the test.
func New(t testing.TB, options Options) *Authenticator {
	t.Helper()
	authenticator, err := Open(options)
	if err != nil {
		t.Fatal(err)
	}
	authenticator.test = t
	t.Cleanup(func() { _ = authenticator.Close() })
	return authenticator
}

// Open makes an authenticator without a test. Close it when it is no longer needed.
func Open(options Options) (*Authenticator, error) {
	own, err := newInstance()
	if err != nil {
		return nil, err
	}
	var made struct {
		Client uint64 `json:"client"`
	}
	if err := own.do("client.new", options, &made); err != nil {
		_ = own.close(nil)
		return nil, err
	}
	authenticator := &Authenticator{options: options, instance: own, client: made.Client}
	// Whoever forgets to close it loses no memory.
	runtime.AddCleanup(authenticator, func(own *instance) { _ = own.close(errClosed) }, own)
	return authenticator, nil
}

// Close forgets the authenticator and its credentials. Everything that is asked of it later is an error.
func (a *Authenticator) Close() error {
	return a.instance.close(errClosed)
}

var errClosed = &Error{
	Name:    ErrClosed.Name,
	Message: "$.client: the authenticator was closed",
	Path:    "$.client",
	Hint:    "make another with New or Open; New closes it at the end of its test, so a test that runs on needs its own",
}

// PowerCycle takes the authenticator's power away and gives it back.
func (a *Authenticator) PowerCycle() error {
	return a.do("client.powerCycle", a.itself(), nil)
}

// Capabilities says what PublicKeyCredential.getClientCapabilities() does: the names of those that are there.
func (a *Authenticator) Capabilities() ([]string, error) {
	return ask[[]string](a, "client.capabilities", a.itself())
}

// CTAP carries out one CTAP2 command: the command byte, and CBOR after it. The answer is the status byte, and CBOR
// after it.
func (a *Authenticator) CTAP(request []byte, options ...CTAPOption) ([]byte, error) {
	command := ctapCommand{Client: a.client, Request: append(Bytes{}, request...)}
	for _, option := range options {
		option(&command)
	}
	answer, err := ask[struct {
		Response Bytes `json:"response"`
	}](a, "ctap", command)
	return answer.Response, err
}

type ctapCommand struct {
	Client  uint64     `json:"client"`
	Request Bytes      `json:"request"`
	Channel *uint32    `json:"channel,omitzero"`
	User    UserAnswer `json:"user,omitzero"`
}

// A CTAPOption is what one CTAP command has that others have not.
type CTAPOption func(*ctapCommand)

// OnChannel sends the command on this channel: what one has begun, another cannot go on with. Default: 1.
func OnChannel(channel uint32) CTAPOption {
	return func(c *ctapCommand) { c.Channel = &channel }
}

// WhileUser says what the user does during the command.
func WhileUser(answer UserAnswer) CTAPOption {
	return func(c *ctapCommand) { c.User = answer }
}

type client struct {
	Client uint64 `json:"client"`
}

func (a *Authenticator) itself() client { return client{a.client} }

// A method that calls this keeps the authenticator alive until the call is over.
func (a *Authenticator) do(operation string, request, answer any) error {
	defer runtime.KeepAlive(a)
	return a.instance.do(operation, request, answer)
}

func ask[T any](a *Authenticator, operation string, request any) (T, error) {
	var answer T
	err := a.do(operation, request, &answer)
	return answer, err
}

// Ends the test of the authenticator; without a test, panics.
func (a *Authenticator) must(err error) {
	if err == nil {
		return
	}
	if a.test == nil {
		panic(err)
	}
	a.test.Helper()
	a.test.Fatal(err)
}
