package vault

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"accueil/seal"
)

// killed leaves what a sealing anew under keyB leaves that is killed before the file has its place, and
// returns where.
func (f *Folder) killed(t *testing.T, name string) string {
	t.Helper()
	f.keys(t, keyB, keyA)
	g := again(t, f)
	seals, err := g.sealer(false)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := os.ReadFile(filepath.Join(g.dir, name+ending))
	if err != nil {
		t.Fatal(err)
	}
	head, err := seals.Rehead(name, sealed)
	if err != nil {
		t.Fatal(err)
	}
	tmp, err := g.write(name, head, sealed[seal.HeadSize:])
	if err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-2 * abandoned)
	if err := errors.Join(tmp.Close(), os.Chtimes(tmp.Name(), old, old)); err != nil {
		t.Fatal(err)
	}
	return tmp.Name()
}

// What a killed sealing anew has left does not outlive the erasure of its content, nor an hour: its head is
// overwritten too.
func TestLeftoversDoNotOutliveAnErasure(t *testing.T) {
	t.Parallel()
	const name = "acc.c1.r1"
	for what, erase := range map[string]func(*Folder) error{
		"erasure": func(f *Folder) error { return f.Delete(name) },
		"expiry":  func(f *Folder) error { return f.Clean() },
		"start":   func(f *Folder) error { _, err := OpenFolder(f.dir, f.keyFile); return err },
	} {
		f := newFolder(t)
		f.keys(t, keyA)
		if err := f.Put(name, []byte("bonjour")); err != nil {
			t.Fatal(err)
		}
		left := f.killed(t, name)
		held, err := os.Open(left) // what the disk still holds
		if err != nil {
			t.Fatal(err)
		}
		if err := erase(f); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: it is still there", what)
		}
		content, err := readBounded(held, MaxFile)
		if _, ok := seal.EnvelopeKey(content); err != nil || ok {
			t.Errorf("%s: its head is still whole, %v", what, err)
		}
		_ = held.Close()
	}
}

// What somebody is writing is left alone, and what has its place keeps its content.
func TestCleaningHarmsNothing(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	if err := f.Put("one", []byte("bonjour")); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-2 * abandoned)
	second := filepath.Join(f.dir, unfinished+"one"+nameEnd+"1") // killed between the link and the removal
	if err := errors.Join(os.Link(filepath.Join(f.dir, "one"+ending), second), os.Chtimes(second, old, old)); err != nil {
		t.Fatal(err)
	}
	tmp, err := f.write("two", []byte("being written"))
	if err != nil {
		t.Fatal(err)
	}
	defer tmp.drop()
	if err := errors.Join(os.Chtimes(tmp.Name(), old, old), f.Clean()); err != nil {
		t.Fatal(err)
	}
	if got, err := f.Get("one"); err != nil || string(got) != "bonjour" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := os.Stat(second); !errors.Is(err, os.ErrNotExist) {
		t.Error("the second name is still there")
	}
	if got, err := os.ReadFile(tmp.Name()); err != nil || string(got) != "being written" {
		t.Errorf("what is being written: %q, %v", got, err)
	}
}

// Whoever has opened a content when it is sealed anew hears it; when it is erased, it is not there.
func TestHeardWhileSealedAnew(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.keys(t, keyA)
	if err := f.Put("one", []byte("bonjour")); err != nil {
		t.Fatal(err)
	}
	f.keys(t, keyB, keyA)
	f = again(t, f)
	for _, c := range []struct {
		what string
		do   func() error
		want error
	}{
		{"sealed anew", func() error { _, err := f.Reseal(t.Context(), func(int, int) {}); return err }, nil},
		{"erased", func() error { return f.Delete("one") }, fs.ErrNotExist},
	} {
		file, err := os.Open(filepath.Join(f.dir, "one"+ending))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.do(); err != nil {
			t.Fatal(err)
		}
		got, err := unsealed(file, "one", f.seals)
		if !errors.Is(err, c.want) || c.want == nil && string(got) != "bonjour" {
			t.Errorf("%s: %q, %v", c.what, got, err)
		}
		_ = file.Close()
	}
}

// Of which key was in use, only that of the present one is kept once all is sealed with it.
func TestMarksOfOldKeysGo(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.keys(t, keyA)
	if err := errors.Join(f.Unlock(), f.Put("one", nil)); err != nil {
		t.Fatal(err)
	}
	f.keys(t, keyB, keyA)
	f = again(t, f)
	if err := f.Unlock(); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Reseal(t.Context(), func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	marks, _ := filepath.Glob(f.inUse("*"))
	if known, err := f.Known(); err != nil || !known || len(marks) != 1 {
		t.Errorf("known %t, %v, %v", known, marks, err)
	}
}
