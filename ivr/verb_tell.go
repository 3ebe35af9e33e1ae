package ivr

import (
	"maps"
	"slices"
	"time"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

var _ = register(kind{name: "tell", beside: "next", waits: true, only: true, part: func() part { return new(fileTell) }})

// fileTell is what a waiting caller is told of his wait: one thing, a list, or the long form.
type fileTell struct {
	What    fileWhat  `yaml:"what"`
	Unknown *fileLink `yaml:"unknown"`
}

// DecodeNode reads any of the forms.
func (f *fileTell) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	if n.Kind != diag.Mapping {
		return f.What.DecodeNode(n, at)
	}
	type long fileTell
	return at.Decode(n, (*long)(f))
}

// fileWhat is one word or a list.
type fileWhat []string

// DecodeNode reads either form.
func (f *fileWhat) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	if n.Kind == diag.Scalar {
		*f = []string{""}
		return at.Decode(n, &(*f)[0])
	}
	var plain []string
	fs := at.Decode(n, &plain)
	*f = plain
	return fs
}

// tellings are what can be told. Each returns no words where nothing honest can be said.
var tellings = map[string]func(*walk) []acd.Prompt{
	"position":      (*walk).tellPosition,
	"expected_wait": (*walk).tellWait,
	"information":   (*walk).tellInformation,
}

func (f *fileTell) compile(c *compiler, n *node, at string, file *fileNode) {
	t := &telling{next: c.next(n, file, true), unknown: c.link(f.Unknown, diag.Join(at, "unknown"), false), what: f.What}
	n.verb, n.act = "tell", t
	if len(f.What) == 0 {
		c.fail(at, wording.Say("write for example tell: [position, expected_wait]"), "nothing is told")
	}
	for i, what := range f.What {
		if tellings[what] == nil {
			under := at
			if len(f.What) > 1 {
				under = at
				if c.doc.Lookup(diag.Join(at, "what")) != nil {
					under = diag.Join(at, "what")
				}
				under = diag.Join(under, i)
			}
			c.fail(under, diag.DidYouMean(what, slices.Sorted(maps.Keys(tellings))), "%q is nothing that a waiting caller can be told", what)
		}
	}
}

// telling tells a waiting caller where he stands, how long he still waits, what to prepare.
type telling struct {
	what          []string
	next, unknown link // unknown: nothing could be told; none: next
}

func (t *telling) ways() (all, idle []link) {
	all = []link{t.next}
	if !t.unknown.none() {
		all = append(all, t.unknown)
	}
	return all, all
}

func (t *telling) picture() (string, []string) { return "", []string{"", "unknown"}[:len(t.links())] }

func (t *telling) links() []link { all, _ := t.ways(); return all }

func (t *telling) tell(w *walk, n *node) ([]acd.Prompt, link) {
	var said []acd.Prompt
	for _, what := range t.what {
		said = append(said, tellings[what](w)...)
	}
	if t.unknown.none() || w.fated(n.fate, 2, 1, func() bool { return len(said) > 0 }) {
		return said, t.next
	}
	return nil, t.unknown
}

// Bounds of what is told: beyond mostMinutes a wait is "more than" that, beyond mostPlace nothing is said
// of a place.
const (
	mostMinutes = 20
	mostPlace   = 99
)

func (w *walk) tellPosition() []acd.Prompt {
	s := w.scene.Standing
	if s == nil || s.Place < 1 || s.Place > mostPlace || !w.told.Stands(s.Place) {
		return nil
	}
	if s.Place == 1 {
		return prompts("sys.position_next")
	}
	return append(prompts("sys.position"), acd.Prompt{Number: &s.Place})
}

func (w *walk) tellWait() []acd.Prompt {
	s := w.scene.Standing
	if s == nil || s.Wait < 0 {
		return nil
	}
	m := min(acd.Minutes(s.Wait), mostMinutes+1)
	if !w.told.Wait(m) {
		return nil
	}
	about, d := "sys.wait_about", time.Duration(m)*time.Minute
	if m > mostMinutes {
		about, d = "sys.wait_more", mostMinutes*time.Minute
	}
	return append(prompts(about), acd.Prompt{Duration: &d})
}

// tellInformation is told once for each reason.
func (w *walk) tellInformation() []acd.Prompt {
	reason := w.queue.Reason
	if len(w.program.site.Reasons[reason].WaitingInfo) == 0 || slices.Contains(w.informed, reason) {
		return nil
	}
	w.informed = append(slices.Clip(w.informed), reason)
	return prompts(waitingInfo(reason))
}

// waitingInfo is the id of a reason's information.
func waitingInfo(id acd.ReasonID) string { return "waiting_info." + string(id) }
