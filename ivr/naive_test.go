package ivr

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"accueil/acd"
)

// Naive callers know nothing of the machine but what it says and asks of them. What they know of the program is
// which texts there are, and at which nodes an author has bound 0 or * otherwise; nothing of states, ways or proofs.

// stranded lets callers ring every entry, press and keep silent at random, and then do nothing. It says how one of
// them was left, "" when none was.
func stranded(p *Program, dice *rand.Rand, callers int) string {
	return strandedIn(p, dice, callers, map[string]bool{})
}

// strandedIn notes the surroundings and instants of the calls.
func strandedIn(p *Program, dice *rand.Rand, callers int, met map[string]bool) string {
	for _, entry := range slices.Sorted(maps.Keys(p.site.Entries)) {
		for range callers {
			s, err := p.Start(entry, "")
			if err != nil {
				return err.Error()
			}
			c := &naive{script: s, program: p, entry: entry, dice: dice, keys: dice.IntN([]int{5, 25}[dice.IntN(2)]), lang: s.Lang(), faulty: dice.IntN(6) == 0, world: surroundings[dice.IntN(len(surroundings))],
				caller: acd.CallerKinds()[dice.IntN(6)], callable: dice.IntN(4) > 0}
			when := slices.Sorted(maps.Keys(instants))[dice.IntN(len(instants))]
			c.now = instants[when]
			met[c.world.name], met[when] = true, true
			if c.leaves = -1; dice.IntN(8) == 0 {
				c.leaves = 1 + dice.IntN(30)
			}
			if dice.IntN(2) == 0 {
				c.announced = []acd.AnnouncementID{"crise", "greve"}[:1+dice.IntN(2)]
			}
			if dice.IntN(6) == 0 {
				queues := slices.Sorted(maps.Keys(p.site.Queues))
				c.waiting = &acd.Pending{Queue: queues[dice.IntN(len(queues))], Reason: p.site.human()}
			}
			if why := c.call(); why != "" {
				return fmt.Sprintf("entry %s, %s, %s, after %v at %q: %s", entry, when, c.world.name, c.script.Path(), c.script.Node(), why)
			}
		}
	}
	return ""
}

// instants at which calls come: each is another answer of some timetable.
var instants = map[string]time.Time{
	"a Tuesday morning":   time.Date(2026, 3, 10, 10, 0, 0, 0, time.UTC),
	"a Monday at nine":    time.Date(2026, 3, 9, 9, 30, 0, 0, time.UTC),
	"lunch time":          time.Date(2026, 3, 10, 12, 30, 0, 0, time.UTC),
	"closing time":        time.Date(2026, 3, 10, 17, 59, 30, 0, time.UTC),
	"a night":             time.Date(2026, 3, 11, 2, 0, 0, 0, time.UTC),
	"a Sunday":            time.Date(2026, 3, 8, 11, 0, 0, 0, time.UTC),
	"a public holiday":    time.Date(2026, 7, 14, 10, 0, 0, 0, time.UTC),
	"an exceptional day":  time.Date(2026, 12, 28, 10, 0, 0, 0, time.UTC),
	"a shortened day":     time.Date(2026, 12, 24, 11, 0, 0, 0, time.UTC),
	"the night of summer": time.Date(2026, 3, 29, 0, 59, 40, 0, time.UTC),
}

// around is how everything around a call answers, all along.
type around struct {
	name string
	// refuse is why a queue does not take a caller; "" when it does.
	refuse func(*rand.Rand) acd.Refusal
	closed bool // somebody has closed the entry
	lookup []acd.LookupOutcome
	absent bool // no extension answers
}

func always(why acd.Refusal) func(*rand.Rand) acd.Refusal {
	return func(*rand.Rand) acd.Refusal { return why }
}

var allLookups = []acd.LookupOutcome{acd.LookupFound, acd.LookupUnknown, acd.LookupError}

var surroundings = []around{
	{"all is well", always(""), false, []acd.LookupOutcome{acd.LookupFound}, false},
	{"anything may happen", func(dice *rand.Rand) acd.Refusal {
		return []acd.Refusal{"", acd.RefusedFull, acd.RefusedUnstaffed, acd.RefusedStore, acd.RefusedRatio, acd.RefusedClosed}[dice.IntN(6)]
	}, false, allLookups, false},
	{"every queue is full", always(acd.RefusedFull), false, allLookups, true},
	{"nobody is logged in", always(acd.RefusedUnstaffed), false, allLookups, true},
	{"Redis is away", always(acd.RefusedStore), false, []acd.LookupOutcome{acd.LookupError}, true},
	{"too many wait for each agent", always(acd.RefusedRatio), false, allLookups, false},
	{"every queue is closed", always(acd.RefusedClosed), false, allLookups, true},
	{"somebody has closed the entry", always(acd.RefusedClosed), true, allLookups, false},
	{"lookups fail, and nobody answers extensions", always(""), false, []acd.LookupOutcome{acd.LookupError}, true},
}

// naive is one caller with the world around his call.
type naive struct {
	script    acd.Script
	program   *Program
	entry     acd.EntryID
	dice      *rand.Rand
	world     around
	now       time.Time
	caller    acd.CallerKind
	announced []acd.AnnouncementID
	callable  bool
	waiting   *acd.Pending // the callback that is kept for him
	agreed    bool
	lang      acd.Lang
	leaves    int  // after how many steps he hangs up; below 0 never
	keys      int  // still to be pressed before he does nothing more
	faulty    bool // speech may fail
	said      bool // something was said to its end since he last did something, or was led on
	chose     bool // the last thing was a key of his
	spoke     bool // the last answer had words
	listens   bool // the last answer asks him for something
	asked     bool // a queue or a number was asked for
	evicted   bool // the queue has given him up once while he did nothing
	pending   acd.Heard
}

// mostSteps is how long a caller who does nothing may be led about.
const mostSteps = 120

func (c *naive) scene() acd.Scene {
	figures := map[acd.QueueID]acd.Figures{}
	for q := range c.program.site.Queues {
		if c.dice.IntN(3) > 0 {
			figures[q] = acd.Figures{Agents: c.dice.IntN(3), Waiting: c.dice.IntN(12), Wait: time.Duration(c.dice.IntN(20)-1) * time.Minute}
		}
	}
	s := acd.Scene{Now: c.now, Queues: figures, Caller: c.caller, Announced: c.announced, Callable: c.callable, Pending: c.waiting, Agreed: c.agreed, Waited: time.Duration(c.dice.IntN(20)) * time.Minute}
	if c.dice.IntN(2) == 0 {
		s.Standing = &acd.Standing{Place: 1 + c.dice.IntN(5), Wait: time.Duration(c.dice.IntN(30)-1) * time.Minute}
	}
	return s
}

// call plays the call to its end.
func (c *naive) call() string {
	var next acd.Heard = acd.HeardStart{}
	if c.world.closed {
		next = acd.HeardRefused{Why: acd.RefusedClosed}
	}
	idle := 0
	for {
		switch next.(type) {
		case acd.HeardKey:
			c.said, c.chose = false, true
		case acd.HeardSaid, acd.HeardSilence, acd.HeardElapsed:
			c.said, c.chose = c.said || c.spoke, false
			c.now = c.now.Add(time.Duration(1+c.dice.IntN(40)) * time.Second)
		case acd.HeardStart:
		default:
			c.said, c.chose = false, false
		}
		asks := c.script.Handle(next, c.scene())
		if _, served := next.(acd.HeardServed); served && len(asks) == 0 {
			return ""
		}
		if len(asks) == 0 && !pressed(next) {
			return fmt.Sprintf("nothing follows %T", next)
		}
		then, arrived, why := c.take(asks)
		if why != "" || arrived {
			return why
		}
		if len(asks) > 0 {
			c.pending = then
		}
		switch c.leaves--; {
		case c.leaves == 0:
			return c.leave()
		case c.listens && c.dice.IntN(25) == 0:
			if why := c.restart(); why != "" {
				return why
			}
			next = acd.HeardStart{Node: c.script.Node()}
			continue
		case c.keys > 0 && c.dice.IntN(12) == 0:
			c.keys--
			arrived, why := c.emergency()
			if why != "" || arrived {
				return why
			}
			next = c.pending
			continue
		case c.keys > 0 && c.listens && c.dice.IntN(12) == 0 && c.mayAsk():
			return c.human()
		case c.keys > 0 && c.dice.IntN(3) > 0:
			c.keys--
			next = acd.HeardKey{Key: "12340123456789*#"[c.dice.IntN(16)]} // those of menus more often
			continue
		}
		if idle++; c.keys == 0 && idle > mostSteps {
			return "goes round"
		}
		next = c.pending
	}
}

// pressed reports whether nothing need follow: a key that means nothing leaves things as they are.
func pressed(in acd.Heard) bool {
	_, key := in.(acd.HeardKey)
	return key
}

// leave hangs up: nothing may be asked of who has gone, but how the call ends.
func (c *naive) leave() string {
	for _, a := range c.script.Handle(acd.HeardGone{}, c.scene()) {
		switch a.(type) {
		case acd.AskSay, acd.AskListen, acd.AskWait, acd.AskQueue, acd.AskTransfer, acd.AskRecord, acd.AskLookup:
			return fmt.Sprintf("%T is asked for a caller who has gone", a)
		}
	}
	return ""
}

// restart has the program die and go on with what the log knows of the call.
func (c *naive) restart() string {
	node := c.script.Node()
	s, err := c.program.Resume(acd.Leg{Entry: c.entry, Lang: c.lang, Path: c.script.Path(), State: acd.LegMenu})
	if err != nil {
		return err.Error()
	}
	c.script, c.said, c.chose = &resumed{s, node}, false, false
	return ""
}

// resumed names the node from before the restart until the walk has one again.
type resumed struct {
	acd.Script
	node string
}

func (r *resumed) Node() string {
	if n := r.Script.Node(); n != "" {
		return n
	}
	return r.node
}

// emergency presses 9; among digits * comes first.
func (c *naive) emergency() (arrived bool, why string) {
	for _, keys := range []string{"9", "*9"} {
		for i := range keys {
			asks := c.script.Handle(acd.HeardKey{Key: keys[i]}, c.scene())
			then, arrived, why := c.take(asks)
			if why != "" || arrived {
				return arrived, why
			}
			if len(asks) > 0 {
				c.pending = then
			}
			if slices.ContainsFunc(asks, isInstruction) {
				return false, ""
			}
		}
	}
	return false, "key 9 does not read the emergency instruction"
}

// mayAsk reports whether 0 is for a human where he is: an author may bind it otherwise in words and menus; a survey
// comes after the human, and 0 is an answer there.
func (c *naive) mayAsk() bool {
	at, instructed := strings.CutPrefix(c.script.Node(), placeEmergency+"/")
	for _, s := range c.program.scenarios {
		n := s.nodes[at]
		if n == nil {
			continue
		}
		if _, survey := n.act.(*surveying); survey || !instructed && (n.keys['0'] != (link{}) || n.keys['*'] != (link{})) {
			return false
		}
	}
	return true
}

// human presses 0, and # behind it where digits are asked for, and then does nothing: he must come to a queue or a
// number, or be told why not.
func (c *naive) human() string {
	c.keys, c.asked = 0, false
	// Where digits are asked for * begins anew: those that he has keyed are none of the 0.
	for _, keys := range []string{"0", "#", "*0#"} {
		for i := range keys {
			asks := c.script.Handle(acd.HeardKey{Key: keys[i]}, c.scene())
			then, arrived, why := c.take(asks)
			if why != "" || arrived || c.asked {
				return why
			}
			if len(asks) > 0 {
				c.pending = then
			}
		}
		for range 4 {
			if _, silent := c.pending.(acd.HeardSilence); silent || c.pending == nil {
				break // asked for something again
			}
			asks := c.script.Handle(c.pending, c.scene())
			then, arrived, why := c.take(asks)
			if arrived || c.asked {
				return why
			}
			c.pending = then
		}
	}
	return "key 0 leads to nobody"
}

// take hears an answer: what comes next if he does nothing, whether he has arrived, how he was left.
func (c *naive) take(asks []acd.Ask) (then acd.Heard, arrived bool, why string) {
	if len(asks) > 0 {
		c.spoke, c.listens = false, false
	}
	for _, a := range asks {
		switch a := a.(type) {
		case acd.AskSay:
			for _, p := range a.Prompts {
				if text, ok := c.program.Text(p.ID, c.lang); p.ID != "" && !slices.Contains(Tones, p.ID) && (!ok || strings.TrimSpace(text) == "" || strings.Contains(text, "{")) {
					return nil, false, fmt.Sprintf("no text of %q in %s", p.ID, c.lang)
				}
			}
			c.spoke, then = true, acd.HeardSaid{}
			if c.faulty && c.dice.IntN(4) == 0 {
				then = acd.HeardFault{}
			}
		case acd.AskListen:
			then, c.listens = acd.HeardSilence{}, true
		case acd.AskLanguage:
			c.lang = a.Lang
		case acd.AskRecord:
			then = acd.HeardRecorded{Kept: c.dice.IntN(2) == 0, Fault: c.faulty && c.dice.IntN(4) == 0}
		case acd.AskSurveyed:
			if s := a.Answer; s.CSAT < 0 || s.CSAT > acd.MostCSAT || s.NPS != nil && (*s.NPS < 0 || *s.NPS > acd.MostNPS) {
				return nil, false, fmt.Sprintf("answered with %+v", s)
			}
		case acd.AskCallback:
			if a.Number != nil && c.dice.IntN(3) == 0 {
				return acd.HeardNumberRefused{}, false, "" // and nothing that was asked with it is done
			}
			if c.program.site.Reasons[a.Reason].Queue == "" && a.Queue == "" {
				return nil, false, "to be called back by nobody"
			}
			c.agreed = true
		case acd.AskWait:
			if c.keys == 0 && (c.evicted || c.dice.IntN(2) == 0) {
				return nil, true, ""
			}
			c.evicted = c.evicted || c.keys == 0
			switch {
			case c.dice.IntN(4) == 0: // he is answered, and the agent hangs up first
				then = acd.HeardServed{}
			case c.evicted, c.dice.IntN(4) == 0:
				then = acd.HeardRefused{Why: []acd.Refusal{acd.RefusedMaxWait, acd.RefusedClosed, acd.RefusedUnstaffed}[c.dice.IntN(3)]}
			case c.dice.IntN(8) == 0:
				then = acd.HeardClosing{}
			default:
				then = acd.HeardElapsed{}
			}
		case acd.AskQueue:
			c.asked = true
			then = acd.HeardQueued{}
			if why := c.world.refuse(c.dice); why != "" {
				then = acd.HeardRefused{Why: why}
			}
		case acd.AskTransfer:
			c.asked = true
			if !c.world.absent && c.dice.IntN(2) == 0 {
				return nil, true, ""
			}
			then = acd.HeardTransfer{Ending: []acd.Ending{acd.NoAnswer, acd.Busy, acd.Refused, acd.OfferFailed}[c.dice.IntN(4)]}
		case acd.AskLookup:
			then = acd.HeardLookup{Outcome: c.world.lookup[c.dice.IntN(len(c.world.lookup))],
				Values: map[string]string{"titre": []string{"medecin", "laboratoire", "?"}[c.dice.IntN(3)]}}
		case acd.AskSMS:
			then = acd.HeardSMS{Sent: c.dice.IntN(2) == 0}
		case acd.AskHangup:
			if !c.said && !c.faulty && !(c.chose && a.Reason == "info") {
				return nil, false, fmt.Sprintf("cut without a word, as %s", a.Outcome)
			}
			return nil, true, ""
		}
	}
	return then, false, ""
}
