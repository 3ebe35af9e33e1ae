package site

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/diag"
	"accueil/ivr/calendar"
	"accueil/routing"
	"accueil/seal"
	"accueil/wording"
)

var update = flag.Bool("update", false, "write the golden files anew")

// folder returns a copy of testdata/good, with the permissions that secrets have: a checkout does
// not keep them.
func folder(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/good")); err != nil {
		t.Fatal(err)
	}
	secrets, err := filepath.Glob(filepath.Join(dir, "secrets", "*"))
	if err != nil {
		t.Fatal(err)
	}
	phones, err := filepath.Glob(filepath.Join(dir, "secrets", "phones", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(secrets, phones...) {
		mode := os.FileMode(0o600)
		switch filepath.Base(file) {
		case "phones":
			mode = 0o700
		case "open":
			mode = 0o644
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoad(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s, found := Load(filepath.Join(dir, "site.yaml"))
	if len(found) > 0 {
		t.Fatal(found)
	}
	queue := s.Queues["rdv"]
	for what, ok := range map[string]bool{
		"dir":              s.Dir == dir,
		"data":             s.DataDir == filepath.Join(dir, "data"),
		"cache":            s.Prompts.Cache == filepath.Join(dir, "data", "prompts"),
		"history":          s.History.URL == "sqlite:"+filepath.Join(dir, "data", "history.db"),
		"location":         s.Location.String() == "Europe/Paris",
		"entry language":   s.Entries["3000"].Language == "fr",
		"trunk host":       s.Trunks["operateur"].Host == "192.0.2.10:5060",
		"trunk reaches":    s.Trunks["autocom"].Reaches[0].MatchString("4012") && !s.Trunks["autocom"].Reaches[0].MatchString("40123"),
		"queue default":    queue.Ring == 15*time.Second && queue.Wrapup == 10*time.Second && queue.MissesBeforeUnreachable == 2,
		"queue fallback":   queue.Fallback.Target == Target{Number: "4000", Trunk: "autocom"},
		"step":             queue.Steps[1].After == 20*time.Second,
		"ari secret":       s.Asterisk.Password.Is("invented-ari-secret-0001"),
		"phone secret":     s.Phones["101"].Password.Is("invented-101"),
		"pin":              s.Agents["a01"].PIN.Is("4711") && !s.Agents["a01"].PIN.Is("4712"),
		"agent number":     s.Agents["a01"].Number == "01",
		"agent language":   s.Agents["a01"].Language == "fr",
		"scenarios":        len(s.Scenarios) == 2 && s.Scenarios["principal"] != "",
		"emergency":        s.IsEmergency("112") && !s.IsEmergency("3000"),
		"media ports":      s.Listen.RTPFirst == 10000 && s.Listen.RTPLast == 10999,
		"default briefing": s.Agents["a01"].Briefing == BriefingByCard,
	} {
		if !ok {
			t.Errorf("%s: %+v", what, s)
		}
	}
}

// Every file of testdata/broken shows one mistake (and one shows many); the golden file beside it
// is what the person who made it reads in English, name.fr.txt in French.
func TestBroken(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/broken/*.yaml")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			dir := folder(t)
			path := filepath.Join(dir, "site.yaml")
			if err := os.WriteFile(path, src, 0o600); err != nil {
				t.Fatal(err)
			}
			s, found := Load(path)
			if len(found) == 0 {
				t.Fatal("nothing was found")
			}
			if (s == nil) != found.Failed() {
				t.Errorf("site %v, but failed is %v", s != nil, found.Failed())
			}
			for i := range found {
				found[i].File = "site.yaml"
			}
			french := wording.French(wording.FrenchForms(), diag.French(), routing.French(), calendar.French(), seal.French(), French())
			for ending, language := range map[string]*wording.Language{".txt": nil, ".fr.txt": french} {
				got := strings.ReplaceAll(found.In(language), dir, "DIR") + "\n"
				golden := filepath.Join("testdata", "broken", name+ending)
				if *update {
					if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(golden)
				if err != nil {
					t.Fatal(err)
				}
				if got != string(want) {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
			}
		})
	}
}

// Findings go to logs and screens: no secret's content may be in one, nor in a printed site.
func TestSecretsDoNotShow(t *testing.T) {
	t.Parallel()
	s, found := Load(filepath.Join(folder(t), "site.yaml"))
	if s == nil {
		t.Fatal(found)
	}
	shown := fmt.Sprintf("%v %+v %#v %s %x", s, s, s, s.Phones["101"], s.Agents["a01"].PIN)
	for _, secret := range []string{"invented", "4711", fmt.Sprintf("%x", "4711")} {
		if strings.Contains(shown, secret) {
			t.Errorf("%q shows", secret)
		}
	}
	if !strings.Contains(shown, mask) {
		t.Error("no mask shows: the site was not printed with its secrets")
	}
}

// The default= of the tags must be what the loader fills in.
func TestDefaultsAreAsTold(t *testing.T) {
	t.Parallel()
	s, found := Load(filepath.Join(folder(t), "site.yaml"))
	if s == nil {
		t.Fatal(found)
	}
	src, err := os.ReadFile("testdata/good/site.yaml")
	if err != nil {
		t.Fatal(err)
	}
	explicit := string(src) + "\nnode: n1\ndata_dir: data\n"
	explicit = strings.Replace(explicit, "asterisk: {", "asterisk: {url: "+tag(t, Asterisk{}, "URL")+", user: "+tag(t, Asterisk{}, "User")+", ", 1)
	explicit = strings.Replace(explicit, `    fallback: {goto`, fmt.Sprintf("    wrapup: %s\n    ring: %s\n    max_waiting: %s\n    max_wait: %s\n    when_unstaffed: %s\n    misses_before_unreachable: %s\n    fallback: {goto",
		tag(t, Queue{}, "Wrapup"), tag(t, Queue{}, "Ring"), tag(t, Queue{}, "MaxWaiting"), tag(t, Queue{}, "MaxWait"), tag(t, Queue{}, "WhenUnstaffed"), tag(t, Queue{}, "MissesBeforeUnreachable")), 1)
	explicit += fmt.Sprintf("listen: {http: %s, sip: %s, rtp: %s}\nhistory: {url: %q}\nemergency_numbers: %s\nprompts: {command: %s, rate: %s, slow_rate: %s}\n",
		tag(t, Listen{}, "HTTP"), tag(t, Listen{}, "SIP"), tag(t, Listen{}, "RTP"), strings.Replace(tag(t, History{}, "URL"), "<data_dir>", "data", 1), tag(t, Site{}, "EmergencyNumbers"),
		strings.NewReplacer("{voice}", `"{voice}"`, "{rate}", `"{rate}"`).Replace(tag(t, Prompts{}, "Command")), tag(t, Prompts{}, "Rate"), tag(t, Prompts{}, "SlowRate"))
	path := filepath.Join(s.Dir, "site.yaml")
	if err := os.WriteFile(path, []byte(explicit), 0o600); err != nil {
		t.Fatal(err)
	}
	again, found := Load(path)
	if again == nil {
		t.Fatal(found)
	}
	pointers := regexp.MustCompile(`0x[0-9a-f]+`)
	show := func(s *Site) string { return pointers.ReplaceAllString(fmt.Sprintf("%+v", *s), "…") }
	if show(s) != show(again) {
		t.Errorf("defaults differ from the tags:\n%s\n%s", show(s), show(again))
	}
}

func TestLookups(t *testing.T) {
	t.Parallel()
	s := &Site{
		Agents: map[acd.AgentID]Agent{
			"a01": {Number: "01", Phone: "101"}, "a13": {Number: "13", Phone: "113"},
			"b": {Number: "7", Phone: "110"}, "c": {Number: "", Phone: "110"}, "d": {Number: "007", Phone: "111"},
		},
	}
	for _, c := range []struct {
		keyed string
		want  acd.AgentID
	}{{"01", "a01"}, {"1", "a01"}, {"13", "a13"}, {"101", "a01"}, {"7", "b"}, {"007", "d"}, {"07", ""}, {"110", ""}, {"", ""}, {"99", ""}} {
		if got, ok := s.AgentByNumber(c.keyed); got != c.want || ok != (c.want != "") {
			t.Errorf("%q is %q, %v; want %q", c.keyed, got, ok, c.want)
		}
	}
	if a, ok := s.UsualAgent("101"); a != "a01" || !ok {
		t.Errorf("101 is %q's, %v", a, ok)
	}
	for _, shared := range []acd.PhoneID{"110", "nobody"} {
		if a, ok := s.UsualAgent(shared); ok {
			t.Errorf("%s is %q's alone", shared, a)
		}
	}
}

func TestNoFile(t *testing.T) {
	t.Parallel()
	for _, path := range []string{filepath.Join(t.TempDir(), "none.yaml"), t.TempDir()} {
		if s, found := Load(path); s != nil || !found.Failed() {
			t.Errorf("%s was loaded", path)
		}
	}
}

func FuzzLoad(f *testing.F) {
	files, _ := filepath.Glob("testdata/broken/*.yaml")
	for _, file := range append(files, "testdata/good/site.yaml") {
		if src, err := os.ReadFile(file); err == nil {
			f.Add(src)
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		s, found := LoadBytes("site.yaml", src)
		if (s == nil) != found.Failed() {
			t.Fatalf("site %v, findings %v", s != nil, found)
		}
		lines := strings.Count(string(src), "\n") + strings.Count(string(src), "\r") + 1
		for _, one := range found {
			if one.Line > lines || one.Message == nil {
				t.Fatalf("%+v points outside the %d lines", one, lines)
			}
		}
	})
}

func tag(t *testing.T, v any, field string) string {
	t.Helper()
	f, ok := reflect.TypeOf(v).FieldByName(field)
	if !ok || RuleOf(f).Default == "" {
		t.Fatalf("no default of %T.%s", v, field)
	}
	return RuleOf(f).Default
}

func TestShownNumber(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{
		"0199003000": "01 99 00 30 00", "+33199003000": "01 99 00 30 00", "01 99 00 30 00": "01 99 00 30 00", "15": "15", "4010": "4010", "3624": "3624",
		"+3225551212": "+32 2 555 12 12", "0800123456": "0 800 12 34 56", "nobody": "",
	} {
		if got := (&Site{Region: "FR"}).ShownNumber(number); got != want {
			t.Errorf("%s is shown as %q, want %q", number, got, want)
		}
	}
	if got := (&Site{Region: "RE"}).ShownNumber("0262905050"); got != "0262 90 50 50" {
		t.Errorf("%q", got)
	}
}

// The database stands with the other data unless the site file says otherwise: the folder of the site
// file is often not to be written.
func TestTheDatabaseIsInTheDataFolder(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	path := filepath.Join(dir, "site.yaml")
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for more, want := range map[string]string{
		"\ndata_dir: /var/lib/accueil\n":                                             "sqlite:/var/lib/accueil/history.db",
		"\ndata_dir: /var/lib/accueil\nhistory: {url: \"sqlite:data/h.db\"}\n":       "sqlite:" + filepath.Join(dir, "data", "h.db"),
		"\ndata_dir: /var/lib/accueil\nhistory: {url: \"postgres://a@b/accueil\"}\n": "postgres://a@b/accueil",
	} {
		if err := os.WriteFile(path, append(slices.Clone(src), more...), 0o600); err != nil {
			t.Fatal(err)
		}
		s, found := Load(path)
		if s == nil || s.History.URL != want {
			t.Errorf("%q: %v, %+v", more, found, s)
		}
	}
}
