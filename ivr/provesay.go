package ivr

import (
	"errors"
	"strings"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

// broken is a promise that does not hold, at a node, with the way there.
type broken struct {
	node  *node // nil before the first
	trail []string
	err   error
}

func (b *broken) Error() string { return b.err.Error() }
func (b *broken) Unwrap() error { return b.err }

func (p *proof) broken(s *step, err error) error {
	return &broken{s.scenario.nodes[s.node], s.trail(), err}
}

// finding says where in which file a promise is broken, and how a caller gets there.
func (p *Program) finding(id acd.ScenarioID, err error) diag.Finding {
	f := diag.Finding{File: string(id), Message: wording.Of(err)}
	var b *broken
	if !errors.As(err, &b) {
		return f
	}
	if b.node != nil && b.node.doc != nil {
		f = b.node.doc.Error(b.node.path, nil, "%s", b.err)
	}
	f.Suggestion = wording.Say("a caller gets there: %s", spoken(b.trail))
	return f
}

// spoken tells a path in words: nodes by name, keys as keys. Of a long one the end counts.
func spoken(trail []string) (out wording.Way) {
	const most = 12
	for _, step := range trail {
		verb, of := wording.Sentence("comes to %s"), step
		switch {
		case len(step) == 1 && strings.Contains("0123456789*#", step):
			verb = "presses %s"
		case strings.Contains(step, "="):
			verb = "has %s"
		case strings.Contains(step, hoursStep):
			node, found, _ := strings.Cut(step, hoursStep)
			verb, of = map[string]wording.Sentence{isOpen.String(): "finds %s open", isHoliday.String(): "finds %s on a holiday"}[found], node
			if verb == "" {
				verb = "finds %s closed"
			}
		}
		out = append(out, wording.Say(verb, of))
	}
	if len(out) == 0 {
		return wording.Way{wording.Say("at once")}
	}
	if len(out) > most {
		out = append(wording.Way{wording.Verbatim("…")}, out[len(out)-most:]...)
	}
	return out
}
