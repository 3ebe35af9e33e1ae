package prompts_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"accueil/ivr/prompts"
)

// TestSiteMusic: a folder of a hospital's own music becomes what Asterisk plays; what cannot be played is
// told, and the rest is played; a hole in it is told too.
func TestSiteMusic(t *testing.T) {
	t.Parallel()
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "site")
	hole := append(tone(16000, 1, 440, 0.3), make([]byte, 2*16000*3)...)
	hole = append(hole, tone(16000, 1, 440, 0.3)[44:]...)
	for name, content := range map[string][]byte{
		"b calm.wav": tone(44100, 1.5, 440, 0.9), "a.WAV": tone(8000, 1, 500, 0.01), "hole.wav": hole,
		"silent.wav": tone(8000, 1, 440, 0), "song.mp3": []byte("ID3"), "bad.wav": []byte("no sound"), ".DS_Store": nil,
	} {
		if err := os.WriteFile(filepath.Join(from, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(to, "007.wav"), nil, 0o600); err != nil { // of more music before
		t.Fatal(err)
	}
	findings, err := prompts.WriteSiteMusic(from, to)
	if err != nil || findings.Failed() {
		t.Fatal(err, findings)
	}
	var told []string
	for _, f := range findings {
		told = append(told, filepath.Base(f.File)+": "+f.Message.String())
	}
	want := "bad.wav: this music is not played: not a WAV file|hole.wav: the music is silent for 3.0 s from 1s on: callers believe that the line is lost|" +
		"silent.wav: this music is not played: the sound is silent|song.mp3: only WAV files are played while callers wait"
	if got := strings.Join(told, "|"); got != want {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
	var names []string
	files, err := os.ReadDir(to)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		names = append(names, f.Name())
	}
	if got := strings.Join(names, " "); got != "001.alaw 001.wav 001.wav16 002.alaw 002.wav 002.wav16 003.alaw 003.wav 003.wav16" {
		t.Errorf("written: %s", got)
	}
	for _, file := range []string{"001.wav", "002.wav"} { // as loud as the built-in music, however it was recorded
		if rms, _ := level(samples(t, filepath.Join(to, file), 8000)); rms < 0.03 || rms > 0.04 {
			t.Errorf("%s: level %.3f", file, rms)
		}
	}
	if again := prompts.CheckMusic(from); again.String() != findings.String() {
		t.Errorf("checked: %s", again)
	}

	for name, dir := range map[string]string{"nowhere": filepath.Join(from, "none"), "empty": t.TempDir()} {
		if fs := prompts.CheckMusic(dir); !fs.Failed() {
			t.Errorf("%s: %v", name, fs)
		}
		if fs, err := prompts.WriteSiteMusic(dir, to); err != nil || !fs.Failed() {
			t.Errorf("%s: %v, %v", name, fs, err)
		}
	}
	if _, err := os.Stat(filepath.Join(to, "001.wav")); err != nil {
		t.Error("a folder without music has removed what was there:", err)
	}
}
