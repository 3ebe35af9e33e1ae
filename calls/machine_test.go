package calls

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"accueil/acd"
)

// TestNothingIsLeft plays random lives of a contact against a world whose events come in any order,
// whose joins may fail and whose phones may be dead, and asserts at every end what DESIGN §7 demands:
// each leg one end, no channel, bridge, ring or reservation left, no wait without a deadline.
func TestNothingIsLeft(t *testing.T) {
	for range 20 { // a hundred lives each
		rapid.Check(t, aLife)
	}
}

func aLife(rt *rapid.T) {
	w := newWorld(rt)
	w.deaf, w.busy = rapid.IntRange(0, 9).Draw(rt, "deaf") == 0, rapid.Bool().Draw(rt, "busy")
	w.refuses = rapid.SampledFrom([]acd.Refusal{"", "", "", "", "", acd.RefusedFull, acd.RefusedRatio}).Draw(rt, "refuses")
	if rapid.IntRange(0, 3).Draw(rt, "closes") == 0 {
		w.closes = w.now.Add(time.Duration(rapid.IntRange(1, 120).Draw(rt, "closing time")) * time.Second)
		w.lastCall = time.Duration(rapid.IntRange(0, 30).Draw(rt, "last call")) * time.Second
		w.keep = time.Duration(rapid.IntRange(0, 60).Draw(rt, "keep")) * time.Second
	}
	w.m.script = &testScript{survey: rapid.Bool().Draw(rt, "survey")}
	w.give(evBegin{})
	steps := rapid.IntRange(5, 60).Draw(rt, "steps")
	for range steps {
		w.randomStep()
		w.checkWaits()
	}
	// Whatever happened, the caller leaves in the end.
	w.kill("caller", evGone{Channel: "caller"})
	for range 400 {
		if w.finished && len(w.events) == 0 {
			break
		}
		w.deliver(0)
		w.pass(time.Second)
	}
	w.checkPromise()
	w.checkEnd()
}

// checkPromise: who was promised a callback is called back, unless its queue talked with him. Then he says
// that he no longer wants it.
func (w *world) checkPromise() {
	for _, l := range w.view.Image().Legs {
		next, there := w.view.Leg(l.ID.Next())
		owed := l.Agreed != nil && l.End != nil && (l.End.Outcome != acd.Answered || l.FirstQueue != "rdv" && l.Queue != "rdv")
		if l.End != nil && owed && !there || there && next.CallsBack() && l.Agreed == nil {
			w.t.Fatalf("%+v ended as %+v, then %+v", l, *l.End, next)
		}
		if there && next.State == acd.LegCallback {
			w.must(acd.KindEnded, func(tx *acd.Tx) error { return tx.EndCallback(next.ID, acd.CallbackWithdrawn, acd.BySupervisor) })
		}
	}
}

func (w *world) randomStep() {
	t := w.t
	switch rapid.IntRange(0, 19).Draw(t, "step") {
	case 0, 1, 2:
		w.deliver(rapid.IntRange(0, 5).Draw(t, "which"))
	case 3:
		w.pass(time.Duration(rapid.IntRange(1, 30).Draw(t, "seconds")) * time.Second)
	case 4:
		w.give(evKey{"caller", rapid.SampledFrom([]byte("0145679*#")).Draw(t, "key")})
	case 5:
		if ours := w.ours(); len(ours) > 0 {
			ch := rapid.SampledFrom(ours).Draw(t, "phone")
			w.give(evKey{ch, rapid.SampledFrom([]byte("12345*#")).Draw(t, "key")})
		}
	case 6, 7:
		if r := w.ringing(); len(r) > 0 {
			ch := rapid.SampledFrom(r).Draw(t, "answers")
			w.channels[ch] = true
			w.events = append(w.events, evUp{ch})
		}
	case 8:
		if r := w.ringing(); len(r) > 0 {
			ch := rapid.SampledFrom(r).Draw(t, "declines")
			w.kill(ch, evGone{Channel: ch, Ending: rapid.SampledFrom(acd.Endings).Draw(t, "how")})
		}
	case 9:
		if ours := w.ours(); len(ours) > 0 {
			ch := rapid.SampledFrom(ours).Draw(t, "hangs up")
			if rapid.Bool().Draw(t, "announced") {
				w.events = append(w.events, evLeaving{ch})
			}
			w.kill(ch, evGone{Channel: ch, Media: rapid.Bool().Draw(t, "media"), Ending: acd.OfferFailed})
		}
	case 10:
		w.claim()
	case 12, 13:
		w.settle()
		w.claim()
		w.settle()
		for _, ch := range w.ringing() {
			w.channels[ch] = true
			w.events = append(w.events, evUp{ch})
		}
		w.settle()
		for _, ch := range w.ours() {
			w.give(evKey{ch, '1'}) // accepted
		}
		w.settle()
	case 14, 15:
		if ours := w.ours(); len(ours) > 0 {
			ch := rapid.SampledFrom(ours).Draw(t, "phone")
			for _, k := range []byte(rapid.SampledFrom([]string{"*1", "*2", "*3", "*5", "4003#", "4004#", "9#", "7#", "*14003#", "*24004#", "*24003#", "1", "*"}).Draw(t, "code")) {
				w.give(evKey{ch, k})
				if k == '1' || k == '2' {
					w.playOut()
				}
			}
		}
	case 16:
		w.playOut()
	case 18: // a recording comes to its end, once its words have been said
		w.playOut()
		for _, id := range slices.Sorted(maps.Keys(w.recording)) {
			w.stopRecording(id)
		}
		w.settle()
	case 19:
		w.give(evKey{"caller", '5'})
		w.playOut()
	case 17:
		ch := rapid.SampledFrom(append(w.ours(), "caller")).Draw(t, "holds")
		w.give(evHold{ch, rapid.Bool().Draw(t, "on")})
	case 11:
		kind := rapid.SampledFrom([]TransferKind{TransferBlind, TransferQueue, TransferQueue}).Draw(t, "kind")
		reply := make(chan error, 1)
		w.give(evTransfer{TransferRequest{Kind: kind, To: rapid.SampledFrom([]string{"4003", "4004", "9", "?"}).Draw(t, "to")}, reply})
		if len(reply) != 1 && !w.finished {
			t.Fatal("a request without an answer")
		}
	}
}

// settle delivers what is under way, in order.
func (w *world) settle() {
	for range 40 {
		if len(w.events) == 0 || w.finished {
			return
		}
		w.deliver(0)
	}
}

// playOut ends every playback.
func (w *world) playOut() {
	for _, id := range slices.Sorted(maps.Keys(w.playing)) {
		delete(w.playing, id)
		w.events = append(w.events, evPlayed{Playback: id, Failed: rapid.IntRange(0, 19).Draw(w.t, "failed") == 0})
	}
	w.settle()
}

// claim gives the agent to the leg that waits, as the lead would.
func (w *world) claim() {
	for _, l := range w.view.Legs() {
		a, _ := w.view.Agent(testAgent)
		if a.State == acd.AgentUnreachable {
			_ = w.write(acd.KindAgentState, func(tx *acd.Tx) error { return tx.Ready(testAgent) })
		}
		if l.ID == w.m.leg && (l.State == acd.LegQueued || l.State == acd.LegCallback) {
			_, _ = w.Decide(nil, acd.KindClaimed, func(tx *acd.Tx) error { //nolint:staticcheck // the world does not wait
				return tx.Claim(l.ID, acd.Offer{ID: acd.NewOfferID(w.now), Agent: testAgent, Due: w.now.Add(15 * time.Second)}, acd.Decision{}, acd.Lead{})
			})
		}
	}
}

func (w *world) checkWaits() {
	if w.finished {
		return
	}
	if m := w.m; m.next().Never() && m.phase != talking && !(m.owed && m.phase == inQueue) {
		w.t.Fatalf("waits in %s without a deadline", m.phase)
	}
}

func (w *world) checkEnd() {
	t := w.t
	if !w.finished {
		t.Fatalf("not finished: phase %s, next %d, channels %v", w.m.phase, w.m.next(), w.channels)
	}
	if len(w.channels) > 0 || len(w.bridges) > 0 {
		t.Fatalf("left over: channels %v, bridges %v", w.channels, w.bridges)
	}
	if live := w.view.Legs(); len(live) > 0 {
		t.Fatalf("legs without an end: %+v", live)
	}
	for id, n := range w.ended {
		if n != 1 {
			t.Fatalf("leg %s ended %d times", id, n)
		}
	}
	for _, a := range w.view.Agents() {
		if len(a.Legs) > 0 || a.Load != 0 || slices.Contains([]acd.AgentState{acd.AgentOffered, acd.AgentBusy}, a.State) {
			t.Fatalf("agent is not free: %+v", a)
		}
	}
	w.checkRecordings()
	if len(w.illegal) > 0 {
		t.Fatalf("facts that fit no row: %v", w.illegal)
	}
}

// checkRecordings: nobody is recorded any more, and whatever a leg names is there.
func (w *world) checkRecordings() {
	if len(w.recording) > 0 {
		w.t.Fatalf("still recorded: %v", w.recording)
	}
	for _, l := range w.view.Image().Legs {
		if l.End == nil {
			continue
		}
		if (l.End.Outcome == acd.Voicemail) && l.Recording == "" {
			w.t.Fatalf("a message without a recording: %+v, %+v", l, *l.End)
		}
		if l.Recording != "" && l.End.Outcome != acd.Voicemail && l.End.Outcome != acd.Emergency {
			w.t.Fatalf("a recording that nobody will hear: %+v", l)
		}
		names := []string{l.Recording}
		if l.Survey != nil {
			names = append(names, l.Survey.Comment)
		}
		for _, id := range names {
			if _, there := w.spool[id]; id != "" && !there {
				w.t.Fatalf("the recording %s of leg %+v was erased", id, l)
			}
		}
		if l.State == acd.LegSurvey || l.End.Phase == acd.LegSurvey && l.End.Outcome != acd.Answered && l.End.Outcome != acd.Failed {
			w.t.Fatalf("a survey that was no answer: %+v", l)
		}
	}
}
