package acd

import (
	"encoding/json"
	"fmt"
	"io"
)

// TaskPersonal are the fields of a task that identify someone, or that someone wrote: kept apart from
// its image, encrypted, and erased before it (DESIGN §5). It prints as a mask, so that it cannot
// reach a log.
type TaskPersonal struct {
	Number string // to call back; "" when withheld
	Name   string // from the site's directory
	Text   string // of a message, or what was noted when the task was closed
}

// String masks the value.
func (TaskPersonal) String() string { return "[personal]" }

// Format masks the value under every verb, those for numbers included.
func (p TaskPersonal) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// MarshalJSON masks the value: it is read field by field where it may be shown.
func (TaskPersonal) MarshalJSON() ([]byte, error) { return json.Marshal("[personal]") }
