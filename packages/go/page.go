package stuntkey

// A Page is a page in the authenticator's browser, at an origin. It keeps nothing: two pages of one authenticator
// can be used in any order.
type Page struct {
	authenticator *Authenticator
	// Empty on the page that the authenticator was made with.
	origin, topOrigin string
}

// At gives the page at an origin, such as https://login.example.com.
func (a *Authenticator) At(origin string) *Page {
	return &Page{authenticator: a, origin: origin}
}

// InFrame gives the page at an origin, in a frame of a page at topOrigin.
func (a *Authenticator) InFrame(origin, topOrigin string) *Page {
	return &Page{authenticator: a, origin: origin, topOrigin: topOrigin}
}

// Create registers at the page of [Options].
func (a *Authenticator) Create(options any, this ...CeremonyOption) (*RegistrationReply, error) {
	return (&Page{authenticator: a}).Create(options, this...)
}

// Get logs in at the page of [Options].
func (a *Authenticator) Get(options any, this ...CeremonyOption) (*AuthenticationReply, error) {
	return (&Page{authenticator: a}).Get(options, this...)
}

// Create answers creation options, as navigator.credentials.create() does. The options are what the server sent, in
// any shape: a string, []byte, json.RawMessage, an io.Reader, or a value whose JSON they are.
func (p *Page) Create(options any, this ...CeremonyOption) (*RegistrationReply, error) {
	var reply RegistrationReply
	if err := p.perform("client.register", options, this, &reply); err != nil {
		return nil, err
	}
	reply.read()
	return &reply, nil
}

// Get answers request options, as navigator.credentials.get() does.
func (p *Page) Get(options any, this ...CeremonyOption) (*AuthenticationReply, error) {
	var reply AuthenticationReply
	if err := p.perform("client.authenticate", options, this, &reply); err != nil {
		return nil, err
	}
	reply.read()
	return &reply, nil
}

// MustCreate is Create where an error ends the test that the authenticator was made for.
func (p *Page) MustCreate(options any, this ...CeremonyOption) *RegistrationReply {
	p.helper()
	reply, err := p.Create(options, this...)
	p.authenticator.must(err)
	return reply
}

// MustGet is Get where an error ends the test that the authenticator was made for.
func (p *Page) MustGet(options any, this ...CeremonyOption) *AuthenticationReply {
	p.helper()
	reply, err := p.Get(options, this...)
	p.authenticator.must(err)
	return reply
}

// Origin is the page's, as it was given.
func (p *Page) Origin() string { return p.origin }

func (p *Page) helper() {
	if p.authenticator.test != nil {
		p.authenticator.test.Helper()
	}
}

type ceremony struct {
	Client    uint64     `json:"client"`
	Options   string     `json:"options"`
	Origin    string     `json:"origin,omitzero"`
	TopOrigin string     `json:"topOrigin,omitzero"`
	Fault     []string   `json:"fault,omitzero"`
	User      UserAnswer `json:"user,omitzero"`
	Sound     bool       `json:"sound,omitzero"`
}

func (p *Page) perform(operation string, options any, this []CeremonyOption, reply any) error {
	text, err := textOf("$.options", options)
	if err != nil {
		return err
	}
	request := ceremony{Client: p.authenticator.client, Options: text, Origin: p.origin, TopOrigin: p.topOrigin}
	for _, option := range this {
		option(&request)
	}
	return p.authenticator.visit(operation, &request, reply)
}

// Carries out a ceremony at its page. Without an origin, it stays where the browser is, which is the page of the
// options until another was visited.
func (a *Authenticator) visit(operation string, request *ceremony, reply any) error {
	a.browser.Lock()
	defer a.browser.Unlock()
	if request.Origin == "" && a.away {
		own := a.options
		if own.Origin == "" || own.CrossOrigin && own.TopOrigin == "" {
			return &Error{
				Name:    ErrRequest.Name,
				Message: "$.origin: found none, and the browser has gone to another page, expected an origin",
				Path:    "$.origin",
				Hint:    "use At, or an authenticator for each page",
			}
		}
		request.Origin, request.TopOrigin = own.Origin, own.TopOrigin
	}
	a.away = a.away || request.Origin != ""
	return a.do(operation, request, reply)
}
