package newsite

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"accueil/diag"
)

// Span is a part of a day, in minutes from midnight: 0 ≤ From < To ≤ 1440.
type Span struct{ From, To int }

const dayMinutes = 24 * 60

// Hours are those of a week, Monday first, and of public holidays: spans in order that do not touch.
type Hours struct {
	Days     [7][]Span
	Holidays []Span
}

// Always is open day and night, on holidays too.
func Always() Hours {
	var h Hours
	all := []Span{{0, dayMinutes}}
	for d := range h.Days {
		h.Days[d] = all
	}
	h.Holidays = all
	return h
}

// IsAlways reports whether it never closes.
func (h Hours) IsAlways() bool { return h.Equal(Always()) }

// Equal reports whether both are open at the same times.
func (h Hours) Equal(other Hours) bool {
	for d := range h.Days {
		if !slices.Equal(h.Days[d], other.Days[d]) {
			return false
		}
	}
	return slices.Equal(h.Holidays, other.Holidays)
}

// Union is open when one of them is.
func Union(all ...Hours) (out Hours) {
	for _, h := range all {
		for d := range h.Days {
			out.Days[d] = append(out.Days[d], h.Days[d]...)
		}
		out.Holidays = append(out.Holidays, h.Holidays...)
	}
	out.normalize()
	return out
}

// normalize puts spans in order and joins those that touch.
func (h *Hours) normalize() {
	for d := range h.Days {
		h.Days[d] = merge(h.Days[d])
	}
	h.Holidays = merge(h.Holidays)
}

func merge(spans []Span) (out []Span) {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b Span) int { return a.From - b.From })
	for _, s := range spans {
		if n := len(out); n > 0 && s.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, s.To)
			continue
		}
		out = append(out, s)
	}
	return out
}

// Open reports whether it is open at a minute of a weekday (0 = Monday) that is no holiday.
func (h Hours) Open(day, minute int) bool {
	return slices.ContainsFunc(h.Days[day], func(s Span) bool { return s.From <= minute && minute < s.To })
}

// The words of days in three forms: those of the site file, and those of each reader.
var (
	siteDays    = [7]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	frenchDays  = [7]string{"lun", "mar", "mer", "jeu", "ven", "sam", "dim"}
	frenchWords = [7]string{"lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"}
	englishDays = [7]string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
)

// DayHours is a line of a week: days with the same hours.
type DayHours struct{ Days, Hours string }

// Week writes the hours as timetables.<name>.week of a site file; days that are closed are left out,
// unless all are.
func (h Hours) Week() []DayHours { return h.lines(siteDays, "every day", "closed") }

// HolidayHours writes those of public holidays as the site file does.
func (h Hours) HolidayHours() string { return spans(h.Holidays, "closed") }

// In writes the hours as a person would, in the form that ParseHours reads.
func (h Hours) In(l Lang) string {
	if h.IsAlways() {
		return map[Lang]string{French: "24h/24", English: "24/7"}[l]
	}
	days, every, closed, holidays := siteDays, "every day", "closed", "holidays"
	if l == French {
		days, every, closed, holidays = frenchDays, "tous les jours", "fermé", "fériés"
	}
	var parts []string
	for _, line := range h.lines(days, every, closed) {
		parts = append(parts, line.Days+" "+line.Hours)
	}
	if len(h.Holidays) > 0 {
		parts = append(parts, holidays+" "+spans(h.Holidays, closed))
	}
	return strings.Join(parts, ", ")
}

func (h Hours) lines(names [7]string, every, closed string) (out []DayHours) {
	done := [7]bool{}
	for d := range h.Days {
		if done[d] || len(h.Days[d]) == 0 {
			continue
		}
		var same []int
		for e := d; e < 7; e++ {
			if !done[e] && slices.Equal(h.Days[e], h.Days[d]) {
				done[e] = true
				same = append(same, e)
			}
		}
		days := every
		if len(same) < 7 {
			days = ranges(same, names)
		}
		out = append(out, DayHours{days, spans(h.Days[d], closed)})
	}
	if len(out) == 0 {
		out = []DayHours{{every, closed}}
	}
	return out
}

// ranges writes days, "mon-fri, sun".
func ranges(days []int, names [7]string) string {
	var out []string
	for i := 0; i < len(days); {
		j := i
		for j+1 < len(days) && days[j+1] == days[j]+1 {
			j++
		}
		if j == i {
			out = append(out, names[days[i]])
		} else {
			out = append(out, names[days[i]]+"-"+names[days[j]])
		}
		i = j + 1
	}
	return strings.Join(out, ", ")
}

func spans(all []Span, closed string) string {
	var out []string
	for _, s := range all {
		out = append(out, clock(s.From)+"-"+clock(s.To))
	}
	if len(out) == 0 {
		return closed
	}
	return strings.Join(out, ", ")
}

func clock(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// --- reading ------------------------------------------------------------------------------------------

// phrases are words of several parts, made one: they hold the separators that tokens are cut at.
var phrases = strings.NewReplacer(
	"24h/24", " always ", "24/24", " always ", "7j/7", " ", "7/7", " ", "24/7", " always ", "jour et nuit", " always ", "day and night", " always ",
	"tous les jours", " everyday ", "every day", " everyday ", "jours feries", " holidays ", "public holidays", " holidays ", "bank holidays", " holidays ",
	"–", "-", "—", "-")

// words are the tokens that have one meaning in both languages.
var words = map[string]string{
	"always": "always", "toujours": "always", "h24": "always", "everyday": "everyday", "daily": "everyday", "tlj": "everyday",
	"holidays": "holidays", "holiday": "holidays", "ferie": "holidays", "feries": "holidays",
	"closed": "closed", "ferme": "closed", "fermee": "closed",
}

var (
	aroundDash = regexp.MustCompile(`\s*-\s*`)
	betweenTo  = regexp.MustCompile(`([0-9h:])\s*(?:\ba\b|\bto\b)\s*([0-9])|\b(` + dayPattern + `)\s+(?:au|a|to)\s+(` + dayPattern + `)\b`)
	spanForm   = regexp.MustCompile(`^([0-9]{1,2})(?:[h:]([0-9]{2})?)?-([0-9]{1,2})(?:[h:]([0-9]{2})?)?$`)
	dayForm    = regexp.MustCompile(`^([a-z]+)(?:-([a-z]+))?$`)
	separators = regexp.MustCompile(`[\s,;/|+&]+`)
)

const dayPattern = `[a-z]{3,9}`

// ParseHours reads opening hours as people write them: days, then hours, as often as needed.
//
//	lun-ven 8h-12h 13h30-18h, sam 9h-12h, fériés 9h-12h
//	mon-fri 08:00-18:00
//	24h/24
//
// Hours may pass midnight. On public holidays it is closed unless they are named, or it never closes.
func ParseHours(text string) (Hours, error) {
	line := strings.ToLower(fold(text))
	line = phrases.Replace(line)
	line = aroundDash.ReplaceAllString(line, "-")
	line = betweenTo.ReplaceAllString(line, "$1$3-$2$4")
	r := hoursReader{}
	for token := range strings.FieldsSeq(separators.ReplaceAllString(line, " ")) {
		if token = strings.TrimRight(token, ":"); token == "" {
			continue
		}
		if err := r.token(token); err != nil {
			return Hours{}, err
		}
	}
	return r.end()
}

// hoursReader collects days until hours come, and hours until days come.
type hoursReader struct {
	hours    Hours
	days     []int // that the next hours are for; 7 is holidays
	told     bool  // hours for these days have been given
	given    [8]bool
	anything bool
}

const holidayIndex = 7

func (r *hoursReader) token(token string) error {
	switch words[token] {
	case "always":
		if len(r.days) == 0 && !r.anything {
			r.hours, r.anything = Always(), true
			for d := range r.given {
				r.given[d] = true
			}
			return nil
		}
		return r.open(Span{0, dayMinutes})
	case "everyday":
		return r.name(0, 1, 2, 3, 4, 5, 6)
	case "holidays":
		return r.name(holidayIndex)
	case "closed":
		return r.close()
	}
	if slices.Contains([]string{"de", "du", "le", "et", "and", "from", "puis", "on", "les"}, token) {
		return nil
	}
	if m := spanForm.FindStringSubmatch(token); m != nil {
		from, okFrom := minutes(m[1], m[2])
		to, okTo := minutes(m[3], m[4])
		switch {
		case !okFrom || !okTo || from == dayMinutes:
			return say("%q : ces heures n'existent pas", "%q: there are no such hours", token)
		case from == to:
			return say("%q commence et finit à la même heure ; pour jour et nuit, écrivez 24h/24", "%q begins and ends at the same time; write 24/7 for day and night", token)
		}
		return r.open(Span{from, to})
	}
	if m := dayForm.FindStringSubmatch(token); m != nil {
		from, ok := day(m[1])
		if !ok {
			return unknownDay(token, m[1])
		}
		to := from
		if m[2] != "" {
			if to, ok = day(m[2]); !ok {
				return unknownDay(token, m[2])
			}
		}
		var days []int
		for d := from; ; d = (d + 1) % 7 {
			days = append(days, d)
			if d == to {
				return r.name(days...)
			}
		}
	}
	return say("%q : écrivez des jours puis des heures, par exemple lun-ven 8:00-18:00", "%q: write days, then hours, such as mon-fri 8:00-18:00", token)
}

func unknownDay(token, word string) error {
	known := append(slices.Concat(frenchWords[:], englishDays[:], frenchDays[:], siteDays[:]), "feries", "holidays", "ferme", "closed")
	return say("%q n'est ni un jour ni des heures", "%q is no day and no hours", token).hint(diag.Closest(word, known))
}

// day reads a weekday, whole or cut short after three letters.
func day(word string) (int, bool) {
	for d := range 7 {
		if word == frenchDays[d] || word == frenchWords[d] || word == siteDays[d] || word == englishDays[d] {
			return d, true
		}
	}
	return 0, false
}

func minutes(hour, minute string) (int, bool) {
	h, _ := strconv.Atoi(hour) // digits, by the form
	m, _ := strconv.Atoi("0" + minute)
	return h*60 + m, m < 60 && h*60+m <= dayMinutes
}

// name adds days that the hours to come are for.
func (r *hoursReader) name(days ...int) error {
	if r.told {
		r.days, r.told = nil, false
	}
	for _, d := range days {
		if r.given[d] {
			return say("%s est donné deux fois", "%s is given twice", dayName(d))
		}
		r.given[d] = true
	}
	r.days = append(r.days, days...)
	r.anything = true
	return nil
}

func dayName(d int) string {
	if d == holidayIndex {
		return "fériés/holidays"
	}
	return frenchWords[d] + "/" + englishDays[d]
}

// open gives hours to the days named before; without any, to every day but holidays.
func (r *hoursReader) open(s Span) error {
	if len(r.days) == 0 {
		if err := r.name(0, 1, 2, 3, 4, 5, 6); err != nil {
			return err
		}
	}
	r.told = true
	for _, d := range r.days {
		if err := r.add(d, s); err != nil {
			return err
		}
	}
	return nil
}

func (r *hoursReader) close() error {
	if len(r.days) == 0 {
		return say("avant « fermé », dites quels jours", "say which days before closed")
	}
	r.told = true
	return nil
}

// add keeps a span; one over midnight becomes two.
func (r *hoursReader) add(d int, s Span) error {
	if s.From > s.To {
		if d == holidayIndex {
			return say("les heures d'un jour férié ne passent pas minuit : écrivez 20:00-24:00", "hours of a holiday do not pass midnight: write 20:00-24:00")
		}
		night, morning := Span{s.From, dayMinutes}, Span{0, s.To}
		if err := r.add(d, night); err != nil || s.To == 0 {
			return err
		}
		next := &r.hours.Days[(d+1)%7]
		*next = append(*next, morning) // may join the next day's own hours
		return nil
	}
	list := &r.hours.Holidays
	if d != holidayIndex {
		list = &r.hours.Days[d]
	}
	for _, other := range *list {
		if other.From > 0 && other.From < s.To && s.From < other.To {
			return say("%s-%s et %s-%s se chevauchent", "%s-%s and %s-%s overlap", clock(other.From), clock(other.To), clock(s.From), clock(s.To))
		}
	}
	*list = append(*list, s)
	return nil
}

func (r *hoursReader) end() (Hours, error) {
	switch {
	case !r.anything:
		return Hours{}, say("il faut des heures, par exemple lun-ven 8:00-18:00, ou 24h/24", "hours are needed, such as mon-fri 8:00-18:00, or 24/7")
	case len(r.days) > 0 && !r.told:
		return Hours{}, say("il manque les heures après les derniers jours", "the hours after the last days are missing")
	}
	r.hours.normalize()
	week := slices.ContainsFunc(r.hours.Days[:], func(s []Span) bool { return len(s) > 0 })
	if !week {
		return Hours{}, say("aucun jour de la semaine n'est ouvert", "no day of the week is open")
	}
	if !r.given[holidayIndex] { // who never closes does not close on holidays either
		h := r.hours
		h.Holidays = Always().Holidays
		if h.IsAlways() {
			r.hours = h
		}
	}
	return r.hours, nil
}
