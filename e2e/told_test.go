package e2e

import (
	"bytes"
	"context"
	wav "encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

// What a waiting caller hears in these tests, each a tone of its own.
const (
	saysMessage = 43
	saysNext    = 30 // his call is next
	saysPlace   = 32 // his place is …
	saysTwo     = 34 // … two
	saysAbout   = 36 // the wait is about …
	saysMinute  = 38 // … a minute
	saysKeyOne  = 41 // press 1
	saysBack    = 47 // shall we call you back?
	saysAgreed  = 49 // we will
	playsMusic  = 10 // far from the others, so that apart can tell it from them
)

// longMessage is how long a message lasts that nobody must wait for.
const longMessage = 10 * time.Second

// toldHospital has three queues: essai (3100), whose callers are told where they stand; longue (3102),
// with a long message; offre (3103), with an offer. The music is the site's own.
func toldHospital(t *testing.T) (context.Context, *story) {
	t.Helper()
	dir, music := t.TempDir(), t.TempDir()
	for id, n := range map[string]int{"ecoute.message": saysMessage, "sys.position_next": saysNext, "sys.position": saysPlace, "num.2": saysTwo,
		"sys.wait_about": saysAbout, "dur.m.1": saysMinute, "propose.proposer": saysKeyOne, "sys.callback_offer": saysBack, "sys.callback_taken": saysAgreed} {
		record(t, dir, id, n, spoken)
	}
	record(t, dir, "longue-attente.message", saysMessage, longMessage)
	// As a hospital has it: stereo would do too, at the rate of a compact disc.
	if err := os.WriteFile(filepath.Join(music, "calme.wav"), toneFile(phones.ToneFor(playsMusic), 4*time.Second), 0o644); err != nil {
		t.Fatal(err)
	}
	rules := func(waiting string) []string {
		return []string{"ring: 5s", "wrapup: 0s", "max_wait: 15m", "when_unstaffed: wait", "waiting: " + waiting, "fallback: {goto: accueil}", `steps: [{require: "rdv >= 5"}]`}
	}
	o := quick("waiting: ecoute")
	o = also(o, "longue", "3102", rules("longue-attente")...)
	o = also(o, "offre", "3103", rules("propose")...)
	o = with(o, map[string]string{
		"ecoute.yaml": `version: 1
start: message
nodes:
  message:
    say: {fr: "Merci.", en: "Thank you."}
    next: place
  place: {tell: [position, expected_wait], next: musique}
  musique: {wait: 5s, next: message}
`, "longue-attente.yaml": `version: 1
start: message
nodes:
  message:
    say: {fr: "Un long message.", en: "A long message."}
    next: musique
  musique: {wait: 5s, next: message}
`, "propose.yaml": `version: 1
start: musique
nodes:
  musique: {wait: 5s, next: proposer}
  proposer:
    offer: {after: 4s, say: {fr: "Tapez 1.", en: "Press 1."}, to: rappel}
    next: encore
  encore: {wait: 60s, next: proposer}
`, "offre.yaml": `version: 1
start: file
emergency_message: false
nodes:
  file: {queue: offre}
  rappel: {callback: {}}
`,
	}, append(recordings(dir), "\nentries:\n", "\nmusic: "+music+"\nentries:\n", `phone: "118",`, `phone: "118", briefing: beep,`)...)
	o.Binary = builtBinary(t)
	return tell(t, o)
}

// TestWhatWaitingCallersHear: places, expected waits and offers over real RTP. No message keeps an agent
// waiting, nothing is ever silent, nobody speaks under music, and what was told outlives a kill.
func TestWhatWaitingCallersHear(t *testing.T) {
	t.Parallel()
	ctx, s := toldHospital(t)
	phone := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))

	t.Run("an agent freed during a message rings at once, and cuts it short", func(t *testing.T) {
		c := s.in(t)
		c.sits(ctx, phone, "a18", phones.AnswerAfter(0))
		first := c.queued(ctx, "3100")
		talk := nextCall(ctx, t, phone)
		meets(ctx, t, first, talk)
		p := c.queued(ctx, "3102")
		message := p.Ear().Watch(phones.ToneFor(saysMessage))
		heard(ctx, t, p, saysMessage)
		freed := time.Now()
		c.hangup(ctx, talk)
		at := nextCall(ctx, t, phone)
		rang := at.Moments().Invited.Sub(freed)
		meets(ctx, t, p, at)
		met := time.Now()
		began := message.Began()
		t.Logf("freed to INVITE %v; the message had %v to go when they met", rang.Round(time.Millisecond), (longMessage - met.Sub(began)).Round(time.Millisecond))
		if rang > time.Second {
			t.Errorf("the phone rang %v after it was free", rang)
		}
		if met.Sub(began) >= longMessage {
			t.Error("the caller heard the message to its end")
		}
		after(ctx, time.Second)
		if _, _, last := message.Heard(); last.After(met) {
			t.Errorf("the message went on for %v into the conversation", last.Sub(met))
		}
		neverSilent(t, p)
		c.hangup(ctx, p.Call)
		c.ends(ctx, p, acd.Answered, acd.LegTalking, "")
	})

	t.Run("place and wait", func(t *testing.T) {
		c := s.in(t)
		c.sits(ctx, phone, "a18", phones.AnswerAfter(0))
		for range 10 { // from then on a wait can be foretold
			p := c.queued(ctx, "3100")
			at := nextCall(ctx, t, phone)
			meets(ctx, t, p, at)
			c.hangup(ctx, at)
			c.ends(ctx, p, acd.Answered, acd.LegTalking, "")
		}
		talks := c.queued(ctx, "3100")
		with := nextCall(ctx, t, phone)
		meets(ctx, t, talks, with)

		next := c.queued(ctx, "3100")
		next.Ear().Record()
		for _, n := range []int{saysMessage, saysNext, saysAbout, saysMinute, playsMusic, saysMessage} {
			heard(ctx, t, next, n)
		}
		behind := c.queued(ctx, "3100")
		behind.Ear().Record()
		worse := next.Ear().Watch(phones.ToneFor(saysPlace))
		for _, n := range []int{saysMessage, saysPlace, saysTwo, saysAbout, saysMinute, playsMusic} {
			heard(ctx, t, behind, n)
		}
		if told, ok := logOf(ctx, t, s.h).Leg(behind.contact.Leg(1)); !ok || told.State != acd.LegQueued {
			t.Errorf("%+v", told)
		}
		c.hangup(ctx, next.Call)
		c.ends(ctx, next, acd.Abandoned, acd.LegQueued, "")
		heard(ctx, t, behind, saysNext)
		heard(ctx, t, behind, playsMusic)
		if total, _, _ := worse.Heard(); total > 300*time.Millisecond {
			t.Errorf("who is next was told another place for %v", total)
		}
		for _, p := range []patient{next, behind} {
			neverSilent(t, p)
			apart(t, p)
		}
		s.h.Kill()
		if err := s.h.StartApp(ctx); err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{saysMessage, saysNext, saysAbout, saysMinute} { // no higher figure than before
			heard(ctx, t, behind, n)
		}
		neverSilent(t, behind)
		c.hangup(ctx, behind.Call)
		end := c.ends(ctx, behind, acd.Abandoned, acd.LegQueued, "")
		if got := image(end, behind.contact).Told; got != (acd.Told{Minutes: 1, Place: 1}) {
			t.Errorf("the record says that he was told %+v", got)
		}
		c.hangup(ctx, with)
		c.ends(ctx, talks, acd.Answered, acd.LegTalking, "")
	})

	t.Run("an offer", func(t *testing.T) {
		c := s.in(t)
		p := c.queued(ctx, "3103")
		before := c.leg(p)
		press(ctx, t, p.Call, "1") // nothing yet
		heard(ctx, t, p, saysKeyOne)
		if l := c.leg(p); l.State != acd.LegQueued || l.Rev != before.Rev {
			t.Errorf("1 was taken before it was offered: %+v", l)
		}
		unheard(ctx, t, p, saysKeyOne)
		press(ctx, t, p.Call, "1")
		heard(ctx, t, p, saysBack)
		if l := c.reaches(ctx, p, acd.LegMenu); l.Enqueued != before.Enqueued {
			t.Errorf("his place has gone: %+v", l)
		}
		press(ctx, t, p.Call, "1")
		heard(ctx, t, p, saysAgreed)
		neverSilent(t, p)
		c.until(ctx, "he has left for a callback at his age", func(v *acd.View, _ []acd.Entry) bool {
			l, _ := v.Leg(p.contact.Leg(1))
			back, ok := v.Leg(p.contact.Leg(2))
			return ok && !l.Live() && l.End.Outcome == acd.CalledBack && back.Queue == "offre" && back.WaitsFrom() == before.WaitsFrom()
		})
	})
	nothingLeft(ctx, t, s.h)
}

// apart checks that the caller has heard speech and music, and never both at once: of a change from one
// to the other a frame or two may hold both.
func apart(t *testing.T, p patient) {
	t.Helper()
	var b bytes.Buffer
	if err := p.Ear().WriteWAV(&b); err != nil {
		t.Fatal(err)
	}
	samples := make([]int16, (b.Len()-44)/2)
	if err := wav.Read(bytes.NewReader(b.Bytes()[44:]), wav.LittleEndian, samples); err != nil {
		t.Fatal(err)
	}
	const frame = 160 // 20 ms
	speech, music, both, longest := 0, 0, 0, 0
	for i := 0; i+frame <= len(samples); i += frame {
		says := false
		for _, n := range []int{saysMessage, saysNext, saysPlace, saysTwo, saysAbout, saysMinute} {
			says = says || amplitude(samples[i:i+frame], phones.ToneFor(n)) > 300
		}
		plays := amplitude(samples[i:i+frame], phones.ToneFor(playsMusic)) > 300
		if says {
			speech++
		}
		if plays {
			music++
		}
		if both++; !says || !plays {
			both = 0
		}
		longest = max(longest, both)
	}
	t.Logf("speech %d frames, music %d, both at once %d at most", speech, music, longest)
	if speech < 100 || music < 100 {
		t.Errorf("%d frames of speech and %d of music were heard", speech, music)
	}
	if longest > 2 {
		t.Errorf("speech and music overlap for %d ms", 20*longest)
	}
}

// amplitude is that of one frequency in the samples (Goertzel).
func amplitude(samples []int16, hertz float64) float64 {
	coefficient := 2 * math.Cos(2*math.Pi*hertz/8000)
	var s1, s2 float64
	for _, v := range samples {
		s1, s2 = float64(v)+coefficient*s1-s2, s1
	}
	return 2 * math.Sqrt(max(0, s1*s1+s2*s2-coefficient*s1*s2)) / float64(len(samples))
}
