package app

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"accueil/acd"
	"accueil/ivr/prompts"
	"accueil/ivr/rehearsal"
	"accueil/site"
)

// rehearser is a site made ready for rehearsed calls.
type rehearser struct{ c *config }

func newRehearser(path string) (*rehearser, error) {
	c, err := assembled(path)
	if err != nil {
		return nil, err
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
		case p.Number != nil || p.Duration != nil:
			out = append(out, prompts.Words(lang, p))
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
	queuesClosed            bool
	extension               acd.Ending
	caller                  acd.CallerKind       // unknown when empty
	announced               []acd.AnnouncementID // switched on
	lookup                  acd.LookupOutcome    // of every lookup; an error when empty
	standing                *acd.Standing        // of who waits; nil: nothing honest can be said
}

// check refuses a world that the site does not know.
func (h *rehearser) check(w rehearsalWorld) error {
	for _, id := range w.announced {
		if _, ok := h.c.site.Announcements[id]; !ok {
			return ExitError{ExitUsage, fmt.Errorf("there is no announcement %q", id)}
		}
	}
	if w.caller != "" && !slices.Contains(acd.CallerKinds(), w.caller) {
		return ExitError{ExitUsage, fmt.Errorf("%q is no kind of caller; there are %s", w.caller, joined(acd.CallerKinds()))}
	}
	if outcomes := []acd.LookupOutcome{acd.LookupFound, acd.LookupUnknown, acd.LookupError}; w.lookup != "" && !slices.Contains(outcomes, w.lookup) {
		return ExitError{ExitUsage, fmt.Errorf("a lookup answers %s, not %q", joined(outcomes), w.lookup)}
	}
	return nil
}

func joined[T ~string](in []T) string {
	var out []string
	for _, s := range in {
		out = append(out, string(s))
	}
	return strings.Join(out, ", ")
}

func (h *rehearser) begin(entry acd.EntryID, lang acd.Lang, at string, now time.Time, w rehearsalWorld) (*rehearsal.Call, error) {
	s := h.c.site
	if _, ok := s.Entries[entry]; !ok {
		return nil, ExitError{ExitUsage, fmt.Errorf("there is no entry %q; the site has %s", entry, joined(slices.Sorted(maps.Keys(s.Entries))))}
	}
	if lang != "" && !slices.Contains(s.Languages, lang) {
		return nil, ExitError{ExitUsage, fmt.Errorf("the site does not speak %q", lang)}
	}
	if err := h.check(w); err != nil {
		return nil, err
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
		Closed: w.closed, Extension: w.extension, Lookup: w.lookup,
		Scene: acd.Scene{Callable: true, Caller: w.caller, Announced: w.announced, Standing: w.standing},
		Queue: func(r acd.ReasonID) acd.QueueID { return s.Reasons[r].Queue },
		Length: func(l acd.Lang, ps []acd.Prompt) time.Duration {
			return time.Duration(len([]rune(h.say(l, ps)))) * time.Second / speechRate
		},
		Shut: func(q acd.QueueID, r acd.ReasonID, at time.Time) bool {
			return w.queuesClosed || !h.c.plan.Hours(q, r, acd.At(at)).Open
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
