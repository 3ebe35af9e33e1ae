package e2e

import (
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

// TestPatientReachesAgent is the way of a call, whole: menu, queue, ring, briefing, both hear each
// other, the agent hangs up, after-call work, figures.
func TestPatientReachesAgent(t *testing.T) {
	t.Parallel()
	ctx, h := hospital(t, Options{})
	agent := agentAt(ctx, t, h, "a13", "113", 1)
	agent.SetPolicy(phones.AnswerAfter(100 * time.Millisecond))
	trunk := must[*phones.Phone](t)(h.Trunk(ctx))

	call := must[*phones.Call](t)(trunk.Call(ctx, "3000", phones.CallOptions{User: "0612345678", Tone: phones.PatientVoice(1)}))
	if err := call.WaitAnswered(ctx); err != nil {
		t.Fatal(err)
	}
	if err := call.Ear().WaitEnergy(ctx); err != nil {
		t.Fatal("nothing was heard in the menu:", err)
	}
	if err := call.Press(ctx, "11"); err != nil {
		t.Fatal(err)
	}
	at := must[*phones.Call](t)(agent.WaitCall(ctx))
	if got := at.Header("X-Motif"); got != "rdv.consultation" {
		t.Errorf("the phone shows reason %q", got)
	}
	if err := call.Ear().WaitTone(ctx, phones.AgentVoice(1)); err != nil {
		t.Fatal("the patient does not hear the agent:", err)
	}
	if err := at.Ear().WaitTone(ctx, phones.PatientVoice(1)); err != nil {
		t.Fatal("the agent does not hear the patient:", err)
	}
	waitAgent(ctx, t, h, "a13", acd.AgentBusy)
	if err := at.Hangup(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := call.WaitEnded(ctx); err != nil {
		t.Fatal(err)
	}
	legs := ended(ctx, t, h, 1)
	if len(legs) != 1 || legs[0].End.Outcome != acd.Answered || legs[0].End.By != acd.ByAgent {
		t.Errorf("legs: %+v", legs)
	}
	waitAgent(ctx, t, h, "a13", acd.AgentWrapup)
	nothingLeft(ctx, t, h)
}
