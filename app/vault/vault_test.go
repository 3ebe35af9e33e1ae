package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func newKey(t *testing.T) *Key {
	t.Helper()
	k, err := LoadKey(filepath.Join(t.TempDir(), "secrets", "history.key"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newFolder(t *testing.T, k *Key) *Folder {
	t.Helper()
	f, err := OpenFolder(filepath.Join(t.TempDir(), "voicemail"), k)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestKeyIsMadeOnceAndKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "deep", "history.key")
	var wg sync.WaitGroup
	sealed := make([][]byte, 8)
	for i := range sealed { // as two nodes that start together
		wg.Go(func() {
			k, err := LoadKey(path)
			if err != nil {
				t.Error(err)
				return
			}
			sealed[i] = k.Seal("x", []byte("bonjour"))
		})
	}
	wg.Wait()
	k, err := LoadKey(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sealed {
		if plain, err := k.Unseal("x", s); err != nil || string(plain) != "bonjour" {
			t.Errorf("sealed with another key: %v", err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 || info.Size() != keySize {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".key-*")); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
	if s := fmt.Sprintf("%v %+v %#v", k, *k, k); s != "key (hidden) key (hidden) key (hidden)" {
		t.Errorf("the key prints itself: %s", s)
	}
}

func TestBadKeyFilesAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		size int
		mode fs.FileMode
	}{"empty": {0, 0o600}, "short": {31, 0o600}, "long": {33, 0o600}, "readable by all": {32, 0o644}} {
		path := filepath.Join(t.TempDir(), "k")
		if err := os.WriteFile(path, make([]byte, c.size), c.mode); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadKey(path); !errors.Is(err, ErrKeyFile) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := LoadKey(t.TempDir()); err == nil {
		t.Error("a folder is no key")
	}
}

func TestSealIsBoundToKeyAndName(t *testing.T) {
	t.Parallel()
	k, plain := newKey(t), []byte("Je suis Madame Martin")
	sealed := k.Seal("one", plain)
	if again := k.Seal("one", plain); bytes.Equal(sealed, again) {
		t.Error("sealed alike twice")
	}
	if bytes.Contains(sealed, []byte("Martin")) || len(sealed) != len(plain)+Overhead {
		t.Errorf("%d bytes of %d", len(sealed), len(plain))
	}
	if got, err := k.Unseal("one", sealed); err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("%q, %v", got, err)
	}
	if _, err := k.Unseal("two", sealed); !errors.Is(err, ErrSealed) {
		t.Errorf("another name: %v", err)
	}
	if _, err := newKey(t).Unseal("one", sealed); !errors.Is(err, ErrSealed) {
		t.Errorf("another key: %v", err)
	}
	for i := range sealed { // each byte counts
		broken := bytes.Clone(sealed)
		broken[i] ^= 1
		if _, err := k.Unseal("one", broken); !errors.Is(err, ErrSealed) {
			t.Fatalf("byte %d: %v", i, err)
		}
		if _, err := k.Unseal("one", sealed[:i]); !errors.Is(err, ErrSealed) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
	if got, err := k.Unseal("", k.Seal("", nil)); err != nil || len(got) != 0 {
		t.Errorf("nothing: %q, %v", got, err)
	}
}

func TestFolderKeepsAndErases(t *testing.T) {
	t.Parallel()
	f := newFolder(t, newKey(t))
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
	if _, err := f.key.Unseal("acc.c1.r1", left); !errors.Is(err, ErrSealed) {
		t.Errorf("the blocks of an erased file can be opened: %v", err)
	}
	if err := f.Delete("acc.c1.r1"); err != nil {
		t.Errorf("erasing what is gone: %v", err)
	}
}

func TestFolderRefusesPathsAndTooMuch(t *testing.T) {
	t.Parallel()
	f := newFolder(t, newKey(t))
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
