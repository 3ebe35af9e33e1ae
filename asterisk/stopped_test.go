package asterisk_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"accueil/asterisk"
)

// childEnv makes the test binary a controller of its own: it connects to the ARI
// address in it, says "ready", hangs up the channel named on its standard input,
// and says what became of that.
const (
	childEnv    = "ACCUEIL_TEST_CONTROLLER"
	childAppEnv = "ACCUEIL_TEST_CONTROLLER_APP"
)

func init() {
	if url := os.Getenv(childEnv); url != "" {
		controller(url, os.Getenv(childAppEnv))
		os.Exit(0)
	}
}

func controller(url, app string) {
	ready := make(chan struct{}, 1)
	cfg := asterisk.ConnConfig{RESTConfig: labREST(url), CallApp: app, OnEvent: func(asterisk.Event) {}}
	cfg.OnConnected = func(context.Context, uint64) error { ready <- struct{}{}; return nil }
	conn, err := asterisk.NewConn(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	go func() { _ = conn.Run(context.Background()) }()
	<-ready
	fmt.Println("ready")
	channel, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	err = conn.Telephony().Hangup(context.Background(), channel[:len(channel)-1], "")
	switch {
	case err == nil:
		fmt.Println("done")
	case errors.Is(err, asterisk.ErrFenced):
		fmt.Println("fenced")
	default:
		fmt.Println(err)
	}
}

// TestLateCommand stops a controller as a debugger or a frozen machine would, lets
// another take over, and wakes the first with a command in its hand. Asterisk would
// execute it; the caller must stay.
func TestLateCommand(t *testing.T) {
	t.Parallel()
	server := needAsterisk(t)
	for range 5 {
		lateCommand(t, server.ARIURL())
	}
}

func lateCommand(t *testing.T, url string) {
	app := unique("late")
	stopped := exec.Command(os.Args[0])
	stopped.Env = append(os.Environ(), childEnv+"="+url, childAppEnv+"="+app)
	stopped.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	input, err := stopped.StdinPipe()
	must(t, err)
	output, err := stopped.StdoutPipe()
	must(t, err)
	must(t, stopped.Start())
	defer func() {
		_ = stopped.Process.Kill()
		_ = stopped.Wait()
	}()
	said := bufio.NewReader(output)
	if word, err := said.ReadString('\n'); word != "ready\n" || err != nil {
		t.Fatalf("the controller said %q, %v", word, err)
	}
	must(t, stopped.Process.Signal(syscall.SIGSTOP))
	longEnough := time.After(600 * time.Millisecond) // the gate's stallAfter, and some

	next := connect(t, lab, func(cfg *asterisk.ConnConfig) { cfg.CallApp, cfg.PhonesApp = app, "" })
	incoming, _ := next.arrive(t, lab)
	_, err = io.WriteString(input, incoming+"\n")
	must(t, err)
	<-longEnough
	must(t, stopped.Process.Signal(syscall.SIGCONT))
	if word, err := said.ReadString('\n'); word != "fenced\n" || err != nil {
		t.Errorf("the woken controller said %q, %v", word, err)
	}
	if _, err := next.do.Channel(t.Context(), incoming); err != nil {
		t.Errorf("the caller is gone: %v", err)
	}
	must(t, next.do.Hangup(t.Context(), incoming, ""))
}
