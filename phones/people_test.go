package phones_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"accueil/phones"
)

func asStatus(err error) (int, bool) {
	var status *phones.StatusError
	if errors.As(err, &status) {
		return status.Code, true
	}
	return 0, false
}

func source(n uint64) *rand.Rand { return rand.New(rand.NewPCG(n, 7)) }

// temper of people who act at once, so that a test is short.
var prompt = phones.Temper{
	React:    phones.Spread{Median: 20 * time.Millisecond},
	Patience: phones.Spread{Median: 5 * time.Second},
	Talk:     phones.Spread{Median: 400 * time.Millisecond},
	HangUp:   1,
}

// hospital answers, waits for the keys, and lets a person speak.
func hospital(keys int) phones.Policy {
	return func(ctx context.Context, c *phones.Call) {
		c.SendTone(2345) // a prompt, nobody's voice
		if c.Answer() != nil {
			return
		}
		if _, err := c.Ear().WaitKeys(ctx, keys); err == nil {
			c.SendTone(phones.AgentVoice(4))
		}
	}
}

func TestPatient(t *testing.T) {
	impatient, vanishing := prompt, prompt
	impatient.Patience = phones.Spread{Median: 300 * time.Millisecond}
	vanishing.Vanish = 1
	for name, test := range map[string]struct {
		policy phones.Policy
		temper phones.Temper
		want   phones.VisitEnding
	}{
		"talks":           {hospital(2), prompt, phones.VisitTalked},
		"leaves the menu": {hospital(3), impatient, phones.VisitLeft},
		"leaves ringing":  {phones.NoAnswer(), impatient, phones.VisitLeft},
		"refused":         {phones.Busy(), prompt, phones.VisitRefused},
		"cut off":         {phones.Run(0, phones.Script{phones.Talk(100 * time.Millisecond), phones.HangUp()}), prompt, phones.VisitEnded},
		"vanishes":        {hospital(2), vanishing, phones.VisitTalked},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := deadline(t)
			a, b := pair(t, phones.UDP, test.policy)
			visit, err := phones.Patient{Phone: a, Entry: "3000", Keys: "12", Temper: test.temper, Rand: source(1)}.Visit(ctx)
			must(t, err)
			if visit.Ending != test.want {
				t.Fatalf("the visit ended as %+v, want %s", visit, test.want)
			}
			theirs, err := b.WaitCall(ctx)
			must(t, err)
			switch test.want {
			case phones.VisitTalked:
				if visit.Voice != phones.AgentVoice(4) || visit.Talked < 150*time.Millisecond || visit.Waited <= 0 {
					t.Errorf("talked: %+v", visit)
				}
			case phones.VisitRefused:
				if visit.Status != 486 {
					t.Errorf("refused: %+v", visit)
				}
			}
			if name == "vanishes" {
				if end, over := theirs.End(); over {
					t.Errorf("the hospital noticed a patient who vanished: %+v", end)
				}
				return
			}
			_, err = theirs.WaitEnded(ctx)
			must(t, err)
		})
	}
}

func TestScript(t *testing.T) {
	t.Parallel()
	ctx := deadline(t)
	a, b := pair(t, phones.UDP, phones.Run(20*time.Millisecond, phones.Script{phones.WaitTone(1400), phones.Press("42"), phones.Stay()}))
	call, err := a.Play(ctx, "b", phones.CallOptions{Tone: 1400}, phones.Script{
		phones.WaitRing(), phones.WaitAnswer(), phones.WaitEnergy(), phones.WaitTone(b.Tone()),
		phones.Talk(700 * time.Millisecond), phones.HangUp(),
	})
	must(t, err)
	if keys := call.Ear().Keys(); len(keys) != 2 || keys[0].Key != '4' || keys[1].Key != '2' {
		t.Errorf("keys heard: %v", keys)
	}
	_, err = a.Play(ctx, "b", phones.CallOptions{Silent: true}, phones.Script{
		phones.WaitAnswer(), phones.Within(50*time.Millisecond, phones.WaitTone(999)),
	})
	if err == nil {
		t.Error("a step that waits for what never comes has no error")
	}
	if n := len(a.Calls()); n > 0 {
		t.Errorf("%d calls left by a script that failed", n)
	}
}

func TestServices(t *testing.T) {
	t.Parallel()
	ctx := deadline(t)
	services, err := phones.NewServices(context.Background(), phones.ServicesConfig{Server: "127.0.0.1:9", Policies: map[string]phones.Policy{
		"4000": phones.AnswerAfter(0),
		"4014": phones.Busy(),
	}})
	must(t, err)
	t.Cleanup(func() { must(t, services.Close()) })
	caller := newPhone(t, phones.Config{Server: services.Phone().Addr()})
	call, err := caller.Dial(ctx, "4000", phones.CallOptions{})
	must(t, err)
	must(t, call.Ear().WaitTone(ctx, services.Phone().Tone()))
	refused := func(extension string, want int) {
		t.Helper()
		_, err := caller.Dial(ctx, extension, phones.CallOptions{})
		if status, ok := asStatus(err); !ok || status != want {
			t.Errorf("%s gives %v, want %d", extension, err, want)
		}
	}
	refused("4014", 486)
	refused("4001", 404)
	services.Set("4000", phones.Decline())
	refused("4000", 603)
	services.Set("4000", nil)
	refused("4000", 404)
	for n := phones.FirstService; n <= phones.LastService; n++ {
		if phones.DefaultServices()[strconv.Itoa(n)] == nil {
			t.Errorf("service %d has no policy", n)
		}
	}
}

// TestManyCalls keeps 100 calls, 200 ends, alive at once and asks for audio
// without a hole at each.
func TestManyCalls(t *testing.T) {
	ctx := deadline(t)
	a, b := pair(t, phones.UDP, phones.AnswerAfter(0))
	calls := make([]*phones.Call, 100)
	for i := range calls {
		var err error
		calls[i], err = a.Dial(ctx, "b", phones.CallOptions{})
		must(t, err)
	}
	for _, c := range calls {
		c.Ear().Reset()
	}
	var ears sync.WaitGroup
	for _, c := range calls {
		ears.Go(func() {
			if err := c.Ear().WaitTone(ctx, b.Tone()); err != nil {
				t.Error(err)
			}
		})
	}
	ears.Wait()
	for _, c := range calls {
		if h := c.Ear().Hearing(); h.Packets == 0 || h.LongestGap > 500*time.Millisecond {
			t.Errorf("%d packets, longest gap %s", h.Packets, h.LongestGap)
		}
	}
}
