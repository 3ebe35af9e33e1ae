package app

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"accueil/acd"
	"accueil/ivr/rehearsal"
	"accueil/site"
)

// rehearser is a site made ready for rehearsed calls.
type rehearser struct{ c *config }

func newRehearser(path string) (*rehearser, error) {
	s, err := loadSite(path)
	if err != nil {
		return nil, err
	}
	c, findings := assemble(s)
	if c == nil {
		return nil, BuildError{findings}
	}
	return &rehearser{c}, nil
}

// say is the text of prompts; a recording without a text is named.
func (h *rehearser) say(lang acd.Lang, ps []acd.Prompt) string {
	var out []string
	for _, p := range ps {
		switch text, ok := h.c.program.Text(p.ID, lang); {
		case ok:
			out = append(out, strings.Join(strings.Fields(text), " "))
		case p.ID != "":
			out = append(out, "["+p.ID+"]")
		case p.Number != nil:
			out = append(out, fmt.Sprint(*p.Number))
		case p.Duration != nil:
			out = append(out, p.Duration.String())
		case p.Keyed != nil: // to who has keyed it in
			out = append(out, strings.Join(strings.Split(p.Keyed.Reveal(), ""), " "))
		}
	}
	return strings.Join(out, " ")
}

// speechRate is how quickly prompts are said, characters a second: an estimate, for the clock only.
const speechRate = 15

// rehearsalWorld is the state in which a call is rehearsed.
type rehearsalWorld struct {
	closed, full, unstaffed bool
	extension               acd.Ending
}

func (h *rehearser) begin(entry acd.EntryID, lang acd.Lang, at string, now time.Time, w rehearsalWorld) (*rehearsal.Call, error) {
	s := h.c.site
	if _, ok := s.Entries[entry]; !ok {
		known := make([]string, 0, len(s.Entries))
		for id := range s.Entries {
			known = append(known, string(id))
		}
		slices.Sort(known)
		return nil, ExitError{ExitUsage, fmt.Errorf("there is no entry %q; the site has %s", entry, strings.Join(known, ", "))}
	}
	if lang != "" && !slices.Contains(s.Languages, lang) {
		return nil, ExitError{ExitUsage, fmt.Errorf("the site does not speak %q", lang)}
	}
	instant, err := whenIn(at, s.Location)
	if err != nil {
		return nil, ExitError{ExitUsage, err}
	}
	if at != "" {
		now = instant.Time()
	}
	script, err := h.c.program.Start(entry, lang)
	if err != nil {
		return nil, err
	}
	return rehearsal.Begin(script, rehearsal.World{
		Closed: w.closed, Extension: w.extension,
		Queue: func(r acd.ReasonID) acd.QueueID { return s.Reasons[r].Queue },
		Length: func(l acd.Lang, ps []acd.Prompt) time.Duration {
			return time.Duration(len([]rune(h.say(l, ps)))) * time.Second / speechRate
		},
		Refuse: func(q acd.QueueID) acd.Refusal {
			switch {
			case w.unstaffed && s.Queues[q].WhenUnstaffed != site.UnstaffedWait:
				return acd.RefusedUnstaffed
			case w.full:
				return acd.RefusedFull
			}
			return ""
		},
	}, now.In(s.Location)), nil
}
