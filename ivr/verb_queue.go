package ivr

import (
	"maps"
	"slices"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

const verbQueue verb = "queue"

var _ = register(kind{name: verbQueue, part: func() part { return new(fileQueue) }})

// fileQueue is a reason, or its long form.
type fileQueue struct {
	Reason acd.ReasonID `yaml:"reason"`
	Queue  acd.QueueID  `yaml:"queue"`
	Points int          `yaml:"points"`
}

// DecodeNode reads either form.
func (f *fileQueue) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	if n.Kind == diag.Scalar {
		return at.Decode(n, &f.Reason)
	}
	type long fileQueue
	return at.Decode(n, (*long)(f))
}

func (f *fileQueue) compile(c *compiler, n *node, at string, _ *fileNode) {
	n.verb, n.queue = verbQueue, f.asked(c, at, true)
}

// asked checks reason, queue and points, and returns what a call asks for by them. A reason that is
// needed and not written must have been set before.
func (f *fileQueue) asked(c *compiler, at string, needed bool) acd.AskQueue {
	where := at
	if c.doc.Lookup(diag.Join(at, "reason")) != nil {
		where = diag.Join(at, "reason")
	}
	if _, ok := c.site.Reasons[f.Reason]; !ok {
		switch {
		case f.Reason == "" && !needed:
		case f.Reason == "":
			c.later = append(c.later, func(*grammar) {
				if len(c.scenario.given) == 0 {
					c.fail(at, wording.Say("write reason: …, or set one before"), "the reason is missing")
				}
			})
		default:
			c.fail(where, diag.DidYouMean(string(f.Reason), words(slices.Sorted(maps.Keys(c.site.Reasons)))), "there is no reason %q", f.Reason)
		}
	}
	if _, ok := c.site.Queues[f.Queue]; f.Queue != "" && !ok {
		c.fail(diag.Join(at, "queue"), diag.DidYouMean(string(f.Queue), words(slices.Sorted(maps.Keys(c.site.Queues)))), "there is no queue %q", f.Queue)
	}
	if f.Points < 0 || f.Points > acd.MaxPoints {
		c.fail(diag.Join(at, "points"), nil, "points go from 0 to %d", acd.MaxPoints)
	}
	return acd.AskQueue{Reason: f.Reason, Queue: f.Queue, Points: f.Points}
}
