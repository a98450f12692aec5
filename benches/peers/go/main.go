// Libraries in Go beside stuntkey: `peer NAME` answers JSON lines, as ../README.md describes them.
//
// The names are go-webauthn, which verifies, and virtualwebauthn, which is an authenticator. What a library leaves to the
// application is done as in interop/go.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

type fixture struct {
	RPID            string `json:"rpId"`
	Origin          string `json:"origin"`
	Challenge       string `json:"challenge"`
	UserHandle      string `json:"userHandle"`
	CreationOptions string `json:"creationOptions"`
	RequestOptions  string `json:"requestOptions"`
	Registration    string `json:"registration"`
	Login           string `json:"login"`
	Root            string `json:"root"`
}

type request struct {
	Work  string `json:"work"`
	Count int    `json:"count"`
	Reply string `json:"reply"`
}

// A work is done again and again, and shown or asked once.
type work struct {
	run    func() error
	answer func(request) any
}

type library struct {
	module string
	works  func(fixture) (map[string]work, error)
}

var libraries = map[string]library{
	"go-webauthn":     {"github.com/go-webauthn/webauthn", goWebAuthn},
	"virtualwebauthn": {"github.com/descope/virtualwebauthn", virtualWebAuthn},
}

// A reply that is verified again and again.
func verification(sound string, verify func(reply []byte) error) work {
	return work{
		run: func() error { return verify([]byte(sound)) },
		answer: func(r request) any {
			if err := verify([]byte(r.Reply)); err != nil {
				return map[string]string{"refused": err.Error()}
			}

			return map[string]bool{"accepted": true}
		},
	}
}

// A reply that is made again and again, and a pair of replies by one key to be looked at.
func making(reply, register, authenticate func() (string, error)) work {
	return work{
		run: func() error {
			_, err := reply()

			return err
		},
		answer: func(request) any {
			registration, err := register()
			if err != nil {
				return map[string]string{"failed": err.Error()}
			}

			login, err := authenticate()
			if err != nil {
				return map[string]string{"failed": err.Error()}
			}

			return map[string]string{"registration": registration, "login": login}
		},
	}
}

func (w work) nanoseconds(count int) any {
	start := time.Now()

	for range count {
		if err := w.run(); err != nil {
			return map[string]string{"failed": err.Error()}
		}
	}

	return map[string]int64{"nanoseconds": time.Since(start).Nanoseconds()}
}

func (l library) version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dependency := range info.Deps {
			if dependency.Path == l.module {
				return dependency.Version[1:]
			}
		}
	}

	return "of unknown version"
}

func run() error {
	if len(os.Args) != 2 || libraries[os.Args[1]].works == nil {
		return errors.New("usage: peer go-webauthn|virtualwebauthn")
	}

	name := os.Args[1]
	requests := bufio.NewReader(os.Stdin)
	answers := json.NewEncoder(os.Stdout)

	var given fixture
	if err := read(requests, &given); err != nil {
		return err
	}

	works, err := libraries[name].works(given)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}

	names := make([]string, 0, len(works))
	for name := range works {
		names = append(names, name)
	}

	err = answers.Encode(map[string]any{
		"name":    name,
		"version": libraries[name].version(),
		"runtime": "Go " + strings.TrimPrefix(runtime.Version(), "go"),
		"works":   names,
	})

	for err == nil {
		var r request
		if read(requests, &r) != nil {
			return nil
		}

		if asked := works[r.Work]; r.Count > 0 {
			err = answers.Encode(asked.nanoseconds(r.Count))
		} else {
			err = answers.Encode(asked.answer(r))
		}
	}

	return err
}

func read(lines *bufio.Reader, into any) error {
	line, err := lines.ReadBytes('\n')
	if err != nil {
		return err
	}

	return json.Unmarshal(line, into)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
