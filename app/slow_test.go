package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"accueil/site"
)

// TestSlowSpeechIsMadeWhereItIsWanted: for a caller known to need it, or a scenario that asks for it.
func TestSlowSpeechIsMadeWhereItIsWanted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit func(dir string, y string) string
		want int
	}{
		"nobody": {func(_, y string) string { return y }, 0},
		"an entry": {func(_, y string) string {
			return strings.Replace(y, `"3001": {trunk: operateur,`, `"3001": {trunk: operateur, callers: relay,`, 1)
		}, 110},
		"a trunk, at its rate": {func(_, y string) string {
			return strings.Replace(y, "callback_via: true}", "callback_via: true, callers: relay}", 1) + "prompts: {slow_rate: 90}\n"
		}, 90},
		"the directory": {func(dir, y string) string {
			add(t, filepath.Join(dir, "directory.csv"), "0612345699;Camille Bernard;relay\n")
			return y
		}, 110},
		"a scenario": {func(dir, y string) string {
			file := filepath.Join(dir, "scenarios", "interne.yaml")
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			slow := strings.Replace(string(text), "start: menu", "start: lent", 1)
			write(t, file, strings.Replace(slow, "\nnodes:\n", "\nnodes:\n  lent: {set: {speech: slow}, next: menu}\n", 1))
			return y
		}, 110},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS("../deploy/demo")); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "site.yaml")
			y, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			write(t, path, c.edit(dir, string(y)))
			s, findings := site.Load(path)
			if s == nil {
				t.Fatal(findings)
			}
			config, findings := assemble(s)
			if config == nil {
				t.Fatal(findings)
			}
			if got := config.slowRate(); got != c.want {
				t.Errorf("slow rate %d, want %d", got, c.want)
			}
		})
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func add(t *testing.T, file, line string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, string(text)+line)
}
