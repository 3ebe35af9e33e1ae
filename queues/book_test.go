package queues

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"accueil/acd"
	"accueil/deploy/local"
)

// modelRounds is how many random histories a plain run tries; -rapid.checks asks for more.
const modelRounds = "8"

func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", modelRounds); err != nil { // before Parse, so that the command line wins
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// stores are the two kinds of Redis that every script must run on.
var stores = map[string]func(t testing.TB) []string{
	"redis":    func(t testing.TB) []string { return []string{startRedis(t, local.RedisOptions{}).Addr()} },
	"embedded": func(testing.TB) []string { return nil },
}

func onBoth(t *testing.T, f func(t *testing.T, addresses []string)) {
	for name, start := range stores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, start(t))
		})
	}
}

func startRedis(t testing.TB, o local.RedisOptions) *local.Redis {
	t.Helper()
	r, err := local.StartRedis(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return r
}

func open(t testing.TB, o Options) *Book {
	t.Helper()
	if o.Site == "" {
		o.Site = "test"
	}
	if o.Node == "" {
		o.Node = "n1"
	}
	if o.Log == nil {
		o.Log = zaptest.NewLogger(t, zaptest.Level(zap.WarnLevel))
	}
	b, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// await polls a condition of another goroutine's making; it fails the test after a generous time.
func await(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(15 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("%s: not seen in 15 s", what)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func lead(t testing.TB, b *Book) acd.Lead {
	t.Helper()
	await(t, "the lead", func() bool { _, here := b.Lead(); return here })
	l, _ := b.Lead()
	return l
}

// record and decide are the moves that tests make most.
func arrive(t testing.TB, b *Book, id acd.LegID) {
	t.Helper()
	must(t, b.Record(acd.KindArrived, func(tx *acd.Tx) error {
		return tx.Arrive(acd.Leg{ID: id, Node: b.opts.Node, Channel: "c-" + string(id), Entry: "3000", Scenario: "principal", Lang: "fr"})
	}))
	must(t, b.Record(acd.KindMenu, func(tx *acd.Tx) error { return tx.StartMenu(id) }))
}

func enqueue(b *Book, id acd.LegID, q acd.Queueing) (acd.Entry, error) {
	return b.Decide(context.Background(), acd.KindQueued, func(tx *acd.Tx) error { return tx.Enqueue(id, q) })
}

func login(t testing.TB, b *Book, a acd.AgentID, p acd.PhoneID) {
	t.Helper()
	must(t, b.Record(acd.KindLogin, func(tx *acd.Tx) error { return tx.Login(a, p, b.opts.Node) }))
}

func claim(b *Book, id acd.LegID, a acd.AgentID, l acd.Lead) (acd.Entry, error) {
	return b.Decide(context.Background(), acd.KindClaimed, func(tx *acd.Tx) error {
		return tx.Claim(id, acd.Offer{ID: acd.NewOfferID(b.Now()), Agent: a, Due: b.Now().Add(15 * time.Second)},
			acd.Decision{Leg: id, Agent: a, At: b.Now()}, l)
	})
}

func next(t testing.TB, s *Subscription) acd.Entry {
	t.Helper()
	select {
	case e, ok := <-s.Entries:
		if !ok {
			t.Fatal("subscription ended")
		}
		return e
	case <-time.After(15 * time.Second):
		t.Fatal("no entry in 15 s")
	}
	return acd.Entry{}
}

func nextKind(t testing.TB, s *Subscription, k acd.Kind) acd.Entry {
	t.Helper()
	for {
		if e := next(t, s); e.Kind == k {
			return e
		}
	}
}

func contact(n int) acd.LegID {
	return acd.ContactID(fmt.Sprintf("00000000-0000-7000-8000-%012d", n)).Leg(1)
}

// A call from arrival to its end is told in order, with counters and places as the tables say.
func TestLifeOfACall(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, addresses []string) {
		b := open(t, Options{Addresses: addresses})
		s := b.Subscribe("test")
		defer s.Close()
		l := lead(t, b)
		id := contact(1)
		arrive(t, b, id)
		if leg, ok := b.Leg(id); !ok || leg.State != acd.LegMenu {
			t.Fatalf("a fact must act at once, leg is %+v", leg)
		}
		login(t, b, "a01", "101")
		e, err := enqueue(b, id, acd.Queueing{Queue: "rdv", Reason: "rdv.consultation", Max: 1, Wrapup: time.Second})
		must(t, err)
		if e.ID == "" || e.Seq == 0 || e.Gen == "" {
			t.Errorf("the entry of a decision must be the log's: %+v", e)
		}
		id2 := contact(2)
		arrive(t, b, id2)
		if _, err := enqueue(b, id2, acd.Queueing{Queue: "rdv", Max: 1}); !errors.Is(err, acd.ErrFull) {
			t.Errorf("second leg in a queue of one: %v, want ErrFull", err)
		}
		if _, err := claim(b, id, "a01", acd.Lead{Holder: "other", Token: l.Token}); !errors.Is(err, acd.ErrNotLead) {
			t.Errorf("claim by another: %v, want ErrNotLead", err)
		}
		_, err = claim(b, id, "a01", l)
		must(t, err)
		var illegal acd.ErrIllegal
		if _, err := claim(b, id, "a01", l); !errors.As(err, &illegal) {
			t.Errorf("claim twice: %v, want ErrIllegal", err)
		}
		must(t, b.Record(acd.KindBriefing, func(tx *acd.Tx) error { return tx.AgentAnswers(id) }))
		must(t, b.Record(acd.KindTalking, func(tx *acd.Tx) error { return tx.Join(id) }))
		must(t, b.Record(acd.KindEnded, func(tx *acd.Tx) error {
			return tx.EndLeg(id, acd.End{Outcome: acd.Answered, By: acd.ByCaller})
		}))
		if _, err := b.Decide(t.Context(), acd.KindWrapupEnded, func(tx *acd.Tx) error { return tx.EndWrapup("a01", true) }); !errors.Is(err, acd.ErrEarly) {
			t.Errorf("end of wrap-up before its time: %v, want ErrEarly", err)
		}
		must(t, b.Flush(t.Context()))

		var kinds []acd.Kind
		seq := s.Image.Seq
		for len(kinds) == 0 || kinds[len(kinds)-1] != acd.KindEnded {
			e := next(t, s)
			if e.Seq != seq+1 {
				t.Errorf("entry %d follows %d", e.Seq, seq)
			}
			seq = e.Seq
			if e.Kind != acd.KindLead {
				kinds = append(kinds, e.Kind)
			}
		}
		want := "[arrived menu_started agent_login queued arrived menu_started claimed briefing talking ended]"
		if fmt.Sprint(kinds) != want {
			t.Errorf("told %v, want %v", kinds, want)
		}
		got := counts(t, b)
		for k, n := range map[string]int64{
			"contacts_total[3000 rdv rdv.consultation answered talking]": 1, "queue_entered_total[rdv rdv.consultation]": 1,
			"answered_total[rdv rdv.consultation]": 1, "offers_total[rdv accepted]": 1,
		} {
			if got[k] != n {
				t.Errorf("%s = %d, want %d", k, got[k], n)
			}
		}
	})
}

func counts(t testing.TB, b *Book) map[string]int64 {
	t.Helper()
	cs, err := b.Counters(t.Context())
	must(t, err)
	out := map[string]int64{}
	for _, c := range cs {
		out[c.Metric+fmt.Sprint(c.Labels)] = c.N
	}
	return out
}
