package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// findRoot skips only where nobody promised an Asterisk: `make test` does,
// and names it.
func findRoot(t *testing.T) Root {
	t.Helper()
	root, err := FindAsterisk(within(t, 10*time.Second))
	switch {
	case err == nil:
		return root
	case os.Getenv(RootEnv) == "":
		t.Skip(err)
	}
	t.Fatal(err)
	return Root{}
}

// logBuffer is a console log that a test reads while Asterisk writes it.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func startAsterisk(t *testing.T, opts AsteriskOptions) *Asterisk {
	t.Helper()
	opts.Root = findRoot(t)
	a, err := StartAsterisk(within(t, 30*time.Second), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return a
}

func cli(t *testing.T, a *Asterisk, command string) string {
	t.Helper()
	out, err := a.CLI(within(t, 10*time.Second), command)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// options sends SIP OPTIONS and returns the first line of the answer and the
// time it took.
func options(t *testing.T, a *Asterisk) (string, time.Duration) {
	t.Helper()
	conn, err := net.Dial("udp", a.SIPAddr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	from := conn.LocalAddr().String()
	start := time.Now()
	_, err = fmt.Fprintf(conn, "OPTIONS sip:%[1]s SIP/2.0\r\nVia: SIP/2.0/UDP %[2]s;branch=z9hG4bKtest;rport\r\nFrom: <sip:test@%[2]s>;tag=1\r\nTo: <sip:%[1]s>\r\nCall-ID: %[2]s\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n", a.SIPAddr(), from)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	answer := make([]byte, 4096)
	n, err := conn.Read(answer)
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(answer[:n]), "\r\n")
	return line, time.Since(start)
}

func TestAsteriskIsWholeAndClean(t *testing.T) {
	t.Parallel()
	var log logBuffer
	a := startAsterisk(t, AsteriskOptions{Log: &log})

	if out := cli(t, a, "core show channels"); !strings.Contains(out, "0 active channels") {
		t.Errorf("core show channels: %s", out)
	}
	list := cli(t, a, "module show")
	for _, line := range strings.Split(list, "\n") {
		if strings.Contains(line, "Not Running") {
			t.Errorf("a module is loaded and does not run: %s", line)
		}
	}
	for _, name := range []string{"app_stasis.so", "chan_pjsip.so", "res_ari_channels.so", "res_musiconhold.so", "res_rtp_asterisk.so", "res_timing_timerfd.so", "format_wav.so", "codec_alaw.so"} {
		if !strings.Contains(list, name) {
			t.Errorf("module %s is not loaded", name)
		}
	}
	if line, took := options(t, a); !strings.HasPrefix(line, "SIP/2.0 ") || took > 2*time.Second {
		t.Errorf("OPTIONS: %q after %v", line, took)
	}

	request, err := http.NewRequestWithContext(within(t, 10*time.Second), http.MethodGet, a.ARIURL()+"/asterisk/info", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth(ARIUser, ARIPassword)
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("ARI answers %s", response.Status)
	}

	if found, _ := filepath.Glob(filepath.Join(a.Dir, "data/sounds/en/digits/1.*")); len(found) == 0 {
		t.Error("no recorded English digit can be reached")
	}
	if console := log.String(); strings.Contains(console, "ERROR") {
		t.Errorf("the start wrote errors:\n%s", console)
	}
}

func TestAsterisksSideBySide(t *testing.T) {
	t.Parallel()
	files := func(name string) map[string][]byte {
		return map[string][]byte{
			"asterisk.conf":   []byte("[directories](!)\nastrundir => /no/such/folder\n[options]\nsystemname = " + name + "\n"),
			"extensions.conf": []byte("[own-" + name + "]\nexten => 1,1,Answer()\n#include \"accueil/more.conf\"\n"),
			// A file in a folder, as asterisk-config writes them.
			"accueil/more.conf": []byte("[more-" + name + "]\nexten => 2,1,Hangup()\n"),
		}
	}
	one := startAsterisk(t, AsteriskOptions{Files: files("one")})
	two := startAsterisk(t, AsteriskOptions{Files: files("two")})
	for name, a := range map[string]*Asterisk{"one": one, "two": two} {
		for _, dialplan := range []string{"own-" + name, "more-" + name} {
			if out := cli(t, a, "dialplan show "+dialplan); !strings.Contains(out, "Context '"+dialplan+"'") {
				t.Errorf("%s has not its dialplan %s: %s", name, dialplan, out)
			}
		}
		if out := cli(t, a, "core show settings"); !strings.Contains(out, name) {
			t.Errorf("%s does not know its system name", name)
		}
	}
	if one.HTTPPort == two.HTTPPort || one.SIPPort == two.SIPPort || one.RTP.First == two.RTP.First {
		t.Errorf("ports are shared: %+v and %+v", one, two)
	}
}

func TestAsteriskKillPauseRestart(t *testing.T) {
	t.Parallel()
	ctx := within(t, 40*time.Second)
	a := startAsterisk(t, AsteriskOptions{})
	pid, sip := a.PID(), a.SIPAddr()

	if err := a.Pause(); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	if out, err := a.CLI(short, "core show channels"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a paused Asterisk answers: %q, %v", out, err)
	}
	if err := a.Continue(); err != nil {
		t.Fatal(err)
	}
	cli(t, a, "core show channels")

	if err := a.WriteFile("extensions.conf", []byte("[later]\nexten => 1,1,Hangup()\n")); err != nil {
		t.Fatal(err)
	}
	exited := a.Exited()
	if err := a.Kill(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, ctx, "exit after Kill", exited)
	if _, err := a.CLI(ctx, "core show channels"); err == nil {
		t.Error("a killed Asterisk answers")
	}
	if err := a.Restart(ctx); err != nil {
		t.Fatal(err)
	}
	if a.PID() == pid || a.SIPAddr() != sip {
		t.Errorf("after the restart: pid %d, SIP %s; want a new pid and %s", a.PID(), a.SIPAddr(), sip)
	}
	if out := cli(t, a, "dialplan show later"); !strings.Contains(out, "Context 'later'") {
		t.Errorf("a file written before the restart is not in force: %s", out)
	}
	if err := a.Restart(ctx); err != nil {
		t.Fatalf("restart of a running server: %v", err)
	}
	if line, _ := options(t, a); !strings.HasPrefix(line, "SIP/2.0 ") {
		t.Errorf("OPTIONS after the second restart: %q", line)
	}
}

// The way taken where this machine's own name does not resolve.
func TestAsteriskUnderTheNameLocalhost(t *testing.T) {
	t.Parallel()
	a, err := StartAsterisk(within(t, 30*time.Second), AsteriskOptions{Root: findRoot(t), renamed: true})
	if err != nil && os.Getuid() != 0 && strings.Contains(err.Error(), "/etc/hosts") {
		t.Skipf("this kernel gives no namespace without root, and the error says what to do: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	own, err := os.Readlink("/proc/self/ns/uts")
	if err != nil {
		t.Skip("no /proc/self/ns here: ", err)
	}
	its, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/uts", a.PID()))
	if err != nil {
		t.Fatal(err)
	}
	if own == its {
		t.Error("it shares this machine's name")
	}
	if line, took := options(t, a); !strings.HasPrefix(line, "SIP/2.0 ") || took > time.Second {
		t.Errorf("OPTIONS: %q after %v", line, took)
	}
}

func TestAsteriskInALongFolderLeavesNothing(t *testing.T) {
	t.Parallel()
	ctx := within(t, 30*time.Second)
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 30))
	a, err := StartAsterisk(ctx, AsteriskOptions{Root: findRoot(t), Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	cli(t, a, "core show channels")
	if a.runDir == filepath.Join(dir, "run") {
		t.Errorf("the control socket is in %s, which is too long", a.runDir)
	}
	for range 2 {
		if err := a.Stop(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(a.runDir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder of the control socket is still there: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "etc/pjsip.conf")); err != nil {
		t.Errorf("the caller's folder was not kept: %v", err)
	}
	if !free(a.SIPPort, true) || !free(a.HTTPPort, true) {
		t.Error("its ports are still in use")
	}
}

func TestAsteriskThatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()
	root := findRoot(t)
	_, err := StartAsterisk(within(t, 20*time.Second), AsteriskOptions{Root: root, Files: map[string][]byte{
		"modules.conf": []byte("[modules]\nautoload = no\nrequire = no_such_module.so\n"),
	}})
	if err == nil || !strings.Contains(err.Error(), "no_such_module") {
		t.Errorf("error %v, want one that shows the console's last lines", err)
	}
	if _, err := StartAsterisk(within(t, time.Second), AsteriskOptions{}); err == nil {
		t.Error("no Root: want an error")
	}
	for _, name := range []string{"../x.conf", "/etc/x.conf"} {
		_, err := StartAsterisk(within(t, 20*time.Second), AsteriskOptions{Root: root, Files: map[string][]byte{name: nil}})
		if err == nil || !strings.Contains(err.Error(), "not below etc") {
			t.Errorf("file %s: %v, want a refusal", name, err)
		}
	}
	over, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := StartAsterisk(over, AsteriskOptions{Root: root}); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
}
