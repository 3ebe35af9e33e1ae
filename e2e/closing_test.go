package e2e

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

// TestClosingTime is the end of a queue's hours: who waits hears of it and is served for a while, an
// agent who comes in the last moment gets him, whose time is over hears when it opens next, and so does
// who calls then. An entry outside its hours says so at once.
func TestClosingTime(t *testing.T) {
	t.Parallel()
	const closing, queueClosed, entryClosed, tomorrow = 40, 43, 46, 49
	dir := recorded(t, map[string]int{"sys.queue_closing": closing, "sys.queue_closed_until.1": queueClosed, "sys.closed_until.1": entryClosed, "cal.day.tomorrow": tomorrow})
	o := quick("hours: jour", "keep_after_closing: 10m")
	o = also(o, "bref", "3102", "wrapup: 0s", "when_unstaffed: wait", "hours: jour", "keep_after_closing: 3s", `steps: [{require: "imagerie >= 1"}, {after: 1s}]`)
	o = with(o, nil, append(dir,
		"\nentries:\n", "\nentries:\n  \"3103\": {trunk: operateur, scenario: direct, hours: demain}\n",
		"\ntimetables:\n", "\ntimetables:\n  demain: {calendar: none, week: {"+dayOf(time.Now().AddDate(0, 0, 1))+": \"00:00-24:00\"}}\n"+
			"  jour: {calendar: none, week: {every day: \"00:00-24:00\"}}\n")...)
	ctx, s := tell(t, o)
	phone := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	s.in(t).sits(ctx, phone, "a18", phones.AnswerAfter(0))
	s.in(t).state(ctx, "a18", acd.AgentPaused)
	s.in(t).waitAgent(ctx, "a18", acd.AgentPaused)

	t.Run("an entry outside its hours", func(t *testing.T) {
		c := s.in(t)
		p := c.patient(ctx, "3103")
		heard(ctx, t, p, entryClosed)
		heard(ctx, t, p, tomorrow)
		c.ends(ctx, p, acd.Closed, acd.LegMenu, "entry_closed")
		neverSilent(t, p)
	})

	// From now on the queues close at the next full minute, or the one after it when that is near, and
	// open again tomorrow.
	now := time.Now().In(s.h.Site.Location)
	closes := now.Add(10 * time.Second).Truncate(time.Minute).Add(time.Minute)
	text := strings.Replace(string(must[[]byte](t)(os.ReadFile(s.h.SitePath))), `jour: {calendar: none, week: {every day: "00:00-24:00"}}`,
		"jour: {calendar: none, week: {"+untilMinute(closes)+"}}", 1)
	if err := os.WriteFile(s.h.SitePath, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, answer, err := s.h.Request(ctx, http.MethodPost, "/v1/config/reload", nil); err != nil || code != http.StatusOK {
		t.Fatalf("%d %.500s %v", code, answer, err)
	}
	c := s.in(t)
	kept, given := c.queued(ctx, "3100"), c.queued(ctx, "3102")
	if l := c.leg(given); l.Due != acd.At(closes).Add(3*time.Second) {
		t.Fatalf("the time of %+v does not end 3 s after %v", l, closes)
	}
	heard(ctx, t, kept, closing)
	if at := s.h.App.Book().Now(); at < acd.At(closes) {
		t.Errorf("told %v before closing time", acd.At(closes).Sub(at))
	}
	heard(ctx, t, given, queueClosed)
	heard(ctx, t, given, tomorrow)
	c.ends(ctx, given, acd.Closed, acd.LegMenu, "queue_closed")
	if l := c.leg(given); l.Enqueued.Never() || l.Offers > 0 {
		t.Errorf("%+v", l)
	}
	neverSilent(t, given)
	for range 2 { // A14
		late := c.patient(ctx, "3100")
		heard(ctx, t, late, queueClosed)
		c.ends(ctx, late, acd.Closed, acd.LegMenu, "queue_closed")
		if l := c.leg(late); !l.Enqueued.Never() {
			t.Errorf("was queued: %+v", l)
		}
	}
	c.state(ctx, "a18", acd.AgentReady)
	meets(ctx, t, kept, nextCall(ctx, t, phone))
	neverSilent(t, kept)
	c.hangup(ctx, kept.Call)
	c.ends(ctx, kept, acd.Answered, acd.LegTalking, "")
	nothingLeft(ctx, t, s.h)
}

// dayOf names the day of an instant as a timetable does.
func dayOf(at time.Time) string { return strings.ToLower(at.Format("Mon")) }

// untilMinute is a week that closes at that minute and opens again the day after, at eight.
func untilMinute(closes time.Time) string {
	last := closes.Add(-time.Minute) // a day ends at 24:00
	minutes := last.Hour()*60 + last.Minute() + 1
	return fmt.Sprintf("%s: \"00:00-%02d:%02d\", %s: \"08:00-20:00\"", dayOf(last), minutes/60, minutes%60, dayOf(last.AddDate(0, 0, 1)))
}
