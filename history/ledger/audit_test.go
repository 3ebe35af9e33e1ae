package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"accueil/acd"
)

// filled is a database with an audit of n entries; ten of them are of readings.
func filled(t *testing.T, o Options, n int) (*Ledger, []Heard) {
	t.Helper()
	l := open(t, o)
	for i := range n {
		must[Heard](t)(l.Audit(t.Context(), Heard{At: noon.Add(time.Duration(i) * time.Hour), Who: "claire", What: AuditListen,
			Task: "t1", Contact: "c1", Recording: fmt.Sprintf("acc.c%d.r1", i)}))
	}
	return l, must[[]Heard](t)(l.Trail(t.Context(), 0, n+1))
}

func check(t *testing.T, o Options, before acd.Instant, marks ...AuditMark) (Audited, error) {
	t.Helper()
	return CheckAudit(t.Context(), o, before, marks, nil)
}

func TestAuditIsAChain(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		if a, err := check(t, o, noon); err != nil || a.Last != 0 {
			t.Errorf("before there is a database: %+v, %v", a, err)
		}
		l, list := filled(t, o, 5)
		for i, h := range list {
			if h.Seq != int64(i+1) || i > 0 && string(h.Prev) != string(list[i-1].Hash) {
				t.Errorf("%+v", h)
			}
		}
		task := add(t, l, missed(1), "p")
		for range 2 { // a screen that reads again is one reading
			must[acd.TaskPersonal](t)(l.Reveal(t.Context(), task.ID, Deed{By: "chef", What: "read", At: noon}))
		}
		last := must[[]Heard](t)(l.Trail(t.Context(), 5, 10))
		if len(last) != 1 || last[0].Who != "chef" || last[0].What != AuditRead || last[0].Task != task.ID {
			t.Fatalf("%+v", last)
		}
		a, err := check(t, o, noon, list[2].Mark(), last[0].Mark())
		if err != nil || a.First != 1 || a.Last != 6 || a.Head != last[0].Mark() || a.Early || a.Since != noon {
			t.Errorf("%+v, %v", a, err)
		}
		var text strings.Builder
		if _, err := CheckAudit(t.Context(), o, noon, nil, func(h Heard) error { _, err := fmt.Fprintln(&text, h.Who, h.What); return err }); err != nil || strings.Count(text.String(), "listen") != 5 {
			t.Errorf("%s, %v", text.String(), err)
		}
		if _, err := CheckAudit(t.Context(), o, noon, nil, func(Heard) error { return context.Canceled }); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// Whatever is changed, taken away or put in is named.
func TestAuditTellsWhatWasDoneToIt(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		l, list := filled(t, o, 6)
		mark := list[4].Mark()
		rewrite := func() { // everything from entry 3 on, hashes and all, as who has the database can
			t.Helper()
			if _, err := l.write.Exec(`DELETE FROM audit WHERE seq >= 3`); err != nil {
				t.Fatal(err)
			}
			for i := range 4 {
				must[Heard](t)(l.Audit(t.Context(), Heard{At: noon.Add(time.Duration(i) * time.Hour), Who: "nobody", What: AuditListen}))
			}
		}
		for _, c := range []struct {
			name string
			do   any // SQL, or a function
			seq  int64
			why  string
		}{
			{"who", `UPDATE audit SET who = 'denis' WHERE seq = 3`, 3, "changed"},
			{"when", `UPDATE audit SET at_ms = at_ms + 1 WHERE seq = 1`, 1, "changed"},
			{"what", `UPDATE audit SET what = 'read' WHERE seq = 6`, 6, "changed"},
			{"task", `UPDATE audit SET task = '' WHERE seq = 2`, 2, "changed"},
			{"moved between fields", `UPDATE audit SET task = 't1c', contact = '1' WHERE seq = 2`, 2, "changed"},
			{"recording", `UPDATE audit SET recording = 'acc.c9.r1' WHERE seq = 4`, 4, "changed"},
			{"the hash before", `UPDATE audit SET prev = hash WHERE seq = 4`, 4, "follow"},
			{"one removed", `DELETE FROM audit WHERE seq = 4`, 4, "missing"},
			{"one removed, renumbered", func() {
				t.Helper()
				for _, q := range []string{`DELETE FROM audit WHERE seq = 3`, `UPDATE audit SET seq = 3 WHERE seq = 4`, `UPDATE audit SET seq = 4 WHERE seq = 5`, `UPDATE audit SET seq = 5 WHERE seq = 6`} {
					if _, err := l.write.Exec(q); err != nil {
						t.Fatal(err)
					}
				}
			}, 3, "follow"},
			{"end removed", `DELETE FROM audit WHERE seq >= 5`, 5, "gone"},
			{"all removed", `DELETE FROM audit`, 5, "gone"},
			{"written anew", rewrite, 5, "anew"},
		} {
			if _, err := l.write.Exec(`DELETE FROM audit`); err != nil {
				t.Fatal(err)
			}
			for _, h := range list {
				if _, err := l.write.Exec(`INSERT INTO audit (seq, at_ms, who, what, task, contact, recording, prev, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
					h.Seq, int64(h.At), h.Who, h.What, string(h.Task), string(h.Contact), h.Recording, h.Prev, h.Hash); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := check(t, o, noon, mark); err != nil {
				t.Fatalf("as it was: %v", err)
			}
			switch do := c.do.(type) {
			case string:
				if _, err := l.write.Exec(do); err != nil {
					t.Fatalf("%s: %v", c.name, err)
				}
			case func():
				do()
			}
			var found AuditError
			_, err := check(t, o, noon, mark)
			if !errors.As(err, &found) || found.Seq != c.seq || !strings.Contains(found.Why, c.why) {
				t.Errorf("%s: %v, want entry %d %s", c.name, err, c.seq, c.why)
			}
		}
	})
}

// What is old goes, but for the last of it: so a beginning that went too early is told.
func TestOldAuditGoes(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		l, list := filled(t, o, 10)
		keep := Keep{Task: time.Hour, Audit: 3 * time.Hour}
		now := noon.Add(8 * time.Hour) // 0 to 4 are older than three hours
		must[Swept](t)(l.Sweep(t.Context(), now, keep))
		a, err := check(t, o, now.Add(-keep.Audit), list[4].Mark(), list[9].Mark())
		if err != nil || a.First != 5 || a.Last != 10 || a.Early {
			t.Errorf("%+v, %v", a, err)
		}
		if _, err := l.write.Exec(`DELETE FROM audit WHERE seq <= 7`); err != nil {
			t.Fatal(err)
		}
		if a, err = check(t, o, now.Add(-keep.Audit)); err != nil || !a.Early {
			t.Errorf("a beginning that was taken away: %+v, %v", a, err)
		}
		must[Swept](t)(l.Sweep(t.Context(), now.Add(100*time.Hour), keep))
		if h := must[Heard](t)(l.Audit(t.Context(), Heard{At: now, Who: "a", What: AuditListen})); h.Seq != 11 {
			t.Errorf("it does not go on: %+v", h)
		}
	})
}

// An entry that a wrong clock has dated long ago takes nothing before it along, and is told.
func TestOneOldInstantTakesNothingAlong(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		l, _ := filled(t, o, 10)
		must[Heard](t)(l.Audit(t.Context(), Heard{At: noon.Add(-20 * 365 * 24 * time.Hour), Who: "claire", What: AuditListen}))
		must[Heard](t)(l.Audit(t.Context(), Heard{At: noon.Add(9*time.Hour - clockTolerance), Who: "claire", What: AuditListen}))
		keep := Keep{Task: time.Hour, Audit: 365 * 24 * time.Hour}
		must[Swept](t)(l.Sweep(t.Context(), noon.Add(11*time.Hour), keep))
		a, err := check(t, o, noon.Add(-keep.Audit))
		if err != nil || a.First != 1 || a.Last != 12 || len(a.Fell) != 1 || a.Fell[0] != 11 {
			t.Errorf("%+v, %v", a, err)
		}
		must[Swept](t)(l.Sweep(t.Context(), noon.Add(2*365*24*time.Hour), keep)) // all are old: the last stays
		if a, err = check(t, o, noon); err != nil || a.First != 12 || a.Last != 12 {
			t.Errorf("when all are old: %+v, %v", a, err)
		}
	})
}

// A noted entry that stands before the first one left is told, with the instant from which on it should be
// there: whether its time had come, who noted it knows alone.
func TestANotedEntryBeforeTheFirstIsTold(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		l, list := filled(t, o, 10)
		if _, err := l.write.Exec(`DELETE FROM audit`); err != nil {
			t.Fatal(err)
		}
		// all is gone, and an old entry stands in its place, as if the rest had been dropped for its age
		h := Heard{Seq: 11, At: noon.Add(-400 * 24 * time.Hour), Who: "claire", What: AuditListen, Prev: make([]byte, 32)}
		h.Hash = h.sum()
		if _, err := l.write.Exec(`INSERT INTO audit (seq, at_ms, who, what, task, contact, recording, prev, hash) VALUES ($1, $2, $3, $4, '', '', '', $5, $6)`,
			h.Seq, int64(h.At), h.Who, h.What, h.Prev, h.Hash); err != nil {
			t.Fatal(err)
		}
		must[Heard](t)(l.Audit(t.Context(), Heard{At: noon.Add(24 * time.Hour), Who: "claire", What: AuditListen}))
		a, err := check(t, o, noon.Add(-365*24*time.Hour), list[9].Mark(), list[3].Mark())
		var found AuditError
		if !errors.As(err, &found) || found.Seq != 10 || !strings.Contains(found.Why, "begins with entry 11, of 2025-04-27T12:00:00Z") || a.Last != 12 {
			t.Errorf("%+v, %v", a, err)
		}
	})
}

// Many at once, from two processes, make one chain.
func TestAuditOfManyAtOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		nodes := []*Ledger{open(t, o), open(t, o)}
		var wg sync.WaitGroup
		const each = 10
		for n := range 4 {
			wg.Go(func() {
				for i := range each {
					if _, err := nodes[n%2].Audit(context.Background(), Heard{At: noon, Who: fmt.Sprint(n), What: AuditListen, Recording: fmt.Sprint(i)}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if a, err := check(t, o, noon); err != nil || a.Last != 4*each {
			t.Errorf("%+v, %v", a, err)
		}
	})
}

// Answers are kept once for each leg, the latest first, and their comment for as long as recordings are.
func TestSurveys(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		l := open(t, o)
		zero := 0
		leg := func(n int, s acd.Survey) acd.Leg {
			return acd.Leg{ID: acd.ContactID(fmt.Sprintf("c%d", n)).Leg(1), Entry: "3000", Queue: "rdv", Reason: "rdv.imagerie", Lang: "fr",
				Survey: &s, End: &acd.End{Outcome: acd.Answered, At: noon.Add(time.Duration(n) * time.Hour)}}
		}
		keep := func(legs ...acd.Leg) {
			t.Helper()
			if err := l.Fold(t.Context(), nil, func(b *Batch) (err error) {
				for _, leg := range legs {
					err = errors.Join(err, b.Surveyed(leg))
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		live := leg(9, acd.Survey{CSAT: 1})
		live.End = nil
		first := leg(1, acd.Survey{CSAT: 4, NPS: &zero, Comment: "acc.c1.r1"})
		keep(first, leg(2, acd.Survey{CSAT: 2}), leg(3, acd.Survey{Comment: "acc.c3.r1"}), leg(4, acd.Survey{}), live, first)
		list := must[[]acd.SurveyRecord](t)(l.Surveys(t.Context(), acd.SurveyQuery{}))
		if len(list) != 3 || list[0].Leg != "c3/1" || list[0].Answer.NPS != nil || list[2].Answer.CSAT != 4 || *list[2].Answer.NPS != 0 || list[2].Answer.Comment != "acc.c1.r1" || list[2].Queue != "rdv" {
			t.Fatalf("%+v", list)
		}
		page := must[[]acd.SurveyRecord](t)(l.Surveys(t.Context(), acd.SurveyQuery{Before: list[0].Ended, Leg: list[0].Leg, Limit: 1}))
		if len(page) != 1 || page[0].Leg != "c2/1" {
			t.Errorf("the next page: %+v", page)
		}
		for name, c := range map[string]struct {
			q acd.SurveyQuery
			n int
		}{
			"queue": {acd.SurveyQuery{Queue: "rdv"}, 3}, "other queue": {acd.SurveyQuery{Queue: "accueil"}, 0}, "comment": {acd.SurveyQuery{Comment: true}, 2},
			"span": {acd.SurveyQuery{From: noon.Add(2 * time.Hour), To: noon.Add(3 * time.Hour)}, 1},
		} {
			if got := must[[]acd.SurveyRecord](t)(l.Surveys(t.Context(), c.q)); len(got) != c.n {
				t.Errorf("%s: %d", name, len(got))
			}
		}
		if s := must[acd.SurveyRecord](t)(l.Commented(t.Context(), "c1")); s.Answer.Comment != "acc.c1.r1" {
			t.Errorf("%+v", s)
		}
		must[Swept](t)(l.Sweep(t.Context(), noon.Add(13*time.Hour), Keep{Task: 11*time.Hour + time.Minute, Recordings: 10 * time.Hour}))
		list = must[[]acd.SurveyRecord](t)(l.Surveys(t.Context(), acd.SurveyQuery{}))
		if len(list) != 2 || list[0].Answer.Comment != "" || list[1].Answer.CSAT != 2 {
			t.Errorf("after their time: %+v", list)
		}
		for _, c := range []acd.ContactID{"c1", "c2", "c3", "c9"} {
			if _, err := l.Commented(t.Context(), c); !errors.As(err, &acd.ErrNotFound{}) {
				t.Errorf("%s: %v", c, err)
			}
		}
	})
}
