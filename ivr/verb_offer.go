package ivr

import (
	"maps"
	"slices"
	"strings"
	"time"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

var _ = register(kind{name: "offer", beside: "next", waits: true, only: true, part: func() part { return new(fileOffer) }})

// fileOffer offers a waiting caller a way out of the queue: a callback, for example.
type fileOffer struct {
	Say          fileText      `yaml:"say"`
	Press        string        `yaml:"press"` // the key; "1" when absent
	To           string        `yaml:"to"`    // a node of the scenario that the caller came through
	ExpectedWait time.Duration `yaml:"expected_wait"`
	After        time.Duration `yaml:"after"`
}

// offerKeys are those that an offer may take: the others mean something to every waiting caller.
const offerKeys = "12345678"

func (f *fileOffer) compile(c *compiler, n *node, at string, file *fileNode) {
	o := &offering{key: '1', to: f.To, wait: f.ExpectedWait, after: f.After, next: c.next(n, file, true)}
	n.verb, n.act, n.prompt = "offer", o, c.text(diag.Join(at, "say"), n.local, &f.Say)
	switch {
	case f.Press == "":
	case len(f.Press) != 1 || !strings.Contains(offerKeys, f.Press):
		c.fail(diag.Join(at, "press"), wording.Say("use 1 to 8"), "%q cannot be the key of an offer: 0, 9 and * keep their meaning", f.Press)
	default:
		o.key = f.Press[0]
	}
	for name, d := range map[string]time.Duration{"expected_wait": f.ExpectedWait, "after": f.After} {
		if d < 0 || d > maxOffer {
			c.fail(diag.Join(at, name), nil, "this goes up to %s", maxOffer)
		}
	}
	if f.To == "" {
		c.fail(at, wording.Say("write to: with a node of the scenario that the callers come through"), "the offer leads nowhere")
	}
}

// maxOffer is the longest wait that an offer may ask for.
const maxOffer = 4 * time.Hour

// offering says what a key does for a waiting caller, and lets him press it from then on.
type offering struct {
	key         byte
	to          string
	wait, after time.Duration // 0: not asked for
	next        link
}

func (o *offering) ways() (all, idle []link)    { return []link{o.next}, []link{o.next} }
func (o *offering) picture() (string, []string) { return "", []string{""} }

// due reports whether the caller is offered it now: one of its conditions is met, or it has none.
func (o *offering) due(s acd.Scene) bool {
	return o.wait == 0 && o.after == 0 || o.after > 0 && s.Waited >= o.after || o.wait > 0 && s.Standing != nil && s.Standing.Wait > o.wait
}

func (o *offering) tell(w *walk, n *node) ([]acd.Prompt, link) {
	if w.scenario.nodes[o.to] == nil || !w.fated(n.fate, 2, 1, func() bool { return o.due(w.scene) }) {
		return nil, o.next
	}
	next := maps.Clone(w.offered)
	if next == nil {
		next = map[byte]string{}
	}
	next[o.key] = o.to
	w.offered = next
	return prompts(n.prompt), o.next
}

// accepted leaves the queue for what the key was offered for.
func (w *walk) accepted(key byte, now time.Time) []acd.Ask {
	to, ok := w.offered[key]
	if !ok {
		return nil
	}
	w.offered = nil
	w.pass(string(key))
	return append([]acd.Ask{acd.AskLeaveQueue{}}, w.enter(link{node: to}, now)...)
}

// offersKnown writes the keys that have been offered, for the state of a walk.
func (w *walk) offersKnown() string {
	if len(w.offered) == 0 {
		return ""
	}
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(w.offered)) {
		b.WriteString(" " + string(key) + ">" + w.offered[key])
	}
	return b.String()
}

// offersOf lists the offers of the scenario in which callers of the queue wait.
func (p *Program) offersOf(q acd.QueueID) (out []*offering) {
	s := p.waitingOf(q)
	for _, id := range slices.Sorted(maps.Keys(s.nodes)) {
		if o, ok := s.nodes[id].act.(*offering); ok {
			out = append(out, o)
		}
	}
	return out
}
