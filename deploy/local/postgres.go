package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// postgresGrace is how long PostgreSQL may take to write its last data at a stop.
const postgresGrace = 5 * time.Second

// PostgresOptions says which PostgreSQL to start. The zero value is right for most tests.
type PostgresOptions struct {
	Port int       // 0 = a free one; the same one at every Restart
	Log  io.Writer // receives the server's output from another goroutine; nil = nowhere
}

// Postgres is a private PostgreSQL server in a temporary folder, with one database. Its methods may be
// called from several goroutines, but one caller at a time should decide about its life.
type Postgres struct {
	Port int

	opts     PostgresOptions
	bin      string // folder of its programs
	temp     *tempDir
	as       *syscall.Credential // it refuses to run as root; nil when we are not
	reserved *Reservation

	mu    sync.Mutex // guards child
	child *child
}

// postgresUser is its superuser, and the name of the database.
const postgresUser = "accueil"

// StartPostgres makes a database and starts a server for it on 127.0.0.1. ctx bounds the start only; the
// server runs until Stop or Kill, or until this process ends. As root it runs as the user postgres, or
// nobody.
func StartPostgres(ctx context.Context, opts PostgresOptions) (*Postgres, error) {
	bin, err := findPostgres()
	if err != nil {
		return nil, err
	}
	p := &Postgres{Port: opts.Port, opts: opts, bin: bin}
	if err = p.prepare(ctx); err == nil {
		err = p.start(ctx)
	}
	if err == nil {
		err = p.create(ctx)
	}
	if err != nil {
		if p.current() != nil {
			_ = p.Kill()
		}
		p.cleanUp()
		return nil, err
	}
	return p, nil
}

// findPostgres looks for the folder of the server's programs: Debian keeps it out of the path.
func findPostgres() (string, error) {
	folders, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	slices.SortFunc(folders, func(a, b string) int { return postgresVersion(b) - postgresVersion(a) })
	if path, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			folders = append(folders, filepath.Dir(real))
		}
	}
	for _, dir := range folders {
		if _, err := exec.LookPath(filepath.Join(dir, "postgres")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("PostgreSQL is not installed: run `make test-packages`, or `apt-get install postgresql` as root")
}

func postgresVersion(bin string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	return n
}

// prepare makes the folder, as whoever may run the server, and its files.
func (p *Postgres) prepare(ctx context.Context) (err error) {
	if p.temp, err = newTempDir(); err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	if p.Port == 0 {
		if p.reserved, err = FreePort(); err != nil {
			return err
		}
		p.Port = p.reserved.Port()
	}
	if err := os.Mkdir(p.data(), 0o700); err != nil {
		return fmt.Errorf("make the folder of postgres: %w", err)
	}
	if os.Getuid() == 0 {
		if err := p.drop(); err != nil {
			return err
		}
	}
	cmd := p.command("initdb", "--pgdata", p.data(), "--username", postgresUser, "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return ctx.Err()
}

// drop gives the folder to a user who is not root.
func (p *Postgres) drop() error {
	var who *user.User
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			who = u
			break
		}
	}
	if who == nil {
		return errors.New("start postgres: it does not run as root, and there is no user postgres or nobody")
	}
	uid, err := strconv.ParseUint(who.Uid, 10, 32)
	if err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	gid, err := strconv.ParseUint(who.Gid, 10, 32)
	if err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	p.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	if err := errors.Join(os.Chown(p.data(), int(uid), int(gid)), os.Chmod(p.temp.path, 0o711)); err != nil {
		return fmt.Errorf("give postgres its folder: %w", err)
	}
	return nil
}

func (p *Postgres) data() string { return filepath.Join(p.temp.path, "data") }

func (p *Postgres) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(p.bin, name), args...)
	cmd.Dir = p.data()
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.as}
	return cmd
}

// start runs one process and waits until it takes connections.
func (p *Postgres) start(ctx context.Context) error {
	settings := []string{
		"listen_addresses=127.0.0.1", "port=" + strconv.Itoa(p.Port), "unix_socket_directories=", "logging_collector=off",
		"shared_buffers=16MB", "max_connections=50", "log_min_messages=warning",
	}
	args := []string{"-D", p.data()}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	cmd := p.command("postgres", args...)
	out := newConsole(p.opts.Log, "ready to accept connections")
	cmd.Stdout, cmd.Stderr = out, out
	c, err := startChild(cmd)
	if err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	select {
	case <-out.ready:
	case <-c.done:
		return fmt.Errorf("start postgres on port %d: it ended at once\n%s", p.Port, out.lastLines())
	case <-ctx.Done():
		_ = c.kill()
		return fmt.Errorf("start postgres: %w\n%s", context.Cause(ctx), out.lastLines())
	}
	p.mu.Lock()
	p.child = c
	p.mu.Unlock()
	return nil
}

// create makes the database.
func (p *Postgres) create(ctx context.Context) error { return p.Create(ctx, postgresUser) }

// Create makes another, empty database on the server.
func (p *Postgres) Create(ctx context.Context, name string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(p.bin, "createdb"), "--host", "127.0.0.1", "--port", strconv.Itoa(p.Port), "--username", postgresUser, name)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("create a database: %w\n%s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// URL is the address of a database of the server for a client.
func (p *Postgres) URL(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.User(postgresUser), Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(p.Port)),
		Path: "/" + database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

func (p *Postgres) current() *child {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.child
}

// Stop ends the server in order, frees its port and removes its folder. It may be called twice.
func (p *Postgres) Stop(ctx context.Context) error {
	c := p.current()
	_ = syscall.Kill(c.pid, syscall.SIGINT) // "fast": it does not wait for its clients
	err := c.ended(ctx, postgresGrace)
	p.cleanUp()
	if err != nil {
		return fmt.Errorf("stop postgres: %w", err)
	}
	return nil
}

// Kill ends the server as a crash would (SIGKILL). Data and port are kept for Restart.
func (p *Postgres) Kill() error { return p.current().kill() }

// stillDying is what a server says that is started while processes of a killed one hold its memory.
const stillDying = "pre-existing shared memory block"

// Restart starts a killed server again, with its data. The killed one's own processes end when they
// notice, a moment after it: until then the start is refused, and tried again.
func (p *Postgres) Restart(ctx context.Context) error {
	for {
		err := p.start(ctx)
		if err == nil || !strings.Contains(err.Error(), stillDying) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(50 * time.Millisecond): // nothing announces their end
		}
	}
}

func (p *Postgres) cleanUp() {
	p.reserved.Release()
	p.temp.remove()
}
