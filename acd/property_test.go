package acd

import (
	"fmt"
	"maps"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Random lives of several contacts and agents, told as facts and asked as decisions, in and out of
// order: whatever is accepted leaves everything fitting together.
func TestRandomLivesKeepTheirRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt)
		n := 0
		leg := rapid.Custom(func(rt *rapid.T) LegID {
			c := ContactID(fmt.Sprintf("c%d", rapid.IntRange(1, max(n, 1)).Draw(rt, "contact")))
			return c.Leg(rapid.SampledFrom([]int{1, 1, 1, 2, 3}).Draw(rt, "leg"))
		})
		agent := rapid.SampledFrom([]AgentID{"a01", "a02", "a03"})
		phone := rapid.SampledFrom([]PhoneID{"101", "102", "103"})
		queue := rapid.SampledFrom([]QueueID{"rdv", "imagerie"})
		ending := rapid.SampledFrom(Endings)
		fact := rapid.SampledFrom([]bool{true, false})
		queueing := func(rt *rapid.T) Queueing {
			return Queueing{Queue: queue.Draw(rt, "queue"), Reason: "r", Points: rapid.IntRange(-1, 11).Draw(rt, "points"),
				Wrapup: time.Duration(rapid.IntRange(0, 1).Draw(rt, "wrapup")) * 10 * time.Second}
		}
		ops := map[string]func(rt *rapid.T, tx *Tx) error{
			"arrive": func(_ *rapid.T, tx *Tx) error {
				n++
				return tx.Arrive(Leg{ID: ContactID(fmt.Sprintf("c%d", n)).Leg(1), Node: "n1"})
			},
			"menu":  func(rt *rapid.T, tx *Tx) error { return tx.StartMenu(leg.Draw(rt, "leg")) },
			"queue": func(rt *rapid.T, tx *Tx) error { return tx.Enqueue(leg.Draw(rt, "leg"), queueing(rt)) },
			"claim": func(rt *rapid.T, tx *Tx) error {
				return tx.Claim(leg.Draw(rt, "leg"), Offer{ID: "o", Agent: agent.Draw(rt, "agent")}, Decision{}, Lead{})
			},
			"answer": func(rt *rapid.T, tx *Tx) error { return tx.AgentAnswers(leg.Draw(rt, "leg")) },
			"join":   func(rt *rapid.T, tx *Tx) error { return tx.Join(leg.Draw(rt, "leg")) },
			"offer over": func(rt *rapid.T, tx *Tx) error {
				return tx.EndOffer(leg.Draw(rt, "leg"), OfferResult{Ending: ending.Draw(rt, "ending"), MissLimit: 2, LastRoutable: fact.Draw(rt, "last")})
			},
			"call me back": func(rt *rapid.T, tx *Tx) error {
				_, err := tx.TakeCallback(leg.Draw(rt, "leg"), queueing(rt), Callback{Until: tx.At().Add(time.Hour)}, chosen)
				return err
			},
			"reach": func(rt *rapid.T, tx *Tx) error { return tx.Reach(leg.Draw(rt, "leg"), "ch") },
			"not reached": func(rt *rapid.T, tx *Tx) error {
				next := tx.At().Add(time.Duration(rapid.IntRange(0, 2).Draw(rt, "hours")) * 45 * time.Minute)
				if fact.Draw(rt, "last") {
					next = 0
				}
				return tx.NotReached(leg.Draw(rt, "leg"), rapid.SampledFrom(AttemptResults).Draw(rt, "result"), next)
			},
			"withdraw": func(rt *rapid.T, tx *Tx) error {
				return tx.EndCallback(leg.Draw(rt, "leg"), CallbackWithdrawn, ByCaller)
			},
			"hold":     func(rt *rapid.T, tx *Tx) error { return tx.Hold(leg.Draw(rt, "leg")) },
			"resume":   func(rt *rapid.T, tx *Tx) error { return tx.Resume(leg.Draw(rt, "leg")) },
			"key 9":    func(rt *rapid.T, tx *Tx) error { return tx.BackToMenu(leg.Draw(rt, "leg")) },
			"ring out": func(rt *rapid.T, tx *Tx) error { return tx.RingOut(leg.Draw(rt, "leg"), "4003") },
			"message": func(rt *rapid.T, tx *Tx) error {
				return tx.ToMessage(leg.Draw(rt, "leg"), Message{Recording: "m", Reason: "r"})
			},
			"survey": func(rt *rapid.T, tx *Tx) error { return tx.StartSurvey(leg.Draw(rt, "leg")) },
			"surveyed": func(rt *rapid.T, tx *Tx) error {
				n := rapid.IntRange(-1, 11).Draw(rt, "score")
				return tx.Surveyed(leg.Draw(rt, "leg"), Survey{CSAT: n, NPS: &n})
			},
			"lost":   func(rt *rapid.T, tx *Tx) error { return tx.AgentLost(leg.Draw(rt, "leg"), UnreachableMedia) },
			"points": func(rt *rapid.T, tx *Tx) error { return tx.SetPoints(leg.Draw(rt, "leg"), 5, "s1") },
			"end": func(rt *rapid.T, tx *Tx) error {
				return tx.EndLeg(leg.Draw(rt, "leg"), End{Outcome: rapid.SampledFrom(Outcomes).Draw(rt, "outcome")})
			},
			"hang up":  func(rt *rapid.T, tx *Tx) error { return hangUp(tx, leg.Draw(rt, "leg")) },
			"transfer": func(rt *rapid.T, tx *Tx) error { _, err := tx.Transfer(leg.Draw(rt, "leg"), "4003", nil); return err },
			"hand on": func(rt *rapid.T, tx *Tx) error {
				q := queueing(rt)
				_, err := tx.Transfer(leg.Draw(rt, "leg"), "", &q)
				return err
			},
			"login": func(rt *rapid.T, tx *Tx) error {
				return tx.Login(agent.Draw(rt, "agent"), phone.Draw(rt, "phone"), "n1")
			},
			"logout":  func(rt *rapid.T, tx *Tx) error { return tx.Logout(agent.Draw(rt, "agent")) },
			"pause":   func(rt *rapid.T, tx *Tx) error { return tx.Pause(agent.Draw(rt, "agent"), "pause_1") },
			"ready":   func(rt *rapid.T, tx *Tx) error { return tx.Ready(agent.Draw(rt, "agent")) },
			"wrapped": func(rt *rapid.T, tx *Tx) error { return tx.EndWrapup(agent.Draw(rt, "agent"), fact.Draw(rt, "timer")) },
			"own calls": func(rt *rapid.T, tx *Tx) error {
				return tx.SetOwnCalls(agent.Draw(rt, "agent"), rapid.IntRange(0, 2).Draw(rt, "calls"))
			},
			"phone": func(rt *rapid.T, tx *Tx) error {
				return tx.PhoneChanged(phone.Draw(rt, "phone"), fact.Draw(rt, "registered"), "n1", "ast")
			},
			"help": func(rt *rapid.T, tx *Tx) error { return tx.AskHelp(agent.Draw(rt, "agent")) },
			"heal": func(rt *rapid.T, tx *Tx) error {
				a := agent.Draw(rt, "agent")
				return tx.Heal(a, func(l LegID) bool { x, err := tx.Leg(l); return err == nil && x.Live() && x.Agent == a })
			},
		}
		names := slicesSorted(maps.Keys(ops))
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			w.pass(time.Duration(rapid.SampledFrom([]int{1, 900, 11_000, 61_000}).Draw(rt, "ms")) * time.Millisecond)
			name := rapid.SampledFrom(names).Draw(rt, "op")
			before := w.view.Image()
			c, err := w.try(KindLegChanged, fact.Draw(rt, "fact"), func(tx *Tx) error { return ops[name](rt, tx) })
			switch {
			case err != nil && !reflect.DeepEqual(w.view.Image(), before):
				rt.Fatalf("%s was refused (%v) and changed the view", name, err)
			case err == nil && (c.Entry.Anomaly != "") != (countOf(c, MetricAnomalies) > 0):
				rt.Fatalf("%s: anomaly %q, counted %v", name, c.Entry.Anomaly, c.Counts)
			case err == nil && !c.Fact && c.Entry.Anomaly != "":
				rt.Fatalf("%s: a decision broke the rule %s", name, c.Entry.Anomaly)
			}
			for _, l := range before.Legs {
				if after := w.leg(l.ID); l.State == LegEnded && !reflect.DeepEqual(l, after) {
					rt.Fatalf("%s changed %s, which had ended", name, l.ID)
				}
			}
			w.check()
			w.add()
		}
	})
}

// hangUp ends a leg as its state wants it.
func hangUp(tx *Tx, id LegID) error {
	l, err := tx.Leg(id)
	if err != nil {
		return err
	}
	if o := outcomesIn[l.State]; len(o) > 0 {
		return tx.EndLeg(id, End{Outcome: o[0], By: ByCaller})
	}
	return nil
}

func countOf(c Change, metric string) (n int64) {
	for _, x := range c.Counts {
		if x.Metric == metric {
			n += x.N
		}
	}
	return n
}

// add compares the counters with the legs (KPI.md: Q = A + B + K + O + E, besides emergencies and
// those who still wait or talk).
func (w *world) add() {
	w.t.Helper()
	var ended, entered, inside, answered, abandoned, other, offers, live int64
	for _, l := range w.view.Image().Legs {
		offers += int64(l.Offers)
		if l.Offer != nil {
			live++
		}
		if l.Initial() && l.State == LegEnded {
			ended++
		}
		if l.Enqueued.Never() {
			continue
		}
		entered++
		switch {
		case l.Live():
			inside++
		case l.End.Outcome == Answered:
			answered++
		case l.End.Outcome == Abandoned:
			abandoned++
		default:
			other++
		}
	}
	for metric, want := range map[string]int64{
		MetricContacts: ended, MetricQueueEntered: entered, MetricAnswered: answered, MetricAbandoned: abandoned,
		MetricAnswerWait + "_count": answered, MetricAbandonWait + "_count": abandoned, MetricOffers: offers - live,
	} {
		if w.total[metric] != want {
			w.t.Errorf("%s counts %d, the legs say %d", metric, w.total[metric], want)
		}
	}
	if entered != inside+answered+abandoned+other {
		w.t.Errorf("%d entered, %d inside, %d answered, %d abandoned, %d otherwise", entered, inside, answered, abandoned, other)
	}
}
