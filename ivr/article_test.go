package ivr_test

import (
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/ivr"
)

// TestAnArticleIsTexted on its last day, and no longer on the day after: the caller hears that it was not,
// and goes the way of a failure.
func TestAnArticleIsTexted(t *testing.T) {
	t.Parallel()
	s := demoSite()
	s.SMS = true
	s.Entries = map[acd.EntryID]ivr.Entry{"1": {Scenario: "main"}}
	ends := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	s.Articles["venir"] = ivr.Article{Texts: s.Articles["venir-a-l-hopital"].Texts, Until: ends}
	files := demoFiles(t)
	files["main.yaml"] = []byte("version: 1\nstart: a\nemergency_message: false\nnodes:\n  a: {sms: {article: venir, failed: b}, next: c}\n  b: {queue: accueil}\n  c: {queue: admission}\n")
	p := load(t, files, s)
	for at, want := range map[time.Time]string{
		ends.Add(-time.Second): "sms article.venir | say sys.sms_sent | queue admission",
		ends:                   "say sys.sms_failed | queue accueil",
	} {
		script, err := p.Start("1", "fr")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, heard := range []acd.Heard{acd.HeardStart{}, acd.HeardSMS{Sent: true}, acd.HeardSaid{}} {
			for _, a := range script.Handle(heard, acd.SceneAt(at)) {
				got = append(got, show(a))
			}
		}
		if strings.Join(got, " | ") != want {
			t.Errorf("at %v: %q, want %q", at, got, want)
		}
	}
}
