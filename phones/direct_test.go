package phones_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"accueil/phones"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// within is the time that any step of these tests may take.
const within = 10 * time.Second

func deadline(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	t.Cleanup(cancel)
	return ctx
}

func newPhone(t *testing.T, cfg phones.Config) *phones.Phone {
	t.Helper()
	if cfg.Server == "" {
		cfg.Server = "127.0.0.1:9" // for phones that only receive
	}
	p, err := phones.New(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// pair makes two phones; the first one calls the second directly.
func pair(t *testing.T, transport phones.Transport, policy phones.Policy) (a, b *phones.Phone) {
	t.Helper()
	b = newPhone(t, phones.Config{User: "b", LocalIP: "127.0.0.4", Transport: transport, Policy: policy})
	a = newPhone(t, phones.Config{User: "a", Transport: transport, Server: b.Addr()})
	return a, b
}

// connect makes a call from a to b and returns both ends.
func connect(t *testing.T, transport phones.Transport) (ours, theirs *phones.Call) {
	t.Helper()
	ctx := deadline(t)
	a, b := pair(t, transport, phones.AnswerAfter(0))
	ours, err := a.Dial(ctx, "b", phones.CallOptions{})
	if err != nil {
		t.Fatal(err)
	}
	theirs, err = b.WaitCall(ctx)
	if err != nil {
		t.Fatal(err)
	}
	must(t, theirs.WaitAnswered(ctx))
	return ours, theirs
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAudioBothWays(t *testing.T) {
	for _, transport := range []phones.Transport{phones.UDP, phones.TCP} {
		for _, codec := range []phones.Codec{phones.ALaw, phones.MuLaw} {
			t.Run(string(transport)+" "+codec.String(), func(t *testing.T) {
				t.Parallel()
				ctx := deadline(t)
				a, b := pair(t, transport, phones.AnswerAfter(0))
				ours, err := a.Dial(ctx, "b", phones.CallOptions{Codec: &codec})
				must(t, err)
				theirs, err := b.WaitCall(ctx)
				must(t, err)
				if a.Tone() == b.Tone() {
					t.Fatal("both phones have the same tone")
				}
				must(t, ours.Ear().WaitTone(ctx, b.Tone()))
				must(t, theirs.Ear().WaitTone(ctx, a.Tone()))
				own := ours.Ear().Watch(a.Tone())
				theirs.SendSilence()
				must(t, ours.Ear().WaitSilence(ctx, 200*time.Millisecond))
				must(t, ours.Ear().WaitRTP(ctx))
				theirs.StopRTP()
				must(t, ours.Ear().WaitNoRTP(ctx, 200*time.Millisecond))
				if heard, _, _ := own.Heard(); heard > 0 {
					t.Errorf("heard its own tone for %s", heard)
				}
				must(t, ours.Hangup(ctx))
				end, err := theirs.WaitEnded(ctx)
				must(t, err)
				if end.By != phones.Theirs || end.Status != 0 {
					t.Errorf("called side sees %+v, want an end by the other", end)
				}
				if end, _ := ours.End(); end.By != phones.Ours {
					t.Errorf("calling side sees %+v, want an end of its own", end)
				}
			})
		}
	}
}

func TestRefusals(t *testing.T) {
	tests := map[string]struct {
		policy phones.Policy
		status int
	}{
		"busy":             {phones.Busy(), 486},
		"unavailable":      {phones.Unavailable(), 480},
		"decline":          {phones.Decline(), 603},
		"not found":        {phones.NotFound(), 404},
		"redirect":         {phones.Forward("4001"), 302},
		"refused late":     {phones.RejectAfter(50*time.Millisecond, 486), 486},
		"policy undecided": {func(context.Context, *phones.Call) {}, 480},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := deadline(t)
			a, b := pair(t, phones.UDP, test.policy)
			_, err := a.Dial(ctx, "b", phones.CallOptions{})
			var status *phones.StatusError
			if !errors.As(err, &status) || status.Code != test.status {
				t.Fatalf("dialling gives %v, want status %d", err, test.status)
			}
			theirs, err := b.WaitCall(ctx)
			must(t, err)
			end, err := theirs.WaitEnded(ctx)
			must(t, err)
			if end.By != phones.Ours || end.Status != test.status {
				t.Errorf("called side sees %+v", end)
			}
		})
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	ctx := deadline(t)
	a, b := pair(t, phones.UDP, phones.NoAnswer())
	ours, err := a.Call(ctx, "b", phones.CallOptions{})
	must(t, err)
	must(t, ours.WaitRinging(ctx))
	select {
	case <-ours.Answered():
		t.Fatal("answered by a phone that only rings")
	default:
	}
	must(t, ours.Hangup(ctx))
	theirs, err := b.WaitCall(ctx)
	must(t, err)
	end, err := theirs.WaitEnded(ctx)
	must(t, err)
	if end.By != phones.Theirs || end.Status != 487 {
		t.Errorf("called side sees %+v, want a cancelled call", end)
	}
	if end, _ := ours.End(); end.By != phones.Ours || end.Status != 487 {
		t.Errorf("calling side sees %+v, want a cancelled call", end)
	}
	if err := theirs.Answer(); err == nil {
		t.Error("a cancelled call could be answered")
	}
}

func TestManualAnswerAndHeaders(t *testing.T) {
	t.Parallel()
	ctx := deadline(t)
	a, b := pair(t, phones.UDP, nil)
	before := time.Now()
	ours, err := a.Call(ctx, "4003", phones.CallOptions{
		User:        "0388000001",
		DisplayName: "Jeanne Exemple",
		Headers:     map[string]string{"X-Motif": "rdv.imagerie", "Alert-Info": "<urn:alert:tone:internal>"},
	})
	must(t, err)
	theirs, err := b.WaitCall(ctx)
	must(t, err)
	if m := theirs.Moments(); m.Invited.Before(before) || m.Invited.After(time.Now()) {
		t.Errorf("INVITE received at %v", m.Invited)
	}
	name, number := theirs.Caller()
	if name != "Jeanne Exemple" || number != "0388000001" || theirs.Target() != "4003" {
		t.Errorf("caller %q %q, target %q", name, number, theirs.Target())
	}
	if theirs.Header("X-Motif") != "rdv.imagerie" || theirs.Header("alert-info") != "<urn:alert:tone:internal>" || theirs.Header("X-None") != "" {
		t.Errorf("headers: motif %q, alert %q", theirs.Header("X-Motif"), theirs.Header("Alert-Info"))
	}
	must(t, theirs.Ring())
	must(t, ours.WaitRinging(ctx))
	must(t, theirs.Answer())
	must(t, ours.WaitAnswered(ctx))
	if err := theirs.Reject(486); err == nil {
		t.Error("an answered call could be refused")
	}
	must(t, theirs.Hangup(ctx))
	end, err := ours.WaitEnded(ctx)
	must(t, err)
	if end.By != phones.Theirs {
		t.Errorf("calling side sees %+v", end)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	ctx := deadline(t)
	ours, theirs := connect(t, phones.UDP)
	must(t, ours.Press(ctx, "1"))
	must(t, ours.SendDTMF(ctx, "2#", phones.Keying{Hold: 40 * time.Millisecond}))
	must(t, ours.SendDTMF(ctx, "0123456789*", phones.Keying{Hold: 20 * time.Millisecond, Gap: -1}))
	_, err := theirs.Ear().WaitKeys(ctx, 14) // the INFO takes another road and could overtake
	must(t, err)
	must(t, ours.SendInfo(ctx, '5', 100*time.Millisecond))
	heard, err := theirs.Ear().WaitKeys(ctx, 15)
	must(t, err)
	if heard != "12#0123456789*5" {
		t.Errorf("heard keys %q", heard)
	}
	for i, want := range []time.Duration{100 * time.Millisecond, 40 * time.Millisecond, 40 * time.Millisecond, 20 * time.Millisecond} {
		if got := theirs.Ear().Keys()[i].Duration; got != want {
			t.Errorf("key %d lasted %s, want %s", i, got, want)
		}
	}
	if err := ours.Press(ctx, "1x"); err == nil {
		t.Error("a key that is not on a telephone was sent")
	}
	must(t, theirs.Hangup(ctx))
	_, err = ours.WaitEnded(ctx)
	must(t, err)
	if err := ours.Press(ctx, "1"); err == nil {
		t.Error("a key was sent after the end")
	}
}

func TestLostBye(t *testing.T) {
	t.Parallel()
	ctx := deadline(t)
	ours, theirs := connect(t, phones.UDP)
	must(t, ours.Ear().WaitEnergy(ctx))
	theirs.Vanish()
	must(t, ours.Ear().WaitNoRTP(ctx, 200*time.Millisecond))
	short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	if err := ours.Hangup(short); err == nil {
		t.Error("a vanished phone answered the BYE")
	}
	if _, over := theirs.End(); over {
		t.Error("a vanished phone noticed the BYE")
	}
	must(t, theirs.Hangup(ctx))
}

func TestIgnoredCallGetsNoReply(t *testing.T) {
	t.Parallel()
	ctx := deadline(t)
	a, b := pair(t, phones.UDP, phones.Ignore())
	ours, err := a.Call(ctx, "b", phones.CallOptions{})
	must(t, err)
	_, err = b.WaitCall(ctx)
	must(t, err)
	short, cancel := context.WithTimeout(ctx, 700*time.Millisecond) // longer than the 100 Trying of a server, and than one repeat
	defer cancel()
	if err := ours.WaitRinging(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("an ignored call gives %v, want nothing at all", err)
	}
	if n := len(b.Calls()); n != 1 {
		t.Errorf("the repeats of an ignored INVITE made %d calls", n)
	}
}

func TestUnplug(t *testing.T) {
	t.Parallel()
	ctx := deadline(t)
	a, b := pair(t, phones.UDP, phones.AnswerAfter(0))
	ours, err := a.Dial(ctx, "b", phones.CallOptions{})
	must(t, err)
	must(t, ours.Ear().WaitTone(ctx, b.Tone()))
	b.Unplug()
	must(t, ours.Ear().WaitNoRTP(ctx, 200*time.Millisecond))
	b.Plug()
	if n := len(b.Calls()); n != 0 {
		t.Errorf("%d calls remembered by a phone that restarted", n)
	}
	_, err = a.Dial(ctx, "b", phones.CallOptions{})
	must(t, err)
}

func TestHold(t *testing.T) {
	t.Parallel()
	ctx := deadline(t)
	ours, theirs := connect(t, phones.UDP)
	must(t, ours.Ear().WaitTone(ctx, theirs.Tone()))
	for _, nothing := range []bool{false, true} {
		must(t, ours.Hold(ctx, nothing))
		must(t, ours.Ear().WaitNoRTP(ctx, 200*time.Millisecond))
		must(t, theirs.Ear().WaitNoRTP(ctx, 200*time.Millisecond))
		must(t, ours.Resume(ctx))
		must(t, ours.Ear().WaitTone(ctx, theirs.Tone()))
		must(t, theirs.Ear().WaitTone(ctx, ours.Tone()))
	}
	// The called side may hold as well: requests go both ways in a dialog.
	must(t, theirs.Hold(ctx, true))
	must(t, theirs.Ear().WaitNoRTP(ctx, 200*time.Millisecond))
	must(t, theirs.Resume(ctx))
	must(t, theirs.Ear().WaitTone(ctx, ours.Tone()))
}

func TestNoACKAndDeadAudio(t *testing.T) {
	t.Parallel()
	ctx := deadline(t)
	a, b := pair(t, phones.UDP, phones.AnswerDead(0))
	ours, err := a.Call(ctx, "b", phones.CallOptions{NoACK: true})
	must(t, err)
	must(t, ours.WaitAnswered(ctx))
	theirs, err := b.WaitCall(ctx)
	must(t, err)
	must(t, theirs.WaitAnswered(ctx))
	short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	select {
	case <-theirs.Confirmed():
		t.Error("ACK came from a phone that sends none")
	case <-short.Done():
	}
	if h := ours.Ear().Hearing(); h.Packets > 0 {
		t.Errorf("%d packets from a phone with dead audio", h.Packets)
	}
}
