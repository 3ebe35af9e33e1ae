package ivr_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/ivr"
	"accueil/wording"
)

var update = flag.Bool("update", false, "write the answers into testdata/walks")

// fullSite leads its entries to testdata/scenarios/full.yaml, with every kind of fallback.
func fullSite() ivr.Site {
	s := demoSite()
	s.Location = time.FixedZone("CET", 3600)
	s.Entries["4000"] = ivr.Entry{Scenario: "full"}
	s.Reasons["urgence"] = ivr.Reason{Label: s.Reasons["accueil"].Label, Queue: "accueil"}
	s.Queues["admission"] = ivr.Queue{Waiting: "attente", Fallback: ivr.Fallback{Node: "secours"}}
	both := func(fr, en string) map[acd.Lang]string { return map[acd.Lang]string{"fr": fr, "en": en} }
	s.Entries["8000"] = ivr.Entry{Scenario: "messages"}
	s.Reasons["messages"] = ivr.Reason{Label: s.Reasons["accueil"].Label, Queue: "messages"}
	s.Queues["messages"] = ivr.Queue{Waiting: "attente", Fallback: ivr.Fallback{Node: "secours"}}
	s.Queues["accueil"] = ivr.Queue{Survey: true}
	s.Entries["5000"] = ivr.Entry{Scenario: "verbs"}
	s.Announcements = map[acd.AnnouncementID]map[acd.Lang]string{
		"crise": both("Plan blanc.", "Crisis."), "greve": both("Mouvement social.", "Industrial action.")}
	s.Lookups = map[acd.LookupID]ivr.Lookup{
		"annuaire": {Timeout: 800 * time.Millisecond, Answers: map[string][]string{"titre": {"medecin", "laboratoire"}}},
		"dossier":  {Timeout: 800 * time.Millisecond, TakesKeys: true}}
	s.Articles["documents"] = ivr.Article{Texts: both("Apportez votre carte Vitale.", "Bring your insurance card.")}
	s.Articles["perime"] = ivr.Article{Texts: both("Ancien.", "Old."), Refused: wording.Verbatim("valid until 2026-01-31")}
	s.Articles["horaires-visites"] = ivr.Article{Texts: s.Articles["horaires-visites"].Texts, Until: time.Date(2026, 12, 1, 0, 0, 0, 0, s.Location)}
	s.Articles["venir-a-l-hopital"] = ivr.Article{Texts: s.Articles["venir-a-l-hopital"].Texts, Withheld: wording.Verbatim("nobody approved it")}
	s.SMS = true
	s.Entries["6000"] = ivr.Entry{Scenario: "callbacks"}
	s.Callable = func(digits string) bool { return len(digits) == 10 && digits[:2] == "06" }
	s.Requirement = func(src string) error {
		if strings.Contains(src, "imagerie") {
			return nil
		}
		return errors.New("unknown skill")
	}
	return s
}

func fullProgram(t testing.TB) *ivr.Program {
	t.Helper()
	files := demoFiles(t)
	src, err := os.ReadFile("testdata/scenarios/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	files["full.yaml"] = src
	for _, name := range []string{"verbs.yaml", "identification.yaml", "callbacks.yaml", "ligne.yaml", "patience.yaml", "messages.yaml"} {
		if files[name], err = os.ReadFile("testdata/scenarios/" + name); err != nil {
			t.Fatal(err)
		}
	}
	s := fullSite()
	s.Entries["7000"] = ivr.Entry{Scenario: "ligne"}
	s.Queues["attentive"] = ivr.Queue{Waiting: "patience"}
	s.Reasons["attentive"] = ivr.Reason{Label: s.Reasons["accueil"].Label, Queue: "attentive",
		WaitingInfo: map[acd.Lang]string{"fr": "Préparez votre ordonnance.", "en": "Have your prescription ready."}}
	return load(t, files, s)
}

// Each file of testdata/walks is a conversation: "> " lines are heard, "< " lines are what the
// script must ask, "= " lines are where it then is.
func TestWalks(t *testing.T) {
	t.Parallel()
	p := fullProgram(t)
	names, err := filepath.Glob("testdata/walks/*.txt")
	if err != nil || len(names) < 10 {
		t.Fatalf("%d walks, %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := converse(t, p, string(want))
			if *update {
				if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if !strings.Contains(got, "\n< ") {
				t.Error("the walk asks for nothing")
			}
		})
	}
}

func converse(t *testing.T, p *ivr.Program, file string) string {
	t.Helper()
	var out strings.Builder
	var s acd.Script
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.FixedZone("CET", 3600)) // a Monday
	var scene acd.Scene
	for line := range strings.Lines(file) {
		line = strings.TrimSuffix(line, "\n")
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "<", "=":
			continue
		case "at":
			at, err := time.Parse(time.RFC3339, rest)
			if err != nil {
				t.Fatal(err)
			}
			now = at
		case "scene":
			scene = seen(t, rest)
		case "resume", "voicemail":
			words := strings.Fields(rest)
			leg := acd.Leg{Entry: acd.EntryID(words[0]), Lang: "fr", Reason: acd.ReasonID(words[1]), Queue: acd.QueueID(words[2]), Path: words[3:]}
			if word == "voicemail" {
				leg.State = acd.LegVoicemail
			}
			var err error
			if s, err = p.Resume(leg); err != nil {
				t.Fatal(err)
			}
		case "entry":
			entry, lang, _ := strings.Cut(rest, " ")
			var err error
			if s, err = p.Start(acd.EntryID(entry), acd.Lang(lang)); err != nil {
				t.Fatal(err)
			}
		}
		out.WriteString(line + "\n")
		if word == ">" {
			scene.Now = now
			for _, a := range s.Handle(hear(t, rest), scene) {
				out.WriteString("< " + show(a) + "\n")
			}
			fmt.Fprintf(&out, "= %s %s\n", s.Lang(), s.Node())
		}
		if word == "path" {
			out.WriteString("= " + strings.Join(s.Path(), " ") + "\n")
		}
	}
	return out.String()
}

// seen reads "announce=crise caller=relay rdv=<agents>/<waiting>/<wait> place=3 wait=4m waited=5m".
func seen(t *testing.T, line string) acd.Scene {
	t.Helper()
	scene := acd.Scene{Queues: map[acd.QueueID]acd.Figures{}}
	for word := range strings.FieldsSeq(line) {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "announce":
			scene.Announced = append(scene.Announced, acd.AnnouncementID(value))
		case "agreed":
			scene.Agreed = true
		case "callable":
			scene.Callable = true
		case "pending":
			queue, reason, _ := strings.Cut(value, "/")
			scene.Pending = &acd.Pending{Queue: acd.QueueID(queue), Reason: acd.ReasonID(reason)}
		case "caller":
			scene.Caller = acd.CallerKind(value)
		case "waited":
			scene.Waited, _ = time.ParseDuration(value)
		case "place", "wait":
			if scene.Standing == nil {
				scene.Standing = &acd.Standing{Wait: acd.UnknownWait}
			}
			if key == "place" {
				scene.Standing.Place, _ = strconv.Atoi(value)
			} else {
				scene.Standing.Wait, _ = time.ParseDuration(value)
			}
		default:
			var f acd.Figures
			var wait string
			if _, err := fmt.Sscanf(strings.ReplaceAll(value, "/", " "), "%d %d %s", &f.Agents, &f.Waiting, &wait); err != nil {
				t.Fatalf("%q: %v", word, err)
			}
			f.Wait, _ = time.ParseDuration(wait)
			scene.Queues[acd.QueueID(key)] = f
		}
	}
	return scene
}

func hear(t *testing.T, line string) acd.Heard {
	t.Helper()
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "start":
		return acd.HeardStart{Node: rest}
	case "key":
		return acd.HeardKey{Key: rest[0]}
	case "said":
		return acd.HeardSaid{}
	case "silence":
		return acd.HeardSilence{}
	case "elapsed":
		return acd.HeardElapsed{}
	case "queued":
		return acd.HeardQueued{Queue: acd.QueueID(rest)}
	case "number":
		return acd.HeardNumberRefused{}
	case "refused":
		return acd.HeardRefused{Why: acd.Refusal(rest)}
	case "transfer":
		return acd.HeardTransfer{Ending: acd.Ending(rest)}
	case "lookup":
		outcome, values, _ := strings.Cut(rest, " ")
		heard := acd.HeardLookup{Outcome: acd.LookupOutcome(outcome), Values: map[string]string{}}
		for pair := range strings.FieldsSeq(values) {
			key, value, _ := strings.Cut(pair, "=")
			heard.Values[key] = value
		}
		return heard
	case "sms":
		return acd.HeardSMS{Sent: rest == "sent"}
	case "recorded":
		return acd.HeardRecorded{Kept: rest == "kept", Fault: rest == "fault"}
	case "served":
		return acd.HeardServed{}
	case "fault":
		return acd.HeardFault{}
	case "gone":
		return acd.HeardGone{}
	}
	t.Fatalf("heard what? %q", line)
	return nil
}

func show(a acd.Ask) string {
	switch a := a.(type) {
	case acd.AskSay:
		words := "say"
		if a.BargeIn {
			words = "say (any key)"
		}
		for _, p := range a.Prompts {
			words += " " + p.ID
			if p.Keyed != nil {
				words += "<" + p.Keyed.Reveal() + ">"
			}
			if p.Number != nil {
				words += fmt.Sprintf("<%d>", *p.Number)
			}
			if p.Duration != nil {
				words += fmt.Sprintf("<%s>", *p.Duration)
			}
		}
		return words
	case acd.AskListen:
		return "listen " + a.For.String()
	case acd.AskLanguage:
		return "language " + string(a.Lang)
	case acd.AskFlag:
		return "flag"
	case acd.AskQueue:
		words := strings.TrimSpace(fmt.Sprintf("queue %s %s", a.Reason, a.Queue)) + points(a.Points) + asks(a.Asks)
		if a.Resume {
			words += " (his callback's place)"
		}
		return words
	case acd.AskCallback:
		words := strings.TrimSpace(fmt.Sprintf("callback %s %s", a.Reason, a.Queue))
		if a.Number != nil {
			words += " <" + a.Number.Reveal() + ">"
		}
		if a.Else != "" {
			words += " (else " + string(a.Else) + ")"
		}
		return words
	case acd.AskLeaveQueue:
		return "leave queue"
	case acd.AskWait:
		return "wait " + a.For.String()
	case acd.AskTold:
		return fmt.Sprintf("told %+v", a.Told)
	case acd.AskSlow:
		return "slow"
	case acd.AskTransfer:
		return fmt.Sprintf("transfer %s %s", a.To, a.Ring)
	case acd.AskLookup:
		words := fmt.Sprintf("lookup %s %s", a.Lookup, a.For)
		for _, name := range slices.Sorted(maps.Keys(a.Keyed)) {
			words += " " + name + "<" + a.Keyed[name].Reveal() + ">"
		}
		if a.Identity {
			words += " identity"
		}
		return words
	case acd.AskSMS:
		return "sms " + a.Text
	case acd.AskRecord:
		return strings.TrimSpace(fmt.Sprintf("record %s, silence %s, at least %s %s", a.Max, a.Silence, a.Min, a.Reason))
	case acd.AskSurveyed:
		if a.Answer.NPS != nil {
			return fmt.Sprintf("surveyed nps %d", *a.Answer.NPS)
		}
		return fmt.Sprintf("surveyed csat %d", a.Answer.CSAT)
	case acd.AskHangup:
		return fmt.Sprintf("hangup %s %s", a.Outcome, a.Reason)
	}
	return fmt.Sprintf("%T", a)
}

func points(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" +%d", n)
}

func asks(requirement string) string {
	if requirement == "" {
		return ""
	}
	return " [" + requirement + "]"
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return src
}
