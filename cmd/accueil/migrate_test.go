package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"accueil/app/vault"
)

// migrateSite is the demonstration with a database of its own.
func migrateSite(t *testing.T, url string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "deploy", "demo"))); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "data")); err != nil { // somebody may have served it where it lies
		t.Fatal(err)
	}
	path := filepath.Join(dir, "site.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	edited := strings.Replace(string(text), "sqlite:data/history.db", url, 1)
	if edited == string(text) && url != "sqlite:data/history.db" {
		t.Fatal("the demonstration names its database otherwise")
	}
	if err := os.WriteFile(path, []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	site := migrateSite(t, "sqlite:data/other.db")
	file := filepath.Join(filepath.Dir(site), "data", "other.db")
	migrate := func(args ...string) (int, string, string) {
		var out, talk strings.Builder
		code := run(context.Background(), append([]string{"migrate", "--site", site}, args...), strings.NewReader(""), &out, &talk)
		return code, out.String(), talk.String()
	}
	code, out, talk := migrate("--dry-run")
	if code != 0 || !strings.HasPrefix(out, "00001_tasks.sql\n") || !strings.Contains(talk, "Nothing was changed") {
		t.Errorf("%d %q %q", code, out, talk)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a dry run has made the database")
	}
	if code, out, talk := migrate(); code != 0 || out == "" || !strings.Contains(talk, "up to date") {
		t.Errorf("%d %q %q", code, out, talk)
	}
	if code, out, _ := migrate("--json", "--dry-run"); code != 0 || strings.TrimSpace(out) != "[]" {
		t.Errorf("a second time: %d %q", code, out)
	}
	if err := os.Remove(filepath.Join(filepath.Dir(site), "data", "history.key")); err != nil {
		t.Fatal(err)
	}
	if code, _, talk := migrate(); code != exitRefused || !strings.Contains(talk, "history.key") {
		t.Errorf("without its key: %d %q", code, talk)
	}
}

func TestMigrateWithoutItsServer(t *testing.T) {
	t.Parallel()
	site := migrateSite(t, "postgres://accueil:geheim@127.0.0.1:1/accueil")
	var out, talk strings.Builder
	code := run(context.Background(), []string{"migrate", "--site", site}, strings.NewReader(""), &out, &talk)
	if code != exitDependency || strings.Contains(talk.String(), "geheim") || out.Len() > 0 {
		t.Errorf("%d %q %q", code, out.String(), talk.String())
	}
}

// A key is changed: put first, refused before a start with it, then all is encrypted with it and the old
// one can go.
func TestReseal(t *testing.T) {
	t.Parallel()
	site := migrateSite(t, "sqlite:data/other.db")
	data := filepath.Join(filepath.Dir(site), "data")
	reseal := func(args ...string) (int, string, string) {
		var out, talk strings.Builder
		code := run(context.Background(), append([]string{"migrate", "--reseal", "--site", site}, args...), strings.NewReader(""), &out, &talk)
		return code, out.String(), talk.String()
	}
	if code, out, talk := reseal(); code != 0 || out != "0 tasks were encrypted anew\n0 recordings were encrypted anew\n" {
		t.Errorf("nothing is there: %d %q %q", code, out, talk)
	}
	if code := run(context.Background(), []string{"migrate", "--site", site}, strings.NewReader(""), io.Discard, io.Discard); code != 0 {
		t.Fatal(code)
	}
	keep := func(name string) {
		t.Helper()
		box, err := vault.OpenFolder(filepath.Join(data, "voicemail"), filepath.Join(data, "voicemail.key"))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(box.Unlock(), box.Put(name, []byte("bonjour"))); err != nil {
			t.Fatal(err)
		}
	}
	keep("one")
	keep("two")
	const next = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	for _, file := range []string{"history.key", "voicemail.key"} {
		path := filepath.Join(data, file)
		old, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append([]byte(next+"\n"), old...), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if code, out, _ := reseal("--dry-run"); code != 0 || out != "0 tasks are to be encrypted anew\n2 recordings are to be encrypted anew\n" {
		t.Errorf("%d %q", code, out)
	}
	if code, _, talk := reseal(); code != exitRefused || !strings.Contains(talk, "--yes") {
		t.Errorf("before a start: %d %q", code, talk)
	}
	keep("three") // as serve does
	if code, out, talk := reseal("--yes", "--json"); code != 0 || !strings.Contains(out, `"what": "recordings",`+"\n    \"done\": 2") || !strings.Contains(talk, "recordings: ") || !strings.Contains(talk, "needed no more") {
		t.Errorf("%d %q %q", code, out, talk)
	}
	if err := os.WriteFile(filepath.Join(data, "voicemail.key"), []byte(next), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, talk := reseal(); code != 0 || !strings.Contains(out, "0 recordings") {
		t.Errorf("without the old key: %d %q %q", code, out, talk)
	}
	if err := os.WriteFile(filepath.Join(data, "voicemail.key"), []byte(strings.Repeat("c", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, talk := reseal("--yes"); code != 1 || !strings.Contains(talk, "3 recordings cannot be opened") {
		t.Errorf("without the key that is needed: %d %q", code, talk)
	}
}
