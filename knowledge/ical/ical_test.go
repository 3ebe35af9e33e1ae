package ical

import (
	"os"
	"strings"
	"testing"
	"time"

	"accueil/diag"
)

func paris(t testing.TB) *time.Location {
	t.Helper()
	l, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// window is from September 2026 to October 2027.
func window(t testing.TB) Options {
	from := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	return Options{Location: paris(t), From: from, To: from.AddDate(0, 0, 400), Most: 2000}
}

// told is when things happen, on the wall of Paris: "10-02 18:30>10-03 08:00 14h". The length is the true one.
func told(t testing.TB, c Calendar) (out []string) {
	for _, o := range c.Occurrences {
		out = append(out, o.From.In(paris(t)).Format("01-02 15:04")+">"+o.To.In(paris(t)).Format("01-02 15:04")+" "+strings.TrimSuffix(o.To.Sub(o.From).String(), "0s"))
	}
	return out
}

func expect(t *testing.T, c Calendar, findings diag.Findings, want string) {
	t.Helper()
	if len(findings) > 0 {
		t.Errorf("findings: %v", findings)
	}
	lines := strings.Split(strings.TrimSpace(want), "\n")
	got := told(t, c)
	if strings.TrimSpace(want) == "" {
		lines = nil
	}
	for i := range max(len(got), len(lines)) {
		g, w := "", ""
		if i < len(got) {
			g = got[i]
		}
		if i < len(lines) {
			w = strings.TrimSpace(lines[i])
		}
		if g != w {
			t.Errorf("%d: %q, want %q", i, g, w)
		}
	}
}

func product(t testing.TB, name string) string {
	t.Helper()
	content, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// TestOutlook: a zone that begins in 1601 under a Windows name, an event of each Friday with two left out and one
// moved, over the night of 25 October on which the clock is put back.
func TestOutlook(t *testing.T) {
	t.Parallel()
	c, findings := Read(product(t, "outlook.ics"), window(t))
	expect(t, c, findings, `
		10-02 18:30>10-03 08:00 13h30m
		10-09 18:30>10-10 08:00 13h30m
		10-23 20:00>10-24 09:00 13h0m
		10-30 18:30>10-31 08:00 13h30m
		11-06 18:30>11-07 08:00 13h30m
		11-13 18:30>11-14 08:00 13h30m
		11-20 18:30>11-21 08:00 13h30m
		11-27 18:30>11-28 08:00 13h30m
		12-04 18:30>12-05 08:00 13h30m
		12-11 18:30>12-12 08:00 13h30m
		12-18 18:30>12-19 08:00 13h30m
		01-01 18:30>01-02 08:00 13h30m
		01-08 18:30>01-09 08:00 13h30m
		01-15 18:30>01-16 08:00 13h30m`)
	first, moved := c.Occurrences[0], c.Occurrences[2]
	if first.Summary != "Cardiologue de garde, week-end et soirée de la semaine qui précède" || first.Contact != "4106, 06 39 98 01 06" || first.Own || !first.Repeats || first.Line != 21 {
		t.Errorf("%+v", first.Event)
	}
	if moved.Summary != "Cardiologue remplaçant" || moved.Contact != "4107" || !moved.Own {
		t.Errorf("%+v", moved.Event)
	}
}

// TestGoogle: zones of the IANA database, an end in UTC, one left out, one changed, one cancelled, whole days.
func TestGoogle(t *testing.T) {
	t.Parallel()
	c, findings := Read(product(t, "google.ics"), window(t))
	expect(t, c, findings, `
		10-19 18:00>10-20 08:00 14h0m
		10-20 18:00>10-21 08:00 14h0m
		10-21 18:00>10-22 08:00 14h0m
		10-24 00:00>10-26 00:00 49h0m
		10-26 18:00>10-27 08:00 14h0m
		10-27 19:00>10-28 08:00 13h0m
		10-29 18:00>10-30 08:00 14h0m`)
	if c.Name != "Gardes imagerie" || c.Occurrences[0].Location != "4114" {
		t.Errorf("%q %+v", c.Name, c.Occurrences[0].Event)
	}
}

// TestZimbra: a zone under a name of its own, which the file defines; a duration, which on the night of 25 October
// still ends at 08:00.
func TestZimbra(t *testing.T) {
	t.Parallel()
	c, findings := Read(product(t, "zimbra.ics"), window(t))
	expect(t, c, findings, `
		10-23 20:00>10-24 08:00 12h0m
		10-24 20:00>10-25 08:00 13h0m
		10-25 20:00>10-26 08:00 12h0m
		10-26 20:00>10-27 08:00 12h0m`)
	if c.Name != "Cardiologie" {
		t.Error(c.Name)
	}
}

func events(lines ...string) string {
	return "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:x\n" + strings.Join(lines, "\n") + "\nEND:VEVENT\nEND:VCALENDAR\n"
}

const (
	nightly = "DTSTART;TZID=Europe/Paris:20270326T220000\nDTEND;TZID=Europe/Paris:20270327T080000"
	evening = "DTSTART:20261201T180000\nDTEND:20261201T200000"
)

func TestRepetitions(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct{ lines, want string }{
		"the night that is an hour shorter": {nightly + "\nRRULE:FREQ=DAILY;COUNT=3",
			"03-26 22:00>03-27 08:00 10h0m\n03-27 22:00>03-28 08:00 9h0m\n03-28 22:00>03-29 08:00 10h0m"},
		"a beginning that the clock leaps over": {"DTSTART:20270327T023000\nDTEND:20270327T040000\nRRULE:FREQ=DAILY;COUNT=2",
			"03-27 02:30>03-27 04:00 1h30m\n03-28 03:30>03-28 04:00 30m"},
		"a beginning that comes twice": {"DTSTART:20261024T023000\nDTEND:20261024T040000\nRRULE:FREQ=DAILY;COUNT=2",
			"10-24 02:30>10-24 04:00 1h30m\n10-25 02:30>10-25 04:00 2h30m"},
		"a duration of an event that happens once is exact": {"DTSTART;TZID=Europe/Paris:20270327T220000\nDURATION:PT9H", "03-27 22:00>03-28 08:00 9h0m"},
		"a duration of days is of the wall":                 {"DTSTART;TZID=Europe/Paris:20270327T080000\nDURATION:P1D", "03-27 08:00>03-28 08:00 23h0m"},
		"a day, without an end":                             {"DTSTART;VALUE=DATE:20270328", "03-28 00:00>03-29 00:00 23h0m"},
		"weekends, by whole days":                           {"DTSTART;VALUE=DATE:20270320\nDTEND;VALUE=DATE:20270322\nRRULE:FREQ=WEEKLY;UNTIL=20270327", "03-20 00:00>03-22 00:00 48h0m\n03-27 00:00>03-29 00:00 47h0m"},
		"an end that is a day holds the day":                {evening + "\nRRULE:FREQ=DAILY;UNTIL=20261202", "12-01 18:00>12-01 20:00 2h0m\n12-02 18:00>12-02 20:00 2h0m"},
		"an end on the wall":                                {evening + "\nRRULE:FREQ=DAILY;UNTIL=20261202T180000", "12-01 18:00>12-01 20:00 2h0m\n12-02 18:00>12-02 20:00 2h0m"},
		"an end in UTC":                                     {evening + "\nRRULE:FREQ=DAILY;UNTIL=20261202T165959Z", "12-01 18:00>12-01 20:00 2h0m"},
		"the last Friday of the month": {"DTSTART:20261030T180000\nDTEND:20261030T200000\nRRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=3;",
			"10-30 18:00>10-30 20:00 2h0m\n11-27 18:00>11-27 20:00 2h0m\n12-25 18:00>12-25 20:00 2h0m"},
		"every other week, from Sunday": {"DTSTART:20261202T180000\nDTEND:20261202T200000\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,WE;WKST=SU;COUNT=3",
			"12-02 18:00>12-02 20:00 2h0m\n12-13 18:00>12-13 20:00 2h0m\n12-16 18:00>12-16 20:00 2h0m"},
		"a beginning that the rule does not hit happens too": {evening + "\nRRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=1", "12-01 18:00>12-01 20:00 2h0m\n12-04 18:00>12-04 20:00 2h0m"},
		"dates, and a period":                                {evening + "\nRDATE:20261205T180000,20261208T180000\nRDATE;VALUE=PERIOD:20261210T180000/PT1H,20261211T180000/20261211T223000", "12-01 18:00>12-01 20:00 2h0m\n12-05 18:00>12-05 20:00 2h0m\n12-08 18:00>12-08 20:00 2h0m\n12-10 18:00>12-10 19:00 1h0m\n12-11 18:00>12-11 22:30 4h30m"},
		"a date that is a day keeps the hour":                {evening + "\nRDATE;VALUE=DATE:20261205", "12-01 18:00>12-01 20:00 2h0m\n12-05 18:00>12-05 20:00 2h0m"},
		"left out in UTC":                                    {evening + "\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE:20261202T170000Z", "12-01 18:00>12-01 20:00 2h0m"},
		"left out by the day":                                {evening + "\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE;VALUE=DATE:20261201", "12-02 18:00>12-02 20:00 2h0m"},
		"a zone behind a prefix":                             {"DTSTART;TZID=/mozilla.org/20071231_1/Indian/Reunion:20261201T180000\nDTEND;TZID=/mozilla.org/20071231_1/Indian/Reunion:20261201T200000", "12-01 15:00>12-01 17:00 2h0m"},
		"a zone of Outlook that the file does not define":    {"DTSTART;TZID=SA Eastern Standard Time:20261201T180000\nDTEND;TZID=SA Eastern Standard Time:20261201T200000", "12-01 22:00>12-02 00:00 2h0m"},
		"cancelled":                        {evening + "\nSTATUS:CANCELLED", ""},
		"a newer version in the same file": {evening + "\nSEQUENCE:1\nEND:VEVENT\nBEGIN:VEVENT\nUID:1\nSEQUENCE:3\nDTSTART:20261203T180000\nDTEND:20261203T190000\nEND:VEVENT\nBEGIN:VEVENT\nUID:1\nSEQUENCE:2\n" + evening, "12-03 18:00>12-03 19:00 1h0m"},
		"the series is cancelled":          {evening + "\nRRULE:FREQ=DAILY;COUNT=2\nSTATUS:CANCELLED\nEND:VEVENT\nBEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20261202T180000\n" + evening, ""},
		"one of a series, by its day":      {evening + "\nRRULE:FREQ=DAILY;COUNT=2\nEND:VEVENT\nBEGIN:VEVENT\nUID:1\nRECURRENCE-ID;VALUE=DATE:20261202\nDTSTART:20261202T190000\nDTEND:20261202T200000", "12-01 18:00>12-01 20:00 2h0m\n12-02 19:00>12-02 20:00 1h0m"},
		"only what is in the window":       {"DTSTART:20240101T180000\nDTEND:20240101T200000\nRRULE:FREQ=YEARLY", "01-01 18:00>01-01 20:00 2h0m"},
		"once, wherever it lies":           {"DTSTART:20240101T180000\nDTEND:20240101T200000", "01-01 18:00>01-01 20:00 2h0m"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, findings := Read(events(x.lines), window(t))
			expect(t, c, findings, x.want)
		})
	}
}

// TestAnOwnEventInheritsWhatItLeavesOut of its series.
func TestAnOwnEventInheritsWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	c, findings := Read(events(evening, "CATEGORIES:a,b\\,c", "CONTACT:4106", "RRULE:FREQ=DAILY;COUNT=2", "END:VEVENT", "BEGIN:VEVENT", "UID:1", "RECURRENCE-ID:20261202T180000", "DTSTART:20261202T190000", "DTEND:20261202T200000", "SUMMARY:y"), window(t))
	if len(findings) > 0 || len(c.Occurrences) != 2 {
		t.Fatalf("%v %v", findings, told(t, c))
	}
	if e := c.Occurrences[1].Event; e.Summary != "y" || e.Contact != "4106" || len(e.Categories) != 2 || e.Categories[1] != "b,c" {
		t.Errorf("%+v", e)
	}
}

// TestMistakes: each has its line, and nothing of what the file says of people is told.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]string{
		"DTSTART:20261201T180000":                                     ":2:1: the event has no end",
		"DTEND:20261201T180000":                                       ":2:1: the event has no beginning",
		"DTSTART:2026-12-01\nDURATION:PT1H":                           ":5:1: this is no time",
		"DTSTART:20261301T180000\nDURATION:PT1H":                      ":5:1: this is no time",
		"DTSTART;TZID=Local:20261201T180000\nDURATION:PT1H":           `:5:1: the time zone "Local" is not known`,
		"DTSTART;TZID=../../etc/passwd:20261201T180000\nDURATION:P1D": "is not known",
		"DTSTART:20261201T180000\nDTEND:20261201T170000":              ":6:1: it ends before it begins",
		"DTSTART:20261201T180000\nDURATION:-PT1H":                     ":6:1: this is no duration",
		"DTSTART:20261201T180000\nDURATION:PT":                        "this is no duration",
		"DTSTART:20261201T180000\nDURATION:P1H":                       "this is no duration",
		"DTSTART:20261201T180000\nDURATION:P99999999999999999999D":    "this is no duration",
		evening + "\nRRULE:FREQ=HOURLY":                               ":7:1: the rule by which it repeats is not read",
		evening + "\nRRULE:FREQ=DAILY;BYMINUTE=0,30":                  "the rule by which it repeats is not read",
		evening + "\nRRULE:FREQ=DAILY;INTERVAL=99999999999":           "the rule by which it repeats is not read",
		evening + "\nRRULE:FREQ=DAILY;SECRET=1":                       "the rule by which it repeats is not read",
		evening + "\nRRULE:FREQ=MONTHLY;BYDAY=-9FR;BYSETPOS=1":        "the rule by which it repeats is not read",
		evening + "\nRRULE:":                                          "the rule by which it repeats is not read",
		evening + "\nRRULE:FREQ=DAILY;UNTIL=never":                    ":7:1: the rule ends at no time",
		evening + "\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30":        "the rule by which it repeats never happens",
		evening + "\nEXRULE:FREQ=DAILY":                               "a rule of what is left out is not read",
		evening + "\nEXDATE:never":                                    ":7:1: this is no time",
		evening + "\nRDATE:20261205T180000/never":                     ":7:1: this is no time",
		evening + "\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261201T1800": "one event of a series that changes all later ones is not read",
	} {
		c, findings := Read(events(lines, "CONTACT:SECRET"), window(t))
		if got := findings.String(); !findings.Failed() || !strings.Contains(got, want) || strings.Contains(got, "SECRET") || len(c.Occurrences) > 0 {
			t.Errorf("%q: want %q in %q, %v", lines, want, got, told(t, c))
		}
	}
	for content, want := range map[string]string{
		"BEGIN:VCALENDAR\nEND:VCALENDAR\n":                                 "the calendar has no event",
		"BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + evening + "\n":                 ":2:1: the last event has no end",
		strings.Repeat("BEGIN:VEVENT\nEND:VEVENT\n", 2001):                 "the file has more than 2000 events",
		strings.Repeat(events(evening+"\nRRULE:FREQ=DAILY;COUNT=300"), 10): "happen more than 2000 times",
	} {
		if _, findings := Read(content, window(t)); !strings.Contains(findings.String(), want) || !findings.Failed() {
			t.Errorf("want %q in %q", want, findings)
		}
	}
}

// TestWarnings: what is likely to be meant otherwise is told, and read.
func TestWarnings(t *testing.T) {
	t.Parallel()
	for lines, want := range map[string]string{
		evening + "\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE:20261202T000000":                ":8:1: warning: what is left out there is none of the events that repeat",
		"DTSTART:20261201T170000Z\nDTEND:20261201T180000Z\nRRULE:FREQ=WEEKLY;COUNT=2": "a repeated event in UTC begins an hour later in summer",
	} {
		c, findings := Read(events(lines), window(t))
		if findings.Failed() || len(findings) != 1 || !strings.Contains(findings.String(), want) || len(c.Occurrences) != 2 {
			t.Errorf("%q: %v %v", lines, findings, told(t, c))
		}
	}
}

// TestManyRulesThatNeverHappen end soon: the library seeks each up to the year 9999.
func TestManyRulesThatNeverHappen(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for range 2000 {
		b.WriteString("BEGIN:VEVENT\n" + evening + "\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\nEND:VEVENT\n")
	}
	c, findings := Read(b.String(), window(t))
	if n := strings.Count(findings.String(), "never happens"); n != mostNever || len(c.Occurrences) > 0 {
		t.Errorf("%d rules were sought, %d events are read", n, len(c.Occurrences))
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"outlook.ics", "google.ics", "zimbra.ics"} {
		f.Add(product(f, name))
	}
	f.Add(events(evening, "RRULE:FREQ=MONTHLY;BYDAY=-1FR;BYSETPOS=1", "EXDATE;VALUE=DATE:20261202", "RDATE;VALUE=PERIOD:20261205T180000/PT1H"))
	o := window(f)
	f.Fuzz(func(t *testing.T, content string) {
		c, _ := Read(content, o)
		if len(c.Occurrences) > o.Most {
			t.Errorf("%d occurrences", len(c.Occurrences))
		}
		for i, x := range c.Occurrences {
			if !x.From.Before(x.To) || x.Event == nil || i > 0 && x.From.Before(c.Occurrences[i-1].From) {
				t.Errorf("%d: %+v", i, x)
			}
		}
	})
}
