package prompts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"accueil/acd"
)

func TestDurations(t *testing.T) {
	t.Parallel()
	texts := numberTexts("fr")
	english := numberTexts("en")
	for d, want := range map[time.Duration][2]string{
		-time.Second:                    {"cinq secondes", "five seconds"},
		34 * time.Second:                {"trente secondes", "thirty seconds"},
		61 * time.Second:                {"une minute", "one minute"},
		21*time.Minute + 30*time.Second: {"vingt et une minutes", "twenty-one minutes"},
		time.Hour:                       {"une heure", "one hour"},
		2*time.Hour + 31*time.Minute:    {"deux heures trente et une minutes", "two hours thirty-one minutes"},
		100 * time.Hour:                 {"vingt-quatre heures", "twenty-four hours"},
	} {
		var fr, en []string
		for _, id := range durationIDs(d) {
			fr, en = append(fr, texts[id]), append(en, english[id])
		}
		if got := [2]string{strings.Join(fr, " "), strings.Join(en, " ")}; got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

// Every number that can be asked for has its texts, in both languages.
func TestNumbersAreComplete(t *testing.T) {
	t.Parallel()
	fr, en := numberTexts("fr"), numberTexts("en")
	for n, want := range map[int]string{7: "sept", 99: "quatre-vingt-dix-neuf", 100: "un zéro zéro", 4003: "quarante zéro trois", 612: "six douze"} {
		ids, err := numberIDs(n)
		var said []string
		for _, id := range ids {
			said = append(said, fr[id])
		}
		if got := strings.Join(said, " "); got != want || err != nil {
			t.Errorf("%d: %q, %v", n, got, err)
		}
	}
	if _, err := numberIDs(-1); err == nil {
		t.Error("a negative number was spoken")
	}
	for n := range 20_000 {
		ids, _ := numberIDs(n)
		for _, id := range append(ids, durationIDs(time.Duration(n)*7*time.Second)...) {
			if fr[id] == "" || en[id] == "" {
				t.Fatalf("no text for %s", id)
			}
		}
	}
}

func TestDistributionPieces(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ lang, id, want string }{
		{"fr", "num.0", "digits/0"}, {"fr", "num.20", "digits/20"}, {"fr", "num.21", "digits/20 digits/et digits/1"},
		{"fr", "num.45", "digits/40 digits/5"}, {"fr", "num.71", "digits/60 digits/et digits/11"}, {"fr", "num.76", "digits/60 digits/16"},
		{"fr", "num.80", "digits/80"}, {"fr", "num.81", "digits/80 digits/1"}, {"fr", "num.91", "digits/80 digits/11"},
		{"fr", "dur.m.21", "digits/20 digits/et digits/1F minutes"}, {"fr", "dur.m.1", "digits/1F minute"}, {"fr", "dur.s.30", "digits/30 seconds"},
		{"en", "num.71", "digits/70 digits/1"}, {"en", "dur.h.2", "digits/2 hours"}, {"de", "num.1", ""}, {"fr", "sys.beep", ""}, {"fr", "num.x", ""},
	} {
		names, ok := pieces(acd.Lang(c.lang), c.id)
		if got := strings.Join(names, " "); got != c.want || ok != (c.want != "") {
			t.Errorf("%s %s: %q", c.lang, c.id, got)
		}
	}
	dir := t.TempDir()
	folder := filepath.Join(dir, "fr_CA_f_June")
	for _, name := range []string{"digits/20", "digits/2", "minutes"} {
		file := filepath.Join(folder, name+".wav")
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, encodeWAV(beep()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b := builder{options: Options{Sounds: []string{"/nonexistent", dir}}, cache: t.TempDir()}
	if err := os.MkdirAll(filepath.Join(b.cache, "fr"), 0o755); err != nil {
		t.Fatal(err)
	}
	files := b.distribution("fr", "dur.m.22")
	if len(files) != 3 {
		t.Fatalf("files %v", files)
	}
	if got := b.distribution("fr", "dur.m.21"); got != nil {
		t.Errorf("found %v without a recorded \"une\"", got)
	}
	c, err := b.recording(job{lang: "fr", id: "dur.m.22", files: files})
	if err != nil || c.length < 600*time.Millisecond || !c.recorded {
		t.Errorf("%+v, %v", c, err)
	}
}

func FuzzParseWAV(f *testing.F) {
	f.Add(encodeWAV(beep()))
	f.Add([]byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x03\x00\x02\x00\x40\x1f\x00\x00\x00\x00\x00\x00\x08\x00\x20\x00data\xff\xff\xff\xff\x00\x00\xc0\x7f"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := parseWAV(b)
		if err != nil {
			return
		}
		if s, err = prepare(s); err != nil {
			return
		}
		for _, v := range s.samples {
			if v != v || v > peakLimit || v < -peakLimit {
				t.Fatalf("a sample of %v", v)
			}
		}
	})
}
