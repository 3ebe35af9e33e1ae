package e2e

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

// TestRedisEmptyAndNothingSaved is the worst row of RELIABILITY §3: Redis is empty, the controller is
// dead and its own fold is gone, so that only the channels know who they are. Callers in two queues keep
// order and age, a conversation goes on, and everybody has one outcome.
func TestRedisEmptyAndNothingSaved(t *testing.T) {
	t.Parallel()
	one, oneTo := entry("3102", "lente")
	two, twoTo := entry("3103", "autre")
	another := func(section string) string { // a second queue and reason like the slow one
		_, rest, _ := strings.Cut(section, "  lente")
		return section + strings.ReplaceAll("  lente"+rest, "lente", "autre")
	}
	o := with(quick(), map[string]string{"lente.yaml": slowScenario, "autre.yaml": strings.ReplaceAll(slowScenario, "lente", "autre")},
		one, oneTo, two, twoTo, slowQueue[0], another(slowQueue[1]), slowQueue[2], another(slowQueue[3]))
	o.Binary = builtBinary(t)
	ctx, h := hospital(t, o)
	trunk := must[*phones.Phone](t)(h.Trunk(ctx))
	agent := agentAt(ctx, t, h, "a18", "118", 3)
	call := func(entry string) *phones.Call {
		p := must[*phones.Call](t)(trunk.Call(ctx, entry, phones.CallOptions{User: "0612345678", Tone: patientTone()}))
		if err := p.WaitAnswered(ctx); err != nil {
			t.Fatal(err)
		}
		return p
	}
	talker := call("3100")
	at := must[*phones.Call](t)(agent.WaitCall(ctx))
	if err := at.Answer(); err != nil {
		t.Fatal(err)
	}
	meets(ctx, t, patient{Call: talker}, at)
	waiting := []*phones.Call{}
	for i := range 6 {
		waiting = append(waiting, call([]string{"3102", "3103"}[i%2]))
		places(ctx, t, h, "lente", i/2+1)
		places(ctx, t, h, "autre", (i+1)/2)
	}
	lente, autre := places(ctx, t, h, "lente", 3), places(ctx, t, h, "autre", 3)
	h.Kill() // what the last seconds brought is in no fold
	if err := h.Redis.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(h.Site.DataDir, "spool", "fold.json")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if err := h.Redis.Restart(ctx, true); err != nil {
		t.Fatal(err)
	}
	if err := h.StartApp(ctx); err != nil {
		t.Fatal(err)
	}
	for queue, before := range map[string][]place{"lente": lente, "autre": autre} {
		for i, after := range places(ctx, t, h, queue, len(before)) {
			if after != before[i] {
				t.Errorf("%s, place %d: %+v, was %+v", queue, i+1, after, before[i])
			}
		}
	}
	meets(ctx, t, patient{Call: talker}, at)
	waitAgent(ctx, t, h, "a18", acd.AgentBusy)
	if err := at.Hangup(ctx); err != nil {
		t.Fatal(err)
	}
	for _, c := range waiting {
		if err := c.Hangup(ctx); err != nil {
			t.Fatal(err)
		}
	}
	legs := ended(ctx, t, h, 7)
	abandoned := 0
	for _, l := range legs {
		switch {
		case l.End.Outcome == acd.Abandoned && l.End.Phase == acd.LegQueued:
			abandoned++
		case l.End.Outcome != acd.Answered || l.Agent != "a18":
			t.Errorf("%+v", l)
		}
	}
	if abandoned != 6 || len(legs) != 7 {
		t.Errorf("%d legs, %d of them abandoned", len(legs), abandoned)
	}
	waitAgent(ctx, t, h, "a18", acd.AgentReady)
	countedOnce(ctx, t, h)
}

// places waits until n callers wait in the queue, and returns them in their order.
func places(ctx context.Context, t *testing.T, h *Hospital, queue string, n int) []place {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		var list []place
		get(ctx, t, h, "/v1/queues/"+queue+"/contacts", &list)
		if len(list) == n {
			return list
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%d wait in %s, want %d", len(list), queue, n)
		case <-time.After(20 * time.Millisecond): // the API tells what it is asked
		}
	}
}
