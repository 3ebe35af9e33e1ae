package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"accueil/acd"
)

// Prompts of the scenario below, each a tone of its own.
const (
	saysCrisis  = 50
	saysAsk     = 52
	saysInvalid = 54
	saysRead    = 56
	saysConfirm = 58
)

const languageScenario = `version: 1
start: annonce
emergency_message: false
nodes:
  annonce: {announce: crise, next: qui}
  qui:
    branch:
      if: 'caller == "relative" and queue("accueil").agents == 0'
      then: identification
      else: fin
  identification: {sub: demander, next: trouve}
  trouve:
    branch: {if: 'naissance == "given" and secteur == "b"', then: noter, else: fin}
  noter:
    set: {reason: rdv.imagerie, points: 4, skills: "imagerie >= 3", variables: {parcours: suivi}}
    next: file
  file: {queue: {queue: rdv}}
  fin: {say: {fr: "Non.", en: "No."}}
`

const askScenario = `version: 1
start: naissance
nodes:
  naissance:
    collect: {form: date_of_birth, prompt: {fr: "Date de naissance ?", en: "Date of birth?"}, as: naissance, given: chercher, none: return}
  chercher:
    lookup: {use: dossier, with: [naissance], as: patient, identity: true, found: return, unknown: return, failed: return}
`

// TestLanguageOnTheLine walks one call through announce, branch, sub, collect with its confirmation,
// lookup and set, over real RTP and against a real service. What was keyed in is in no image, path or
// log.
func TestLanguageOnTheLine(t *testing.T) {
	t.Parallel()
	asked := make(chan map[string]any, 4)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q map[string]any
		_ = json.NewDecoder(r.Body).Decode(&q)
		asked <- q
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"outcome":"found","values":{"secteur":"b"}}`)
	}))
	defer service.Close()
	ctx, s := tell(t, with(quick(), map[string]string{"langue.yaml": languageScenario, "demander.yaml": askScenario},
		append(recorded(t, map[string]int{"announce.crise": saysCrisis, "demander.naissance": saysAsk, "sys.collect_invalid": saysInvalid,
			"sys.collect_read": saysRead, "sys.collect_confirm": saysConfirm}),
			"\nentries:\n", "\nentries:\n  \"3200\": {trunk: operateur, scenario: langue, callers: relative}\n",
			"\nannouncements:\n", "\nlookups:\n  dossier: {url: \""+service.URL+"\", timeout: 800ms, answers: {secteur: [a, b]}}\nannouncements:\n",
			"  rdv:\n    steps:\n", "  rdv:\n    when_unstaffed: wait\n    steps:\n")...))
	c := s.in(t)
	if status, body, err := s.h.Request(ctx, "PUT", "/v1/announcements/crise", map[string]any{"on": true, "entries": []string{"3200"}}); err != nil || status != http.StatusNoContent {
		t.Fatalf("%d %s %v", status, body, err)
	}
	const keyed = "07031950"
	p := c.patient(ctx, "3200")
	heard(ctx, t, p, saysCrisis)
	heard(ctx, t, p, saysAsk)
	press(ctx, t, p.Call, "31021999") // no such day
	heard(ctx, t, p, saysInvalid)
	heard(ctx, t, p, saysAsk)
	press(ctx, t, p.Call, keyed)
	heard(ctx, t, p, saysRead)
	heard(ctx, t, p, saysConfirm)
	press(ctx, t, p.Call, "1")
	confirmed := time.Now()
	l := c.reaches(ctx, p, acd.LegQueued)
	if waited := time.Since(confirmed); waited < 750*time.Millisecond {
		t.Errorf("the answer was heard after %v, and so tells that it was quick", waited)
	}
	if l.Reason != "rdv.imagerie" || l.Queue != "rdv" || l.Points != 4 || !strings.Contains(l.Asks, "imagerie >= 3") || l.Identity != acd.LookupFound {
		t.Errorf("queued as %+v", l)
	}
	want := []string{"annonce", "announced=crise", "qui", "identification", "identification/naissance", "naissance=given", "identification/chercher", "trouve", "noter", "file"}
	if !slices.Equal(l.Path, want) {
		t.Errorf("by %v\nwant %v", l.Path, want)
	}
	select {
	case q := <-asked:
		if fmt.Sprint(q["keyed"]) != fmt.Sprint(map[string]any{"naissance": keyed}) || q["lookup"] != "dossier" {
			t.Errorf("the service was asked %v", q)
		}
	case <-ctx.Done():
		t.Fatal("the service was never asked")
	}
	c.hangup(ctx, p.Call)
	c.ends(ctx, p, acd.Abandoned, acd.LegQueued, "")
	neverSilent(t, p)
	for what, text := range map[string]string{"the log of the program": s.h.Log.String(), "the leg": fmt.Sprintf("%+v", l)} {
		if strings.Contains(text, keyed) || strings.Contains(text, "31021999") {
			t.Errorf("%s holds what was keyed in", what)
		}
	}
}
