package knowledge

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"accueil/diag"
	"accueil/ivr/calendar"
	"accueil/wording"
)

// DirectorySite is what a directory refers to.
type DirectorySite struct {
	// Number reads a telephone number as people write it; false for what cannot be dialled.
	Number func(written string) (Number, bool)
	// Timetables of the site, by name.
	Timetables map[string]*calendar.Timetable
	// Location of hours, and of the times of rotas.
	Location *time.Location
	// Now is when a calendar is read: its repeated events are spelled out around it (RotaPast, RotaAhead).
	Now time.Time
	// Lenient leaves out, with a warning, what cannot be used.
	Lenient bool
}

func (s DirectorySite) severity() diag.Severity {
	if s.Lenient {
		return diag.Warning
	}
	return diag.Error
}

// directoryColumns are those of the file, in the order in which it is written.
var directoryColumns = []string{"id", "kind", "name", "numbers", "synonyms", "service", "place", "hours", "access", "note"}

var entryName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// ReadDirectory reads a CSV file of entries. The directory holds what can be used, also when a finding forbids
// the file.
func ReadDirectory(file string, content []byte, site DirectorySite) (*Directory, diag.Findings) {
	d := &Directory{entries: map[EntryID]*Entry{}}
	t := &table{file: file, severity: site.severity()}
	t.read(content, directoryColumns, []string{"id", "kind", "name"}, func() {
		if e := t.entry(site); e != nil {
			if before, twice := d.entries[e.ID]; twice {
				t.tell("id", wording.Say("give each its own id"), "the id stands in line %d too", before.line)
				return
			}
			d.entries[e.ID] = e
		}
	})
	d.unread = len(d.entries) == 0 && len(t.findings) > 0
	d.services(t)
	return d, t.findings.Sorted()
}

// entry reads a row; nil when it cannot be used.
func (t *table) entry(site DirectorySite) *Entry {
	told := len(t.findings)
	e := &Entry{ID: EntryID(t.row["id"]), Kind: EntryKind(t.row["kind"]), Name: t.row["name"], Synonyms: t.list("synonyms"), Service: EntryID(t.row["service"]),
		Place: t.row["place"], Access: Access(t.row["access"]), Note: t.row["note"], line: t.line, written: t.row}
	if !entryName.MatchString(string(e.ID)) {
		t.tell("id", wording.Say("use small letters, digits, points and dashes"), "this cannot be an id")
	}
	if !slices.Contains(EntryKinds(), e.Kind) {
		t.tell("kind", diag.DidYouMean(string(e.Kind), words(EntryKinds())), "there is no such kind")
	}
	if e.Name == "" {
		t.tell("name", nil, "the name is empty")
	}
	if e.Access == "" {
		e.Access = Staff
	}
	if !slices.Contains(Accesses(), e.Access) {
		t.tell("access", diag.DidYouMean(string(e.Access), words(Accesses())), "there is no such access")
	}
	e.Numbers = t.numbers(site)
	e.Hours = t.hours(site)
	if len(t.findings) > told {
		return nil
	}
	return e
}

func (t *table) numbers(site DirectorySite) (out []Number) {
	for _, written := range t.list("numbers") {
		n, ok := site.Number(written)
		if !ok {
			t.tell("numbers", wording.Say("write numbers with commas between, as they are dialled"), "a number cannot be dialled")
			continue
		}
		out = append(out, n)
	}
	return out
}

// frenchDays are how a French hospital writes a week.
var frenchDays = strings.NewReplacer("lun", "mon", "mar", "tue", "mer", "wed", "jeu", "thu", "ven", "fri", "sam", "sat", "dim", "sun", "tous les jours", "every day")

var weekPart = regexp.MustCompile(`^([a-z ,-]+?) ?:? ?((?:[0-9:, -]+|closed))$`)

// hours reads the name of a timetable, or a week: "lun-ven 08:00-18:00 / sam 09:00-12:00".
func (t *table) hours(site DirectorySite) *calendar.Timetable {
	written := t.row["hours"]
	if written == "" {
		return nil
	}
	if named, ok := site.Timetables[written]; ok {
		return named
	}
	how := wording.Say(`write the name of a timetable, or "lun-ven 08:00-12:00, 13:30-18:00 / sam 09:00-12:00"`)
	week := map[string][]string{}
	for part := range strings.SplitSeq(frenchDays.Replace(strings.ToLower(written)), "/") {
		m := weekPart.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			t.tell("hours", how, "these are no opening hours, and no timetable of the site")
			return nil
		}
		days := strings.TrimSpace(m[1])
		week[days] = append(week[days], m[2])
	}
	wrong := false
	out := calendar.ParseWeek(week, site.Location, nil, func(_ string, _, message *wording.Text) {
		wrong = true
		t.tell("hours", how, "%s", message)
	})
	if wrong {
		return nil
	}
	return out
}

// services checks to which service entries belong: what belongs to a confidential one is confidential.
func (d *Directory) services(t *table) {
	for _, e := range d.Entries() {
		if e.Service == "" {
			continue
		}
		t.line, t.places = e.line, nil
		of, ok := d.entries[e.Service]
		switch {
		case !ok:
			t.tell("service", wording.Say("write the id of a service of this file"), "the service does not exist, or cannot be used")
			e.Service, e.Access = "", Confidential // for all that is known it belongs to one that is
		case of.Kind != Service || e.Service == e.ID:
			t.tell("service", wording.Say("write the id of a service"), "this is no service that it can belong to")
			e.Service = ""
		}
	}
	// As deep as services lie in each other; a circle comes to rest, since access is only narrowed.
	for narrowed := true; narrowed; {
		narrowed = false
		for _, e := range d.entries {
			if of := d.entries[e.Service]; of != nil && e.Access.wider(of.Access) {
				e.Access, narrowed = of.Access, true
			}
		}
	}
}

// Table writes the directory as a file that ReadDirectory reads.
func (d *Directory) Table() []byte {
	var rows []map[string]string
	for _, e := range d.Entries() {
		rows = append(rows, e.written)
	}
	return writeTable(directoryColumns, rows)
}
