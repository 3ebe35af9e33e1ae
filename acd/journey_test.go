package acd

import (
	"math"
	"reflect"
	"regexp"
	"slices"
	"testing"
	"time"
)

func TestScoreAndPoints(t *testing.T) {
	t.Parallel()
	for points, want := range map[int]int64{-5: 1_000_000, 0: 1_000_000, 1: 940_000, 10: 400_000, 11: 400_000, math.MaxInt: 400_000, math.MinInt: 1_000_000} {
		if got := Score(1_000_000, points); got != want {
			t.Errorf("%d points: %d, want %d", points, got, want)
		}
	}
	if l := (Leg{Enqueued: 90, AgeFrom: 30}); l.WaitsFrom() != 30 || (Leg{Enqueued: 90}).WaitsFrom() != 90 {
		t.Errorf("waits from %d", l.WaitsFrom())
	}
}

// Another queue, the emergency key and a supervisor's points: place and age stay the caller's own.
func TestAPlaceIsKeptOnTheWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.queued("c/1")
	enqueued := w.leg("c/1").Enqueued
	w.pass(time.Minute)
	w.fact(KindPoints, func(tx *Tx) error { return tx.SetPoints("c/1", 7, "s1") })
	want := w.leg("c/1").Score()
	w.fact(KindMoved, func(tx *Tx) error { return tx.Enqueue("c/1", Queueing{Queue: "imagerie", Points: 1, Max: 1}) })
	w.fact(KindMenu, func(tx *Tx) error { return tx.BackToMenu("c/1") })
	w.pass(time.Minute)
	c := w.fact(KindQueued, func(tx *Tx) error { return tx.Enqueue("c/1", Queueing{Queue: "rdv", Max: 1}) })
	l := w.leg("c/1")
	if l.Score() != want || l.Enqueued != enqueued || l.FirstQueue != "rdv" || c.Limit != nil || w.total[MetricQueueEntered] != 1 {
		t.Errorf("%+v; limit %v, entered %d", l, c.Limit, w.total[MetricQueueEntered])
	}
	w.check()
	w.fact(KindMenu, func(tx *Tx) error { return tx.BackToMenu("c/1") })
	w.fact(KindRingingOut, func(tx *Tx) error { return tx.RingOut("c/1", "4003") })
	w.fact(KindReturned, func(tx *Tx) error {
		return tx.Enqueue("c/1", Queueing{Queue: "rdv", Points: MaxPoints, Return: NoAnswer})
	})
	if l := w.leg("c/1"); l.Points != MaxPoints || l.Return != NoAnswer || l.Target != "" {
		t.Errorf("a returned transfer: %+v", l)
	}
	w.check()
}

// Audio dies in mid-hold; the caller waits again and is answered again: one leg, one answer.
func TestLostAudioCountsOnce(t *testing.T) {
	t.Parallel()
	for _, end := range []Outcome{Answered, Abandoned} {
		w := newWorld(t)
		w.talking("c/1", "a01")
		w.pass(10 * time.Second)
		w.fact(KindHeld, func(tx *Tx) error { return tx.Hold("c/1") })
		w.pass(5 * time.Second)
		w.fact(KindReturned, func(tx *Tx) error { return tx.AgentLost("c/1", UnreachableMedia) })
		if l := w.leg("c/1"); !l.ExcludedAgent("a01", w.now) || l.Held != 5*time.Second || !l.Bridged.Never() || !l.Dequeued.Never() {
			t.Errorf("%+v", l)
		}
		if a := w.agent("a01"); a.State != AgentUnreachable || a.Reason != UnreachableMedia || a.IdleSince != w.now {
			t.Errorf("%+v", a)
		}
		if end == Answered {
			w.claim("c/1", "a02")
			w.fact(KindBriefing, func(tx *Tx) error { return tx.AgentAnswers("c/1") })
			w.fact(KindTalking, func(tx *Tx) error { return tx.Join("c/1") })
		}
		w.fact(KindEnded, func(tx *Tx) error { return tx.EndLeg("c/1", End{Outcome: end, Fault: FaultOurs}) })
		if w.leg("c/1").End.Fault != "" {
			t.Error("a fault without a failure")
		}
		if a, b := w.total[MetricAnswered], w.total[MetricAbandoned]; a+b != 1 || (a == 1) != (end == Answered) {
			t.Errorf("%s: answered %d, abandoned %d", end, a, b)
		}
		w.check()
		w.add()
	}
}

func TestHoldsAddUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.talking("c/1", "a01")
	w.fact(KindResumed, func(tx *Tx) error { return tx.Resume("c/1") }) // of no hold
	if l := w.leg("c/1"); l.Held != 0 || !l.Anomaly {
		t.Fatalf("held %s", l.Held)
	}
	for range 2 {
		w.fact(KindHeld, func(tx *Tx) error { return tx.Hold("c/1") })
		w.pass(3 * time.Second)
	}
	w.fact(KindResumed, func(tx *Tx) error { return tx.Resume("c/1") })
	w.fact(KindHeld, func(tx *Tx) error { return tx.Hold("c/1") })
	w.pass(4 * time.Second)
	w.fact(KindEnded, func(tx *Tx) error { return tx.EndLeg("c/1", End{Outcome: Answered}) })
	if l := w.leg("c/1"); l.Held != 10*time.Second || l.Holds != 3 {
		t.Errorf("held %s in %d holds", l.Held, l.Holds)
	}
}

func TestTransferLinksItsLegs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.talking("c/1", "a01")
	enqueued := w.leg("c/1").Enqueued
	w.pass(time.Minute)
	c := w.fact(KindTransferred, func(tx *Tx) error {
		next, err := tx.Transfer("c/1", "", &Queueing{Queue: "imagerie"})
		if next != "c/2" {
			t.Errorf("the next leg is %s", next)
		}
		return err
	})
	old, next := w.leg("c/1"), w.leg("c/2")
	if old.End.Outcome != Answered || old.End.Reason != "transferred" || next.Previous != "c/1" || next.From != "a01" ||
		next.State != LegQueued || next.FirstQueue != "imagerie" || next.WaitsFrom() != enqueued || next.Enqueued != w.now ||
		next.Agent != "" || len(c.Erase) != 0 || w.agent("a01").State != AgentWrapup {
		t.Errorf("\n%+v\n%+v, erased %v", old, next, c.Erase)
	}
	c = w.fact(KindEnded, func(tx *Tx) error { return tx.EndLeg("c/2", End{Outcome: Abandoned}) })
	if !slices.Equal(c.Erase, []ContactID{"c"}) || w.total[MetricContacts] != 1 {
		t.Errorf("erased %v, %d contacts counted", c.Erase, w.total[MetricContacts])
	}
	w.check()
	w.add()
}

// The same images and instant make the same change, in a stated order.
func TestAChangeIsDeterministic(t *testing.T) {
	t.Parallel()
	w := day(t)
	build := func() Change {
		tx := Begin(w.view, KindEnded, w.now, "n1", false)
		for _, err := range []error{tx.EndLeg("d/1", End{Outcome: Failed}), tx.Logout("a02"), tx.EndLeg("c/2", End{Outcome: Abandoned})} {
			if err != nil {
				t.Fatal(err)
			}
		}
		tx.Close("3000", true, "s1")
		tx.Close("3000", false, "s1")
		tx.Change() // looking at it changes nothing
		return tx.Change()
	}
	first := build()
	for range 50 {
		if again := build(); !reflect.DeepEqual(first, again) {
			t.Fatalf("\n%+v\n%+v", first, again)
		}
	}
	if e := first.Entry; len(e.Legs) != 2 || e.Legs[0].ID != "d/1" || len(e.Closures) != 1 || e.Closures[0].Rev != 1 || e.Closures[0].Closed {
		t.Errorf("%+v", e)
	}
	tx := Begin(w.view, KindLegChanged, w.now, "n1", false)
	_ = tx.Edit("d/1", func(l *Leg) {
		*l = Leg{ID: "x", Rev: 99, Final: "r2"}
	})
	if got, _ := tx.Leg("d/1"); got.ID != "d/1" || got.State != LegQueued || got.Queue != "rdv" || got.Points != 2 || got.Final != "r2" {
		t.Errorf("an edit reached what it must leave alone: %+v", got)
	}
	if _, ok := tx.Reads()[LegKey("d/1")]; !ok || !tx.Change().Touches(LegKey("d/1")) {
		t.Error("the edited leg is neither read nor touched")
	}
}

func TestIdentifiers(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	var ids []string
	for i := range 200 {
		ids = append(ids, string(NewContactID(noon.Add(time.Duration(i)*time.Millisecond))))
	}
	if !slices.IsSorted(ids) || len(slices.Compact(slices.Clone(ids))) != len(ids) {
		t.Error("ids do not sort by arrival, or repeat")
	}
	for _, id := range append(ids, string(NewOfferID(1)), NewOpID(0)) {
		if !form.MatchString(id) {
			t.Fatalf("%s is no UUIDv7", id)
		}
	}
	for id, n := range map[LegID]int{"c/1": 1, "c/12": 12, "c": 0, "c/": 0, "c/0": 0, "c/-1": 0, "c/x": 0, "": 0} {
		if id.Number() != n || id.Valid() != (n > 0) {
			t.Errorf("%q is leg %d (valid %t), want %d", id, id.Number(), id.Valid(), n)
		}
	}
	if id := ContactID("c").Leg(3); id.Next() != "c/4" || id.Contact() != "c" || LegID("/1").Valid() {
		t.Errorf("%s, %s", id.Next(), id.Contact())
	}
}
