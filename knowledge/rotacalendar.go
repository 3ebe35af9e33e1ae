package knowledge

import (
	"html"
	"regexp"
	"strings"
	"time"

	"accueil/diag"
	"accueil/knowledge/ical"
)

// What of a repeated event is spelled out, before and after it is read: who was on call last month can be looked
// up, and a rota that is imported once a year has no end before the next import.
const (
	RotaPast  = 31 * 24 * time.Hour
	RotaAhead = 400 * 24 * time.Hour
)

// calendar reads an iCalendar file. The service is what the categories name, or the words before a colon of the
// summary, or the calendar's name; the role is the rest of the summary; numbers are the contact's, or else those of
// the place, or else those of the description.
func (t *table) calendar(content []byte, d *Directory, site DirectorySite) (out []Duty) {
	if len(content) > maxTableBytes {
		t.whole(nil, "the file is larger than %d MB", maxTableBytes>>20)
		return nil
	}
	c, findings := ical.Read(string(content), ical.Options{Location: site.Location, From: site.Now.Add(-RotaPast), To: site.Now.Add(RotaAhead), Most: maxTableRows})
	for _, f := range findings[:min(len(findings), maxTold)] {
		if f.File = t.file; f.Severity == diag.Error {
			f.Severity = t.severity
		}
		t.findings = append(t.findings, f)
	}
	type post struct {
		Duty
		good bool
	}
	posts := map[*ical.Event]*post{} // each told once, however often it repeats
	services := d.servicesNamed()
	t.columns = dutyColumns
	for _, o := range c.Occurrences {
		t.line = o.Line
		p := posts[o.Event]
		if p == nil {
			told := len(t.findings)
			t.row = eventRow(o.Event, c.Name, services)
			duty, known := t.post(d, site)
			p = &post{Duty: duty}
			p.From, p.To = o.From, o.To
			t.lasts(p.Duty)
			p.good = known && len(t.findings) == told
			posts[o.Event] = p
		}
		if p.good {
			duty := p.Duty
			duty.From, duty.To = o.From, o.To
			out = append(out, duty)
		}
	}
	return out
}

// eventRow is an event as a row of a rota.
func eventRow(e *ical.Event, calendar string, services serviceNames) map[string]string {
	row := map[string]string{"role": strings.Join(strings.Fields(e.Summary), " ")}
	for _, category := range e.Categories {
		if id, ok := services.find(category); ok {
			row["service"] = string(id)
		}
	}
	if before, after, found := strings.Cut(row["role"], ":"); found && row["service"] == "" {
		if id, ok := services.find(before); ok {
			row["service"], row["role"] = string(id), strings.TrimSpace(after)
		}
	}
	if id, ok := services.find(calendar); ok && row["service"] == "" && len(e.Categories) == 0 {
		row["service"] = string(id)
	}
	for _, text := range []string{e.Contact, e.Location, e.Description} {
		if row["numbers"] == "" {
			row["numbers"] = strings.Join(numbersIn(text), ",")
		}
	}
	return row
}

// serviceNames finds services by their ids and, in any spelling, their names.
type serviceNames map[string]EntryID

func (d *Directory) servicesNamed() serviceNames {
	out := serviceNames{}
	for _, e := range d.Entries() {
		if e.Kind == Service {
			out[spelt(e.Name)] = e.ID
		}
	}
	for _, e := range d.Entries() { // an id wins over a name
		if e.Kind == Service {
			out[spelt(string(e.ID))] = e.ID
		}
	}
	return out
}

func (s serviceNames) find(written string) (EntryID, bool) {
	id, ok := s[spelt(written)]
	return id, ok
}

func spelt(name string) string { return folded(plain(name)) }

var (
	htmlTag = regexp.MustCompile(`<[^<>]*>`)
	// A number, and what may stand before it: "Tél. : 06 39 98 01 06", "poste 4106"; not "bâtiment 2".
	saidNumber = regexp.MustCompile(`(?i)^(?:[^0-9+]*[:.]\s*|(?:tél|tel|téléphone|poste|portable|mobile|gsm|dect|bip|interne|phone|ext)\s+)?(\+?[0-9][0-9 .()/\x{a0}-]*)$`)
)

// numbersIn finds the numbers of a text, one a line or with commas between. What has other words around is none.
func numbersIn(text string) (out []string) {
	text = html.UnescapeString(htmlTag.ReplaceAllString(text, "\n"))
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if m := saidNumber.FindStringSubmatch(strings.TrimSpace(part)); m != nil {
			out = append(out, strings.TrimSpace(m[1]))
		}
	}
	return out
}
