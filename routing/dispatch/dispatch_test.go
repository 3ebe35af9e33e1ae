package dispatch_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"accueil/acd"
	"accueil/routing"
	"accueil/routing/dispatch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// offered expects the leg to be offered to the agent (to nobody for "") once everything has come to rest.
func offered(t *testing.T, m *memory, leg acd.LegID, want acd.AgentID) acd.Leg {
	t.Helper()
	synctest.Wait()
	l := m.leg(leg)
	got := acd.AgentID("")
	if l.Offer != nil {
		got = l.Offer.Agent
	}
	if got != want {
		t.Fatalf("leg %s is %s and offered to %q, want %q", leg, l.State, got, want)
	}
	return l
}

// instants collects when something happened, since it was made.
type instants struct {
	mu    sync.Mutex
	begin time.Time
	at    []time.Duration
}

func newInstants() *instants { return &instants{begin: time.Now()} }

// note adds the present instant and returns how many there are.
func (i *instants) note() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.at = append(i.at, time.Since(i.begin))
	return len(i.at)
}

func (i *instants) all() []time.Duration {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.at)
}

func TestAFreeAgentIsClaimed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		d := start(t, m, routing.Step{})
		leg := m.call(t, 1)
		offered(t, m, leg, "")
		if d.StaffedFor("q", "") || d.LastRoutable("a03") != true {
			t.Error("nobody is at work, and the queue is said to have someone")
		}
		m.login(t, "a03")
		l := offered(t, m, leg, "a03")
		if l.Offer.Step != 1 || l.Offer.Due != l.Offer.At.Add(20*time.Second) || l.Offer.Phone != "phone-a03" || l.Offer.ID == "" {
			t.Errorf("offer %+v", l.Offer)
		}
		if !d.StaffedFor("q", "") || !d.LastRoutable("a03") {
			t.Error("a03 is not seen at work, alone")
		}
		if s := d.Stats(); s != (dispatch.Stats{Decisions: 1, Claimed: 1}) {
			t.Errorf("stats %+v", s)
		}
	})
}

func TestWhatIsInTheLogAtTheStartIsDispatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		leg := m.call(t, 1)
		m.login(t, "a01")
		d := start(t, m, routing.Step{})
		if !d.StaffedFor("q", "") {
			t.Error("the image was not folded when Start returned")
		}
		offered(t, m, leg, "a01")
	})
}

func TestAStepOpensByTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		m.login(t, "a00", "a09")
		m.fact(t, acd.KindAgentState, func(tx *acd.Tx) error { return tx.Pause("a09", "pause_1") })
		start(t, m, routing.Step{Require: "fr >= 10"}, routing.Step{After: 20 * time.Second})
		leg := m.call(t, 1)
		time.Sleep(20*time.Second - time.Millisecond) // of the test's own clock
		offered(t, m, leg, "")
		time.Sleep(time.Millisecond)
		offered(t, m, leg, "a00")
	})
}

func TestOneSlowClaimDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		release := make(chan struct{})
		slow := true
		m.setAround(func(ctx context.Context, do func() error) error {
			m.mu.Lock()
			wait := slow
			slow = false
			m.mu.Unlock()
			if wait {
				<-release
			}
			return do()
		})
		start(t, m, routing.Step{})
		first := m.call(t, 1)
		m.login(t, "a00")
		synctest.Wait()
		second := m.call(t, 2)
		m.login(t, "a01")
		offered(t, m, second, "a01")
		offered(t, m, first, "")
		close(release)
		offered(t, m, first, "a00")
	})
}

func TestARefusedClaimIsDecidedAnewWithAGrowingPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		tries := newInstants()
		m.setAround(func(_ context.Context, do func() error) error {
			if tries.note() <= 4 {
				return acd.ErrStale
			}
			return do()
		})
		d := start(t, m, routing.Step{})
		leg := m.call(t, 1)
		m.login(t, "a00")
		time.Sleep(time.Second)
		offered(t, m, leg, "a00")
		want := []time.Duration{0, 20 * time.Millisecond, 60 * time.Millisecond, 140 * time.Millisecond, 300 * time.Millisecond}
		if !slices.Equal(tries.all(), want) {
			t.Errorf("tried at %v, want %v", tries.all(), want)
		}
		if s := d.Stats(); s.Refused != 4 || s.Claimed != 1 || s.Decisions != 5 {
			t.Errorf("stats %+v", s)
		}
	})
}

func TestAnUnansweredClaimWaitsForTheLog(t *testing.T) {
	for _, written := range []bool{true, false} {
		t.Run(fmt.Sprintf("written=%t", written), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMemory()
				tries := newInstants()
				m.setAround(func(ctx context.Context, do func() error) error {
					if tries.note() > 1 {
						return do()
					}
					if written {
						if err := do(); err != nil {
							return err
						}
					}
					<-ctx.Done()
					return fmt.Errorf("%w: %w", acd.ErrUnavailable, ctx.Err())
				})
				d := start(t, m, routing.Step{})
				leg := m.call(t, 1)
				m.login(t, "a00")
				time.Sleep(routing.PendingFor - time.Millisecond)
				synctest.Wait()
				if len(tries.all()) != 1 {
					t.Fatalf("tried at %v before its time", tries.all())
				}
				time.Sleep(time.Minute)
				offered(t, m, leg, "a00")
				want := 2
				if written {
					want = 1
				}
				if len(tries.all()) != want || d.Stats().Unanswered != 1 {
					t.Errorf("tried at %v; stats %+v", tries.all(), d.Stats())
				}
			})
		})
	}
}

func TestOnlyTheLeadClaims(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		m.setLead(false)
		d := start(t, m, routing.Step{})
		leg := m.call(t, 1)
		m.login(t, "a00")
		time.Sleep(time.Minute)
		offered(t, m, leg, "")
		if !d.StaffedFor("q", "") {
			t.Error("a node that does not lead does not follow")
		}
		m.setLead(true)
		time.Sleep(250 * time.Millisecond)
		offered(t, m, leg, "a00")
	})
}

func TestOtherRulesTakeEffectAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		d := start(t, m, routing.Step{Require: "fr >= 9"})
		_, before := d.Rules()
		leg := m.call(t, 1)
		m.login(t, "a00")
		offered(t, m, leg, "")
		if err := d.SetRules(rules(routing.Step{Require: "fr >"})); err == nil {
			t.Fatal("faulty rules were taken")
		}
		if _, now := d.Rules(); now != before {
			t.Fatal("faulty rules are in force")
		}
		x, err := d.Explain(leg)
		if err != nil || x.Candidates[0].Passed == "" {
			t.Fatalf("explained as %+v, %v", x, err)
		}
		if err := d.SetRules(rules(routing.Step{Require: "fr >= 1"})); err != nil {
			t.Fatal(err)
		}
		offered(t, m, leg, "a00")
	})
}

func TestAnImageInTheLogReplacesWhatWasKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		d := start(t, m, routing.Step{})
		gone := m.call(t, 1)
		synctest.Wait()
		if _, err := d.Explain(gone); err != nil {
			t.Fatal(err)
		}
		m.mu.Lock()
		m.view = acd.NewView() // the log was lost, and this leg with it
		m.waiting = append(m.waiting, m.view.Image())
		m.mu.Unlock()
		m.tell()
		m.login(t, "a00")
		next := m.call(t, 2)
		offered(t, m, next, "a00")
		if _, err := d.Explain(gone); err == nil {
			t.Error("a leg that the image does not name still waits")
		}
	})
}

func TestStopCancelsAndWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		ended := false
		m.setAround(func(ctx context.Context, _ func() error) error {
			<-ctx.Done()
			ended = true
			return ctx.Err()
		})
		d := start(t, m, routing.Step{})
		m.call(t, 1)
		m.login(t, "a00")
		synctest.Wait()
		d.Stop()
		if !ended {
			t.Error("Stop returned before the claim in flight")
		}
		d.Stop()
	})
}

func TestFaultyRulesDoNotStart(t *testing.T) {
	m := newMemory()
	_, err := dispatch.Start(dispatch.Options{Rules: rules(routing.Step{Require: "french >= 1"}), Log: m})
	if err == nil || len(m.folds) != 0 {
		t.Errorf("error %v with %d followers", err, len(m.folds))
	}
}

// TestAMorningOfCalls lets 300 callers meet 20 agents while claims are refused, late or lost: each is
// served once, and nobody has two at a time (acd.Tx would refuse it).
func TestAMorningOfCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		dice, storeDice := rand.New(rand.NewPCG(3, 4)), rand.New(rand.NewPCG(5, 6)) // the second under m.mu
		m.setAround(func(ctx context.Context, do func() error) error {
			m.mu.Lock()
			luck, pause := storeDice.IntN(20), time.Duration(storeDice.IntN(40))*time.Millisecond
			m.mu.Unlock()
			time.Sleep(pause)
			switch luck {
			case 0:
				return acd.ErrStale
			case 1:
				err := do()
				<-ctx.Done()
				return fmt.Errorf("%w, after %w", ctx.Err(), err)
			}
			return do()
		})
		d := start(t, m, routing.Step{Require: "fr >= 5"}, routing.Step{After: 3 * time.Second})
		for i := range 20 {
			m.login(t, acd.AgentID(fmt.Sprintf("a%02d", i)))
		}
		served := map[acd.LegID]bool{}
		var live []acd.LegID
		for n := 1; n <= 300 || len(live) > 0; n++ {
			if n <= 300 {
				live = append(live, m.call(t, n))
			}
			time.Sleep(time.Duration(50+dice.IntN(100)) * time.Millisecond)
			synctest.Wait()
			still := live[:0]
			for _, id := range live {
				if l := m.leg(id); l.State == acd.LegOffered && dice.IntN(5) == 0 {
					m.hangUp(t, id)
					served[id] = true
					continue
				}
				still = append(still, id)
			}
			live = still
			if n > 5000 {
				t.Fatalf("%d callers are still waiting; stats %+v", len(live), d.Stats())
			}
		}
		time.Sleep(time.Second) // of the test's own clock: lets the last answers come
		synctest.Wait()
		s := d.Stats()
		if len(served) != 300 || s.Refused == 0 || s.Unanswered == 0 || s.Claimed+s.Refused+s.Unanswered > s.Decisions {
			t.Errorf("%d served, stats %+v", len(served), s)
		}
	})
}
