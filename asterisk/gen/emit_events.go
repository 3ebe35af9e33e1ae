package main

import (
	"fmt"
	"strings"
)

func emitEvents(s *spec) (string, error) {
	var b strings.Builder
	b.WriteString(header)
	b.WriteString("\n// newEvent makes the empty value for a type string.\nvar newEvent = map[string]func() Event{\n")
	for _, m := range s.events {
		if m.name == "RESTResponse" { // REST over the websocket: not used
			continue
		}
		fmt.Fprintf(&b, "%q: func() Event { return new(%s) },\n", m.name, m.name)
	}
	b.WriteString("}\n")
	for _, m := range s.events {
		if m.name == "RESTResponse" {
			continue
		}
		fmt.Fprintf(&b, "\n// %s is ARI's event of that name.\ntype %s struct {\nEventData\n", m.name, m.name)
		if err := s.emitFields(&b, m); err != nil {
			return "", err
		}
		b.WriteString("}\n")
		s.emitEventIDs(&b, m, "Channel")
		s.emitEventIDs(&b, m, "Bridge")
	}
	return b.String(), nil
}

// emitEventIDs writes ChannelIDs or BridgeIDs of an event that names any; the
// others inherit the empty answer of EventData.
func (s *spec) emitEventIDs(b *strings.Builder, m model, want string) {
	named := false
	for _, f := range m.fields {
		named = named || s.reaches(f.typ, want)
	}
	if !named {
		return
	}
	fmt.Fprintf(b, "\n// %sIDs lists the %ss that the event names, in the order of its fields.\n", want, strings.ToLower(want))
	fmt.Fprintf(b, "func (m *%s) %sIDs() []string {\nvar ids []string\n", m.name, want)
	s.emitIDCalls(b, m, want)
	b.WriteString("return ids\n}\n")
}
