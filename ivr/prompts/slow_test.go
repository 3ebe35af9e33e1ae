package prompts_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/ivr"
	"accueil/ivr/prompts"
)

// TestSlowSpeech: each text is made once more at the slow rate; a slow recording counts before it, a
// usual one is played as it is; without a slow rate the language itself is spoken.
func TestSlowSpeech(t *testing.T) {
	t.Parallel()
	command, notes := speaker(t, `text=$(cat); echo "$1 $3 $text" >> NOTES; cat WAV`)
	o := options(t, append(command, "{rate}"))
	o.Rate, o.SlowRate, o.Recorded = 160, 90, t.TempDir()
	for _, name := range []string{"fr/usual.wav", "fr/both.wav", "fr-slow/both.wav", "fr/alone.wav"} {
		file := filepath.Join(o.Recorded, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, tone(16000, 0.2, 500+float64(len(name)), 0.3), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	texts := []ivr.Text{{ID: "spoken", Lang: "fr", Text: "Bonjour."}, {ID: "usual", Lang: "fr", Text: "Usuel."}, {ID: "both", Lang: "fr", Text: "Deux."}}
	v := build(t, o, texts...)
	said, err := os.ReadFile(notes)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"fr 160 Bonjour.", "fr 90 Bonjour.", "fr 160 vingt et un\n", "fr 90 vingt et un\n"} {
		if !strings.Contains(string(said), want) {
			t.Errorf("never spoken: %q", want)
		}
	}
	for _, never := range []string{"Usuel", "Deux"} {
		if strings.Contains(string(said), never) {
			t.Errorf("spoken though recorded: %s", never)
		}
	}
	slow := acd.Lang("fr").Slowly()
	for id, same := range map[string]bool{"spoken": false, "usual": true, "both": false, "alone": true, "num.4": false} {
		usual, _ := media(t, v, "fr", acd.Prompt{ID: id})
		slowly, _ := media(t, v, slow, acd.Prompt{ID: id})
		if (usual[0] == slowly[0]) != same {
			t.Errorf("%s: %v, slowly %v", id, usual, slowly)
		}
	}
	o.SlowRate = 0
	v = build(t, o, texts...)
	usual, _ := media(t, v, "fr", acd.Prompt{ID: "spoken"})
	if slowly, _ := media(t, v, slow, acd.Prompt{ID: "spoken"}); usual[0] != slowly[0] {
		t.Errorf("without slow speech: %v, slowly %v", usual, slowly)
	}
}

func TestWordsOfFigures(t *testing.T) {
	t.Parallel()
	n, d := 21, 4*time.Minute
	for _, c := range []struct {
		lang acd.Lang
		p    acd.Prompt
		want string
	}{{"fr", acd.Prompt{Number: &n}, "vingt et un"}, {"en", acd.Prompt{Number: &n}, "twenty-one"},
		{"fr", acd.Prompt{Duration: &d}, "quatre minutes"}, {"en", acd.Prompt{Duration: &d}, "four minutes"}, {"fr", acd.Prompt{}, ""}} {
		if got := prompts.Words(c.lang, c.p); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
