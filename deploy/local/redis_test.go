package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

func startRedis(t *testing.T, opts RedisOptions) *Redis {
	t.Helper()
	r, err := StartRedis(within(t, 20*time.Second), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return r
}

// ask sends one inline command and returns the first line, or for a bulk
// answer its text; an array's elements are joined by spaces.
func ask(t *testing.T, network, addr, command string) string {
	t.Helper()
	conn, err := net.DialTimeout(network, addr, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := fmt.Fprintf(conn, "%s\r\n", command); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(conn)
	var read func() string
	read = func() string {
		line, err := in.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			return line
		}
		n, _ := strconv.Atoi(line[1:])
		switch {
		case line[0] == '$' && n >= 0:
			return read()
		case line[0] == '*':
			parts := make([]string, n)
			for i := range parts {
				parts[i] = read()
			}
			return strings.Join(parts, " ")
		default:
			return line
		}
	}
	return read()
}

func TestRedisIsDurableByDefault(t *testing.T) {
	t.Parallel()
	r := startRedis(t, RedisOptions{})
	for setting, want := range map[string]string{"maxmemory-policy": "noeviction", "appendonly": "yes", "save": ""} {
		if got := ask(t, "tcp", r.Addr(), "CONFIG GET "+setting); got != setting+" "+want {
			t.Errorf("CONFIG GET %s = %q, want %q", setting, got, want)
		}
	}
	without := startRedis(t, RedisOptions{NoAOF: true, ExtraConf: []string{"maxmemory 50mb"}})
	if got := ask(t, "tcp", without.Addr(), "CONFIG GET appendonly"); got != "appendonly no" {
		t.Errorf("with NoAOF: %q", got)
	}
	if got := ask(t, "tcp", without.Addr(), "CONFIG GET maxmemory"); got != "maxmemory 52428800" {
		t.Errorf("with a line of ExtraConf: %q", got)
	}
}

func TestRedisRestart(t *testing.T) {
	t.Parallel()
	ctx := within(t, 20*time.Second)
	r := startRedis(t, RedisOptions{ExtraConf: []string{"appendfsync always"}})
	port, pid := r.Port, r.PID()
	ask(t, "tcp", r.Addr(), "SET kept 1")

	exited := r.Exited()
	if err := r.Kill(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, ctx, "exit after Kill", exited)
	if err := r.Ping(ctx); err == nil {
		t.Fatal("a killed server answers PING")
	}
	if err := r.Pause(); !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("Pause of a killed server: %v, want os.ErrProcessDone", err)
	}
	if err := r.Restart(ctx, false); err != nil {
		t.Fatal(err)
	}
	if r.Port != port || r.PID() == pid {
		t.Errorf("after the restart: port %d, pid %d; want port %d and a new pid", r.Port, r.PID(), port)
	}
	if got := ask(t, "tcp", r.Addr(), "GET kept"); got != "1" {
		t.Errorf("after kill and restart the key is %q, want 1", got)
	}
	if err := r.Restart(ctx, true); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, "tcp", r.Addr(), "GET kept"); got != "$-1" {
		t.Errorf("after an empty restart the key is %q, want none", got)
	}
}

func TestRedisPauseHangs(t *testing.T) {
	t.Parallel()
	r := startRedis(t, RedisOptions{})
	if err := r.Pause(); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	if err := r.Ping(short); err == nil {
		t.Fatal("a paused server answers PING")
	}
	if err := r.Continue(); err != nil {
		t.Fatal(err)
	}
	if err := r.Ping(within(t, 5*time.Second)); err != nil {
		t.Errorf("after Continue: %v", err)
	}
	// The clean-up stops a paused server too.
	if err := r.Pause(); err != nil {
		t.Fatal(err)
	}
}

func TestRedisUnixSocket(t *testing.T) {
	t.Parallel()
	socket := t.TempDir() + "/redis.sock"
	startRedis(t, RedisOptions{UnixSocket: socket})
	if got := ask(t, "unix", socket, "PING"); got != "+PONG" {
		t.Errorf("PING on the socket: %q", got)
	}
}

func TestRedisLeavesNothing(t *testing.T) {
	t.Parallel()
	ctx := within(t, 20*time.Second)
	r, err := StartRedis(ctx, RedisOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(r.Dir); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := r.Stop(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(r.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the temporary folder is still there: %v", err)
	}
	if !free(r.Port, true) {
		t.Errorf("port %d is still in use", r.Port)
	}
}

func TestRedisThatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()
	_, err := StartRedis(within(t, 20*time.Second), RedisOptions{ExtraConf: []string{"no-such-setting 1"}})
	if err == nil || !strings.Contains(err.Error(), "no-such-setting") {
		t.Errorf("error %v, want one that shows the server's own words", err)
	}
}

// A parent that dies without any clean-up takes its servers with it.
func TestChildrenDieWithTheirParent(t *testing.T) {
	t.Parallel()
	ctx := within(t, 20*time.Second)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	parent := exec.CommandContext(ctx, self)
	parent.Env = append(os.Environ(), parentEnv+"="+t.TempDir())
	if _, err := parent.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	// A connection is the event: it ends with the process that holds it.
	conn, err := net.Dial("tcp", strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewReader(conn)
	if answer, err := answers.ReadString('\n'); err != nil || answer != "+PONG\r\n" {
		t.Fatalf("before the parent's death: %q, %v", answer, err)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait()
	var timeout net.Error
	if _, err := answers.ReadByte(); err == nil || errors.As(err, &timeout) && timeout.Timeout() {
		t.Fatalf("the server outlived its parent: %v", err)
	}
}
