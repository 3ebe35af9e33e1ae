// Package e2e starts whole hospitals for tests and benchmarks: a private Asterisk, a private Redis, the
// contact centre in this process or as the real binary, and scripted phones. Nothing is simulated but
// the people.
package e2e

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"accueil/acd"
	"accueil/app"
	asteriskconf "accueil/deploy/asterisk"
	"accueil/deploy/local"
	"accueil/phones"
	"accueil/site"
)

// Where things are in every hospital of this package.
const (
	PhonesIP   = "127.0.0.1" // agents' phones
	TrunkIP    = "127.0.0.2" // the operator
	ServicesIP = "127.0.0.4" // the hospital's PBX
)

// Options say how a hospital differs from the demonstration's.
type Options struct {
	// Folder is the site that is copied instead of the demonstration's; its addresses are written as there.
	Folder string
	// Edit changes the text of the site file before it is loaded.
	Edit func(siteYAML string) string
	// Scenarios replaces or adds scenario files by name ("principal.yaml").
	Scenarios map[string]string
	// Binary runs the built command as a child process, to be killed and stopped, instead of the
	// contact centre in this process.
	Binary string
	// NoApp starts Asterisk and Redis only.
	NoApp bool
	// Services are the PBX's extensions; nil answers as phones.DefaultServices does.
	Services map[string]phones.Policy
	// RTPPorts is how many ports are reserved for media, two for each channel; 0 means 400.
	RTPPorts int
}

// Hospital is a running one.
type Hospital struct {
	Dir      string
	SitePath string
	Site     *site.Site
	Asterisk *local.Asterisk
	Redis    *local.Redis
	App      *app.App // nil with Binary
	Services *phones.Services
	Log      *Buffer

	opt      Options
	conf     asteriskconf.Options
	root     local.Root
	http     *local.Reservation
	services *local.Reservation
	process  *exec.Cmd
	exited   chan struct{}
	trunk    *phones.Phone
	undo     []func()
	mu       sync.Mutex
}

// Open starts a hospital. Close stops it; both may be called by a failed test too.
func Open(ctx context.Context, o Options) (h *Hospital, err error) {
	h = &Hospital{opt: o, Log: &Buffer{}}
	defer func() {
		if err != nil {
			h.Close()
		}
	}()
	for _, step := range []func(context.Context) error{h.folders, h.startRedis, h.prepare, h.startServices} {
		if err := step(ctx); err != nil {
			return h, err
		}
	}
	if o.NoApp {
		return h, nil
	}
	return h, h.StartApp(ctx)
}

// Close stops everything and removes the files.
func (h *Hospital) Close() {
	for i := len(h.undo) - 1; i >= 0; i-- {
		h.undo[i]()
	}
	h.undo = nil
}

func (h *Hospital) later(do func()) { h.undo = append(h.undo, do) }

// bounded runs a step of the teardown, which must end.
func bounded(do func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	_ = do(ctx)
}

// ProjectRoot is the folder of go.mod.
func ProjectRoot() string {
	dir, _ := os.Getwd()
	for d := dir; d != "/"; d = filepath.Dir(d) {
		if _, err := os.Stat(filepath.Join(d, "go.mod")); err == nil {
			return d
		}
	}
	return dir
}

// folders copies the demonstration's files and lets their ports be ours.
func (h *Hospital) folders(context.Context) error {
	var err error
	if h.Dir, err = os.MkdirTemp("", "accueil-e2e-"); err != nil {
		return err
	}
	h.later(func() { _ = os.RemoveAll(h.Dir) })
	from := cmp.Or(h.opt.Folder, filepath.Join(ProjectRoot(), "deploy", "demo"))
	if err := os.CopyFS(h.Dir, os.DirFS(from)); err != nil {
		return fmt.Errorf("copy the site's files: %w", err)
	}
	secrets := func(path string, d fs.DirEntry, err error) error { // copies are for everybody, secrets are not
		if err != nil || d.IsDir() {
			return err
		}
		return os.Chmod(path, 0o600)
	}
	if err := filepath.WalkDir(filepath.Join(h.Dir, "secrets"), secrets); err != nil {
		return fmt.Errorf("keep the secrets: %w", err)
	}
	if err := os.RemoveAll(filepath.Join(h.Dir, "data")); err != nil { // somebody may have served it where it lies
		return err
	}
	for name, text := range h.opt.Scenarios {
		if err := os.WriteFile(filepath.Join(h.Dir, "scenarios", name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	h.SitePath = filepath.Join(h.Dir, "site.yaml")
	return nil
}

func (h *Hospital) startRedis(ctx context.Context) error {
	var err error
	if h.Redis, err = local.StartRedis(ctx, local.RedisOptions{}); err != nil {
		return err
	}
	h.later(func() { bounded(h.Redis.Stop) })
	return nil
}

// PromptCache is shared by all hospitals of this machine: speech is made once.
func PromptCache() string { return filepath.Join(os.TempDir(), "accueil-e2e-prompts") }

// prepare reserves ports, writes the site file with them, and makes prompts and music.
func (h *Hospital) prepare(ctx context.Context) error {
	ports, err := local.FreePorts(4)
	if err != nil {
		return err
	}
	sip, ari := ports[0], ports[1]
	h.http, h.services = ports[2], ports[3]
	rtp, err := local.FreeRange(cmp.Or(h.opt.RTPPorts, 400))
	if err != nil {
		return err
	}
	for _, r := range append(ports, rtp) {
		h.later(r.Release)
	}
	text, err := os.ReadFile(h.SitePath)
	if err != nil {
		return err
	}
	y := strings.NewReplacer(
		"http: 127.0.0.1:8080, sip: 127.0.0.1:5060", fmt.Sprintf("http: 127.0.0.1:%d, sip: 127.0.0.1:%d, rtp: %d-%d", h.http.Port(), sip.Port(), rtp.First, rtp.Last),
		"http://127.0.0.1:8088/ari", fmt.Sprintf("http://127.0.0.1:%d/ari, call_records: asterisk/log/cel-custom/accueil-cel.csv, recordings: asterisk/spool/recording", ari.Port()),
		"127.0.0.1:6379", h.Redis.Addr(),
		"match: [127.0.0.4],", fmt.Sprintf("match: [127.0.0.4], host: 127.0.0.4:%d,", h.services.Port()),
		"\ntimezone:", fmt.Sprintf("\nprompts: {cache: %q}\ntimezone:", PromptCache()),
	).Replace(string(text))
	if h.opt.Edit != nil {
		y = h.opt.Edit(y)
	}
	if err := os.WriteFile(h.SitePath, []byte(y), 0o600); err != nil {
		return err
	}
	s, findings := site.Load(h.SitePath)
	if s == nil {
		return fmt.Errorf("the test's site file: %w", findings)
	}
	h.Site = s
	if h.root, err = local.FindAsterisk(ctx); err != nil {
		return err
	}
	music := filepath.Join(h.Dir, "music")
	net, err := app.PrepareSound(ctx, s, music, h.sounds(), nil)
	if err != nil {
		return err
	}
	h.conf = asteriskconf.Options{MusicDir: music, Net: net}
	files, err := asteriskconf.Render(s, h.conf)
	if err != nil {
		return err
	}
	return h.launchAsterisk(ctx, files, sip.Port(), ari.Port(), *rtp)
}

func (h *Hospital) sounds() []string { return []string{filepath.Join(h.root.DataDir(), "sounds")} }

func (h *Hospital) launchAsterisk(ctx context.Context, files map[string][]byte, sip, ari int, rtp local.Reservation) error {
	a, err := local.StartAsterisk(ctx, local.AsteriskOptions{
		Root: h.root, Dir: filepath.Join(h.Dir, "asterisk"), Files: files, HTTPPort: ari, SIPPort: sip, RTP: rtp, Log: h.Log,
	})
	if err != nil {
		return err
	}
	h.Asterisk = a
	h.later(func() { bounded(h.Asterisk.Stop) })
	return nil
}

func (h *Hospital) startServices(ctx context.Context) error {
	s, err := phones.NewServices(context.WithoutCancel(ctx), phones.ServicesConfig{
		LocalIP: ServicesIP, LocalPort: h.services.Port(), Server: h.Asterisk.SIPAddr(), Policies: h.opt.Services, Tone: phones.AgentVoice(20),
	})
	if err != nil {
		return err
	}
	h.Services = s
	h.later(func() { _ = s.Close() })
	return nil
}

// StartApp starts the contact centre, again after it was killed or stopped.
func (h *Hospital) StartApp(ctx context.Context) error {
	if h.opt.Binary != "" {
		return h.startProcess(ctx)
	}
	log := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), h.Log, zapcore.DebugLevel))
	a, err := app.Start(ctx, app.Options{
		Site: h.Site, Version: "test", Log: log, Sounds: h.sounds(), Proved: true,
		Load: func() (*site.Site, error) {
			s, findings := site.Load(h.SitePath)
			if s == nil {
				return nil, app.BuildError{Findings: findings}
			}
			return s, nil
		},
	})
	if err != nil {
		return err
	}
	h.App = a
	h.later(func() { h.StopApp() })
	return a.WaitConnected(ctx, 10*time.Second)
}

// StopApp stops the contact centre in this process; a second call does nothing.
func (h *Hospital) StopApp() {
	h.mu.Lock()
	a := h.App
	h.App = nil
	h.mu.Unlock()
	if a != nil {
		bounded(a.Stop)
	}
}

func (h *Hospital) startProcess(ctx context.Context) error {
	cmd := exec.Command(h.opt.Binary, "serve", "--site", h.SitePath)
	cmd.Stdout, cmd.Stderr = h.Log, h.Log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the binary: %w", err)
	}
	exited := make(chan struct{})
	go func() { _ = cmd.Wait(); close(exited) }()
	h.mu.Lock()
	h.process, h.exited = cmd, exited
	h.mu.Unlock()
	h.later(func() { _ = cmd.Process.Kill(); <-exited })
	return h.WaitReady(ctx)
}

// Kill ends the contact centre's process at once (SIGKILL) and waits for its end.
func (h *Hospital) Kill() { h.signal(syscall.SIGKILL); <-h.exited }

// Terminate asks the process to stop (SIGTERM) and waits for its end.
func (h *Hospital) Terminate() { h.signal(syscall.SIGTERM); <-h.exited }

// Freeze and Thaw stop and continue the process (SIGSTOP, SIGCONT).
func (h *Hospital) Freeze() { h.signal(syscall.SIGSTOP) }

// Thaw continues a frozen process.
func (h *Hospital) Thaw() { h.signal(syscall.SIGCONT) }

func (h *Hospital) signal(s syscall.Signal) { _ = h.process.Process.Signal(s) }

// PID is the process id of the contact centre's binary.
func (h *Hospital) PID() int { return h.process.Process.Pid }

// Exited is closed when the contact centre's process has ended.
func (h *Hospital) Exited() <-chan struct{} { return h.exited }

// WaitReady returns when the node is connected to its Asterisk and Redis.
func (h *Hospital) WaitReady(ctx context.Context) error {
	for {
		if code, _, err := h.Request(ctx, http.MethodGet, "/readyz", nil); err == nil && code == http.StatusOK {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the node did not become ready: %w", ctx.Err())
		case <-h.exited:
			return errors.New("the node's process ended:\n" + h.Log.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// URL is where the API answers.
func (h *Hospital) URL() string { return "http://" + h.Site.Listen.HTTP }

// Request calls the API with the account that may ask this. body is sent as JSON when it is not nil.
func (h *Hospital) Request(ctx context.Context, method, path string, body any) (int, []byte, error) {
	var send io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		send = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, h.URL()+path, send)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token(path))
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, text, err
}

// token is that of who may ask this: the administrator for the node, the supervisor for the rest.
func token(path string) string {
	if strings.HasPrefix(path, "/v1/config") || strings.HasPrefix(path, "/v1/drain") {
		return "demo-admin"
	}
	return "demo-supervisor"
}

// Trunk is the operator's side: patients call through it.
func (h *Hospital) Trunk(ctx context.Context) (*phones.Phone, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.trunk == nil {
		p, err := phones.New(context.WithoutCancel(ctx), phones.Config{LocalIP: TrunkIP, Server: h.Asterisk.SIPAddr()})
		if err != nil {
			return nil, err
		}
		h.trunk = p
		h.later(func() { _ = p.Close() })
	}
	return h.trunk, nil
}

// Phone registers one of the site's phones; its tone is AgentVoice(n).
func (h *Hospital) Phone(ctx context.Context, id acd.PhoneID, n int) (*phones.Phone, error) {
	p, err := phones.New(context.WithoutCancel(ctx), phones.Config{
		LocalIP: PhonesIP, Server: h.Asterisk.SIPAddr(), User: string(id), Password: "demo-" + string(id), Tone: phones.AgentVoice(n),
	})
	if err != nil {
		return nil, err
	}
	h.later(func() { _ = p.Close() })
	return p, p.Register(ctx, time.Minute)
}

// Buffer collects what processes write; safe for concurrent use.
type Buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// Sync satisfies zap.
func (b *Buffer) Sync() error { return nil }

func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
