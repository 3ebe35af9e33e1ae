package app

import (
	"errors"
	"fmt"

	"accueil/wording"
)

// ExitError carries the exit code of a command (CONTRACT, Commands). With a nil Err everything has
// been said already.
type ExitError struct {
	Code int
	Err  error
}

func (e ExitError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit code %d", e.Code)
	}
	return e.Err.Error()
}

// In tells the cause in a language.
func (e ExitError) In(l *wording.Language) string {
	if e.Err == nil {
		return e.Error()
	}
	return wording.Tell(e.Err, l)
}

// Unwrap returns the cause.
func (e ExitError) Unwrap() error { return e.Err }

// HasCode reports whether there is a code at all.
func (e ExitError) HasCode() bool { return e.Code != 0 }

// The exit codes that commands of this package use.
const (
	ExitFailure    = 1
	ExitUsage      = 2
	ExitConfig     = 3
	ExitDependency = 4
	ExitRefused    = 5
)

// ExitCode is the code for an error: its own, 3 for findings in files, 1 for the rest.
func ExitCode(err error) int {
	var coded ExitError
	var build BuildError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &coded):
		return coded.Code
	case errors.As(err, &build):
		return ExitConfig
	}
	return ExitFailure
}
