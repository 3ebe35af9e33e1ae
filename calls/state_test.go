package calls

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"accueil/acd"
)

func remembered() packed {
	return packed{Phase: "queue", Node: "menu", At: 1_764_100_000_123, Leg: acd.Leg{
		ID: acd.NewContactID(1_764_099_990_000).Leg(2), Arrived: 1_764_099_990_000, Queue: "rdv", FirstQueue: "imagerie",
		Enqueued: 1_764_099_995_000, AgeFrom: 1_764_099_992_000, Points: 7, Lang: "en", Reason: "rdv.imagerie", Asks: "en >= 1",
		Offers: 3, Agent: "dupont", Phone: "mobile-dupont", Bridged: 1_764_099_999_000, From: "a02", Out: "acc.c.xab1", Target: "4003",
	}}
}

func TestStateIsReadAsWritten(t *testing.T) {
	want := remembered()
	s := packState(want)
	got, ok := unpackState(s)
	if !ok || packState(got) != s || got.Leg.Enqueued != want.Leg.Enqueued || got.Leg.Asks != want.Leg.Asks || got.Node != want.Node || got.At != want.At {
		t.Errorf("read %v %+v\nof %s", ok, got, s)
	}
	if len(s) > stateLimit {
		t.Errorf("%d bytes", len(s))
	}
}

// What is too long is left out from the end, and what cannot stand in the text at all: the place of the
// caller comes before what the site file knows.
func TestStateIsBounded(t *testing.T) {
	long := strings.Repeat("x", stateValue)
	p := remembered()
	p.Leg.Queue, p.Leg.FirstQueue, p.Leg.Agent, p.Leg.Phone = acd.QueueID(long), acd.QueueID(long), acd.AgentID(long), acd.PhoneID(long)
	p.Leg.Reason, p.Leg.From, p.Leg.Asks, p.Node = acd.ReasonID(long), acd.AgentID(long), long, long
	s := packState(p)
	got, ok := unpackState(s)
	if len(s) > stateLimit || !ok || got.Leg.Queue != p.Leg.Queue || got.Leg.Enqueued != p.Leg.Enqueued || got.Node != "" {
		t.Errorf("%d bytes, %v %+v", len(s), ok, got)
	}
	p = remembered()
	p.Leg.Asks, p.Leg.Reason, p.Node = `fr in ["x"]`, "a|b", "${EXTEN}"
	if got, ok := unpackState(packState(p)); !ok || got.Leg.Asks != "" || got.Leg.Reason != "" || got.Node != "" || got.Leg.Queue != "rdv" {
		t.Errorf("%v %+v", ok, got)
	}
}

func TestStateOfOtherVersions(t *testing.T) {
	got, ok := unpackState("1|01234567-89ab-7def-8123-456789abcdef|2|menu|accueil")
	if !ok || got.Leg.ID != "01234567-89ab-7def-8123-456789abcdef/2" || got.Phase != "menu" || got.Node != "accueil" {
		t.Errorf("the program before: %v %+v", ok, got)
	}
	later := packState(remembered()) + "|z=new"
	if got, ok := unpackState(later); !ok || got.Leg.Queue != "rdv" {
		t.Errorf("a field of a later program: %v %+v", ok, got)
	}
	if _, ok := unpackState("3" + packState(remembered())[1:]); ok {
		t.Error("another version was read")
	}
}

func TestStateThatIsNotOurs(t *testing.T) {
	for _, s := range []string{"", "2", "2||1", "2|c|0", "2|c|-1", "2|c|1000", "2|c|x", "2|C|1", "2|c d|1", "2|c|1|", "2|c|1|q", "2|c|1|q=",
		"2|c|1|q=a|q=b", "2|c|1|w=11", "2|c|1|w=-1", "2|c|1|w=x", "2|c|1|e=0", "2|c|1|e=-5", "2|c|1|e=zzzzzzzzzzz", "2|c|1|o=10000",
		"2|c|1|q=\x00", "2|c|1|q=é", "2|c|1|q=a\nb", "2|c|1|q=" + strings.Repeat("x", stateValue+1), "1|c|1|menu", "1|c|1|menu|n|x",
		"2|c|1" + strings.Repeat("|z=x", 200)} {
		if p, ok := unpackState(s); ok {
			t.Errorf("%q was read as %+v", s, p)
		}
	}
}

func FuzzUnpackState(f *testing.F) {
	f.Add(packState(remembered()))
	f.Add("1|c|1|menu|n")
	f.Add("2|c|1|q=a|e=zz")
	f.Fuzz(func(t *testing.T, s string) {
		p, ok := unpackState(s)
		if !ok {
			return
		}
		again, ok := unpackState(packState(p))
		if !ok || packState(again) != packState(p) {
			t.Errorf("%q is read and cannot be written", s)
		}
	})
}

func TestStateOfAnyLeg(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		word := rapid.String()
		p := packed{Phase: word.Draw(rt, "phase"), Node: word.Draw(rt, "node"), At: acd.Instant(rapid.Int64Range(0, 1<<47-1).Draw(rt, "at")), Leg: acd.Leg{
			ID: acd.NewContactID(1).Leg(1), Queue: acd.QueueID(word.Draw(rt, "queue")), Reason: acd.ReasonID(word.Draw(rt, "reason")),
			Asks: word.Draw(rt, "asks"), Points: rapid.IntRange(0, acd.MaxPoints).Draw(rt, "points"),
		}}
		s := packState(p)
		if _, ok := unpackState(s); !ok || len(s) > stateLimit {
			rt.Fatalf("written and not read: %q", s)
		}
	})
}
