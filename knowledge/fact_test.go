package knowledge

import (
	"testing"
	"time"

	"accueil/acd"
	"accueil/ivr/calendar"
	"accueil/wording"
)

func timetable(t testing.TB, region string, week map[string][]string) *calendar.Timetable {
	t.Helper()
	days, wrong := calendar.New(region, nil)
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	return calendar.ParseWeek(week, time.UTC, days, func(key string, _, message *wording.Text) { t.Fatalf("%s: %s", key, message) })
}

func TestHoursAreSpeakable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, region string
		week         map[string][]string
		spoken       [2]string // French, English
		written      [2]string
	}{
		{"office", "", map[string][]string{"mon-fri": {"08:00-18:00"}},
			[2]string{"du lundi au vendredi, de huit heures à dix-huit heures", "Monday to Friday, from eight a.m. to six p.m."},
			[2]string{"du lundi au vendredi de 8 h à 18 h", "Monday to Friday from 8 a.m. to 6 p.m."}},
		{"lunch", "FR", map[string][]string{"mon-fri": {"08:30-12:00, 13:05-18:00"}, "sat": {"09:00-12:00"}},
			[2]string{"du lundi au vendredi, de huit heures trente à midi et de treize heures cinq à dix-huit heures ; le samedi, de neuf heures à midi ; fermé les jours fériés",
				"Monday to Friday, from eight thirty a.m. to noon and from one oh five p.m. to six p.m. ; Saturday, from nine a.m. to noon ; closed on public holidays"},
			[2]string{"du lundi au vendredi de 8 h 30 à midi et de 13 h 05 à 18 h, le samedi de 9 h à midi, fermé les jours fériés",
				"Monday to Friday from 8:30 a.m. to noon and from 1:05 p.m. to 6 p.m., Saturday from 9 a.m. to noon, closed on public holidays"}},
		{"some days", "", map[string][]string{"mon": {"01:00-21:21"}, "wed, thu": {"01:00-21:21"}},
			[2]string{"le lundi, le mercredi et le jeudi, de une heure à vingt et une heures vingt et une", "Monday, Wednesday and Thursday, from one a.m. to nine twenty-one p.m."},
			[2]string{"le lundi, le mercredi et le jeudi de 1 h à 21 h 21", "Monday, Wednesday and Thursday from 1 a.m. to 9:21 p.m."}},
		{"night", "", map[string][]string{"every day": {"20:00-02:00"}},
			[2]string{"tous les jours, de vingt heures à deux heures", "every day, from eight p.m. to two a.m."},
			[2]string{"tous les jours de 20 h à 2 h", "every day from 8 p.m. to 2 a.m."}},
		{"always", "FR", map[string][]string{"every day": {"00:00-24:00"}, "holidays": {"00:00-24:00"}},
			[2]string{"tous les jours, vingt-quatre heures sur vingt-quatre", "every day, around the clock"},
			[2]string{"tous les jours 24 heures sur 24", "every day around the clock"}},
		{"holidays", "FR", map[string][]string{"every day": {"00:00-24:00"}, "holidays": {"10:00-24:00"}},
			[2]string{"tous les jours, vingt-quatre heures sur vingt-quatre ; les jours fériés, de dix heures à minuit", "every day, around the clock ; on public holidays, from ten a.m. to midnight"},
			[2]string{"tous les jours 24 heures sur 24, les jours fériés de 10 h à minuit", "every day around the clock, on public holidays from 10 a.m. to midnight"}},
		{"as on Sundays", "FR", map[string][]string{"mon-fri": {"14:00-20:00"}, "sat, sun": {"13:00-20:00"}, "holidays": {"13:00-20:00"}},
			[2]string{"du lundi au vendredi, de quatorze heures à vingt heures ; le samedi, le dimanche et les jours fériés, de treize heures à vingt heures",
				"Monday to Friday, from two p.m. to eight p.m. ; Saturday, Sunday and public holidays, from one p.m. to eight p.m."},
			[2]string{"du lundi au vendredi de 14 h à 20 h, le samedi, le dimanche et les jours fériés de 13 h à 20 h",
				"Monday to Friday from 2 p.m. to 8 p.m., Saturday, Sunday and public holidays from 1 p.m. to 8 p.m."}},
		{"never", "FR", map[string][]string{"mon": {"closed"}}, [2]string{"fermé", "closed"}, [2]string{"fermé", "closed"}},
	} {
		f := Fact{Hours: timetable(t, c.region, c.week)}
		for i, lang := range []acd.Lang{"fr", "en"} {
			if got := f.part("h", Voice, lang, false, time.Time{}).Text; got != c.spoken[i] {
				t.Errorf("%s, spoken: %q, want %q", c.name, got, c.spoken[i])
			}
			if got := f.part("h", Web, lang, false, time.Time{}).Text; got != c.written[i] {
				t.Errorf("%s, written: %q, want %q", c.name, got, c.written[i])
			}
		}
	}
}

func TestNumbersAreSpeakable(t *testing.T) {
	t.Parallel()
	for shown, want := range map[string][2]string{
		"01 99 00 30 12":  {"zéro un, quatre-vingt-dix-neuf, zéro zéro, trente, douze", "zero one, nine nine, zero zero, three zero, one two"},
		"15":              {"quinze", "one five"},
		"114":             {"cent quatorze", "one one four"},
		"4010":            {"quatre zéro un zéro", "four zero one zero"},
		"+32 2 555 12 12": {"plus trente-deux, deux, cinq cent cinquante-cinq, douze, douze", "plus three two, two, five five five, one two, one two"},
		"0262 90 50 50":   {"zéro deux six deux, quatre-vingt-dix, cinquante, cinquante", "zero two six two, nine zero, five zero, five zero"},
	} {
		for i, lang := range []acd.Lang{"fr", "en"} {
			if got := spokenNumber(shown, lang); got != want[i] {
				t.Errorf("%s in %s: %q, want %q", shown, lang, got, want[i])
			}
		}
	}
}

func TestSegments(t *testing.T) {
	t.Parallel()
	long := func(s string, n int) string {
		out := ""
		for range n {
			out += s
		}
		return out
	}
	for _, c := range []struct {
		text   string
		want   int
		forces rune
	}{
		{"", 1, 0}, {long("é", 160), 1, 0}, {long("é", 161), 2, 0}, {long("a", 306), 2, 0}, {long("a", 307), 3, 0},
		{long("€", 80), 1, 0}, {long("€", 81), 2, 0},
		{"ê" + long("a", 69), 1, 'ê'}, {"ê" + long("a", 70), 2, 'ê'}, {long("a", 133) + "œ", 2, 'œ'}, {long("a", 134) + "œ", 3, 'œ'},
		{"😀" + long("a", 69), 2, '😀'},
	} {
		if got, forces := smsSegments(c.text); got != c.want || forces != c.forces {
			t.Errorf("%.10s… takes %d because of %q, want %d, %q", c.text, got, forces, c.want, c.forces)
		}
	}
}

// Seasons are told after the week, with their dates.
func TestSeasonsAreTold(t *testing.T) {
	t.Parallel()
	x := timetable(t, "FR", map[string][]string{"mon-fri": {"08:00-18:00"}})
	for _, s := range []calendar.SeasonDays{
		{From: "07-01", To: "08-31", Week: map[string][]string{"mon-fri": {"09:00-16:00"}, "sat": {"09:00-12:00"}}},
		{From: "2026-12-21", To: "2027-01-03", Week: map[string][]string{"mon": {"closed"}}},
	} {
		if err := x.AddSeason(s, func(key string, _, message *wording.Text) { t.Errorf("%s: %s", key, message) }); err != nil {
			t.Fatal(err)
		}
	}
	f := Fact{Hours: x}
	for _, c := range []struct {
		ch   Channel
		lang acd.Lang
		want string
	}{
		{Web, "fr", "du lundi au vendredi de 8 h à 18 h, fermé les jours fériés, du 1er juillet au 31 août : du lundi au vendredi de 9 h à 16 h, le samedi de 9 h à midi, du 21 décembre 2026 au 3 janvier 2027 : fermé"},
		{Web, "en", "Monday to Friday from 8 a.m. to 6 p.m., closed on public holidays, from 1 July to 31 August: Monday to Friday from 9 a.m. to 4 p.m., Saturday from 9 a.m. to noon, from 21 December 2026 to 3 January 2027: closed"},
		{Voice, "fr", "du lundi au vendredi, de huit heures à dix-huit heures ; fermé les jours fériés ; du premier juillet au trente et un août, du lundi au vendredi, de neuf heures à seize heures, le samedi, de neuf heures à midi ; du vingt et un décembre au trois janvier, fermé"},
		{Voice, "en", "Monday to Friday, from eight a.m. to six p.m. ; closed on public holidays ; from the first of July to the thirty-first of August, Monday to Friday, from nine a.m. to four p.m., Saturday, from nine a.m. to noon ; from the twenty-first of December to the third of January, closed"},
	} {
		if got := f.part("h", c.ch, c.lang, false, time.Time{}).Text; got != c.want {
			t.Errorf("%s %s: %q, want %q", c.ch, c.lang, got, c.want)
		}
	}
	if lines := f.part("h", Web, "fr", true, time.Time{}).Lines; len(lines) != 4 {
		t.Errorf("%q", lines)
	}
}
