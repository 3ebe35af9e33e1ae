package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"accueil/acd"
	"accueil/deploy/local"
	"accueil/queues"
	"accueil/routing"
	"accueil/routing/dispatch"
	"accueil/routing/why"
)

// dayRules are two queues with steps that open within milliseconds, so that a day passes in seconds.
// Each version asks for a little more or less than the one before.
func dayRules(version int) routing.Rules {
	r := routing.Rules{
		Skills: []acd.SkillID{"rdv", "cardio", "fr", "en"},
		Queues: map[acd.QueueID]routing.Queue{
			"rdv": {Steps: []routing.Step{{Require: fmt.Sprintf("rdv >= %d", 6+version%3)}, {After: 15 * time.Millisecond, Require: "rdv >= 3"}, {After: 40 * time.Millisecond}}, Fallback: "x"},
			"cardio": {Steps: []routing.Step{{Require: "cardio == 10 and rdv == 10"}, {Require: fmt.Sprintf("cardio >= %d", 5+version%2)},
				{After: 30 * time.Millisecond}}, Fallback: "x"},
		},
		Agents: map[acd.AgentID]routing.Member{},
	}
	for i := range 25 {
		r.Agents[dayAgent(i)] = routing.Member{Skills: map[acd.SkillID]int{"rdv": 1 + i%10, "cardio": 1 + i*7%10, "fr": 5, "en": 1 + i%3}}
	}
	return r
}

func dayAgent(i int) acd.AgentID { return acd.AgentID(fmt.Sprintf("a%02d", i)) }

// aDay is a site with a dispatcher, to which everything happens at once.
type aDay struct {
	t     *testing.T
	dice  *rand.Rand
	book  *queues.Book
	disp  *dispatch.Dispatcher
	rules int
	n     int
}

func newDay(t *testing.T, addresses []string) *aDay {
	t.Helper()
	b, err := queues.Open(t.Context(), queues.Options{Site: "test", Node: "n1", Addresses: addresses, Log: zaptest.NewLogger(t, zaptest.Level(zap.ErrorLevel))})
	if err != nil {
		t.Fatal(err)
	}
	d := &aDay{t: t, dice: rand.New(rand.NewPCG(11, 3)), book: b}
	rules := dayRules(0)
	b.KeepRules(rules.Hash(), rules.Text())
	d.disp, err = dispatch.Start(dispatch.Options{Rules: rules, Log: b})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		d.disp.Stop()
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// fact records what the tables may find odd by now; an anomaly is not this test's matter.
func (d *aDay) fact(kind acd.Kind, build func(*acd.Tx) error) { _ = d.book.Record(kind, build) }

// run lets the day's contacts come and go, and returns when the last has ended.
func (d *aDay) run(contacts int) {
	d.t.Helper()
	sub := d.book.Subscribe("day")
	defer sub.Close()
	for i := range 25 {
		d.fact(acd.KindLogin, func(tx *acd.Tx) error { return tx.Login(dayAgent(i), acd.PhoneID(fmt.Sprint(100+i)), "n1") })
	}
	limit := time.NewTimer(2 * time.Minute)
	defer limit.Stop()
	for d.n < contacts || len(d.book.Legs()) > 0 {
		for d.n < contacts && len(d.book.Legs()) < 40 {
			d.arrive()
		}
		select {
		case e := <-sub.Entries:
			d.react(e)
		case <-time.After(5 * time.Millisecond): // nobody is free: somebody comes back
			a := dayAgent(d.dice.IntN(25))
			d.fact(acd.KindAgentState, func(tx *acd.Tx) error { return tx.Ready(a) })
		case <-limit.C:
			d.t.Fatalf("%d contacts are still there: %+v", len(d.book.Legs()), d.disp.Stats())
		}
	}
	d.back()
}

// settle lets the second pass after a start or a return, in which a decision cannot be made again: a
// quick machine would otherwise have half of its day in it.
func (d *aDay) settle() {
	from := d.book.Now()
	for d.book.Now() <= from.Add(acd.Settled) {
		<-time.After(from.Add(acd.Settled).Sub(d.book.Now()) + time.Millisecond)
	}
}

// awayFor takes the store away, and brings it back when something was decided without it.
func (d *aDay) awayFor(r *local.Redis) {
	sub := d.book.Subscribe("away")
	if err := r.Kill(); err != nil {
		d.t.Fatal(err)
	}
	go func() {
		defer sub.Close()
		for e := range sub.Entries {
			if e.Degraded && e.Kind == acd.KindClaimed {
				_ = r.Restart(context.Background(), false)
				return
			}
		}
	}()
}

// back waits until the log holds everything.
func (d *aDay) back() {
	d.t.Helper()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	for {
		err := d.book.Flush(d.t.Context())
		h := d.book.Health()
		if err == nil && h.Up && h.Lag == 0 && h.SpoolRecords == 0 {
			return
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-limit.C:
			d.t.Fatalf("Redis does not hold everything: %+v, %v", h, err)
		}
	}
}

func (d *aDay) arrive() {
	d.n++
	id := acd.NewContactID(d.book.Now()).Leg(1)
	q := acd.Queueing{Queue: []acd.QueueID{"rdv", "cardio"}[d.dice.IntN(2)], Points: d.dice.IntN(4) * d.dice.IntN(4), Reason: "r"}
	switch d.dice.IntN(6) {
	case 0:
		q.Asks = "en >= 2"
	case 1:
		q.Preferred, q.HoldUntil = dayAgent(d.dice.IntN(25)), d.book.Now().Add(time.Duration(5+d.dice.IntN(20))*time.Millisecond)
	}
	d.fact(acd.KindArrived, func(tx *acd.Tx) error { return tx.Arrive(acd.Leg{ID: id, Node: "n1", Entry: "3000"}) })
	d.fact(acd.KindMenu, func(tx *acd.Tx) error { return tx.StartMenu(id) })
	d.fact(acd.KindQueued, func(tx *acd.Tx) error { return tx.Enqueue(id, q) })
}

// react plays the people: what they do when a phone rings, and what else happens in a ward.
func (d *aDay) react(e acd.Entry) {
	if e.Kind == acd.KindAsserted && e.Op == "" { // the whole view again: what was told meanwhile is in it
		for _, l := range d.book.Legs() {
			if l.Offer != nil {
				d.rings(l)
			} else if l.State != acd.LegQueued {
				d.fact(acd.KindEnded, func(tx *acd.Tx) error { return tx.EndLeg(l.ID, acd.End{Outcome: acd.Abandoned, By: acd.ByCaller}) })
			}
		}
		return
	}
	for _, l := range e.Legs {
		if e.Kind == acd.KindClaimed {
			d.rings(l)
		}
	}
	a := dayAgent(d.dice.IntN(25))
	switch d.dice.IntN(60) {
	case 0:
		d.fact(acd.KindAgentState, func(tx *acd.Tx) error { return tx.Pause(a, "pause_1") })
	case 1, 2, 3, 4, 5, 6:
		d.fact(acd.KindAgentState, func(tx *acd.Tx) error { return tx.Ready(a) })
	case 7:
		skills := map[acd.SkillID]int{"rdv": 1 + d.dice.IntN(10), "en": d.dice.IntN(2) * 9}
		d.fact(acd.KindAgentSkills, func(tx *acd.Tx) error { return tx.SetSkills(a, skills, false, "chef") })
	case 8:
		d.fact(acd.KindAgentSkills, func(tx *acd.Tx) error { return tx.SetSkills(a, nil, false, "chef") })
	case 9:
		d.fact(acd.KindLogout, func(tx *acd.Tx) error { return tx.Logout(a) })
		d.fact(acd.KindLogin, func(tx *acd.Tx) error { return tx.Login(a, acd.PhoneID("1"+string(a[1:])), "n1") })
	case 10:
		if d.dice.IntN(4) == 0 {
			d.rules++
			rules := dayRules(d.rules)
			d.book.KeepRules(rules.Hash(), rules.Text())
			if err := d.disp.SetRules(rules); err != nil {
				d.t.Fatal(err)
			}
		}
	}
}

func (d *aDay) rings(l acd.Leg) {
	end := func(r acd.OfferResult) {
		d.fact(acd.KindOfferEnded, func(tx *acd.Tx) error { return tx.EndOffer(l.ID, r) })
	}
	switch d.dice.IntN(12) {
	case 0:
		end(acd.OfferResult{Ending: acd.NoAnswer, MissLimit: 2})
	case 1:
		end(acd.OfferResult{Ending: acd.Refused})
	case 2:
		end(acd.OfferResult{Ending: acd.Busy})
	case 3:
		d.fact(acd.KindEnded, func(tx *acd.Tx) error { return tx.EndLeg(l.ID, acd.End{Outcome: acd.Abandoned, By: acd.ByCaller}) })
	default:
		d.fact(acd.KindBriefing, func(tx *acd.Tx) error { return tx.AgentAnswers(l.ID) })
		d.fact(acd.KindTalking, func(tx *acd.Tx) error { return tx.Join(l.ID) })
		d.fact(acd.KindEnded, func(tx *acd.Tx) error { return tx.EndLeg(l.ID, acd.End{Outcome: acd.Answered, By: acd.ByCaller}) })
		d.fact(acd.KindWrapupEnded, func(tx *acd.Tx) error { return tx.EndWrapup(l.Agent, false) })
	}
}

// exported writes the log of the book to a file and opens that.
func exported(t *testing.T, log why.Log) (string, why.Log) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "day.jsonl")
	var b bytes.Buffer
	if _, err := why.Write(t.Context(), &b, why.Header{Site: "test"}, log); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	_, again, err := why.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, again
}

// mutated is the log with some entries changed; edit returns false to drop one.
func mutated(log why.Log, edit func(e *acd.Entry) bool) why.Log {
	each := log.Each
	log.Each = func(ctx context.Context, yield func(acd.Entry) error) error {
		return each(ctx, func(e acd.Entry) error {
			if !edit(&e) {
				return nil
			}
			return yield(e)
		})
	}
	return log
}

func replayed(t *testing.T, log why.Log) why.Replayed {
	t.Helper()
	r, err := why.Replay(t.Context(), log, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestADayIsReplayed lets thousands of contacts meet agents who miss, refuse, pause, change skills and
// desks, under rules that change, and makes every decision of that day again from its exported log.
func TestADayIsReplayed(t *testing.T) {
	t.Parallel()
	for name, contacts := range map[string]int{"redis": 200, "away": 250, "embedded": 70} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var addresses []string
			var store *local.Redis
			if name != "embedded" {
				var err error
				if store, err = local.StartRedis(t.Context(), local.RedisOptions{}); err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = store.Stop(context.Background()) })
				addresses = []string{store.Addr()}
			}
			d := newDay(t, addresses)
			d.settle()
			d.run(contacts / 2)
			if name == "away" {
				d.awayFor(store)
				d.run(contacts)
				d.settle()
			}
			d.run(contacts * 3 / 2)
			live, err := archived(t.Context(), d.book.Archive(), 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			_, log := exported(t, live)
			r := replayed(t, log)
			t.Logf("%d entries, %d decisions under %d versions of the rules, %+v, claims %+v", r.Entries, r.Decisions, len(r.Rules), r.Doubts, d.disp.Stats())
			if r.First != nil {
				t.Fatalf("decided otherwise: %s", r.First)
			}
			doubtful := r.Doubts[why.DoubtDegraded] + r.Doubts[why.DoubtStart]
			// On a machine that is busy with other things the store may be given up for a moment.
			if r.Equal != r.Remade || r.Remade+doubtful != r.Decisions {
				t.Errorf("not all is proved: %+v", r)
			}
			if name == "away" && (r.Doubts[why.DoubtDegraded] == 0 || r.Remade < contacts/4) {
				t.Errorf("Redis was not away, or never back: %+v", r)
			}
			if name != "redis" {
				return
			}
			if r.Remade < contacts/2 || len(r.Rules) < 2 {
				t.Errorf("too little is proved: %+v", r)
			}
			fromTheMiddle(t, log, r)
			path, morning := exported(t, mutated(log, func(e *acd.Entry) bool { return e.Seq <= 3000 }))
			mutants(t, path, morning)
			everyLife(t, morning)
		})
	}
}

// fromTheMiddle replays the second half from an image.
func fromTheMiddle(t *testing.T, log why.Log, whole why.Replayed) {
	t.Helper()
	view, n := acd.NewView(), 0
	half := log
	half.Image = acd.Entry{}
	if err := log.Each(t.Context(), func(e acd.Entry) error {
		if n++; n <= whole.Entries/2 {
			view.Apply(e)
			half.Image.ID, half.Image.Seq = e.ID, e.Seq
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	id, seq := half.Image.ID, half.Image.Seq
	half.Image = view.Image()
	half.Image.ID, half.Image.Seq = id, seq
	r := replayed(t, mutated(half, func(e *acd.Entry) bool { return e.Seq > half.Image.Seq }))
	// The last claims before the image were decided on what came before it; those right behind it may be too.
	if r.First != nil || r.Remade < whole.Remade/4 || r.Doubts[why.DoubtLog] > 40 {
		t.Errorf("from the middle: %+v", r)
	}
}

// mutants are logs that somebody changed: each is caught, at the right entry.
func mutants(t *testing.T, path string, log why.Log) {
	t.Helper()
	var claims []acd.Entry
	if err := log.Each(t.Context(), func(e acd.Entry) error {
		if e.Decision != nil && !e.Degraded && !e.Decision.Inexact {
			claims = append(claims, e)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	victim := claims[len(claims)*2/3]
	for name, change := range map[string]func(*acd.Decision){
		"agent":      func(d *acd.Decision) { d.Agent += "x" },
		"step":       func(d *acd.Decision) { d.Step++ },
		"score":      func(d *acd.Decision) { d.Score-- },
		"parts":      func(d *acd.Decision) { d.Parts = slices.Clone(d.Parts); d.Parts[len(d.Parts)-1].Value++ },
		"passed":     func(d *acd.Decision) { d.Passed = map[string]int{"skills": 99} },
		"runners_up": func(d *acd.Decision) { d.RunnersUp = append(slices.Clone(d.RunnersUp), acd.RunnerUp{Agent: "a99"}) },
		"skipped":    func(d *acd.Decision) { d.Skipped = []int{1, 2, 3} },
	} {
		r := replayed(t, mutated(log, func(e *acd.Entry) bool {
			if e.ID == victim.ID {
				decision := *e.Decision
				change(&decision)
				e.Decision = &decision
			}
			return true
		}))
		if r.First == nil || r.First.Entry != victim.ID || r.Equal != r.Remade-1 || !slices.Contains(r.First.Fields, name) {
			t.Errorf("another %s in entry %s: found %+v", name, victim.ID, r.First)
		} else if s := r.First.String(); !strings.Contains(s, victim.ID) || !strings.Contains(s, string(victim.Decision.Leg.Contact())) || !strings.Contains(s, "surplus") {
			t.Errorf("the words lack something: %s", s)
		}
	}
	lost := replayed(t, mutated(log, func(e *acd.Entry) bool { return e.ID != victim.Decision.LastID }))
	if lost.Doubts[why.DoubtLog] == 0 {
		t.Errorf("the entry that a decision rests on is gone: %+v", lost)
	}
	other := log
	other.Rules = map[string]json.RawMessage{}
	for hash, text := range log.Rules {
		other.Rules[hash] = bytes.Replace(text, []byte(`"rdv":7`), []byte(`"rdv":8`), 1)
	}
	if r := replayed(t, other); r.Remade != 0 || r.Doubts[why.DoubtRules] == 0 {
		t.Errorf("other rules under the old hash: %+v", r)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	short := filepath.Join(t.TempDir(), "short.jsonl")
	for name, content := range map[string][]byte{
		"a line is missing":  bytes.Join(slices.Delete(slices.Clone(lines), 20, 21), nil),
		"the end is missing": bytes.Join(lines[:len(lines)/2], nil),
	} {
		if err := os.WriteFile(short, content, 0o600); err != nil {
			t.Fatal(err)
		}
		err := Replay(t.Context(), short, false, &bytes.Buffer{}, func(string, int, int) {})
		var file *why.FileError
		if !errors.As(err, &file) || ExitCode(err) != ExitConfig {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// everyLife explains contacts of the day: the list of candidates is the recorded decision's.
func everyLife(t *testing.T, log why.Log) {
	t.Helper()
	var ids []acd.ContactID
	if err := log.Each(t.Context(), func(e acd.Entry) error {
		if e.Kind == acd.KindArrived && e.Seq > 1500 && len(ids) < 8 {
			ids = append(ids, e.Legs[0].ID.Contact())
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	teller := why.Teller{Zone: time.UTC}
	explained := 0
	for _, id := range ids {
		life, err := teller.Life(t.Context(), log.About(id), id, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(life.Events) < 3 || life.Events[0].Kind != acd.KindArrived {
			t.Errorf("contact %s has %d events", id, len(life.Events))
		}
		for _, d := range life.Decisions {
			counts := map[string]int{}
			for _, c := range d.Candidates {
				if c.Passed != "" {
					counts[string(c.Passed)]++
				}
			}
			if d.Doubt == why.DoubtDegraded || d.Doubt == why.DoubtStart {
				continue
			}
			if !d.Equal || d.Doubt != "" || d.Candidates[0].Agent != d.Agent || fmt.Sprint(counts) != fmt.Sprint(d.Passed) {
				t.Errorf("contact %s, decision of %s: equal %t, doubt %q, counted %v, recorded %v", id, d.Entry, d.Equal, d.Doubt, counts, d.Passed)
			}
			explained++
		}
		for _, lang := range why.Languages {
			if text := (why.Narrator{Lang: lang}).Life(life); strings.Contains(text, "%!") {
				t.Errorf("badly told: %s", text)
			}
		}
	}
	if explained < len(ids)/2 {
		t.Errorf("%d decisions of %d contacts explained", explained, len(ids))
	}
	if _, err := teller.Life(t.Context(), log, "nobody", 0); !errors.As(err, new(acd.ErrNotFound)) {
		t.Errorf("nobody: %v", err)
	}
}
