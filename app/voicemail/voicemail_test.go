package voicemail

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"accueil/app/vault"
)

// wav is a recording as Asterisk writes it: so long silence, then a tone, then silence.
func wav(before, tone, after time.Duration) []byte {
	samples := func(d time.Duration) int { return int(d * sampleRate / time.Second) }
	n := samples(before) + samples(tone) + samples(after)
	var b bytes.Buffer
	b.WriteString("RIFF")
	_ = binary.Write(&b, binary.LittleEndian, uint32(36+2*n))
	b.WriteString("WAVEfmt ")
	for _, v := range []any{uint32(16), uint16(1), uint16(1), uint32(sampleRate), uint32(2 * sampleRate), uint16(2), uint16(16)} {
		_ = binary.Write(&b, binary.LittleEndian, v)
	}
	b.WriteString("data")
	_ = binary.Write(&b, binary.LittleEndian, uint32(2*n))
	for i := range n {
		v := 3.0 // the noise of a line
		if i >= samples(before) && i < samples(before)+samples(tone) {
			v = 6000 * math.Sin(2*math.Pi*440*float64(i)/sampleRate)
		}
		_ = binary.Write(&b, binary.LittleEndian, int16(v))
	}
	return b.Bytes()
}

type bench struct {
	*Store
	spool string
	box   *vault.Folder
	fates map[string]Fate
	live  func() bool // whether Asterisk still writes; nil: no
	done  []string    // whose tasks are handled
	logs  *observer.ObservedLogs
}

func newBench(t *testing.T, keep time.Duration) *bench {
	t.Helper()
	dir := t.TempDir()
	box, err := vault.OpenFolder(filepath.Join(dir, "box"), filepath.Join(dir, "key"))
	if err != nil {
		t.Fatal(err)
	}
	core, logs := observer.New(zapcore.DebugLevel)
	b := &bench{spool: filepath.Join(dir, "spool"), box: box, fates: map[string]Fate{}, logs: logs}
	if err := os.Mkdir(b.spool, 0o700); err != nil {
		t.Fatal(err)
	}
	b.Store = New(Options{Spool: b.spool, Box: box, Keep: keep, Log: zap.New(core), Needed: func() bool { return true },
		Live: func(context.Context, string) (bool, error) { return b.live != nil && b.live(), nil },
		Fate: func(id string) Fate { return b.fates[id] }, Discarded: func(context.Context) ([]string, error) { return b.done, nil }})
	return b
}

func (b *bench) record(t *testing.T, id string, sound []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(b.spool, id+".wav"), sound, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) inTheClear(id string) bool {
	_, err := os.Stat(filepath.Join(b.spool, id+".wav"))
	return err == nil
}

const one, two = "acc.c1.r1", "acc.c2.r1"

func near(a, b time.Duration) bool { return (a - b).Abs() <= 40*time.Millisecond }

// What was said is measured, sealed, and gone from Asterisk's folder; taking it again changes nothing.
func TestTake(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Hour)
	sound := wav(time.Second, 3*time.Second, 2*time.Second)
	b.record(t, one, sound)
	for range 2 {
		length, said, err := b.Take(t.Context(), one)
		if err != nil || !near(length, 6*time.Second) || !near(said, 4*time.Second) {
			t.Fatalf("%s, %s, %v", length, said, err)
		}
		if b.inTheClear(one) {
			t.Fatal("it still lies in Asterisk's folder")
		}
	}
	r, err := b.Open(one, "dupont")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, sound) {
		t.Errorf("%d bytes of %d, %v", len(got), len(sound), err)
	}
	if err := b.Erase(one); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Open(one, "dupont"); !errors.Is(err, ErrNone) {
		t.Errorf("after its erasure: %v", err)
	}
	if _, _, err := b.Take(t.Context(), one); !errors.Is(err, ErrNone) {
		t.Errorf("taken after its erasure: %v", err)
	}
	if err := b.Erase(one); err != nil {
		t.Errorf("erased twice: %v", err)
	}
}

// Whatever a crash or a full disk leaves of a file, what is in it counts, and nothing breaks.
func TestTakeWhatIsLeft(t *testing.T) {
	t.Parallel()
	sound := wav(0, 3*time.Second, 0)
	noLengths := bytes.Clone(sound)
	clear(noLengths[4:8])
	clear(noLengths[40:44])
	for name, c := range map[string]struct {
		file []byte
		said time.Duration
		err  bool
	}{
		"no lengths in the header": {noLengths, 3 * time.Second, false},
		"cut short":                {sound[:44+16000], time.Second, false},
		"cut in a sample":          {sound[:44+16001], time.Second, false},
		"nothing":                  {nil, 0, false},
		"half a header":            {sound[:20], 0, false},
		"header alone":             {sound[:44], 0, false},
		"silence":                  {wav(5*time.Second, 0, 0), 0, false},
		"no wav":                   {[]byte(strings.Repeat("GIF89a", 100)), 0, true},
		"another rate":             {bytes.Replace(sound, []byte{0x40, 0x1f, 0, 0}, []byte{0x80, 0x3e, 0, 0}, 1), 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, time.Hour)
			b.record(t, one, c.file)
			_, said, err := b.Take(t.Context(), one)
			if !near(said, c.said) || (err != nil) != c.err {
				t.Errorf("%s, %v", said, err)
			}
			if errors.Is(err, ErrSound) != c.err {
				t.Errorf("told as %v", err)
			}
			if got, err := b.box.Get(one); b.inTheClear(one) || err != nil || !bytes.Equal(got, c.file) {
				t.Errorf("in the clear %t, sealed %d bytes, %v", b.inTheClear(one), len(got), err)
			}
		})
	}
}

// A recording that Asterisk still writes is waited for.
func TestTakeWaitsForTheEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Hour)
	b.record(t, one, wav(0, time.Second, 0)[:100])
	asked := 0
	b.live = func() bool { // it is done while we wait for it
		if asked++; asked == 2 {
			b.record(t, one, wav(0, time.Second, 0))
		}
		return asked < 3
	}
	if _, said, err := b.Take(t.Context(), one); err != nil || !near(said, time.Second) {
		t.Errorf("%s, %v", said, err)
	}
}

// While nobody can say whether Asterisk still writes, nothing is taken: it might be half of what is said.
func TestTakeWithoutAsterisk(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Hour)
	b.record(t, one, wav(0, time.Second, 0)[:100])
	b.opt.Live = func(context.Context, string) (bool, error) { return false, io.ErrUnexpectedEOF }
	if _, _, err := b.Take(t.Context(), one); !errors.Is(err, io.ErrUnexpectedEOF) || !b.inTheClear(one) {
		t.Errorf("%v, in the clear %t", err, b.inTheClear(one))
	}
	if err := b.Drop(t.Context(), one); err != nil || b.inTheClear(one) {
		t.Errorf("what nobody wants: %v, in the clear %t", err, b.inTheClear(one))
	}
}

// What cannot be sealed stays where it is, for later.
func TestTakeWithoutRoom(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Hour)
	b.record(t, one, wav(0, time.Second, 0))
	box := filepath.Join(filepath.Dir(b.spool), "box")
	if err := os.Rename(box, box+".away"); err != nil {
		t.Fatal(err)
	}
	b.fates[one] = Wanted
	if _, _, err := b.Take(t.Context(), one); err == nil || errors.Is(err, ErrNone) || !b.inTheClear(one) {
		t.Fatalf("%v, in the clear %t", err, b.inTheClear(one))
	}
	b.Sweep(t.Context())
	b.Sweep(t.Context())
	if n := b.logs.FilterMessage("a recording could not be put away").Len(); n != 1 {
		t.Errorf("told %d times", n)
	}
	if err := os.Rename(box+".away", box); err != nil {
		t.Fatal(err)
	}
	b.Sweep(t.Context())
	if _, err := b.box.Get(one); err != nil || b.inTheClear(one) {
		t.Errorf("%v, in the clear %t", err, b.inTheClear(one))
	}
}

// A key that is missing is told once, what was said waits, and nothing is lost when it is back.
func TestTakeWithoutKey(t *testing.T) {
	t.Parallel()
	first := newBench(t, time.Hour)
	first.record(t, one, wav(0, time.Second, 0))
	if _, _, err := first.Take(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(first.spool)
	key := filepath.Join(dir, "key")
	if err := os.Rename(key, key+".away"); err != nil {
		t.Fatal(err)
	}
	box, err := vault.OpenFolder(filepath.Join(dir, "box"), key) // as after a restart
	if err != nil {
		t.Fatal(err)
	}
	o := first.opt
	o.Box = box
	b := &bench{Store: New(o), spool: first.spool, box: box, fates: first.fates, logs: first.logs}
	b.record(t, two, wav(0, time.Second, 0))
	b.fates[two] = Wanted
	for range 2 {
		b.Sweep(t.Context())
	}
	if _, _, err := b.Take(t.Context(), two); !errors.Is(err, vault.ErrLocked) || !b.inTheClear(two) {
		t.Errorf("%v", err)
	}
	if _, err := b.Open(one, "dupont"); !errors.Is(err, vault.ErrLocked) {
		t.Errorf("%v", err)
	}
	if err := b.Fault(); !errors.Is(err, vault.ErrLocked) || !strings.Contains(err.Error(), key) {
		t.Errorf("%v", err)
	}
	if n := b.logs.FilterMessageSnippet("neither sealed nor heard").Len(); n != 1 {
		t.Errorf("told %d times", n)
	}
	if err := os.Rename(key+".away", key); err != nil {
		t.Fatal(err)
	}
	b.Sweep(t.Context())
	for _, id := range []string{one, two} {
		if _, err := b.Open(id, "dupont"); err != nil || b.inTheClear(id) {
			t.Errorf("%s: %v", id, err)
		}
	}
	if err := b.Fault(); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(key, []byte(strings.Repeat("k", 32)), 0o600); err != nil { // another one
		t.Fatal(err)
	}
	if o.Box, err = vault.OpenFolder(filepath.Join(dir, "box"), key); err != nil {
		t.Fatal(err)
	}
	New(o).Sweep(t.Context())
	if e := b.logs.FilterMessageSnippet("a key that is not in the key file").All(); len(e) != 1 || e[0].ContextMap()["recordings"] != int64(2) {
		t.Errorf("%v", e)
	}
}

// The sweep puts away what is wanted or not known, erases what nobody wants, and leaves alone what is
// still spoken, and all other files.
func TestSweep(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Hour)
	names := map[string]Fate{"acc.c1.r1": Wanted, "acc.c2.r1": Unwanted, "acc.c3.r1": Busy, "acc.c4.r1": Unknown, "somebody-elses": Wanted}
	for id, fate := range names {
		b.record(t, id, wav(0, time.Second, 0))
		b.fates[id] = fate
	}
	b.Sweep(t.Context())
	for id, want := range map[string][2]bool{ // in the clear, sealed
		"acc.c1.r1": {false, true}, "acc.c2.r1": {false, false}, "acc.c3.r1": {true, false}, "acc.c4.r1": {false, true}, "somebody-elses": {true, false}} {
		_, err := b.box.Get(id)
		if got := [2]bool{b.inTheClear(id), err == nil}; got != want {
			t.Errorf("%s: in the clear and sealed %v, want %v", id, got, want)
		}
	}
	if n := b.logs.FilterMessageSnippet("no log knows").Len(); n != 1 {
		t.Errorf("a recording that no log knows was told %d times", n)
	}
}

func TestNothingIsKeptForEver(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Hour)
	const three = "acc.c3.r1"
	b.done = []string{three, "acc.c9.r1"}
	for _, id := range []string{one, two, three} {
		b.record(t, id, wav(0, time.Second, 0))
		if _, _, err := b.Take(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(filepath.Join(filepath.Dir(b.spool), "box", one+".enc"), old, old); err != nil {
		t.Fatal(err)
	}
	var erased []string
	b.opt.Erased = func(_ context.Context, id string) { erased = append(erased, id) }
	b.expire(t.Context())
	if len(erased) != 2 {
		t.Errorf("told of %v", erased)
	}
	_, first := b.box.Get(one)
	_, second := b.box.Get(two)
	_, third := b.box.Get(three)
	if first == nil || second != nil || third == nil {
		t.Errorf("the old one %v, the new one %v, the handled one %v", first, second, third)
	}
}

func TestTranscript(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Hour)
	b.record(t, one, wav(0, time.Second, 0))
	if _, _, err := b.Take(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	got, err := b.Transcript(t.Context(), one, "fr", []string{"sh", "-c", `head -c 4; printf ' {lang}\n\033[31m  bonjour \000 Madame'`})
	if err != nil || got != "RIFF fr [31m bonjour Madame" {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := b.Transcript(t.Context(), one, "fr", []string{"sh", "-c", "yes é | head -c 1000000"}); err != nil || len([]rune(got)) != mostText {
		t.Errorf("%d characters, %v", len([]rune(got)), err)
	}
	if _, err := b.Transcript(t.Context(), one, "fr", []string{"sh", "-c", "echo Martin >&2; echo Martin; exit 3"}); err == nil || strings.Contains(err.Error(), "Martin") || !strings.Contains(err.Error(), "ended with 3") {
		t.Errorf("%v", err)
	}
	for _, id := range []string{two, "../key", ""} {
		if _, err := b.Transcript(t.Context(), id, "fr", []string{"cat"}); err == nil {
			t.Errorf("%q was written down", id)
		}
	}
	if _, err := b.Transcript(t.Context(), one, "fr", nil); !errors.Is(err, ErrNone) {
		t.Errorf("without a command: %v", err)
	}
}

func TestIDsAreNoPaths(t *testing.T) {
	t.Parallel()
	b := newBench(t, time.Hour)
	for _, id := range []string{"", "acc", "acc.c1", "acc.c1.r1.x", "acc.../r1", "acc.c1.r1/", "acc.C1.r1", "acc.c1.", "../acc.c1.r1"} {
		if Valid(id) {
			t.Errorf("%q is taken for an id", id)
		}
		if _, _, err := b.Take(t.Context(), id); !errors.Is(err, ErrNone) {
			t.Errorf("take %q: %v", id, err)
		}
		if _, err := b.Open(id, "x"); !errors.Is(err, ErrNone) {
			t.Errorf("open %q: %v", id, err)
		}
	}
	if c, ok := Contact("acc.0192-a.rab1"); c != "0192-a" || !ok {
		t.Errorf("%q, %t", c, ok)
	}
}
