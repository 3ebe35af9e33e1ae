package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

const (
	audioGap  = 200 * time.Millisecond // longest hole in a conversation, whatever dies beside it
	regained  = 5 * time.Second        // from a start to the menu's return (RELIABILITY P5)
	rejoined  = 8 * time.Second        // from a kill in the briefing to the bridge
	loudSound = 1500                   // RMS of speech; what is heard beside it is quieter
)

// stall measures how late this process itself is: a machine that starves the ears proves nothing
// about what they should have heard.
type stall struct{ worst atomic.Int64 }

func watchStalls(t *testing.T) *stall {
	s := &stall{}
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan struct{})
	go func() {
		defer close(over)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		last := time.Now()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if late := int64(time.Since(last)); late > s.worst.Load() {
					s.worst.Store(late)
				}
				last = time.Now()
			}
		}
	}()
	t.Cleanup(func() { stop(); <-over })
	return s
}

func (s *stall) reset()               { s.worst.Store(0) }
func (s *stall) worse() time.Duration { return time.Duration(s.worst.Load()) }

// talk is a conversation that lasts over all deaths.
type talk struct {
	p  patient
	at *phones.Call
}

// deaths is one hospital whose controller dies again and again.
type deaths struct {
	*chapter
	stall   *stall
	agent   *phones.Phone // of a18, who lives through each phase
	ward    chan *phones.Call
	talks   []talk
	waiting []patient
	since   map[acd.ContactID]acd.Instant // when each of the waiting was queued
	killed  time.Time
	worst   struct{ talk, music, menu, rejoin, wrapup time.Duration }
}

// phase brings one caller into a state; what it returns is done while the controller is away, and
// when it is back.
type phase struct {
	name string
	at   func(context.Context, *deaths) (away, back func())
}

// TestKilled kills the controller with callers in every phase (SCENARIOS C9, DESIGN §7.3): nobody is
// cut off, conversations and music do not notice, places and ages are kept, and every contact has one
// outcome that Asterisk's own records confirm.
func TestKilled(t *testing.T) {
	t.Parallel()
	died(t, "killed", (*Hospital).Kill)
}

// TestTerminated asks the same of a stop in good order, which has written everything before it ends.
func TestTerminated(t *testing.T) {
	t.Parallel()
	died(t, "stopped", func(h *Hospital) {
		h.Terminate()
		if info, err := os.Stat(filepath.Join(h.Site.DataDir, "spool", "facts.spool")); err != nil || info.Size() > 0 {
			t.Errorf("the spool is not empty after a stop: %v, %v", info, err)
		}
	})
}

func died(t *testing.T, how string, die func(*Hospital)) {
	rounds := 2
	if how == "stopped" {
		rounds = 1
	}
	ctx, cancel := context.WithTimeout(context.Background(), 4*patience)
	if n := soak(50); n > 1 {
		rounds *= n
		ctx, cancel = context.WithTimeout(context.Background(), 4*time.Hour)
	}
	defer cancel()
	ward := make(chan *phones.Call, 1)
	o := mortal(t, "wrapup: 4s")
	o.Services = map[string]phones.Policy{"4003": func(ctx context.Context, c *phones.Call) {
		if c.Ring() == nil {
			ward <- c
		}
		<-ctx.Done()
	}}
	_, s := tell(t, o)
	d := &deaths{chapter: s.in(t), stall: watchStalls(t), ward: ward, since: map[acd.ContactID]acd.Instant{}}
	d.begin(ctx)
	kills := 0
	for range rounds {
		for _, p := range phases {
			d.die(ctx, p, die)
			if kills++; t.Failed() {
				t.Fatalf("%s %d times", how, kills)
			}
		}
	}
	d.finish(ctx)
	t.Logf("%s %d times: longest hole in a talk %v, in a waiting caller's sound %v; menu back %v after the start; met %v after a kill in the briefing; after-call work over %v late",
		how, kills, d.worst.talk, d.worst.music, d.worst.menu, d.worst.rejoin, d.worst.wrapup)
}

// mortal is a site whose controller may die: entry 3101 leads to a short menu and from there to the
// queue essai, 3102 to a queue that nobody serves.
func mortal(t *testing.T, lines ...string) Options {
	court, courtTo := entry("3101", "court")
	slow, slowTo := entry("3102", "lente")
	o := with(quick(append(lines, "ring: 20s")...), map[string]string{"court.yaml": briefMenu, "lente.yaml": slowScenario},
		append([]string{court, courtTo, slow, slowTo}, slowQueue...)...)
	o.Binary = builtBinary(t)
	return o
}

// begin brings two callers into conversation and three into a queue that nobody serves.
func (d *deaths) begin(ctx context.Context) {
	for i, agent := range []acd.AgentID{"a13", "a14"} {
		phone := must[*phones.Phone](d.t)(d.h.Phone(ctx, acd.PhoneID("1"+strconv.Itoa(13+i)), 1+i))
		d.ready(ctx, agent)
		p := d.queued(ctx, "3100")
		at := must[*phones.Call](d.t)(phone.WaitCall(ctx))
		d.answer(at)
		meets(ctx, d.t, p, at)
		d.reaches(ctx, p, acd.LegTalking)
		d.talks = append(d.talks, talk{p, at})
	}
	for range 3 {
		p := d.queued(ctx, "3102")
		d.waiting = append(d.waiting, p)
		d.since[p.contact] = d.leg(p).Enqueued
	}
	d.agent = must[*phones.Phone](d.t)(d.h.Phone(ctx, "118", 3))
}

func (d *deaths) answer(at *phones.Call) {
	d.t.Helper()
	if err := at.Answer(); err != nil {
		d.t.Fatal("answer:", err)
	}
}

// die lets the controller die in the phase and looks at everybody else meanwhile.
func (d *deaths) die(ctx context.Context, p phase, die func(*Hospital)) {
	if d.chapter.agent("a18").State != "" { // who has been at work goes home
		d.state(ctx, "a18", acd.AgentOffline)
		d.waitAgent(ctx, "a18", acd.AgentOffline)
	}
	begun := time.Now()
	away, back := p.at(ctx, d)
	for _, k := range d.talks {
		k.p.Ear().Reset()
		k.at.Ear().Reset()
	}
	for _, w := range d.waiting {
		w.Ear().Reset()
	}
	d.stall.reset()
	d.killed = time.Now()
	die(d.h)
	away()
	if err := d.h.StartApp(ctx); err != nil {
		d.t.Fatal("start again:", err)
	}
	up := time.Now()
	back()
	d.unnoticed(p.name)
	d.places(ctx, p.name)
	d.t.Logf("%s: %v before the death, %v until ready, %v after", p.name,
		d.killed.Sub(begun).Round(time.Millisecond), up.Sub(d.killed).Round(time.Millisecond), time.Since(up).Round(time.Millisecond))
}

// unnoticed checks that those in conversation and in music heard no hole.
func (d *deaths) unnoticed(in string) {
	bar := audioGap + 2*d.stall.worse() // sent and heard by this process
	for _, k := range d.talks {
		for _, ear := range []*phones.Ear{k.p.Ear(), k.at.Ear()} {
			h := ear.Hearing()
			d.worst.talk = max(d.worst.talk, h.LongestNothing)
			if h.LongestNothing > bar || h.Packets == 0 {
				d.t.Errorf("%s: a conversation was silent for %v (of this process %v)", in, h.LongestNothing, d.stall.worse())
			}
		}
	}
	for _, w := range d.waiting {
		h := w.Ear().Hearing()
		d.worst.music = max(d.worst.music, h.LongestGap)
		if h.LongestGap > bar || h.LongestNothing > 2*time.Second {
			d.t.Errorf("%s: a waiting caller had no packet for %v and no sound for %v", in, h.LongestGap, h.LongestNothing)
		}
	}
}

// places checks order, age and conversations against what they were before the death.
func (d *deaths) places(ctx context.Context, in string) {
	var list []struct {
		Contact acd.ContactID `json:"contact"`
		Wait    int64         `json:"wait_ms"`
	}
	asked := logOf(ctx, d.t, d.h).Now()
	get(ctx, d.t, d.h, "/v1/queues/lente/contacts", &list)
	told := logOf(ctx, d.t, d.h).Now()
	if len(list) != len(d.waiting) {
		d.t.Fatalf("%s: %d wait, want %d", in, len(list), len(d.waiting))
	}
	const exact = 100 * time.Millisecond // SCENARIOS C9
	for i, w := range d.waiting {
		since := d.since[w.contact]
		if l := d.leg(w); l.Enqueued != since || l.State != acd.LegQueued || list[i].Contact != w.contact {
			d.t.Errorf("%s: caller %d is %s since %d, was queued since %d; place taken by %s", in, i, l.State, l.Enqueued, since, list[i].Contact)
		}
		age := time.Duration(list[i].Wait) * time.Millisecond
		if age < asked.Sub(since)-exact || age > told.Sub(since)+exact {
			d.t.Errorf("%s: caller %d is said to wait for %v, waits for %v", in, i, age, told.Sub(since))
		}
	}
	for _, k := range d.talks {
		if l := d.leg(k.p); l.State != acd.LegTalking {
			d.t.Errorf("%s: a conversation is %s", in, l.State)
		}
	}
}

// finish lets everybody end as they would have, and compares the figures with Asterisk's records.
func (d *deaths) finish(ctx context.Context) {
	for _, k := range d.talks {
		d.hangup(ctx, k.at)
		d.ends(ctx, k.p, acd.Answered, acd.LegTalking, "")
	}
	phone := must[*phones.Phone](d.t)(d.h.Phone(ctx, "115", 5))
	d.ready(ctx, "a15")
	for i, w := range d.waiting {
		at := must[*phones.Call](d.t)(phone.WaitCall(ctx))
		if got := acd.ContactID(at.Header("X-Contact-ID")); got != w.contact {
			d.t.Errorf("caller %d: the agent is rung for %s instead of %s", i, got, w.contact)
		}
		d.answer(at)
		meets(ctx, d.t, w, at)
		d.hangup(ctx, w.Call)
		d.ends(ctx, w, acd.Answered, acd.LegTalking, "")
	}
	nothingLeft(ctx, d.t, d.h)
	countedOnce(ctx, d.t, d.h)
}

// countedOnce compares the contacts of the figures with the calls of Asterisk's own records.
func countedOnce(ctx context.Context, t *testing.T, h *Hospital) {
	t.Helper()
	code, text, err := h.Request(ctx, "GET", "/metrics", nil)
	if err != nil || code != 200 {
		t.Fatalf("metrics: %d %v", code, err)
	}
	counted := 0.0
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "accueil_contacts_total{") {
			n, err := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndexByte(line, ' '):]), 64)
			if err != nil {
				t.Fatal(err)
			}
			counted += n
		}
	}
	if calls := trunkCalls(t, h); int(counted) != calls {
		t.Errorf("%v contacts in the figures, %d calls in Asterisk's records", counted, calls)
	}
}

// trunkCalls counts the calls that the operator delivered: distinct linkedids of CHAN_START.
func trunkCalls(t *testing.T, h *Hospital) int {
	t.Helper()
	text := must[[]byte](t)(os.ReadFile(filepath.Join(h.Asterisk.Dir, "log", "cel-custom", "accueil-cel.csv")))
	calls := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		f := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(",|\"\n", r) })
		if len(f) >= 5 && f[0] == "CHAN_START" && strings.HasPrefix(f[2], "PJSIP/operateur-") {
			calls[f[4]] = true
		}
	}
	if len(calls) == 0 {
		t.Fatalf("no call in Asterisk's records:\n%.500s", text)
	}
	return len(calls)
}

func nothing() {}

// Entry 3101 leads to a menu that is said in a second.
const briefMenu = `version: 1
start: menu
emergency_message: false
nodes:
  menu:
    menu:
      prompt: {fr: "Oui ?", en: "Yes?"}
      options: {"1": file}
  file: {queue: essai}
`

// phases are those of RELIABILITY §3 that a kill may meet.
var phases = []phase{
	{"a digit awaited", func(ctx context.Context, d *deaths) (away, back func()) {
		p := d.patient(ctx, "3101")
		d.reaches(ctx, p, acd.LegMenu)
		promptOver(ctx, d.t, p.Call)
		var heard time.Time
		offered := make(chan error, 1)
		var start time.Time
		return func() {
				start = time.Now()
				go func() {
					err := p.Ear().WaitLoud(ctx, loudSound)
					heard = time.Now()
					offered <- err
				}()
			}, func() {
				if err := <-offered; err != nil {
					d.t.Fatal("the menu is not offered again:", err)
				}
				d.worst.menu = max(d.worst.menu, heard.Sub(start))
				if late := heard.Sub(start); late > regained {
					d.t.Errorf("the menu came back after %v", late)
				}
				d.press(ctx, p.Call, "1")
				d.reaches(ctx, p, acd.LegQueued)
				d.hangup(ctx, p.Call)
				d.ends(ctx, p, acd.Abandoned, acd.LegQueued, "")
			}
	}},
	{"a prompt", func(ctx context.Context, d *deaths) (away, back func()) {
		p := d.patient(ctx, "3000")
		if err := p.Ear().WaitLoud(ctx, loudSound); err != nil {
			d.t.Fatal(err)
		}
		return nothing, func() {
			d.press(ctx, p.Call, "2")
			d.reaches(ctx, p, acd.LegQueued)
			d.hangup(ctx, p.Call)
			d.ends(ctx, p, acd.Abandoned, acd.LegQueued, "")
			if n := p.Ear().Hearing().LongestNothing; n > regained {
				d.t.Errorf("silence of %v in the menu", n)
			}
		}
	}},
	{"a queue that the caller leaves meanwhile", func(ctx context.Context, d *deaths) (away, back func()) {
		p := d.queued(ctx, "3100")
		return func() { d.hangup(ctx, p.Call) }, func() {
			d.ends(ctx, p, acd.Abandoned, acd.LegQueued, "ended_during_outage")
		}
	}},
	{"a ring", func(ctx context.Context, d *deaths) (away, back func()) {
		p, at := d.rings(ctx)
		return nothing, func() {
			d.answer(at)
			d.talked(ctx, p, at)
		}
	}},
	{"a ring that is answered meanwhile", func(ctx context.Context, d *deaths) (away, back func()) {
		p, at := d.rings(ctx)
		return func() { d.answer(at) }, func() {
			// An answer that Asterisk takes before it notices the death waits for the next process; after that
			// there is nobody, and the phone is hung up and rung again.
			if err := at.Ear().WaitTone(ctx, p.Tone()); err != nil {
				if _, err := at.WaitEnded(ctx); err != nil {
					d.t.Fatal("the phone that answered neither meets the caller nor is hung up:", err)
				}
				at = must[*phones.Call](d.t)(d.agent.WaitCall(ctx))
				d.answer(at)
			}
			d.talked(ctx, p, at)
		}
	}},
	{"a briefing", func(ctx context.Context, d *deaths) (away, back func()) {
		p, at := d.rings(ctx)
		d.answer(at)
		d.reaches(ctx, p, acd.LegBriefing)
		return nothing, func() {
			meets(ctx, d.t, p, at)
			met := time.Since(d.killed)
			d.worst.rejoin = max(d.worst.rejoin, met)
			if met > rejoined {
				d.t.Errorf("the two met %v after the kill", met)
			}
			d.talked(ctx, p, at)
		}
	}},
	{"a conversation that ends meanwhile", func(ctx context.Context, d *deaths) (away, back func()) {
		p, at := d.meet(ctx)
		return func() { d.hangup(ctx, at) }, func() {
			d.ends(ctx, p, acd.Answered, acd.LegTalking, "ended_during_outage")
			if _, err := p.WaitEnded(ctx); err != nil {
				d.t.Error("the caller was left alone:", err)
			}
		}
	}},
	{"a number being dialled", func(ctx context.Context, d *deaths) (away, back func()) {
		p, at := d.meet(ctx)
		d.press(ctx, at, "*1")
		d.reaches(ctx, p, acd.LegHeld)
		return nothing, func() { d.talked(ctx, p, at) }
	}},
	{"an extension ringing", func(ctx context.Context, d *deaths) (away, back func()) {
		p, at := d.meet(ctx)
		d.press(ctx, at, "*1")
		d.reaches(ctx, p, acd.LegHeld)
		d.press(ctx, at, "4003#")
		d.reaches(ctx, p, acd.LegRingingOut)
		var ward *phones.Call
		select {
		case ward = <-d.ward:
		case <-ctx.Done():
			d.t.Fatal("the ward is not rung")
		}
		return nothing, func() {
			d.answer(ward)
			if err := ward.Ear().WaitEnergy(ctx); err != nil {
				d.t.Fatal("the ward is not asked:", err)
			}
			d.press(ctx, ward, "1")
			meets(ctx, d.t, p, ward)
			d.reaches(ctx, p, acd.LegTalking)
			d.hangup(ctx, ward)
			d.ends(ctx, p, acd.TransferredOut, acd.LegTalking, "")
		}
	}},
	{"after-call work", func(ctx context.Context, d *deaths) (away, back func()) {
		p, at := d.meet(ctx)
		d.hangup(ctx, at)
		d.ends(ctx, p, acd.Answered, acd.LegTalking, "")
		due := d.waitAgent(ctx, "a18", acd.AgentWrapup).Due
		return nothing, func() {
			a := d.waitAgent(ctx, "a18", acd.AgentReady)
			late := a.Since.Sub(due)
			d.worst.wrapup = max(d.worst.wrapup, late)
			if late < 0 || late > regained {
				d.t.Errorf("after-call work ended %v after its time", late)
			}
		}
	}},
}

func (d *deaths) press(ctx context.Context, c *phones.Call, keys string) {
	d.t.Helper()
	if err := c.Press(ctx, keys); err != nil {
		d.t.Fatalf("press %s: %v", keys, err)
	}
}

// rings brings a caller to the agent's ringing phone.
func (d *deaths) rings(ctx context.Context) (patient, *phones.Call) {
	d.t.Helper()
	d.ready(ctx, "a18")
	p := d.queued(ctx, "3100")
	at := must[*phones.Call](d.t)(d.agent.WaitCall(ctx))
	if err := at.Ring(); err != nil {
		d.t.Fatal("ring:", err)
	}
	return p, at
}

// meet brings a caller into conversation with the agent.
func (d *deaths) meet(ctx context.Context) (patient, *phones.Call) {
	d.t.Helper()
	p, at := d.rings(ctx)
	d.answer(at)
	meets(ctx, d.t, p, at)
	d.reaches(ctx, p, acd.LegTalking)
	return p, at
}

// talked checks that the two talk, lets the caller hang up, and looks at what is told of it: at most
// two offers, no blame for the agent.
func (d *deaths) talked(ctx context.Context, p patient, at *phones.Call) {
	d.t.Helper()
	meets(ctx, d.t, p, at)
	d.reaches(ctx, p, acd.LegTalking)
	d.hangup(ctx, p.Call)
	d.ends(ctx, p, acd.Answered, acd.LegTalking, "")
	if n := d.leg(p).Offers; n > 2 {
		d.t.Errorf("%d offers", n)
	}
	if a := d.agent18(ctx); a.Misses != 0 || a.Excluded > logOf(ctx, d.t, d.h).Now() {
		d.t.Errorf("the agent is blamed: %+v", a)
	}
}

func (d *deaths) agent18(ctx context.Context) acd.Agent {
	return d.waitAgent(ctx, "a18", acd.AgentWrapup)
}
