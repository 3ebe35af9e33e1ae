package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"accueil/acd"
	"accueil/app"
	"accueil/phones"
)

// TestWhyACallWentWhereItWent asks the commands about a caller who waits and one who was served, from
// the node, from Redis and from the exported log, and makes the decision again.
func TestWhyACallWentWhereItWent(t *testing.T) {
	t.Parallel()
	ctx, s := tell(t, quick())
	c := s.in(t)
	dir := t.TempDir()
	token := filepath.Join(dir, "token")
	if err := os.WriteFile(token, []byte("demo-supervisor\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ask := func(o app.ExplainOptions, parts ...string) {
		t.Helper()
		var out bytes.Buffer
		o.Words = "en"
		if err := app.Explain(ctx, o, &out); err != nil {
			t.Fatal(err)
		}
		for _, part := range parts {
			if !strings.Contains(out.String(), part) {
				t.Errorf("the explanation lacks %q:\n%s", part, out.String())
			}
		}
	}
	phone := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	// A view taken over at the start is not all in the log for a second; decisions of that time are not made again.
	for began := s.h.App.Book().Now(); s.h.App.Book().Now().Sub(began) <= acd.Settled; {
		c.state(ctx, "a18", acd.AgentReady)
		c.waitAgent(ctx, "a18", acd.AgentReady)
		c.state(ctx, "a18", acd.AgentOffline)
		c.waitAgent(ctx, "a18", acd.AgentOffline)
	}
	live := c.queued(ctx, "3100")
	ask(app.ExplainOptions{Contact: string(live.contact), Node: app.NodeOptions{URL: s.h.URL(), TokenFile: token}},
		"enters the queue essai", "waits in queue essai", "Nobody at work could take it.", "rdv >= 5", "not logged in")

	c.sits(ctx, phone, "a18", phones.AnswerAfter(0))
	c.reaches(ctx, live, acd.LegTalking)
	c.hangup(ctx, live.Call)
	c.ends(ctx, live, acd.Answered, acd.LegTalking, "")

	told := []string{"is offered to agent a18", "Why this contact: it had waited", "Why agent a18: step 1 (", "rdv >= 5", "Nobody else was waiting.", "The agent took the call.", "ends: answered"}
	ask(app.ExplainOptions{Contact: string(live.contact), Node: app.NodeOptions{URL: s.h.URL(), TokenFile: token}}, told...)
	ask(app.ExplainOptions{Contact: string(live.contact), Site: s.h.SitePath}, told...)
	day := filepath.Join(dir, "day.jsonl")
	file := must[*os.File](t)(os.Create(day))
	var talk bytes.Buffer
	if err := app.ExportLog(ctx, app.ExportLogOptions{Site: s.h.SitePath}, file, &talk); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	ask(app.ExplainOptions{Contact: string(live.contact), Log: day}, told...)
	if text := must[[]byte](t)(os.ReadFile(day)); bytes.Contains(text, []byte("612345678")) {
		t.Error("the exported log tells who called")
	}
	var out bytes.Buffer
	if err := app.Replay(ctx, day, false, &out, func(string, int, int) {}); err != nil || !strings.Contains(out.String(), "every decision made again is the one in the log") {
		t.Errorf("replay: %v\n%s", err, out.String())
	}
}
