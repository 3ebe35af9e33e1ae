package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"accueil/routing/trace"
)

// One agent, a conversation of 100 s every 100 s, and a caller who comes while two wait: the engine,
// told the file, says three places at 100 s.
func TestTheReplayTellsWhatTheFileSays(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("day,arrival_s,wait_s,outcome,service_s,type,priority,agent\n")
	for i := range 12 {
		fmt.Fprintf(&b, "1,%d,0,AGENT,100,PS,0,a1\n", 36000+100*i)
	}
	b.WriteString("1,37110,90,AGENT,100,PS,0,a1\n1,37120,180,AGENT,100,PS,0,a1\n1,37130,270,AGENT,100,PS,0,a1\n")
	b.WriteString("1,37140,10,HANG,0,PS,2,\n") // 90 s in front: the first of all
	calls, err := trace.Read(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	r, err := newReplay(calls)
	if err != nil {
		t.Fatal(err)
	}
	r.run()
	if len(r.samples) != 4 {
		t.Fatalf("%d callers waited", len(r.samples))
	}
	for i, place := range []float64{1, 2, 3, 1} {
		s := r.samples[i]
		if !s.told || s.estimate.Place != place || s.estimate.Handling != 100*time.Second || s.estimate.Agents != 1 ||
			s.estimate.Wait != time.Duration(place)*100*time.Second {
			t.Errorf("the %d-th: %+v", i+1, s.estimate)
		}
		if want := time.Duration(i+1) * 100 * time.Second; s.others[queueLength] != want || s.others[ownQueue] != want {
			t.Errorf("the %d-th by its queue: %s, %s, want %s", i+1, s.others[queueLength], s.others[ownQueue], want)
		}
	}
	// The moving average of 90, 180 and 270 s, each a quarter: ((90·3 + 180·4)·3 + 270·16) / 64.
	if want := time.Duration((90*3+180*4)*3+270*16) * time.Second / 64; r.lastIn["PS"] != 270*time.Second || r.holds["PS"] != want {
		t.Errorf("last served %s, moving average %s, want %s", r.lastIn["PS"], r.holds["PS"], want)
	}
}

func TestWithoutAFileItSkips(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run("", false, &out); err != nil || !strings.HasPrefix(out.String(), "skipped: ") {
		t.Errorf("%q, %v", out.String(), err)
	}
	path := filepath.Join(t.TempDir(), "calls.csv")
	if err := os.WriteFile(path, []byte("no calls"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(path, false, &out); err == nil {
		t.Error("a file without calls was taken")
	}
}
