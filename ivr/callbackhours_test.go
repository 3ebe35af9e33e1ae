package ivr_test

import (
	"testing"
	"time"

	"accueil/acd"
	"accueil/ivr"
)

const callbackOnly = `version: 1
start: rappel
emergency_message: false
nodes:
  rappel: {callback: {reason: irm, prompt: {fr: "L'attente est longue.", en: "The wait is long."}}}
`

// Who agrees to be called back hears the truth about when: at once, not before people may be called, or,
// where that time may end before his turn comes, one of the two. He hears it before he agrees, too.
func TestWhenSomebodyIsCalledBackIsTold(t *testing.T) {
	t.Parallel()
	site := hoursSite(t)
	site.Entries = map[acd.EntryID]ivr.Entry{"2002": {Scenario: "rappel"}}
	site.Callbacks = []*ivr.Timetable{site.Timetables["bureau"]}
	delete(site.Timetables, "bureau") // its times are spoken all the same
	p := load(t, map[string][]byte{"rappel.yaml": []byte(callbackOnly)}, site)
	const (
		long  = "L'attente est longue. "
		offer = "Nous pouvons vous rappeler au numéro d'où vous appelez, sans que vous perdiez votre place. Pour accepter, tapez 1. Pour donner un autre numéro, tapez 2. Pour rester en ligne, tapez 3."
		noted = "C'est noté. Votre place est gardée, et nous vous rappellerons "
		bye   = " Vous pouvez raccrocher. Au revoir."
	)
	for _, c := range []struct {
		at, before, after string
		wait              time.Duration
	}{
		{"2026-11-26 09:00", long + offer, noted + "dès que votre tour viendra." + bye, 0},
		{"2026-11-26 07:00", long + "Nous ne pourrons pas vous rappeler avant aujourd'hui à huit heures " + offer,
			noted + "quand votre tour viendra, pas avant aujourd'hui à huit heures" + bye, 0},
		{"2026-11-27 18:00", long + "Nous ne pourrons pas vous rappeler avant lundi à huit heures " + offer,
			noted + "quand votre tour viendra, pas avant lundi à huit heures" + bye, 0},
		{"2026-11-26 17:00", long + offer, noted + "quand votre tour viendra : tout à l'heure ou, sinon, demain à huit heures" + bye, 0},
		{"2026-11-26 14:00", long + offer, noted + "quand votre tour viendra : tout à l'heure ou, sinon, demain à huit heures" + bye, 5 * time.Hour},
		{"2026-11-26 14:00", long + offer, noted + "dès que votre tour viendra." + bye, acd.UnknownWait},
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", c.at, paris)
		if err != nil {
			t.Fatal(err)
		}
		s, err := p.Start("2002", "fr")
		if err != nil {
			t.Fatal(err)
		}
		scene := acd.SceneAt(at)
		scene.Callable, scene.Standing = true, &acd.Standing{Wait: c.wait}
		if got := spoken(t, p, s, s.Handle(acd.HeardStart{}, scene)); got != c.before {
			t.Errorf("%s: before he agrees he hears\n%s\nwant\n%s", c.at, got, c.before)
		}
		if got := spoken(t, p, s, s.Handle(acd.HeardSilence{}, scene)); got != c.before {
			t.Errorf("%s: asked again he hears\n%s", c.at, got)
		}
		if got := spoken(t, p, s, s.Handle(acd.HeardKey{Key: '1'}, scene)); got != c.after {
			t.Errorf("%s: then\n%s\nwant\n%s", c.at, got, c.after)
		}
		if got := spoken(t, p, s, s.Handle(acd.HeardKey{Key: '*'}, scene)); got != c.after {
			t.Errorf("%s: again\n%s", c.at, got)
		}
	}
}
