package knowledge

import (
	"context"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"accueil/diag"
	"accueil/ivr/calendar"
	"accueil/wording"
)

// directorySite can dial extensions of four digits and numbers of ten.
func directorySite(t testing.TB) DirectorySite {
	t.Helper()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	days, _ := calendar.New("FR", nil)
	office := calendar.ParseWeek(map[string][]string{"mon-fri": {"08:00-18:00"}}, paris, days, func(key string, _, message *wording.Text) { t.Fatalf("%s: %s", key, message) })
	return DirectorySite{
		Number: func(written string) (Number, bool) {
			digits := onlyDigits(written)
			switch len(digits) {
			case 4:
				return Number{digits, digits}, true
			case 10:
				return Number{written, "+33" + digits[1:]}, true
			}
			return Number{}, false
		},
		Timetables: map[string]*calendar.Timetable{"bureau": office},
		Location:   paris,
		Now:        time.Date(2026, 10, 1, 12, 0, 0, 0, paris),
	}
}

const wards = `id;kind;name;numbers;synonyms;service;place;hours;access;note
cardiologie;service;Cardiologie;4012, 01 99 00 40 12;coeur, cardio;;Bâtiment B, 2e étage;lun-ven 08:00-12:00, 13:30-18:00 / sam 09:00-12:00;public;
imagerie;service;Imagerie médicale;4003;radio, scanner;;Bâtiment A;bureau;;Pas de résultats au téléphone
dr.rousseau;person;Docteur Jeanne Rousseau;4112;;cardiologie;;;staff;
b204;room;Chambre B204;4204;;cardiologie;Bâtiment B;;;
ump;service;Unité protégée;4666;;;Bâtiment Z;;confidential;
salle-z;room;Salle de garde Z;4667;;ump;;;public;
`

func readWards(t testing.TB, content string) *Directory {
	t.Helper()
	d, findings := ReadDirectory("annuaire.csv", []byte(content), directorySite(t))
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	return d
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	d := readWards(t, wards)
	var order []EntryID
	for _, e := range d.Entries() {
		order = append(order, e.ID)
	}
	if want := []EntryID{"cardiologie", "imagerie", "ump", "dr.rousseau", "b204", "salle-z"}; !slices.Equal(order, want) {
		t.Errorf("%v", order)
	}
	c, _ := d.Entry("cardiologie")
	if len(c.Numbers) != 2 || c.Numbers[1].Dial != "+33199004012" || c.Access != Public || !slices.Equal(c.Synonyms, []string{"coeur", "cardio"}) {
		t.Errorf("%+v", c)
	}
	if got := c.HoursIn("fr", time.Time{}); !slices.Equal(got, []string{"du lundi au vendredi de 8 h à midi et de 13 h 30 à 18 h", "le samedi de 9 h à midi"}) {
		t.Errorf("%q", got)
	}
	if i, _ := d.Entry("imagerie"); i.Access != Staff || !slices.Equal(i.HoursIn("en", time.Time{}), []string{"Monday to Friday from 8 a.m. to 6 p.m.", "closed on public holidays"}) {
		t.Errorf("%+v", i)
	}
	// What belongs to a confidential service is confidential, whatever it says of itself.
	if z, _ := d.Entry("salle-z"); z.Access != Confidential {
		t.Errorf("%+v", z)
	}
	again := readWards(t, string(d.Table()))
	if changes := Changes(d, again); len(changes) > 0 {
		t.Errorf("what is written is read otherwise: %+v", changes)
	}
	comma := strings.NewReplacer(", ", " ", ";", ",").Replace("id;kind;name\n\ufeff")
	if _, findings := ReadDirectory("a.csv", []byte("\ufeff"+strings.TrimSuffix(comma, "\ufeff")+"a,service,A\n\n"), directorySite(t)); len(findings) > 0 {
		t.Errorf("commas, a mark, an empty line: %v", findings)
	}
}

// TestBrokenDirectories: each mistake has its place, and nobody's name or number is in what is told.
func TestBrokenDirectories(t *testing.T) {
	t.Parallel()
	const head = "id;kind;name;numbers;service;hours;access\n"
	for content, want := range map[string]string{
		"":                            "the file is empty",
		"id;kind\n":                   `1:1: the column "name" is missing`,
		"id;kind;nom\n":               `there is no column "nom"`,
		"id;kind;name;name\n":         `the column "name" is there twice`,
		head + "A B;service;SECRET\n": "2:1: this cannot be an id",
		head + "a;servise;SECRET\n":   `2:3: there is no such kind`,
		head + "a;service; \n":        "2:11: the name is empty",
		head + "a;service;SECRET;0199\n;;\nb;service;SECRET;019900SECRET\n": "4:18: a number cannot be dialled",
		head + "a;service;SECRET;4012 4013\n":                               "a number cannot be dialled",
		head + "a;service;SECRET;;b\n":                                      "2:1: the service does not exist",
		head + "a;service;SECRET;;a\n":                                      "this is no service that it can belong to",
		head + "a;room;SECRET\nb;room;SECRET;;a\n":                          "this is no service that it can belong to",
		head + "a;service;SECRET;;;8h-18h\n":                                "2:20: these are no opening hours",
		head + "a;service;SECRET;;;lun 08:00-07:60\n":                       "is not a span of hours",
		head + "a;service;SECRET;;;lun 08:00-12:00 / lun 11:00-13:00\n":     "overlap",
		head + "a;service;SECRET;;;;secret\n":                               "2:21: there is no such access",
		head + "a;service;SECRET\na;room;SECRET\n":                          "3:1: the id stands in line 2 too",
		head + "a;service;SECRET;;;;;;\n":                                   "the line has 9 cells",
		head + "a;service;\"SECRET\n":                                       "the quotes of this line do not fit together",
		head + "a;service;SEC\x01RET\n":                                     "cannot be printed",
		head + "a;service;" + strings.Repeat("x", 301) + "\n":               "more than 300 characters",
		head + "a;service;\xff\n":                                           "the file is not UTF-8",
		head + strings.Repeat("x", maxTableBytes):                           "larger than 8 MB",
	} {
		d, findings := ReadDirectory("a.csv", []byte(content), directorySite(t))
		if got := findings.String(); !findings.Failed() || !strings.Contains(got, want) || strings.Contains(got, "SECRET") || d == nil {
			t.Errorf("%.60q: want %q in %q", content, want, got)
		}
	}
}

// TestALenientDirectoryHidesWhatItCannotPlace: a line that cannot be used is left out; what belonged to it
// may have been confidential.
func TestALenientDirectoryHidesWhatItCannotPlace(t *testing.T) {
	t.Parallel()
	site := directorySite(t)
	site.Lenient = true
	d, findings := ReadDirectory("a.csv", []byte("id;kind;name;numbers;service;access\nump;service;Unité;bad;;confidential\nz;room;Salle;4667;ump;public\nok;service;Accueil;4000;;public\n"), site)
	if findings.Failed() || len(findings.Warnings()) != 2 {
		t.Errorf("%v", findings)
	}
	z, _ := d.Entry("z")
	if _, ok := d.Entry("ump"); ok || z == nil || z.Access != Confidential {
		t.Errorf("%+v", z)
	}
	if ok, _ := d.Entry("ok"); ok == nil || ok.Access != Public {
		t.Errorf("%+v", ok)
	}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	before := readWards(t, wards)
	after := readWards(t, strings.NewReplacer("4003", "4005", "lun-ven", "lun-jeu", "dr.rousseau;person;Docteur Jeanne Rousseau", "dr.fabre;person;Docteur Michel Fabre", ";;;staff;", ";;;;").Replace(wards))
	var got []string
	for _, c := range Changes(before, after) {
		got = append(got, string(c.Entry.ID)+" "+c.What+" "+strings.Join(c.Columns, ","))
	}
	want := []string{"cardiologie changed hours", "dr.fabre added ", "dr.rousseau removed ", "imagerie changed numbers"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if all := Changes(nil, after); len(all) != 6 || all[0].What != Added {
		t.Errorf("from nothing: %+v", all)
	}
	if none := Changes(before, before); none != nil {
		t.Errorf("%+v", none)
	}
}

func TestEntriesAreFound(t *testing.T) {
	t.Parallel()
	base, _ := Load(nil, testSite(t))
	l, err := NewLibrary(base, readWards(t, wards))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	find := func(q EntryQuestion) (ids []EntryID) {
		t.Helper()
		if q.Limit == 0 {
			q.Limit = 10
		}
		found, err := l.Entries(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range found {
			ids = append(ids, e.ID)
		}
		return ids
	}
	for words, want := range map[string]EntryID{
		"cardio": "cardiologie", "cardiologie": "cardiologie", "cardiolgie": "cardiologie", "cœur": "cardiologie", "imagerie medicale": "imagerie",
		"scaner": "imagerie", "radio": "imagerie", "rousseau": "dr.rousseau", "docteur rouseau": "dr.rousseau", "B204": "b204",
		"4003": "imagerie", "40 12": "cardiologie", "0199004012": "cardiologie", "+33 1 99 00 40 12": "cardiologie", "9004012": "cardiologie",
	} {
		if got := find(EntryQuestion{Words: words}); len(got) == 0 || got[0] != want {
			t.Errorf("%q finds %v, want %s", words, got, want)
		}
	}
	// To who may not know of them, confidential entries do not exist, however they are asked for.
	for _, words := range []string{"unité protégée", "ump", "salle de garde", "4666", "4667", "466", "bâtiment z", ""} {
		hidden := find(EntryQuestion{Words: words})
		if slices.Contains(hidden, "ump") || slices.Contains(hidden, "salle-z") {
			t.Errorf("%q shows what is confidential: %v", words, hidden)
		}
		if shown := find(EntryQuestion{Words: words, All: true}); words != "ump" && !slices.Contains(shown, "ump") && !slices.Contains(shown, "salle-z") {
			t.Errorf("%q shows an agent %v", words, shown)
		}
	}
	if got := find(EntryQuestion{Kind: Person}); !slices.Equal(got, []EntryID{"dr.rousseau"}) {
		t.Errorf("%v", got)
	}
	if got := find(EntryQuestion{Limit: 2}); len(got) != 2 {
		t.Errorf("%v", got)
	}
	if got := find(EntryQuestion{Words: "40", Limit: 2}); len(got) > 0 {
		t.Errorf("two digits are no number: %v", got)
	}
}

const rota = `service;role;from;to;numbers
cardiologie;cardiologue;2026-11-26 18:00;2026-11-27 08:00;4112, 06 39 98 01 01
cardiologie;cardiologue;2026-11-27 08:00;2026-11-27T18:00:00+01:00;4113
imagerie;manipulateur;26/11/2026 18:00;2026-11-28;4114
`

func TestOnCall(t *testing.T) {
	t.Parallel()
	site := directorySite(t)
	d := readWards(t, wards)
	duties, findings := ReadDuties("gardes.csv", []byte(rota), d, site)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	d = d.With(duties)
	at := func(s string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04", s, site.Location)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for when, want := range map[string]string{
		"2026-11-26 17:59": "", "2026-11-26 18:00": "4112 4114", "2026-11-27 07:59": "4112 4114", "2026-11-27 08:00": "4113 4114",
		"2026-11-27 18:00": "4114", "2026-11-28 00:00": "",
	} {
		var got []string
		for _, duty := range d.OnCall(at(when), "") {
			got = append(got, duty.Numbers[0].Dial)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
	}
	now := d.OnCall(at("2026-11-26 20:00"), "cardiologie")
	if len(now) != 1 || now[0].Role != "cardiologue" || len(now[0].Numbers) != 2 || now[0].Numbers[1].Dial != "+33639980101" {
		t.Errorf("%+v", now)
	}
	again, findings := ReadDuties("gardes.csv", DutyTable(duties, site.Location), d, site)
	if len(findings) > 0 || len(again) != 3 || !again[0].From.Equal(duties[0].From) || again[0].Numbers[1].Dial != "+33639980101" {
		t.Errorf("%v %+v", findings, again)
	}
	if (*Directory)(nil).OnCall(time.Time{}, "") != nil || (*Directory)(nil).Entries() != nil {
		t.Error("no directory")
	}
}

// TestTheClockChanges: a night of rota has nine or eleven hours when it does.
func TestTheClockChanges(t *testing.T) {
	t.Parallel()
	d := readWards(t, wards)
	duties, findings := ReadDuties("a.csv", []byte("service;role;from;to;numbers\nimagerie;x;2026-03-28 22:00;2026-03-29 08:00;4000\nimagerie;x;2026-10-24 22:00;2026-10-25 08:00;4000\n"), d, directorySite(t))
	if len(findings) > 0 || duties[0].To.Sub(duties[0].From) != 9*time.Hour || duties[1].To.Sub(duties[1].From) != 11*time.Hour {
		t.Errorf("%v %v", findings, duties)
	}
}

func TestBrokenRotas(t *testing.T) {
	t.Parallel()
	d := readWards(t, wards)
	const head = "service;role;from;to;numbers\n"
	for content, want := range map[string]string{
		"service;role;from;to\n":                                             `the column "numbers" is missing`,
		head + "cardio;x;2026-11-26 18:00;2026-11-27 08:00;4112\n":           "2:1: the directory has no such service",
		head + "b204;x;2026-11-26 18:00;2026-11-27 08:00;4112\n":             "the directory has no such service",
		head + "imagerie;;2026-11-26 18:00;2026-11-27 08:00;4112\n":          "the role is empty",
		head + "imagerie;x;2026-11-26 18:00;2026-11-27 08:00;\n":             "there is no number to call",
		head + "imagerie;x;2026-11-26 18:00;2026-11-27 08:00;SECRET\n":       "a number cannot be dialled",
		head + "imagerie;x;18:00;2026-11-27 08:00;4112\n":                    "2:12: this is no time",
		head + "imagerie;x;2026-02-30 18:00;2026-11-27 08:00;4112\n":         "this is no time",
		head + "imagerie;x;2026-11-27 08:00;2026-11-26 18:00;4112\n":         "it ends before it begins",
		head + "imagerie;x;2026-11-27 08:00;2028-11-26 18:00;4112\n":         "nobody is on call for more than a year",
		"BEGIN:VCALENDAR\nEND:VCALENDAR\n":                                   "the calendar has no event",
		"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\n":                         "the last event has no end",
		event("RRULE:FREQ=HOURLY"):                                           "the rule by which it repeats is not read",
		strings.Replace(event(""), "06 39 98 01 02", "06 39 98 01", 1):       "2:1: a number cannot be dialled",
		strings.Replace(event(""), "DTSTART:", "DTSTART;TZID=Mars/Base:", 1): `5:1: the time zone "Mars/Base" is not known`,
		strings.Replace(event(""), "imagerie", "nulle-part", 1):              "2:1: the directory has no such service",
	} {
		_, findings := ReadDuties("a.csv", []byte(content), d, directorySite(t))
		if got := findings.String(); !findings.Failed() || !strings.Contains(got, want) || strings.Contains(got, "SECRET") {
			t.Errorf("%.70q: want %q in %q", content, want, got)
		}
	}
	_, findings := ReadDuties("a.csv", []byte(head+"imagerie;x;2026-11-26 18:00;2026-11-27 08:00;4112\nimagerie;x;2026-11-27 07:30;2026-11-27 18:00;4113\n"), d, directorySite(t))
	if len(findings) != 1 || findings[0].Severity != diag.Warning {
		t.Errorf("an overlap: %v", findings)
	}
}

func event(more string) string {
	return "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Manipulateur\\, nu\r\n it\r\nDTSTART:20261126T180000\r\nDTEND;TZID=Europe/Paris:20261127T080000\r\nCATEGORIES:imagerie\r\nCONTACT:4114\\,06 39 98 01 02\r\nBEGIN:VALARM\r\nSUMMARY:no\r\nEND:VALARM\r\n" + more + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
}

func TestCalendarFiles(t *testing.T) {
	t.Parallel()
	site := directorySite(t)
	d := readWards(t, wards)
	src := strings.Replace(event("STATUS:CONFIRMED"), "DTSTART:20261126T180000", "DTSTART:20261126T170000Z", 1)
	duties, findings := ReadDuties("gardes.ics", []byte(src), d, site)
	if len(findings) > 0 || len(duties) != 1 {
		t.Fatalf("%v %+v", findings, duties)
	}
	got := duties[0]
	if got.Service != "imagerie" || got.Role != "Manipulateur, nuit" || got.From.UTC().Hour() != 17 || got.To.UTC().Hour() != 7 || len(got.Numbers) != 2 || got.Numbers[1].Dial != "+33639980102" {
		t.Errorf("%+v", got)
	}
	all := "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nCATEGORIES:imagerie\nDESCRIPTION:4114\\n4115\nDTSTART;VALUE=DATE:20261126\nDTEND;VALUE=DATE:20261127\nEND:VEVENT\nBEGIN:VEVENT\nSUMMARY:x\nCATEGORIES:imagerie\nCONTACT:4115\nSTATUS:CANCELLED\nDTSTART:20261126T000000\nDTEND:20261127T000000\nEND:VEVENT\nEND:VCALENDAR\n"
	duties, findings = ReadDuties("gardes.ics", []byte(all), d, site)
	if len(findings) > 0 || len(duties) != 1 || duties[0].To.Sub(duties[0].From) != 24*time.Hour || len(duties[0].Numbers) != 2 {
		t.Errorf("a whole day, and one that was cancelled: %v %+v", findings, duties)
	}
}

// TestCalendarsOfProducts: where each product lets people write the service and the numbers.
func TestCalendarsOfProducts(t *testing.T) {
	t.Parallel()
	site := directorySite(t)
	d := readWards(t, wards)
	for file, want := range map[string][]string{
		"outlook.ics": {"cardiologie|Cardiologue de garde, week-end et soirée de la semaine qui précède|2026-10-02T18:30:00+02:00|2026-10-03T08:00:00+02:00|4106, 06 39 98 01 06", "14"},
		"google.ics":  {"imagerie|manipulateur de nuit|2026-10-19T18:00:00+02:00|2026-10-20T08:00:00+02:00|4114", "7"},
		"zimbra.ics":  {"cardiologie|Cardiologue de garde|2026-10-23T20:00:00+02:00|2026-10-24T08:00:00+02:00|06 39 98 01 06", "4"},
	} {
		content, err := os.ReadFile("ical/testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		duties, findings := ReadDuties(file, content, d, site)
		if len(findings) > 0 || len(duties) == 0 {
			t.Fatalf("%s: %v", file, findings)
		}
		if got := strings.ReplaceAll(duties[0].Row(site.Location), "\t", "|"); got != want[0] || strconv.Itoa(len(duties)) != want[1] {
			t.Errorf("%s: %d duties, the first %s", file, len(duties), got)
		}
		again, findings := ReadDuties("a.csv", DutyTable(duties, site.Location), d, site)
		if len(findings) > 0 || len(again) != len(duties) {
			t.Errorf("%s, written and read: %v", file, findings)
		}
	}
}

func TestNumbersOfAText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"4106":                 "4106",
		"4106, 06 39 98 01 06": "4106|06 39 98 01 06",
		"<b>Poste</b> 4199<br>Ne pas appeler 18h":  "4199",
		"Tél. : 06.39.98.01.06\nBâtiment 2, étage": "06.39.98.01.06",
		"Tél&nbsp;: +33 6 39 98 01 06":             "+33 6 39 98 01 06",
		"Salle des gardes":                         "",
		"À partir de 18h":                          "",
	} {
		if got := strings.Join(numbersIn(text), "|"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestGaps: a night that was forgotten is told; days, of a rota of nights, once; hours of the service, not at all.
func TestGaps(t *testing.T) {
	t.Parallel()
	site := directorySite(t)
	d := readWards(t, wards)
	nights := "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nCATEGORIES:SERVICE\nCONTACT:4114\nDTSTART:20261005T180000\nDTEND:20261006T080000\nRRULE:FREQ=DAILY;COUNT=28\nEXDATE:20261014T180000\nEND:VEVENT\nEND:VCALENDAR\n"
	at := time.Date(2026, 10, 1, 0, 0, 0, 0, site.Location)
	for service, want := range map[string]string{
		"b": "usual Tue 06 08:00-Tue 06 18:00 usual Wed 07 08:00-Wed 07 18:00 usual Thu 08 08:00-Thu 08 18:00 usual Fri 09 08:00-Fri 09 18:00 usual Sat 10 08:00-Sat 10 18:00 usual Sun 11 08:00-Sun 11 18:00 usual Mon 12 08:00-Mon 12 18:00 once Wed 14 08:00-Thu 15 18:00",
		// Open from Monday to Friday, 8:00 to 18:00.
		"imagerie": "usual Sat 10 08:00-Sat 10 18:00 usual Sun 11 08:00-Sun 11 18:00 once Wed 14 08:00-Thu 15 18:00",
	} {
		d := d
		if service == "b" {
			d = readWards(t, "id;kind;name\nb;service;B\n")
		}
		duties, findings := ReadDuties("a.ics", []byte(strings.Replace(nights, "SERVICE", service, 1)), d, site)
		if len(findings) > 0 {
			t.Fatal(findings)
		}
		var got []string
		for _, g := range d.With(duties).Gaps(at, site.Location) {
			word := map[bool]string{true: "usual", false: "once"}[g.Usual]
			got = append(got, word, g.From.In(site.Location).Format("Mon 02 15:04")+"-"+g.To.In(site.Location).Format("Mon 02 15:04"))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", service, strings.Join(got, " "), want)
		}
		if d.With(duties).Gaps(at.AddDate(1, 0, 0), site.Location) != nil {
			t.Error("gaps that are over are told")
		}
	}
}

// TestOverlapsAreToldOnce for each two events, however often they repeat.
func TestOverlapsAreToldOnce(t *testing.T) {
	t.Parallel()
	one := "BEGIN:VEVENT\nSUMMARY:x\nCATEGORIES:imagerie\nCONTACT:4114\nDTSTART:20261005T180000\nDTEND:20261006T080000\nRRULE:FREQ=DAILY;COUNT=28\nEND:VEVENT\n"
	_, findings := ReadDuties("a.ics", []byte("BEGIN:VCALENDAR\n"+one+strings.Replace(one, "T080000", "T090000", 1)+"END:VCALENDAR\n"), readWards(t, wards), directorySite(t))
	if len(findings) != 1 || !strings.Contains(findings.String(), "a.ics:10:1: warning: another one of this role is on call at the same time (line 2)") {
		t.Errorf("%v", findings)
	}
}

func FuzzTables(f *testing.F) {
	f.Add(wards)
	f.Add(rota)
	f.Add(event(""))
	site := directorySite(f)
	d, _ := ReadDirectory("a.csv", []byte(wards), site)
	f.Fuzz(func(t *testing.T, content string) {
		read, findings := ReadDirectory("a.csv", []byte(content), site)
		if !findings.Failed() {
			again, more := ReadDirectory("a.csv", read.Table(), site)
			if more.Failed() || len(Changes(read, again)) > 0 {
				t.Errorf("%v %v", more, Changes(read, again))
			}
		}
		duties, _ := ReadDuties("a", []byte(content), d, site)
		for _, duty := range duties {
			if !duty.From.Before(duty.To) || len(duty.Numbers) == 0 {
				t.Errorf("%+v", duty)
			}
		}
	})
}

// TestARotaBesideAnUnreadDirectory: what is wrong with the directory is told once, not again by each line of the
// rota; nobody is on call for a service that is not known.
func TestARotaBesideAnUnreadDirectory(t *testing.T) {
	t.Parallel()
	const rota = "service;role;from;to;numbers\nimagerie;x;2026-11-26 18:00;2026-11-27 08:00;4112\ncardiologie;x;2026-11-26 18:00;2026-11-27 08:00;4113\n"
	for name, content := range map[string]string{"Latin-1": "id;kind;name\nump;service;Unit\xe9\n", "empty": "", "no titles": "ump;service;Unité\n"} {
		d, findings := ReadDirectory("annuaire.csv", []byte(content), directorySite(t))
		if !findings.Failed() {
			t.Fatalf("%s: the directory is good", name)
		}
		for file, content := range map[string]string{"gardes.csv": rota, "gardes.ics": event("")} {
			duties, findings := ReadDuties(file, []byte(content), d, directorySite(t))
			if len(findings) > 0 || len(duties) > 0 {
				t.Errorf("%s, %s: %v %v", name, file, findings, duties)
			}
		}
		if _, findings := ReadDuties("gardes.csv", []byte(strings.Replace(rota, "4113", "SECRET", 1)), d.With(nil), directorySite(t)); len(findings) != 1 {
			t.Errorf("%s: a mistake of the rota's own: %v", name, findings)
		}
	}
	d, _ := ReadDirectory("annuaire.csv", []byte("id;kind;name\n"), directorySite(t))
	if _, findings := ReadDuties("gardes.csv", []byte(rota), d, directorySite(t)); len(findings) != 2 {
		t.Errorf("a directory without entries: %v", findings)
	}
}
