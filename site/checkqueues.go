package site

import (
	"slices"
	"strconv"
	"strings"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

func (c *checker) queues() {
	for _, id := range sorted(c.site.Queues) {
		q := c.site.Queues[id]
		path := diag.Join("queues", string(id))
		c.steps(path, q)
		c.policy(path, &q)
		for _, w := range q.ways() {
			c.way(diag.Join(path, w.path...), id, w.Fallback)
		}
		c.site.Queues[id] = q
	}
	c.circles()
}

func (c *checker) steps(path string, q Queue) {
	unconditional := false // the last one counts
	for i, step := range q.Steps {
		under := diag.Join(path, "steps", i)
		unconditional = c.requirement(diag.Join(under, "require"), step.Require)
		unconditional = c.condition(diag.Join(under, "consider"), step.Consider) && unconditional
		if step.Exclusive && i == 0 {
			c.warn(diag.Join(under, "exclusive"), nil, "there is no step before the first one to close")
		}
		switch {
		case i > 0 && step.After >= 0 && step.After < q.Steps[i-1].After:
			c.fail(diag.Join(under, "after"), nil, "%s is before %s of the step above: steps open one after the other", step.After, q.Steps[i-1].After)
		case i == 0 && step.After > 0:
			c.warn(diag.Join(under, "after"), wording.Say("let the first step open at 0s"), "for %s nobody is offered the call", step.After)
		}
		if step.After > 0 && step.After >= q.MaxWait {
			c.warn(diag.Join(under, "after"), nil, "the step never opens: max_wait is %s", q.MaxWait)
		}
	}
	switch {
	case len(q.Steps) == 0 || c.given(diag.Join(path, "fallback")):
	case !unconditional:
		c.key(path, wording.Say("let the last step require nothing, or name a fallback"),
			"a caller whom no agent can serve would wait for ever")
	case q.WhenUnstaffed == UnstaffedFallback:
		c.key(path, wording.Say("name a fallback, or set when_unstaffed to wait or dissuade"),
			"nothing says where callers go when nobody is at work")
	}
}

// policy checks what decides who comes first, and reads the shares.
func (c *checker) policy(path string, q *Queue) {
	once(c, diag.Join(path, "order"), q.Order)
	q.MaxRatioPercent, q.KeepPercent = percent(q.MaxRatio), percent(q.Keep)
	if strings.Trim(q.MaxRatio, "0") == "%" { // what is no share at all has been reported already
		c.fail(diag.Join(path, "max_ratio"), wording.Say("leave it out for no limit"), "with 0%% nobody may wait")
	}
	w, under := q.Advanced.Weights, diag.Join(path, "advanced", "weights")
	for i := range w.Steps {
		if i > 0 && w.Steps[i] > w.Steps[i-1] {
			c.fail(diag.Join(under, "steps", i), nil, "more points than the step before it: an earlier step always comes first")
		}
	}
	for i, band := range w.Ages {
		switch from := diag.Join(under, "ages", i, "from"); {
		case i == 0 && band.From != 0:
			c.fail(from, nil, "the first band begins at 0s")
		case i > 0 && band.From <= w.Ages[i-1].From:
			c.fail(from, nil, "%s is not after %s of the band above", band.From, w.Ages[i-1].From)
		}
	}
}

// percent reads a share; what is not one has been reported already and is 0.
func percent(s string) int {
	n, err := strconv.Atoi(strings.TrimSuffix(s, "%"))
	if err != nil {
		return 0
	}
	return n
}

// way resolves where a queue sends whom it cannot keep.
func (c *checker) way(path string, id acd.QueueID, w *Fallback) {
	to := w.Goto
	if to == "" {
		return
	}
	path = diag.Join(path, "goto")
	switch {
	case acd.QueueID(to) == id:
		c.fail(path, nil, "the queue is its own fallback")
	case has(c.site.Queues, acd.QueueID(to)):
		w.Target = Target{Queue: acd.QueueID(to)}
	case numberPattern.MatchString(to):
		trunk, ok := c.site.TrunkFor(to)
		if !ok {
			c.fail(path, nil, "no trunk leads to %s", to)
			return
		}
		if !c.extensionsUnknown() && c.site.Doubtful(to) {
			c.warn(path, wording.Say("name an extension of a trunk, or write the whole number"), "%s is no extension of a trunk, and no telephone number either", to)
		}
		w.Target = Target{Number: to, Trunk: trunk}
	default:
		w.Target = Target{Node: to}
	}
}

// extensionsUnknown reports whether some trunk's extensions could not be read: what is none of them is
// not known then.
func (c *checker) extensionsUnknown() bool {
	for _, t := range c.site.Trunks {
		if len(t.Reaches) < len(t.Extensions) {
			return true
		}
	}
	return false
}

func has[K comparable, V any](m map[K]V, k K) bool { _, ok := m[k]; return ok }

// circles reports queues whose ways out lead back to themselves: the caller would never get out.
func (c *checker) circles() {
	for _, id := range sorted(c.site.Queues) {
		q := c.site.Queues[id]
		for _, w := range q.ways() {
			circle := c.back(id, w.Target.Queue, []acd.QueueID{id})
			if len(circle) > 0 && id == slices.Min(circle) { // told once, at the first of the circle
				path := diag.Join(diag.Join(diag.Join("queues", string(id)), w.path...), "goto")
				c.fail(path, nil, "the fallbacks go in a circle: %s", strings.Join(append(texts(circle), string(id)), " → "))
				break
			}
		}
	}
}

// back returns the queues on the way from at back to one of them, and nothing when none leads there.
func (c *checker) back(to, at acd.QueueID, seen []acd.QueueID) []acd.QueueID {
	switch {
	case at == to:
		return seen
	case at == "" || contains(seen, at):
		return nil
	}
	q := c.site.Queues[at]
	for _, w := range q.ways() {
		if circle := c.back(to, w.Target.Queue, append(slices.Clip(seen), at)); len(circle) > 0 {
			return circle
		}
	}
	return nil
}

// way is one way out of a queue, and where it stands under the queue.
type way struct {
	*Fallback
	path []any
}

func (q *Queue) ways() []way {
	return []way{{&q.Fallback, []any{"fallback"}}, {&q.Overflow.Full, []any{"overflow", "full"}},
		{&q.Overflow.Wait, []any{"overflow", "wait"}}, {&q.Overflow.Ratio, []any{"overflow", "ratio"}},
		{&q.Overflow.Closed, []any{"overflow", "closed"}}}
}

func (c *checker) reasons() {
	reached, lost := map[acd.QueueID]bool{}, len(c.site.Reasons) == 0
	for _, q := range c.site.Queues {
		for _, w := range q.ways() {
			reached[w.Target.Queue] = true
		}
	}
	for _, id := range sorted(c.site.Reasons) {
		r := c.site.Reasons[id]
		path := diag.Join("reasons", string(id))
		lost = !refers(c, diag.Join(path, "queue"), r.Queue, c.site.Queues, "there is no queue %q") || lost
		reached[r.Queue] = true
		c.labels(diag.Join(path, "label"), r.Label)
		if info := diag.Join(path, "waiting_info"); c.given(info) {
			c.spoken(info, r.WaitingInfo, maxInfo, "nobody remembers so much, say what to prepare")
		}
	}
	for _, id := range sorted(c.site.Queues) {
		if !reached[id] && !lost {
			f := c.doc.KeyFinding(diag.Join("queues", string(id)), diag.Warning, nil, wording.Say("no reason and no fallback leads to this queue"))
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
			c.key(path, nil, "the text in %q is missing", l)
		}
	}
	for _, l := range sorted(label) {
		c.speaks(diag.Join(path, string(l)), l)
		switch text := label[l]; {
		case strings.TrimSpace(text) == "":
			c.fail(diag.Join(path, string(l)), nil, "the text is empty")
		case len(text) > maxLabel:
			c.fail(diag.Join(path, string(l)), nil, "the text is too long to be spoken before a connection")
		}
	}
}

// maxLabel bounds a label, in bytes: a short briefing has three seconds.
const maxLabel = 120
