package e2e

import (
	"fmt"
	"testing"

	"accueil/acd"
	"accueil/phones"
)

const saysFull = 54

// TestFullQueueFollowsItsFallback: one caller more than a queue holds goes where the queue says, be it
// a queue, a number or a message, and is counted there; where that cannot take him either he is told so.
func TestFullQueueFollowsItsFallback(t *testing.T) {
	t.Parallel()
	queue := func(fallback string) []string {
		return []string{"ring: 5s", "wrapup: 0s", "max_waiting: 1", "when_unstaffed: wait", "waiting: attente", "fallback: {goto: " + fallback + "}", `steps: [{require: "imagerie >= 9"}]`}
	}
	o := also(quick(), "vers-file", "3102", queue("essai")...)
	o = also(o, "vers-poste", "3103", queue(`"4000"`)...)
	o = also(o, "vers-message", "3104", queue("message")...)
	o = also(o, "vers-plein", "3105", queue("vers-message")...)
	ctx, s := tell(t, with(o, nil, recorded(t, map[string]int{"sys.dissuade_full": saysFull})...))
	phone := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	s.in(t).sits(ctx, phone, "a18", phones.AnswerAfter(0))

	// Each queue holds one caller from now on.
	var holders []patient
	for _, number := range []string{"3102", "3103", "3104", "3105"} {
		holders = append(holders, s.in(t).queued(ctx, number))
	}
	t.Run("to another queue", func(t *testing.T) {
		c := s.in(t)
		p := c.patient(ctx, "3102")
		meets(ctx, t, p, nextCall(ctx, t, phone))
		if l := c.reaches(ctx, p, acd.LegTalking); l.Queue != "essai" || l.FirstQueue != "vers-file" || l.Reason != "vers-file" {
			t.Errorf("answered in %s for %s, first %s", l.Queue, l.Reason, l.FirstQueue)
		}
		neverSilent(t, p)
		c.hangup(ctx, p.Call)
		c.ends(ctx, p, acd.Answered, acd.LegTalking, "")
	})
	t.Run("to a number of the PBX", func(t *testing.T) {
		c := s.in(t)
		s.h.Services.Set("4000", phones.Run(0, phones.Script{phones.WaitEnergy(), phones.Press("1"), phones.Stay()}))
		p := c.patient(ctx, "3103")
		if err := p.Ear().WaitTone(ctx, s.h.Services.Phone().Tone()); err != nil {
			t.Fatal("the caller does not hear the extension:", err)
		}
		neverSilent(t, p)
		c.hangup(ctx, p.Call)
		c.ends(ctx, p, acd.TransferredOut, acd.LegTalking, "")
	})
	for name, does := range map[string]phones.Policy{"busy": phones.Busy(), "refused": phones.Decline()} {
		t.Run("to a number that is "+name, func(t *testing.T) {
			c := s.in(t)
			s.h.Services.Set("4000", does)
			p := c.patient(ctx, "3103")
			told := p.Ear().Watch(phones.ToneFor(saysFull))
			end := c.ends(ctx, p, acd.Dissuaded, acd.LegMenu, string(acd.RefusedFull))
			if l := image(end, p.contact); !l.Enqueued.Never() {
				t.Errorf("was queued: %+v", l)
			}
			if told.Began().IsZero() {
				t.Error("he was not told why")
			}
			neverSilent(t, p)
			if end, err := p.WaitEnded(ctx); err != nil || end.By != phones.Theirs {
				t.Errorf("the call ended %+v, %v", end, err)
			}
		})
	}
	t.Run("to a message", func(t *testing.T) {
		c := s.in(t)
		p := c.patient(ctx, "3104")
		c.ends(ctx, p, acd.SelfServed, acd.LegMenu, "message")
		neverSilent(t, p)
	})
	t.Run("to a queue that is full too", func(t *testing.T) {
		c := s.in(t)
		p := c.patient(ctx, "3105") // and that queue's fallback is a node of its own scenario: this one has it too
		c.ends(ctx, p, acd.SelfServed, acd.LegMenu, "message")
		neverSilent(t, p)
	})
	for _, p := range holders {
		c := s.in(t)
		if l := c.leg(p); l.State != acd.LegQueued || l.Offers > 0 {
			t.Errorf("who was there first: %+v", l)
		}
		c.hangup(ctx, p.Call)
		c.ends(ctx, p, acd.Abandoned, acd.LegQueued, "")
	}
	all := scrape(ctx, t, s.h)
	for _, want := range []struct {
		name   string
		n      float64
		labels []string
	}{
		{"accueil_queue_entered_total", 2, []string{"queue=vers-file", "reason=vers-file"}}, // in the figures of the queue that was wanted
		{"accueil_answered_total", 1, []string{"queue=vers-file", "reason=vers-file"}},
		{"accueil_queue_entered_total", 1, []string{"queue=vers-poste", "reason=vers-poste"}},
		{"accueil_contacts_total", 2, []string{"entry=3103", "queue=vers-poste", "reason=vers-poste", "outcome=dissuaded", "phase=menu"}},
		{"accueil_contacts_total", 1, []string{"entry=3103", "queue=vers-poste", "reason=vers-poste", "outcome=transferred_out", "phase=talking"}},
		{"accueil_contacts_total", 1, []string{"entry=3104", "outcome=self_served", "phase=menu"}},
	} {
		if got := summed(all, want.name, want.labels...); got != want.n {
			t.Errorf("%s%v is %v, want %v", want.name, want.labels, got, want.n)
		}
	}
	var report struct {
		Total struct {
			Counts struct {
				Received   int `json:"received"`
				Q, B, D, T int
				Entered    int `json:"entered_by_overflow"`
			} `json:"counts"`
		} `json:"total"`
	}
	within(ctx, t, "all are in the figures", func() (string, bool) { // which fold the log by themselves
		get(ctx, t, s.h, "/v1/kpis", &report)
		return fmt.Sprint(report.Total.Counts.Received), report.Total.Counts.Received >= 10
	})
	if n := report.Total.Counts; n.Received != 10 || n.Q != 5 || n.B != 4 || n.D != 2 || n.T != 1 || n.Entered != 1 {
		t.Errorf("figures %+v", n)
	}
	nothingLeft(ctx, t, s.h)
}
