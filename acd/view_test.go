package acd

import (
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func slicesSorted[E cmp.Ordered](s iter.Seq[E]) []E { return slices.Sorted(s) }

// day is a log with everything in it.
func day(t *testing.T) *world {
	w := newWorld(t)
	w.fact(KindPhone, func(tx *Tx) error { return tx.PhoneChanged("101", true, "n1", "ast") })
	w.fact(KindEntryClosure, func(tx *Tx) error { tx.Close("3001", true, "s1"); return nil })
	w.talking("c/1", "a01")
	w.fact(KindTransferred, func(tx *Tx) error { _, err := tx.Transfer("c/1", "4003", nil); return err })
	w.queued("d/1")
	w.claim("d/1", "a02")
	w.fact(KindOfferEnded, func(tx *Tx) error { return tx.EndOffer("d/1", OfferResult{Ending: Refused}) })
	w.queued("e/1")
	w.pass(time.Second)
	w.fact(KindEnded, func(tx *Tx) error { return tx.EndLeg("e/1", End{Outcome: Abandoned, By: ByCaller}) })
	lead := Lead{Rev: 3, Holder: "n1", Token: 9, Deadline: w.now}
	e := Entry{Kind: KindLead, Lead: &lead}
	w.view.Apply(e)
	w.log = append(w.log, e)
	return w
}

// Entries may come again, late and in any order among entities; the view is the same in the end.
func TestApplyIsIdempotent(t *testing.T) {
	t.Parallel()
	w := day(t)
	want := w.view.Image()
	for seed := range uint64(200) {
		dice := rand.New(rand.NewPCG(seed, 1))
		log := slices.Concat(w.log, w.log)
		dice.Shuffle(len(log), func(i, j int) { log[i], log[j] = log[j], log[i] })
		v := NewView()
		for _, e := range log {
			v.Apply(e)
		}
		if got := v.Image(); !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d:\n got %+v\nwant %+v", seed, got, want)
		}
		if v.Waiting("rdv") != 1 {
			t.Fatalf("seed %d: %d wait, want 1", seed, v.Waiting("rdv"))
		}
	}
	for _, e := range w.log {
		if w.view.Apply(e) {
			t.Errorf("a repeat of %s says that it changed something", e.Kind)
		}
	}
	again := NewView()
	if !again.Apply(want) || !reflect.DeepEqual(again.Image(), want) {
		t.Error("a view rebuilt from its image differs")
	}
}

func TestTombstonesAndForgetting(t *testing.T) {
	t.Parallel()
	w := day(t)
	ended := w.leg("e/1").End.At
	w.view.Prune(ended.Add(TombstoneAge))
	for _, e := range w.log {
		w.view.Apply(e) // late news of a leg that has ended
	}
	if l := w.leg("e/1"); l.Live() || len(w.view.Legs()) != 2 {
		t.Errorf("e/1 is %s, %d legs live", l.State, len(w.view.Legs()))
	}
	w.view.Prune(ended.Add(TombstoneAge + time.Millisecond))
	if _, ok := w.view.Leg("e/1"); ok {
		t.Error("the tombstone outlives its age")
	}
	if got := w.view.ContactLegs("c"); len(got) != 1 || got[0].ID != "c/2" {
		t.Errorf("of contact c there is %+v, want its second leg", got)
	}
	for _, key := range []string{LegKey("d/1"), AgentKey("a01"), PhoneKey("101"), ClosureKey("3001"), LegKey("none"), "else:x", ""} {
		w.view.Forget(key)
	}
	if _, ok := w.view.Leg("d/1"); ok || w.view.Waiting("rdv") != 0 || len(w.view.Agents()) != 1 || len(w.view.Phones()) != 1 || len(w.view.Closures()) != 0 {
		t.Errorf("forgotten too little or too much: %+v", w.view.Image())
	}
}

// What a reader does with its copy does not reach the view.
func TestReadersHaveTheirOwnCopy(t *testing.T) {
	t.Parallel()
	w := day(t)
	want := w.view.Image()
	l, _ := w.view.Leg("d/1")
	l.Excluded[0].Agent = "else"
	for _, x := range w.view.Legs() {
		if x.Offer != nil {
			x.Offer.Agent = "else"
		}
	}
	a, _ := w.view.Agent("a01")
	if a.State != AgentWrapup {
		t.Fatalf("a01 is %s", a.State)
	}
	tx := Begin(w.view, KindLegChanged, w.now, "n1", false)
	_ = tx.Edit("d/1", func(l *Leg) { l.Excluded[0].Agent = "else" })
	if !reflect.DeepEqual(w.view.Image(), want) {
		t.Error("the view has changed")
	}
}

// No field is lost on the way through the log.
func TestImagesSurviveJSON(t *testing.T) {
	t.Parallel()
	var e Entry
	fill(reflect.ValueOf(&e).Elem(), 1)
	e.ID = "" // the stream's own
	raw, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var back Entry
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(e, back) {
		t.Errorf("\n got %+v\nwant %+v", back, e)
	}
	none := Agent{ID: "a01", State: AgentReady, Skills: map[SkillID]int{}}
	raw, _ = json.Marshal(none)
	var agent Agent
	if err := json.Unmarshal(raw, &agent); err != nil || agent.Skills == nil {
		t.Errorf("an override to no skill at all came back as no override: %s", raw)
	}
	w := day(t)
	size := func(v any) int { raw, _ := json.Marshal(v); return len(raw) }
	t.Logf("bytes: waiting leg %d, ended leg %d, agent %d, phone %d, claim %d", size(w.leg("d/1")), size(w.leg("e/1")),
		size(w.agent("a01")), size(Phone{ID: "101", Rev: 1, Registered: true, Since: w.now, Agent: "a01", Node: "n1"}), size(w.log[len(w.log)-6]))
	for _, l := range w.view.Image().Legs {
		if n := size(l); n > 1024 {
			t.Errorf("%s takes %d bytes", l.ID, n)
		}
	}
}

// fill sets every exported field to something that is not zero.
func fill(v reflect.Value, n int) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n+i)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n+1)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		k, x := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(k, n)
		fill(x, n)
		v.SetMapIndex(k, x)
	case reflect.String:
		v.SetString(fmt.Sprintf("s%d", n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(n + 1))
	case reflect.Bool:
		v.SetBool(true)
	default:
		panic("a kind that fill does not know: " + v.Kind().String())
	}
}

func TestPersonalNeverShows(t *testing.T) {
	t.Parallel()
	p := Personal{Number: "MARK1", Name: "MARK2", Note: "MARK3"}
	tx := Begin(NewView(), KindArrived, noon, "n1", true)
	tx.Personal("c", p)
	c := tx.Change()
	raw, err := json.Marshal(map[string]any{"p": p, "c": c.Personal})
	if err != nil {
		t.Fatal(err)
	}
	shown := []string{string(raw)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%t", "%f", "%10.3s"} {
		shown = append(shown, fmt.Sprintf(verb, p), fmt.Sprintf(verb, &p), fmt.Sprintf(verb, []Personal{p}), fmt.Sprintf(verb, c))
	}
	for _, s := range shown {
		if strings.Contains(s, "MARK") || strings.Contains(s, "4d41524b") {
			t.Errorf("shown: %s", s)
		}
	}
	if c.Empty() {
		t.Error("a change of personal fields alone is not empty")
	}
}
