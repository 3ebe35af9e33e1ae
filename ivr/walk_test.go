package ivr_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/ivr"
)

var update = flag.Bool("update", false, "write the answers into testdata/walks")

// fullSite leads its entries to testdata/scenarios/full.yaml, with every kind of fallback.
func fullSite() ivr.Site {
	s := demoSite()
	s.Location = time.FixedZone("CET", 3600)
	s.Entries["4000"] = ivr.Entry{Scenario: "full"}
	s.Reasons["urgence"] = ivr.Reason{Label: s.Reasons["accueil"].Label, Queue: "accueil"}
	s.Queues["admission"] = ivr.Queue{Waiting: "attente", Fallback: ivr.Fallback{Node: "secours"}}
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
	return load(t, files, fullSite())
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
		case "resume":
			words := strings.Fields(rest)
			leg := acd.Leg{Entry: acd.EntryID(words[0]), Lang: "fr", Reason: acd.ReasonID(words[1]), Queue: acd.QueueID(words[2]), Path: words[3:]}
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
			for _, a := range s.Handle(hear(t, rest), now) {
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
		return acd.HeardQueued{}
	case "refused":
		return acd.HeardRefused{Why: acd.Refusal(rest)}
	case "transfer":
		return acd.HeardTransfer{Ending: acd.Ending(rest)}
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
		}
		return words
	case acd.AskListen:
		return "listen " + a.For.String()
	case acd.AskLanguage:
		return "language " + string(a.Lang)
	case acd.AskFlag:
		return "flag"
	case acd.AskQueue:
		return strings.TrimSpace(fmt.Sprintf("queue %s %s", a.Reason, a.Queue)) + points(a.Points)
	case acd.AskLeaveQueue:
		return "leave queue"
	case acd.AskWait:
		return "wait " + a.For.String()
	case acd.AskTransfer:
		return fmt.Sprintf("transfer %s %s", a.To, a.Ring)
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
