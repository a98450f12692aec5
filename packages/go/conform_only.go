package stuntkey

import (
	"flag"
	"regexp"
	"strings"
)

// The options with those cases alone that -run names below the test, so that one case can be played without the
// others. What is no plain path of expressions is left to the testing package: then all are played, and some not told.
func (o ConformOptions) thatAreToRun(test string) (ConformOptions, error) {
	given := flag.Lookup("test.run")
	if given == nil || strings.ContainsAny(given.Value.String(), `|()[]\`) {
		return o, nil
	}
	patterns := strings.Split(given.Value.String(), "/")
	depth := strings.Count(test, "/") + 1
	if len(patterns) <= depth {
		return o, nil
	}
	cases, err := Cases(o.Profile, o.Only...)
	if err != nil {
		return o, err
	}
	var only []string
	for _, one := range cases {
		if matches(patterns[depth:], strings.Split(one.ID, "/")) {
			only = append(only, one.ID)
		}
	}
	if only == nil {
		return o, &Error{
			Name:    ErrRequest.Name,
			Message: "-run: found " + given.Value.String() + ", which names no case, expected one, or none at all",
			Path:    "-run",
			Hint:    "Cases lists them",
		}
	}
	o.Only = only
	return o, nil
}

// An id that has fewer elements than there are patterns is one that the testing package runs, too.
func matches(patterns, elements []string) bool {
	for number, pattern := range patterns[:min(len(patterns), len(elements))] {
		if found, err := regexp.MatchString(pattern, elements[number]); err == nil && !found {
			return false
		}
	}
	return true
}
