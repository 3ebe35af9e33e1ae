package history

import (
	"math"
	"reflect"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"accueil/acd"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// desk drives real changes through acd, as the store would, and folds them into a Day.
type desk struct {
	t    *testing.T
	now  acd.Instant
	view *acd.View
	day  *Day
	log  []acd.Entry
}

func newDesk(t *testing.T) *desk {
	return &desk{t: t, now: noon, view: acd.NewView(), day: NewDay(time.UTC)}
}

func (d *desk) pass(s time.Duration) { d.now = d.now.Add(s) }

func (d *desk) do(kind acd.Kind, f func(*acd.Tx) error) {
	d.t.Helper()
	tx := acd.Begin(d.view, kind, d.now, "n1", true)
	if err := f(tx); err != nil {
		d.t.Fatal(err)
	}
	e := tx.Change().Entry
	e.Seq = int64(len(d.log) + 1)
	d.view.Apply(e)
	d.day.Apply(e)
	d.log = append(d.log, e)
}

func (d *desk) arrive(id acd.LegID) {
	d.t.Helper()
	d.do(acd.KindArrived, func(tx *acd.Tx) error { return tx.Arrive(acd.Leg{ID: id, Entry: "3000", Node: "n1"}) })
	d.do(acd.KindMenu, func(tx *acd.Tx) error { return tx.StartMenu(id) })
}

func (d *desk) enqueue(id acd.LegID, q acd.QueueID, wrapup time.Duration) {
	d.t.Helper()
	d.do(acd.KindQueued, func(tx *acd.Tx) error {
		return tx.Enqueue(id, acd.Queueing{Queue: q, Reason: "rdv", Wrapup: wrapup})
	})
}

func (d *desk) claim(id acd.LegID) {
	d.t.Helper()
	d.do(acd.KindClaimed, func(tx *acd.Tx) error {
		return tx.Claim(id, acd.Offer{ID: "o", Agent: "a01"}, acd.Decision{Leg: id, Agent: "a01"}, acd.Lead{})
	})
}

func (d *desk) end(id acd.LegID, o acd.Outcome) {
	d.t.Helper()
	d.do(acd.KindEnded, func(tx *acd.Tx) error { return tx.EndLeg(id, acd.End{Outcome: o, By: acd.ByCaller}) })
}

func (d *desk) talk(id acd.LegID, q acd.QueueID, wrapup, talk time.Duration) {
	d.t.Helper()
	d.arrive(id)
	d.enqueue(id, q, wrapup)
	d.claim(id)
	d.do(acd.KindBriefing, func(tx *acd.Tx) error { return tx.AgentAnswers(id) })
	d.do(acd.KindTalking, func(tx *acd.Tx) error { return tx.Join(id) })
	d.pass(talk)
	d.end(id, acd.Answered)
}

func (d *desk) login() {
	d.do(acd.KindLogin, func(tx *acd.Tx) error { return tx.Login("a01", "101", "n1") })
}
func (d *desk) logout() { d.do(acd.KindLogout, func(tx *acd.Tx) error { return tx.Logout("a01") }) }
func (d *desk) pause() {
	d.do(acd.KindAgentState, func(tx *acd.Tx) error { return tx.Pause("a01", "pause_1") })
}

// SCENARIOS A18, first half: two logins with a pause of 2 s each, ready 3 s and 1 s.
func TestAgentLoginAndPauseTime(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, ready := range []time.Duration{3 * time.Second, time.Second} {
		d.login()
		d.login() // a second one changes nothing
		d.pass(ready)
		d.pause()
		d.pass(2 * time.Second)
		d.logout()
		d.pass(time.Minute)
	}
	times := d.day.AgentTimes(noon, 0, d.now)
	if len(times) != 1 {
		t.Fatalf("%+v", times)
	}
	got := times[0]
	if got.Logins != 2 || got.Login != 8*time.Second || got.Pause != 4*time.Second || got.Ready != 4*time.Second ||
		got.PauseBy["pause_1"] != 4*time.Second {
		t.Errorf("%+v", got)
	}
}

// SCENARIOS A18, second half: calls of 2 s and 3 s, wrap-up of 2 s on the first queue only.
func TestAgentTalkAndWrapupTime(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.login()
	d.talk("c1/1", "rdv", 2*time.Second, 2*time.Second)
	d.pass(2 * time.Second)
	d.do(acd.KindWrapupEnded, func(tx *acd.Tx) error { return tx.EndWrapup("a01", true) })
	d.pass(time.Second)
	d.talk("c2/1", "accueil", 0, 3*time.Second)
	d.pass(time.Second)

	got := d.day.AgentTimes(noon, 0, d.now)[0]
	if got.Talk != 5*time.Second || got.Wrapup != 2*time.Second || got.Calls != 2 || got.WrapupBy["rdv"] != 2*time.Second ||
		got.Login != 9*time.Second || got.Ready != 2*time.Second {
		t.Errorf("%+v", got)
	}
	r, err := d.day.Report(Params{Now: d.now, By: ByQueue})
	if err != nil {
		t.Fatal(err)
	}
	want(t, r.Total, "aht", 3.5)
	want(t, r.Total, "acw", 2)
	want(t, r.Total, "occupancy", 100*7.0/9)
	for _, g := range r.Groups {
		if g.Key == "rdv" {
			want(t, g, "aht", 4)
		}
	}
}

func TestOffersAndTheirEndings(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.login()
	d.arrive("c1/1")
	d.enqueue("c1/1", "rdv", 0)
	d.claim("c1/1")
	d.pass(15 * time.Second)
	d.do(acd.KindOfferEnded, func(tx *acd.Tx) error { return tx.EndOffer("c1/1", acd.OfferResult{Ending: acd.NoAnswer}) })
	d.pass(61 * time.Second)
	d.claim("c1/1")
	d.pass(4 * time.Second)
	d.end("c1/1", acd.Abandoned)
	d.talk("c2/1", "rdv", 0, time.Second)

	r, err := d.day.Report(Params{Now: d.now, ShortAbandon: DefaultShortAbandon})
	if err != nil {
		t.Fatal(err)
	}
	want(t, r.Total, "agent_non_response", 100/3.0)
	want(t, r.Total, "offers_caller_gone", 100/3.0)
	want(t, r.Total, "decroche_net", 50)
	want(t, r.Total, "longest_wait", 80)
	if n := len(d.day.Decisions("c1")); n != 2 {
		t.Errorf("%d decisions for c1, want 2", n)
	}
}

func TestDayFoldsRepeatsOnceAndForgets(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.login()
	d.talk("c1/1", "rdv", 2*time.Second, 2*time.Second)
	d.pass(2 * time.Second)
	d.do(acd.KindWrapupEnded, func(tx *acd.Tx) error { return tx.EndWrapup("a01", true) })
	before, spans := d.day.Records(0, 0), d.day.Spans()
	if len(before) != 1 || before[0].ACW() != 2*time.Second {
		t.Fatalf("%+v", before)
	}
	for _, e := range d.log {
		d.day.Apply(e)
	}
	d.day.Apply(d.view.Image())
	if !reflect.DeepEqual(d.day.Records(0, 0), before) || !reflect.DeepEqual(d.day.Spans(), spans) {
		t.Error("folding the log again changed the records")
	}
	rebuilt := NewDay(time.UTC)
	for _, e := range d.log {
		rebuilt.Apply(e)
	}
	if !reflect.DeepEqual(rebuilt.Records(0, 0), before) || !reflect.DeepEqual(rebuilt.Spans(), spans) {
		t.Error("a Day rebuilt from the log differs")
	}
	d.pass(49 * time.Hour)
	d.pause()
	if n := len(d.day.Records(0, 0)); n != 0 {
		t.Errorf("%d records after 49 h", n)
	}
	if d.day.Decisions("c1") != nil {
		t.Error("decisions outlive their leg")
	}
}

// In another data set revisions may begin again; what the day already knows stays.
// An ended contact can be looked up with all its legs for as long as the Day remembers.
func TestEndedContactsCanBeLookedUp(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.arrive("c1/1")
	if got := d.day.ContactLegs("c1"); len(got) > 0 {
		t.Errorf("it has not ended: %+v", got)
	}
	d.end("c1/1", acd.Abandoned)
	d.arrive("c1/2")
	d.end("c1/2", acd.SelfServed)
	d.arrive("c2/1")
	d.end("c2/1", acd.SelfServed)
	if got := d.day.ContactLegs("c1"); len(got) != 2 || got[0].ID != "c1/1" || got[0].End.Outcome != acd.Abandoned || got[1].ID != "c1/2" {
		t.Errorf("%+v", got)
	}
	d.pass(Keep + pruneEvery)
	d.arrive("c3/1")
	if got := d.day.ContactLegs("c1"); len(got) > 0 {
		t.Errorf("after two days: %+v", got)
	}
}

func TestDayGoesOnInAnotherDataSet(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.login()
	d.talk("c1/1", "rdv", 2*time.Second, 2*time.Second)
	before := d.day.Records(0, 0)
	leg, _ := d.view.Leg("c1/1")
	agent, _ := d.view.Agent("a01")
	leg.Rev, agent.Rev = 1, 1
	d.day.Apply(acd.Entry{Kind: acd.KindAsserted, Gen: "other", At: d.now, Legs: []acd.Leg{leg}, Agents: []acd.Agent{agent}})
	if !reflect.DeepEqual(d.day.Records(0, 0), before) {
		t.Error("the whole view changed what was known")
	}
	agent.Rev, agent.State, agent.WrapupFor = 2, acd.AgentReady, ""
	agent.Since = d.now.Add(2 * time.Second)
	d.day.Apply(acd.Entry{Kind: acd.KindWrapupEnded, Gen: "other", At: agent.Since, Agents: []acd.Agent{agent}})
	if r := d.day.Records(0, 0)[0]; r.ACW() != 2*time.Second || r.Endings[acd.Accepted] != 1 {
		t.Errorf("%+v", r)
	}
}

func TestTodayBeginsAtTheSitesMidnight(t *testing.T) {
	t.Parallel()
	paris, _ := time.LoadLocation("Europe/Paris")
	d := newDesk(t)
	d.day = NewDay(paris)
	d.now = acd.At(time.Date(2026, 6, 1, 23, 59, 0, 0, paris))
	d.login()
	d.talk("c1/1", "rdv", 0, time.Second) // yesterday
	d.now = acd.At(time.Date(2026, 6, 2, 0, 1, 0, 0, paris))
	d.arrive("c2/1")
	d.enqueue("c2/1", "rdv", 0)
	d.pass(11 * time.Second)
	d.end("c2/1", acd.Abandoned)
	today := d.day.Today(d.now)["rdv"]
	if today.Answer != 0 || today.Abandon != 1 || !math.IsNaN(today.ASA) {
		t.Errorf("%+v", today)
	}
	answer, _, _ := d.day.TodayFigures(d.now)("nobody")
	if !math.IsNaN(answer) {
		t.Errorf("a queue without calls has a ratio of %v", answer)
	}
	r, err := d.day.Report(Params{Now: d.now, From: acd.At(time.Date(2026, 5, 1, 0, 0, 0, 0, paris))})
	if err != nil {
		t.Fatal(err)
	}
	if r.AvailableFrom != "2026-06-01T23:59:00.000+02:00" || r.Total.Counts.Q != 2 {
		t.Errorf("available from %q, Q = %d", r.AvailableFrom, r.Total.Counts.Q)
	}
}

// What Prometheus is told is what a report says.
func TestTodayAgreesWithTheReport(t *testing.T) {
	t.Parallel()
	d := NewDay(time.UTC)
	for _, r := range theDay() {
		d.legs[r.Leg] = &folded{rev: 1, record: &r}
	}
	r, err := d.Report(Params{Now: noon, By: ByQueue, ShortAbandon: DefaultShortAbandon})
	if err != nil {
		t.Fatal(err)
	}
	today := d.Today(noon)
	if len(today) != 1 {
		t.Fatalf("%+v", today)
	}
	for _, g := range r.Groups {
		if g.Key != "rdv" {
			continue
		}
		want(t, g, "decroche_net", today["rdv"].Answer*100)
		want(t, g, "abandon_net", today["rdv"].Abandon*100)
		want(t, g, "asa", today["rdv"].ASA)
	}
	if math.Abs(today["rdv"].Answer-0.8060) > 0.0001 {
		t.Errorf("%+v", today["rdv"])
	}
}

// Corrupt entries (SCENARIOS A18) leave the report possible.
func TestDayToleratesNonsense(t *testing.T) {
	t.Parallel()
	d := NewDay(time.UTC)
	d.Apply(acd.Entry{At: noon, Legs: []acd.Leg{
		{ID: "", Rev: 1, State: acd.LegEnded},
		{ID: "x/1", Rev: 1, State: acd.LegEnded, End: &acd.End{Outcome: "??", At: -5}, Enqueued: noon, Bridged: 1},
		{ID: "y/1", Rev: 1, State: "??", End: &acd.End{}},
	}, Agents: []acd.Agent{{ID: "a", Rev: 1, State: "??", Since: noon + 10}, {ID: "a", Rev: 2, Since: 3}}})
	for _, by := range Divisions {
		if _, err := d.Report(Params{Now: noon, By: by}); err != nil {
			t.Error(err)
		}
	}
	d.AgentTimes(0, 0, noon)
}

func TestDayIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var wg sync.WaitGroup
	wg.Go(func() {
		for range 200 {
			d.day.Today(noon)
			_, _ = d.day.Report(Params{Now: noon, By: ByHalfHour})
		}
	})
	d.login()
	for i := range 50 {
		d.talk(acd.ContactID(string(rune('a'+i%26))+string(rune('a'+i/26))).Leg(1), "rdv", 0, time.Second)
	}
	wg.Wait()
	if n := len(d.day.Records(0, 0)); n != 50 {
		t.Errorf("%d records, want 50", n)
	}
}
