package asterisk

import (
	"encoding/json"
	"strings"
	"time"
)

// DateTime is an instant as Asterisk writes it, to the millisecond. An
// unreadable one is the zero time, never an error.
type DateTime struct{ time.Time }

// UnmarshalJSON implements [json.Unmarshaler].
func (d *DateTime) UnmarshalJSON(text []byte) error {
	written := strings.Trim(string(text), `"`)
	for _, layout := range []string{"2006-01-02T15:04:05.999-0700", time.RFC3339Nano} {
		if at, err := time.Parse(layout, written); err == nil {
			d.Time = at
			return nil
		}
	}
	d.Time = time.Time{}
	return nil
}

// Vars are channel or bridge variables, or the parts of a user event. A value
// that is not a string is kept as its JSON text.
type Vars map[string]string

// UnmarshalJSON implements [json.Unmarshaler]. What is not an object is empty.
func (v *Vars) UnmarshalJSON(text []byte) error {
	*v = nil
	var parts map[string]json.RawMessage
	if json.Unmarshal(text, &parts) != nil || parts == nil {
		return nil
	}
	*v = make(Vars, len(parts))
	for name, raw := range parts {
		var s string
		if json.Unmarshal(raw, &s) != nil {
			s = string(raw)
		}
		(*v)[name] = s
	}
	return nil
}

// String withholds names and values: they can be a patient's.
func (v Vars) String() string { return "variables(withheld)" }

// EventFilter chooses event types of an application. Disallowed wins; an empty
// Allowed means all.
type EventFilter struct {
	Allowed    []EventType `json:"allowed"`
	Disallowed []EventType `json:"disallowed"`
}

// EventType names a type of event in an [EventFilter].
type EventType struct {
	Type string `json:"type"`
}

// EventTypes builds a list for an [EventFilter].
func EventTypes(names ...string) []EventType {
	types := make([]EventType, 0, len(names)) // never nil: JSON null would not be a list
	for _, name := range names {
		types = append(types, EventType{Type: name})
	}
	return types
}

// MarshalJSON writes missing lists as empty ones, which is how ARI clears them.
func (f EventFilter) MarshalJSON() ([]byte, error) {
	type plain EventFilter
	p := plain(f)
	if p.Allowed == nil {
		p.Allowed = []EventType{}
	}
	if p.Disallowed == nil {
		p.Disallowed = []EventType{}
	}
	return json.Marshal(p)
}

// String gives the channel's id only: its name and dialplan can hold a number.
func (m Channel) String() string { return "channel " + m.ID }

// String withholds the caller.
func (m CallerID) String() string { return "caller(withheld)" }

// String withholds what was dialled.
func (m DialplanCEP) String() string { return "dialplan(withheld)" }

// appendID adds an id once.
func appendID(ids []string, id string) []string {
	if id == "" {
		return ids
	}
	for _, known := range ids {
		if known == id {
			return ids
		}
	}
	return append(ids, id)
}

// appendTarget adds the id of a target_uri such as channel:<id>, when it is of
// the wanted kind.
func appendTarget(ids []string, target, kind string) []string {
	if id, ok := strings.CutPrefix(target, kind); ok {
		return appendID(ids, id)
	}
	return ids
}
