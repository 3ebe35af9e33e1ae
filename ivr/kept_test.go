package ivr_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/ivr"
)

const keptScenario = `version: 1
start: lent
emergency_message: false
nodes:
  lent: {set: {speech: slow, reason: irm, points: 2, variables: {age: adulte}}, next: accord}
  accord: {consent: {to: sms, prompt: {fr: "D'accord ?", en: "Agreed?"}, yes: numero, no: numero}}
  numero: {collect: {form: file_number, length: 4, as: dossier, confirm: false, prompt: {fr: "Numéro ?", en: "Number?"}, given: qui, none: menu}}
  qui: {lookup: {use: dossier, with: [dossier], as: identite, identity: true, found: menu, unknown: menu, failed: menu}}
  menu: {menu: {prompt: {fr: "Menu.", en: "Menu."}, options: {"1": adulte, "2": encore, "3": service, "4": accordé}}}
  adulte: {branch: {if: "age == 'adulte'", then: file, else: fin}}
  accordé: {branch: {if: "consent_sms == 'yes'", then: file, else: fin}}
  service: {branch: {if: "service == 'oncologie'", then: file, else: fin}}
  encore: {lookup: {use: dossier, with: [dossier], found: file, unknown: fin, failed: fin}}
  file: {queue: {}}
  fin: {say: {fr: "Au revoir.", en: "Goodbye."}}
`

func keptProgram(t *testing.T) *ivr.Program {
	t.Helper()
	site := hoursSite(t)
	site.Entries = map[acd.EntryID]ivr.Entry{"2002": {Scenario: "garde"}}
	site.Requirement = func(string) error { return nil }
	site.Lookups = map[acd.LookupID]ivr.Lookup{"dossier": {Timeout: time.Second, TakesKeys: true, Answers: map[string][]string{"service": {"oncologie", "autre"}}}}
	return load(t, map[string][]byte{"garde.yaml": []byte(strings.ReplaceAll(keptScenario, "accordé", "accorde"))}, site)
}

// A restart in a menu keeps what the files themselves have said of the caller, and he goes the way that he
// would have gone; what he keyed in and what a service has told of him is nowhere, and he is asked again
// where it is needed.
func TestWhatARestartKeeps(t *testing.T) {
	t.Parallel()
	p := keptProgram(t)
	scene := acd.SceneAt(time.Date(2026, 11, 26, 10, 0, 0, 0, paris))
	before, err := p.Start("2002", "fr")
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range []acd.Heard{acd.HeardStart{}, acd.HeardKey{Key: '1'}, acd.HeardKey{Key: '4'}, acd.HeardKey{Key: '7'}, acd.HeardKey{Key: '1'}, acd.HeardKey{Key: '1'},
		acd.HeardLookup{Outcome: acd.LookupFound, Values: map[string]string{"service": "oncologie"}}} {
		before.Handle(in, scene)
	}
	kept := before.Kept()
	if before.Node() != "menu" || strings.Contains(kept, "4711") || strings.Contains(kept, "onco") || strings.Contains(kept, "given") {
		t.Fatalf("at %q the channel would remember %q", before.Node(), kept)
	}
	resume := func(kept string) acd.Script {
		s, err := p.Resume(acd.Leg{Entry: "2002", Lang: "fr", State: acd.LegMenu, Kept: kept})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for key, want := range map[byte]string{
		'1': "→irm", '4': "→irm", '3': "Au revoir.", // what the service had told is not known any more
		'2': "Numéro ?", // nor the digits
	} {
		s := resume(kept)
		asks := s.Handle(acd.HeardStart{Node: "menu"}, scene)
		if _, slow := asks[0].(acd.AskSlow); !slow {
			t.Error("he is spoken to fast")
		}
		if got := spoken(t, p, s, s.Handle(acd.HeardKey{Key: key}, scene)); got != want {
			t.Errorf("key %c: %q, want %q", key, got, want)
		}
		if again := s.Kept(); again != kept && key != '2' {
			t.Errorf("after the restart %q is kept, before %q", again, kept)
		}
	}
	s := resume(kept)
	s.Handle(acd.HeardStart{Node: "menu"}, scene)
	q, ok := s.Handle(acd.HeardKey{Key: '1'}, scene)[0].(acd.AskQueue)
	if !ok || q.Reason != "irm" || q.Points != 2 {
		t.Errorf("he waits as %+v", q)
	}
	s = resume(kept) // he has no number, now that he is asked again: that is his answer
	s.Handle(acd.HeardStart{Node: "encore"}, scene)
	s.Handle(acd.HeardSilence{}, scene)
	if got := spoken(t, p, s, s.Handle(acd.HeardSilence{}, scene)); got != "Menu." {
		t.Errorf("without a number he hears %q", got)
	}
	if asks := s.Handle(acd.HeardKey{Key: '2'}, scene); len(asks) != 1 {
		t.Errorf("he is asked for ever: %+v", asks)
	} else if _, ok := asks[0].(acd.AskLookup); !ok {
		t.Errorf("%+v", asks)
	}
}

// What is read back is believed as far as the files of today say the same: a value that they do not have, a
// text that is too long or no text is as if nothing had been kept.
func FuzzKeptIsNotBelieved(f *testing.F) {
	f.Add("r=irm&p=99&_age=adulte&_service=oncologie&_dossier=given&s=1")
	f.Add("r=nulle&p=-1&_age=enfant&a=x")
	f.Add("%zz&;&=&_=&__=")
	f.Add(strings.Repeat("_age=adulte&", 100))
	f.Fuzz(func(t *testing.T, kept string) {
		p := keptProgram(t)
		s, err := p.Resume(acd.Leg{Entry: "2002", Lang: "fr", State: acd.LegMenu, Kept: kept})
		if err != nil {
			t.Fatal(err)
		}
		again := s.Kept()
		values, err := url.ParseQuery(again)
		if err != nil || len(again) > 220 {
			t.Fatalf("%q: %v", again, err)
		}
		for key := range values {
			switch v := values.Get(key); {
			case key == "s" && v == "1", key == "r" && v == "irm", key == "r" && v == "rdv", key == "r" && v == "accueil", key == "r" && v == "admission", key == "p", key == "a",
				key == "_age" && v == "adulte", key == "_identite", key == "_consent_sms":
			default:
				t.Errorf("%s=%s was believed", key, v)
			}
		}
	})
}
