package stuntkey

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
)

// What others have seen is what this package sees, byte for byte.
func TestSameSeedSameBytes(t *testing.T) {
	text, err := os.ReadFile("../transcript.json")
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the transcript is not part of a release")
	}
	var transcript struct {
		Exchanges []struct {
			Request json.RawMessage `json:"request"`
			Answer  json.RawMessage `json:"answer"`
		} `json:"exchanges"`
	}
	if err == nil {
		err = json.Unmarshal(text, &transcript)
	}
	if err != nil || len(transcript.Exchanges) == 0 {
		t.Fatal("the transcript cannot be read", err)
	}
	door, err := newInstance()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = door.close(nil) })

	// The handle of the client that was made last. It is a number, where the transcript has a text.
	client := `"$client"`
	for number, exchange := range transcript.Exchanges {
		request := strings.ReplaceAll(string(exchange.Request), `"$client"`, client)
		if !strings.Contains(request, `"now":`) {
			// Where a request has no time, the answer has none, but WebAssembly has no clock.
			request = `{"now":0,` + strings.TrimPrefix(request, "{")
		}
		answer, err := door.exchange([]byte(request))
		if err != nil {
			t.Fatal(err)
		}
		var made struct {
			OK json.RawMessage
		}
		var handle struct {
			Client json.Number
		}
		if json.Unmarshal(answer, &made) == nil && json.Unmarshal(made.OK, &handle) == nil && handle.Client != "" {
			client = handle.Client.String()
		}
		expected := string(exchange.Answer)
		var written string
		if json.Unmarshal(exchange.Answer, &written) == nil {
			expected = written
		}
		if expected = strings.ReplaceAll(expected, "$client", client); string(answer) != expected {
			t.Errorf("exchange %d, %s:\nfound    %s\nexpected %s", number, request, answer, expected)
		}
	}
}
