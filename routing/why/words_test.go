package why_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/routing"
	"accueil/routing/why"
)

// TestEveryReasonHasWords tells of an agent passed over for each reason of the closed list, in both
// languages: none may show as its code, and no two may read alike.
func TestEveryReasonHasWords(t *testing.T) {
	t.Parallel()
	seen := map[string]routing.Passed{}
	for _, reason := range routing.PassedReasons {
		d := why.Claim{Agent: "a01", Step: 1, Equal: true, Passed: map[string]int{string(reason): 7},
			Ahead: []why.Rival{{Leg: "c9/1", Queue: "q", Passed: reason}}, WaitAhead: 1,
			Candidates: []why.Candidate{{Agent: "a01"}, {Agent: "a02", Passed: reason}}}
		for _, lang := range why.Languages {
			text := why.Narrator{Lang: lang}.Life(why.Life{Contact: "c1", Decisions: []why.Claim{d}})
			i := slices.IndexFunc(strings.Split(text, "\n"), func(l string) bool { return strings.HasPrefix(strings.TrimSpace(l), "7 ") })
			if i < 0 {
				t.Fatalf("%s in %s is not told: %s", reason, lang, text)
			}
			line := strings.TrimSpace(strings.Split(text, "\n")[i])
			if strings.Contains(line, string(reason)+" (") && strings.Contains(string(reason), "_") || !strings.Contains(line, "(a02)") || strings.Contains(text, "%!") {
				t.Errorf("%s in %s: %s", reason, lang, line)
			}
			if other, twice := seen[string(lang)+line]; twice {
				t.Errorf("%s and %s read alike in %s: %s", reason, other, lang, line)
			}
			seen[string(lang)+line] = reason
			if strings.Contains(text, "(queue q): "+string(reason)+"\n") {
				t.Errorf("%s of a contact has no words in %s", reason, lang)
			}
		}
	}
	for _, why1 := range why.Doubts {
		d := why.Claim{Agent: "a01", Doubt: why1}
		fr := why.Narrator{Lang: "fr"}.Life(why.Life{Decisions: []why.Claim{d}})
		en := why.Narrator{Lang: "en"}.Life(why.Life{Decisions: []why.Claim{d}})
		if fr == en || strings.Contains(fr, "  "+string(why1)+"\n") || why1.Words() == string(why1) {
			t.Errorf("doubt %s: %q, %q, %q", why1, fr, en, why1.Words())
		}
	}
	for _, ending := range acd.Endings {
		text := why.Narrator{Lang: "fr"}.Life(why.Life{Decisions: []why.Claim{{Ending: ending}}})
		if strings.Contains(text, " : "+string(ending)) {
			t.Errorf("ending %s has no words", ending)
		}
	}
}

func clinic() routing.Rules {
	return routing.Rules{
		Skills: []acd.SkillID{"rdv", "fr", "en"},
		Queues: map[acd.QueueID]routing.Queue{"rdv": {Fallback: "accueil", MaxWaiting: 30, MaxWait: 15 * time.Minute, Steps: []routing.Step{
			{Require: "rdv >= 8"}, {After: 20 * time.Second, Require: "rdv >= 5"}, {After: time.Minute, Require: "rdv >= 1"}}}},
		Agents: map[acd.AgentID]routing.Member{
			"a01": {Skills: map[acd.SkillID]int{"rdv": 9, "en": 5}}, "a02": {Skills: map[acd.SkillID]int{"rdv": 8, "en": 1}},
			"a03": {Skills: map[acd.SkillID]int{"rdv": 6, "en": 3}}, "a04": {Skills: map[acd.SkillID]int{"rdv": 9, "fr": 9}},
		},
		Reasons: map[acd.ReasonID]routing.Reason{"rdv.imagerie": {Queue: "rdv", Points: 2}},
	}
}

// TestWhatWouldHappen asks about an English caller: who could take him, from when, and in which order.
func TestWhatWouldHappen(t *testing.T) {
	t.Parallel()
	teller := why.Teller{Zone: time.UTC}
	q := why.Question{Rules: clinic(), Reason: "rdv.imagerie", Lang: "en", Asks: "en >= 1", At: acd.At(time.Date(2026, 12, 24, 10, 0, 0, 0, time.UTC))}
	a, err := teller.WouldHappen(q)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a.Order, []acd.AgentID{"a02", "a01", "a03"}) || len(a.Steps) != 3 || a.Points != 2 || a.Queue != "rdv" {
		t.Errorf("answer %+v", a)
	}
	if s := a.Steps[1]; s.Skipped || s.After != 20 || s.Opens != "2026-12-24T10:00:20.000Z" || len(s.Agents) != 3 || s.Agents[0].Surplus != 0 {
		t.Errorf("step 2: %+v", s)
	}
	if len(a.Others) != 1 || a.Others[0].Agent != "a04" || a.Others[0].Passed != routing.PassedSkills {
		t.Errorf("others %+v", a.Others)
	}
	a.Paused = true
	for lang, want := range map[acd.Lang][]string{
		"fr": {"La file est en pause", "le 2026-12-24 10:00", "a02, a01, a03", "après 20 s (10:00:20)", "1 sans les compétences demandées (a04)", "repli vers accueil"},
		"en": {"The queue is paused", "at 2026-12-24 10:00", "a02, a01, a03", "after 20 s (10:00:20)", "1 without the skills asked for (a04)", "falls back to accueil"},
	} {
		text := why.Narrator{Lang: lang}.Answer(a)
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("%s lacks %q:\n%s", lang, part, text)
			}
		}
	}
	q.Ready = []acd.AgentID{"a03"}
	if a, err = teller.WouldHappen(q); err != nil || !a.Steps[0].Skipped || a.Steps[1].After != 0 || !slices.Equal(a.Order, []acd.AgentID{"a03"}) {
		t.Errorf("with a03 alone step 1 is skipped at once: %+v, %v", a, err)
	}
	for _, wrong := range []why.Question{{Rules: clinic(), Reason: "rdv.imagrie"}, {Rules: clinic(), Reason: "rdv.imagerie", Ready: []acd.AgentID{"a99"}}} {
		if _, err := teller.WouldHappen(wrong); err == nil {
			t.Errorf("%+v is answered", wrong)
		}
	}
}

// TestWhatWouldHappenTellsTheFinerRules asks about a queue that uses each rule beside the plain steps: an
// answer without them would be a wrong one.
func TestWhatWouldHappenTellsTheFinerRules(t *testing.T) {
	t.Parallel()
	rules := clinic()
	q := rules.Queues["rdv"]
	q.Steps[1].Consider, q.Steps[2].Exclusive = "waiting > 2 * free", true
	q.Keep, q.MaxRatio, q.Order = 10, 150, []routing.Criterion{routing.HighestLevel}
	q.Overflow = map[routing.Limit]string{routing.LimitFull: "admission", routing.LimitRatio: "4000"}
	rules.Queues["rdv"] = q
	late := rules.Agents["a01"]
	late.Queues = map[acd.QueueID]routing.Assignment{"rdv": {Delay: 90 * time.Second}}
	rules.Agents["a01"] = late
	at := acd.At(time.Date(2026, 12, 24, 10, 0, 0, 0, time.UTC))
	a, err := why.Teller{Zone: time.UTC}.WouldHappen(why.Question{Rules: rules, Reason: "rdv.imagerie", Lang: "en", Asks: "en >= 1", At: at})
	if err != nil {
		t.Fatal(err)
	}
	if want := (why.WouldLater{Agent: "a01", Step: 1, From: "2026-12-24T10:01:30.000Z"}); len(a.Steps) != 3 || !slices.Equal(a.Steps[0].Later, []why.WouldLater{want}) {
		t.Errorf("the agent who helps out later: %+v", a.Steps)
	}
	if !slices.Equal(a.Order, []acd.AgentID{"a01", "a02", "a03"}) || a.Places != 27 || a.Steps[1].Considered || !a.Steps[2].Exclusive {
		t.Errorf("answer %+v", a)
	}
	for lang, want := range map[acd.Lang][]string{
		"fr": {"a02, 2 point(s) de priorité, niveau total 9\n", "a01, pas avant 10:01:30", "fermée tant que ceci n'est pas vrai : waiting > 2 * free", "ferme celles qui la précèdent",
			"Au-delà de 27 en attente (30 pour un appel transmis par un agent) : débordement vers admission.", "150 appelants en attente pour 100 agents au travail : débordement vers 4000.",
			"Au-delà de 15 min 00 s d'attente : repli vers accueil."},
		"en": {"a02, 2 points of priority, levels of 9 in all\n", "a01, not before 10:01:30", "closed while this does not hold: waiting > 2 * free", "closes those before it",
			"Beyond 27 waiting (30 for a call that an agent hands on): overflows to admission.", "150 callers waiting for 100 agents at work: overflows to 4000.",
			"Beyond a wait of 15 min 00 s: falls back to accueil."},
	} {
		text := why.Narrator{Lang: lang}.Answer(a)
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("%s lacks %q:\n%s", lang, part, text)
			}
		}
		if strings.Contains(text, "0 niveau(x)") || strings.Contains(text, "0 levels") {
			t.Errorf("%s tells a surplus that nobody compares:\n%s", lang, text)
		}
	}
}
