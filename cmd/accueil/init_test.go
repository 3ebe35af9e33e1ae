package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tree lists the files under a folder with their modes.
func tree(t *testing.T, dir string) map[string]fs.FileMode {
	t.Helper()
	out := map[string]fs.FileMode{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		out[filepath.ToSlash(name)] = info.Mode()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func file(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const someServices = "key;label_fr;kind;target;hours\n0;;;;24h/24\n1;Rendez-vous;file;;lun-ven 8h-18h\n2;Maternité;poste;4010;24h/24\n;;entree;0140000000;\n"

// TestInit makes a site, and does with it what its page says comes next.
func TestInit(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	dir := filepath.Join(base, "new", "hopital")
	s := command(t, "init", dir, "--from", file(t, filepath.Join(base, "services.csv"), someServices), "--lang", "fr")
	if s.code != exitOK || !strings.Contains(s.out, "poste 4010") || !strings.Contains(s.out, "appels d'essai se sont passés comme prévu") ||
		!strings.Contains(s.talk, "192.0.2.10 est une adresse d'exemple") || !strings.Contains(s.talk, "LISEZMOI.md") {
		t.Fatalf("code %d\n%s\n%s", s.code, s.out, s.talk)
	}
	if rest, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(rest) != 1 {
		t.Errorf("left behind: %v %v", rest, err)
	}
	site, secrets := filepath.Join(dir, "site.yaml"), 0
	for name, mode := range tree(t, dir) {
		private := strings.HasPrefix(name, "secrets")
		if mode.Perm()&0o007 != 0 || private && mode.Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", name, mode)
		}
		if !private || mode.IsDir() || name == "secrets/tokens" {
			continue
		}
		secrets++
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		want := 1
		if name == "secrets/ari" { // between two programs: nobody is handed it
			want = 0
		}
		if got := strings.Count(s.out+s.talk, strings.TrimSpace(string(text))); got != want {
			t.Errorf("%s is printed %d times", name, got)
		}
	}
	if secrets != 9 {
		t.Errorf("%d secrets", secrets)
	}
	if s := command(t, "check", "--tests", site); s.code != exitOK || s.out != "" {
		t.Errorf("check: code %d\n%s%s", s.code, s.out, s.talk)
	}
	if s := command(t, "graph", site, "0140000000"); s.code != exitOK || !strings.Contains(s.out, "maternite") {
		t.Errorf("graph: code %d\n%.300s%s", s.code, s.out, s.talk)
	}
	s = command(t, "try", site, "0140000000", "--keys", "1a", "--at", "2026-03-10 10:00", "--words", "fr")
	if s.code != exitOK || !strings.Contains(s.out, "Rendez-vous, tapez 1.") || !strings.Contains(s.out, "un agent répond") {
		t.Errorf("try: code %d\n%s%s", s.code, s.out, s.talk)
	}
}

// TestInitAsks: the conversation through a pipe, in the language of the environment's flag.
func TestInitAsks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ lang, wrong, want, page string }{
		{"fr", "✗ la région \"nowhere\" est inconnue", "file rdv", "LISEZMOI.md"},
		{"en", "✗ the region \"nowhere\" is not known", "queue rdv", "README.md"},
	} {
		dir := filepath.Join(t.TempDir(), "site")
		var out, talk bytes.Buffer
		code := run(context.Background(), []string{"init", dir, "--lang", c.lang}, strings.NewReader("Clinique du Lac\n\nnowhere\nFR\n"+strings.Repeat("\n", 10)), &out, &talk)
		if code != exitOK || !strings.Contains(talk.String(), c.wrong) || !strings.Contains(out.String(), c.want) {
			t.Errorf("%s: code %d\n%s\n%s", c.lang, code, out.String(), talk.String())
		}
		page, err := os.ReadFile(filepath.Join(dir, c.page))
		if err != nil || !strings.HasPrefix(string(page), "# Clinique du Lac\n") || !strings.Contains(string(page), out.String()[:40]) {
			t.Errorf("%s: %v\n%s", c.lang, err, page)
		}
	}
}

func TestInitAsJSON(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "site")
	s := command(t, "init", dir, "--json", "--answers", file(t, filepath.Join(t.TempDir(), "a.yaml"), "version: 1\ndesks: 2\n"))
	var got struct {
		Site     string
		Files    []struct{ Path, Mode string }
		Check    struct{ Tests int }
		Handover struct {
			Desks  []struct{ Phone, Password, Agent, PIN string }
			Tokens []struct{ Name, Token string }
		}
		Open []string `json:"to_complete"`
	}
	if err := json.Unmarshal([]byte(s.out), &got); err != nil || s.code != exitOK || s.talk != "" {
		t.Fatalf("code %d, %v\n%s%s", s.code, err, s.out, s.talk)
	}
	files := tree(t, dir)
	for _, f := range got.Files {
		if mode, ok := files[f.Path]; !ok || f.Mode != "0"+string([]byte{'0' + byte(mode.Perm()>>6), '0' + byte(mode.Perm()>>3&7), '0'}) {
			t.Errorf("%s: mode %s, on disk %v", f.Path, f.Mode, mode)
		}
	}
	password, err := os.ReadFile(filepath.Join(dir, "secrets", "phones", "102"))
	if err != nil || len(got.Handover.Desks) != 2 || got.Handover.Desks[1].Password+"\n" != string(password) || len(got.Handover.Tokens) != 2 ||
		got.Check.Tests < 10 || len(got.Open) == 0 || got.Site != filepath.Join(dir, "site.yaml") {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestInitIntoAFolder: what is there is protected, and kept when it is replaced on purpose.
func TestInitIntoAFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() // empty: taken as it is
	answers := file(t, filepath.Join(t.TempDir(), "a.yaml"), "version: 1\nname: Clinique du Lac\n")
	if s := command(t, "init", dir, "--answers", answers); s.code != exitOK {
		t.Fatalf("an empty folder: code %d %s", s.code, s.talk)
	}
	file(t, filepath.Join(dir, "recordings", "fr", "bonjour.wav"), "sound")
	old, err := os.ReadFile(filepath.Join(dir, "secrets", "ari"))
	if err != nil {
		t.Fatal(err)
	}
	before := tree(t, dir)
	s := command(t, "init", dir, "--answers", answers, "--lang", "en")
	if s.code != exitRefused || !strings.Contains(s.talk, "is not empty") || s.out != "" {
		t.Errorf("code %d, %s%s", s.code, s.out, s.talk)
	}
	if after := tree(t, dir); len(after) != len(before) {
		t.Errorf("a refusal changed the folder: %v", after)
	}
	if s := command(t, "init", dir, "--answers", answers, "--lang", "en", "--yes"); s.code != exitOK {
		t.Fatalf("code %d %s", s.code, s.talk)
	}
	aside, err := filepath.Glob(filepath.Join(dir, "before-*"))
	if err != nil || len(aside) != 1 {
		t.Fatalf("%v %v", aside, err)
	}
	if kept, err := os.ReadFile(filepath.Join(aside[0], "secrets", "ari")); err != nil || !bytes.Equal(kept, old) {
		t.Errorf("the old secrets are lost: %v", err)
	}
	if new, err := os.ReadFile(filepath.Join(dir, "secrets", "ari")); err != nil || bytes.Equal(new, old) {
		t.Errorf("the secret is the old one, %v", err)
	}
	files := tree(t, dir)
	if _, ok := files["recordings/fr/bonjour.wav"]; !ok || files["README.md"] == 0 {
		t.Errorf("%v", files)
	}
	for name := range files {
		if strings.HasPrefix(name, ".accueil-init") {
			t.Errorf("left behind: %s", name)
		}
	}
	if s := command(t, "check", "--tests", filepath.Join(dir, "site.yaml")); s.code != exitOK {
		t.Errorf("check: %s%s", s.out, s.talk)
	}
}

// TestInitRefuses: with a mistake nothing is written, and it is told with its place.
func TestInitRefuses(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	table := file(t, filepath.Join(base, "services.csv"), "key;label_fr;hours\n1;Rendez-vous;lundy 8h-18h\n9;Labo;8h-18h\n")
	answers := file(t, filepath.Join(base, "answers.yaml"), "version: 1\nregoin: RE\n")
	dir := filepath.Join(base, "site")
	for _, c := range []struct {
		args []string
		in   string
		code int
		want []string
	}{
		{[]string{"--from", table, "--lang", "fr"}, "", exitConfig, []string{"services.csv:2:15:", "« lundi »", "| 1;Rendez-vous;lundy"}},
		{[]string{"--answers", answers, "--lang", "en"}, "", exitConfig, []string{"answers.yaml:2:1", `did you mean "region"`}},
		{[]string{"--from", filepath.Join(base, "none.csv")}, "", exitConfig, []string{"none.csv"}},
		{[]string{"--lang", "de"}, "", exitUsage, []string{`"de"`}},
		{[]string{"--lang", "fr"}, "Clinique\n", exitFailure, []string{"rien n'a été écrit"}},
		{nil, "", exitFailure, []string{"1/10"}},
	} {
		var out, talk bytes.Buffer
		code := run(context.Background(), append([]string{"init", dir}, c.args...), strings.NewReader(c.in), &out, &talk)
		for _, w := range c.want {
			if !strings.Contains(talk.String(), w) {
				t.Errorf("%v: no %q in\n%s", c.args, w, talk.String())
			}
		}
		if code != c.code || out.Len() > 0 {
			t.Errorf("%v: code %d, want %d; %s", c.args, code, c.code, out.String())
		}
	}
	if rest, err := os.ReadDir(base); err != nil || len(rest) != 2 {
		t.Errorf("written all the same: %v %v", rest, err)
	}
	if s := command(t, "init", table); s.code != exitUsage || !strings.Contains(s.talk, "cannot be a site's folder") {
		t.Errorf("into a file: code %d %s", s.code, s.talk)
	}
	if s := command(t, "init"); s.code != exitUsage {
		t.Errorf("without a folder: code %d", s.code)
	}
}

// TestInitIsInterrupted: Ctrl-C ends a conversation that waits for an answer.
func TestInitIsInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	dir := filepath.Join(t.TempDir(), "site")
	silent, answer := silentReader(t)
	defer answer()
	var out, talk bytes.Buffer
	cancel()
	if code := run(ctx, []string{"init", dir}, silent, &out, &talk); code != exitFailure {
		t.Errorf("code %d", code)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("something was written")
	}
}

// silentReader is a terminal at which nobody types; end closes it.
func silentReader(t *testing.T) (r *os.File, end func()) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return r, func() { _ = w.Close(); _ = r.Close() }
}
