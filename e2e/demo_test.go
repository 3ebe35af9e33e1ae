package e2e

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"

	"accueil/phones"
)

// neighbour is an address of this machine that stands for its place on the network.
const neighbour = "127.0.0.6"

// TestDemonstrationOpensToTheNetwork is `make run LISTEN=…`: a phone and a browser of another machine
// join, by the addresses that are printed, and an interrupt ends everything.
func TestDemonstrationOpensToTheNetwork(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	dir := t.TempDir()
	if err := os.MkdirAll(PromptCache(), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(dir, "prompts"), os.DirFS(PromptCache())); err != nil { // speech takes time to make
		t.Fatal(err)
	}
	var said Buffer
	cmd := exec.Command(builtBinary(t), "demo", "--no-people", "--listen", neighbour, "--dir", dir)
	cmd.Dir, cmd.Stdout, cmd.Stderr = ProjectRoot(), &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	over := make(chan error, 1)
	go func() { over <- cmd.Wait() }()
	defer func() { _ = cmd.Process.Kill() }()
	tells := func(line *regexp.Regexp) string {
		t.Helper()
		for {
			if m := line.FindStringSubmatch(said.String()); m != nil {
				return m[1]
			}
			select {
			case err := <-over:
				t.Fatalf("the demonstration ended: %v\n%s", err, said.String())
			case <-ctx.Done():
				t.Fatalf("never said: %s\n%s", line, said.String())
			case <-time.After(20 * time.Millisecond): // a text on a pipe announces nothing
			}
		}
	}
	sip := tells(regexp.MustCompile(`(?m)^  SIP\s+0\.0\.0\.0:(\d+)`))
	https := tells(regexp.MustCompile(`(?m)^HTTPS\s+(https://` + regexp.QuoteMeta(neighbour) + `:\d+/)`))

	browser := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer browser.CloseIdleConnections()
	req := must[*http.Request](t)(http.NewRequestWithContext(ctx, http.MethodGet, https+"v1/queues", nil))
	req.Header.Set("Authorization", "Bearer demo-supervisor")
	res := must[*http.Response](t)(browser.Do(req))
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("the API over HTTPS: %d", res.StatusCode)
	}
	phone := must[*phones.Phone](t)(phones.New(ctx, phones.Config{LocalIP: "127.0.0.7", Server: net.JoinHostPort(neighbour, sip), User: "113", Password: "demo-113"}))
	defer phone.Close()
	if err := phone.Register(ctx, time.Minute); err != nil {
		t.Fatal("a phone of the network may not register:", err)
	}
	phone.SetPolicy(phones.AnswerAfter(0))
	dial(ctx, t, phone, "*20", "")
	patient := must[*phones.Phone](t)(phones.New(ctx, phones.Config{LocalIP: "127.0.0.8", Server: net.JoinHostPort(neighbour, sip), User: "patient-1", Password: "demo-patient-1", Tone: phones.PatientVoice(1)}))
	defer patient.Close()
	if err := patient.Register(ctx, time.Minute); err != nil {
		t.Fatal("a patient of the network may not register:", err)
	}
	call := must[*phones.Call](t)(patient.Dial(ctx, "3000", phones.CallOptions{}))
	press(ctx, t, call, "11")
	at := must[*phones.Call](t)(phone.WaitCall(ctx))
	hears(ctx, t, "the patient", call, at.Tone())
	hears(ctx, t, "the agent", at, call.Tone())
	hangup(ctx, t, call)

	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-over:
		if err != nil {
			t.Errorf("Ctrl-C ended it with %v\n%s", err, said.String())
		}
	case <-ctx.Done():
		t.Fatalf("Ctrl-C does not end it\n%s", said.String())
	}
}
