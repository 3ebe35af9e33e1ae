package knowledge

import (
	"slices"
	"strings"
	"time"

	"accueil/diag"
	"accueil/knowledge/ical"
	"accueil/wording"
)

// dutyColumns are those of a rota.
var dutyColumns = []string{"service", "role", "from", "to", "numbers"}

// longestDuty keeps a wrong year from putting somebody on call for ten.
const longestDuty = 366 * 24 * time.Hour

// ReadDuties reads who is on call, from CSV or iCalendar, for the services of a directory, by their beginning. What
// can be used comes beside the findings. Beside a directory that is unread no duty can be used; that is told of
// the directory, not once more for each duty.
func ReadDuties(file string, content []byte, d *Directory, site DirectorySite) ([]Duty, diag.Findings) {
	t := &table{file: file, severity: site.severity()}
	var out []Duty
	if ical.Is(content) {
		out = t.calendar(content, d, site)
	} else {
		t.read(content, dutyColumns, dutyColumns, func() {
			if duty, ok := t.duty(d, site); ok {
				out = append(out, duty)
			}
		})
	}
	slices.SortStableFunc(out, func(a, b Duty) int { return a.From.Compare(b.From) })
	t.overlaps(out)
	return out, t.findings.Sorted()
}

// overlaps tells of two of one role at the same time, once for each two lines.
func (t *table) overlaps(duties []Duty) {
	type post struct {
		service EntryID
		role    string
	}
	last := map[post]Duty{} // of each post, who stays longest of those who have begun
	told := map[[2]int]bool{}
	for _, d := range duties {
		p := post{d.Service, d.Role}
		before, any := last[p]
		if lines := [2]int{before.line, d.line}; any && d.From.Before(before.To) && !told[lines] {
			told[lines] = true
			t.line = d.line
			t.warn("from", wording.Say("the later one is named first while both last"), "another one of this role is on call at the same time (line %d)", before.line)
		}
		if !any || before.To.Before(d.To) {
			last[p] = d
		}
	}
}

func (t *table) warn(column string, suggestion *wording.Text, format wording.Sentence, args ...any) {
	severity := t.severity
	t.severity = diag.Warning
	t.tell(column, suggestion, format, args...)
	t.severity = severity
}

// duty reads a row; false when it cannot be used.
func (t *table) duty(d *Directory, site DirectorySite) (Duty, bool) {
	told := len(t.findings)
	duty, known := t.post(d, site)
	var ok1, ok2 bool
	duty.From, ok1 = t.instant("from", site.Location)
	duty.To, ok2 = t.instant("to", site.Location)
	if ok1 && ok2 {
		t.lasts(duty)
	}
	return duty, known && len(t.findings) == told
}

// post reads for what somebody is on call, and where; known is false when the directory does not have the service.
func (t *table) post(d *Directory, site DirectorySite) (duty Duty, known bool) {
	told := len(t.findings)
	duty = Duty{Service: EntryID(t.row["service"]), Role: t.row["role"], Numbers: t.numbers(site), line: t.line}
	e, ok := d.Entry(duty.Service)
	if known = ok && e.Kind == Service; !known && !d.Unread() {
		t.tell("service", wording.Say("write the id of a service of the directory"), "the directory has no such service")
	}
	if duty.Role == "" {
		t.tell("role", nil, "the role is empty")
	}
	if len(duty.Numbers) == 0 && len(t.findings) == told {
		t.tell("numbers", nil, "there is no number to call")
	}
	return duty, known
}

func (t *table) lasts(d Duty) {
	switch {
	case !d.From.Before(d.To):
		t.tell("to", nil, "it ends before it begins")
	case d.To.Sub(d.From) > longestDuty:
		t.tell("to", nil, "nobody is on call for more than a year in a row")
	}
}

// instant reads a time of the site's clock, or one with its offset.
func (t *table) instant(column string, where *time.Location) (time.Time, bool) {
	text := t.row[column]
	for _, form := range []string{"2006-01-02 15:04", "2006-01-02T15:04", "02/01/2006 15:04", time.DateOnly} {
		if at, err := time.ParseInLocation(form, text, where); err == nil {
			return at, true
		}
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, true
	}
	t.tell(column, wording.Say("write 2026-12-24 18:00"), "this is no time")
	return time.Time{}, false
}

// Duties lists every duty of the directory, in the order of their file.
func (d *Directory) Duties() []Duty {
	if d == nil {
		return nil
	}
	return d.duties
}

// Row tells the duty in one line, on the clock of the place: by it duties are compared.
func (d Duty) Row(where *time.Location) string {
	return strings.Join([]string{string(d.Service), d.Role, d.From.In(where).Format(time.RFC3339), d.To.In(where).Format(time.RFC3339), d.numbers()}, "\t")
}

func (d Duty) numbers() string {
	var out []string
	for _, n := range d.Numbers {
		out = append(out, n.Shown)
	}
	return strings.Join(out, ", ")
}

// DutyTable writes duties as a file that ReadDuties reads.
func DutyTable(duties []Duty, where *time.Location) []byte {
	var rows []map[string]string
	for _, d := range duties {
		rows = append(rows, map[string]string{"service": string(d.Service), "role": d.Role, "from": d.From.In(where).Format(time.RFC3339),
			"to": d.To.In(where).Format(time.RFC3339), "numbers": d.numbers()})
	}
	return writeTable(dutyColumns, rows)
}
