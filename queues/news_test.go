package queues

import (
	"testing"

	"accueil/acd"
	"accueil/deploy/local"
)

// News of tasks are entries like any other, which no view keeps: told at once, in the log for those who
// read it later, from memory while Redis is away, and in the log after its return.
func TestNewsOfTasks(t *testing.T) {
	t.Parallel()
	r := startRedis(t, local.RedisOptions{})
	b := open(t, Options{Addresses: []string{r.Addr()}, SpoolDir: t.TempDir()})
	s := b.Subscribe("test")
	defer s.Close()
	task, err := acd.OpenTask(acd.Task{ID: "t1", Kind: acd.TaskMissed, Queue: "rdv", Since: 1000})
	must(t, err)
	taken, err := task.Take("a01")
	must(t, err)
	news := func(by string, n acd.Task) {
		t.Helper()
		must(t, b.Record(acd.KindTask, func(tx *acd.Tx) error { tx.SetBy(by); tx.Tell(n); return nil }))
		must(t, b.Flush(t.Context()))
	}
	hears := func(by string, want acd.Task, degraded bool) acd.Entry {
		t.Helper()
		for {
			e := next(t, s)
			if e.Kind != acd.KindTask {
				continue
			}
			if len(e.Tasks) != 1 || e.Tasks[0].Rev != want.Rev || e.Tasks[0].Owner != want.Owner || e.By != by || e.Degraded != degraded {
				t.Fatalf("told %+v", e)
			}
			return e
		}
	}
	inLog := func() (revs []int64) {
		t.Helper()
		must(t, b.After(t.Context(), "", func(e acd.Entry) error {
			for _, n := range e.Tasks {
				revs = append(revs, n.Rev)
			}
			return nil
		}))
		return revs
	}
	news("", task)
	if e := hears("", task, false); e.ID == "" || e.Seq == 0 {
		t.Errorf("it has no place in the log: %+v", e)
	}
	must(t, r.Kill())
	awaitUp(t, b, false)
	news("claire", taken)
	hears("claire", taken, true)
	must(t, r.Restart(t.Context(), false))
	awaitUp(t, b, true)
	if got := inLog(); len(got) != 2 || got[0] != 1 || got[1] != 2 {
		t.Errorf("the log holds revisions %v", got)
	}
	login(t, b, "a01", "101") // and it goes on after them
	for e := next(t, s); e.Kind != acd.KindLogin; e = next(t, s) {
		if e.Kind == acd.KindTask {
			t.Errorf("told again: %+v", e)
		}
	}
	if err := b.Record(acd.KindTask, func(*acd.Tx) error { return nil }); err != nil || len(inLog()) != 2 {
		t.Errorf("no news made an entry: %v", err)
	}
}
