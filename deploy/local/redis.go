package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// redisGrace is how long Redis may take to write its last data at a stop.
const redisGrace = 5 * time.Second

// RedisOptions says which Redis to start. The zero value is right for most
// tests: a free port, a temporary folder, durability as production wants it.
type RedisOptions struct {
	Dir        string    // data folder, kept at Stop; empty = a temporary one, removed at Stop
	Port       int       // 0 = a free one; the same one at every Restart
	NoAOF      bool      // keep nothing on disk; by default appendonly is on
	UnixSocket string    // path of a socket to open as well; empty = none
	ExtraConf  []string  // further lines of redis.conf; the last one wins
	Log        io.Writer // receives the server's output from another goroutine; nil = nowhere
}

// Redis is a private Redis server. Its methods may be called from several
// goroutines, but one caller at a time should decide about its life.
type Redis struct {
	Dir        string
	Port       int
	UnixSocket string

	opts     RedisOptions
	binary   string
	temp     *tempDir // nil when the caller gave Dir
	reserved *Reservation

	mu    sync.Mutex // guards child
	child *child
}

// StartRedis starts a Redis server on 127.0.0.1 and returns when it answers
// PING. It has maxmemory-policy noeviction and, unless NoAOF, an append-only
// file synced every second: what production must have. ctx bounds the start
// only; the server runs until Stop or Kill, or until this process ends.
func StartRedis(ctx context.Context, opts RedisOptions) (*Redis, error) {
	binary, err := findRedis()
	if err != nil {
		return nil, err
	}
	r := &Redis{Dir: opts.Dir, Port: opts.Port, UnixSocket: opts.UnixSocket, opts: opts, binary: binary}
	if err := r.prepare(); err != nil {
		r.cleanUp()
		return nil, err
	}
	if err := r.start(ctx); err != nil {
		r.cleanUp()
		return nil, err
	}
	return r, nil
}

// findRedis looks for the server's program under its names.
func findRedis() (string, error) {
	for _, name := range []string{"redis-server", "/usr/bin/redis-server", "valkey-server"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("redis-server is not installed: run `make packages`, or `apt-get install redis-server` as root")
}

func (r *Redis) prepare() error {
	if r.Dir == "" {
		temp, err := newTempDir()
		if err != nil {
			return fmt.Errorf("start redis: %w", err)
		}
		r.Dir, r.temp = temp.path, temp
	}
	dir, err := filepath.Abs(r.Dir)
	if err != nil {
		return fmt.Errorf("find the folder of redis: %w", err)
	}
	r.Dir = dir
	if err := os.MkdirAll(r.Dir, 0o700); err != nil {
		return fmt.Errorf("make the folder of redis: %w", err)
	}
	if r.Port == 0 {
		if r.reserved, err = FreePort(); err != nil {
			return err
		}
		r.Port = r.reserved.Port()
	}
	return nil
}

func (r *Redis) conf() string {
	aof := "yes"
	if r.opts.NoAOF {
		aof = "no"
	}
	lines := []string{
		"bind 127.0.0.1",
		"port " + strconv.Itoa(r.Port),
		"dir " + strconv.Quote(r.Dir),
		"daemonize no",
		`save ""`,
		"appendonly " + aof,
		"appendfsync everysec",
		"maxmemory-policy noeviction",
		"databases 1",
	}
	if r.UnixSocket != "" {
		lines = append(lines, "unixsocket "+strconv.Quote(r.UnixSocket), "unixsocketperm 700")
	}
	lines = append(lines, r.opts.ExtraConf...)
	return strings.Join(lines, "\n") + "\n"
}

// start runs one process and waits until it has loaded its data.
func (r *Redis) start(ctx context.Context) error {
	conf := filepath.Join(r.Dir, "redis.conf")
	if err := os.WriteFile(conf, []byte(r.conf()), 0o600); err != nil {
		return fmt.Errorf("write redis.conf: %w", err)
	}
	cmd := exec.Command(r.binary, conf)
	cmd.Dir = r.Dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	out := newConsole(r.opts.Log, "Ready to accept connections")
	cmd.Stdout, cmd.Stderr = out, out
	c, err := startChild(cmd)
	if err != nil {
		return fmt.Errorf("start %s: %w", r.binary, err)
	}
	select {
	case <-out.ready:
		err = r.Ping(ctx)
	case <-c.done:
		err = errors.New("it ended at once")
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if err != nil {
		_ = c.kill()
		return fmt.Errorf("start redis on port %d: %w\n%s", r.Port, err, out.lastLines())
	}
	r.mu.Lock()
	r.child = c
	r.mu.Unlock()
	return nil
}

// Addr is host:port for a client.
func (r *Redis) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(r.Port)) }

// Ping asks the server once, without any client library.
func (r *Redis) Ping(ctx context.Context) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", r.Addr())
	if err != nil {
		return fmt.Errorf("connect to redis: %w", err)
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return fmt.Errorf("send PING to redis: %w", err)
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return fmt.Errorf("read redis's answer to PING: %w", err)
	}
	// A server with a password says NOAUTH, which is an answer as well.
	if a := strings.TrimSpace(answer); a != "+PONG" && !strings.HasPrefix(a, "-NOAUTH") {
		return fmt.Errorf("redis answered %q to PING", a)
	}
	return nil
}

func (r *Redis) current() *child {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.child
}

// PID is the process id of the present run.
func (r *Redis) PID() int { return r.current().pid }

// Exited is closed when the present run has ended, wanted or not.
func (r *Redis) Exited() <-chan struct{} { return r.current().done }

// Stop ends the server in order (it writes its data first), frees its port
// and removes its folder if it was a temporary one. It may be called twice.
func (r *Redis) Stop(ctx context.Context) error {
	err := r.current().stop(ctx, redisGrace)
	r.cleanUp()
	if err != nil {
		return fmt.Errorf("stop redis: %w", err)
	}
	return nil
}

// Kill ends the server as a crash would (SIGKILL). Data and port are kept
// for Restart; Stop releases them.
func (r *Redis) Kill() error { return r.current().kill() }

// Pause makes the server hang (SIGSTOP): connections stay open, nothing is
// answered, until Continue.
func (r *Redis) Pause() error { return r.current().signal(syscall.SIGSTOP) }

// Continue wakes a paused server.
func (r *Redis) Continue() error { return r.current().signal(syscall.SIGCONT) }

// Restart stops the server if it runs and starts it on the same port with
// the data on disk, or with none when empty is true.
func (r *Redis) Restart(ctx context.Context, empty bool) error {
	if err := r.current().stop(ctx, redisGrace); err != nil {
		return fmt.Errorf("stop redis before its restart: %w", err)
	}
	if empty {
		for _, name := range []string{"appendonlydir", "appendonly.aof", "dump.rdb"} {
			if err := os.RemoveAll(filepath.Join(r.Dir, name)); err != nil {
				return fmt.Errorf("empty the data of redis: %w", err)
			}
		}
	}
	return r.start(ctx)
}

func (r *Redis) cleanUp() {
	r.reserved.Release()
	r.temp.remove()
}
