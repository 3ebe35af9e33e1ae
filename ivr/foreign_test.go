package ivr_test

import (
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/ivr"
	"accueil/ivr/calendar"
	"accueil/wording"
)

// What a hospital's own files showed that the demonstration's do not.

// foreign loads one scenario of a site with two timetables that follow each other.
func foreign(t *testing.T, nodes string, more map[string]string) (*ivr.Program, string) {
	t.Helper()
	s := hoursSite(t)
	night := calendar.ParseWeek(map[string][]string{"every day": {"20:00-02:30"}}, paris, nil, func(key string, _, message *wording.Text) { t.Fatalf("%s: %s", key, message) })
	sunday := calendar.ParseWeek(map[string][]string{"sun": {"02:30-08:00"}}, paris, nil, func(key string, _, message *wording.Text) { t.Fatalf("%s: %s", key, message) })
	s.Timetables["nuit"], s.Timetables["dimanche"] = night, sunday
	s.Queues["admission"] = ivr.Queue{}
	s.Entries = map[acd.EntryID]ivr.Entry{"1": {Scenario: "main", Insiders: true}} // words of the outside come first
	files := map[string][]byte{"main.yaml": []byte("version: 1\nemergency_message: false\nstart: a\nnodes:\n" + nodes)}
	for name, src := range more {
		files[name+".yaml"] = []byte(src)
	}
	p, fs := ivr.Load(files, s)
	return p, fs.String()
}

// TestTheEarliestOfTwoTimetables: who finds one closed, and then the other, hears when the first of them opens.
func TestTheEarliestOfTwoTimetables(t *testing.T) {
	t.Parallel()
	p, fs := foreign(t, `  a: {hours: {timetable: nuit, open: q, closed: b}}
  b: {hours: {timetable: dimanche, open: q, closed: c}}
  q: {queue: accueil}
  c: {say: {fr: "Ouvre {next_opening}.", en: "x"}, next: e}
  e: {hangup: closed}
`, nil)
	if p == nil {
		t.Fatal(fs)
	}
	for at, want := range map[string]string{
		"2026-10-25 12:00": "Ouvre aujourd'hui à vingt heures",
		"2026-10-25 08:30": "Ouvre aujourd'hui à vingt heures",
		"2026-10-24 19:00": "Ouvre aujourd'hui à vingt heures",
	} {
		s, err := p.Start("1", "fr")
		if err != nil {
			t.Fatal(err)
		}
		now, err := time.ParseInLocation("2006-01-02 15:04", at, paris)
		if err != nil {
			t.Fatal(err)
		}
		if got := spoken(t, p, s, s.Handle(acd.HeardStart{}, acd.SceneAt(now))); got != want {
			t.Errorf("%s: %q, want %q", at, got, want)
		}
	}
}

// TestASecondQuestionOfHours tells of its own only, once something was said or asked in between.
func TestASecondQuestionOfHours(t *testing.T) {
	t.Parallel()
	p, fs := foreign(t, `  a: {hours: {timetable: nuit, open: q, closed: m}}
  m: {menu: {prompt: {fr: "Dimanche, tapez 1.", en: "x"}, options: {"1": b}}}
  b: {hours: {timetable: dimanche, open: q, closed: c}}
  q: {queue: accueil}
  c: {say: {fr: "Ouvre {next_opening}.", en: "x"}, next: e}
  e: {hangup: closed}
`, nil)
	if p == nil {
		t.Fatal(fs)
	}
	s, err := p.Start("1", "fr")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 10, 24, 12, 0, 0, 0, paris)
	s.Handle(acd.HeardStart{}, acd.SceneAt(now))
	if got := spoken(t, p, s, s.Handle(acd.HeardKey{Key: '1'}, acd.SceneAt(now))); got != "Ouvre demain à deux heures trente" {
		t.Errorf("%q", got)
	}
}

// TestAPartThatEndsByItself: a hospital with thirty services has a file for each of its poles, whose callers are
// not led back.
func TestAPartThatEndsByItself(t *testing.T) {
	t.Parallel()
	part := map[string]string{"pole": "version: 1\nstart: m\nnodes:\n  m: {menu: {prompt: {fr: \"Un.\", en: \"x\"}, options: {\"1\": q}}}\n  q: {queue: accueil}\n"}
	if p, fs := foreign(t, "  a: {sub: pole}\n", part); p == nil || fs != "" {
		t.Errorf("%s", fs)
	}
	if p, fs := foreign(t, "  a: {sub: pole, next: q}\n  q: {queue: accueil}\n", part); p == nil || !strings.Contains(fs, `main.yaml:5:12: warning: the scenario "pole" never returns`) || !strings.Contains(fs, "leave next out") {
		t.Errorf("%s", fs)
	}
	returns := map[string]string{"pole": strings.Replace(part["pole"], "{queue: accueil}", "{say: {fr: x, en: x}, next: return}", 1)}
	if _, fs := foreign(t, "  a: {sub: pole}\n", returns); !strings.Contains(fs, "next is missing") {
		t.Errorf("%s", fs)
	}
}

// TestClosedIsNotServed: a call that ends with the words for closing hours, but without a hangup, counts as served.
func TestClosedIsNotServed(t *testing.T) {
	t.Parallel()
	const head = "  a: {hours: {timetable: nuit, open: q, closed: c}}\n  q: {queue: accueil}\n"
	for nodes, want := range map[string]string{
		"  c: {say: {fr: \"Fermé.\", en: x}}\n":                                                    `main.yaml:7:3: warning: who finds it closed ("a") counts as served here`,
		"  c: {goto: d}\n  d: {say: {fr: \"Fermé.\", en: x}}\n":                                    `main.yaml:8:3: warning: who finds it closed ("a") counts as served here`,
		"  c: {say: {fr: \"Fermé.\", en: x}, next: e}\n  e: {hangup: closed}\n":                    "",
		"  c: {menu: {prompt: {fr: x, en: x}, options: {\"1\": d}}}\n  d: {say: {fr: x, en: x}}\n": "",
	} {
		if p, fs := foreign(t, head+nodes, nil); p == nil || (fs == "") != (want == "") || !strings.Contains(fs, want) {
			t.Errorf("%q: %q, want %q", nodes, fs, want)
		}
	}
}

// TestWordsOfFrenchHabits: days and recordings are named in what is said of a mistake.
func TestWordsOfFrenchHabits(t *testing.T) {
	t.Parallel()
	for node, want := range map[string]string{
		`{hours: {timetable: {lundi: "08:00-18:00"}, open: q, closed: q}}`:          "write mon",
		`{hours: {timetable: {lun-ven: "08:00-18:00"}, open: q, closed: q}}`:        "write mon-fri",
		`{hours: {timetable: {"sam, dim": "08:00-18:00"}, open: q, closed: q}}`:     `write "sat, sun"`,
		`{hours: {timetable: {tous les jours: "08:00-18:00"}, open: q, closed: q}}`: "write every day",
		`{hours: {timetable: {mon: "8h-18h"}, open: q, closed: q}}`:                 "write 08:00-18:00",
		`{hours: {timetable: {mon: "8h30-12h, 13h-17h30"}, open: q, closed: q}}`:    "write 08:30-12:00, 13:00-17:30",
		`{say: {file: bienvenue}, next: q}`:                                         "write prompts: {dir: …} in the site file, and put fr/bienvenue.wav there",
	} {
		if _, fs := foreign(t, "  a: "+node+"\n  q: {queue: accueil}\n", nil); !strings.Contains(fs, want) {
			t.Errorf("%s: %s", node, fs)
		}
	}
}

// TestAQueueOfAnotherReason is drawn with the reasons that were set.
func TestAQueueOfAnotherReason(t *testing.T) {
	t.Parallel()
	p, fs := foreign(t, "  a: {set: {reason: rdv}, next: q}\n  q: {queue: {}}\n", nil)
	if p == nil {
		t.Fatal(fs)
	}
	g, _ := p.Graph("main")
	if g.Nodes[0].Reason != "rdv" || g.Nodes[1].Reason != "" || g.Nodes[1].Queue != "" || len(g.Nodes[1].Ways) != 0 {
		t.Errorf("%+v", g.Nodes)
	}
}

// TestAMisspeltVerbIsToldOnce, with what was meant, and not as a node that does nothing besides.
func TestAMisspeltVerbIsToldOnce(t *testing.T) {
	t.Parallel()
	for node, want := range map[string]string{`{transfert: {to: "4003"}}`: `unknown key "transfert"`, `{next: a}`: "says not what to do"} {
		_, fs := foreign(t, "  a: {goto: b}\n  b: "+node+"\n", nil)
		if !strings.Contains(fs, want) || strings.Contains(fs, "unknown key") && strings.Contains(fs, "says not what to do") {
			t.Errorf("%s: %s", node, fs)
		}
	}
}
