package app

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"accueil/app/newsite"
)

// TestPlaceIntoAllOrNone: when a part of a site cannot be put into place, everything is as before.
func TestPlaceIntoAllOrNone(t *testing.T) {
	t.Parallel()
	list := func(dir string) (out []string) {
		_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				text, _ := os.ReadFile(path)
				out = append(out, strings.TrimPrefix(path, dir)+"="+string(text))
			}
			return err
		})
		slices.Sort(out)
		return out
	}
	write := func(dir, text string, names ...string) {
		t.Helper()
		for _, n := range names {
			path := filepath.Join(dir, n)
			if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	dir := t.TempDir()
	write(dir, "old", "site.yaml", "secrets/ari", "data/history.db")
	staged := filepath.Join(dir, ".staged")
	write(staged, "new", "site.yaml", "secrets/ari", "tests/menu.yaml")
	// The folder for what is replaced cannot be made: a file has its name.
	write(dir, "in the way", "aside")
	before := list(dir)
	if err := placeInto(dir, staged, "aside"); err == nil {
		t.Fatal("it was put into place")
	}
	if after := list(dir); !slices.Equal(before, after) {
		t.Errorf("before %q, after %q", before, after)
	}
	// A later step fails: the old files are aside already, one of the new ones is in its place.
	if err := os.Remove(filepath.Join(dir, "aside")); err != nil {
		t.Fatal(err)
	}
	before = list(dir)
	breaks := errors.New("the disk is gone")
	moved := 0
	rename := func(from, to string) error {
		if moved++; moved == 4 {
			return breaks
		}
		return os.Rename(from, to)
	}
	if err := placeBy(rename, dir, staged, "aside"); !errors.Is(err, breaks) {
		t.Fatalf("%v", err)
	}
	if after := list(dir); !slices.Equal(before, after) {
		t.Errorf("before %q, after %q", before, after)
	}
	if err := placeInto(dir, staged, "aside"); err != nil {
		t.Fatal(err)
	}
	want := []string{"/aside/secrets/ari=old", "/aside/site.yaml=old", "/data/history.db=old", "/secrets/ari=new", "/site.yaml=new", "/tests/menu.yaml=new"}
	if after := list(dir); !slices.Equal(after, want) {
		t.Errorf("after %q", after)
	}
}

// TestASiteThatFailsIsNotPlaced: what check refuses is told and stays out, also when it is our mistake.
func TestASiteThatFailsIsNotPlaced(t *testing.T) {
	t.Parallel()
	form := newsite.NewForm()
	a, found := form.Answers(newsite.English)
	if len(found) > 0 {
		t.Fatal(found)
	}
	made, err := newsite.Build(a, newsite.English, strings.NewReader(strings.Repeat("abcdefghij", 1000)))
	if err != nil {
		t.Fatal(err)
	}
	for _, broken := range []struct{ path, old, new, want string }{
		{"site.yaml", "queue: rdv", "queue: rvd", `did you mean "rdv"`},
		{"tests/menu.yaml", "reason: accueil", "reason: rendez-vous", "reason is accueil"},
	} {
		files := slices.Clone(made.Files)
		for i, f := range files {
			if f.Path == broken.path {
				files[i].Data = []byte(strings.Replace(string(f.Data), broken.old, broken.new, 1))
			}
		}
		dir := filepath.Join(t.TempDir(), "site")
		staged, err := stage(dir, false, files)
		if err != nil {
			t.Fatal(err)
		}
		_, err = checkStaged(staged, "my-hospital", nil)
		if err == nil || !strings.Contains(err.Error(), broken.want) || !strings.Contains(err.Error(), "my-hospital/"+broken.path) || strings.Contains(err.Error(), staged) {
			t.Errorf("%s: %v", broken.path, err)
		}
	}
}
