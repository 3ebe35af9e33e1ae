package app

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"accueil/site"
)

func fileIn(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestImportDirectory(t *testing.T) {
	t.Parallel()
	dir, path := hospitalFolder(t)
	present := filepath.Join(dir, "annuaire.csv")
	before := content(t, present)
	changed := fileIn(t, t.TempDir(), "new.csv", strings.NewReplacer("4003", "4033", "salle-reunion-1;room;Salle de réunion Tilleuls", "salle-2;room;Salle Érables").Replace(before))
	try := func(o ImportOptions) (string, string, error) {
		o.Site = path
		var out, talk bytes.Buffer
		err := ImportDirectory(o, &out, &talk)
		return out.String(), talk.String(), err
	}
	const want = "changed\tradiologie\tservice\tRadiologie\tnumbers\nadded\tsalle-2\troom\tSalle Érables\nremoved\tsalle-reunion-1\troom\tSalle de réunion Tilleuls\n"
	out, talk, err := try(ImportOptions{File: changed, DryRun: true})
	if err != nil || out != want || !strings.Contains(talk, "1 added, 1 changed, 1 removed, 23 in all") || content(t, present) != before {
		t.Fatalf("dry run: %v\n%s%s", err, out, talk)
	}
	if _, _, err := try(ImportOptions{File: changed}); err != nil || !strings.Contains(content(t, present), "4033") || content(t, present+".before") != before {
		t.Fatalf("import: %v\n%s", err, content(t, present))
	}
	if out, talk, err := try(ImportOptions{File: changed}); err != nil || out != "" || !strings.Contains(talk, "Nothing changes") {
		t.Errorf("twice: %v\n%s%s", err, out, talk)
	}
	after := content(t, present)

	// A file with a mistake, or one that is another file, changes nothing.
	broken := fileIn(t, t.TempDir(), "broken.csv", strings.Replace(before, "4006", "SECRET", 1))
	var build BuildError
	if _, _, err := try(ImportOptions{File: broken}); !errors.As(err, &build) || strings.Contains(err.Error(), "SECRET") || !strings.Contains(err.Error(), ":8:") {
		t.Errorf("a mistake: %v", err)
	}
	few := fileIn(t, t.TempDir(), "few.csv", strings.Join(strings.SplitAfter(before, "\n")[:8], ""))
	var code ExitError
	if _, _, err := try(ImportOptions{File: few}); !errors.As(err, &code) || code.Code != ExitRefused {
		// The rota names chirurgie, which is not among them: told first.
		if !errors.As(err, &build) {
			t.Errorf("most of it would go: %v", err)
		}
	}
	fileIn(t, dir, "gardes.csv", "service;role;from;to;numbers\n")
	if _, _, err := try(ImportOptions{File: few}); !errors.As(err, &code) || code.Code != ExitRefused {
		t.Errorf("most of it would go: %v", err)
	}
	if content(t, present) != after {
		t.Error("what was refused was written")
	}
	if _, _, err := try(ImportOptions{File: few, Yes: true}); err != nil || strings.Contains(content(t, present), "Oncologie") {
		t.Errorf("with yes: %v", err)
	}
	change(t, path, "  directory: annuaire.csv # services", "  # services")
	change(t, path, "  on_call: gardes.csv", "  # ")
	if _, _, err := try(ImportOptions{File: few}); !errors.As(err, &code) || code.Code != ExitConfig {
		t.Errorf("a site without a directory: %v", err)
	}
}

func TestImportOnCall(t *testing.T) {
	t.Parallel()
	dir, path := hospitalFolder(t)
	rota := fileIn(t, t.TempDir(), "gardes.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nCATEGORIES:cardiologie\nSUMMARY:cardiologue de garde\nCONTACT:4106\nDTSTART:20261126T180000\nDTEND:20261127T080000\nEND:VEVENT\nEND:VCALENDAR\n")
	var out, talk bytes.Buffer
	if err := ImportOnCall(ImportOptions{Site: path, File: rota, DryRun: true}, &out, &talk); err != nil || strings.Count(out.String(), "removed\t") != 22 || strings.Count(out.String(), "added\t") != 1 ||
		!strings.Contains(out.String(), "added\tcardiologie\tcardiologue de garde\t2026-11-26T18:00:00+01:00\t2026-11-27T08:00:00+01:00\t4106") {
		t.Fatalf("%v\n%s%s", err, out.String(), talk.String())
	}
	if strings.Contains(content(t, filepath.Join(dir, "gardes.csv")), "2026-11-26") {
		t.Fatal("a dry run wrote")
	}
	if err := ImportOnCall(ImportOptions{Site: path, File: rota}, &out, &talk); err != nil {
		t.Fatal(err)
	}
	if got := content(t, filepath.Join(dir, "gardes.csv")); got != "service;role;from;to;numbers\ncardiologie;cardiologue de garde;2026-11-26T18:00:00+01:00;2026-11-27T08:00:00+01:00;4106\n" {
		t.Error(got)
	}
	if findings, ok := Check(path); !ok {
		t.Errorf("what was imported is refused: %v", findings)
	}
	broken := fileIn(t, t.TempDir(), "gardes.csv", "service;role;from;to;numbers\nnowhere;x;2026-11-26 18:00;2026-11-27 08:00;4106\n")
	var build BuildError
	if err := ImportOnCall(ImportOptions{Site: path, File: broken}, &out, &talk); !errors.As(err, &build) {
		t.Errorf("%v", err)
	}
}

// TestImportARepeatedRota: the dry run says who is on call when, on the clock of the site, who is now, and when
// nobody is.
func TestImportARepeatedRota(t *testing.T) {
	t.Parallel()
	dir, path := hospitalFolder(t)
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	y, m, day := time.Now().In(paris).Date()
	on := func(days, hour int) string {
		return time.Date(y, m, day+days, hour, 0, 0, 0, paris).Format("20060102T150405")
	}
	rota := fileIn(t, t.TempDir(), "gardes.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nCATEGORIES:cardiologie\nSUMMARY:cardiologue de garde\nCONTACT:4106\nDTSTART;TZID=Europe/Paris:"+on(-2, 8)+
		"\nDURATION:P1D\nRRULE:FREQ=DAILY;COUNT=6\nEXDATE;TZID=Europe/Paris:"+on(2, 8)+"\nEND:VEVENT\nEND:VCALENDAR\n")
	var out, talk bytes.Buffer
	if err := ImportOnCall(ImportOptions{Site: path, File: rota, DryRun: true}, &out, &talk); err != nil {
		t.Fatal(err)
	}
	at := func(days int) time.Time { return time.Date(y, m, day+days, 8, 0, 0, 0, paris) }
	for _, want := range []string{"added\tcardiologie\tcardiologue de garde\t" + at(1).Format(time.RFC3339) + "\t" + at(2).Format(time.RFC3339) + "\t4106\n"} {
		if !strings.Contains(out.String(), want) || strings.Count(out.String(), "added\t") != 5 {
			t.Errorf("want %q in %s", want, out.String())
		}
	}
	const form = "2006-01-02 15:04"
	var french bytes.Buffer
	if err := ImportOnCall(ImportOptions{Site: path, File: rota, DryRun: true, Lang: "fr"}, &bytes.Buffer{}, &french); err != nil || !strings.Contains(french.String(), "cardiologie, cardiologue de garde, du "+at(2).Format(form)+" au ") ||
		!strings.Contains(french.String(), "Rien n’a été écrit") && !strings.Contains(french.String(), "Rien n'a été écrit") {
		t.Errorf("%v %s", err, french.String())
	}
	for _, want := range []string{"now: cardiologie, cardiologue de garde, until ", "nobody: cardiologie, cardiologue de garde, from " + at(2).Format(form) + " to " + at(3).Format(form), "the rota goes until " + at(4).Format(form), "Nothing was written"} {
		if !strings.Contains(talk.String(), want) {
			t.Errorf("want %q in %s", want, talk.String())
		}
	}
	// The site file may also name the calendar itself.
	if err := os.Rename(rota, filepath.Join(dir, "gardes.ics")); err != nil {
		t.Fatal(err)
	}
	change(t, path, "on_call: gardes.csv", "on_call: gardes.ics")
	if findings, ok := Check(path); !ok {
		t.Errorf("%v", findings)
	}
}

// TestARotaThatEnds is told two weeks before, and from then on.
func TestARotaThatEnds(t *testing.T) {
	t.Parallel()
	dir, path := hospitalFolder(t)
	for days, want := range map[int]bool{-3: true, 5: true, 20: false} {
		day := time.Now().AddDate(0, 0, days).Format(time.DateOnly)
		fileIn(t, dir, "gardes.csv", "service;role;from;to;numbers\ncardiologie;x;"+time.Now().AddDate(0, 0, -9).Format(time.DateOnly)+";"+day+";4106\n")
		findings, ok := Check(path)
		if got := strings.Contains(findings.String(), "gardes.csv: warning: nobody is on call from "+day+" 00:00 on"); !ok || got != want {
			t.Errorf("%d days: %v", days, findings)
		}
	}
}

// TestADirectoryWithMistakes is refused by check, and does not keep the phones from starting.
func TestADirectoryWithMistakes(t *testing.T) {
	t.Parallel()
	dir, path := hospitalFolder(t)
	change(t, filepath.Join(dir, "annuaire.csv"), "4007", "nothing")
	if findings, ok := Check(path); ok || !strings.Contains(findings.String(), "annuaire.csv:9:33: a number cannot be dialled") {
		t.Errorf("check: %v %v", ok, findings)
	}
	s, _ := site.Load(path)
	c, findings := compile(s, true)
	if c == nil || len(findings.Warnings()) != 1 || len(c.entries.Entries()) != 22 {
		t.Fatalf("start: %v", findings)
	}
	for _, name := range []string{"annuaire.csv", "gardes.csv"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if findings, ok := Check(path); !ok || len(findings.Warnings()) != 2 {
		t.Errorf("before the first import: %v %v", ok, findings)
	}
	new := fileIn(t, t.TempDir(), "a.csv", "id;kind;name\nx;service;X\n")
	if err := ImportDirectory(ImportOptions{Site: path, File: new}, &bytes.Buffer{}, &bytes.Buffer{}); err != nil {
		t.Errorf("the first import: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "annuaire.csv.before")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

// TestConfidentialEntriesAreNotPublished, nor those for the staff, nor people, nor numbers of the inside.
func TestConfidentialEntriesAreNotPublished(t *testing.T) {
	t.Parallel()
	dir, path := hospitalFolder(t)
	change(t, filepath.Join(dir, "annuaire.csv"), "Radiologie;4003", `Radiologie;"4003, 01 99 00 30 03"`)
	published := t.TempDir()
	if err := ExportFAQ(path, published, &bytes.Buffer{}, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(published, "*.*"))
	if err != nil || len(files) != 5 {
		t.Fatalf("%v %v", files, err)
	}
	for _, file := range files {
		text := content(t, file)
		for _, secret := range []string{"protégée", "Pharmacie", "Rousseau", "Perrot", "4106", "Tilleuls\"", "Personnel seulement", "4003", "06 39", "de garde"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s says %q", filepath.Base(file), secret)
			}
		}
		if strings.Contains(filepath.Base(file), "faq") && !(strings.Contains(text, "Radiologie") && strings.Contains(text, "01 99 00 30 03")) {
			t.Errorf("%s says nothing of a public service", filepath.Base(file))
		}
	}
}

func TestServicesHaveLabels(t *testing.T) {
	t.Parallel()
	_, path := hospitalFolder(t)
	s, _ := site.Load(path)
	c, findings := assemble(s)
	if c == nil {
		t.Fatal(findings)
	}
	labels := c.webPlan("test").Services
	if labels["4003"] != "Radiologie" || labels["4019"] != "" || labels["4106"] != "" {
		t.Errorf("%v", labels)
	}
}

// TestImportOnCallNeedsTheDirectory: beside a directory that cannot be read, no rota replaces the one in force.
func TestImportOnCallNeedsTheDirectory(t *testing.T) {
	t.Parallel()
	dir, path := hospitalFolder(t)
	before := content(t, filepath.Join(dir, "gardes.csv"))
	fileIn(t, dir, "annuaire.csv", "id;kind;name\nump;service;Unit\xe9\n")
	rota := fileIn(t, t.TempDir(), "gardes.csv", "service;role;from;to;numbers\ncardiologie;cardiologue de garde;2026-11-26 18:00;2026-11-27 08:00;4106\n")
	var out, talk bytes.Buffer
	var build BuildError
	if err := ImportOnCall(ImportOptions{Site: path, File: rota, Yes: true}, &out, &talk); !errors.As(err, &build) || !strings.Contains(err.Error(), "annuaire.csv: the file is not UTF-8") || strings.Contains(err.Error(), "no such service") {
		t.Errorf("%v", err)
	}
	if content(t, filepath.Join(dir, "gardes.csv")) != before {
		t.Error("the rota was replaced")
	}
	if findings, ok := Check(path); ok || strings.Contains(findings.String(), "no such service") {
		t.Errorf("check: %v", findings)
	}
}
