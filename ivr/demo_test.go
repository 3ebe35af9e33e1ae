package ivr_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/ivr"
	"accueil/ivr/calendar"
	"accueil/wording"
)

// demoSite is the demo hospital as far as scenarios see it (CONTRACT, Demo hospital).
func demoSite() ivr.Site {
	hopital, _ := calendar.New("FR", nil)
	always := calendar.ParseWeek(map[string][]string{"every day": {"00:00-24:00"}, "holidays": {"00:00-24:00"}}, time.UTC, hopital, func(key string, _, message *wording.Text) { panic(key + ": " + message.String()) })
	label := func(fr, en string) map[acd.Lang]string { return map[acd.Lang]string{"fr": fr, "en": en} }
	return ivr.Site{
		Languages: []acd.Lang{"fr", "en"},
		Entries: map[acd.EntryID]ivr.Entry{
			"3000": {Scenario: "principal", Language: "fr"},
			"3001": {Scenario: "principal", Language: "en"},
			"3900": {Scenario: "interne", Insiders: true},
		},
		Reasons: map[acd.ReasonID]ivr.Reason{
			"rdv.consultation": {Label: label("rendez-vous de consultation", "appointment"), Queue: "rdv"},
			"rdv.imagerie":     {Label: label("rendez-vous d'imagerie", "imaging appointment"), Queue: "rdv"},
			"resultats":        {Label: label("résultats", "results"), Queue: "resultats"},
			"admission":        {Label: label("admission", "admission"), Queue: "admission"},
			"accueil":          {Label: label("accueil", "switchboard"), Queue: "accueil"},
		},
		Queues: map[acd.QueueID]ivr.Queue{
			"rdv":       {Waiting: "attente", Fallback: ivr.Fallback{Queue: "accueil"}, Overflow: map[acd.Refusal]ivr.Fallback{acd.RefusedMaxWait: {Node: "messagerie"}}},
			"resultats": {Waiting: "attente", Fallback: ivr.Fallback{Number: "4000"}},
			"admission": {Waiting: "attente", DissuadeUnstaffed: true},
			"accueil":   {},
		},
		Calendars:  map[string]*calendar.Calendar{"hopital": hopital},
		Timetables: map[string]*ivr.Timetable{"jour-et-nuit": always},
		Facts:      map[string]map[acd.Lang]string{"hopital": label("Centre hospitalier de démonstration", "Demonstration hospital")},
		Articles: map[string]ivr.Article{
			"horaires-visites":   {Texts: label("Les visites ont lieu tous les jours.", "You may visit every day.")},
			"venir-a-l-hopital":  {Texts: label("L'hôpital se trouve à Lyon.", "The hospital is in Lyon.")},
			"documents-imagerie": {Texts: label("Apportez votre carte Vitale.", "Bring your insurance card.")},
		},
		Extension: func(n string) bool { return len(n) == 4 && strings.HasPrefix(n, "40") },
	}
}

func demoFiles(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("../deploy/demo/scenarios/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatalf("demo scenarios: %v, %d found", err, len(names))
	}
	files := map[string][]byte{}
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = src
	}
	return files
}

func load(t testing.TB, files map[string][]byte, site ivr.Site) *ivr.Program {
	t.Helper()
	p, fs := ivr.Load(files, site)
	if p == nil {
		t.Fatal(fs)
	}
	return p
}

func TestDemoScenariosAreFlawless(t *testing.T) {
	t.Parallel()
	files := demoFiles(t)
	p, fs := ivr.Load(files, demoSite())
	if len(fs) > 0 {
		t.Fatal(fs)
	}
	if fs := p.Prove(); len(fs) > 0 {
		t.Error(fs)
	}
	if len(p.Scenarios()) != len(files) {
		t.Errorf("scenarios %v of files %v", p.Scenarios(), maps.Keys(files))
	}
}
