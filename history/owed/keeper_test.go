package owed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"accueil/acd"
	"accueil/history/ledger"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// site is a log and a store of live contacts, in memory, that fail on command.
type site struct {
	mu       sync.Mutex
	gen      string
	entries  []acd.Entry
	view     *acd.View
	readers  map[chan acd.Entry]struct{}
	numbers  map[acd.ContactID]string
	away     bool // Redis
	keepFrom acd.Instant
	now      acd.Instant
	told     []news
	deaf     bool // to news of tasks
}

// news is what the log was told of a task.
type news struct {
	by   string
	task acd.Task
}

func newSite() *site {
	return &site{gen: "g1", view: acd.NewView(), readers: map[chan acd.Entry]struct{}{}, numbers: map[acd.ContactID]string{}, now: noon}
}

func (s *site) Follow(string) (acd.Entry, <-chan acd.Entry, func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := make(chan acd.Entry, 10_000)
	s.readers[ch] = struct{}{}
	image := s.view.Image()
	image.Gen, image.Seq, image.At = s.gen, int64(len(s.entries)), s.now
	if n := len(s.entries); n > 0 {
		image.ID = s.entries[n-1].ID
	}
	return image, ch, func() { s.mu.Lock(); defer s.mu.Unlock(); delete(s.readers, ch) }
}

func (s *site) After(_ context.Context, id string, yield func(acd.Entry) error) error {
	s.mu.Lock()
	if s.away {
		s.mu.Unlock()
		return acd.ErrUnavailable
	}
	entries := slices.Clone(s.entries)
	s.mu.Unlock()
	for _, e := range entries {
		if e.ID <= id {
			continue
		}
		if err := yield(e); err != nil {
			return err
		}
	}
	return nil
}

func (s *site) Position() (string, int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.entries); n > 0 {
		return s.gen, s.entries[n-1].Seq
	}
	return s.gen, 0
}

func (s *site) KeepFrom(at acd.Instant) { s.mu.Lock(); defer s.mu.Unlock(); s.keepFrom = at }
func (s *site) held() acd.Instant       { s.mu.Lock(); defer s.mu.Unlock(); return s.keepFrom }
func (s *site) Now() acd.Instant        { s.mu.Lock(); defer s.mu.Unlock(); return s.now }

// Tell puts news into the log, or keeps it for later as the outbox of facts does.
func (s *site) Tell(_ context.Context, by string, tasks []acd.Task) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.deaf {
		return acd.ErrUnavailable
	}
	for _, t := range tasks {
		s.told = append(s.told, news{by, t})
	}
	if s.away {
		return nil
	}
	e := s.appended(acd.Entry{V: 1, Kind: acd.KindTask, Tasks: tasks, At: s.now})
	for ch := range s.readers {
		ch <- e
	}
	return nil
}

// heard are the news of tasks so far.
func (s *site) heard() []news { s.mu.Lock(); defer s.mu.Unlock(); return slices.Clone(s.told) }

func (s *site) who(_ context.Context, l acd.Leg) (Person, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, ok := s.numbers[l.ID.Contact()]
	if s.away && !ok {
		return Person{}, acd.ErrUnavailable
	}
	return Person{Number: n, Same: n}, nil
}

// tell writes an entry to the log and tells it live. While Redis is away it is told alone.
func (s *site) tell(number string, legs ...acd.Leg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := acd.Entry{V: 1, Gen: s.gen, Kind: acd.KindEnded, Legs: legs, At: legs[0].Arrived, Degraded: s.away}
	if legs[0].End != nil {
		e.At = legs[0].End.At
	}
	s.now = max(s.now, e.At)
	s.numbers[legs[0].ID.Contact()] = number
	if !s.away {
		e = s.appended(e)
	}
	s.view.Apply(e)
	for ch := range s.readers {
		ch <- e
	}
}

// appended puts an entry into the log.
func (s *site) appended(e acd.Entry) acd.Entry {
	e.Gen, e.Seq = s.gen, 1
	if n := len(s.entries); n > 0 {
		e.Seq = s.entries[n-1].Seq + 1
	}
	e.ID = fmt.Sprintf("%015d-%06d", int64(s.now), e.Seq)
	s.entries = append(s.entries, e)
	return e
}

// empty loses the log, and who called; the view is told again in another data set.
func (s *site) empty(gen string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gen, s.entries = gen, nil
	s.now = s.now.Add(time.Second)
	clear(s.numbers)
	e := s.view.Image()
	e = s.appended(e)
	for ch := range s.readers {
		ch <- e
	}
}

// hospital is a site with its keeper on a database that outlives it.
type hospital struct {
	t    *testing.T
	site *site
	db   ledger.Options
	logs *observer.ObservedLogs
	keep *Keeper
	down error // what opening the database says
	stop func()
}

func newHospital(t *testing.T) *hospital {
	dir := t.TempDir()
	h := &hospital{t: t, site: newSite(), db: ledger.Options{URL: "sqlite:" + filepath.Join(dir, "history.db"), KeyFile: filepath.Join(dir, "history.key")}}
	h.start()
	t.Cleanup(func() { h.stop() })
	return h
}

func (h *hospital) start() {
	core, logs := observer.New(zap.DebugLevel)
	h.logs = logs
	var mu sync.Mutex
	down := h.down
	h.keep = NewKeeper(Options{
		Open: func(ctx context.Context) (*ledger.Ledger, error) {
			mu.Lock()
			defer mu.Unlock()
			if down != nil {
				return nil, down
			}
			return ledger.Open(ctx, h.db)
		},
		Log: h.site, Who: h.site.who, QueueOf: func(acd.ReasonID) acd.QueueID { return "rdv" },
		Life: week, Keep: ledger.Keep{Personal: 24 * time.Hour, Task: 90 * 24 * time.Hour}, Logger: zap.New(core), Registerer: prometheus.NewRegistry(),
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); h.keep.Run(ctx) }()
	h.stop = func() { cancel(); <-done }
}

// within waits for a condition, which nothing announces.
func (h *hospital) within(what string, ok func() bool) {
	h.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			h.t.Fatalf("%s has not come; %+v", what, h.tasks())
		}
	}
}

func (h *hospital) tasks() []acd.Task {
	l, err := h.keep.Ledger()
	if err != nil {
		return nil
	}
	list, err := l.List(h.t.Context(), ledger.Query{})
	if err != nil {
		return nil
	}
	return list
}

func (h *hospital) has(n int) {
	h.t.Helper()
	h.within(fmt.Sprintf("%d tasks", n), func() bool { return len(h.tasks()) == n })
}

// folded waits until all of the log is in the database.
func (h *hospital) folded() {
	h.t.Helper()
	h.within("the end of the log", func() bool { return h.keep.Err() == nil && h.keep.Behind() == 0 })
}

func TestMissedCallersAreKept(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.site.tell("+33611111111", leg(1, acd.Abandoned, acd.LegQueued))
	h.has(1)
	h.site.tell("+33611111111", leg(2, acd.Abandoned, acd.LegQueued)) // again, for the same reason
	h.site.tell("+33622222222", leg(3, acd.Closed, acd.LegMenu))
	h.site.tell("", leg(4, acd.Abandoned, acd.LegQueued)) // nobody can call him back
	h.site.tell("+33633333333", leg(5, acd.Voicemail, acd.LegVoicemail))
	h.site.tell("", leg(6, acd.Voicemail, acd.LegVoicemail)) // but his message can be listened to
	h.site.tell("+33644444444", leg(7, acd.SelfServed, acd.LegMenu))
	h.folded()
	h.has(4)
	list := h.tasks()
	if list[0].Count != 2 || list[0].Kind != acd.TaskMissed || list[1].Outcome != acd.Closed || list[2].Kind != acd.TaskVoicemail {
		t.Errorf("%+v", list)
	}
	l, _ := h.keep.Ledger()
	if p, err := l.Reveal(t.Context(), list[0].ID, ledger.Deed{By: "t", What: "read", At: noon}); err != nil || p.Number != "+33611111111" {
		t.Errorf("whom to call back is not known: %v", err)
	}

	talking := leg(20, acd.Answered, acd.LegTalking)
	talking.State, talking.End = acd.LegTalking, nil
	h.site.tell("+33611111111", talking)
	h.within("that he was served", func() bool { return h.tasks()[0].State == acd.TaskDone })
	if got := h.tasks()[0]; got.Result != acd.ResultReached || h.tasks()[1].State != acd.TaskOpen {
		t.Errorf("%+v", got)
	}
	h.site.tell("+33611111111", leg(40, acd.Abandoned, acd.LegQueued)) // a new matter
	h.has(5)
}

// A restart reads what it has not heard, and counts nothing twice.
func TestARestartLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	for round := range 4 {
		h.site.tell(fmt.Sprintf("+3361111111%d", round), leg(10*round, acd.Abandoned, acd.LegQueued))
		if round%2 == 0 {
			h.folded() // else it is stopped in the middle
		}
		h.stop()
		h.site.tell(fmt.Sprintf("+3362222222%d", round), leg(10*round+1, acd.Closed, acd.LegMenu)) // while nobody listens
		h.start()
		h.folded()
		h.has(2 * (round + 1))
	}
	for _, task := range h.tasks() {
		if task.Count != 1 {
			t.Errorf("counted %d times: %s", task.Count, task.Leg)
		}
	}
}

// After Redis was emptied the tasks are there, what comes is kept, and what is told again is not doubled.
func TestAnEmptiedLogLosesNoTask(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.site.tell("+33611111111", leg(1, acd.Abandoned, acd.LegQueued))
	h.has(1)
	h.site.empty("g2")
	h.site.tell("+33622222222", leg(2, acd.Abandoned, acd.LegQueued))
	h.folded()
	h.has(2)
	h.stop()
	h.site.empty("g3") // and the node was away
	h.start()
	h.site.tell("+33633333333", leg(3, acd.Abandoned, acd.LegQueued))
	h.folded()
	h.has(3)
	if h.site.held() == 0 || h.site.held() == 1 {
		t.Error("the log is not held from the cursor on")
	}
}

// While Redis is away, what this node tells is kept at once; when it comes from the log it is not new.
func TestWithoutRedis(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.folded()
	h.site.mu.Lock()
	h.site.away = true
	h.site.mu.Unlock()
	h.site.tell("+33611111111", leg(1, acd.Abandoned, acd.LegQueued))
	h.has(1)
	h.site.mu.Lock()
	h.site.away = false
	h.site.appended(acd.Entry{V: 1, Kind: acd.KindEnded, Legs: []acd.Leg{leg(1, acd.Abandoned, acd.LegQueued)}, At: noon}) // from the spool, and not told
	h.site.mu.Unlock()
	h.site.tell("+33622222222", leg(2, acd.Abandoned, acd.LegQueued))
	h.folded()
	h.has(2)
	for _, task := range h.tasks() {
		if task.Count != 1 {
			t.Errorf("counted %d times", task.Count)
		}
	}
}

// Who called cannot be known for a while: the cursor waits for it, and so does the log.
func TestItWaitsForWhoCalled(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.folded()
	h.stop()
	h.site.tell("+33611111111", leg(1, acd.Abandoned, acd.LegQueued))
	h.site.mu.Lock()
	delete(h.site.numbers, "c1")
	h.site.mu.Unlock()
	known := make(chan struct{})
	h.start()
	inner := h.keep.opt.Who
	h.stop()
	h.site.mu.Lock()
	h.site.numbers["c1"] = "+33611111111"
	h.site.mu.Unlock()
	// The same keeper, with a store that answers only later.
	h.keep = NewKeeper(Options{
		Open: func(ctx context.Context) (*ledger.Ledger, error) { return ledger.Open(ctx, h.db) },
		Log:  h.site, Life: week, Logger: zap.NewNop(),
		Who: func(ctx context.Context, l acd.Leg) (Person, error) {
			select {
			case <-known:
				return inner(ctx, l)
			default:
				return Person{}, acd.ErrUnavailable
			}
		},
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); h.keep.Run(ctx) }()
	h.stop = func() { cancel(); <-done }
	h.within("the database", func() bool { return h.keep.Err() == nil })
	if h.keep.Behind() == 0 {
		t.Error("an entry whose caller is unknown was passed over")
	}
	close(known)
	h.has(1)
}

// The database is away: the log is held, nothing is forgotten, and it is said once.
func TestWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.folded()
	h.stop()
	h.down = errors.New("the disk of the database is full")
	h.start()
	h.within("the failure", func() bool { return h.keep.Err() != nil && !errors.Is(h.keep.Err(), errStarting) })
	if _, err := h.keep.Ledger(); !errors.Is(err, acd.ErrUnavailable) || !strings.Contains(err.Error(), "disk") {
		t.Errorf("%v", err)
	}
	h.site.tell("+33611111111", leg(1, acd.Abandoned, acd.LegQueued))
	if h.site.held() != 1 {
		t.Error("the log is not held back")
	}
	if n := h.logs.FilterMessageSnippet("the database is away").Len(); n != 1 {
		t.Errorf("said %d times", n)
	}
	h.stop()
	h.down = nil
	h.start()
	h.folded()
	h.has(1)
}

// A log that was shortened too early is told, and the rest is kept.
func TestALogThatWasShortenedIsTold(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.site.tell("+33611111111", leg(1, acd.Abandoned, acd.LegQueued))
	h.folded()
	h.stop()
	h.site.tell("+33622222222", leg(2, acd.Abandoned, acd.LegQueued))
	h.site.tell("+33633333333", leg(3, acd.Abandoned, acd.LegQueued))
	h.site.mu.Lock()
	gone := slices.IndexFunc(h.site.entries, func(e acd.Entry) bool { return len(e.Legs) > 0 && e.Legs[0].ID == "c2/1" })
	h.site.entries = h.site.entries[gone+1:]
	h.site.view = acd.NewView()
	h.site.mu.Unlock()
	h.start()
	h.folded()
	h.has(2)
	if h.logs.FilterMessageSnippet("shortened").Len() != 1 {
		t.Error("nobody was told")
	}
}

// Neither numbers nor names reach the program's log.
func TestTheKeeperLogsNobody(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	broken := leg(1, acd.Failed, acd.LegMenu)
	broken.Arrived, broken.End.At = 0, 0 // cannot be a task
	h.site.tell("+33699000123", broken)
	h.site.tell("+33699000123", leg(2, acd.Abandoned, acd.LegQueued))
	h.folded()
	h.has(1)
	text := &bytes.Buffer{}
	for _, e := range h.logs.All() {
		fmt.Fprintln(text, e.Message, e.ContextMap())
	}
	if strings.Contains(text.String(), "99000123") || text.Len() == 0 {
		t.Errorf("the log tells:\n%s", text)
	}
}

// Every change of a task is told to the log after the database has it: what the log itself led to and what
// people do, with who did it. News that could not be told are told later, by whoever runs then.
func TestTheLogIsToldWhatBecomesOfTasks(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	last := func(rev int64, by string) {
		t.Helper()
		h.within(fmt.Sprintf("news of revision %d by %q", rev, by), func() bool {
			all := h.site.heard()
			return len(all) > 0 && all[len(all)-1].task.Rev == rev && all[len(all)-1].by == by
		})
	}
	h.site.tell("+33611111111", leg(1, acd.Abandoned, acd.LegQueued))
	last(1, "")
	h.site.tell("+33611111111", leg(2, acd.Abandoned, acd.LegQueued))
	last(2, "")
	l, _ := h.keep.Ledger()
	id := h.tasks()[0].ID
	do := func(by, what string, move func(acd.Task) (acd.Task, error)) {
		t.Helper()
		l, err := h.keep.Ledger()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Change(t.Context(), id, ledger.Deed{By: by, What: what, At: noon}, move); err != nil {
			t.Fatal(err)
		}
	}
	do("claire", "take", func(t acd.Task) (acd.Task, error) { return t.Take("a01") })
	last(3, "claire")
	if _, err := l.Reveal(t.Context(), id, ledger.Deed{By: "chef", What: "read", At: noon}); err != nil {
		t.Fatal(err)
	}
	do("claire", "release", acd.Task.Release)
	last(4, "claire")
	if got := h.site.heard(); len(got) != 4 || got[2].task.State != acd.TaskTaken || got[3].task.State != acd.TaskOpen || got[1].task.Count != 2 {
		t.Errorf("told %d times: %+v", len(got), got)
	}

	h.site.mu.Lock()
	h.site.deaf = true
	h.site.mu.Unlock()
	do("denis", "take", func(t acd.Task) (acd.Task, error) { return t.Take("a02") })
	h.stop()
	if got := h.site.heard(); len(got) != 4 {
		t.Errorf("told although nobody could hear: %+v", got)
	}
	h.site.mu.Lock()
	h.site.deaf = false
	h.site.mu.Unlock()
	h.start()
	last(5, "denis")
	h.stop()
	h.start()
	h.folded()
	do("denis", "release", acd.Task.Release)
	last(6, "denis")
	if got := h.site.heard(); len(got) != 6 {
		t.Errorf("told again after a restart: %+v", got)
	}
}

// unnoted are news of which nothing can be noted while err is set.
type unnoted struct {
	news []ledger.News
	err  error
}

func (u *unnoted) Changed() <-chan struct{} { return nil }

func (u *unnoted) Untold(context.Context, int) ([]ledger.News, error) {
	return slices.Clone(u.news), nil
}

func (u *unnoted) Told(_ context.Context, told []ledger.News) error {
	if u.err == nil {
		u.news = slices.DeleteFunc(u.news, func(n ledger.News) bool {
			return slices.ContainsFunc(told, func(t ledger.News) bool { return t.Task.ID == n.Task.ID && t.Task.Rev == n.Task.Rev })
		})
	}
	return u.err
}

// While it cannot be noted what the log was told, it is told once all the same, and noted later; a task that
// changes meanwhile is told again.
func TestNewsAreToldOnceWhateverIsNoted(t *testing.T) {
	t.Parallel()
	s := newSite()
	k := NewKeeper(Options{Log: s, Logger: zap.NewNop(), Registerer: prometheus.NewRegistry()})
	u := &unnoted{err: acd.ErrUnavailable, news: []ledger.News{{Task: acd.Task{ID: "t1", Rev: 1}, By: "claire"}, {Task: acd.Task{ID: "t2", Rev: 4}, By: "claire"}}}
	look := func(want error) {
		t.Helper()
		for range 3 {
			if _, err := k.tellNews(t.Context(), u); !errors.Is(err, want) {
				t.Errorf("%v, want %v", err, want)
			}
		}
	}
	look(acd.ErrUnavailable)
	if got := s.heard(); len(got) != 2 || got[1].task.ID != "t2" {
		t.Errorf("told %+v", got)
	}
	u.news[0].Task.Rev++
	look(acd.ErrUnavailable)
	if got := s.heard(); len(got) != 3 || got[2].task.ID != "t1" || got[2].task.Rev != 2 {
		t.Errorf("after a change: told %+v", got)
	}
	u.err = nil
	look(nil)
	if got := s.heard(); len(got) != 3 || len(u.news) > 0 || len(k.told) > 0 {
		t.Errorf("when it can be noted: told %+v, left %d, remembered %d", got, len(u.news), len(k.told))
	}
}

// Three hundred expire in one night: they are told in few entries.
func TestManyNewsAreFewEntries(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.site.mu.Lock()
	h.site.deaf = true
	h.site.mu.Unlock()
	const callers = 300
	for n := range callers {
		h.site.tell(fmt.Sprintf("+336%08d", n), leg(n+1, acd.Abandoned, acd.LegQueued))
	}
	h.has(100) // a page
	h.folded()
	h.stop()
	h.site.mu.Lock()
	h.site.deaf = false
	before := len(h.site.entries)
	h.site.mu.Unlock()
	h.start()
	h.within("all news", func() bool { return len(h.site.heard()) == callers })
	h.site.mu.Lock()
	defer h.site.mu.Unlock()
	if n := len(h.site.entries) - before; n > callers/maxTold+2 {
		t.Errorf("%d entries", n)
	}
}

// What callers answered after their conversation is kept, although nothing is owed for it, and although the
// conversation was looked at while it lasted.
func TestAnswersAreKept(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	talking := leg(1, acd.Answered, acd.LegTalking)
	end := talking.End
	talking.State, talking.End = acd.LegTalking, nil
	h.site.tell("+33611111111", talking)
	h.folded()
	over := talking
	over.Rev, over.State, over.End, over.Survey = talking.Rev+1, acd.LegEnded, end, &acd.Survey{CSAT: 5}
	h.site.tell("+33611111111", over)
	h.site.tell("+33622222222", leg(2, acd.Answered, acd.LegTalking)) // has not been asked
	h.folded()
	l, err := h.keep.Ledger()
	if err != nil {
		t.Fatal(err)
	}
	list, err := l.Surveys(t.Context(), acd.SurveyQuery{})
	if err != nil || len(list) != 1 || list[0].Leg != over.ID || list[0].Answer.CSAT != 5 {
		t.Errorf("%+v, %v", list, err)
	}
	h.has(0)
}

// A Monday at eight, after a week-end: three hundred callers found the line closed or gave up, a third of them
// again and again. Each is on the list once for each of his matters, the one who waits longest first, with how
// often he asked; who rings on Monday and is answered is off it, also while somebody is dealing with him.
func TestAMondayMorning(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	const callers = 300
	number := func(n int) string { return fmt.Sprintf("+336%08d", n) }
	call := 0
	rings := func(n int, reason acd.ReasonID, o acd.Outcome) {
		call++
		l := leg(call, o, acd.LegQueued)
		if o == acd.Closed {
			l.End.Phase, l.Enqueued, l.Queue = acd.LegMenu, 0, ""
		}
		l.Reason = reason
		h.site.tell(number(n), l)
	}
	for n := range callers {
		rings(n, "rdv.imagerie", acd.Abandoned)
	}
	for n := 0; n < callers; n += 3 {
		rings(n, "", acd.Closed) // has not come far enough to say why
		rings(n, "rdv.imagerie", acd.Abandoned)
		if n%30 == 0 {
			rings(n, "resultats", acd.Abandoned) // another matter
		}
	}
	h.folded()
	l, err := h.keep.Ledger()
	if err != nil {
		t.Fatal(err)
	}
	list := func() []acd.Task {
		t.Helper()
		list, err := l.List(t.Context(), ledger.Query{States: []acd.TaskState{acd.TaskOpen, acd.TaskTaken}, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	owed := list()
	if len(owed) != callers+callers/30 || !slices.IsSortedFunc(owed, func(a, b acd.Task) int { return int(a.Since - b.Since) }) {
		t.Fatalf("%d tasks", len(owed))
	}
	for n, task := range owed[:callers] {
		want := 1
		if n%3 == 0 {
			want = 3
		}
		if task.Count != want {
			t.Errorf("caller %d has asked %d times, is told as %d", n, want, task.Count)
		}
	}
	// One of two matters of a person is being dealt with when he rings, and is answered.
	if _, err := l.Change(t.Context(), owed[0].ID, ledger.Deed{By: "claire", What: "take", At: h.site.Now()}, func(t acd.Task) (acd.Task, error) { return t.Take("a01") }); err != nil {
		t.Fatal(err)
	}
	call++
	talking := leg(call+10, acd.Answered, acd.LegTalking)
	talking.State, talking.End = acd.LegTalking, nil
	h.site.tell(number(0), talking)
	h.folded()
	h.within("that he is off the list", func() bool { return len(list()) == len(owed)-2 })
	done, err := l.Task(t.Context(), owed[0].ID)
	if err != nil || done.State != acd.TaskDone || done.Result != acd.ResultReached || done.Owner != "a01" {
		t.Errorf("%+v, %v", done, err)
	}
	h.within("the news of it", func() bool {
		return slices.ContainsFunc(h.site.heard(), func(n news) bool { return n.task.ID == done.ID && n.task.State == acd.TaskDone })
	})
}
