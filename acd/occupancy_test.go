package acd

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// TestOccupancyFollowsTheFormula compares the folded whole numbers with the formula in real ones, and
// the rank with the order that the formula gives at any later instant.
func TestOccupancyFollowsTheFormula(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(1, 7))
	type person struct {
		a     Agent
		share float64
	}
	now := At(time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC))
	var people []person
	for range 40 {
		p := person{a: Agent{State: AgentOffline}}
		at := now - Instant(4*time.Hour.Milliseconds())
		p.a.Occupancy = Occupancy{At: at}
		for at < now {
			p.a.State = []AgentState{AgentReady, AgentBusy, AgentWrapup, AgentPaused, AgentOffered}[dice.IntN(5)]
			span := min(Instant(1+dice.IntN(900_000)), now-at)
			left := math.Exp2(-float64(span) / OccupancyHalfLife)
			switch p.a.State {
			case AgentReady:
				p.share *= left
			case AgentBusy, AgentWrapup:
				p.share = 1 - (1-p.share)*left
			}
			at += span
			p.a.Occupancy = p.a.Occupancy.fold(p.a.activity(), at)
		}
		p.a.State = AgentReady
		people = append(people, p)
	}
	for _, p := range people {
		if got := float64(p.a.Occupancy.Share) / occupancyOne; math.Abs(got-p.share) > 1e-12 {
			t.Errorf("share %.15f, want %.15f", got, p.share)
		}
		for _, q := range people {
			if before, want := p.a.OccupancyRank() < q.a.OccupancyRank(), p.share < q.share; before != want {
				t.Errorf("%.15f before %.15f: %t", p.share, q.share, before)
			}
		}
		later := now + OccupancyHalfLife
		if got, want := p.a.Occupied(later), p.share*500; math.Abs(float64(got)-want) > 0.51 {
			t.Errorf("after an idle half-life %d thousandths, want %.1f", got, want)
		}
	}
}

func TestOccupancyOfTheLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := func() Agent { return w.agent("a01") }
	login := func() { w.fact(KindLogin, func(tx *Tx) error { return tx.Login("a01", "p01", "n1") }) }
	half := OccupancyHalfLife * time.Millisecond
	occupied := func(want int64) {
		t.Helper()
		if got := a().Occupied(w.now); got < want-1 || got > want+1 {
			t.Errorf("%d thousandths, want %d", got, want)
		}
	}
	login()
	occupied(0)
	w.queued("c1/1")
	w.claim("c1/1", "a01")
	w.pass(half) // ringing counts neither way
	occupied(0)
	w.fact(KindBriefing, func(tx *Tx) error { return tx.AgentAnswers("c1/1") })
	w.fact(KindTalking, func(tx *Tx) error { return tx.Join("c1/1") })
	w.pass(half)
	occupied(500)
	w.fact(KindEnded, func(tx *Tx) error { return tx.EndLeg("c1/1", End{Outcome: Answered}) })
	w.pass(half) // after-call work or idle
	if a().State == AgentWrapup {
		occupied(750)
		w.fact(KindWrapupEnded, func(tx *Tx) error { return tx.EndWrapup("a01", false) })
		w.pass(half)
		occupied(375)
	} else {
		occupied(250)
	}
	before := a().Occupied(w.now)
	w.fact(KindAgentState, func(tx *Tx) error { return tx.Pause("a01", "pause_1") })
	w.pass(half)
	occupied(before)
	w.fact(KindLogout, func(tx *Tx) error { return tx.Logout("a01") })
	w.pass(half)
	login()
	occupied(0)
	if busy := (Agent{State: AgentReady, Legs: []LegID{"c/1"}, Occupancy: Occupancy{At: 1}}); busy.OccupancyRank() <= a().OccupancyRank() {
		t.Error("who has a chat in hand comes before who has nothing")
	}
}
