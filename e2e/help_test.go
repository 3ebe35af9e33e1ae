package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
	"accueil/queues"
)

// patience bounds every wait of a test; a test that needs more is stuck.
const patience = 60 * time.Second

// soak is how many times its ordinary count a test runs: once, or with ACCUEIL_SOAK=1 as often as the
// long run asks, or with another number that often, to have a part of the long run.
func soak(full int) int {
	switch n, err := strconv.Atoi(os.Getenv("ACCUEIL_SOAK")); {
	case err != nil || n < 1:
		return 1
	case n == 1:
		return full
	default:
		return min(n, full)
	}
}

// hospital opens a hospital for the test and checks at its end that nothing is left of any call.
func hospital(t *testing.T, o Options) (context.Context, *Hospital) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 4*patience)
	t.Cleanup(cancel)
	h, err := Open(ctx, o)
	if err != nil {
		t.Fatalf("open the hospital: %v", err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			keep(t, h)
		}
		h.Close()
	})
	return ctx, h
}

// keep writes the logs of a failed test where a person can read them.
func keep(t *testing.T, h *Hospital) {
	name := filepath.Join(os.TempDir(), "accueil-failed-"+strings.ReplaceAll(t.Name(), "/", "-")+".log")
	if err := os.WriteFile(name, []byte(h.Log.String()), 0o600); err == nil {
		t.Logf("logs: %s", name)
	}
}

// binary builds the command once for all tests of this process.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "accueil-bin-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "accueil")
	cmd := exec.Command("go", "build", "-o", path, "./cmd/accueil")
	cmd.Dir = ProjectRoot()
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the binary: %w\n%s", err, out)
	}
	return path, nil
})

func builtBinary(t *testing.T) string {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// agentAt registers a phone and makes its usual agent ready over the API.
func agentAt(ctx context.Context, t *testing.T, h *Hospital, agent acd.AgentID, phone acd.PhoneID, n int) *phones.Phone {
	t.Helper()
	p := must[*phones.Phone](t)(h.Phone(ctx, phone, n))
	ready(ctx, t, h, agent)
	return p
}

func ready(ctx context.Context, t *testing.T, h *Hospital, agent acd.AgentID) {
	t.Helper()
	// Where a patient waits already he is ready for a millisecond only, so the log is followed from before.
	untilAfter(ctx, t, h, fmt.Sprintf("agent %s ready", agent), func() {
		put(ctx, t, h, "/v1/agents/"+string(agent)+"/state", map[string]string{"state": "ready"})
	}, func(v *acd.View) bool {
		a, ok := v.Agent(agent)
		return ok && a.State == acd.AgentReady
	})
}

func put(ctx context.Context, t *testing.T, h *Hospital, path string, body any) {
	t.Helper()
	code, text, err := h.Request(ctx, http.MethodPut, path, body)
	if err != nil || code/100 != 2 {
		t.Fatalf("PUT %s: %d %v %s", path, code, err, text)
	}
}

func get(ctx context.Context, t *testing.T, h *Hospital, path string, into any) {
	t.Helper()
	code, text, err := h.Request(ctx, http.MethodGet, path, nil)
	if err != nil || code != http.StatusOK {
		t.Fatalf("GET %s: %d %v %s", path, code, err, text)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("GET %s: %v", path, err)
	}
}

// observers follow the log of hospitals whose contact centre is a process of its own.
var observers sync.Map // *Hospital → *queues.Book

// logOf is the hospital's log: the contact centre's own, or an observer's that never leads and owns
// nothing. An observer needs a Redis that answers.
func logOf(ctx context.Context, t *testing.T, h *Hospital) *queues.Book {
	t.Helper()
	if h.App != nil {
		return h.App.Book()
	}
	if b, ok := observers.Load(h); ok {
		return b.(*queues.Book)
	}
	b := must[*queues.Book](t)(queues.Open(ctx, queues.Options{
		Addresses: []string{h.Redis.Addr()}, Site: h.Site.ID, Node: "observer", NoCampaign: true,
	}))
	observers.Store(h, b)
	t.Cleanup(func() { observers.Delete(h); _ = b.Close() })
	return b
}

// until follows the log until the condition holds.
func until(ctx context.Context, t *testing.T, h *Hospital, what string, ok func(*acd.View) bool) {
	t.Helper()
	untilAfter(ctx, t, h, what, func() {}, ok)
}

// untilAfter follows the log from before something is done, so as to miss no state that is left at once.
func untilAfter(ctx context.Context, t *testing.T, h *Hospital, what string, do func(), ok func(*acd.View) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	sub := logOf(ctx, t, h).Subscribe("test")
	defer sub.Close()
	do()
	v := acd.NewView()
	v.Apply(sub.Image)
	for !ok(v) {
		select {
		case <-ctx.Done():
			t.Fatalf("never: %s\nlegs %+v\nagents %+v", what, v.Image().Legs, v.Agents())
		case e := <-sub.Entries:
			v.Apply(e)
		}
	}
}

func waitAgent(ctx context.Context, t *testing.T, h *Hospital, agent acd.AgentID, state acd.AgentState) {
	t.Helper()
	until(ctx, t, h, fmt.Sprintf("agent %s %s", agent, state), func(v *acd.View) bool {
		a, ok := v.Agent(agent)
		return ok && a.State == state
	})
}

// ended waits until the contact of the n-th arrival has ended all its legs, and returns them.
func ended(ctx context.Context, t *testing.T, h *Hospital, n int) []acd.Leg {
	t.Helper()
	var legs []acd.Leg
	until(ctx, t, h, fmt.Sprintf("%d contacts ended", n), func(v *acd.View) bool {
		legs = nil
		for _, l := range v.Image().Legs {
			if l.Live() {
				return false
			}
			legs = append(legs, l)
		}
		first := 0
		for _, l := range legs {
			if l.Initial() {
				first++
			}
		}
		return first == n
	})
	return legs
}

// nothingLeft checks that Asterisk has no channel and no bridge of ours, that no agent holds a call,
// and that nothing was healed or flagged on the way.
func nothingLeft(ctx context.Context, t *testing.T, h *Hospital) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		channels := must[string](t)(h.Asterisk.CLI(ctx, "core show channels concise"))
		bridges := must[string](t)(h.Asterisk.CLI(ctx, "bridge show all"))
		if strings.TrimSpace(channels) == "" && !strings.Contains(bridges, "acc.") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("left in Asterisk:\n%s\n%s", channels, bridges)
		}
		select {
		case <-ctx.Done():
			t.Fatal(ctx.Err())
		case <-time.After(50 * time.Millisecond): // Asterisk announces no end of its own clean-up
		}
	}
	if h.opt.NoApp {
		return
	}
	until(ctx, t, h, "every agent free", func(v *acd.View) bool {
		for _, a := range v.Agents() {
			if len(a.Legs) > 0 || a.Load > 0 {
				return false
			}
		}
		return true
	})
}
