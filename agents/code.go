package agents

import "strings"

// CodeKind is what a feature code asks for (CONTRACT, Feature codes).
type CodeKind int

// The feature codes.
const (
	CodeUnknown CodeKind = iota
	CodeLogin            // *20: the phone's usual agent; *20<number>#<pin>: a named one
	CodePause            // *21 or *21<n>
	CodeLogout           // *22
	CodeWrapup           // *23
	CodeClosure          // *70<entry>, then the PIN
)

// Code is a feature code as dialled.
type Code struct {
	Kind   CodeKind
	Number string // agent number of a login; empty for the phone's usual agent
	PIN    string // of a login or a closure; empty when it is still to be asked for
	Reason int    // of a pause, 0 for none
	Entry  string // of a closure
}

// ParseCode reads what a phone dialled. Digits that the phone was asked for afterwards follow the
// code, after a # where the code itself ends in digits (two of them where the code was ended by one).
func ParseCode(s string) Code {
	if len(s) < 3 || len(s) > 40 || s[0] != '*' {
		return Code{}
	}
	rest := s[3:]
	number, pin, keyed := strings.Cut(rest, "#")
	pin = strings.Trim(pin, "#")
	switch s[:3] {
	case "*20":
		if digits(number) && digits(pin) && (number != "" || !keyed) {
			return Code{Kind: CodeLogin, Number: number, PIN: pin}
		}
	case "*21":
		switch {
		case rest == "":
			return Code{Kind: CodePause}
		case len(rest) == 1 && rest[0] >= '1' && rest[0] <= '9':
			return Code{Kind: CodePause, Reason: int(rest[0] - '0')}
		}
	case "*22":
		if rest == "" {
			return Code{Kind: CodeLogout}
		}
	case "*23":
		if rest == "" {
			return Code{Kind: CodeWrapup}
		}
	case "*70":
		if number != "" && digits(number) && digits(pin) {
			return Code{Kind: CodeClosure, Entry: number, PIN: pin}
		}
	}
	return Code{}
}

func digits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}
