// Package stuntkey is a software FIDO2 authenticator, with the browser around it, for tests of servers that take
// passkeys. It reads the options that a server sends, in whatever shape, and answers as a browser and an
// authenticator would.
//
//	func TestLogin(t *testing.T) {
//		page := stuntkey.New(t, stuntkey.Options{}).At("https://login.example.com")
//		reply, err := page.Create(creationOptions)
//		…
//	}
//
//	Authenticator ─ At(origin) ─ Page ─ Create, Get ─ reply: what to send to the server
//	                                 └─ Through(handler) ─ Site ─ Register, Authenticate
//	RegistrationExpectations, AuthenticationExpectations ─ Verify…: a relying party's side
//	Conform(t, handler) ─ the suite for relying parties, each case a subtest
//
// All of it is one WebAssembly module, which is compiled once in a process and needs neither cgo, nor a network,
// nor other programs. Every Authenticator has an instance of its own: authenticators share nothing, and tests that
// have one each can run in parallel. Everything here can be called from several goroutines at once. Two ceremonies
// of one authenticator take turns, as they do on a device.
//
// # Errors
//
// Every error is, or wraps, an [*Error], with the name of the DOMException that a browser would raise. What a relying
// party has to refuse is a [*VerificationError], with the step of the standard.
package stuntkey
