package stuntkey

// SignalUnknownCredential tells that the relying party does not know a credential, as
// PublicKeyCredential.signalUnknownCredential() does.
func (a *Authenticator) SignalUnknownCredential(rpID string, credentialID []byte) error {
	return a.signal(signal{Signal: "unknownCredential", RPID: rpID, CredentialID: given(credentialID)})
}

// SignalAllAcceptedCredentials tells all credentials of a user that the relying party accepts, as
// PublicKeyCredential.signalAllAcceptedCredentials() does.
func (a *Authenticator) SignalAllAcceptedCredentials(rpID string, userID []byte, credentialIDs [][]byte) error {
	accepted := make([]Bytes, 0, len(credentialIDs))
	for _, id := range credentialIDs {
		accepted = append(accepted, given(id))
	}
	return a.signal(signal{
		Signal: "allAcceptedCredentials", RPID: rpID, UserID: given(userID), AllAcceptedCredentialIDs: accepted,
	})
}

// SignalCurrentUserDetails tells how a user is called now, as PublicKeyCredential.signalCurrentUserDetails() does.
func (a *Authenticator) SignalCurrentUserDetails(rpID string, userID []byte, name, displayName string) error {
	return a.signal(signal{
		Signal: "currentUserDetails", RPID: rpID, UserID: given(userID), Name: &name, DisplayName: &displayName,
	})
}

type signal struct {
	client
	Signal                   string  `json:"signal"`
	RPID                     string  `json:"rpId"`
	CredentialID             Bytes   `json:"credentialId,omitzero"`
	UserID                   Bytes   `json:"userId,omitzero"`
	AllAcceptedCredentialIDs []Bytes `json:"allAcceptedCredentialIds,omitzero"`
	Name                     *string `json:"name,omitzero"`
	DisplayName              *string `json:"displayName,omitzero"`
}

func (a *Authenticator) signal(request signal) error {
	request.client = a.itself()
	return a.do("client.signal", request, nil)
}

// Bytes that are given, even if there are none.
func given(bytes []byte) Bytes { return append(Bytes{}, bytes...) }
