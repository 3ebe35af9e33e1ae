package e2e

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/app"
	"accueil/phones"
)

// TestNewSiteTakesCalls: what accueil init writes is put live as it is. The agent logs in at the
// telephone that he was handed, a patient finds him by the menu, another one a ward behind the PBX.
func TestNewSiteTakesCalls(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	table := filepath.Join(base, "services.csv")
	if err := os.WriteFile(table, []byte("key;label_fr;kind;target;hours\n;Hôpital d'essai;hospital;;\n0;;;;24h/24\n1;Rendez-vous;queue;;24h/24\n2;Maternité;extension;4003;24h/24\n;;entry;0199003000;\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	answers := filepath.Join(base, "answers.yaml")
	if err := os.WriteFile(answers, []byte("version: 1\ntrunk: "+TrunkIP+"\npbx: "+ServicesIP+" 4xxx\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(base, "site")
	var out, talk bytes.Buffer
	err := app.Init(context.Background(), app.InitOptions{Dir: folder, Table: table, Answers: answers, Lang: "fr", Now: time.Now()}, strings.NewReader(""), &out, &talk)
	if err != nil {
		t.Fatal(err)
	}
	written := filepath.Join(folder, "site.yaml")
	text := must[[]byte](t)(os.ReadFile(written))
	// Only the addresses are written as the demonstration writes them: this machine has other ports.
	edited := strings.NewReplacer("sip: 0.0.0.0:5060", "sip: 127.0.0.1:5060", `match: ["`+ServicesIP+`"],`, "match: ["+ServicesIP+"],").Replace(string(text))
	if err := os.WriteFile(written, []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}

	ctx, h := hospital(t, Options{Folder: folder})
	agent := must[*phones.Phone](t)(phones.New(context.WithoutCancel(ctx), phones.Config{
		LocalIP: PhonesIP, Server: h.Asterisk.SIPAddr(), User: "101", Password: h.Site.Phones["101"].Password.Reveal(), Tone: phones.AgentVoice(1)}))
	h.later(func() { _ = agent.Close() })
	if err := agent.Register(ctx, time.Minute); err != nil {
		t.Fatal(err)
	}
	login := must[*phones.Call](t)(agent.Call(ctx, "*20", phones.CallOptions{}))
	waitAgent(ctx, t, h, "a01", acd.AgentReady)
	if _, err := login.WaitEnded(ctx); err != nil {
		t.Fatal(err)
	}
	agent.SetPolicy(phones.AnswerAfter(100 * time.Millisecond))
	trunk := must[*phones.Phone](t)(h.Trunk(ctx))
	call := func(keys string, n int) *phones.Call {
		c := must[*phones.Call](t)(trunk.Call(ctx, "0199003000", phones.CallOptions{User: "0612345678", Tone: phones.PatientVoice(n)}))
		if err := c.WaitAnswered(ctx); err != nil {
			t.Fatal(err)
		}
		if err := c.Ear().WaitEnergy(ctx); err != nil {
			t.Fatal("nothing was heard in the menu:", err)
		}
		if err := c.Press(ctx, keys); err != nil {
			t.Fatal(err)
		}
		return c
	}
	patient := call("1", 1)
	at := must[*phones.Call](t)(agent.WaitCall(ctx))
	if got := at.Header("X-Motif"); got != "rendez-vous" {
		t.Errorf("the phone shows reason %q", got)
	}
	if err := patient.Ear().WaitTone(ctx, phones.AgentVoice(1)); err != nil {
		t.Fatal("the patient does not hear the agent:", err)
	}
	if err := at.Ear().WaitTone(ctx, phones.PatientVoice(1)); err != nil {
		t.Fatal("the agent does not hear the patient:", err)
	}
	if err := at.Hangup(ctx); err != nil {
		t.Fatal(err)
	}
	h.Services.Set("4003", phones.Run(0, phones.Script{phones.WaitEnergy(), phones.Press("1"), phones.Stay()}))
	relative := call("2", 2)
	if err := relative.Ear().WaitTone(ctx, phones.AgentVoice(20)); err != nil {
		t.Fatal("the ward is not heard:", err)
	}
	if err := relative.Hangup(ctx); err != nil {
		t.Fatal(err)
	}
	outcomes := map[acd.Outcome]int{}
	for _, l := range ended(ctx, t, h, 2) {
		outcomes[l.End.Outcome]++
	}
	if outcomes[acd.Answered] != 1 || outcomes[acd.TransferredOut] != 1 {
		t.Errorf("outcomes %v", outcomes)
	}
	nothingLeft(ctx, t, h)
}
