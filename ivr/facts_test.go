package ivr_test

import (
	"slices"
	"strings"
	"testing"

	"accueil/acd"
	"accueil/ivr"
)

// TestTextsSayFacts as they are spoken, in menus and announcements, and it is known where.
func TestTextsSayFacts(t *testing.T) {
	t.Parallel()
	s := demoSite()
	s.Entries = map[acd.EntryID]ivr.Entry{"1": {Scenario: "main"}}
	s.Facts["standard"], s.Facts["ville"] = map[acd.Lang]string{"fr": "zéro un", "en": "zero one"}, map[acd.Lang]string{"fr": "Lyon"}
	s.Announcements = map[acd.AnnouncementID]map[acd.Lang]string{"greve": {"fr": "Grève : appelez le {{standard}}.", "en": "Strike."}}
	files := demoFiles(t)
	const src = "version: 1\nstart: a\nnodes:\n  a:\n    say: {fr: \"Appelez le {{ standard }} ou le {{standard}}.\", en: \"Call {{standard}}.\"}\n    next: b\n  b: {queue: accueil}\n"
	files["main.yaml"] = []byte(src)
	p := load(t, files, s)
	for _, c := range []struct {
		id   string
		lang acd.Lang
		want string
	}{{"main.a", "fr", "Appelez le zéro un ou le zéro un."}, {"main.a", "en", "Call zero one."}, {"announce.greve", "fr", "Grève : appelez le zéro un."}} {
		if got, ok := p.Text(c.id, c.lang); !ok || got != c.want {
			t.Errorf("%s in %s: %q, want %q", c.id, c.lang, got, c.want)
		}
	}
	said := slices.DeleteFunc(p.FactsSaid(), func(f ivr.FactSaid) bool { return f.Fact == "hopital" }) // of the demonstration
	if len(said) != 3 || said[0].Site != "announcements.greve" || said[1].Line != 5 || said[1].File != "main.yaml" || said[1].Column >= said[2].Column || said[2].Words != "zero one" {
		t.Errorf("%+v", said)
	}
	for text, want := range map[string]string{
		`{fr: "x", en: "{{standar}}"}`: "main.yaml:5:24: the site file has no fact \"standar\"",
		`{fr: "x", en: "{{ville}}"}`:   "the site file has no fact \"ville\"",
		`{fr: "{{standard", en: "x"}`:  "",
	} {
		files["main.yaml"] = []byte(strings.Replace(src, `{fr: "Appelez le {{ standard }} ou le {{standard}}.", en: "Call {{standard}}."}`, text, 1))
		_, findings := ivr.Load(files, s)
		if want != "" && !strings.Contains(findings.String(), want) {
			t.Errorf("%s: want %q in %s", text, want, findings)
		}
		if want == "" && !findings.Failed() {
			t.Errorf("%s is taken", text)
		}
	}
}
