package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const (
	keyA = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	keyB = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

func ring(t testing.TB, keys ...string) *Ring {
	t.Helper()
	r, err := Parse([]byte(strings.Join(keys, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestParse(t *testing.T) {
	t.Parallel()
	raw := bytes.Repeat([]byte{0, '\n', '#', 0xff}, 8)
	for name, c := range map[string]struct {
		text string
		keys int
	}{
		"one":               {keyA, 1},
		"line end":          {keyA + "\r\n", 1},
		"new first":         {"# since May\n" + keyB + "\n\n" + keyA + "\n", 2},
		"random bytes":      {string(raw), 1},
		"empty":             {"", 0},
		"comments alone":    {"# nothing\n", 0},
		"short":             {keyA[:31], 0},
		"short second":      {keyA + "\nshort", 0},
		"twice":             {keyA + "\n" + keyA, 0},
		"not plain":         {keyA + "é", 0},
		"more random bytes": {string(raw) + "\x00", 0},
		"too long":          {strings.Repeat("a", 513), 0},
		"far too long":      {strings.Repeat("a", 100_000), 0},
		"too many": {func() (s string) {
			for n := range 17 {
				s += fmt.Sprintf("%s%02d\n", keyA, n)
			}
			return s
		}(), 0},
	} {
		r, err := Parse([]byte(c.text))
		if c.keys == 0 {
			if !errors.Is(err, ErrKeys) || strings.Contains(err.Error(), keyA[:10]) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil || r.Len() != c.keys {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
}

// A key of random bytes can be changed as any other: beside the new one it is written in digits, and it is the
// same key there.
func TestRawKeyBesideOthers(t *testing.T) {
	t.Parallel()
	raw := append([]byte{0, 255}, bytes.Repeat([]byte{7}, 30)...)
	old := ring(t, string(raw)).For("x")
	both := ring(t, keyB, fmt.Sprintf("hex:%x", raw)).For("x")
	if !both.Opens(old.ID()) || both.ID() == old.ID() {
		t.Error("another key")
	}
	for _, text := range []string{keyB + "\n" + string(raw), keyB + "\nhex:00ff", fmt.Sprintf("hex:%x\nhex:%X", raw, raw), "hex:" + strings.Repeat("g", 64)} {
		if _, err := Parse([]byte(text)); !errors.Is(err, ErrKeys) || !strings.Contains(err.Error(), "line ") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A key is made once, whoever is first, for its owner alone; what others may touch is refused.
func TestKeyFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "deep", "k")
	if _, err := Load(path); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("there is none: %v", err)
	}
	ids := make([]string, 8)
	var wg sync.WaitGroup
	for i := range ids { // as two nodes that start together
		wg.Go(func() {
			if r, err := Make(path); err != nil {
				t.Error(err)
			} else {
				ids[i] = r.For("x").ID()
			}
		})
	}
	wg.Wait()
	r, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if id != r.For("x").ID() {
			t.Error("two keys were made")
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".key-*")); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); !errors.Is(err, ErrKeys) || !strings.Contains(err.Error(), "chmod") {
		t.Errorf("readable by all: %v", err)
	}
	if _, err := Load(t.TempDir()); !errors.Is(err, ErrKeys) {
		t.Errorf("a folder is no key: %v", err)
	}
	if _, err := Make(""); err == nil {
		t.Error("a key without a file")
	}
}

func TestNothingPrintsAKey(t *testing.T) {
	t.Parallel()
	r := ring(t, keyA, keyB)
	for _, s := range []string{fmt.Sprintf("%v %+v %#v", r, *r, *r), fmt.Sprintf("%v %+v %#v", r.For("x"), *r.For("x"), *r.For("x"))} {
		if s != "keys (hidden) keys (hidden) keys (hidden)" {
			t.Errorf("it prints itself: %s", s)
		}
	}
}

// A sealed value opens under its own name, key and purpose, and not when a bit of it was changed. What
// was sealed before a new key came first opens still, and says which key it was.
func TestValues(t *testing.T) {
	t.Parallel()
	plain := []byte("Je suis Madame Martin")
	old := ring(t, keyA).For("x")
	sealed := old.Seal("t1", plain)
	if bytes.Equal(sealed, old.Seal("t1", plain)) {
		t.Error("the same twice looks the same")
	}
	both := ring(t, keyB, keyA).For("x")
	if both.ID() == old.ID() || !both.Opens(old.ID()) || old.Opens(both.ID()) || len(both.IDs()) != 2 {
		t.Error("ids")
	}
	for _, s := range []*Sealer{old, both} {
		if got, err := s.Open(old.ID(), "t1", sealed); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%q, %v", got, err)
		}
		if _, err := s.Open(old.ID(), "t2", sealed); !errors.Is(err, ErrDamaged) {
			t.Errorf("in another place: %v", err)
		}
	}
	if _, err := both.Open(both.ID(), "t1", sealed); !errors.Is(err, ErrDamaged) {
		t.Errorf("under another key: %v", err)
	}
	var unknown UnknownKeyError
	if _, err := ring(t, keyB).For("x").Open(old.ID(), "t1", sealed); !errors.As(err, &unknown) || unknown.ID != old.ID() {
		t.Errorf("without its key: %v", err)
	}
	if other := ring(t, keyA).For("y"); other.Opens(old.ID()) {
		t.Error("two purposes share a key")
	}
	for i := range sealed {
		broken := bytes.Clone(sealed)
		broken[i] ^= 1
		if _, err := old.Open(old.ID(), "t1", broken); !errors.Is(err, ErrDamaged) {
			t.Errorf("byte %d may be changed: %v", i, err)
		}
		if _, err := old.Open(old.ID(), "t1", sealed[:i]); !errors.Is(err, ErrDamaged) {
			t.Errorf("%d bytes of it open: %v", i, err)
		}
	}
}

func TestMarks(t *testing.T) {
	t.Parallel()
	old, both := ring(t, keyA).For("x"), ring(t, keyB, keyA).For("x")
	if old.Marks("") != nil {
		t.Error("nobody has a mark")
	}
	a, b := old.Marks("+33612345678"), both.Marks("+33612345678")
	if len(a) != 1 || len(b) != 2 || !bytes.Equal(a[0], b[1]) || bytes.Equal(b[0], b[1]) || bytes.Equal(a[0], old.Marks("+33612345679")[0]) {
		t.Errorf("%x, %x", a, b)
	}
}

func TestEnvelopes(t *testing.T) {
	t.Parallel()
	plain := []byte("Je suis Madame Martin")
	old, both := ring(t, keyA).For("x"), ring(t, keyB, keyA).For("x")
	sealed := old.Envelope("one", plain)
	if again := old.Envelope("one", plain); bytes.Equal(sealed, again) {
		t.Error("sealed alike twice")
	}
	if bytes.Contains(sealed, []byte("Martin")) || len(sealed) != len(plain)+EnvelopeOverhead {
		t.Errorf("%d bytes of %d", len(sealed), len(plain))
	}
	if id, ok := EnvelopeKey(sealed); !ok || id != old.ID() {
		t.Errorf("%q %t", id, ok)
	}
	head, err := both.Rehead("one", sealed[:HeadSize])
	if err != nil {
		t.Fatal(err)
	}
	renewed := append(bytes.Clone(head), sealed[HeadSize:]...)
	for name, c := range map[string]struct {
		by     *Sealer
		name   string
		sealed []byte
		err    error
	}{
		"as it was":        {old, "one", sealed, nil},
		"by a new ring":    {both, "one", sealed, nil},
		"with a new head":  {ring(t, keyB).For("x"), "one", renewed, nil},
		"new head, no key": {old, "one", renewed, UnknownKeyError{both.ID()}},
		"no key":           {ring(t, keyB).For("x"), "one", sealed, UnknownKeyError{old.ID()}},
		"another name":     {old, "two", sealed, ErrDamaged},
	} {
		got, err := c.by.Unenvelope(c.name, c.sealed)
		if !errors.Is(err, c.err) || c.err == nil && !bytes.Equal(got, plain) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := both.Rehead("two", sealed[:HeadSize]); !errors.Is(err, ErrDamaged) {
		t.Errorf("a new head for another name: %v", err)
	}
	for i := range sealed { // each byte counts
		broken := bytes.Clone(sealed)
		broken[i] ^= 1
		if _, err := old.Unenvelope("one", broken); err == nil {
			t.Fatalf("byte %d may be changed", i)
		}
		if _, err := old.Unenvelope("one", sealed[:i]); !errors.Is(err, ErrDamaged) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
	if got, err := old.Unenvelope("", old.Envelope("", nil)); err != nil || len(got) != 0 {
		t.Errorf("nothing: %q, %v", got, err)
	}
}
