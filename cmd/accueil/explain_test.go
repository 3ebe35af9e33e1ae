package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestExplainWhatWouldHappen(t *testing.T) {
	t.Parallel()
	site := smallSite(t)
	line := []string{"explain", "--site", site, "--reason", "accueil", "--at", "2026-12-24 10:00"}
	s := command(t, append(line, "--words", "en")...)
	for _, part := range []string{"A call for accueil, in fr, at 2026-12-24 10:00", "Entry 3000", "imagerie >= 3 and rdv >= 5", "a01", "falls back to 4000"} {
		if !strings.Contains(s.out, part) {
			t.Errorf("the answer lacks %q: %s", part, s.out)
		}
	}
	if s.code != exitOK || s.talk != "" {
		t.Errorf("code %d, talk %q", s.code, s.talk)
	}
	if s := command(t, append(line, "--words", "fr")...); s.code != exitOK || !strings.Contains(s.out, "Un appel pour accueil") {
		t.Errorf("in French: %+v", s)
	}
	var a struct {
		Queue string
		Order []string
	}
	s = command(t, append(line, "--json")...)
	if err := json.Unmarshal([]byte(s.out), &a); err != nil || a.Queue != "rdv" || len(a.Order) != 1 || a.Order[0] != "a01" {
		t.Errorf("--json: %v, %+v", err, a)
	}
	for word, flags := range map[string][]string{
		`did you mean "accueil"?`: {"--reason", "acceuil"}, "--at": {"--reason", "accueil", "--at", "tonight"},
		`did you mean "a01"?`: {"--reason", "accueil", "--ready", "a02"}, "--lang": {"--reason", "accueil", "--lang", "en"},
	} {
		if s := command(t, append([]string{"explain", "--site", site}, flags...)...); s.code != exitUsage || s.out != "" || !strings.Contains(s.talk, word) {
			t.Errorf("%v: %+v", flags, s)
		}
	}
}

// TestExplainSpeaksTheReadersLanguage takes the language from the environment unless one is asked for.
func TestExplainSpeaksTheReadersLanguage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ asked, env, want string }{
		{"", "", "fr"}, {"", "fr_FR.UTF-8", "fr"}, {"", "en_GB.UTF-8", "en"}, {"", "C", "fr"}, {"fr", "en_GB.UTF-8", "fr"}, {"en", "", "en"},
	} {
		got, err := readersLanguage(c.asked, func(name string) string {
			if name == "LANG" {
				return c.env
			}
			return ""
		})
		if err != nil || got != c.want {
			t.Errorf("%+v: %s, %v", c, got, err)
		}
	}
}

func TestExplainAndReplayWithoutTheirSources(t *testing.T) {
	t.Parallel()
	site, dir := smallSite(t), t.TempDir()
	token, odd := filepath.Join(dir, "token"), filepath.Join(dir, "odd.jsonl")
	for name, text := range map[string]string{token: "demo-supervisor\n", odd: `{"some":"thing"}` + "\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		code int
		line []string
	}{
		{exitDependency, []string{"explain", "c1", "--url", "http://127.0.0.1:1", "--token-file", token}},
		{exitDependency, []string{"explain", "c1", "--site", site}},
		{exitDependency, []string{"export", "log", "--site", site}},
		{exitConfig, []string{"explain", "c1", "--log", odd}},
		{exitConfig, []string{"replay", odd}},
		{exitConfig, []string{"replay", filepath.Join(dir, "none.jsonl")}},
	} {
		if s := command(t, c.line...); s.code != c.code || s.out != "" || !strings.HasPrefix(s.talk, "accueil: ") || strings.Contains(s.talk, "demo-supervisor") {
			t.Errorf("%v: %+v, want code %d", c.line, s, c.code)
		}
	}
}
