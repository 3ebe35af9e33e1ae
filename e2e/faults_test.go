package e2e

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/app"
	"accueil/phones"
)

// TestSoundFilesAreGone: the speech that was made at the start disappears under the running system. No
// caller is stuck or left in silence for it: menus lead to a human, agents are connected.
func TestSoundFilesAreGone(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	if err := os.MkdirAll(PromptCache(), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(cache, os.DirFS(PromptCache())); err != nil { // made once for all tests: not ours to break
		t.Fatal(err)
	}
	ctx, s := tell(t, with(quick(), nil, PromptCache(), cache))
	c := s.in(t)
	agent := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	removed := 0
	if err := filepath.WalkDir(cache, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		removed++
		return os.Remove(path)
	}); err != nil || removed < 50 {
		t.Fatalf("%d files removed: %v", removed, err)
	}
	p := c.patient(ctx, "3000")
	l := c.reaches(ctx, p, acd.LegQueued)
	if l.Reason != "accueil" || l.LeftMenu.Sub(l.Arrived) > 5*time.Second {
		t.Errorf("queued for %s after %v", l.Reason, l.LeftMenu.Sub(l.Arrived))
	}
	neverSilent(t, p)
	c.hangup(ctx, p.Call)
	c.ends(ctx, p, acd.Abandoned, acd.LegQueued, "")

	c.sits(ctx, agent, "a18", phones.AnswerAfter(0))
	q := c.queued(ctx, "3100")
	meets(ctx, t, q, nextCall(ctx, t, agent))
	neverSilent(t, q)
	c.hangup(ctx, q.Call)
	c.ends(ctx, q, acd.Answered, acd.LegTalking, "")
	nothingLeft(ctx, t, s.h)
}

// TestReload: a file with a mistake is refused with its place while calls go on and come in as before;
// a good one holds for the next call, not for those under way.
func TestReload(t *testing.T) {
	t.Parallel()
	ctx, s := tell(t, quick())
	c := s.in(t)
	phone := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	c.sits(ctx, phone, "a18", phones.AnswerAfter(0))
	p := c.queued(ctx, "3100")
	at := nextCall(ctx, t, phone)
	meets(ctx, t, p, at)
	good := string(must[[]byte](t)(os.ReadFile(s.h.SitePath)))
	direct := filepath.Join(s.h.Dir, "scenarios", "direct.yaml")
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	reload := func() (int, string) {
		t.Helper()
		code, text, err := s.h.Request(ctx, http.MethodPost, "/v1/config/reload", nil)
		if err != nil {
			t.Fatal(err)
		}
		return code, string(text)
	}
	for name, broken := range map[string]struct{ path, text, says string }{
		"a misspelt key":       {s.h.SitePath, strings.Replace(good, "max_waiting: 30", "max_waitng: 30", 1), "max_waiting"},
		"not YAML":             {s.h.SitePath, good + "\n  : [", ""},
		"an empty file":        {s.h.SitePath, "", ""},
		"a queue that is gone": {s.h.SitePath, strings.Replace(good, "{fr: \"essai\", en: \"trial\"}, queue: essai", "{fr: \"essai\", en: \"trial\"}, queue: essay", 1), "essay"},
		"a scenario's circle":  {direct, "version: 1\nstart: a\nnodes: {a: {goto: b}, b: {goto: a}}\n", "tourne en rond"},
	} {
		t.Run(name, func(t *testing.T) {
			c := s.in(t)
			write(broken.path, broken.text)
			var out, talk strings.Builder
			err := app.AskReload(ctx, app.ReloadOptions{Node: app.NodeOptions{Site: s.h.SitePath, Lang: "fr"}}, &out, &talk)
			if app.ExitCode(err) != app.ExitConfig || !strings.Contains(out.String(), broken.says) || !strings.Contains(talk.String(), "la version en service reste") {
				t.Errorf("accueil reload: %v\n%s\n%s", err, &out, &talk)
			}
			code, text := reload()
			if code != http.StatusUnprocessableEntity || !strings.Contains(text, "reload_refused") || !strings.Contains(text, broken.says) {
				t.Errorf("%d %.500s", code, text)
			}
			write(s.h.SitePath, good)
			write(direct, directScenario)
			q := c.queued(ctx, "3100") // the version in force goes on
			c.hangup(ctx, q.Call)
			c.ends(ctx, q, acd.Abandoned, acd.LegQueued, "")
		})
	}
	meets(ctx, t, p, at)

	waiting := c.queued(ctx, "3100")
	write(direct, strings.Replace(directScenario, "file: {queue: essai}", "file: {queue: accueil}", 1))
	var out, talk strings.Builder
	if err := app.AskReload(ctx, app.ReloadOptions{Node: app.NodeOptions{Site: s.h.SitePath, Lang: "fr"}}, &out, &talk); err != nil || !strings.Contains(talk.String(), "en service") {
		t.Fatalf("accueil reload: %v\n%s\n%s", err, &out, &talk)
	}
	after := c.queued(ctx, "3100")
	if l := c.leg(after); l.Queue != "accueil" {
		t.Errorf("the next call is in %s", l.Queue)
	}
	if l := c.leg(waiting); l.State != acd.LegQueued || l.Queue != "essai" {
		t.Errorf("who waited before: %+v", l)
	}
	meets(ctx, t, p, at)
	for _, q := range []patient{waiting, after} {
		c.hangup(ctx, q.Call)
		c.ends(ctx, q, acd.Abandoned, acd.LegQueued, "")
		neverSilent(t, q)
	}
	c.hangup(ctx, at)
	c.ends(ctx, p, acd.Answered, acd.LegTalking, "")
	nothingLeft(ctx, t, s.h)
}
