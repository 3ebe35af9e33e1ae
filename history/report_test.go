package history

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"accueil/acd"
)

const noon = acd.Instant(1_780_315_200_000) // 2026-06-01T12:00:00Z

// maker writes records by their letter.
type maker struct {
	n  int
	at acd.Instant
	rs []Record
}

func (m *maker) add(count int, wait time.Duration, o acd.Outcome, phase acd.LegState, edit ...func(*Record)) {
	for range count {
		m.n++
		c := acd.ContactID(fmt.Sprintf("c%04d", m.n))
		r := Record{Contact: c, Leg: c.Leg(1), Entry: "3000", Reason: "rdv", Arrived: m.at, Outcome: o, Phase: phase}
		switch phase {
		case acd.LegArrived, acd.LegMenu:
			r.Ended = m.at.Add(wait)
		default:
			r.Enqueued, r.Queue, r.FirstQueue = m.at.Add(20*time.Second), "rdv", "rdv"
			r.Dequeued = r.Enqueued.Add(wait)
			r.Ended = r.Dequeued
			if o == acd.Answered {
				r.Bridged, r.Agent, r.Ended = r.Dequeued, "a01", r.Dequeued.Add(time.Minute)
			}
		}
		for _, e := range edit {
			e(&r)
		}
		m.rs = append(m.rs, r)
	}
}

func reached(r *Record) { r.Bridged = r.Dequeued }

// theDay is the day of KPI.md (SCENARIOS C18): every value differs, so that a swapped formula shows.
func theDay() []Record {
	m := &maker{at: noon}
	s := time.Second
	m.add(40, 10*s, acd.Answered, acd.LegTalking)
	m.add(41, 30*s, acd.Answered, acd.LegTalking) // 81 within 30 s, bound included
	m.add(15, 60*s, acd.Answered, acd.LegHeld)    // 96 within 60 s
	m.add(12, 61*s, acd.Answered, acd.LegTalking) // 108
	m.add(4, 10*s, acd.Abandoned, acd.LegQueued)  // short
	m.add(7, 45*s, acd.Abandoned, acd.LegOffered) // 11 within 60 s
	m.add(5, 90*s, acd.Abandoned, acd.LegBriefing)
	m.add(4, 100*s, acd.CalledBack, acd.LegQueued, reached)
	m.add(3, 100*s, acd.CalledBack, acd.LegQueued)
	m.add(4, 120*s, acd.Overflow, acd.LegQueued, reached)
	m.add(1, 120*s, acd.Voicemail, acd.LegVoicemail)
	m.add(1, 5*s, acd.Failed, acd.LegQueued)
	m.add(1, 60*s, acd.Failed, acd.LegTalking)
	m.add(10, 5*s, acd.Abandoned, acd.LegMenu) // misdials
	m.add(14, 6*s, acd.Abandoned, acd.LegMenu)
	m.add(1, 40*s, acd.Abandoned, acd.LegArrived)
	m.add(15, 30*s, acd.SelfServed, acd.LegMenu)
	m.add(3, 30*s, acd.Dissuaded, acd.LegMenu)
	// Outside H: they must change nothing.
	m.add(6, 30*s, acd.Closed, acd.LegMenu)
	m.add(2, 30*s, acd.Emergency, acd.LegMenu)
	m.add(1, 30*s, acd.Emergency, acd.LegQueued)
	return m.rs
}

func want(t *testing.T, g Group, key string, v float64) {
	t.Helper()
	f, ok := g.Figure(key)
	switch {
	case !ok:
		t.Errorf("no figure %s", key)
	case f.Value == nil:
		t.Errorf("%s is undefined, want %v", key, v)
	case math.Abs(*f.Value-v) > 0.005:
		t.Errorf("%s = %.4f, want %.2f", key, *f.Value, v)
	}
}

func TestKPIFixture(t *testing.T) {
	t.Parallel()
	r, err := NewReport(theDay(), nil, Params{ShortAbandon: DefaultShortAbandon})
	if err != nil {
		t.Fatal(err)
	}
	c := r.Total.Counts
	got := fmt.Sprint(c.Received, c.H, c.Q, c.A, c.B, c.Bs, c.Bl, c.K, c.Kr, c.O, c.Oa, c.E, c.X, c.M, c.S, c.D, c.Closed, c.Emergency)
	if w := fmt.Sprint(190, 181, 138, 108, 16, 4, 12, 7, 4, 5, 4, 2, 25, 10, 15, 3, 6, 3); got != w {
		t.Fatalf("counts\n got %s\nwant %s", got, w)
	}
	for key, v := range map[string]float64{
		"decroche_gross": 78.26, "decroche_net": 80.60, "decroche_with_callbacks": 83.58,
		"abandon_gross": 11.59, "abandon_net": 8.96, "qs_30": 60.45, "qs_60": 71.64, "demandes_abouties": 78.44,
		"sl_genesys_flow_outs_60": 70.59, "sl_cisco_negative_60": 72.73, "sl_cisco_ignored_60": 76.80,
		"sl_cisco_positive_60": 78.03, "sl_genesys_60": 77.42, "sl_connect_60": 77.54,
		"sl_genesys_no_short_60": 80.00, "sl_genesys_no_abandons_60": 88.89,
		"longest_wait": 120, "asa_max": 61, "asa_p50": 30, "asa_p90": 61,
		"asa": (40*10 + 41*30 + 15*60 + 12*61) / 108.0, "asa_line": 20 + (40*10+41*30+15*60+12*61)/108.0,
		"abandon_delay": (4*10 + 7*45 + 5*90) / 16.0, "abandon_delay_p50": 45, "aht": 60,
	} {
		want(t, r.Total, key, v)
	}
	if f, _ := r.Total.Figure("demandes_abouties"); *f.Num != 131 || *f.Den != 167 {
		t.Errorf("demandes abouties %v/%v, want 131/167", *f.Num, *f.Den)
	}
	for _, f := range r.Total.Figures {
		if !strings.HasSuffix(f.Formula, "/1") {
			t.Errorf("%s names no formula version: %q", f.Key, f.Formula)
		}
	}
}

func TestThresholdsAreReadTimeParameters(t *testing.T) {
	t.Parallel()
	r, err := NewReport(theDay(), nil, Params{ShortAbandon: 45 * time.Second, ServiceLevel: []time.Duration{10 * time.Second, 7500 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	if c := r.Total.Counts; c.Bs != 11 || c.Bl != 5 {
		t.Errorf("Bs %d Bl %d, want 11 and 5", c.Bs, c.Bl)
	}
	want(t, r.Total, "qs_10", 100*40.0/127)
	want(t, r.Total, "qs_7_5", 0)
	if _, ok := r.Total.Figure("qs_60"); ok {
		t.Error("qs_60 given though not asked for")
	}
	for _, bad := range []Params{
		{By: "agent"}, {From: 2, To: 1}, {ShortAbandon: -1}, {ServiceLevel: []time.Duration{0}}, {ServiceLevel: make([]time.Duration, 11)},
	} {
		var e ErrParams
		if _, err := NewReport(nil, nil, bad); !errors.As(err, &e) {
			t.Errorf("%+v gave %v", bad, err)
		}
	}
}

func TestEmptyReportHasNoValues(t *testing.T) {
	t.Parallel()
	r, err := NewReport(nil, nil, Params{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Total.Figures {
		if f.Value != nil && f.Key != "agent_contact_time" {
			t.Errorf("%s = %v of nothing", f.Key, *f.Value)
		}
	}
}

// The interval fixture of KPI.md: the contact belongs to the half hour of its arrival, the agent's
// time to those in which he worked.
func TestIntervalFixture(t *testing.T) {
	t.Parallel()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	clock := func(h, m int) acd.Instant { return acd.At(time.Date(2026, 6, 1, h, m, 0, 0, paris)) }
	rec := Record{Contact: "c", Leg: "c/1", Arrived: clock(9, 58), Enqueued: clock(9, 58), Queue: "rdv", FirstQueue: "rdv",
		Bridged: clock(10, 1), Dequeued: clock(10, 1), Ended: clock(10, 12), Agent: "a01", Outcome: acd.Answered, Phase: acd.LegTalking,
		ACWBegan: clock(10, 12), ACWEnded: clock(10, 13)}
	spans := []Span{
		{Agent: "a01", State: acd.AgentReady, From: clock(9, 40), To: clock(10, 0)},
		{Agent: "a01", State: acd.AgentOffered, From: clock(10, 0), To: clock(10, 1)},
		{Agent: "a01", State: acd.AgentBusy, From: clock(10, 1), To: clock(10, 12)},
		{Agent: "a01", State: acd.AgentWrapup, From: clock(10, 12), To: clock(10, 13)},
	}
	r, err := NewReport([]Record{rec}, spans, Params{By: ByHalfHour, TZ: paris})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Groups) != 2 || r.Groups[0].Key != "2026-06-01T09:30:00.000+02:00" || r.Groups[1].Key != "2026-06-01T10:00:00.000+02:00" {
		t.Fatalf("groups %+v", r.Groups)
	}
	early, late := r.Groups[0], r.Groups[1]
	if early.Counts.A != 1 || late.Counts.Received != 0 {
		t.Errorf("counted %+v and %+v", early.Counts, late.Counts)
	}
	want(t, early, "asa", 180)
	want(t, early, "agent_contact_time", 0)
	want(t, early, "occupancy", 0)
	want(t, late, "agent_contact_time", 12*60)
	want(t, late, "occupancy", 100)
	want(t, r.Total, "occupancy", 100*12/32.0)
	want(t, r.Total, "aht", 12*60)
	want(t, r.Total, "acw", 60)
}

// The night when clocks go back has each half hour from two to three twice.
func TestHalfHoursAcrossDST(t *testing.T) {
	t.Parallel()
	paris, _ := time.LoadLocation("Europe/Paris")
	m := &maker{at: acd.At(time.Date(2026, 10, 25, 0, 45, 0, 0, time.UTC))} // 02:45 summer time
	m.add(1, time.Second, acd.SelfServed, acd.LegMenu)
	m.at = m.at.Add(time.Hour) // 02:45 winter time
	m.add(2, time.Second, acd.SelfServed, acd.LegMenu)
	r, err := NewReport(m.rs, nil, Params{By: ByHalfHour, TZ: paris})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Groups) != 2 || r.Groups[0].Key != "2026-10-25T02:30:00.000+02:00" || r.Groups[1].Key != "2026-10-25T02:30:00.000+01:00" {
		t.Fatalf("groups %+v", r.Groups)
	}
	if r.Groups[0].Counts.S != 1 || r.Groups[1].Counts.S != 2 {
		t.Error("the two half hours of the same name were mixed")
	}
}

// SCENARIOS A16.
func TestReceivedAnsweredAbandonedDissuaded(t *testing.T) {
	t.Parallel()
	m := &maker{at: noon}
	m.add(1, 3*time.Second, acd.Answered, acd.LegTalking)
	m.add(1, 2*time.Second, acd.Abandoned, acd.LegQueued)
	m.add(1, time.Second, acd.Dissuaded, acd.LegMenu)
	r, err := NewReport(m.rs, nil, Params{})
	if err != nil {
		t.Fatal(err)
	}
	if c := r.Total.Counts; c.Received != 3 || c.A != 1 || c.B != 1 || c.D != 1 {
		t.Errorf("%+v", c)
	}
	want(t, r.Total, "asa", 3)
	want(t, r.Total, "abandon_delay", 2)
}

func TestTransferLegsCountForTheirQueue(t *testing.T) {
	t.Parallel()
	m := &maker{at: noon}
	m.add(1, 3*time.Second, acd.Answered, acd.LegTalking)
	first := m.rs[0]
	second := Record{Contact: first.Contact, Leg: first.Leg.Next(), Previous: first.Leg, Entry: "3000", Reason: "rdv",
		Arrived: first.Ended, Enqueued: first.Ended, Queue: "admission", FirstQueue: "admission",
		Dequeued: first.Ended.Add(time.Minute), Ended: first.Ended.Add(time.Minute), Outcome: acd.Abandoned, Phase: acd.LegQueued}
	ringOut := Record{Contact: "z", Leg: "z/2", Previous: "z/1", Arrived: noon, Ended: noon + 5000, Outcome: acd.TransferredOut, Phase: acd.LegTalking}
	m.rs = append(m.rs, second, ringOut)

	whole, err := NewReport(m.rs, nil, Params{})
	if err != nil {
		t.Fatal(err)
	}
	if c := whole.Total.Counts; c.Received != 1 || c.A != 1 || c.B != 0 || c.LostAfterTransfer != 1 || c.Transfers != 2 {
		t.Errorf("headline %+v", c)
	}
	byQueue, err := NewReport(m.rs, nil, Params{By: ByQueue})
	if err != nil {
		t.Fatal(err)
	}
	if len(byQueue.Groups) != 2 {
		t.Fatalf("groups %+v", byQueue.Groups)
	}
	if g := byQueue.Groups[0]; g.Key != "admission" || g.Counts.B != 1 || g.Counts.Q != 1 {
		t.Errorf("second queue %+v", g)
	}
	if g := byQueue.Groups[1]; g.Key != "rdv" || g.Counts.A != 1 || g.Counts.LostAfterTransfer != 1 {
		t.Errorf("first queue %+v", g)
	}
}

func TestOverflowBetweenOwnQueuesStaysWithTheFirst(t *testing.T) {
	t.Parallel()
	m := &maker{at: noon}
	m.add(1, 3*time.Second, acd.Answered, acd.LegTalking, func(r *Record) { r.Queue = "accueil" })
	r, err := NewReport(m.rs, nil, Params{By: ByQueue})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Groups) != 2 || r.Groups[0].Counts.EnteredByOverflow != 1 || r.Groups[0].Counts.Q != 0 || r.Groups[1].Counts.A != 1 {
		t.Errorf("%+v", r.Groups)
	}
}

// drawRecord makes any record, sensible or not: outcomes and phases that no table allows, instants in
// any order.
func drawRecord(t *rapid.T) Record {
	when := rapid.Custom(func(t *rapid.T) acd.Instant {
		if rapid.Bool().Draw(t, "never") {
			return 0
		}
		return noon + acd.Instant(rapid.Int64Range(-100_000, 3_600_000).Draw(t, "ms"))
	})
	outcomes := append([]acd.Outcome{"", "from the future"}, acd.Outcomes...)
	c := acd.ContactID(rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "contact"))
	r := Record{
		Contact: c, Leg: c.Leg(1),
		Outcome: rapid.SampledFrom(outcomes).Draw(t, "outcome"), Phase: rapid.SampledFrom(acd.LegStates).Draw(t, "phase"),
		Arrived: when.Draw(t, "arrived"), Enqueued: when.Draw(t, "enqueued"), Dequeued: when.Draw(t, "dequeued"),
		Bridged: when.Draw(t, "bridged"), Ended: when.Draw(t, "ended"), ACWBegan: when.Draw(t, "acw"), ACWEnded: when.Draw(t, "acw end"),
		FirstQueue: acd.QueueID(rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "first queue")),
		Queue:      acd.QueueID(rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "queue")),
		Reason:     acd.ReasonID(rapid.SampledFrom([]string{"", "r", "s"}).Draw(t, "reason")),
		Agent:      acd.AgentID(rapid.SampledFrom([]string{"", "a01"}).Draw(t, "agent")),
	}
	if rapid.Bool().Draw(t, "transfer") {
		r.Leg, r.Previous = c.Leg(2), c.Leg(1)
	}
	return r
}

func TestIdentitiesHoldForAnyLegs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rs := rapid.SliceOfN(rapid.Custom(drawRecord), 0, 40).Draw(t, "records")
		p := Params{
			By:           rapid.SampledFrom(Divisions).Draw(t, "by"),
			ShortAbandon: time.Duration(rapid.IntRange(0, 120).Draw(t, "short")) * time.Second,
		}
		r, err := NewReport(rs, nil, p)
		if err != nil {
			t.Fatal(err)
		}
		q := 0
		for _, g := range r.Groups {
			q += g.Counts.Q
			for _, f := range g.Figures {
				share := f.Unit == UnitPercent && f.Value != nil
				if share && (*f.Value < 0 || *f.Value > 100) {
					t.Fatalf("group %s: %s = %v %%", g.Key, f.Key, *f.Value)
				}
			}
		}
		if (p.By == ByReason || p.By == ByEntry || p.By == ByHalfHour) && q != r.Total.Counts.Q {
			t.Fatalf("groups hold %d of Q = %d", q, r.Total.Counts.Q)
		}
	})
}

func TestIdentityFailureIsTold(t *testing.T) {
	t.Parallel()
	var e ErrIdentity
	if err := (Counts{Received: 2, H: 2, Q: 2, A: 1, X: 0}).Check("rdv"); !errors.As(err, &e) || e.Group != "rdv" {
		t.Errorf("got %v", err)
	}
}

func TestClassify(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		o      acd.Outcome
		phase  acd.LegState
		queued bool
		want   Letter
	}{
		{acd.Answered, acd.LegTalking, true, LetterA},
		{acd.Answered, acd.LegSurvey, true, LetterA},
		{acd.Abandoned, acd.LegQueued, true, LetterB},
		{acd.Abandoned, acd.LegOffered, true, LetterB},
		{acd.Abandoned, acd.LegBriefing, true, LetterB},
		{acd.Abandoned, acd.LegMenu, true, LetterB}, // left the queue with key 9, then hung up
		{acd.Abandoned, acd.LegMenu, false, LetterX},
		{acd.Abandoned, acd.LegArrived, false, LetterX},
		{acd.CalledBack, acd.LegQueued, true, LetterK},
		{acd.CalledBack, acd.LegMenu, false, LetterV},
		{acd.Overflow, acd.LegQueued, true, LetterO},
		{acd.Voicemail, acd.LegVoicemail, true, LetterO},
		{acd.Voicemail, acd.LegVoicemail, false, LetterV},
		{acd.Dissuaded, acd.LegMenu, true, LetterO},
		{acd.Dissuaded, acd.LegMenu, false, LetterD},
		{acd.Closed, acd.LegQueued, true, LetterO},
		{acd.Closed, acd.LegMenu, false, Closed},
		{acd.Emergency, acd.LegMenu, false, Urgent},
		{acd.Emergency, acd.LegMenu, true, Urgent},
		{acd.Failed, acd.LegTalking, true, LetterE},
		{acd.Failed, acd.LegMenu, false, LetterF},
		{acd.Overflow, acd.LegArrived, false, LetterF}, // the safety net answered
		{acd.Overflow, acd.LegMenu, false, LetterT},
		{acd.TransferredOut, acd.LegTalking, false, LetterT},
		{acd.SelfServed, acd.LegMenu, false, LetterS},
		{"unheard of", acd.LegMenu, false, LetterF},
		{"unheard of", acd.LegMenu, true, LetterE},
	} {
		if got := Classify(c.o, c.phase, c.queued); got != c.want {
			t.Errorf("%s in %s (queued %v) is %s, want %s", c.o, c.phase, c.queued, got, c.want)
		}
	}
}
