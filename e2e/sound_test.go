package e2e

import (
	"context"
	wav "encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"accueil/phones"
)

// spoken is how long a recorded prompt of these tests lasts.
const spoken = 1500 * time.Millisecond

// recorded puts a tone in the place of each prompt named, phones.ToneFor(n), in both languages: so a
// test can tell what is being said. It returns the edit that makes the site use them. English is said
// by the tone after the French one.
func recorded(t *testing.T, prompts map[string]int) []string {
	t.Helper()
	dir := t.TempDir()
	for id, n := range prompts {
		record(t, dir, id, n, spoken)
	}
	return recordings(dir)
}

// record writes the tone of one prompt into a folder of recordings.
func record(t *testing.T, dir, id string, n int, d time.Duration) {
	t.Helper()
	for i, lang := range []string{"fr", "en"} {
		if err := os.MkdirAll(filepath.Join(dir, lang), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, lang, id+".wav"), toneFile(phones.ToneFor(n+i), d), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// recordings is the edit that makes the site use the folder.
func recordings(dir string) []string {
	return []string{"prompts: {cache:", "prompts: {dir: " + dir + ", cache:"}
}

// toneFile is a WAV file of one frequency, 16 kHz mono.
func toneFile(hertz float64, d time.Duration) []byte {
	const rate = 16000
	n := int(d.Seconds() * rate)
	b := append([]byte("RIFF"), wav.LittleEndian.AppendUint32(nil, uint32(36+2*n))...)
	b = append(b, "WAVEfmt "...)
	b = wav.LittleEndian.AppendUint32(b, 16)
	b = wav.LittleEndian.AppendUint16(b, 1)
	b = wav.LittleEndian.AppendUint16(b, 1)
	b = wav.LittleEndian.AppendUint32(b, rate)
	b = wav.LittleEndian.AppendUint32(b, 2*rate)
	b = wav.LittleEndian.AppendUint16(b, 2)
	b = wav.LittleEndian.AppendUint16(b, 16)
	b = append(b, "data"...)
	b = wav.LittleEndian.AppendUint32(b, uint32(2*n))
	for i := range n {
		b = wav.LittleEndian.AppendUint16(b, uint16(int16(8000*math.Sin(2*math.Pi*hertz*float64(i)/rate))))
	}
	return b
}

// heard waits until the caller hears the recorded prompt.
func heard(ctx context.Context, t *testing.T, p patient, n int) {
	t.Helper()
	if err := p.Ear().WaitTone(ctx, phones.ToneFor(n)); err != nil {
		t.Fatalf("prompt %d is not heard: %v", n, err)
	}
}

// unheard waits until the recorded prompt is over.
func unheard(ctx context.Context, t *testing.T, p patient, n int) {
	t.Helper()
	if err := p.Ear().WaitNoTone(ctx, phones.ToneFor(n), 200*time.Millisecond); err != nil {
		t.Fatalf("prompt %d does not end: %v", n, err)
	}
}

// instructed presses 9 and checks that the emergency instruction, recorded as 40, is heard within a
// second of the key (SCENARIOS C14).
func instructed(ctx context.Context, t *testing.T, p patient) {
	t.Helper()
	watch := p.Ear().Watch(phones.ToneFor(40))
	pressed := time.Now()
	press(ctx, t, p.Call, "9")
	heard(ctx, t, p, 40)
	if _, first, _ := watch.Heard(); first.Sub(pressed) > time.Second {
		t.Errorf("the instruction came %v after the key", first.Sub(pressed))
	}
}
