package queues

import (
	_ "embed"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"accueil/acd"
)

// What stays how long in Redis. No rule depends on these: they erase, nothing else.
const (
	endedTTL    = 24 * time.Hour // an ended leg's hash
	personalTTL = 48 * time.Hour // personal fields of a contact that nobody ended
	eraseTTL    = 24 * time.Hour // personal fields after the end of the contact
)

var (
	//go:embed lua/common.lua
	luaCommon string
	//go:embed lua/move.lua
	luaMove string
	//go:embed lua/enqueue.lua
	luaEnqueue string
	//go:embed lua/claim.lua
	luaClaim string
	//go:embed lua/end.lua
	luaEnd string
	//go:embed lua/lead.lua
	luaLead string
	//go:embed lua/assert.lua
	luaAssert string
	//go:embed lua/open.lua
	luaOpen string
	//go:embed lua/time.lua
	luaTime string
	//go:embed lua/trim.lua
	luaTrim string
)

// script is a Lua program and the name that metrics know it by.
type script struct {
	name string
	*redis.Script
}

var (
	moveScript    = script{"move", redis.NewScript(luaCommon + luaMove)}
	enqueueScript = script{"enqueue", redis.NewScript(luaCommon + luaEnqueue)}
	claimScript   = script{"claim", redis.NewScript(luaCommon + luaClaim)}
	endScript     = script{"end", redis.NewScript(luaCommon + luaEnd)}
	leadScript    = script{"lead", redis.NewScript(luaLead)}
	assertScript  = script{"assert", redis.NewScript(luaAssert)}
	openScript    = script{"open", redis.NewScript(luaOpen)}
	timeScript    = script{"time", redis.NewScript(luaTime)}
	trimScript    = script{"trim", redis.NewScript(luaTrim)}

	allScripts = []script{moveScript, enqueueScript, claimScript, endScript, leadScript, assertScript, openScript, timeScript, trimScript}
)

// call is one script with its keys and arguments.
type call struct {
	script script
	keys   []string
	args   []any
}

// write describes one change for the scripts that share common.lua.
type write struct {
	gen, op string
	change  *acd.Change
	prev    map[string]string // operation that wrote the version in change.Before
	reads   []read            // entities that the change depends on without writing them
	force   bool
}

// read is an entity and the version of it that a change looked at.
type read struct {
	name string
	version
}

// typeNumber is an entity's type as the scripts count it.
func typeNumber(typ string) int {
	for i, t := range types {
		if t == typ {
			return i + 1
		}
	}
	return 0
}

// call chooses the script of a change and lays out its keys and arguments as common.lua says.
func (w *write) call(k keys) call {
	c := w.change
	images := imagesOf(&c.Entry)
	nk := 8 + len(images) + len(w.reads) + len(c.Places) + len(c.Personal) + len(c.Erase) + 1
	ks := make([]string, 0, nk)
	ks = append(ks, k.meta(), k.log(), k.count(), k.lead())
	for _, t := range types {
		ks = append(ks, k.ids(t))
	}
	e := c.Entry
	e.Op = w.op
	args := make([]any, 0, 16+9*len(images)+2*len(w.reads)+3*len(c.Places)+2*len(c.Counts)+len(c.Due))
	args = append(args, w.gen, w.op, header(e), digit(w.force),
		endedTTL.Milliseconds(), personalTTL.Milliseconds(), eraseTTL.Milliseconds(),
		len(images), len(w.reads), len(c.Places), len(c.Counts), len(c.Due), len(c.Personal), len(c.Erase))
	ended := len(c.Erase) > 0
	for _, im := range images {
		ks = append(ks, k.entity(im.name))
		typ, id := split(im.name)
		from := ""
		if typ == "leg" {
			from = fromStates(c.From[acd.LegID(id)])
			ended = ended || im.state == string(acd.LegEnded)
		}
		args = append(args, typeNumber(typ), id, c.Before[im.name], w.prev[im.name], im.rev, im.state, int64(im.due), from, im.json)
	}
	for _, r := range w.reads {
		ks = append(ks, k.entity(r.name))
		args = append(args, r.rev, r.op)
	}
	for _, p := range c.Places {
		ks = append(ks, k.queue(p.Queue))
		args = append(args, string(p.Leg), p.Score, digit(p.Remove))
	}
	for _, n := range c.Counts {
		args = append(args, countField(n), n.N)
	}
	for _, d := range c.Due {
		args = append(args, int64(d))
	}
	for contact, p := range c.Personal {
		ks = append(ks, k.personal(contact))
		args = append(args, p.Number, p.Name, p.Note)
	}
	for _, contact := range c.Erase {
		ks = append(ks, k.personal(contact))
	}
	s := moveScript
	switch {
	case c.Token != nil && !w.force:
		s = claimScript
		args = append(args, string(c.Token.Holder), c.Token.Token)
	case c.Limit != nil && !w.force:
		s = enqueueScript
		ks = append(ks, k.queue(c.Limit.Queue))
		args = append(args, c.Limit.Max)
	case ended:
		s = endScript
	}
	return call{s, ks, args}
}

func digit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

func fromStates(states []acd.LegState) string {
	if len(states) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteByte(',')
	for _, s := range states {
		b.WriteString(string(s))
		b.WriteByte(',')
	}
	return b.String()
}

// countSeparator parts a metric and its labels in a field of the counters' hash; no code or id of a
// site file may hold a control character.
const countSeparator = "\x1f"

func countField(c acd.Count) string {
	return c.Metric + countSeparator + strings.Join(c.Labels, countSeparator)
}

func parseCount(field, value string) (acd.Count, bool) {
	metric, labels, ok := strings.Cut(field, countSeparator)
	n, err := strconv.ParseInt(value, 10, 64)
	if !ok || err != nil {
		return acd.Count{}, false
	}
	return acd.Count{Metric: metric, Labels: strings.Split(labels, countSeparator), N: n}, true
}

// assertion describes images that a node tells again.
type assertion struct {
	gen, op string
	entry   acd.Entry   // images and header
	places  []acd.Place // of the legs in entry
}

func (a *assertion) call(k keys) call {
	images := imagesOf(&a.entry)
	ks := make([]string, 0, 8+len(images)+len(a.places))
	ks = append(ks, k.meta(), k.log(), k.lead(), k.count())
	for _, t := range types {
		ks = append(ks, k.ids(t))
	}
	e := a.entry
	e.Op = a.op
	args := []any{a.gen, a.op, header(e), endedTTL.Milliseconds(), len(images), len(a.places)}
	number := map[acd.LegID]int{}
	for i, im := range images {
		typ, id := split(im.name)
		if typ == "leg" {
			number[acd.LegID(id)] = i + 1
		}
		ks = append(ks, k.entity(im.name))
		args = append(args, typeNumber(typ), id, im.rev, im.state, int64(im.due), im.json)
	}
	for _, p := range a.places {
		ks = append(ks, k.queue(p.Queue))
		args = append(args, number[p.Leg], string(p.Leg), p.Score, digit(p.Remove))
	}
	return call{assertScript, ks, args}
}
