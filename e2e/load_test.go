package e2e

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

// TestFortyCallsAtOnce: 40 patients over the trunk, 12 agents. Every patient is served and hears one
// agent only, each contact has exactly one outcome, and nothing is left.
func TestFortyCallsAtOnce(t *testing.T) {
	// Not beside other tests: it counts the goroutines of the whole process.
	const patients, agents = 40, 12
	ctx, h := hospital(t, Options{Edit: func(y string) string {
		return strings.NewReplacer("wrapup: 10s", "wrapup: 1s", "wrapup: 20s", "wrapup: 1s").Replace(y)
	}})
	http.DefaultClient.CloseIdleConnections()
	base := runtime.NumGoroutine()
	var voices []float64
	for i := range agents {
		p := agentAt(ctx, t, h, acd.AgentID(fmt.Sprintf("a%02d", i+1)), acd.PhoneID(strconv.Itoa(101+i)), i+1)
		p.SetPolicy(sender)
		voices = append(voices, p.Tone())
	}
	working := runtime.NumGoroutine()
	trunk := must[*phones.Phone](t)(h.Trunk(ctx))
	before := cpuSeconds(t, h)
	began := time.Now()
	keys := []string{"11", "12", "2", "3", "0"}
	var wg sync.WaitGroup
	for i := range patients {
		wg.Go(func() {
			call, err := trunk.Dial(ctx, "3000", phones.CallOptions{User: fmt.Sprintf("06399813%02d", i), Tone: phones.PatientVoice(i + 1)})
			if err != nil {
				t.Errorf("patient %d was not answered: %v", i, err)
				return
			}
			defer func() { _ = call.Hangup(context.WithoutCancel(ctx)) }()
			if err := call.Press(ctx, keys[i%len(keys)]); err != nil {
				t.Errorf("patient %d: %v", i, err)
			}
			waiting, cancel := context.WithTimeout(ctx, 3*patience)
			defer cancel()
			if _, err := call.Ear().WaitVoice(waiting, voices...); err != nil {
				t.Errorf("patient %d reached nobody: %v", i, err)
			}
		})
	}
	wg.Wait()
	legs := ended(ctx, t, h, patients)
	outcomes := map[acd.Outcome]int{}
	for _, l := range legs {
		outcomes[l.End.Outcome]++
		if l.Anomaly {
			t.Errorf("leg fitted no row of the table: %+v", l)
		}
	}
	if len(legs) != patients || outcomes[acd.Answered] != patients {
		t.Errorf("%d legs, outcomes %v; want %d answered", len(legs), outcomes, patients)
	}
	nothingLeft(ctx, t, h)
	after := cpuSeconds(t, h)
	t.Logf("%d calls in %.1f s; CPU seconds: asterisk %.2f, redis %.2f, this process with all phones %.2f",
		patients, time.Since(began).Seconds(), after.asterisk-before.asterisk, after.redis-before.redis, after.own-before.own)
	http.DefaultClient.CloseIdleConnections()
	within(ctx, t, fmt.Sprintf("goroutines as before the calls (%d, %d before the phones)", working, base), func() (string, bool) {
		n := runtime.NumGoroutine()
		return fmt.Sprint(n), n <= working+4 // the trunk's own
	})
}

// within waits until a condition holds that nothing announces; got tells what was seen.
func within(ctx context.Context, t *testing.T, what string, ok func() (got string, yes bool)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	every := time.NewTicker(50 * time.Millisecond)
	defer every.Stop()
	for {
		got, yes := ok()
		if yes {
			return
		}
		select {
		case <-ctx.Done():
			t.Errorf("never: %s; last %s", what, got)
			return
		case <-every.C:
		}
	}
}

type cpu struct{ asterisk, redis, own float64 }

// cpuSeconds reads what the three processes have used so far.
func cpuSeconds(t *testing.T, h *Hospital) cpu {
	t.Helper()
	return cpu{procCPU(t, h.Asterisk.PID()), procCPU(t, h.Redis.PID()), procCPU(t, os.Getpid())}
}

// procCPU is user and system time of a process, in seconds (proc(5): fields 14 and 15, in 1/100 s).
func procCPU(t *testing.T, pid int) float64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return (user + system) / 100
}
