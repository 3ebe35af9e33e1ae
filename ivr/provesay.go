package ivr

import (
	"errors"
	"slices"
	"strings"

	"accueil/acd"
	"accueil/diag"
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
	f := diag.Finding{File: string(id), Message: err.Error()}
	var b *broken
	if !errors.As(err, &b) {
		return f
	}
	if b.node != nil && b.node.doc != nil {
		f = b.node.doc.Error(b.node.path, "", "%s", err.Error())
	}
	f.Suggestion = "a caller gets there: " + spoken(b.trail)
	return f
}

// spoken tells a path in words: nodes by name, keys as keys. Of a long one the end counts.
func spoken(trail []string) string {
	const most = 12
	var out []string
	for _, step := range trail {
		switch {
		case len(step) == 1 && strings.Contains("0123456789*#", step):
			step = "presses " + step
		case strings.Contains(step, "="):
			step = "has " + step
		case strings.Contains(step, hoursStep):
			step = "finds " + strings.Replace(step, hoursStep, " ", 1)
		default:
			step = "comes to " + step
		}
		out = append(out, step)
	}
	if len(out) == 0 {
		return "at once"
	}
	if len(out) > most {
		out = append([]string{"…"}, slices.Clone(out[len(out)-most:])...)
	}
	return strings.Join(out, ", ")
}
