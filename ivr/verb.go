package ivr

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

// verb is what a node does. Each has a file verb_<name>.go, which registers how it is written and
// compiled, and, unless the walk knows it by itself, what it does (action).
type verb string

// part is what a file says under the name of a verb.
type part interface {
	// compile fills the node; at is the path of the verb's key.
	compile(c *compiler, n *node, at string, f *fileNode)
}

// kind is a verb as files may use it.
type kind struct {
	name verb
	// beside names the other keys that may stand in such a node, separated by spaces.
	beside string
	// waits says that the verb may stand in the scenario of a queue's waiting callers; only, nowhere else.
	waits, only bool
	// part returns where the verb's value is decoded into.
	part func() part
}

// kinds are the verbs of CONTRACT by name. It is filled while the package starts, then read only.
var kinds = map[verb]kind{}

func register(k kind) kind {
	if _, twice := kinds[k.name]; twice {
		panic("ivr: verb " + string(k.name) + " is registered twice")
	}
	kinds[k.name] = k
	return k
}

// verbOrder is the order in which verbs are listed to people: that of CONTRACT.
var verbOrder = []verb{"say", "menu", "collect", "hours", "branch", "set", "lookup", "announce", "info", "queue", "callback", "voicemail",
	"survey", "transfer", "sms", "consent", "goto", "sub", "hangup", "wait", "tell", "offer"}

// action is what a node of a verb does that the walk does not know by itself. It is one value of a
// program, so it keeps nothing of a call: that is in walk.turn. It is a leader or a talker. Keys 9 and
// 0, faults and hang-ups are the walk's own (see walkact.go).
type action interface {
	// ways lists where the node may lead, in a stable order; idle those of them where a caller who does
	// nothing may be led. A node without idle ways leads him to a human, a place or the end by itself.
	ways() (all, idle []link)
}

// leader is an action that only leads on, without a sound.
type leader interface {
	action
	// leads says where, and changes nothing.
	leads(w *walk, n *node) link
	// passed does what the node does to the walk; called once each time the node is passed.
	passed(w *walk)
}

// talker is an action that talks with the caller.
type talker interface {
	action
	// enter begins the node: with asks, or with a link that leads on at once and no asks that speak.
	enter(w *walk, n *node, now time.Time) ([]acd.Ask, link)
	// hear answers what is heard while the node is under way. No answer means that what goes on goes on.
	hear(w *walk, n *node, in acd.Heard, now time.Time) []acd.Ask
	// awaits says what a caller who does nothing hears next; Prove plays him.
	awaits(w *walk) acd.Heard
}

// teller is an action of waiting scenarios: it says something to who waits, or nothing, and leads on at
// once.
type teller interface {
	action
	tell(w *walk, n *node) ([]acd.Prompt, link)
}

// pictured is an action of which a drawing can say more than its name.
type pictured interface {
	action
	// picture returns the id of what is said, "" for nothing, and a word for each of all ways, in their
	// order: a code, or a condition as written; "" for the one that just follows.
	picture() (prompt string, ways []string)
}

// instant reports whether the node only leads on, without a sound.
func (n *node) instant() bool {
	if _, ok := n.act.(leader); ok {
		return true
	}
	return n.verb == verbGoto || n.verb == verbHours || n.verb == verbLanguage
}

// fileNode is one node: one verb, and what belongs to it.
type fileNode struct {
	Next    *fileLink   `yaml:"next"`
	BargeIn *bool       `yaml:"barge_in"` // of say and menu; true when absent
	Rebind  *fileRebind `yaml:"rebind"`   // of say and menu
	Waiver  string      `yaml:"waiver"`   // of menu: why it may have more options or levels than usual

	parts map[verb]part // nil where nothing is said of one
}

// keysBeside are the keys that may stand beside a verb.
var keysBeside = []string{"next", "barge_in", "rebind", "waiver"}

// DecodeNode reads the verbs by their registered forms, and the rest by the struct.
func (f *fileNode) DecodeNode(n *diag.Node, at diag.Place) (fs diag.Findings) {
	type plain fileNode
	f.parts = map[verb]part{}
	if n.Kind != diag.Mapping {
		return at.Decode(n, (*plain)(f))
	}
	rest := *n
	rest.Fields = nil
	for _, field := range n.Fields {
		key := at.Under(&diag.Node{Line: field.Line, Column: field.Column}, field.Key)
		under := key
		if field.Value.Kind == diag.Scalar {
			under = at.Under(field.Value, field.Key)
		}
		k, known := kinds[verb(field.Key)]
		switch {
		case slices.Contains(keysBeside, field.Key):
			rest.Fields = append(rest.Fields, field)
		case !known:
			fs = append(fs, key.Error(cmp.Or(diag.DidYouMean(field.Key, append(words(verbOrder), keysBeside...)), diag.Possible(words(verbOrder))), "unknown key %q", field.Key))
		case field.Value.Kind == diag.Null: // as if it were not there
		default:
			p := k.part()
			fs = append(fs, under.Decode(field.Value, p)...)
			f.parts[k.name] = p
		}
	}
	return append(fs, at.Decode(&rest, (*plain)(f))...)
}

// verbs returns the verbs given, in the order of CONTRACT.
func (f *fileNode) verbs() (out []verb) {
	for _, v := range verbOrder {
		if _, given := f.parts[v]; given {
			out = append(out, v)
		}
	}
	return out
}

// misspelt reports whether a key of the node has been told to be unknown, which is then what it was to do.
func (c *compiler) misspelt(at string) bool {
	return slices.ContainsFunc(c.findings, func(f diag.Finding) bool {
		key, below := strings.CutPrefix(f.Path, at+".")
		return below && !strings.ContainsAny(key, ".[") && f.File == c.doc.File() && f.Message.Key() == "unknown key %q"
	})
}

// node compiles one node. A broken one becomes a menu-less way to a human, so that checks of the
// others go on.
func (c *compiler) node(name, at string, f *fileNode) *node {
	n := &node{id: c.prefix + name, fate: string(c.scenario.id) + "/" + c.prefix + name, local: name, path: at, doc: c.doc, verb: verbGoto, waits: true, bargeIn: f.BargeIn == nil || *f.BargeIn, waiver: f.Waiver}
	given := f.verbs()
	switch {
	case len(given) > 1:
		c.fail(at, wording.Say("make two nodes"), "a node does one thing, this one has %s", wording.List(words(given)))
		return n
	case len(given) == 0:
		if !c.misspelt(at) {
			c.fail(at, diag.Possible(words(verbOrder)), "the node %q says not what to do", name)
		}
		return n
	}
	v := given[0]
	if f.parts[v] == nil {
		return n
	}
	c.misplaced(at, v, f)
	n.waits = kinds[v].waits
	f.parts[v].compile(c, n, diag.Join(at, string(v)), f)
	if f.Rebind != nil {
		c.rebind(n, diag.Join(at, "rebind"), f.Rebind)
	}
	return n
}

// misplaced tells of keys that mean nothing beside the verb.
func (c *compiler) misplaced(at string, v verb, f *fileNode) {
	for _, k := range []struct {
		name  string
		given bool
	}{{"next", f.Next != nil}, {"barge_in", f.BargeIn != nil}, {"rebind", f.Rebind != nil}, {"waiver", f.Waiver != ""}} {
		if k.given && !slices.Contains(strings.Fields(kinds[v].beside), k.name) {
			c.fail(diag.Join(at, k.name), nil, "%s means nothing beside %s", k.name, v)
		}
	}
}

// next is the link under the key next, beside the verb.
func (c *compiler) next(n *node, f *fileNode, needed bool) link {
	return c.link(f.Next, diag.Join(n.path, "next"), needed)
}
