package stuntkey

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Carries out one operation. The request is a value whose JSON is an object with the operation's members.
func (i *instance) do(operation string, request, answer any) error {
	written, err := envelope(operation, request)
	if err != nil {
		return err
	}
	received, err := i.exchange(written)
	if err != nil {
		return err
	}
	var outcome struct {
		OK    json.RawMessage `json:"ok"`
		Error *Error          `json:"error"`
	}
	if err := json.Unmarshal(received, &outcome); err != nil {
		return internal("the answer is no JSON", err)
	}
	if outcome.Error != nil {
		return outcome.Error
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(outcome.OK, answer); err != nil {
		return internal("the answer to "+operation+" is not as expected", err)
	}
	return nil
}

// Puts the operation's name and the time before its members: WebAssembly has no clock.
func envelope(operation string, request any) ([]byte, error) {
	members, err := json.Marshal(request)
	if err != nil {
		return nil, &Error{Name: "TypeError", Message: fmt.Sprintf("the request cannot be written: %v", err)}
	}
	var written bytes.Buffer
	fmt.Fprintf(&written, `{"op":%q,"now":%d`, operation, time.Now().UnixMilli())
	if members = bytes.TrimPrefix(members, []byte("{")); len(members) > 1 {
		written.WriteByte(',')
	}
	written.Write(members)
	return written.Bytes(), nil
}

// Nothing is a request without members.
type nothing struct{}

// JSON text of what a caller gives. Text is taken letter by letter.
func textOf(what string, given any) (string, error) {
	switch given := given.(type) {
	case string:
		return given, nil
	case []byte:
		return string(given), nil
	case json.RawMessage:
		return string(given), nil
	case interface{ letters() string }:
		return given.letters(), nil
	case io.Reader:
		text, err := io.ReadAll(given)
		if err != nil {
			return "", &Error{
				Name:    "TypeError",
				Message: fmt.Sprintf("%s: cannot be read: %v", what, err),
				Path:    what,
				cause:   err,
			}
		}
		return string(text), nil
	default:
		text, err := json.Marshal(given)
		if err != nil {
			return "", &Error{
				Name:    "TypeError",
				Message: fmt.Sprintf("%s: found a %T that is no JSON: %v", what, given, err),
				Path:    what,
				Hint:    "give text, bytes, a reader, or a value that encoding/json can write",
				cause:   err,
			}
		}
		return string(text), nil
	}
}
