package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// asteriskGrace is how long Asterisk may take to end its calls at a stop.
	asteriskGrace = 5 * time.Second
	// controlPathMax is what a unix socket's path may hold on Linux, 108
	// bytes with its final zero, less room for "/asterisk.ctl".
	controlPathMax = 107 - len("/asterisk.ctl")
	// defaultRTPPorts is enough for 125 calls of two legs at once.
	defaultRTPPorts = 500
)

// AsteriskOptions says which Asterisk to start. Only Root is needed.
type AsteriskOptions struct {
	Root Root   // from FindAsterisk or OpenRoot
	Dir  string // the instance's folder, kept at Stop; empty = a temporary one, removed at Stop

	// Files are the configuration files, by their path below etc
	// ("pjsip.conf", "accueil/extensions.conf"). One that has the name of a
	// default replaces it. The [directories] of an asterisk.conf are ignored.
	Files map[string][]byte

	// Ports that appear in Files must be given here too (see FreePort).
	HTTPPort int         // ARI, on 127.0.0.1; 0 = a free one
	SIPPort  int         // UDP, on 127.0.0.1; 0 = a free one
	RTP      Reservation // First and Last; zero = 500 free ones

	Env []string  // further environment, NAME=value
	Log io.Writer // receives the console's output from another goroutine; nil = nowhere

	renamed bool // run under the name localhost in any case, for the test of that way
}

// Asterisk is a private Asterisk server. Its methods may be called from
// several goroutines, but one caller at a time should decide about its life.
type Asterisk struct {
	Dir      string
	HTTPPort int
	SIPPort  int
	RTP      Reservation

	root     Root
	opts     AsteriskOptions
	temp     *tempDir // nil when the caller gave Dir
	runDir   string   // holds the control socket; outside Dir when Dir is too long
	tempRun  *tempDir // runDir when it is outside
	reserved []*Reservation

	mu    sync.Mutex // guards child
	child *child
}

// StartAsterisk starts an Asterisk server and returns when it is fully
// booted. ctx bounds the start only; the server runs until Stop or Kill, or
// until this process ends. The error shows the last lines of its console.
func StartAsterisk(ctx context.Context, opts AsteriskOptions) (*Asterisk, error) {
	a := &Asterisk{
		Dir: opts.Dir, HTTPPort: opts.HTTPPort, SIPPort: opts.SIPPort, RTP: opts.RTP,
		root: opts.Root, opts: opts,
	}
	err := a.prepare()
	if err == nil {
		err = a.start(ctx)
	}
	if err != nil {
		a.cleanUp()
		return nil, err
	}
	return a, nil
}

// prepare chooses ports and writes the instance's folder.
func (a *Asterisk) prepare() error {
	if a.root.binary == "" {
		return errors.New("start asterisk: no Root given, take one from FindAsterisk")
	}
	if err := a.prepareDir(); err != nil {
		return err
	}
	if err := a.reserve(); err != nil {
		return err
	}
	for name, text := range a.defaultFiles() {
		if _, given := a.opts.Files[name]; given {
			continue
		}
		if err := a.WriteFile(name, []byte(text)); err != nil {
			return err
		}
	}
	for name, data := range a.opts.Files {
		if name == "asterisk.conf" {
			continue
		}
		if err := a.WriteFile(name, data); err != nil {
			return err
		}
	}
	return a.WriteFile("asterisk.conf", []byte(a.asteriskConf(a.opts.Files["asterisk.conf"])))
}

// prepareDir makes the folders and links the data that Asterisk reads.
func (a *Asterisk) prepareDir() error {
	if a.Dir == "" {
		temp, err := newTempDir()
		if err != nil {
			return fmt.Errorf("start asterisk: %w", err)
		}
		a.Dir, a.temp = temp.path, temp
	}
	dir, err := filepath.Abs(a.Dir)
	if err != nil {
		return fmt.Errorf("find the folder of asterisk: %w", err)
	}
	a.Dir, a.runDir = dir, filepath.Join(dir, "run")
	if len(a.runDir) > controlPathMax {
		if a.tempRun, err = newTempDir(); err != nil {
			return fmt.Errorf("start asterisk: %w", err)
		}
		a.runDir = a.tempRun.path
	}
	for _, name := range []string{a.runDir, "etc", "lib/keys", "log/cdr-csv", "log/cdr-custom", "log/cel-custom", "spool/recording", "data/sounds"} {
		if !filepath.IsAbs(name) {
			name = filepath.Join(a.Dir, name)
		}
		if err := os.MkdirAll(name, 0o700); err != nil {
			return fmt.Errorf("make the folders of asterisk: %w", err)
		}
	}
	return a.linkData()
}

// linkData fills data with links to the root's read-only data. In an unpacked
// root sounds/<language> is missing, or an absolute link that leads out of it,
// so each language is linked to its folder there: a recorded voice is called
// language_country_sex_name ("fr_CA_f_June").
func (a *Asterisk) linkData() error {
	links := map[string]string{"documentation": filepath.Join(a.root.dataDir, "documentation")}
	sounds := filepath.Join(a.root.dataDir, "sounds")
	entries, err := os.ReadDir(sounds)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("read the sounds of asterisk: %w", err)
	}
	for _, e := range entries {
		target, ok := a.root.resolve(filepath.Join(sounds, e.Name()))
		if !ok {
			continue
		}
		links[filepath.Join("sounds", e.Name())] = target
		if language, rest, voice := strings.Cut(e.Name(), "_"); voice && strings.Contains(rest, "_") {
			if alias := filepath.Join("sounds", language); links[alias] == "" {
				links[alias] = target
			}
		}
	}
	for name, target := range links {
		link := filepath.Join(a.Dir, "data", name)
		if err := os.Symlink(target, link); err != nil && !errors.Is(err, os.ErrExist) {
			return fmt.Errorf("link the data of asterisk: %w", err)
		}
	}
	return nil
}

// reserve takes the ports that the caller did not choose.
func (a *Asterisk) reserve() error {
	for _, port := range []*int{&a.HTTPPort, &a.SIPPort} {
		if *port != 0 {
			continue
		}
		r, err := FreePort()
		if err != nil {
			return err
		}
		a.reserved = append(a.reserved, r)
		*port = r.Port()
	}
	if a.RTP.First == 0 {
		r, err := FreeRange(defaultRTPPorts)
		if err != nil {
			return err
		}
		a.reserved = append(a.reserved, r)
		a.RTP = Reservation{First: r.First, Last: r.Last}
	}
	return nil
}

// start runs one process and waits until it says that it is ready.
func (a *Asterisk) start(ctx context.Context) error {
	n, err := newNotifier()
	if err != nil {
		return err
	}
	defer n.close()
	cmd := a.root.command("-C", a.confFile(), "-f")
	cmd.Dir = a.Dir
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + a.Dir, "TZ=" + os.Getenv("TZ"), "LC_ALL=C.UTF-8", n.env(),
	}, a.opts.Env...)
	// A build without systemd's library says it on the console only.
	out := newConsole(a.opts.Log, "Asterisk Ready.")
	cmd.Stdout, cmd.Stderr = out, out
	renamed := a.opts.renamed || ownNameStalls(ctx)
	if renamed {
		asLocalhost(cmd)
	}
	c, err := startChild(cmd)
	if err != nil {
		if renamed {
			err = errOwnName(err)
		}
		return fmt.Errorf("start %s: %w", a.root.binary, err)
	}
	select {
	case <-n.ready:
	case <-out.ready:
	case <-c.done:
		return fmt.Errorf("start asterisk: it ended before it was ready\n%s", out.lastLines())
	case <-ctx.Done():
		_ = c.kill()
		return fmt.Errorf("start asterisk: %w\n%s", context.Cause(ctx), out.lastLines())
	}
	a.mu.Lock()
	a.child = c
	a.mu.Unlock()
	return nil
}

func (a *Asterisk) confFile() string { return filepath.Join(a.Dir, "etc", "asterisk.conf") }

// WriteFile writes a configuration file below etc; CLI("module reload …") or
// ARI then makes Asterisk read it.
func (a *Asterisk) WriteFile(name string, data []byte) error {
	if !filepath.IsLocal(name) {
		return fmt.Errorf("write configuration file %q: it is not below etc", name)
	}
	path := filepath.Join(a.Dir, "etc", name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("write configuration file %s: %w", name, err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return fmt.Errorf("write configuration file %s: %w", name, err)
	}
	return nil
}

// ARIURL is the base of the REST interface, without a final slash.
func (a *Asterisk) ARIURL() string { return fmt.Sprintf("http://127.0.0.1:%d/ari", a.HTTPPort) }

// SIPAddr is host:port of the default UDP transport.
func (a *Asterisk) SIPAddr() string { return fmt.Sprintf("127.0.0.1:%d", a.SIPPort) }

// CLI runs one console command and returns what it printed, without the
// final newline.
func (a *Asterisk) CLI(ctx context.Context, command string) (string, error) {
	cmd := a.root.command("-C", a.confFile(), "-rx", command)
	cmd.Env = []string{"HOME=" + a.Dir, "PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8"}
	out, err := runBounded(ctx, cmd)
	if err != nil {
		return "", fmt.Errorf("run %q on asterisk's console: %w", command, err)
	}
	return strings.TrimRight(out, "\n"), nil
}

func (a *Asterisk) current() *child {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.child
}

// PID is the process id of the present run.
func (a *Asterisk) PID() int { return a.current().pid }

// Exited is closed when the present run has ended, wanted or not.
func (a *Asterisk) Exited() <-chan struct{} { return a.current().done }

// Stop ends the server and its calls in order, frees its ports and removes
// its folder if it was a temporary one. It may be called twice.
func (a *Asterisk) Stop(ctx context.Context) error {
	err := a.current().stop(ctx, asteriskGrace)
	a.cleanUp()
	if err != nil {
		return fmt.Errorf("stop asterisk: %w", err)
	}
	return nil
}

// Kill ends the server as a crash would (SIGKILL). Folder and ports are kept
// for Restart; Stop releases them.
func (a *Asterisk) Kill() error { return a.current().kill() }

// Pause makes the server hang (SIGSTOP): sockets stay open, nothing is
// answered, no sound is sent, until Continue.
func (a *Asterisk) Pause() error { return a.current().signal(syscall.SIGSTOP) }

// Continue wakes a paused server.
func (a *Asterisk) Continue() error { return a.current().signal(syscall.SIGCONT) }

// Restart stops the server if it runs and starts it again with the same
// folder and ports. Files written with WriteFile are kept.
func (a *Asterisk) Restart(ctx context.Context) error {
	if err := a.current().stop(ctx, asteriskGrace); err != nil {
		return fmt.Errorf("stop asterisk before its restart: %w", err)
	}
	return a.start(ctx)
}

func (a *Asterisk) cleanUp() {
	for _, r := range a.reserved {
		r.Release()
	}
	a.tempRun.remove()
	a.temp.remove()
}
