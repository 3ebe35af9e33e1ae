package prompts_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/ivr"
	"accueil/ivr/prompts"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// speaker writes a stand-in for the speech command: it notes each text it is given and answers with
// the file named, or as the script says.
func speaker(t *testing.T, body string) (command []string, notes string) {
	t.Helper()
	dir := t.TempDir()
	notes = filepath.Join(dir, "notes")
	wav := filepath.Join(dir, "tone.wav")
	if err := os.WriteFile(wav, tone(22050, 0.12, 440, 0.3), 0o644); err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(dir, "speak")
	body = strings.NewReplacer("NOTES", notes, "WAV", wav).Replace(body)
	if err := os.WriteFile(script, []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return []string{script, "{lang}", "{voice}"}, notes
}

const saysAll = `cat >> NOTES; cat WAV`

// tone is a WAV file of a sine.
func tone(rate int, seconds, hertz, level float64) []byte {
	n := int(seconds * float64(rate))
	b := &bytes.Buffer{}
	b.WriteString("RIFF\x00\x00\x00\x00WAVEfmt ")
	for _, v := range []any{uint32(16), uint16(1), uint16(1), uint32(rate), uint32(2 * rate), uint16(2), uint16(16)} {
		_ = binary.Write(b, binary.LittleEndian, v)
	}
	b.WriteString("data")
	_ = binary.Write(b, binary.LittleEndian, uint32(0x7fffffff)) // as a program does that writes to a pipe
	for i := range n {
		_ = binary.Write(b, binary.LittleEndian, int16(32767*level*math.Sin(2*math.Pi*hertz*float64(i)/float64(rate))))
	}
	return b.Bytes()
}

// samples reads a file that the package wrote.
func samples(t *testing.T, file string, rate int) []float64 {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) < 44 || int(binary.LittleEndian.Uint32(b[24:])) != rate || binary.LittleEndian.Uint16(b[22:]) != 1 ||
		int(binary.LittleEndian.Uint32(b[40:])) != len(b)-44 || int(binary.LittleEndian.Uint32(b[4:])) != len(b)-8 {
		t.Fatalf("%s: bad header % x", file, b[:min(44, len(b))])
	}
	out := make([]float64, (len(b)-44)/2)
	for i := range out {
		out[i] = float64(int16(binary.LittleEndian.Uint16(b[44+2*i:]))) / 32768
	}
	return out
}

func level(s []float64) (rms, peak float64) {
	for _, v := range s {
		rms += v * v
		peak = max(peak, math.Abs(v))
	}
	return math.Sqrt(rms / float64(len(s))), peak
}

func options(t *testing.T, command []string) prompts.Options {
	return prompts.Options{Command: command, Languages: []acd.Lang{"fr"}, Cache: filepath.Join(t.TempDir(), "cache"), Memory: t.TempDir()}
}

func build(t *testing.T, o prompts.Options, texts ...ivr.Text) *prompts.Voice {
	t.Helper()
	v, fs, err := prompts.Build(t.Context(), o, texts)
	if err != nil || len(fs) > 0 {
		t.Fatal(err, fs)
	}
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	})
	return v
}

func media(t *testing.T, v *prompts.Voice, lang acd.Lang, p ...acd.Prompt) ([]string, time.Duration) {
	t.Helper()
	uris, length, err := v.Media(lang, p)
	if err != nil {
		t.Fatal(err)
	}
	for i, u := range uris {
		stem, ok := strings.CutPrefix(u, "sound:")
		if !ok || !filepath.IsAbs(stem) {
			t.Errorf("media %q", u)
		}
		uris[i] = stem
	}
	return uris, length
}

func TestSpeechIsMadeOnceAndLevelled(t *testing.T) {
	t.Parallel()
	command, notes := speaker(t, saysAll)
	o := options(t, command)
	last := 0
	o.Progress = func(done, total int) {
		if done != last+1 || done > total {
			t.Errorf("progress %d of %d after %d", done, total, last)
		}
		last = done
	}
	text := ivr.Text{ID: "main.hello", Lang: "fr", Text: "Bonjour à tous"}
	v := build(t, o, text)
	said, err := os.ReadFile(notes)
	if err != nil || !strings.Contains(string(said), "Bonjour à tous\n") {
		t.Fatalf("said %q, %v", said, err)
	}
	uris, length := media(t, v, "fr", acd.Prompt{ID: "main.hello"})
	for rate, ending := range map[int]string{8000: ".wav", 16000: ".wav16"} {
		s := samples(t, uris[0]+ending, rate)
		rms, peak := level(s)
		if rms < 0.08 || rms > 0.11 || peak > 0.72 {
			t.Errorf("%d Hz: level %.3f, peak %.3f", rate, rms, peak)
		}
		if got := time.Duration(len(s)) * time.Second / time.Duration(rate); (got-length).Abs() > time.Millisecond || length < 100*time.Millisecond {
			t.Errorf("%d Hz: %v long, told %v", rate, got, length)
		}
	}
	last = 0
	before := len(said)
	again := build(t, o, text)
	if said, _ = os.ReadFile(notes); len(said) != before {
		t.Errorf("said again: %q", said[before:])
	}
	if other, _ := media(t, again, "fr", acd.Prompt{ID: "main.hello"}); other[0] != uris[0] {
		t.Errorf("another file: %s", other[0])
	}
	// A damaged file is made anew.
	if err := os.Truncate(uris[0]+".wav", 3); err != nil {
		t.Fatal(err)
	}
	last = 0
	build(t, o, text)
	samples(t, uris[0]+".wav", 8000)
}

// The low-pass keeps what a telephone carries and lets nothing fold back.
func TestResampling(t *testing.T) {
	t.Parallel()
	command, _ := speaker(t, "cat > /dev/null; cat WAV")
	v := build(t, options(t, command))
	for hertz, heard := range map[float64]bool{300: true, 1000: true, 3000: true, 5200: false, 7000: false} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(command[0]), "tone.wav"), tone(22050, 0.5, hertz, 0.3), 0o644); err != nil {
			t.Fatal(err)
		}
		uri, cleanup, err := v.Speak(t.Context(), "fr", "a")
		if err != nil {
			t.Fatal(err)
		}
		rms, _ := level(samples(t, strings.TrimPrefix(uri, "sound:")+".wav", 8000))
		cleanup()
		if heard && rms < 0.07 || !heard && rms > 0.002 {
			t.Errorf("%v Hz at 8 kHz: level %.4f", hertz, rms)
		}
	}
}

func TestCommandsThatFail(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		want string
	}{
		"nothing":     {"cat > /dev/null", prompts.ErrNoSpeech.Error()},
		"status":      {"cat > /dev/null; cat WAV; exit 3", "exit status 3"},
		"not a WAV":   {"cat > /dev/null; echo hello", "not a WAV file"},
		"cut short":   {"cat > /dev/null; head -c 30 WAV", "not a WAV file"},
		"silent":      {"cat > /dev/null; head -c 44 WAV; head -c 20000 /dev/zero", prompts.ErrNoSpeech.Error()},
		"very short":  {"cat > /dev/null; head -c 90 WAV", prompts.ErrNoSpeech.Error()},
		"not reading": {"cat WAV; exit 0", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command, _ := speaker(t, c.body)
			o := options(t, command)
			v, _, err := prompts.Build(t.Context(), o, []ivr.Text{{ID: "secret.id", Lang: "fr", Text: "Madame Martin"}})
			if v != nil {
				defer v.Close()
			}
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "Martin") {
				t.Errorf("error %v", err)
			}
			left, _ := filepath.Glob(filepath.Join(o.Cache, "*", "*.wav*"))
			for _, f := range left {
				if !strings.Contains(f, "tone-") {
					t.Errorf("left %s", f)
				}
			}
		})
	}
	o := options(t, []string{"/nonexistent/speech"})
	if _, _, err := prompts.Build(t.Context(), o, nil); err == nil || !strings.Contains(err.Error(), "/nonexistent/speech") {
		t.Errorf("error %v", err)
	}
}

func TestBuildStopsWhenCancelled(t *testing.T) {
	t.Parallel()
	command, _ := speaker(t, saysAll)
	ctx, cancel := context.WithCancel(t.Context())
	o := options(t, command)
	o.Progress = func(done, _ int) {
		if done == 3 {
			cancel()
		}
	}
	if v, _, err := prompts.Build(ctx, o, nil); !errors.Is(err, context.Canceled) || v != nil {
		t.Errorf("voice %v, error %v", v, err)
	}
}

func TestHostileTexts(t *testing.T) {
	t.Parallel()
	command, notes := speaker(t, `echo "args: $*" >> NOTES; cat >> NOTES; cat WAV`)
	v := build(t, options(t, command))
	start, _ := os.ReadFile(notes)
	for text, want := range map[string]string{
		"--version -w /etc/passwd":               "version -w /etc/passwd",
		"<speak>Mme</speak> [[phonemes]] Durand": "speak Mme /speak phonemes Durand",
		"a\x00b\x1b[31m\r\nc":                    "a b 31m c",
		"$(reboot) `reboot`; reboot":             "$(reboot) reboot ; reboot",
		"Zoé \xff\xfe Müller":                    "Zoé Müller",
	} {
		_, cleanup, err := v.Speak(t.Context(), "fr", text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		cleanup()
		said, _ := os.ReadFile(notes)
		said, start = said[len(start):], said
		if got := string(said); got != "args: fr fr\n"+want+"\n" {
			t.Errorf("%q was given as %q", text, got)
		}
	}
	for _, text := range []string{"", " ", "---", "\x00", "<>"} {
		if _, cleanup, err := v.Speak(t.Context(), "fr", text); !errors.Is(err, prompts.ErrNoSpeech) || cleanup == nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A name is spoken to memory, never cached, and gone after the cleanup.
func TestSpokenNamesLeaveNothing(t *testing.T) {
	t.Parallel()
	command, _ := speaker(t, saysAll)
	o := options(t, command)
	v := build(t, o)
	count := func(dir string) int {
		n := 0
		_ = filepath.WalkDir(dir, func(_ string, d os.DirEntry, _ error) error {
			if d != nil && !d.IsDir() {
				n++
			}
			return nil
		})
		return n
	}
	cache := count(o.Cache)
	uri, cleanup, err := v.Speak(t.Context(), "fr", "Madame Lenoir")
	if err != nil {
		t.Fatal(err)
	}
	stem := strings.TrimPrefix(uri, "sound:")
	if !strings.HasPrefix(stem, o.Memory) {
		t.Errorf("spoken to %s", stem)
	}
	samples(t, stem+".wav", 8000)
	samples(t, stem+".wav16", 16000)
	if got := count(o.Cache); got != cache {
		t.Errorf("the cache went from %d to %d files", cache, got)
	}
	cleanup()
	cleanup()
	if n := count(o.Memory); n != 0 {
		t.Errorf("%d files left", n)
	}
	// What a call forgot goes when the voice closes, and no more comes.
	if _, _, err = v.Speak(t.Context(), "fr", "Monsieur Petit"); err != nil {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if n := count(o.Memory); n != 0 {
		t.Errorf("%d files left after Close", n)
	}
	if _, _, err = v.Speak(t.Context(), "fr", "Monsieur Petit"); err == nil {
		t.Error("spoken after Close")
	}
}

func TestRecordingsReplaceSpeech(t *testing.T) {
	t.Parallel()
	command, notes := speaker(t, saysAll)
	o := options(t, command)
	o.Recorded = t.TempDir()
	dir := filepath.Join(o.Recorded, "fr")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"main.hello.wav": tone(44100, 1.25, 500, 0.01), "main.bad.wav": []byte("no sound"), "main.silent.wav": tone(8000, 1, 440, 0),
		"extra.wav": tone(16000, 0.5, 700, 0.9), "-x.wav": nil, "notes.txt": nil, ".hidden": nil,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	texts := []ivr.Text{{ID: "main.hello", Lang: "fr", Text: "Bonjour"}, {ID: "main.bad", Lang: "fr", Text: "Mauvais"}, {ID: "main.silent", Lang: "fr", Text: "Muet"}}
	v, fs, err := prompts.Build(t.Context(), o, texts)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	var about []string
	for _, f := range fs {
		about = append(about, filepath.Base(f.File)+": "+f.Message.String())
	}
	want := "-x.wav: its name cannot be the id of a prompt|main.bad.wav: not a WAV file|main.silent.wav: the sound is silent|notes.txt: only files that end in .wav are used"
	if got := strings.Join(about, "|"); got != want || fs.Failed() {
		t.Errorf("findings\n%s\nwant\n%s", got, want)
	}
	said, _ := os.ReadFile(notes)
	if strings.Contains(string(said), "Bonjour") || !strings.Contains(string(said), "Mauvais") || !strings.Contains(string(said), "Muet") {
		t.Errorf("said %q", said)
	}
	uris, length := media(t, v, "fr", acd.Prompt{ID: "main.hello"})
	if rms, _ := level(samples(t, uris[0]+".wav", 8000)); rms < 0.08 || length < 1200*time.Millisecond || length > 1300*time.Millisecond {
		t.Errorf("level %.3f, %v long", rms, length)
	}
	media(t, v, "fr", acd.Prompt{ID: "extra"})
	if has := prompts.HasRecording(o.Recorded); !has("fr", "extra") || has("en", "extra") || has("fr", "../fr/extra") || has("fr", "none") {
		t.Error("HasRecording")
	}
	for _, row := range prompts.ExportList(v, texts) {
		if row.ID == "main.hello" && (!row.Recorded || row.Seconds < 1.2) || row.ID == "main.bad" && (row.Recorded || row.Seconds < 0.1) {
			t.Errorf("%+v", row)
		}
	}
}

func TestUnknownPrompt(t *testing.T) {
	t.Parallel()
	command, _ := speaker(t, saysAll)
	v := build(t, options(t, command))
	if _, _, err := v.Media("fr", []acd.Prompt{{ID: "sys.beep"}, {ID: "nowhere"}}); !errors.Is(err, prompts.ErrUnknownPrompt) {
		t.Errorf("error %v", err)
	}
	if _, _, err := v.Media("de", []acd.Prompt{{ID: "sys.beep"}}); err != nil {
		t.Errorf("another language: %v", err)
	}
	if _, length, err := v.Media("fr", nil); err != nil || length != 0 {
		t.Errorf("nothing: %v, %v", length, err)
	}
	if !v.Has("fr", "sys.beep") || v.Has("fr", "nowhere") {
		t.Error("Has")
	}
}

func TestMusic(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := prompts.WriteMusic(dir); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ least, most, quiet, loud float64 }{
		"waiting/waiting": {30, 120, 0.03, 0.08}, "soft/soft": {2, 8, 0.01, 0.03},
	} {
		linear := samples(t, filepath.Join(dir, name+".wav"), 8000)
		coded, err := os.ReadFile(filepath.Join(dir, name+".alaw"))
		if err != nil || len(coded) != len(linear) {
			t.Fatalf("%s: %d samples in A-law, %d linear, %v", name, len(coded), len(linear), err)
		}
		for i, b := range coded {
			// A step of A-law is a sixteenth of its segment, and 1/2048 at least.
			if v := expandALaw(b); math.Abs(v-linear[i]) > max(1.0/4096, math.Abs(linear[i])/32)+1e-4 {
				t.Fatalf("%s: sample %d is %.5f in A-law, %.5f linear", name, i, v, linear[i])
			}
		}
		for rate, ending := range map[int]string{8000: ".wav", 16000: ".wav16"} {
			s := samples(t, filepath.Join(dir, name+ending), rate)
			seconds := float64(len(s)) / float64(rate)
			rms, peak := level(s)
			if seconds < c.least || seconds > c.most || rms < c.quiet || rms > c.loud || peak > 0.6 {
				t.Errorf("%s%s: %.1f s, level %.3f, peak %.3f", name, ending, seconds, rms, peak)
			}
			// The seam is no louder a step than any inside.
			if step := math.Abs(s[0] - s[len(s)-1]); step > 0.05 {
				t.Errorf("%s%s: a step of %.3f at the seam", name, ending, step)
			}
			// Never silent for longer than a second.
			for i := 0; i+rate <= len(s); i += rate {
				if part, _ := level(s[i : i+rate]); part < 0.001 {
					t.Errorf("%s%s: silent at %d s", name, ending, i/rate)
				}
			}
		}
	}
}

// expandALaw is the other half of ITU-T G.711: the middle of the step that the code word names.
func expandALaw(b byte) float64 {
	b ^= 0x55
	segment, v := b>>4&7, float64(b&0x0f)+0.5
	if segment > 0 {
		v = (v + 16) * float64(int(1)<<(segment-1))
	}
	if b&0x80 == 0 {
		v = -v
	}
	return v / 2048
}

// With the real command, every system text is audible and of a bearable length.
func TestSystemCatalogueIsSpoken(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("espeak-ng"); err != nil {
		t.Skip("espeak-ng is not installed")
	}
	var texts []ivr.Text
	for _, id := range ivr.SystemPrompts() {
		for _, lang := range []acd.Lang{"fr", "en"} {
			text, _ := ivr.SystemText(id, lang)
			texts = append(texts, ivr.Text{ID: id, Lang: lang, Text: text})
		}
	}
	o := options(t, nil)
	o.Languages = append(o.Languages, "en")
	v := build(t, o, texts...)
	for _, text := range texts {
		if _, length := media(t, v, text.Lang, acd.Prompt{ID: text.ID}); length < 300*time.Millisecond || length > 15*time.Second {
			t.Errorf("%s in %s takes %v", text.ID, text.Lang, length)
		}
	}
	n, d := 21, 21*time.Minute
	media(t, v, "fr", acd.Prompt{Number: &n}, acd.Prompt{Duration: &d})
}
