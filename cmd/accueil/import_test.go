package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestImport(t *testing.T) {
	t.Parallel()
	site := smallSite(t)
	file := filepath.Join(t.TempDir(), "a.csv")
	if err := os.WriteFile(file, []byte("id;kind;name;numbers\ncardio;service;Cardiologie;4006\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s := command(t, "import"); s.code != exitUsage {
		t.Errorf("no file: %+v", s)
	}
	if s := command(t, "import", "directory", file, "--site", site); s.code != exitConfig || !strings.Contains(s.talk, "knowledge: {directory: …}") {
		t.Errorf("a site without a directory: %+v", s)
	}
	text, err := os.ReadFile(site)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(site, append(text, "knowledge: {directory: annuaire.csv}\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	s := command(t, "import", "directory", file, "--site", site, "--dry-run")
	if s.code != exitOK || s.out != "added\tcardio\tservice\tCardiologie\n" || !strings.Contains(s.talk, "Nothing was written") {
		t.Errorf("%+v", s)
	}
	if s := command(t, "import", "directory", file, "--site", site); s.code != exitOK || !strings.Contains(s.talk, "Written to") {
		t.Errorf("%+v", s)
	}
	if s := command(t, "check", site); s.code != exitOK {
		t.Errorf("%+v", s)
	}
	if err := os.WriteFile(file, []byte("id;kind;name;numbers\ncardio;service;Cardiologie;999999999999\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s := command(t, "import", "directory", file, "--site", site); s.code != exitConfig || !strings.Contains(s.talk, ":2:") || strings.Contains(s.talk, "99999") {
		t.Errorf("%+v", s)
	}
}
