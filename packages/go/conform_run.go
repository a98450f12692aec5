package stuntkey

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// A run of the suite, with an instance of the module that is its own.
type conformRun struct {
	handler  http.Handler
	deadline time.Duration
	reports  []string
	instance *instance
	handle   uint64
	// The stack where the handler panicked last, until a case has ended.
	trace string
}

const usualDeadline = 10 * time.Second

// How the run is told of a panic.
const panicked = "the handler panicked: "

// The formats of reports, which are the extensions of their files, too.
var reportFormats = []string{"json", "xml", "md", "html", "sarif", "txt"}

func newConformRun(handler http.Handler, options ConformOptions) (*conformRun, error) {
	if options.Description == "" {
		options.Description = "fido"
	}
	if page, err := url.Parse(options.Origin); err != nil || page.Scheme == "" || page.Host == "" {
		return nil, &Error{
			Name:    ErrRequest.Name,
			Message: fmt.Sprintf("$.origin: found %q, expected the origin of the server's pages", options.Origin),
			Path:    "$.origin",
			Hint:    `give the one that the server expects in client data, such as "https://login.example.com"`,
		}
	}
	for _, file := range options.Reports {
		if !slices.Contains(reportFormats, formatOf(file)) {
			return nil, &Error{
				Name: ErrRequest.Name,
				Message: fmt.Sprintf("$.reports: found %q, expected a file whose extension is one of %s",
					file, strings.Join(reportFormats, ", ")),
				Path: "$.reports",
			}
		}
	}
	own, err := newInstance()
	if err != nil {
		return nil, err
	}
	run := &conformRun{handler: handler, deadline: options.Deadline, reports: options.Reports, instance: own}
	if run.deadline == 0 {
		run.deadline = usualDeadline
	}
	var made struct {
		Run uint64 `json:"run"`
	}
	err = own.do("conform.new", struct {
		ConformOptions
		// A wait of nothing is not the door's default.
		LongestWait int64 `json:"longestWait"`
	}{options, options.LongestWait.Milliseconds()}, &made)
	if err != nil {
		run.close()
		return nil, err
	}
	run.handle = made.Run
	return run, nil
}

func (r *conformRun) close() { _ = r.instance.close(nil) }

type conformStep struct {
	// Step is request, wait or done: a server that has a description is never asked without HTTP.
	Step         string      `json:"step"`
	Method       string      `json:"method"`
	URL          string      `json:"url"`
	Headers      [][2]string `json:"headers"`
	Body         string      `json:"body"`
	Milliseconds int64       `json:"milliseconds"`
	Conforms     bool        `json:"conforms"`
	Summary      string      `json:"summary"`
}

// What came of a request: a response, or why there is none.
type conformAnswer struct {
	Status  int         `json:"status,omitzero"`
	Headers [][2]string `json:"headers,omitzero"`
	Body    string      `json:"body,omitzero"`
	Failed  string      `json:"failed,omitzero"`
	Hung    bool        `json:"hung,omitzero"`
}

// Carries out every step.
func (r *conformRun) play(ended func(CaseResult)) (*ConformReport, error) {
	report := &ConformReport{}
	var answer *conformAnswer
	for {
		var next struct {
			Step  conformStep  `json:"step"`
			Ended []CaseResult `json:"ended"`
		}
		err := r.instance.do("conform.next", struct {
			Run    uint64         `json:"run"`
			Answer *conformAnswer `json:"answer,omitzero"`
		}{r.handle, answer}, &next)
		if err != nil {
			return nil, err
		}
		for _, result := range next.Ended {
			// A stack can be of a request before the first case, or of one that the case is not about.
			if strings.Contains(result.Why, panicked) {
				result.Trace = r.trace
			}
			r.trace = ""
			report.Cases = append(report.Cases, result)
			if ended != nil {
				ended(result)
			}
		}
		answer = nil
		switch step := &next.Step; step.Step {
		case "request":
			answer = r.send(step)
		case "wait":
			time.Sleep(time.Duration(step.Milliseconds) * time.Millisecond)
		case "done":
			report.Conforms, report.Summary = step.Conforms, step.Summary
			if r.trace != "" {
				report.Summary += "\n" + r.trace
			}
			return report, r.write(report)
		default:
			return nil, internal("the step is not as expected", fmt.Errorf("found %q", step.Step))
		}
	}
}

// Has the handler serve a request, in a goroutine of its own as under net/http, so that one that hangs does not hang
// the run. Cookies are among the headers, and the run follows redirects itself.
func (r *conformRun) send(step *conformStep) *conformAnswer {
	ctx, cancel := context.WithTimeout(context.Background(), r.deadline)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, step.Method, step.URL, strings.NewReader(step.Body))
	if err != nil {
		return &conformAnswer{Failed: err.Error()}
	}
	for _, header := range step.Headers {
		request.Header.Add(header[0], header[1])
	}
	type served struct {
		answer *conformAnswer
		trace  string
	}
	done := make(chan served, 1)
	go func() {
		// What stays if the handler ends the goroutine, as FailNow of a test does.
		result := served{answer: &conformAnswer{Failed: "the handler ended its goroutine"}}
		defer func() {
			if value := recover(); value != nil {
				result.answer = &conformAnswer{Failed: panicked + fmt.Sprint(value)}
				if value != http.ErrAbortHandler {
					result.trace = fmt.Sprintf("panic: %v\n%s", value, debug.Stack())
				}
			}
			done <- result
		}()
		result.answer = respond(inProcess{r.handler}, request)
	}()
	select {
	case result := <-done:
		if result.trace != "" {
			r.trace = result.trace
		}
		return result.answer
	case <-ctx.Done():
		return &conformAnswer{Hung: true}
	}
}

func respond(transport http.RoundTripper, request *http.Request) *conformAnswer {
	response, err := transport.RoundTrip(request)
	if err != nil {
		return &conformAnswer{Failed: err.Error()}
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return &conformAnswer{Failed: err.Error()}
	}
	answer := &conformAnswer{Status: response.StatusCode, Body: string(body)}
	for name, values := range response.Header {
		for _, value := range values {
			answer.Headers = append(answer.Headers, [2]string{name, value})
		}
	}
	return answer
}

func (r *conformRun) write(report *ConformReport) error {
	report.texts = map[string]string{}
	for _, file := range append([]string{".json"}, r.reports...) {
		format := formatOf(file)
		if _, ok := report.texts[format]; ok {
			continue
		}
		var written struct {
			Text string `json:"text"`
		}
		err := r.instance.do("conform.report", struct {
			Run    uint64 `json:"run"`
			Format string `json:"format"`
		}{r.handle, format}, &written)
		if err != nil {
			return err
		}
		report.texts[format] = written.Text
	}
	for _, file := range r.reports {
		if err := os.WriteFile(file, []byte(report.texts[formatOf(file)]), 0o666); err != nil {
			return &Error{Name: ErrRequest.Name, Message: "$.reports: " + err.Error(), Path: "$.reports", cause: err}
		}
	}
	return nil
}

func formatOf(file string) string { return strings.TrimPrefix(filepath.Ext(file), ".") }
