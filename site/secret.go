package site

import (
	"crypto/subtle"
	"fmt"
)

// mask is what a secret prints as, whatever it holds; an empty one prints as nothing.
const mask = "********"

// Secret is a password or a PIN. Every way of printing it gives the mask.
type Secret struct{ value string }

// NewSecret wraps a value that must not be printed.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal returns the value, for the one place that needs it.
func (s Secret) Reveal() string { return s.value }

// Empty reports whether there is no value.
func (s Secret) Empty() bool { return s.value == "" }

// Is compares in constant time; an empty secret equals nothing.
func (s Secret) Is(guess string) bool {
	return s.value != "" && subtle.ConstantTimeCompare([]byte(s.value), []byte(guess)) == 1
}

// String prints the mask.
func (s Secret) String() string {
	if s.value == "" {
		return ""
	}
	return mask
}

// Format prints the mask for every verb, %#v and %x included.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// MarshalText is what JSON, YAML and loggers write.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
