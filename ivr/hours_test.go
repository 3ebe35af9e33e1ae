package ivr_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/ivr"
	"accueil/ivr/calendar"
	"accueil/wording"
)

var paris = func() *time.Location {
	l, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err)
	}
	return l
}()

// hoursSite has an entry with hours (2000), one whose scenario begins with hours of the entry (2001) and
// one without (2002); a queue with hours and one with a way of its own outside them.
func hoursSite(t testing.TB) ivr.Site {
	t.Helper()
	france, wrong := calendar.New("FR", nil)
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	week := func(days map[string][]string) *ivr.Timetable {
		return calendar.ParseWeek(days, paris, france, func(key string, _, message *wording.Text) { t.Errorf("%s: %s", key, message) })
	}
	desk := week(map[string][]string{"mon-fri": {"08:00-12:00, 13:30-18:00"}})
	if err := desk.AddClosure(calendar.Closure{From: "2026-12-28", To: "2026-12-31", Label: calendar.Names{"fr": "inventaire", "en": "stock-taking"}, AnnounceDays: 7}); err != nil {
		t.Fatal(err)
	}
	both := func(s string) map[acd.Lang]string { return map[acd.Lang]string{"fr": s, "en": s} }
	mornings := week(map[string][]string{"mon": {"09:15-11:00"}})
	return ivr.Site{
		Languages: []acd.Lang{"fr", "en"}, Location: paris,
		Timetables: map[string]*ivr.Timetable{"bureau": desk, "matin": mornings},
		Entries: map[acd.EntryID]ivr.Entry{
			"2000": {Scenario: "simple", Hours: desk}, "2001": {Scenario: "horaires", Hours: desk}, "2002": {Scenario: "simple"}},
		Reasons: map[acd.ReasonID]ivr.Reason{
			"accueil": {Label: both("accueil"), Queue: "accueil"}, "rdv": {Label: both("rdv"), Queue: "rdv"},
			"irm": {Label: both("irm"), Queue: "rdv", Hours: mornings}, "admission": {Label: both("admission"), Queue: "admission"}},
		Queues: map[acd.QueueID]ivr.Queue{
			"accueil": {}, "rdv": {Hours: desk, Fallback: ivr.Fallback{Queue: "accueil"}},
			"admission": {Hours: desk, Overflow: map[acd.Refusal]ivr.Fallback{acd.RefusedClosed: {Node: "secours"}}}},
		Extension: func(string) bool { return true },
	}
}

const simpleScenario = `version: 1
start: menu
emergency_message: false
nodes:
  menu:
    menu:
      prompt: {fr: "Rendez-vous, tapez 1.", en: "Appointments, press 1."}
      options: {"1": rdv, "2": irm, "3": sang, "8": {goto: menu, language: en}}
  rdv: {queue: rdv}
  irm: {queue: irm}
  sang: {queue: admission}
  secours: {say: {fr: "Le laboratoire ouvre {next_opening}. Merci.", en: "The laboratory opens {next_opening}."}, next: fin}
  fin: {hangup: closed}
`

func hoursProgram(t testing.TB) *ivr.Program {
	t.Helper()
	return load(t, map[string][]byte{"simple.yaml": []byte(simpleScenario), "horaires.yaml": readFile(t, "testdata/scenarios/horaires.yaml")}, hoursSite(t))
}

// spoken is what is said, in words, and how the call ends where it does.
func spoken(t *testing.T, p *ivr.Program, s acd.Script, asks []acd.Ask) string {
	t.Helper()
	var out []string
	for _, a := range asks {
		switch a := a.(type) {
		case acd.AskSay:
			for _, prompt := range a.Prompts {
				text, ok := p.Text(prompt.ID, s.Lang())
				if !ok || strings.Contains(text, "{") || !slices.ContainsFunc(p.Texts(), func(x ivr.Text) bool { return x.ID == prompt.ID && x.Lang == s.Lang() }) {
					t.Errorf("%q cannot be said: nothing would be made of it beforehand", prompt.ID)
				}
				out = append(out, text)
			}
		case acd.AskHangup:
			out = append(out, string(a.Outcome)+" "+a.Reason)
		case acd.AskQueue:
			out = append(out, "→"+string(a.Reason))
		}
	}
	return strings.Join(out, " ")
}

func TestHoursAreTold(t *testing.T) {
	t.Parallel()
	p := hoursProgram(t)
	if fs := p.Prove(); len(fs) > 0 {
		t.Error(fs)
	}
	closed := acd.HeardRefused{Why: acd.RefusedClosed}
	key := func(k byte) acd.Heard { return acd.HeardKey{Key: k} }
	const (
		entryWords = "Notre accueil téléphonique est fermé pour le moment. Nous vous répondrons "
		queueWords = "Ce service est fermé pour le moment. Il ouvre "
		bye        = " Merci de votre appel. Au revoir."
		unknown    = "Notre accueil téléphonique est fermé pour le moment. Merci de rappeler aux heures d'ouverture. Au revoir."
		ahead      = "Notre accueil téléphonique sera fermé du lundi vingt-huit au jeudi trente et un décembre: inventaire."
	)
	for name, c := range map[string]struct {
		entry acd.EntryID
		at    string
		heard []acd.Heard
		want  string // said at the last input
	}{
		"open":                        {"2000", "2026-11-23 10:00", []acd.Heard{acd.HeardStart{}}, "Rendez-vous, tapez 1."},
		"in the evening":              {"2000", "2026-11-23 19:00", []acd.Heard{acd.HeardStart{}}, entryWords + "demain à huit heures" + bye},
		"at lunch":                    {"2000", "2026-11-23 12:30", []acd.Heard{acd.HeardStart{}}, entryWords + "aujourd'hui à treize heures trente" + bye},
		"on Friday night":             {"2000", "2026-11-27 18:00", []acd.Heard{acd.HeardStart{}}, entryWords + "lundi à huit heures" + bye},
		"before the closure":          {"2000", "2026-12-25 09:00", []acd.Heard{acd.HeardStart{}}, "Notre accueil téléphonique est fermé : Noël Nous vous répondrons " + "lundi quatre janvier à huit heures" + bye},
		"how it ends":                 {"2000", "2026-11-23 19:00", []acd.Heard{acd.HeardStart{}, acd.HeardSaid{}}, "closed entry_closed"},
		"again, please":               {"2000", "2026-11-23 19:00", []acd.Heard{acd.HeardStart{}, key('*')}, entryWords + "demain à huit heures" + bye},
		"hangs up then":               {"2000", "2026-11-23 19:00", []acd.Heard{acd.HeardStart{}, acd.HeardGone{}}, "closed entry_closed"},
		"closed by a person (A14)":    {"2000", "2026-11-23 10:00", []acd.Heard{closed}, unknown},
		"by a person, at night":       {"2000", "2026-11-23 19:00", []acd.Heard{closed}, entryWords + "demain à huit heures" + bye},
		"by a person, without hours":  {"2002", "2026-11-23 10:00", []acd.Heard{closed}, unknown},
		"a closure is announced":      {"2000", "2026-12-21 10:00", []acd.Heard{acd.HeardStart{}}, ahead},
		"and then the menu":           {"2000", "2026-12-24 10:00", []acd.Heard{acd.HeardStart{}, acd.HeardSaid{}}, "Rendez-vous, tapez 1."},
		"not yet":                     {"2000", "2026-12-18 17:59", []acd.Heard{acd.HeardStart{}}, "Rendez-vous, tapez 1."},
		"not at night":                {"2000", "2026-12-22 20:00", []acd.Heard{acd.HeardStart{}}, entryWords + "demain à huit heures" + bye},
		"not at an entry of no hours": {"2002", "2026-12-21 10:00", []acd.Heard{acd.HeardStart{}}, "Rendez-vous, tapez 1."},

		"hours of the entry, open":    {"2001", "2026-11-23 10:00", []acd.Heard{acd.HeardStart{}}, "Labo, tapez 1."},
		"hours of the entry, closed":  {"2001", "2026-11-23 19:00", []acd.Heard{acd.HeardStart{}}, "Nous ouvrons demain à huit heures"},
		"hours of the entry, holiday": {"2001", "2026-11-11 10:00", []acd.Heard{acd.HeardStart{}}, "Fermé aujourd'hui. Nous ouvrons demain à huit heures"},
		"hours of the entry, closure": {"2001", "2026-12-29 10:00", []acd.Heard{acd.HeardStart{}}, "Fermé aujourd'hui. Nous ouvrons lundi à huit heures"},
		"hours of the entry, person":  {"2001", "2026-11-23 10:00", []acd.Heard{closed}, "Nous ouvrons aux heures d'ouverture"},
		"hours of a service":          {"2001", "2026-11-24 10:00", []acd.Heard{acd.HeardStart{}, key('1')}, "Nous ouvrons lundi à neuf heures quinze"},
		"a service in its hours":      {"2001", "2026-11-23 10:00", []acd.Heard{acd.HeardStart{}, key('1')}, "→admission"},

		"a queue closes":            {"2002", "2026-11-23 18:15", []acd.Heard{acd.HeardStart{}, key('1'), acd.HeardQueued{}, closed}, queueWords + "demain à huit heures" + bye},
		"how that ends":             {"2002", "2026-11-23 18:15", []acd.Heard{acd.HeardStart{}, key('1'), acd.HeardQueued{}, closed, acd.HeardSaid{}}, "closed queue_closed"},
		"the last call":             {"2002", "2026-11-23 17:55", []acd.Heard{acd.HeardStart{}, key('1'), closed}, queueWords + "demain à huit heures" + bye},
		"the last call before noon": {"2002", "2026-11-23 11:55", []acd.Heard{acd.HeardStart{}, key('1'), closed}, queueWords + "aujourd'hui à treize heures trente" + bye},
		"hours of a reason":         {"2002", "2026-11-24 10:00", []acd.Heard{acd.HeardStart{}, key('2'), closed}, queueWords + "lundi à neuf heures quinze" + bye},
		"in English": {"2002", "2026-11-27 18:15", []acd.Heard{acd.HeardStart{}, key('8'), key('1'), closed},
			"This service is closed at the moment. It opens on Monday at eight in the morning Thank you for calling. Goodbye."},
		"a way of its own":       {"2002", "2026-11-23 18:15", []acd.Heard{acd.HeardStart{}, key('3'), closed}, "Le laboratoire ouvre demain à huit heures Merci."},
		"another queue":          {"2002", "2026-11-23 18:15", []acd.Heard{acd.HeardStart{}, key('0'), closed}, unknown},
		"closing time":           {"2002", "2026-11-23 18:00", []acd.Heard{acd.HeardStart{}, key('1'), acd.HeardQueued{}, acd.HeardClosing{}}, "Le service vient de fermer. Restez en ligne: nous répondons encore aux personnes qui attendent."},
		"no closing in a menu":   {"2002", "2026-11-23 18:00", []acd.Heard{acd.HeardStart{}, acd.HeardClosing{}}, ""},
		"operators, then closed": {"2002", "2026-11-23 18:15", []acd.Heard{acd.HeardStart{}, key('1'), acd.HeardQueued{}, key('0'), closed}, "Le standard ne peut pas prendre votre appel pour l'instant. Vous gardez votre place, merci de patienter."},
	} {
		s, err := p.Start(c.entry, "fr")
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.ParseInLocation("2006-01-02 15:04", c.at, paris)
		if err != nil {
			t.Fatal(err)
		}
		var asks []acd.Ask
		for _, in := range c.heard {
			asks = s.Handle(in, acd.SceneAt(at))
		}
		if got := spoken(t, p, s, asks); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// A closing of a line by a person that has an end tells when it opens after that.
func TestReopensIsTold(t *testing.T) {
	t.Parallel()
	p := hoursProgram(t)
	at := func(s string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04", s, paris)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, c := range []struct {
		entry          acd.EntryID
		reopens, wants string
	}{
		{"2000", "2026-11-23 12:00", "Nous vous répondrons aujourd'hui à treize heures trente"}, // at lunch it is closed anyway
		{"2000", "2026-11-23 18:00", "Nous vous répondrons demain à huit heures"},
		{"2000", "2026-11-27 17:00", "Nous vous répondrons vendredi"}, // at a time that no timetable has: the day is true
		{"2001", "2026-11-27 19:00", "Nous ouvrons lundi trente novembre à huit heures"},
		{"2002", "2026-11-24 08:00", "Nous vous répondrons demain à huit heures"},
		{"2002", "2026-11-23 09:00", "Merci de rappeler aux heures d'ouverture"}, // past: it is reopened in this instant
	} {
		s, err := p.Start(c.entry, "fr")
		if err != nil {
			t.Fatal(err)
		}
		asks := s.Handle(acd.HeardRefused{Why: acd.RefusedClosed}, acd.Scene{Now: at("2026-11-23 10:00"), Reopens: at(c.reopens)})
		if got := spoken(t, p, s, asks); !strings.Contains(got, c.wants) || strings.Contains(got, "vendredi à") {
			t.Errorf("%s until %s: %q, want %q", c.entry, c.reopens, got, c.wants)
		}
	}
}

// Every service is proved open and closed while the others are either: what breaks a promise only when
// one is closed and another open is found, and the way there says so.
func TestProveTriesEveryHours(t *testing.T) {
	t.Parallel()
	const broken = `version: 1
start: horaires
timetables: {nuit: {every day: "20:00-06:00"}}
nodes:
  horaires: {hours: {open: labo, closed: standard, holiday: labo}}
  labo: {hours: {timetable: nuit, open: standard, closed: long}}
  standard: {queue: rdv}
%s`
	chain := "  long: {goto: c0}\n"
	for i := range 11 {
		n := string(rune('0' + i%10))
		if i == 10 {
			n = "x"
		}
		next := "c" + string(rune('0'+i+1))
		switch i {
		case 9:
			next = "cx"
		case 10:
			next = "standard"
		}
		chain += "  c" + n + ": {branch: {if: 'lang == \"fr\"', then: g" + n + ", else: " + next + "}}\n  g" + n + ": {goto: " + next + "}\n"
	}
	site := hoursSite(t)
	site.Entries = map[acd.EntryID]ivr.Entry{"1": {Scenario: "s", Hours: site.Timetables["bureau"]}}
	p := load(t, map[string][]byte{"s.yaml": []byte(strings.Replace(broken, "%s", chain, 1))}, site)
	fs := p.Prove()
	if len(fs) != 1 || !strings.Contains(fs.String(), "decisions follow each other") {
		t.Fatalf("not found: %v", fs)
	}
}

// Key 0 must lead to somebody at every hour, or be led elsewhere.
func TestHumanHours(t *testing.T) {
	t.Parallel()
	files := map[string][]byte{"simple.yaml": []byte(simpleScenario), "horaires.yaml": readFile(t, "testdata/scenarios/horaires.yaml")}
	const warning = `warning: outside the hours of the queue "accueil" key 0 leads to nobody`
	site := hoursSite(t)
	for name, c := range map[string]struct {
		queue ivr.Queue
		want  bool
	}{
		"never closed":  {ivr.Queue{}, false},
		"closed":        {ivr.Queue{Hours: site.Timetables["bureau"]}, true},
		"led elsewhere": {ivr.Queue{Hours: site.Timetables["bureau"], Overflow: map[acd.Refusal]ivr.Fallback{acd.RefusedClosed: {Number: "4000"}}}, false},
	} {
		site.Queues["accueil"] = c.queue
		if p, fs := ivr.Load(files, site); p == nil || strings.Contains(fs.String(), warning) != c.want {
			t.Errorf("%s: %v", name, fs)
		}
	}
}

// A scenario that others call may follow the hours of the entry that the caller has come through.
func TestHoursOfTheEntryInAPart(t *testing.T) {
	t.Parallel()
	files := map[string][]byte{
		"main.yaml": []byte("version: 1\nstart: a\nemergency_message: false\nnodes: {a: {sub: part, next: b}, b: {queue: accueil}}"),
		"part.yaml": []byte("version: 1\nstart: h\nnodes: {h: {hours: {open: return, closed: s}}, s: {say: {fr: Fermé., en: Closed.}, next: return}}"),
	}
	site := hoursSite(t)
	site.Entries = map[acd.EntryID]ivr.Entry{"1": {Scenario: "main"}}
	if _, fs := ivr.Load(files, site); !strings.Contains(fs.String(), "timetable is missing") {
		t.Errorf("an entry without hours: %v", fs)
	}
	site.Entries["1"] = ivr.Entry{Scenario: "main", Hours: site.Timetables["bureau"]}
	if p := load(t, files, site); p.Prove().Failed() {
		t.Error(p.Prove())
	}
}

func TestHoursMistakes(t *testing.T) {
	t.Parallel()
	site := hoursSite(t)
	for src, want := range map[string]string{
		"version: 1\nstart: a\nnodes: {a: {hours: {open: b, closed: b}}, b: {queue: accueil}}":                                                              "timetable is missing",
		"version: 1\nstart: a\nnodes: {a: {hours: {timetable: bureu, open: b, closed: b}}, b: {queue: accueil}}":                                            `did you mean "bureau"?`,
		"version: 1\nstart: a\ntimetables: {bureau: {mon: \"08:00-09:00\"}}\nnodes: {a: {hours: {timetable: bureau, open: b, closed: b}}, b: {queue: rdv}}": `the site file has a timetable "bureau" too`,
		"version: 1\nstart: a\nnodes: {a: {hours: {timetable: bureau, open: b, closed: b, holiday: c}}, b: {queue: accueil}}":                               `there is no node "c"`,
		"version: 1\nstart: a\nnodes: {a: {say: {fr: \"Ouvre {prochaine}.\", en: x}, next: b}, b: {queue: accueil}}":                                        "a text cannot hold {prochaine}",
		"version: 1\nstart: a\nnodes: {a: {sms: {text: {fr: \"Ouvre {next_opening}.\", en: x}}, next: b}, b: {queue: accueil}}":                             "can be spoken, not sent",
		"version: 1\nstart: a\nnodes: {a: {hours: {timetable: bureau, open: a, closed: b, holiday: a}}, b: {queue: accueil}}":                               "goes round for ever",
	} {
		_, fs := ivr.Load(map[string][]byte{"s.yaml": []byte(src)}, site)
		if !strings.Contains(fs.String(), want) {
			t.Errorf("%s: not found in\n%s", want, fs)
		}
	}
}
