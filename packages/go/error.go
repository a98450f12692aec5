package stuntkey

import "fmt"

// An Error says why there is no answer.
type Error struct {
	// Name is that of the DOMException that a browser would raise, such as NotAllowedError, or TypeError, or one of
	// RequestError, HandleError, FaultError, StoreError, ClockError, RandomError, VerificationError, RefusedError,
	// NetworkError and InternalError.
	Name string `json:"name"`
	// Message says what is wrong, what was found and what was expected.
	Message string `json:"message"`
	// Path says where, as a JSON path into the options or into what was asked for; empty if that is not known.
	Path string `json:"path"`
	// Hint says what to do next; empty if that is not known.
	Hint string `json:"hint"`

	cause error
}

// Errors to compare with: errors.Is(err, stuntkey.ErrNotAllowed).
var (
	// ErrNotAllowed: the user said no, or there is no credential to log in with.
	ErrNotAllowed = &Error{Name: "NotAllowedError"}
	// ErrInvalidState: the authenticator has a credential of excludeCredentials.
	ErrInvalidState = &Error{Name: "InvalidStateError"}
	// ErrSecurity: the RP ID is not for the page.
	ErrSecurity = &Error{Name: "SecurityError"}
	// ErrNotSupported: none of the algorithms that were asked for is there.
	ErrNotSupported = &Error{Name: "NotSupportedError"}
	// ErrConstraint: the authenticator cannot do what is required.
	ErrConstraint = &Error{Name: "ConstraintError"}
	// ErrType: the options cannot be read.
	ErrType = &Error{Name: "TypeError"}
	// ErrRequest: something that was asked for is unknown, or does not fit.
	ErrRequest = &Error{Name: "RequestError"}
	// ErrFault: there is no such fault, or it cannot be made here.
	ErrFault = &Error{Name: "FaultError"}
	// ErrClosed: the authenticator was closed.
	ErrClosed = &Error{Name: "HandleError"}
	// ErrRefused: a server's answer is no success.
	ErrRefused = &Error{Name: "RefusedError"}
	// ErrVerification: a relying party has to refuse it.
	ErrVerification = &Error{Name: "VerificationError"}
)

// Error has the name, the message and, on a line of its own, the hint.
func (e *Error) Error() string {
	text := e.Name + ": " + e.Message
	if e.Hint != "" {
		text += "\nhint: " + e.Hint
	}
	return text
}

// Is reports whether the target is an Error of the same name that says no more than the name.
func (e *Error) Is(target error) bool {
	kind, ok := target.(*Error)
	return ok && *kind == Error{Name: e.Name}
}

// Unwrap gives the error of another package that was the cause, if there was one.
func (e *Error) Unwrap() error { return e.cause }

func internal(what string, err error) *Error {
	return &Error{Name: "InternalError", Message: fmt.Sprintf("%s: %v", what, err), cause: err}
}
