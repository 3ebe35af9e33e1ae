package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"accueil/acd"
)

// The two agents of the head-of-line scene: both take French, only the second English.
const (
	frenchDesk  = 0
	englishDesk = demoAgents - 1
)

// promptEvery is how often waiting callers of either side hear a prompt of promptLength, in seconds.
const (
	promptEvery  = 10
	promptLength = 3
)

// accueilSide is the contact centre: the numbers are entries of its site.
var accueilSide = side{
	name: "accueil",
	start: func(ctx context.Context, a *arena) error {
		if err := a.StartApp(ctx); err != nil {
			return err
		}
		ds := desks(0)
		return makeReady(ctx, a.Hospital, []desk{ds[frenchDesk], ds[englishDesk]})
	},
	all:    func(ctx context.Context, a *arena) error { return makeReady(ctx, a.Hospital, desks(0)) },
	work:   func(a *arena) []int { return []int{a.Asterisk.PID(), a.PID(), a.Redis.PID()} },
	number: func(l line) string { return fmt.Sprint(3100 + int(l)) },
}

// appQueueSide is app_queue: the numbers are steps of the dialplan, one queue each.
var appQueueSide = side{
	name: "app_queue",
	start: func(ctx context.Context, a *arena) error {
		prompt := filepath.Join(a.Dir, "prompt")
		// A prompt as long as ours: silence in A-law, one octet a sample.
		if err := os.WriteFile(prompt+".alaw", []byte(strings.Repeat("\xd5", promptLength*8000)), 0o644); err != nil {
			return fmt.Errorf("write the prompt: %w", err)
		}
		all, ds := allPhones(), desks(0)
		numbers := map[string][]string{}
		var queues []appQueue
		for l := range lines {
			q := appQueue{name: fmt.Sprintf("line%d", l), timeout: 15, members: all}
			before := []string{"Answer()"}
			switch l {
			case linePrompts:
				q.extra = fmt.Sprintf("periodic-announce = %s\nperiodic-announce-frequency = %d\n", prompt, promptEvery)
			case lineShort:
				q.timeout = shortRing
			case lineFrench, lineEnglish:
				// One class, two languages: who speaks English has the higher penalty, and whoever
				// needs it asks for no lower one.
				french, english := string(ds[frenchDesk].phone), string(ds[englishDesk].phone)
				q.name, q.members, q.penalty = "lines", []string{french, english}, map[string]string{french: "0", english: "10"}
				if l == lineEnglish {
					before = append(before, "Set(QUEUE_MIN_PENALTY=10)")
				}
			}
			numbers[fmt.Sprint(7100+int(l))] = append(before, "Queue("+q.name+")", "Hangup()")
			if l != lineEnglish {
				queues = append(queues, q)
			}
		}
		if err := loadAppQueue(ctx, a.Hospital, queues...); err != nil {
			return err
		}
		return dialplan(ctx, a.Hospital, numbers)
	},
	all:    func(context.Context, *arena) error { return nil }, // its members are always there
	work:   func(a *arena) []int { return []int{a.Asterisk.PID()} },
	number: func(l line) string { return fmt.Sprint(7100 + int(l)) },
}

// compareQueues are the queues behind our lines, in the order of the lines.
var compareQueues = [lines]acd.QueueID{
	"rdv", "accueil", "rdv", "imagerie", "resultats", "admission", "annonces", "courte", "langues", "langues",
}

// englishSkill is what an agent of the demonstration says of his English.
var englishSkill = regexp.MustCompile(`, en: \d+`)

// compareSite is the demonstration's site for the comparison: every agent serves every queue, only one
// speaks English, nobody has after-call work, and one number leads straight to each line.
func compareSite(y string) string {
	y = siteEdit(0)(y)
	english := string(desks(0)[englishDesk].agent)
	var out strings.Builder
	for l := range strings.Lines(y) {
		switch {
		case strings.HasPrefix(l, "  "+english+":"):
		case strings.Contains(l, "pin_file:"):
			l = englishSkill.ReplaceAllString(l, "")
		case strings.Contains(l, "require:"):
			l = regexp.MustCompile(`require: "[^"]*"`).ReplaceAllString(l, `require: "fr >= 1"`)
		}
		out.WriteString(l)
	}
	var entries, reasons, queues strings.Builder
	for l, q := range compareQueues {
		lang := "fr"
		if line(l) == lineEnglish {
			lang = "en"
		}
		fmt.Fprintf(&entries, "  %q: {trunk: operateur, scenario: vers-%s, language: %s}\n", accueilSide.number(line(l)), q, lang)
	}
	for _, q := range []acd.QueueID{"annonces", "courte", "langues"} {
		ring, waiting := "15s", "attente"
		switch q {
		case "annonces":
			waiting = "annonces"
		case "courte":
			ring = fmt.Sprintf("%ds", shortRing)
		}
		fmt.Fprintf(&reasons, "  vers.%s: {label: {fr: %q, en: %q}, queue: %s}\n", q, q, q, q)
		fmt.Fprintf(&queues, "  %s:\n    steps:\n      - {require: \"fr >= 1\"}\n    wrapup: 0s\n    ring: %s\n    max_waiting: 1000\n    max_wait: 15m\n"+
			"    misses_before_unreachable: 20\n    fallback: {goto: accueil}\n    waiting: %s\n", q, ring, waiting)
	}
	return strings.NewReplacer(
		"\nentries:\n", "\nentries:\n"+entries.String(),
		"\nreasons:\n", "\nreasons:\n"+reasons.String(),
		"\nqueues:\n", "\nqueues:\n"+queues.String(),
	).Replace(out.String())
}

// compareScenarios lead a caller into each queue without a word; where prompts are wanted they are heard
// while he waits, with his place and his expected wait.
var compareScenarios = func() map[string]string {
	out := map[string]string{
		"attente.yaml": straight["attente.yaml"],
		"annonces.yaml": fmt.Sprintf("version: 1\nstart: musique\nnodes:\n  musique:\n    wait: %ds\n    next: annonce\n  annonce:\n"+
			"    say:\n      fr: \"Merci de patienter, un agent va vous répondre.\"\n      en: \"Please hold, someone will answer you.\"\n    next: place\n"+
			"  place:\n    tell: [position, expected_wait]\n    next: musique\n",
			promptEvery-promptLength),
	}
	reasons := map[acd.QueueID]string{"rdv": "rdv.consultation", "imagerie": "rdv.imagerie", "accueil": "accueil",
		"resultats": "resultats", "admission": "admission", "annonces": "vers.annonces", "courte": "vers.courte", "langues": "vers.langues"}
	for q, reason := range reasons {
		out["vers-"+string(q)+".yaml"] = strings.Replace(straight["principal.yaml"], "rdv.consultation", reason, 1)
	}
	return out
}()
