// Package demo starts the demonstration hospital: its own Asterisk and Redis as child processes, the
// contact centre on top, and simulated patients and agents who place real calls over SIP.
//
// For a look, for development and for foreign phones that want to try: never for a real hospital.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
	"accueil/app"
	asteriskconf "accueil/deploy/asterisk"
	"accueil/deploy/local"
	"accueil/site"
)

// Options say what to show.
type Options struct {
	SitePath string
	People   bool   // simulated patients, agents and services
	Listen   string // address for phones and browsers of other machines; empty keeps to this one
	Dir      string // where Asterisk, Redis and the prompts of the demonstration live
	// CallsPerDay scales the Monday on which patients call; Pace shortens conversations.
	CallsPerDay float64
	Pace        float64
	Version     string
	Out         io.Writer // the story, a line at a time
	Log         *zap.Logger
	Progress    func(step string, done, total int)
}

// Demo is a running demonstration.
type Demo struct {
	opt      Options
	site     *site.Site
	redis    *local.Redis
	asterisk *local.Asterisk
	app      *app.App
	net      map[acd.Lang]asteriskconf.NetPrompts
	undo     []func()
}

// Run starts everything, tells the story until the context ends, and stops everything.
func Run(ctx context.Context, o Options) (err error) {
	d := &Demo{opt: o}
	defer func() {
		for i := len(d.undo) - 1; i >= 0; i-- {
			d.undo[i]()
		}
	}()
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"read the site file", d.load}, {"start Redis", d.startRedis}, {"make the spoken texts", d.prepareSound},
		{"start Asterisk", d.startAsterisk}, {"start the contact centre", d.startApp}, {"open to other machines", d.open},
		{"bring in the people", d.bringPeople},
	} {
		if err := step.do(ctx); err != nil {
			if ctx.Err() != nil {
				return nil // stopped while starting
			}
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	d.explain()
	return d.tell(ctx)
}

func (d *Demo) say(format string, args ...any) { fmt.Fprintf(d.opt.Out, format+"\n", args...) }

func (d *Demo) later(undo func()) { d.undo = append(d.undo, undo) }

// load reads the site and moves its own files below the demonstration's folder.
func (d *Demo) load(context.Context) error {
	s, findings := site.Load(d.opt.SitePath)
	if s == nil {
		return app.BuildError{Findings: findings}
	}
	dir, err := filepath.Abs(d.opt.Dir)
	if err != nil {
		return err
	}
	d.opt.Dir = dir
	s.DataDir, s.Prompts.Cache = filepath.Join(dir, "data"), filepath.Join(dir, "prompts")
	s.History.URL, s.Voicemail.KeyFile = "sqlite:"+filepath.Join(s.DataDir, "history.db"), filepath.Join(s.DataDir, "voicemail.key")
	d.site = s
	// Each demonstration opens anew; only speech, which takes time to make, is kept.
	for _, old := range []string{s.DataDir, filepath.Join(dir, "redis"), filepath.Join(dir, "asterisk")} {
		if err := os.RemoveAll(old); err != nil {
			return fmt.Errorf("clear the last demonstration: %w", err)
		}
	}
	return os.MkdirAll(s.DataDir, 0o755)
}

func (d *Demo) startRedis(ctx context.Context) error {
	want := "127.0.0.1:6379"
	if len(d.site.Redis.Addresses) > 0 {
		want = d.site.Redis.Addresses[0]
	}
	port, err := d.freeTCP("Redis", want)
	if err != nil {
		return err
	}
	d.redis, err = local.StartRedis(ctx, local.RedisOptions{Dir: filepath.Join(d.opt.Dir, "redis"), Port: port})
	if err != nil {
		return err
	}
	d.later(func() { stop(d.redis.Stop) })
	d.site.Redis = site.Redis{Addresses: site.Addresses{d.redis.Addr()}}
	return nil
}

// stop ends a child process within a bound of its own: the demonstration's context is over by then.
func stop(do func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = do(ctx)
}

func (d *Demo) prepareSound(ctx context.Context) error {
	root, err := local.FindAsterisk(ctx)
	if err != nil {
		return err
	}
	d.net, err = app.PrepareSound(ctx, d.site, d.musicDir(), sounds(root), d.opt.Progress)
	return err
}

func sounds(root local.Root) []string { return []string{filepath.Join(root.DataDir(), "sounds")} }

func (d *Demo) musicDir() string { return filepath.Join(d.opt.Dir, "music") }

func (d *Demo) startAsterisk(ctx context.Context) error {
	root, err := local.FindAsterisk(ctx)
	if err != nil {
		return err
	}
	sip, err := d.freeUDP("SIP", d.site.Listen.SIP)
	if err != nil {
		return err
	}
	ari, err := d.freeTCP("ARI", "127.0.0.1:8088")
	if err != nil {
		return err
	}
	host := "127.0.0.1"
	if d.opt.Listen != "" {
		host = "0.0.0.0"
	}
	rtp, err := local.FreeRange(800)
	if err != nil {
		return err
	}
	d.later(rtp.Release)
	d.site.Listen.SIP = net.JoinHostPort(host, fmt.Sprint(sip))
	d.site.Asterisk.URL = fmt.Sprintf("http://127.0.0.1:%d/ari", ari)
	d.site.Asterisk.CallRecords = filepath.Join(d.opt.Dir, "asterisk", "log", "cel-custom", "accueil-cel.csv")
	d.site.Asterisk.Recordings = filepath.Join(d.opt.Dir, "asterisk", "spool", "recording")
	d.site.Listen.RTPFirst, d.site.Listen.RTPLast = rtp.First, rtp.Last
	options := asteriskconf.Options{MusicDir: d.musicDir(), Net: d.net, TrunkHosts: d.trunkHosts()}
	files, err := asteriskconf.Render(d.site, options)
	if err != nil {
		return err
	}
	d.asterisk, err = local.StartAsterisk(ctx, local.AsteriskOptions{
		Root: root, Dir: filepath.Join(d.opt.Dir, "asterisk"), Files: files, HTTPPort: ari, SIPPort: sip, RTP: *rtp,
	})
	if err != nil {
		return err
	}
	d.later(func() { stop(d.asterisk.Stop) })
	return nil
}

// trunkHosts sends calls of the PBX trunk to our simulated services, which listen on a port of their
// own where Asterisk takes 5060 on every address.
func (d *Demo) trunkHosts() map[acd.TrunkID]string {
	if !d.opt.People && d.opt.Listen == "" {
		return nil // a foreign PBX may sit where the site file says
	}
	return map[acd.TrunkID]string{"autocom": fmt.Sprintf("%s:%d", servicesIP, servicesPort)}
}

func (d *Demo) startApp(ctx context.Context) error {
	port, err := d.freeTCP("HTTP", d.site.Listen.HTTP)
	if err != nil {
		return err
	}
	host, _, _ := net.SplitHostPort(d.site.Listen.HTTP)
	d.site.Listen.HTTP = net.JoinHostPort(host, fmt.Sprint(port))
	root, err := local.FindAsterisk(ctx)
	if err != nil {
		return err
	}
	running := *d.site
	d.app, err = app.Start(ctx, app.Options{
		Site: d.site, Version: d.opt.Version, Log: d.opt.Log, Sounds: sounds(root),
		Load: func() (*site.Site, error) {
			s, findings := site.Load(d.opt.SitePath)
			if s == nil {
				return nil, app.BuildError{Findings: findings}
			}
			// Where the demonstration runs stays as it is.
			s.DataDir, s.Prompts.Cache, s.Redis, s.Listen, s.Asterisk = running.DataDir, running.Prompts.Cache, running.Redis, running.Listen, running.Asterisk
			s.History, s.Voicemail.KeyFile = running.History, running.Voicemail.KeyFile
			return s, nil
		},
	})
	if err != nil {
		return err
	}
	d.later(func() { stop(d.app.Stop) })
	return d.app.WaitConnected(ctx, 10*time.Second)
}

// freeTCP and freeUDP return the port of the address, or the next free one, which is said.
func (d *Demo) freeTCP(what, address string) (int, error) {
	return d.free(what, address, func(a string) (io.Closer, error) { return net.Listen("tcp", a) })
}

func (d *Demo) freeUDP(what, address string) (int, error) {
	return d.free(what, address, func(a string) (io.Closer, error) { return net.ListenPacket("udp", a) })
}

// portTries is how many ports after the wanted one are looked at.
const portTries = 200

func (d *Demo) free(what, address string, try func(string) (io.Closer, error)) (int, error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return 0, err
	}
	if host == "0.0.0.0" || host == "" {
		host = "127.0.0.1"
	}
	var want int
	if _, err := fmt.Sscan(text, &want); err != nil {
		return 0, fmt.Errorf("port %q: %w", text, err)
	}
	for port := want; port < want+portTries; port++ {
		c, err := try(net.JoinHostPort(host, fmt.Sprint(port)))
		if err != nil {
			continue
		}
		_ = c.Close()
		if port != want {
			d.say("Port %d (%s) is taken: using %d.", want, what, port)
		}
		return port, nil
	}
	return 0, fmt.Errorf("no free port for %s from %d to %d: stop what uses them, or change the site file", what, want, want+portTries-1)
}

// tell follows the log and prints a line for each step of each call.
func (d *Demo) tell(ctx context.Context) error {
	sub := d.app.Book().Subscribe("demo")
	defer sub.Close()
	story := newStory(d.site.Location)
	story.fold(sub.Image)
	for {
		select {
		case <-ctx.Done():
			d.say("\nStopping. Calls are hung up; the next demonstration begins anew.")
			return nil
		case err := <-d.app.Failed():
			return err
		case <-d.asterisk.Exited():
			return errors.New("the demonstration's Asterisk ended by itself; its log is in " + filepath.Join(d.opt.Dir, "asterisk"))
		case <-d.redis.Exited():
			return errors.New("the demonstration's Redis ended by itself")
		case e, ok := <-sub.Entries:
			if !ok {
				return nil
			}
			for _, line := range story.fold(e) {
				d.say("%s", line)
			}
		}
	}
}
