package site

import (
	"slices"
	"strings"

	"accueil/acd"
	"accueil/diag"
)

func (c *checker) queues() {
	for _, id := range sorted(c.site.Queues) {
		q := c.site.Queues[id]
		path := diag.Join("queues", string(id))
		c.steps(path, q)
		c.fallback(path, id, &q)
		c.site.Queues[id] = q
	}
	c.circles()
}

func (c *checker) steps(path string, q Queue) {
	unconditional := false // the last one counts
	for i, step := range q.Steps {
		under := diag.Join(path, "steps", i)
		unconditional = c.requirement(diag.Join(under, "require"), step.Require)
		switch {
		case i > 0 && step.After >= 0 && step.After < q.Steps[i-1].After:
			c.fail(diag.Join(under, "after"), "", "%s is before %s of the step above: steps open one after the other", step.After, q.Steps[i-1].After)
		case i == 0 && step.After > 0:
			c.warn(diag.Join(under, "after"), "let the first step open at 0s", "for %s nobody is offered the call", step.After)
		}
		if step.After > 0 && step.After >= q.MaxWait {
			c.warn(diag.Join(under, "after"), "", "the step never opens: max_wait is %s", q.MaxWait)
		}
	}
	switch {
	case len(q.Steps) == 0 || c.given(diag.Join(path, "fallback")):
	case !unconditional:
		c.key(path, "let the last step require nothing, or name a fallback",
			"a caller whom no agent can serve would wait for ever")
	case q.WhenUnstaffed == UnstaffedFallback:
		c.key(path, "name a fallback, or set when_unstaffed to wait or dissuade",
			"nothing says where callers go when nobody is at work")
	}
}

func (c *checker) fallback(path string, id acd.QueueID, q *Queue) {
	to := q.Fallback.Goto
	if to == "" {
		return
	}
	path = diag.Join(path, "fallback", "goto")
	switch {
	case acd.QueueID(to) == id:
		c.fail(path, "", "the queue is its own fallback")
	case has(c.site.Queues, acd.QueueID(to)):
		q.Fallback.Target = Target{Queue: acd.QueueID(to)}
	case numberPattern.MatchString(to):
		trunk, ok := c.site.TrunkFor(to)
		if !ok {
			c.fail(path, "", "no trunk leads to %s", to)
			return
		}
		q.Fallback.Target = Target{Number: to, Trunk: trunk}
	default:
		q.Fallback.Target = Target{Node: to}
	}
}

func has[K comparable, V any](m map[K]V, k K) bool { _, ok := m[k]; return ok }

// circles reports queues whose fallbacks lead back to themselves: the caller would never get out.
func (c *checker) circles() {
	for _, id := range sorted(c.site.Queues) {
		seen := []acd.QueueID{id}
		for at := c.site.Queues[id].Fallback.Target.Queue; at != ""; at = c.site.Queues[at].Fallback.Target.Queue {
			if at == id && id == slices.Min(seen) { // told once, at the first of the circle
				c.fail(diag.Join("queues", string(id), "fallback", "goto"), "", "the fallbacks go in a circle: %s", strings.Join(append(texts(seen), string(id)), " → "))
			}
			if contains(seen, at) {
				break
			}
			seen = append(seen, at)
		}
	}
}

func (c *checker) reasons() {
	reached, lost := map[acd.QueueID]bool{}, len(c.site.Reasons) == 0
	for _, q := range c.site.Queues {
		reached[q.Fallback.Target.Queue] = true
	}
	for _, id := range sorted(c.site.Reasons) {
		r := c.site.Reasons[id]
		path := diag.Join("reasons", string(id))
		lost = !refers(c, diag.Join(path, "queue"), r.Queue, c.site.Queues, "queue") || lost
		reached[r.Queue] = true
		c.labels(diag.Join(path, "label"), r.Label)
	}
	for _, id := range sorted(c.site.Queues) {
		if !reached[id] && !lost {
			f := c.doc.KeyFinding(diag.Join("queues", string(id)), diag.Warning, "", "no reason and no fallback leads to this queue")
			c.add(f)
		}
	}
}

// labels checks a text that must exist in each language of the site.
func (c *checker) labels(path string, label map[acd.Lang]string) {
	if len(label) == 0 {
		return
	}
	for _, l := range c.site.Languages {
		if !has(label, l) {
			c.key(path, "", "the text in %q is missing", l)
		}
	}
	for _, l := range sorted(label) {
		c.speaks(diag.Join(path, string(l)), l)
		switch text := label[l]; {
		case strings.TrimSpace(text) == "":
			c.fail(diag.Join(path, string(l)), "", "the text is empty")
		case len(text) > maxLabel:
			c.fail(diag.Join(path, string(l)), "", "the text is too long to be spoken before a connection")
		}
	}
}

// maxLabel bounds a label, in bytes: a short briefing has three seconds.
const maxLabel = 120
