package why

import (
	"cmp"
	"context"
	"slices"

	"accueil/acd"
	"accueil/routing"
)

// Doubt is why a decision was not made again.
type Doubt string

// The doubts. Empty: it was.
const (
	DoubtDegraded Doubt = "degraded"  // made while the store was away, from the node's own memory
	DoubtRules    Doubt = "rules"     // the rules it names are not kept
	DoubtStart    Doubt = "start"     // made right after a start or a return of the store, on a view that the log had not told yet
	DoubtLog      Doubt = "log"       // it rests on an entry that the log does not hold
	DoubtNone     Doubt = "no_reason" // the claim's entry carries no decision
	DoubtUnread   Doubt = "unread"    // the log could not be read
)

// Doubts lists every doubt.
var Doubts = []Doubt{DoubtDegraded, DoubtStart, DoubtRules, DoubtLog, DoubtNone, DoubtUnread}

// Words tells the doubt to administrators.
func (d Doubt) Words() string {
	switch d {
	case DoubtDegraded:
		return "made while Redis was away, from the node's own memory"
	case DoubtStart:
		return "made within a second of a start or of Redis's return, on more than the log had told"
	case DoubtRules:
		return "the routing rules they name are not in the file"
	case DoubtLog:
		return "they rest on entries that the log does not hold"
	case DoubtNone:
		return "the log gives no reasons for them"
	case DoubtUnread:
		return "the log could not be read"
	}
	return string(d)
}

// remade is one claim of the log and its decision, made again.
type remade struct {
	entry    acd.Entry // of the claim; its images are left out
	decision acd.Decision
	recalled routing.Recalled
	doubt    Doubt
	detail   string // of the doubt
}

// again makes decisions of the log again, in the order in which they were made, and gives each to
// yield. wanted chooses among the claims. tell is told each entry folded; it may be nil. It returns
// the engine as the last entry left it (nil when no rules could be read).
func again(ctx context.Context, log Log, wanted func(acd.Decision) bool, tell func(acd.Entry), yield func(remade) error) error {
	r := &recaller{log: log, view: acd.NewView(), facts: map[string]acd.Entry{}}
	if err := r.collect(ctx, wanted); err != nil {
		return err
	}
	r.view.Apply(log.Image)
	r.last = log.Image.ID
	if err := r.upTo(yield); err != nil {
		return err
	}
	err := log.Each(ctx, func(e acd.Entry) error {
		if tell != nil {
			tell(e)
		}
		if len(r.claims) == 0 {
			return nil
		}
		r.fold(e)
		return r.upTo(yield)
	})
	if err != nil {
		return err
	}
	for _, c := range r.claims { // they rest on what is not here
		c.doubt, c.detail = DoubtLog, c.decision.LastID
		if err := yield(c); err != nil {
			return err
		}
	}
	return nil
}

// recaller follows the log twice: first for the claims, which stand behind what they rest on, then
// for everything, stopping where a decision was made.
type recaller struct {
	log    Log
	claims []remade             // still to be made again, by LastID, then by instant
	facts  map[string]acd.Entry // known ahead of the log to some decision, by operation

	view   *acd.View // the log up to last
	last   string
	gen    string
	engine *routing.Engine // the same, and the facts of extras
	hash   string          // of the engine's rules
	extras map[string]bool
	seen   map[string]bool // operations of facts that the log has told by now
}

// collect finds the claims, and the facts that their decisions knew ahead of the log.
func (r *recaller) collect(ctx context.Context, wanted func(acd.Decision) bool) error {
	ahead := map[string]bool{}
	var recent, older map[string]acd.Entry // a fact may stand before the claim that knew it early
	err := r.log.Each(ctx, func(e acd.Entry) error {
		if e.Kind == acd.KindClaimed {
			c := remade{entry: header(e)}
			switch {
			case e.Decision == nil:
				c.doubt = DoubtNone
				for _, l := range e.Legs {
					c.decision = acd.Decision{Leg: l.ID, Agent: l.Agent, LastID: r.log.Image.ID, At: e.At}
				}
			default:
				c.decision = *e.Decision
				if e.Degraded {
					c.doubt = DoubtDegraded
				} else if c.decision.Inexact {
					c.doubt = DoubtStart
				}
			}
			if wanted(c.decision) {
				for _, op := range c.decision.Ahead {
					ahead[op] = true
					for _, known := range []map[string]acd.Entry{older, recent} {
						if e, ok := known[op]; ok {
							r.facts[op] = e
						}
					}
				}
				r.claims = append(r.claims, c)
			}
		}
		if ahead[e.Op] {
			r.facts[e.Op] = e
		}
		if recent == nil || len(recent) >= maxRecent {
			recent, older = map[string]acd.Entry{}, recent
		}
		recent[e.Op] = e
		return nil
	})
	slices.SortStableFunc(r.claims, func(a, b remade) int {
		return cmp.Or(compareIDs(a.decision.LastID, b.decision.LastID), cmp.Compare(a.decision.At, b.decision.At),
			cmp.Compare(len(a.decision.Pending), len(b.decision.Pending)))
	})
	return err
}

// maxRecent is at least how many entries are remembered for the claims behind them: a fact that was
// known early reaches the log in milliseconds.
const maxRecent = 2048

// header is the entry without its images.
func header(e acd.Entry) acd.Entry {
	e.Legs, e.Agents, e.Phones, e.Closures, e.Tasks, e.Decision = nil, nil, nil, nil, nil, nil
	return e
}

// fold takes one entry in.
func (r *recaller) fold(e acd.Entry) {
	if r.gen != "" && e.Gen != r.gen { // another data set: nothing of the old one holds
		r.view, r.engine = acd.NewView(), nil
	}
	r.gen, r.last = e.Gen, e.ID
	r.view.Apply(e)
	if r.engine != nil {
		r.engine.Apply(e)
	}
	if r.seen == nil {
		r.seen = map[string]bool{}
	}
	if _, early := r.facts[e.Op]; early {
		r.seen[e.Op] = true
	}
}

// upTo makes the decisions again that rest on the log as folded so far.
func (r *recaller) upTo(yield func(remade) error) error {
	for len(r.claims) > 0 {
		c := r.claims[0]
		order := compareIDs(c.decision.LastID, r.last)
		if order > 0 {
			return nil
		}
		r.claims = r.claims[1:]
		switch {
		case c.doubt != "":
		case order < 0:
			c.doubt, c.detail = DoubtLog, c.decision.LastID
		default:
			r.remake(&c)
		}
		if err := yield(c); err != nil {
			return err
		}
	}
	return nil
}

// remake brings the engine to what was known and decides.
func (r *recaller) remake(c *remade) {
	d := c.decision
	var missing []acd.Entry // facts to fold ahead
	stale := false
	want := map[string]bool{}
	for _, op := range d.Ahead {
		if r.seen[op] {
			continue // the log has told it by now
		}
		fact, ok := r.facts[op]
		if !ok {
			continue // it never came: the store refused it, or somebody else's truth replaced it
		}
		want[op] = true
		if !r.extras[op] {
			missing = append(missing, fact)
		}
	}
	for op := range r.extras { // only whether one is there: the order does not show
		if !want[op] && !r.seen[op] {
			stale = true // another node had folded it, this one had not
		}
	}
	if r.engine == nil || r.hash != d.Rules {
		rules, err := r.log.rules(d.Rules)
		if err == nil && r.engine == nil {
			r.engine, err = routing.New(rules)
			stale = true
		} else if err == nil {
			err = r.engine.SetRules(rules)
		}
		if err != nil {
			c.doubt, c.detail = DoubtRules, err.Error()
			return
		}
		r.hash = d.Rules
	}
	if stale {
		r.engine.Reset(r.view.Image())
		missing = missing[:0]
		for op := range want {
			missing = append(missing, r.facts[op])
		}
		slices.SortFunc(missing, func(a, b acd.Entry) int { return compareIDs(a.ID, b.ID) })
	}
	for _, fact := range missing {
		fact.ID = "" // ahead of the log
		r.engine.Apply(fact)
	}
	r.extras = want
	c.recalled = r.engine.Recall(d)
}
