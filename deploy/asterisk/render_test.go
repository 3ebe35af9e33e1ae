package asteriskconf

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"accueil/acd"
	"accueil/site"
)

var update = flag.Bool("update", false, "write the golden files anew")

func loadDemo(t testing.TB) *site.Site {
	t.Helper()
	s, found := site.Load(filepath.Join("..", "demo", "site.yaml"))
	if s == nil {
		t.Fatal(found)
	}
	return s
}

// fixed are options without a path of this machine.
func fixed() Options {
	prompts := NetPrompts{Emergency: "/srv/prompts/fr/sys.emergency", Wait: "/srv/prompts/fr/sys.operator", Sorry: "/srv/prompts/fr/sys.technical", Accept: "/srv/prompts/fr/sys.accept", Away: "/srv/prompts/fr/sys.fault"}
	return Options{MusicDir: "/srv/music", Net: map[acd.Lang]NetPrompts{"fr": prompts}}
}

func golden(t *testing.T, dir string, s *site.Site, o Options) map[string][]byte {
	t.Helper()
	files, err := Render(s, o)
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range files {
		path := filepath.Join("testdata", dir, name)
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s differs from the golden file:\n%s", path, got)
		}
	}
	kept, err := os.ReadDir(filepath.Join("testdata", dir))
	if err != nil || len(kept) != len(files) {
		t.Errorf("%d golden files, %d written (%v)", len(kept), len(files), err)
	}
	return files
}

func TestGoldenDemo(t *testing.T) {
	t.Parallel()
	golden(t, "demo", loadDemo(t), fixed())
}

// A trunk that registers, a mobile in the group, a password with a semicolon, no broadcast.
func TestGoldenVariant(t *testing.T) {
	t.Parallel()
	s := loadDemo(t)
	s.Agents = nil
	s.Phones = map[acd.PhoneID]site.Phone{
		"101":    {Kind: site.PhoneSIP, Password: site.NewSecret("semi;colon")},
		"mobile": {Kind: site.PhoneTrunk, Trunk: "operateur", Number: "0639980199"},
		"201":    {Kind: site.PhoneTrunk, Trunk: "autocom", Number: "4201"},
	}
	s.Fallback.Ring = []acd.PhoneID{"101", "mobile"}
	s.Asterisk.ReaderPassword = site.NewSecret("reader-secret")
	s.Trunks["operateur"] = site.Trunk{
		Kind: site.TrunkRegister, Host: "sip.example.org:5060", User: "hopital", Password: site.NewSecret("trunk-secret"), CallbackVia: true, Number: "+33199000100",
	}
	o := fixed()
	o.NoBroadcast, o.TrunkQualify = true, -1
	golden(t, "variant", s, o)
}

// The dialplan holds no pattern for numbers of any length, and no caller's context holds a pattern.
func TestDialplanHasNoOpenPattern(t *testing.T) {
	t.Parallel()
	files, err := Render(loadDemo(t), fixed())
	if err != nil {
		t.Fatal(err)
	}
	context, extensions := "", 0
	for line := range strings.Lines(string(files["accueil_extensions.conf"])) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			context = strings.Trim(line, "[]")
		}
		rest, ok := strings.CutPrefix(line, "exten => ")
		if !ok {
			continue
		}
		extensions++
		number, _, _ := strings.Cut(rest, ",")
		if strings.HasPrefix(number, "_") && (strings.ContainsAny(number, ".!") || strings.HasPrefix(context, "accueil-trunk-")) {
			t.Errorf("%s: %s", context, number)
		}
		if strings.HasPrefix(context, "accueil-trunk-") && !numeric(number) {
			t.Errorf("%s: a caller reaches %s", context, number)
		}
	}
	if extensions < 50 {
		t.Errorf("only %d extensions were seen", extensions)
	}
}

func TestDialPatterns(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string][]string{
		"4[0-9]{3}":       {"_4XXX"},
		`4\d{3}`:          {"_4XXX"},
		"40[01][0-9]":     {"_40[01]X"},
		"4[0-9]{2,3}":     {"_4XX", "_4XXX"},
		"(41|42)[0-9]":    {"_4[12]X"},
		"5|6[1-9]?":       {"_6[123456789]", "5", "6"},
		"4012":            {"4012"},
		"(?:11|2[0-3])00": {"1100", "_2[0123]00"},
	} {
		got, err := dialPatterns(expr)
		slices.Sort(got)
		slices.Sort(want)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v; want %v", expr, got, err, want)
		}
	}
	for _, expr := range []string{"4.*", "4+", "[a-z]", "[^0]", "", "a", "4{1,}", "[0-9]{30}", "(1|22){9}", "(", "4?", "(?i)k"} {
		if got, err := dialPatterns(expr); err == nil {
			t.Errorf("%q became %v", expr, got)
		}
	}
}

func TestRenderRefuses(t *testing.T) {
	t.Parallel()
	for what, change := range map[string]func(*site.Site, *Options){
		"relative prompt":     func(_ *site.Site, o *Options) { o.Net = map[acd.Lang]NetPrompts{"fr": {Emergency: "x"}} },
		"prompt with comma":   func(_ *site.Site, o *Options) { o.Net = map[acd.Lang]NetPrompts{"fr": {Emergency: "/a,b"}} },
		"music with newline":  func(_ *site.Site, o *Options) { o.MusicDir = "/a\nb" },
		"media ports":         func(_ *site.Site, o *Options) { o.RTPFirst, o.RTPLast = 2000, 1000 },
		"address":             func(_ *site.Site, o *Options) { o.SIPBind = "nowhere" },
		"ARI on a name":       func(_ *site.Site, o *Options) { o.HTTPBind = "pbx" },
		"no ARI password":     func(s *site.Site, _ *Options) { s.Asterisk.Password = site.Secret{} },
		"no trunk outside":    func(s *site.Site, _ *Options) { s.Trunks = nil },
		"nobody rings":        func(s *site.Site, _ *Options) { s.Fallback.Ring = nil },
		"password with lines": func(s *site.Site, _ *Options) { s.Asterisk.Password = site.NewSecret("a\nb") },
	} {
		s, o := loadDemo(t), fixed()
		change(s, &o)
		if files, err := Render(s, o); err == nil {
			t.Errorf("%s: %d files were written", what, len(files))
		}
	}
}

func TestIncludesAreWritten(t *testing.T) {
	t.Parallel()
	files, err := Render(loadDemo(t), fixed())
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range Includes() {
		own := strings.TrimPrefix(i.Line, "#include ")
		if files[own] == nil || !strings.Contains(string(files[i.File]), i.Line) {
			t.Errorf("%s in %s leads nowhere", i.Line, i.File)
		}
	}
}
