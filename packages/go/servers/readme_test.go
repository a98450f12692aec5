package servers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What snippets import, by the name that they use.
var imports = map[string]string{
	"errors": "errors", "filepath": "path/filepath", "http": "net/http", "json": "encoding/json", "strings": "strings",
	"testing":  "testing",
	"protocol": "github.com/go-webauthn/webauthn/protocol", "stuntkey": "github.com/stuntkey/stuntkey-go",
}

// Every snippet of the README is a test that passes: the first is a file, those after it are functions in the same
// package.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	directory := t.TempDir()
	snippets := regexp.MustCompile("(?ms)^```go\n(.*?)^```$").FindAllStringSubmatch(string(text), -1)
	if len(snippets) < 9 {
		t.Fatalf("found %d snippets, expected more", len(snippets))
	}
	for number, snippet := range snippets {
		code := snippet[1]
		if number > 0 {
			code = complete(code)
		}
		write(t, filepath.Join(directory, fmt.Sprintf("snippet%d_test.go", number)), code)
	}
	fixture, err := os.ReadFile("testdata/readme.txt")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(directory, "fixture_test.go"), string(fixture))

	// The versions are those of this module.
	module, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(directory, "go.mod"), strings.NewReplacer(
		"stuntkey-go/servers", "stuntkey-go/readme", "=> ../", "=> "+root,
	).Replace(string(module)))
	sums, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(directory, "go.sum"), string(sums))

	run := exec.Command("go", "test", "-mod=mod", "-count=1", "-v", "./...")
	run.Dir = directory
	run.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=")
	output, err := run.CombinedOutput()
	if passed := strings.Count(string(output), "\n--- PASS"); err != nil || passed != len(snippets) {
		t.Errorf("found %d of %d snippets to pass, %v\n%s", passed, len(snippets), err, output)
	}
	if !strings.Contains(string(output), "UP user present, BE backup eligible, BS backed up") {
		t.Errorf("found other flags than the README says\n%s", output)
	}
}

// A snippet as a file.
func complete(snippet string) string {
	file := "package login_test\n\nimport (\n"
	for name, path := range imports {
		if regexp.MustCompile(`\b` + name + `\.`).MatchString(snippet) {
			file += fmt.Sprintf("\t%q\n", path)
		}
	}
	return file + ")\n\n" + snippet
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
