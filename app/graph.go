package app

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"accueil/acd"
	"accueil/ivr/draw"
	"accueil/site"
)

// The formats of a drawing.
const (
	GraphSVG     = "svg"
	GraphMermaid = "mermaid"
)

// GraphOptions are those of a drawing.
type GraphOptions struct {
	Site   string
	Of     string // an entry or a scenario; the first entry when empty
	Format string
	Lang   string // of the texts in it, and of its labels: fr or en
}

// Graph draws a scenario.
func Graph(o GraphOptions, out io.Writer) error {
	h, err := newRehearser(o.Site)
	if err != nil {
		return err
	}
	s := h.c.site
	id := acd.ScenarioID(o.Of)
	if o.Of == "" {
		id = s.Entries[slices.Sorted(maps.Keys(s.Entries))[0]].Scenario // check wants one at least
	}
	if e, ok := s.Entries[acd.EntryID(o.Of)]; ok {
		id = e.Scenario
	}
	g, ok := h.c.program.Graph(id)
	if !ok {
		return ExitError{ExitUsage, fmt.Errorf("there is no entry and no scenario %q; the scenarios are %s", o.Of, joined(h.c.program.Scenarios()))}
	}
	// Who waits has heard the message before.
	g.Emergency = g.Emergency && slices.ContainsFunc(slices.Collect(maps.Values(s.Entries)), func(e site.Entry) bool { return e.Scenario == id })
	lang := acd.Lang(o.Lang)
	spoken := lang
	if !slices.Contains(s.Languages, spoken) && len(s.Languages) > 0 {
		spoken = s.Languages[0]
	}
	words := draw.Words{
		Lang:   lang,
		Text:   func(id string) string { return h.say(spoken, []acd.Prompt{{ID: id}}) },
		Reason: func(r acd.ReasonID) string { return s.Reasons[r].Label[spoken] },
	}
	if o.Format == GraphMermaid {
		_, err = io.WriteString(out, draw.Mermaid(g, words))
	} else {
		_, err = out.Write(draw.SVG(g, words))
	}
	return err
}
