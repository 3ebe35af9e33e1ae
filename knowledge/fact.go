package knowledge

import (
	"strings"
	"time"

	"accueil/acd"
	"accueil/ivr/calendar"
	"accueil/ivr/numerals"
)

// Fact is one thing that answers say and that may change. Exactly one of Text, Number, List and Hours
// is set.
type Fact struct {
	// Text is a name, an address: said as written, by language.
	Text map[acd.Lang]string
	// Spoken is how the voice says Text where it says it otherwise.
	Spoken map[acd.Lang]string
	// Number is a telephone number.
	Number Number
	// List is several things, as the documents to bring, by language.
	List map[acd.Lang][]string
	// Hours are opening hours.
	Hours *calendar.Timetable
}

// Number is a telephone number in its two forms.
type Number struct {
	Shown string // for people of the country: "01 99 00 30 00", "3117"
	Dial  string // for a device: "+33199003000", "3117"
}

// Voiced is the fact as it is spoken; of hours, without the special days that come, which are said by the day.
func (f Fact) Voiced(lang acd.Lang) string { return f.part("", Voice, lang, false, time.Time{}).Text }

// Shown is the fact as readers are shown it at an instant, on a line of its own.
func (f Fact) Shown(name string, lang acd.Lang, now time.Time) Part {
	return f.part(name, Web, lang, true, now)
}

// speaks reports whether the fact can be said in the language.
func (f Fact) speaks(lang acd.Lang) bool {
	switch {
	case f.Text != nil:
		return f.Text[lang] != ""
	case f.List != nil:
		return len(f.List[lang]) > 0
	}
	return true
}

// part puts the fact into words. alone says that it has a line for itself, where the channel has lines. Special days
// of hours are told as of now, none without one.
func (f Fact) part(name string, ch Channel, lang acd.Lang, alone bool, now time.Time) Part {
	p := Part{Fact: name}
	switch {
	case f.Number.Shown != "":
		p.Text, p.Dial = f.Number.Shown, f.Number.Dial
		if ch == Voice {
			p.Text = spokenNumber(f.Number.Shown, lang)
		}
	case f.Hours != nil:
		lines := hourLines(f.Hours, ch, lang, now)
		pause := ", "
		if ch == Voice {
			pause = " ; " // a longer one
		}
		if p.Text = strings.Join(lines, pause); alone {
			p.Lines = lines
		}
	case f.List != nil:
		if p.Text = enumerate(f.List[lang], lang); alone {
			p.Lines = f.List[lang]
		}
	default:
		if p.Text = f.Text[lang]; ch == Voice && f.Spoken[lang] != "" {
			p.Text = f.Spoken[lang]
		}
	}
	return p
}

// enumerate writes "a, b et c".
func enumerate(items []string, lang acd.Lang) string {
	and := " and "
	if lang == "fr" {
		and = " et "
	}
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + and + items[last]
}

// spokenNumber writes a number in words: in French in the groups in which it is shown, which are pairs
// in France, in English digit by digit. Commas are pauses.
func spokenNumber(shown string, lang acd.Lang) string {
	var groups []string
	for _, group := range strings.FieldsFunc(shown, func(r rune) bool { return r != '+' && (r < '0' || r > '9') }) {
		groups = append(groups, spokenGroup(group, lang))
	}
	return strings.Join(groups, ", ")
}

func spokenGroup(digits string, lang acd.Lang) string {
	var said []string
	digits, plus := strings.CutPrefix(digits, "+")
	if plus {
		said = append(said, "plus")
	}
	// A pair and an emergency number of three digits are one number; "05" is two.
	if n := value(digits); lang == "fr" && len(digits) < 4 && digits[0] != '0' {
		return strings.Join(append(said, numerals.French(n, false)), " ")
	}
	for i := range len(digits) {
		said = append(said, numerals.Words(lang, int(digits[i]-'0')))
	}
	return strings.Join(said, " ")
}

func value(digits string) (n int) {
	for _, d := range digits {
		n = n*10 + int(d-'0')
	}
	return n
}
