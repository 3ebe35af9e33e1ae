package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"accueil/acd"
	"accueil/deploy/local"
)

func TestMain(m *testing.M) {
	if os.Getenv(writerEnv) != "" {
		beWriter()
		return
	}
	code := m.Run()
	if server != nil {
		_ = server.Stop(context.Background())
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// One PostgreSQL serves all tests, each with a database of its own.
var (
	server    *local.Postgres
	starting  sync.Mutex
	databases atomic.Int64
)

func postgres(t *testing.T) string {
	t.Helper()
	starting.Lock()
	defer starting.Unlock()
	if server == nil {
		var err error
		if server, err = local.StartPostgres(t.Context(), local.PostgresOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	name := fmt.Sprintf("t%d", databases.Add(1))
	if err := server.Create(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	return server.URL(name)
}

// onBoth runs a test on each database; where says where it is.
func onBoth(t *testing.T, test func(t *testing.T, where Options)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		test(t, Options{URL: "sqlite:" + filepath.Join(dir, "data", "it's 1?.db"), KeyFile: filepath.Join(dir, "history.key")})
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, Options{URL: postgres(t), KeyFile: filepath.Join(t.TempDir(), "history.key")})
	})
}

// open opens a database as a program does that goes on sealing in it.
func open(t *testing.T, o Options) *Ledger {
	t.Helper()
	o.Seals = true
	l, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

const noon = acd.Instant(1_780_315_200_000) // 2026-06-01T12:00:00Z

var secret = acd.TaskPersonal{Number: "+33199000123", Name: "Zéphyrine Testard", Text: "note-marquee-7731"}

// missed is the n-th missed caller, minutes after noon.
func missed(n int) acd.Task {
	since := noon.Add(time.Duration(n) * time.Minute)
	t, err := acd.OpenTask(acd.Task{
		ID: acd.NewTaskID(since), Kind: acd.TaskMissed, Outcome: acd.Abandoned, Contact: acd.ContactID(fmt.Sprintf("c%d", n)),
		Leg: acd.LegID(fmt.Sprintf("c%d/1", n)), Entry: "3000", Queue: "rdv", Reason: "rdv.imagerie", Lang: "fr",
		Since: since, Until: since.Add(7 * 24 * time.Hour),
	})
	if err != nil {
		panic(err)
	}
	return t
}

func deed(what string) Deed { return Deed{By: "claire", What: what, At: noon.Add(time.Hour)} }

func add(t *testing.T, l *Ledger, task acd.Task, person string) acd.Task {
	t.Helper()
	err := l.Fold(t.Context(), nil, func(b *Batch) error {
		return b.Add(task, secret, person, Deed{By: System, What: "open", At: task.Last})
	})
	if err != nil {
		t.Fatal(err)
	}
	return task
}

func take(agent acd.AgentID) func(acd.Task) (acd.Task, error) {
	return func(t acd.Task) (acd.Task, error) { return t.Take(agent) }
}

func TestATaskIsKeptAsItIs(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		l := open(t, o)
		want := add(t, l, missed(1), "+33199000123")
		ctx := t.Context()
		same := func(got acd.Task, when string) {
			t.Helper()
			if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
				t.Errorf("%s:\n%+v, want\n%+v", when, got, want)
			}
		}
		same(must[acd.Task](t)(l.Task(ctx, want.ID)), "read")
		for _, move := range []func(acd.Task) (acd.Task, error){
			take("a01"),
			func(t acd.Task) (acd.Task, error) { return t.Release() },
			take("a02"),
			func(t acd.Task) (acd.Task, error) {
				return t.Tried(acd.Attempt{At: noon.Add(time.Hour), By: "a02", Result: acd.AttemptBusy}, noon.Add(2*time.Hour))
			},
			func(t acd.Task) (acd.Task, error) { return t.Repeat(noon.Add(3 * time.Hour)) },
			take("a02"),
			func(t acd.Task) (acd.Task, error) { return t.Close("rdv_pris", noon.Add(4*time.Hour)) },
		} {
			next, err := move(want)
			if err != nil {
				t.Fatal(err)
			}
			same(want, "before")
			got := must[acd.Task](t)(l.Change(ctx, want.ID, deed("move"), move))
			want = next
			same(got, "changed")
		}
		same(must[acd.Task](t)(open(t, o).Task(ctx, want.ID)), "opened again")
		if p := must[acd.TaskPersonal](t)(l.Reveal(ctx, want.ID, deed("read"))); p != secret {
			t.Error("the fields are not those that were sealed")
		}
		story := must[[]Step](t)(l.Story(ctx, want.ID))
		if len(story) != 9 || story[0].What != "open" || story[0].By != System || !slices.ContainsFunc(story, func(s Step) bool { return s.What == "read" && s.By == "claire" }) {
			t.Errorf("the story is %+v", story)
		}
		if _, err := l.Task(ctx, "none"); !errors.As(err, new(acd.ErrNotFound)) {
			t.Errorf("a task that does not exist: %v", err)
		}
		if _, err := l.Change(ctx, "none", deed("take"), take("a01")); !errors.As(err, new(acd.ErrNotFound)) {
			t.Errorf("a change of a task that does not exist: %v", err)
		}
	})
}

// Of many who take a task at once, one has it and the others are told so.
func TestOneOfManyTakersWins(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		ledgers := []*Ledger{open(t, o), open(t, o)} // two nodes
		for round := range 10 {
			task := add(t, ledgers[0], missed(round), "")
			var wg sync.WaitGroup
			var won atomic.Int64
			for n := range 8 {
				wg.Go(func() {
					_, err := ledgers[n%2].Change(t.Context(), task.ID, deed("take"), take(acd.AgentID(fmt.Sprintf("a%02d", n))))
					if err == nil {
						won.Add(1)
					} else if !errors.As(err, new(acd.ErrIllegal)) {
						t.Errorf("a loser is told %v", err)
					}
				})
			}
			wg.Wait()
			got := must[acd.Task](t)(ledgers[1].Task(t.Context(), task.ID))
			if won.Load() != 1 || got.State != acd.TaskTaken || got.Rev != 2 {
				t.Fatalf("%d won; the task is %+v", won.Load(), got)
			}
		}
	})
}

// A repeat of a request has no second effect, whether it comes after the first or with it.
func TestARequestActsOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		l := open(t, o)
		task := add(t, l, missed(1), "")
		d := deed("attempt")
		must[acd.Task](t)(l.Change(t.Context(), task.ID, deed("take"), take("a01")))
		d.Request = "r-1"
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				got, err := l.Change(t.Context(), task.ID, d, func(t acd.Task) (acd.Task, error) {
					return t.Tried(acd.Attempt{At: noon, By: "a01", Result: acd.AttemptBusy}, noon.Add(time.Hour))
				})
				if err != nil || len(got.Attempts) != 1 {
					t.Errorf("%+v, %v", got, err)
				}
			})
		}
		wg.Wait()
		d.By = "denis" // another's request of the same name is another request
		if _, err := l.Change(t.Context(), task.ID, d, func(t acd.Task) (acd.Task, error) { return t.Release() }); !errors.As(err, new(acd.ErrIllegal)) {
			t.Errorf("another account's request: %v", err)
		}
		o1, m := Deed{By: "claire", What: "open", At: noon, Request: "m-1"}, missed(9)
		m.Leg = ""
		first := must[acd.Task](t)(l.Open(t.Context(), m, secret, "", o1))
		m.ID = acd.NewTaskID(noon)
		if again := must[acd.Task](t)(l.Open(t.Context(), m, secret, "", o1)); again.ID != first.ID {
			t.Error("a repeated request made a second task")
		}
	})
}

// Tasks and cursor are written together or not at all, and no leg is counted twice.
func TestTheFoldIsOneTransaction(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		l := open(t, o)
		ctx := t.Context()
		if c := must[Cursor](t)(l.Cursor(ctx)); c != (Cursor{}) {
			t.Errorf("a new database has read up to %+v", c)
		}
		at := Cursor{Gen: "g1", Entry: "5-0", Seq: 7, At: noon}
		boom := errors.New("boom")
		task := missed(1)
		err := l.Fold(ctx, &at, func(b *Batch) error {
			if err := b.Add(task, secret, "p", Deed{By: System, What: "open", At: noon}); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if c := must[Cursor](t)(l.Cursor(ctx)); c != (Cursor{}) || len(must[[]acd.Task](t)(l.List(ctx, Query{}))) != 0 {
			t.Errorf("half a transaction is there: %+v", c)
		}
		for range 3 { // again and again, as after a kill
			err := l.Fold(ctx, &at, func(b *Batch) error {
				if id, err := b.Counted(task.Leg); err != nil || id != "" {
					return err
				}
				return b.Add(task, secret, "p", Deed{By: System, What: "open", At: noon})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if n := len(must[[]acd.Task](t)(l.List(ctx, Query{}))); n != 1 {
			t.Errorf("%d tasks of one leg", n)
		}
		if c := must[Cursor](t)(open(t, o).Cursor(ctx)); c != at {
			t.Errorf("the cursor is %+v", c)
		}
		owed := func(person string) (out []acd.Task) {
			err := l.Fold(ctx, nil, func(b *Batch) (err error) { out, err = b.OwedTo(person); return err })
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		if len(owed("p")) != 1 || len(owed("q")) != 0 || len(owed("")) != 0 {
			t.Error("persons are not told apart")
		}
	})
}

// Two nodes that fold the same entry at once count it once.
func TestTwoNodesCountALegOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		nodes := []*Ledger{open(t, o), open(t, o)}
		var wg sync.WaitGroup
		for n := range 20 {
			for _, l := range nodes {
				wg.Go(func() {
					task := missed(n)
					err := l.Fold(t.Context(), &Cursor{Gen: "g", Seq: int64(n)}, func(b *Batch) error {
						if id, err := b.Counted(task.Leg); err != nil || id != "" {
							return err
						}
						return b.Add(task, secret, "p", Deed{By: System, What: "open", At: noon})
					})
					if err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		if n := len(must[[]acd.Task](t)(nodes[0].List(t.Context(), Query{}))); n != 20 {
			t.Errorf("%d tasks of 20 legs", n)
		}
	})
}

// Who reads whom a task is owed to is noted once a minute, and anew for another reader.
func TestReadingsAreNoted(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		l := open(t, o)
		task := add(t, l, missed(1), "p")
		for _, c := range []struct {
			by    string
			after time.Duration
			want  int
		}{
			{"claire", 0, 1}, {"claire", 10 * time.Second, 1}, {"denis", 20 * time.Second, 2}, {"claire", 59 * time.Second, 2}, {"claire", 61 * time.Second, 3},
		} {
			if p := must[acd.TaskPersonal](t)(l.Reveal(t.Context(), task.ID, Deed{By: c.by, What: "read", At: noon.Add(time.Hour + c.after)})); p != secret {
				t.Error("nothing is shown")
			}
			n := 0
			for _, s := range must[[]Step](t)(l.Story(t.Context(), task.ID)) {
				if s.What == "read" {
					n++
				}
			}
			if n != c.want {
				t.Errorf("%s after %v: %d readings are noted, want %d", c.by, c.after, n, c.want)
			}
		}
	})
}

// A change is news until it was told, and again when it has changed meanwhile.
func TestNews(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, where Options) {
		l := open(t, where)
		one := add(t, l, missed(1), "+33611111111")
		two := add(t, l, missed(2), "")
		select {
		case <-l.Changed():
		default:
			t.Error("nothing was signalled")
		}
		news := must[[]News](t)(l.Untold(t.Context(), 10))
		if len(news) != 2 || news[0].Task.ID != one.ID || news[1].Task.ID != two.ID {
			t.Fatalf("%+v", news)
		}
		if few := must[[]News](t)(l.Untold(t.Context(), 1)); len(few) != 1 {
			t.Errorf("%d of at most 1", len(few))
		}
		d := deed("take")
		must[acd.Task](t)(l.Change(t.Context(), one.ID, d, take("a01")))
		d.What = "read"
		must[acd.TaskPersonal](t)(l.Reveal(t.Context(), one.ID, Deed{By: "chef", What: "read", At: d.At.Add(time.Second)}))
		if err := l.Told(t.Context(), news); err != nil {
			t.Fatal(err)
		}
		news = must[[]News](t)(l.Untold(t.Context(), 10))
		if len(news) != 1 || news[0].Task.ID != one.ID || news[0].Task.State != acd.TaskTaken || news[0].By != "claire" {
			t.Fatalf("%+v", news)
		}
		if _, err := l.write.Exec(`UPDATE tasks SET state = 'lost in space' WHERE id = $1`, string(one.ID)); err != nil {
			t.Fatal(err)
		}
		for range 2 { // what cannot be read is not in the way
			if news = must[[]News](t)(l.Untold(t.Context(), 10)); len(news) != 0 {
				t.Errorf("%+v", news)
			}
		}
		var left int
		if err := l.read.QueryRow(`SELECT COUNT(*) FROM tasks WHERE told < rev`).Scan(&left); err != nil || left != 0 {
			t.Errorf("%d left, %v", left, err)
		}
	})
}

func TestTheListIsInOrderAndPaged(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		l := open(t, o)
		ctx := t.Context()
		var all []acd.Task
		for n := range 25 {
			task := missed(n / 3) // three of each age
			task.Leg = acd.LegID(fmt.Sprintf("c%d/1", n))
			switch n % 4 {
			case 1:
				task.Queue, task.Kind = "accueil", acd.TaskVoicemail
			case 2:
				task.Queue, task.Reason = "", ""
			}
			all = append(all, add(t, l, task, ""))
		}
		taken := must[acd.Task](t)(l.Change(ctx, all[1].ID, deed("take"), take("a07")))
		slices.SortFunc(all, func(a, b acd.Task) int {
			if a.Since != b.Since {
				return int(a.Since - b.Since)
			}
			return strings.Compare(string(a.ID), string(b.ID))
		})
		var seen []acd.TaskID
		for mark, pages := (Mark{}), 0; ; pages++ {
			list := must[[]acd.Task](t)(l.List(ctx, Query{Limit: 4, After: mark}))
			if len(list) == 0 {
				break
			}
			for _, task := range list {
				seen = append(seen, task.ID)
			}
			last := list[len(list)-1]
			mark = Mark{Since: last.Since, ID: last.ID}
			if pages > 20 {
				t.Fatal("the pages do not end")
			}
		}
		for i, task := range all {
			if i >= len(seen) || seen[i] != task.ID {
				t.Fatalf("place %d of %d is another task", i, len(seen))
			}
		}
		for _, c := range []struct {
			q    Query
			want int
		}{
			{Query{Kinds: []acd.TaskKind{acd.TaskVoicemail}}, 6},
			{Query{Queues: []acd.QueueID{"rdv"}}, 13},
			{Query{Queues: []acd.QueueID{"", "accueil"}}, 12},
			{Query{Queues: []acd.QueueID{"rdv"}, For: "a07"}, 14}, // the one he has is of another queue
			{Query{States: []acd.TaskState{acd.TaskTaken}}, 1},
			{Query{Owners: []acd.AgentID{"a07"}}, 1},
			{Query{Reasons: []acd.ReasonID{"rdv.imagerie"}}, 19},
			{Query{Queues: []acd.QueueID{"x' OR '1'='1"}}, 0},
		} {
			if got := must[[]acd.Task](t)(l.List(ctx, c.q)); len(got) != c.want {
				t.Errorf("%+v chooses %d, want %d", c.q, len(got), c.want)
			}
		}
		n := 0
		for _, g := range must[[]Group](t)(l.Groups(ctx)) {
			n += g.N
			if g.State == acd.TaskTaken && (g.N != 1 || g.Oldest != taken.Since) {
				t.Errorf("the taken are %+v", g)
			}
		}
		if n != 25 {
			t.Errorf("%d tasks in all groups", n)
		}
	})
}

// What is not handled expires; of what is, names go first and the rest later.
func TestSweep(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		l := open(t, o)
		ctx := t.Context()
		handled, owed := add(t, l, missed(1), "p"), add(t, l, missed(2), "p")
		end := noon.Add(time.Hour)
		must[acd.Task](t)(l.Change(ctx, handled.ID, Deed{By: "claire", What: "close", At: end, Note: "rappelée"}, func(t acd.Task) (acd.Task, error) { return t.Close(acd.ResultHandled, end) }))
		if p := must[acd.TaskPersonal](t)(l.Reveal(ctx, handled.ID, deed("read"))); p.Text != secret.Text+"\nrappelée" {
			t.Error("the note is not with the text")
		}
		keep := Keep{Personal: 24 * time.Hour, Task: 30 * 24 * time.Hour}
		sweep := func(at acd.Instant, want Swept) {
			t.Helper()
			for _, want := range []Swept{want, {}} { // a second one finds nothing
				if got, err := l.Sweep(ctx, at, keep); err != nil || got != want {
					t.Fatalf("swept %+v, %v, want %+v", got, err, want)
				}
			}
		}
		sweep(end.Add(23*time.Hour), Swept{})
		sweep(end.Add(25*time.Hour), Swept{Erased: 1})
		if p := must[acd.TaskPersonal](t)(l.Reveal(ctx, handled.ID, deed("read"))); p != (acd.TaskPersonal{}) {
			t.Error("the fields of a handled task are still there")
		}
		if p := must[acd.TaskPersonal](t)(l.Reveal(ctx, owed.ID, deed("read"))); p != secret {
			t.Error("the fields of what is still owed are gone")
		}
		sweep(owed.Until, Swept{Expired: 1})
		if got := must[acd.Task](t)(l.Task(ctx, owed.ID)); got.State != acd.TaskExpired || got.Result != acd.ResultExpired {
			t.Errorf("after its time it is %+v", got)
		}
		sweep(owed.Until.Add(25*time.Hour), Swept{Erased: 1})
		sweep(end.Add(31*24*time.Hour), Swept{Forgotten: 1})
		if n := len(must[[]Step](t)(l.Story(ctx, handled.ID))); n != 0 {
			t.Errorf("%d steps of a forgotten task", n)
		}
		sweep(owed.Until.Add(31*24*time.Hour), Swept{Forgotten: 1})
		if n := len(must[[]acd.Task](t)(l.List(ctx, Query{}))); n != 0 {
			t.Errorf("%d tasks are left", n)
		}
	})
}

// Nobody is called by two people at once: while somebody has a task of a person, no colleague gets another,
// whoever is faster. One may have them all.
func TestOnePersonOneAgent(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, where Options) {
		l := open(t, where)
		one, two, other, unknown := add(t, l, missed(1), "+33611111111"), add(t, l, missed(2), "+33611111111"), add(t, l, missed(3), "+33622222222"), add(t, l, missed(4), "")
		if list := must[[]acd.Task](t)(l.Others(t.Context(), one.ID)); len(list) != 1 || list[0].ID != two.ID {
			t.Errorf("others: %+v", list)
		}
		for _, id := range []acd.TaskID{other.ID, unknown.ID, "none"} {
			if list := must[[]acd.Task](t)(l.Others(t.Context(), id)); len(list) > 0 {
				t.Errorf("others of %s: %+v", id, list)
			}
		}
		must[acd.Task](t)(l.Change(t.Context(), one.ID, deed("take"), take("a01")))
		var taken acd.ErrPersonTaken
		if _, err := l.Change(t.Context(), two.ID, deed("take"), take("a02")); !errors.As(err, &taken) || taken.Agent != "a01" || taken.Task != one.ID {
			t.Errorf("by a colleague: %v", err)
		}
		for _, id := range []acd.TaskID{other.ID, unknown.ID} {
			must[acd.Task](t)(l.Change(t.Context(), id, deed("take"), take("a02")))
		}
		must[acd.Task](t)(l.Change(t.Context(), two.ID, deed("take"), take("a01")))
		for _, id := range []acd.TaskID{one.ID, two.ID} {
			must[acd.Task](t)(l.Change(t.Context(), id, deed("release"), acd.Task.Release))
		}
		nodes := []*Ledger{l, open(t, where)}
		var wg sync.WaitGroup
		var won atomic.Int64
		for n, id := range []acd.TaskID{one.ID, two.ID} {
			wg.Go(func() {
				_, err := nodes[n].Change(context.Background(), id, deed("take"), take(acd.AgentID(fmt.Sprintf("a1%d", n))))
				if err == nil {
					won.Add(1)
				} else if !errors.As(err, new(acd.ErrPersonTaken)) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Errorf("%d agents deal with one person", won.Load())
		}
	})
}

// A list by urgency has the points first and the age second, on every page; a list of what can be done now
// leaves out what somebody has and what is not due.
func TestTheListByUrgencyAndWhatIsReady(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, where Options) {
		l := open(t, where)
		const callers = 30
		for n := range callers {
			task := missed(n)
			task.Reason = []acd.ReasonID{"rdv", "resultats", "urgent"}[n%3]
			add(t, l, task, "")
		}
		points := map[acd.ReasonID]int{"urgent": 8, "resultats": 2, "rdv": 0}
		var all []acd.Task
		for q := (Query{Points: points, Limit: 7}); ; {
			page := must[[]acd.Task](t)(l.List(t.Context(), q))
			if len(page) == 0 {
				break
			}
			all = append(all, page...)
			last := page[len(page)-1]
			q.After = Mark{Points: points[last.Reason], Since: last.Since, ID: last.ID}
		}
		sorted := slices.IsSortedFunc(all, func(a, b acd.Task) int {
			return cmp.Or(cmp.Compare(points[b.Reason], points[a.Reason]), cmp.Compare(a.Since, b.Since))
		})
		if len(all) != callers || !sorted {
			t.Errorf("%d of %d, in order %v", len(all), callers, sorted)
		}
		if page := must[[]acd.Task](t)(l.List(t.Context(), Query{Points: map[acd.ReasonID]int{}})); len(page) != callers || page[0].Since != missed(0).Since {
			t.Errorf("without any points: %d", len(page))
		}
		must[acd.Task](t)(l.Change(t.Context(), all[0].ID, deed("take"), take("a01")))
		tried := must[acd.Task](t)(l.Change(t.Context(), all[1].ID, deed("take"), take("a02")))
		must[acd.Task](t)(l.Change(t.Context(), tried.ID, deed("attempt"), func(t acd.Task) (acd.Task, error) {
			return t.Tried(acd.Attempt{At: noon.Add(time.Hour), By: "a02", Result: acd.AttemptBusy}, noon.Add(2*time.Hour))
		}))
		for at, want := range map[acd.Instant]int{noon.Add(time.Hour): callers - 2, noon.Add(2 * time.Hour): callers - 1} {
			q := Query{Ready: at, Points: points, Limit: 5}
			if n := must[int](t)(l.Count(t.Context(), q)); n != want {
				t.Errorf("%d can be done, want %d", n, want)
			}
			if page := must[[]acd.Task](t)(l.List(t.Context(), q)); len(page) != 5 || page[0].State != acd.TaskOpen {
				t.Errorf("%+v", page)
			}
		}
		if n := must[int](t)(l.Count(t.Context(), Query{States: []acd.TaskState{acd.TaskTaken}})); n != 1 {
			t.Errorf("%d taken", n)
		}
	})
}
