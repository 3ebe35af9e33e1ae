package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"accueil/seal"
)

const (
	keyA = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	keyB = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

func newFolder(t *testing.T) *Folder {
	t.Helper()
	dir := t.TempDir()
	return again(t, &Folder{dir: filepath.Join(dir, "voicemail"), keyFile: filepath.Join(dir, "secrets", "voicemail.key")})
}

// again opens the folder as another process does.
func again(t *testing.T, f *Folder) *Folder {
	t.Helper()
	f, err := OpenFolder(f.dir, f.keyFile)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// keys writes the key file.
func (f *Folder) keys(t *testing.T, keys ...string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(f.keyFile), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(f.keyFile, []byte(strings.Join(keys, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Without its key nothing is put there, opened, or made anew; with it, all is as it was. A key is made for
// an empty folder alone.
func TestALockedFolder(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	if missing, err := f.Missing(); err != nil || len(missing) > 0 {
		t.Errorf("an empty folder: %v, %v", missing, err)
	}
	if _, err := os.Stat(f.keyFile); err == nil {
		t.Error("a look has made a key")
	}
	if err := f.Put("one", []byte("bonjour")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(f.keyFile, f.keyFile+".away"); err != nil {
		t.Fatal(err)
	}
	if got, err := f.Get("one"); err != nil || string(got) != "bonjour" {
		t.Errorf("a running program has its key: %v", err)
	}
	f = again(t, f)
	for what, err := range map[string]error{"unlock": f.Unlock(), "put": f.Put("two", nil), "get": func() error { _, err := f.Get("one"); return err }(),
		"missing": func() error { _, err := f.Missing(); return err }(), "reseal": func() error { _, err := f.Reseal(t.Context(), nil); return err }()} {
		if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), f.keyFile) || !strings.Contains(err.Error(), "1 recordings") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := os.Stat(f.keyFile); err == nil {
		t.Error("a key was made that opens nothing")
	}
	f.keys(t, "short")
	if err := f.Unlock(); !errors.Is(err, ErrLocked) || !errors.Is(err, seal.ErrKeys) {
		t.Errorf("no key: %v", err)
	}
	if err := os.Rename(f.keyFile+".away", f.keyFile); err != nil {
		t.Fatal(err)
	}
	if got, err := f.Get("one"); err != nil || string(got) != "bonjour" {
		t.Errorf("put back: %q, %v", got, err)
	}
	if err := f.Put("two", nil); err != nil {
		t.Error(err)
	}
}

// A new key seals from now on, the old one still opens; sealing anew frees it, whenever it was stopped.
// What cannot be opened is left as it is.
func TestKeysAreChanged(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.keys(t, keyA)
	const contents = 20
	content := func(n int) []byte { return bytes.Repeat([]byte{byte(n)}, 1000+n) }
	names := make([]string, contents)
	since := time.Now().Add(-48 * time.Hour).Truncate(time.Second)
	for n := range names {
		names[n] = fmt.Sprintf("acc.c%02d.r1", n)
		if err := f.Put(names[n], content(n)); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(filepath.Join(f.dir, names[n]+ending), since, since); err != nil {
			t.Fatal(err)
		}
	}
	damaged := filepath.Join(f.dir, "acc.c99.r1"+ending)
	if err := os.WriteFile(damaged, []byte("not sealed"), 0o600); err != nil {
		t.Fatal(err)
	}
	whole := func(f *Folder, want error) {
		t.Helper()
		for n, name := range names {
			got, err := f.Get(name)
			if want == nil && (err != nil || !bytes.Equal(got, content(n))) || want != nil && !errors.Is(err, want) {
				t.Fatalf("%s: %d bytes, %v", name, len(got), err)
			}
		}
	}
	old := f.seals.ID()
	kept := filepath.Join(t.TempDir(), "same blocks")
	if err := os.Link(filepath.Join(f.dir, names[0]+ending), kept); err != nil {
		t.Fatal(err)
	}

	f.keys(t, keyB)
	f = again(t, f)
	whole(f, seal.UnknownKeyError{ID: old})
	if missing, err := f.Missing(); err != nil || len(missing) != 1 || missing[old] != contents {
		t.Errorf("missing: %v, %v", missing, err)
	}
	if r, err := f.Reseal(t.Context(), func(int, int) {}); err != nil || r != (Resealed{0, contents + 1}) {
		t.Errorf("without the old key: %+v, %v", r, err)
	}

	f.keys(t, keyB, keyA)
	f = again(t, f)
	whole(f, nil)
	if missing, err := f.Missing(); err != nil || len(missing) > 0 {
		t.Errorf("missing: %v, %v", missing, err)
	}
	if known, err := f.Known(); err != nil || known {
		t.Errorf("known before the program was started with it: %v", err)
	}
	if err := f.Unlock(); err != nil {
		t.Fatal(err)
	}
	if known, err := f.Known(); err != nil || !known {
		t.Errorf("not known after it: %v", err)
	}
	if n, err := f.Old(); err != nil || n != contents {
		t.Errorf("%d to be sealed anew, %v", n, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	r, err := f.Reseal(ctx, func(done, total int) {
		if total != contents+1 {
			t.Errorf("%d of %d", done, total)
		}
		if done == 7 {
			stop()
		}
	})
	if !errors.Is(err, context.Canceled) || r.Done != 7 {
		t.Errorf("stopped: %+v, %v", r, err)
	}
	whole(f, nil)
	if err := f.Delete(names[contents-1]); err != nil { // while it goes on
		t.Fatal(err)
	}
	names = names[:contents-1]
	if r, err := f.Reseal(t.Context(), func(int, int) {}); err != nil || r != (Resealed{contents - 8, 1}) {
		t.Errorf("the rest: %+v, %v", r, err)
	}
	if r, err := f.Reseal(t.Context(), func(int, int) {}); err != nil || r != (Resealed{0, 1}) {
		t.Errorf("again: %+v, %v", r, err)
	}
	f.keys(t, keyB)
	f = again(t, f)
	whole(f, nil)
	list, err := f.List()
	if err != nil || len(list) != contents || !list[0].Since.Equal(since) {
		t.Errorf("%d contents, kept since %v, %v", len(list), list[0].Since, err)
	}
	if left, _ := filepath.Glob(filepath.Join(f.dir, ".new-*")); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
	if text, err := os.ReadFile(damaged); err != nil || string(text) != "not sealed" {
		t.Errorf("what cannot be opened was touched: %q, %v", text, err)
	}
	blocks, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	ring, err := seal.Parse([]byte(keyA))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ring.For(purpose).Unenvelope(names[0], blocks); !errors.Is(err, seal.ErrDamaged) {
		t.Errorf("the blocks of the old file can be opened: %v", err)
	}
}

// An erasure wins over a sealing anew at the same time: nothing comes back.
func TestErasedStaysErased(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.keys(t, keyA)
	for round := range 50 {
		name := fmt.Sprintf("acc.c%d.r1", round)
		if err := f.Put(name, make([]byte, 10_000)); err != nil {
			t.Fatal(err)
		}
		f.keys(t, fmt.Sprintf("%s%02d", keyB, round), keyA)
		other := again(t, f)
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = other.Reseal(t.Context(), func(int, int) {}) })
		if err := f.Delete(name); err != nil {
			t.Fatal(err)
		}
		wg.Wait()
		if _, err := f.Get(name); !errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("it came back: %v", err)
		}
	}
}

func TestFolderKeepsAndErases(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	content := bytes.Repeat([]byte("voix"), 10_000)
	if err := f.Put("acc.c1.r1", content); err != nil {
		t.Fatal(err)
	}
	if err := f.Put("acc.c1.r1", []byte("another")); !errors.Is(err, ErrExists) {
		t.Errorf("twice: %v", err)
	}
	r, err := f.Open("acc.c1.r1")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) || r.Close() != nil {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	list, err := f.List()
	if err != nil || len(list) != 1 || list[0].Name != "acc.c1.r1" || list[0].Size != int64(len(content)) || list[0].Since.IsZero() {
		t.Errorf("%+v, %v", list, err)
	}
	path := filepath.Join(f.dir, "acc.c1.r1.enc")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	// What the disk still holds after the erasure cannot be opened: another link shows it.
	if err := os.Link(path, filepath.Join(f.dir, "kept.enc")); err != nil {
		t.Fatal(err)
	}
	if err := f.Delete("acc.c1.r1"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Get("acc.c1.r1"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after the erasure: %v", err)
	}
	left, err := os.ReadFile(filepath.Join(f.dir, "kept.enc"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.seals.Unenvelope("acc.c1.r1", left); !errors.Is(err, seal.ErrDamaged) {
		t.Errorf("the blocks of an erased file can be opened: %v", err)
	}
	if err := f.Delete("acc.c1.r1"); err != nil {
		t.Errorf("erasing what is gone: %v", err)
	}
}

func TestFolderRefusesPathsAndTooMuch(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	for _, name := range []string{"", ".", "..", "../x", "a/b", ".new-1", "a\x00b", "é", "x y"} {
		if err := f.Put(name, nil); !errors.Is(err, ErrName) {
			t.Errorf("put %q: %v", name, err)
		}
		if _, err := f.Get(name); !errors.Is(err, ErrName) {
			t.Errorf("get %q: %v", name, err)
		}
		if err := f.Delete(name); !errors.Is(err, ErrName) {
			t.Errorf("delete %q: %v", name, err)
		}
	}
	if err := f.Put("large", make([]byte, MaxFile+1)); !errors.Is(err, ErrLarge) {
		t.Errorf("%v", err)
	}
	if err := f.Put("most", make([]byte, MaxFile)); err != nil {
		t.Errorf("%v", err)
	}
	if _, err := f.Get("most"); err != nil {
		t.Errorf("%v", err)
	}
}

func TestShred(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, other := filepath.Join(dir, "m.wav"), filepath.Join(dir, "same blocks")
	content := bytes.Repeat([]byte{1, 2, 3, 4}, 5000)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(path, other); err != nil {
		t.Fatal(err)
	}
	if done, err := Shred(path); err != nil || !done {
		t.Fatalf("%t, %v", done, err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error("still there")
	}
	if left, err := os.ReadFile(other); err != nil || len(left) != len(content) || bytes.Contains(left, content[:64]) {
		t.Errorf("the blocks still hold it: %d bytes, %v", len(left), err)
	}
	if done, err := Shred(path); err != nil || !done {
		t.Errorf("what is not there: %t, %v", done, err)
	}
}
