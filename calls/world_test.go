package calls

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"accueil/acd"
)

// world is an Asterisk and a log as simple as they can be while keeping their promises: what exists,
// what follows from each command, in any order that Asterisk may choose. The random part is rapid's.
type world struct {
	t         *rapid.T
	now       acd.Instant
	view      *acd.View
	m         *machine
	channels  map[string]bool // alive, true when up
	bridges   map[string][]string
	playing   map[string]string // playback → channel
	recording map[string]string // recording → channel
	spool     map[string]bool   // files of recordings that are over, and whether they were put away
	events    []Event           // on their way to the machine
	finished  bool
	ended     map[acd.LegID]int
	illegal   []string
	deaf      bool // phones send no audio
	hold      time.Duration
	refuses   acd.Refusal // of every queue, to who has not waited
	unstaffed bool
	keeps     bool        // the queue waits without anybody at work
	closes    acd.Instant // of every queue; never when zero
	lastCall  time.Duration
	keep      time.Duration
	by        string // who moved the caller last
	rules     Callbacks
	seq       int64
	busy      bool // Asterisk refuses to answer a caller now and then
}

const (
	testAgent = acd.AgentID("a01")
	testPhone = acd.PhoneID("101")
)

func newWorld(t *rapid.T) *world {
	w := &world{t: t, now: 1_000_000, view: acd.NewView(), channels: map[string]bool{"caller": true},
		bridges: map[string][]string{}, playing: map[string]string{}, recording: map[string]string{}, spool: map[string]bool{}, ended: map[acd.LegID]int{}}
	w.must(acd.KindLogin, func(tx *acd.Tx) error { return tx.Login(testAgent, testPhone, "n1") })
	contact := acd.ContactID("c1")
	w.must(acd.KindArrived, func(tx *acd.Tx) error {
		return tx.Arrive(acd.Leg{ID: contact.Leg(1), Node: "n1", Channel: "caller", Entry: "3000", Lang: "fr"})
	})
	w.m = &machine{env: environment{book: w, voice: w, plan: w, desk: w, router: w, boot: "t"},
		contact: contact, leg: contact.Leg(1), entry: "3000", script: &testScript{}, lang: "fr", caller: party{id: "caller", up: true}}
	return w
}

// --- the log ------------------------------------------------------------------------------------

// must writes what cannot fail.
func (w *world) must(kind acd.Kind, build func(*acd.Tx) error) {
	if err := w.write(kind, build); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) write(kind acd.Kind, build func(*acd.Tx) error) error {
	tx := acd.Begin(w.view, kind, w.now, "n1", true)
	if err := build(tx); err != nil {
		w.illegal = append(w.illegal, fmt.Sprintf("%s: %v", kind, err))
		return err
	}
	c := tx.Change()
	w.apply(c)
	return nil
}

func (w *world) apply(c acd.Change) {
	w.seq++
	c.Entry.Seq = w.seq
	if c.Entry.Anomaly != "" {
		w.illegal = append(w.illegal, c.Entry.Anomaly)
	}
	w.view.Apply(c.Entry)
	for _, l := range c.Entry.Legs {
		if l.State == acd.LegEnded {
			w.ended[l.ID]++
		}
		if w.m != nil && l.ID.Contact() == w.m.contact {
			w.events = append(w.events, evLog{Kind: c.Entry.Kind, Leg: l})
		}
	}
}

func (w *world) Now() acd.Instant                             { return w.now }
func (w *world) Leg(id acd.LegID) (acd.Leg, bool)             { return w.view.Leg(id) }
func (w *world) Legs() []acd.Leg                              { return w.view.Legs() }
func (w *world) Agents() []acd.Agent                          { return w.view.Agents() }
func (w *world) Closure(e acd.EntryID) (acd.Closure, bool)    { return w.view.Closure(e) }
func (w *world) Record(k acd.Kind, build func(*acd.Tx) error) { _ = w.write(k, build) }
func (w *world) Personal(context.Context, acd.ContactID) (acd.Personal, bool, error) {
	return acd.Personal{}, false, nil
}
func (w *world) History(context.Context, acd.Instant, func(acd.Entry) error) error { return nil }
func (w *world) Decide(_ context.Context, k acd.Kind, build func(*acd.Tx) error) (acd.Entry, error) {
	tx := acd.Begin(w.view, k, w.now, "n1", false)
	if err := build(tx); err != nil {
		return acd.Entry{}, err
	}
	w.apply(tx.Change())
	return acd.Entry{}, nil
}

// --- voice, plan, desk, router --------------------------------------------------------------------

func (w *world) Media(_ acd.Lang, p []acd.Prompt) ([]string, time.Duration, error) {
	if len(p) == 1 && p[0].ID == "missing" {
		return nil, 0, errors.New("no such prompt")
	}
	return []string{"sound:x"}, 2 * time.Second, nil
}
func (w *world) Speak(context.Context, acd.Lang, string) (string, func(), error) {
	return "sound:n", func() {}, nil
}
func (w *world) Way(r acd.ReasonID, q acd.QueueID, _ acd.Lang) (Way, bool) {
	if q == "" {
		q = "rdv"
	}
	return Way{Queueing: acd.Queueing{Queue: q, Reason: r}, MaxWait: time.Minute, Hold: w.hold, WaitUnstaffed: w.keeps}, true
}
func (w *world) Hours(_ acd.QueueID, _ acd.ReasonID, now acd.Instant) Hours {
	if w.closes.Never() {
		return Hours{Open: true, Keeps: true}
	}
	h := Hours{Open: now < w.closes.Add(-w.lastCall), Keeps: now < w.closes.Add(w.keep), Closes: w.closes, Keep: w.keep}
	if !h.Keeps {
		h.Closes = 0
	}
	return h
}
func (w *world) Target(to string, _ bool) (Target, bool) {
	switch to {
	case "4003":
		return Target{Name: to, Endpoint: Endpoint{Dial: "PJSIP/4003@x", MustAccept: true}}, true
	case "4004":
		return Target{Name: to, Endpoint: Endpoint{Dial: "PJSIP/4004@x"}}, true
	case "9":
		return Target{Name: to, Queue: "autre"}, true
	}
	return Target{}, false
}
func (w *world) Endpoint(acd.PhoneID) (Endpoint, bool) {
	return Endpoint{Dial: "PJSIP/101", MustAccept: rapid.Bool().Draw(w.t, "accept")}, true
}
func (w *world) Outward(number string) (Endpoint, bool) {
	return Endpoint{Dial: "PJSIP/" + number + "@operateur", Outside: true}, true
}
func (w *world) Callbacks() Callbacks                      { return w.rules }
func (w *world) Human() acd.ReasonID                       { return "accueil" }
func (w *world) MissLimit(acd.QueueID) int                 { return 2 }
func (w *world) ReasonLabel(acd.ReasonID, acd.Lang) string { return "x" }
func (w *world) Staffed(acd.QueueID, string) bool          { return !w.unstaffed }
func (w *world) LastRoutable(acd.AgentID) bool             { return true }
func (w *world) Enter(acd.QueueID, string, bool) acd.Refusal {
	return w.refuses
}
func (w *world) Briefing(acd.Leg, acd.AgentID, acd.Instant) Briefing {
	return Briefing{Lang: "fr", Prompts: []acd.Prompt{{ID: "sys.beep"}}}
}
func (w *world) Feature(context.Context, acd.PhoneID, string) FeatureReply { return FeatureReply{} }

// testScript is a menu of one choice in front of a queue, with the emergency key and an extension.
// Key 5 leads to a message, key 6 to a callback, and who is left by an agent may be asked something.
type testScript struct {
	kept                                              string
	queued, emergency, message, survey, asked, agreed bool
	closing                                           int // how often closing time was heard of
}

func (s *testScript) Node() string   { return "menu" }
func (s *testScript) Path() []string { return []string{"menu"} }
func (s *testScript) Kept() string   { return s.kept }
func (s *testScript) Lang() acd.Lang { return "fr" }
func (s *testScript) Handle(in acd.Heard, _ acd.Scene) []acd.Ask {
	say := acd.AskSay{Prompts: []acd.Prompt{{ID: "menu"}}, BargeIn: true}
	listen := acd.AskListen{For: 10 * time.Second}
	queue := acd.AskQueue{Reason: "rdv"}
	record := acd.AskRecord{Max: 30 * time.Second, Silence: 5 * time.Second, Min: 2 * time.Second, Reason: "rdv"}
	switch in := in.(type) {
	case acd.HeardServed:
		if s.asked = s.survey; s.asked {
			return []acd.Ask{acd.AskSay{Prompts: []acd.Prompt{{ID: "csat"}}, BargeIn: true}, listen}
		}
		return nil
	case acd.HeardRecorded:
		switch {
		case in.Fault:
			return []acd.Ask{queue}
		case in.Kept:
			return []acd.Ask{acd.AskSay{Prompts: []acd.Prompt{{ID: "kept"}}, BargeIn: true}, listen}
		}
		return []acd.Ask{acd.AskSay{Prompts: []acd.Prompt{{ID: "again"}}}, record}
	case acd.HeardQueued:
		s.queued, s.emergency = true, false
		return []acd.Ask{acd.AskSay{Prompts: []acd.Prompt{{ID: "wait"}}}, acd.AskWait{For: 20 * time.Second}}
	case acd.HeardClosing:
		s.closing++
		return []acd.Ask{acd.AskSay{Prompts: []acd.Prompt{{ID: "closing"}}}, acd.AskWait{For: 20 * time.Second}}
	case acd.HeardElapsed:
		return []acd.Ask{acd.AskSay{Prompts: []acd.Prompt{{ID: "missing"}}}, acd.AskWait{For: 20 * time.Second}}
	case acd.HeardKey:
		switch {
		case in.Key == '9':
			s.emergency = true
			return []acd.Ask{acd.AskLeaveQueue{}, acd.AskFlag{}, acd.AskSay{Prompts: []acd.Prompt{{ID: "emergency"}}}, listen}
		case in.Key == '4' && !s.queued:
			return []acd.Ask{acd.AskTransfer{To: "4004"}}
		case in.Key == '5' && !s.queued:
			s.message = true
			return []acd.Ask{acd.AskSay{Prompts: []acd.Prompt{{ID: "speak"}}}, record}
		case in.Key == '6' && !s.queued:
			s.agreed = true
			return []acd.Ask{acd.AskCallback{Reason: "rdv"}, acd.AskSay{Prompts: []acd.Prompt{{ID: "bye"}}}}
		case in.Key == '7' && s.asked:
			n := 9
			return []acd.Ask{acd.AskSurveyed{Answer: acd.Survey{CSAT: 4, NPS: &n}}, acd.AskSay{Prompts: []acd.Prompt{{ID: "speak"}}}, record}
		case in.Key == '#' && s.message && !s.queued:
			return []acd.Ask{acd.AskHangup{Outcome: acd.Voicemail}}
		case s.emergency || !s.queued:
			return []acd.Ask{queue}
		case in.Key == '0':
			return []acd.Ask{acd.AskQueue{Queue: "accueil"}}
		}
		return nil
	case acd.HeardGone:
		switch {
		case s.emergency:
			return []acd.Ask{acd.AskHangup{Outcome: acd.Emergency}}
		case s.agreed && !s.queued:
			return []acd.Ask{acd.AskHangup{Outcome: acd.CalledBack, Reason: acd.CallbackChosen}}
		}
		return nil
	case acd.HeardSaid:
		if s.agreed && !s.queued && !s.emergency {
			return []acd.Ask{acd.AskHangup{Outcome: acd.CalledBack, Reason: acd.CallbackChosen}}
		}
		return []acd.Ask{say, listen}
	case acd.HeardRefused:
		if s.message {
			return []acd.Ask{acd.AskSay{Prompts: []acd.Prompt{{ID: "speak"}}}, record}
		}
		return []acd.Ask{acd.AskHangup{Outcome: acd.Dissuaded, Reason: string(in.Why)}}
	case acd.HeardSilence, acd.HeardTransfer, acd.HeardFault:
		if s.message && !s.queued && !s.emergency {
			return []acd.Ask{acd.AskHangup{Outcome: acd.SelfServed}}
		}
		if s.queued && !s.emergency {
			return []acd.Ask{acd.AskWait{For: 20 * time.Second}}
		}
		return []acd.Ask{queue}
	}
	return []acd.Ask{say, listen}
}

// --- Asterisk -----------------------------------------------------------------------------------

// give hands the machine an event and lets Asterisk carry out what it wants.
func (w *world) give(ev Event) {
	if w.finished {
		return
	}
	for _, a := range w.m.handle(ev, w.now) {
		if w.finished {
			w.t.Fatalf("%T after the end", a)
		}
		w.carryOut(a)
	}
}

// errBusy is an Asterisk that takes no command just now.
var errBusy = errors.New("service unavailable")

func (w *world) carryOut(a Action) {
	fault := func(err error) { w.events = append(w.events, evFault{a, err}) }
	switch a := a.(type) {
	case doAnswer:
		if w.busy && rapid.IntRange(0, 9).Draw(w.t, "answers") == 0 {
			fault(errBusy)
		}
	case doPlay:
		if _, alive := w.channels[a.Channel]; !alive {
			fault(ErrGone)
			return
		}
		w.playing[a.Playback] = a.Channel
	case doStopPlay:
		if _, ok := w.playing[a.Playback]; ok {
			delete(w.playing, a.Playback)
			w.events = append(w.events, evPlayed{Playback: a.Playback})
		}
	case doCall:
		if rapid.IntRange(0, 9).Draw(w.t, "callable") == 0 {
			fault(ErrUnreachable)
			return
		}
		w.channels[a.Channel] = false
	case doRing:
		if w.channels[a.Channel] {
			w.t.Fatalf("channel %s rung twice", a.Channel)
		}
		switch rapid.IntRange(0, 9).Draw(w.t, "reachable") {
		case 0:
			fault(ErrUnreachable)
			return
		case 1:
			fault(errBusy)
			return
		}
		w.channels[a.Channel] = false
	case doCapture:
		if _, alive := w.channels[a.Channel]; !alive {
			fault(ErrGone)
			return
		}
		if rapid.IntRange(0, 9).Draw(w.t, "records") == 0 {
			fault(errors.New("disk full"))
			return
		}
		w.recording[a.Recording] = a.Channel
	case doStopCapture:
		w.stopRecording(a.Recording)
	case doFind:
		_, live := w.recording[a.Recording]
		w.events = append(w.events, evFound{a.Recording, live})
	case doTake:
		w.take(a.Recording)
	case doDrop:
		delete(w.spool, a.Recording)
	case doHangup:
		w.kill(a.Channel, evGone{Channel: a.Channel, Ending: acd.OfferFailed})
	case doToNet:
		delete(w.channels, a.Channel)
	case doCreateBridge:
		w.bridges[a.Bridge] = nil
	case doJoin:
		if _, ok := w.bridges[a.Bridge]; !ok {
			w.t.Fatalf("joining a bridge that does not exist: %s", a.Bridge)
		}
		for _, ch := range a.Channels {
			up, alive := w.channels[ch]
			if !alive || !up {
				fault(ErrGone)
				continue
			}
			if rapid.IntRange(0, 19).Draw(w.t, "joins") == 0 {
				continue // a 204 that was not kept
			}
			for b := range w.bridges {
				w.bridges[b] = slices.DeleteFunc(w.bridges[b], func(c string) bool { return c == ch })
			}
			w.bridges[a.Bridge] = append(w.bridges[a.Bridge], ch)
			w.events = append(w.events, evEntered{a.Bridge, ch})
		}
	case doLeave:
		w.bridges[a.Bridge] = slices.DeleteFunc(w.bridges[a.Bridge], func(c string) bool { return slices.Contains(a.Channels, c) })
	case doDropBridge:
		delete(w.bridges, a.Bridge)
	case doListen:
		w.events = append(w.events, evHeard{a.Channel, w.heard()})
	case doRecord:
		w.Record(a.Kind, a.Build)
	case doEnqueue:
		_, err := w.Decide(context.Background(), acd.KindQueued, a.tell)
		moved := acd.QueueID("")
		if a.Move != nil {
			a.Move.Reply <- err
			moved, w.by = a.Queueing.Queue, a.Move.By
		}
		w.give(evEnqueued{err, moved})
	case doFinish:
		w.finished = true
	}
}

// heard is how much audio has come from a phone: it rises with time, unless the phones are deaf.
func (w *world) heard() int {
	if w.deaf {
		return 0
	}
	return int(w.now)
}

func (w *world) kill(ch string, ev evGone) {
	if _, alive := w.channels[ch]; !alive {
		return
	}
	delete(w.channels, ch)
	for id, on := range w.playing {
		if on == ch {
			delete(w.playing, id) // dropped silently at StasisEnd
		}
	}
	for id, on := range w.recording {
		if on == ch {
			w.stopRecording(id)
		}
	}
	for b := range w.bridges {
		w.bridges[b] = slices.DeleteFunc(w.bridges[b], func(c string) bool { return c == ch })
	}
	w.events = append(w.events, ev)
}

// stopRecording ends a recording; now and then nobody is told.
func (w *world) stopRecording(id string) {
	if _, live := w.recording[id]; !live {
		return
	}
	delete(w.recording, id)
	w.spool[id] = false
	if rapid.IntRange(0, 9).Draw(w.t, "told") > 0 {
		w.events = append(w.events, evRecorded{id})
	}
}

// take puts a recording away: something was said in it, nothing, or the disk is full.
func (w *world) take(id string) {
	delete(w.recording, id)
	ev := evTaken{Recording: id}
	w.spool[id] = false
	switch rapid.IntRange(0, 4).Draw(w.t, "said") {
	case 0:
		ev.Taken = Taken{Length: 8 * time.Second}
	case 1:
		ev.Err = errors.New("disk full")
	case 2:
		return // it takes for ever
	default:
		ev.Taken = Taken{Length: 8 * time.Second, Said: 6 * time.Second}
	}
	w.spool[id] = ev.Err == nil
	w.events = append(w.events, ev)
}

// pass lets time go on to the machine's next deadline, at most d.
func (w *world) pass(d time.Duration) {
	until := w.now.Add(d)
	if next := w.m.next(); !next.Never() && next < until {
		until = max(next, w.now)
	}
	w.now = until
	w.give(evTick{})
}

// deliver hands over one of the events under way; those of one channel keep their order.
func (w *world) deliver(i int) {
	if len(w.events) == 0 {
		return
	}
	ev := w.events[i%len(w.events)]
	w.events = slices.Delete(w.events, i%len(w.events), i%len(w.events)+1)
	w.give(ev)
}

func (w *world) ringing() []string {
	var out []string
	for ch, up := range w.channels {
		if !up {
			out = append(out, ch)
		}
	}
	slices.Sort(out)
	return out
}

func (w *world) ours() []string {
	var out []string
	for ch := range w.channels {
		if strings.HasPrefix(ch, "acc.") {
			out = append(out, ch)
		}
	}
	slices.Sort(out)
	return out
}
