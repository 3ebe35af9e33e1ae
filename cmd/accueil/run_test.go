package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// said is what one command line did.
type said struct {
	code      int
	out, talk string
}

func command(t *testing.T, args ...string) said {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	var out, talk bytes.Buffer
	code := run(ctx, args, strings.NewReader(""), &out, &talk)
	return said{code, out.String(), talk.String()}
}

// The files of a small site: one language, one queue, dependencies that are down, a voice that costs
// nothing.
var siteFiles = map[string]string{
	"site.yaml": `version: 1
site: ch-test
timezone: Europe/Paris
region: FR
languages: [fr]
listen: {http: 127.0.0.1:0}
asterisk: {url: http://127.0.0.1:1/ari, password_file: secrets/ari}
redis: {addresses: ["127.0.0.1:1"]}
api: {tokens_file: secrets/tokens}
prompts: {command: [cat, voice.wav]}
trunks:
  operateur: {kind: ip, match: [192.0.2.10], callback_via: true}
  autocom: {kind: ip, match: [192.0.2.20], extensions: ["4[0-9]{3}"]}
entries:
  "3000": {trunk: operateur, scenario: principal}
skills: [rdv, imagerie]
reasons:
  accueil: {label: {fr: "standard"}, queue: rdv}
queues:
  rdv:
    steps:
      - {require: "rdv >= 5 and imagerie >= 3"}
      - {after: 20s, require: "rdv >= 1"}
    fallback: {goto: "4000"}
phones:
  "101": {kind: sip, password_file: secrets/phone}
agents:
  a01: {name: "Claire Dupont", phone: "101", pin_file: secrets/pin, skills: {rdv: 8, imagerie: 5}}
fallback: {ring: ["101"]}
`,
	"scenarios/principal.yaml": `version: 1
start: menu
nodes:
  menu: {menu: {prompt: {fr: "Pour un rendez-vous, tapez 1."}, options: {"1": rdv}}}
  rdv: {queue: accueil}
`,
	"secrets/ari":    "a-password-of-the-test",
	"secrets/phone":  "another-password",
	"secrets/pin":    "2468",
	"secrets/tokens": "",
	"voice.wav":      tone(),
}

// smallSite writes the site and returns its file.
func smallSite(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range siteFiles {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		text = strings.Replace(text, "cat, voice.wav", "cat, "+filepath.Join(dir, "voice.wav"), 1)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "site.yaml")
}

// tone is a short WAV file, as a speech engine would give it.
func tone() string {
	const rate = 16000
	samples := make([]int16, rate/20)
	for i := range samples {
		samples[i] = int16(8000 * math.Sin(2*math.Pi*440*float64(i)/rate))
	}
	var b bytes.Buffer
	data := uint32(2 * len(samples))
	b.WriteString("RIFF")
	_ = binary.Write(&b, binary.LittleEndian, 36+data)
	b.WriteString("WAVEfmt ")
	for _, v := range []any{uint32(16), uint16(1), uint16(1), uint32(rate), uint32(2 * rate), uint16(2), uint16(16)} {
		_ = binary.Write(&b, binary.LittleEndian, v)
	}
	b.WriteString("data")
	_ = binary.Write(&b, binary.LittleEndian, data)
	_ = binary.Write(&b, binary.LittleEndian, samples)
	return b.String()
}

func TestHelpIsDataAndSucceeds(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--help"}, {"help"}, {}, {"help", "serve"}} {
		s := command(t, args...)
		if s.code != exitOK || !strings.Contains(s.out, "accueil") || s.talk != "" {
			t.Errorf("%v: code %d, out %q, talk %q", args, s.code, s.out, s.talk)
		}
	}
}

// TestEveryCommandHasAnExample holds what CONTRACT asks of the help texts.
func TestEveryCommandHasAnExample(t *testing.T) {
	t.Parallel()
	root := newRoot()
	for _, c := range root.Commands() {
		name := c.Name()
		if name == "help" || name == "completion" {
			continue
		}
		for _, leaf := range append(c.Commands(), c) {
			if !leaf.HasSubCommands() && (leaf.Short == "" || !strings.Contains(leaf.Example, leaf.CommandPath())) {
				t.Errorf("%s has no short text, or no example of itself", leaf.CommandPath())
			}
		}
	}
}

func TestMistakesInTheWordsAreUsageErrors(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"bogus", "check", "check a b", "serve --bogus", "serve extra", "doctor extra", "asterisk-config",
		"explain", "explain c1 --reason accueil", "explain c1 --at 2026-12-24", "explain c1 --words de", "explain c1 --log day --site s", "replay", "replay a b", "export log extra",
		"export", "export bogus", "export prompts extra", "completion", "completion tcsh", "demo --calls many", "--bogus",
	} {
		s := command(t, strings.Fields(line)...)
		if s.code != exitUsage || s.out != "" || !strings.HasPrefix(s.talk, "accueil: ") || !strings.Contains(s.talk, "--help") {
			t.Errorf("%q: code %d, out %q, talk %q", line, s.code, s.out, s.talk)
		}
	}
}

func TestVersionAndCompletion(t *testing.T) {
	t.Parallel()
	if s := command(t, "version"); s.code != exitOK || !strings.HasPrefix(s.out, "accueil unknown go") || s.talk != "" {
		t.Errorf("version: %+v", s)
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if s := command(t, "completion", shell); s.code != exitOK || len(s.out) < 1000 || s.talk != "" {
			t.Errorf("completion %s: code %d, %d bytes, talk %q", shell, s.code, len(s.out), s.talk)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	site := smallSite(t)
	if s := command(t, "check", site); s.code != exitOK || s.out != "" || !strings.Contains(s.talk, "can be used") {
		t.Errorf("a good site: %+v", s)
	}
	text, err := os.ReadFile(site)
	if err != nil {
		t.Fatal(err)
	}
	broken := strings.Replace(string(text), "imagerie >= 3", "imgerie >= 3", 1)
	if err := os.WriteFile(site, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	s := command(t, "check", site)
	for _, part := range []string{"site.yaml:", "imgerie", `did you mean "imagerie"?`, "^"} {
		if !strings.Contains(s.out, part) {
			t.Errorf("the finding lacks %q: %s", part, s.out)
		}
	}
	if s.code != exitConfig || !strings.Contains(s.talk, "cannot be used (errors: 1, warnings: 0)") {
		t.Errorf("a misspelt skill: code %d, talk %q", s.code, s.talk)
	}
	s = command(t, "check", "--json", site)
	var findings []map[string]any
	if err := json.Unmarshal([]byte(s.out), &findings); err != nil || len(findings) != 1 || s.code != exitConfig || s.talk != "" {
		t.Errorf("--json: code %d, %v, %s", s.code, err, s.out)
	}
	for _, args := range [][]string{{"serve", "--site", site}, {"asterisk-config", "--site", site, t.TempDir()}, {"export", "prompts", "--site", site}} {
		if s := command(t, args...); s.code != exitConfig || s.out != "" || !strings.Contains(s.talk, "imgerie") {
			t.Errorf("%v takes a site that check refuses: %+v", args, s)
		}
	}
}

func TestCheckReadsTheTokenFile(t *testing.T) {
	t.Parallel()
	site := smallSite(t)
	tokens := filepath.Join(filepath.Dir(site), "secrets", "tokens")
	if err := os.WriteFile(tokens, []byte("me admin in-clear-by-mistake\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := command(t, "check", site)
	if s.code != exitConfig || !strings.Contains(s.out, "line 1") || strings.Contains(s.out, "in-clear") {
		t.Errorf("code %d: %s", s.code, s.out)
	}
}

func TestASiteThatIsNotThere(t *testing.T) {
	t.Parallel()
	none := filepath.Join(t.TempDir(), "none.yaml")
	for _, args := range [][]string{{"check", none}, {"serve", "--site", none}, {"doctor", "--site", none}, {"export", "prompts", "--site", none}} {
		if s := command(t, args...); s.code != exitConfig || !strings.Contains(s.out+s.talk, none) {
			t.Errorf("%v: %+v", args, s)
		}
	}
}

func TestAsteriskConfig(t *testing.T) {
	t.Parallel()
	site, dir := smallSite(t), filepath.Join(t.TempDir(), "asterisk")
	s := command(t, "asterisk-config", "--site", site, dir)
	if s.code != exitOK || !strings.Contains(s.talk, "prompts: ") || strings.Contains(s.out, "prompts: ") {
		t.Fatalf("code %d, out %q, talk %q", s.code, s.out, s.talk)
	}
	for name := range strings.Lines(s.out) {
		info, err := os.Stat(strings.TrimSpace(name))
		if err != nil || info.Mode().Perm() != 0o640 {
			t.Errorf("%q is not a file that others cannot read: %v", name, err)
		}
	}
	foreign := filepath.Join(dir, "pjsip.conf")
	if err := os.WriteFile(foreign, []byte("[mine]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s = command(t, "asterisk-config", "--site", site, dir)
	if text, err := os.ReadFile(foreign); s.code != exitRefused || !strings.Contains(s.talk, "pjsip.conf") || s.out != "" || err != nil || string(text) != "[mine]\n" {
		t.Errorf("a foreign file: %+v, %v, now %q", s, err, text)
	}
	s = command(t, "asterisk-config", "--includes", "--site", site, dir)
	if text, err := os.ReadFile(foreign); s.code != exitOK || !strings.Contains(s.out, "#include accueil_pjsip.conf") || err != nil || string(text) != "[mine]\n" {
		t.Errorf("--includes: %+v, %v, now %q", s, err, text)
	}
	if s := command(t, "asterisk-config", "--yes", "--no-broadcast", "--site", site, dir); s.code != exitOK {
		t.Errorf("--yes: %+v", s)
	}
	plan, err := os.ReadFile(filepath.Join(dir, "accueil_extensions.conf"))
	if err != nil || bytes.Contains(plan, []byte("StasisBroadcast(")) || !bytes.Contains(plan, []byte("Stasis(")) {
		t.Errorf("--no-broadcast still names it (%v)", err)
	}
}

func TestExportPrompts(t *testing.T) {
	t.Parallel()
	s := command(t, "export", "prompts", "--site", smallSite(t))
	lines := strings.Split(strings.TrimSpace(s.out), "\n")
	if s.code != exitOK || lines[0] != "language;id;seconds;recorded;text" || !strings.Contains(s.talk, "prompts: ") {
		t.Fatalf("code %d, first line %q, talk %q", s.code, lines[0], s.talk)
	}
	if !slices.ContainsFunc(lines, func(l string) bool {
		return strings.HasPrefix(l, "fr;principal.menu;") && strings.HasSuffix(l, "tapez 1.")
	}) {
		t.Error("the menu's text is not in the list")
	}
}

func TestDoctorWithoutDependencies(t *testing.T) {
	t.Parallel()
	s := command(t, "doctor", "--json", "--no-call", "--site", smallSite(t))
	var checks []struct{ Name, Status, Remedy string }
	if err := json.Unmarshal([]byte(s.out), &checks); err != nil || s.code != exitDependency || s.talk != "" {
		t.Fatalf("code %d, %v, talk %q: %s", s.code, err, s.talk, s.out)
	}
	for _, name := range []string{"asterisk", "redis"} {
		i := slices.IndexFunc(checks, func(c struct{ Name, Status, Remedy string }) bool { return c.Name == name })
		if i < 0 || checks[i].Status != "failed" || checks[i].Remedy == "" {
			t.Errorf("%s is down and the doctor says %+v", name, checks)
		}
	}
}

func TestDrainOfANodeThatIsNotThere(t *testing.T) {
	t.Parallel()
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("demo-admin\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := command(t, "drain", "--url", "http://127.0.0.1:1", "--token-file", token)
	if s.code != exitDependency || s.out != "" || strings.Contains(s.talk, "demo-admin") {
		t.Errorf("%+v", s)
	}
}
