package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"accueil/diag"
	"accueil/ivr/calendar"
	"accueil/knowledge"
	"accueil/site"
	"accueil/web"
	"accueil/wording"
)

func directorySite(s *site.Site, j judgement) knowledge.DirectorySite {
	timetables := map[string]*calendar.Timetable{}
	for name, t := range s.Timetables {
		timetables[name] = t.Hours
	}
	return knowledge.DirectorySite{Timetables: timetables, Location: s.Location, Now: time.Now(), Lenient: j == leniently,
		Number: func(written string) (knowledge.Number, bool) {
			dial, shown, ok := s.Dial(written)
			return knowledge.Number{Shown: shown, Dial: dial}, ok
		}}
}

// openDirectory reads the directory and the rota that the site names; nil where it names none. A file that
// is not there yet is empty: the first import writes it.
func openDirectory(s *site.Site, j judgement) (*knowledge.Directory, diag.Findings) {
	if s.Knowledge.Directory == "" {
		return nil, nil
	}
	in := directorySite(s, j)
	content, findings := readPresent(s.Knowledge.Directory)
	d := (*knowledge.Directory)(nil)
	if content != nil {
		var more diag.Findings
		d, more = knowledge.ReadDirectory(s.Knowledge.Directory, content, in)
		findings = append(findings, more...)
	}
	if s.Knowledge.OnCall == "" {
		return d, findings
	}
	content, more := readPresent(s.Knowledge.OnCall)
	findings = append(findings, more...)
	if content == nil {
		return d, findings
	}
	duties, more := knowledge.ReadDuties(s.Knowledge.OnCall, content, d, in)
	d = d.With(duties)
	return d, append(append(findings, more...), rotaEnds(s, d, in.Now)...)
}

// rotaNotice is how long before its end a rota is missed: enough to make the next.
const rotaNotice = 14 * 24 * time.Hour

// rotaEnds warns of a rota after which nobody is on call, when that is soon or was.
func rotaEnds(s *site.Site, d *knowledge.Directory, now time.Time) diag.Findings {
	last := d.RotaEnd()
	if last.IsZero() || last.After(now.Add(rotaNotice)) {
		return nil
	}
	return diag.Findings{{File: s.Knowledge.OnCall, Severity: diag.Warning, Message: wording.Say("nobody is on call from %s on: the rota ends then", last.In(s.Location).Format("2006-01-02 15:04")),
		Suggestion: wording.Say("import the next one: accueil import on-call")}}
}

// readPresent reads a file; nil with a warning when it is not there.
func readPresent(path string) ([]byte, diag.Findings) {
	content, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, diag.Findings{{File: path, Message: wording.Say("there is no such file yet"), Suggestion: wording.Say("accueil import writes it"), Severity: diag.Warning}}
	case err != nil:
		return nil, diag.Findings{{File: path, Message: wording.Say("the file cannot be read: %v", err), Severity: diag.Warning}}
	case content == nil:
		content = []byte{}
	}
	return content, nil
}

// webPlan is what the API shows of the version.
func (c *config) webPlan(version string) *web.Plan {
	p := webPlan(c.site, version)
	p.Services = map[string]string{}
	for _, e := range c.entries.Entries() {
		if e.Kind != knowledge.Service || e.Access == knowledge.Confidential {
			continue
		}
		for _, n := range e.Numbers {
			p.Services[n.Dial] = e.Name
		}
	}
	return p
}

// ImportOptions are those of an import.
type ImportOptions struct {
	Site string
	File string
	// DryRun writes nothing.
	DryRun bool
	// Yes replaces the file also when more than half of it would go.
	Yes bool
	// Lang is the reader's: "fr" or "en".
	Lang string
}

// say tells the reader one line.
func (o ImportOptions) say(talk io.Writer, s wording.Sentence, args ...any) {
	fmt.Fprintln(talk, wording.Say(s, args...).In(Language(o.Lang)))
}

// tooMany is how large a part of a directory may go without being asked: more is often a wrong file.
const tooMany = 2 // the half

// ImportDirectory replaces the site's directory by a file, and says on out what changes: a line for each
// entry. Nothing changes when the file has a mistake.
func ImportDirectory(o ImportOptions, out, talk io.Writer) error {
	s, content, err := importing(o, "directory", func(s *site.Site) string { return s.Knowledge.Directory })
	if err != nil {
		return err
	}
	after, findings := knowledge.ReadDirectory(o.File, content, directorySite(s, strictly))
	if findings.Failed() {
		return BuildError{findings}
	}
	// What cannot be read of the present file counts as not there; who is on call refers to the new one.
	before, _ := openDirectory(s, leniently)
	changes := knowledge.Changes(before, after)
	counts := map[string]int{}
	for _, c := range changes {
		counts[c.What]++
		line := fmt.Sprintf("%s\t%s\t%s\t%s", c.What, c.Entry.ID, c.Entry.Kind, c.Entry.Name)
		if len(c.Columns) > 0 {
			line += "\t" + strings.Join(c.Columns, ", ")
		}
		fmt.Fprintln(out, line)
	}
	if more := rotaOf(s, after); more.Failed() {
		return BuildError{more}
	}
	o.say(talk, "%d added, %d changed, %d removed, %d in all", counts[knowledge.Added], counts[knowledge.Changed], counts[knowledge.Removed], len(after.Entries()))
	if removed := counts[knowledge.Removed]; removed*tooMany > len(before.Entries()) && !o.Yes && !o.DryRun {
		return ExitError{ExitRefused, wording.Say("%d of %d entries would go: look at them with --dry-run, then repeat it with --yes", removed, len(before.Entries()))}
	}
	return o.write(s.Knowledge.Directory, after.Table(), len(changes) > 0, talk)
}

// rotaOf tells what is wrong with the site's rota once the directory has changed.
func rotaOf(s *site.Site, d *knowledge.Directory) diag.Findings {
	if s.Knowledge.OnCall == "" {
		return nil
	}
	content, findings := readPresent(s.Knowledge.OnCall)
	if content == nil {
		return findings
	}
	_, findings = knowledge.ReadDuties(s.Knowledge.OnCall, content, d, directorySite(s, strictly))
	return findings
}

// ImportOnCall replaces the site's rota by a file, CSV or iCalendar.
func ImportOnCall(o ImportOptions, out, talk io.Writer) error {
	s, content, err := importing(o, "on_call", func(s *site.Site) string { return s.Knowledge.OnCall })
	if err != nil {
		return err
	}
	directory, _ := openDirectory(s, leniently)
	if directory.Unread() { // no duty could be used: the rota in force would be emptied
		present, _ := readPresent(s.Knowledge.Directory)
		_, findings := knowledge.ReadDirectory(s.Knowledge.Directory, present, directorySite(s, strictly))
		return BuildError{findings}
	}
	duties, more := knowledge.ReadDuties(o.File, content, directory, directorySite(s, strictly))
	if more.Failed() {
		return BuildError{more}
	}
	for _, line := range more.Lines(Language(o.Lang)) {
		fmt.Fprintln(talk, line)
	}
	before := directory.Duties()
	was := map[string]bool{}
	for _, d := range before {
		was[d.Row(s.Location)] = true
	}
	added := 0
	for _, d := range duties {
		row := d.Row(s.Location)
		if !was[row] {
			added++
			fmt.Fprintln(out, "added\t"+row)
		}
		delete(was, row)
	}
	removed := 0
	for _, d := range before {
		if row := d.Row(s.Location); was[row] {
			removed++
			fmt.Fprintln(out, "removed\t"+row)
		}
	}
	o.tellRota(talk, directory.With(duties), time.Now(), s.Location)
	o.say(talk, "%d added, %d removed, %d in all", added, removed, len(duties))
	return o.write(s.Knowledge.OnCall, knowledge.DutyTable(duties, s.Location), added+removed > 0, talk)
}

// mostGaps is how many gaps of a rota are told: more is a rota of another shape than was thought.
const mostGaps = 20

// tellRota says of a rota who is on call now, when nobody is, and until when it goes.
func (o ImportOptions) tellRota(talk io.Writer, d *knowledge.Directory, now time.Time, where *time.Location) {
	const form = "2006-01-02 15:04"
	for _, duty := range d.OnCall(now, "") {
		o.say(talk, "now: %s, %s, until %s", duty.Service, duty.Role, duty.To.In(where).Format(form))
	}
	gaps := d.Gaps(now, where)
	for _, g := range gaps[:min(len(gaps), mostGaps)] {
		if g.Usual {
			o.say(talk, "usually nobody: %s, %s, from %s to %s", g.Service, g.Role, o.weekly(g.From.In(where)), o.weekly(g.To.In(where)))
			continue
		}
		o.say(talk, "nobody: %s, %s, from %s to %s", g.Service, g.Role, g.From.In(where).Format(form), g.To.In(where).Format(form))
	}
	if more := len(gaps) - mostGaps; more > 0 {
		o.say(talk, "and %d more times without anybody", more)
	}
	if last := d.RotaEnd(); !last.IsZero() {
		o.say(talk, "the rota goes until %s", last.In(where).Format(form))
	}
}

// weekly is an hour of a day of the week: "lundi 08:00".
func (o ImportOptions) weekly(at time.Time) string {
	day := at.Weekday().String()
	if o.Lang == "fr" {
		day = [...]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"}[at.Weekday()]
	}
	return day + " " + at.Format("15:04")
}

// importing reads what an import needs.
func importing(o ImportOptions, key string, of func(*site.Site) string) (*site.Site, []byte, error) {
	s, err := loadSite(o.Site)
	if err != nil {
		return nil, nil, err
	}
	if of(s) == "" {
		return nil, nil, ExitError{ExitConfig, fmt.Errorf("the site file names no file to import into: write knowledge: {%s: …}", key)}
	}
	content, err := os.ReadFile(o.File)
	if err != nil {
		return nil, nil, fmt.Errorf("read what is imported: %w", err)
	}
	if content == nil {
		content = []byte{}
	}
	return s, content, nil
}

// write replaces a file of the site; the one before is kept beside it.
func (o ImportOptions) write(path string, content []byte, changes bool, talk io.Writer) error {
	switch {
	case !changes:
		o.say(talk, "Nothing changes")
		return nil
	case o.DryRun:
		o.say(talk, "Nothing was written (--dry-run)")
		return nil
	}
	before, err := os.ReadFile(path)
	if err == nil {
		err = writeWhole(path+".before", before, 0o640)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("keep the file before: %w", err)
	}
	if err := writeWhole(path, content, 0o640); err != nil {
		return err
	}
	o.say(talk, "Written to %s; the one before is %s. A reload puts it in force", path, filepath.Base(path)+".before")
	return nil
}
