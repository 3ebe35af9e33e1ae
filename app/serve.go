package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"go.uber.org/zap"

	"accueil/asterisk"
	"accueil/site"
)

// ServeOptions say what to serve.
type ServeOptions struct {
	Path     string
	Version  string
	Log      *zap.Logger
	Reload   <-chan struct{} // read the site file again
	Progress func(step string, done, total int)
}

// statusEvery is how often systemd is told how many calls there are, and that we live.
const statusEvery = 5 * time.Second

// stopLimit bounds the writes that a stop finishes.
const stopLimit = 3 * time.Second

// Serve runs one node until the context ends or the node cannot go on.
func Serve(ctx context.Context, o ServeOptions) error {
	s, err := loadSite(o.Path)
	if err != nil {
		return err
	}
	if s.Demo {
		o.Log.Warn("this site is a demonstration: its passwords are public")
	}
	stopped := noteStart(s.DataDir, o.Log)
	a, err := Start(ctx, Options{
		Site: s, Version: o.Version, Log: o.Log, Progress: o.Progress, Sounds: systemSounds(),
		Load: func() (*site.Site, error) { return loadSite(o.Path) },
	})
	if err != nil {
		return err
	}
	defer func() {
		_, _ = daemon.SdNotify(false, daemon.SdNotifyStopping)
		stop, cancel := context.WithTimeout(context.Background(), stopLimit)
		defer cancel()
		if err := a.Stop(stop); err != nil {
			o.Log.Error("some facts were not written before the stop; they are in the spool", zap.Error(err))
		}
	}()
	o.Log.Info("serving", zap.String("site", s.ID), zap.String("node", string(s.Node)), zap.String("http", a.Addr().String()))
	_, _ = daemon.SdNotify(false, daemon.SdNotifyReady)
	err = a.watch(ctx, o.Reload)
	if err == nil {
		stopped()
	}
	return err
}

// watch waits for the end, reloads on demand and keeps systemd informed.
func (a *App) watch(ctx context.Context, reload <-chan struct{}) error {
	status := time.NewTicker(statusEvery)
	defer status.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-a.failed:
			return a.verdict(err)
		case <-reload:
			a.reloadOnSignal(ctx)
		case <-status.C:
			_, _ = daemon.SdNotify(false, fmt.Sprintf("STATUS=%d calls, Asterisk %s\n%s", a.Calls(), upDown(a.Connected()), daemon.SdNotifyWatchdog))
		}
	}
}

func upDown(up bool) string {
	if up {
		return "connected"
	}
	return "away"
}

// verdict tells why the node cannot go on, with the exit code that a supervisor of processes reads.
func (a *App) verdict(err error) error {
	var refused *asterisk.RefusedError
	switch {
	case errors.As(err, &refused):
		return ExitError{ExitRefused, refused}
	case errors.Is(err, asterisk.ErrFenced):
		return ExitError{ExitRefused, errors.New("another process serves this node now: two with the same node name must not run (site file, node)")}
	}
	return ExitError{ExitDependency, err}
}

func (a *App) reloadOnSignal(ctx context.Context) {
	_, _ = daemon.SdNotify(false, daemon.SdNotifyReloading)
	notes, err := a.Reload(ctx, "signal")
	if err != nil {
		a.log.Error("the site file was refused; the running version stays in force", zap.Error(err))
	}
	for _, n := range notes {
		a.log.Warn("reload", zap.String("note", n.String()))
	}
	_, _ = daemon.SdNotify(false, daemon.SdNotifyReady)
}

// systemSounds are where a distribution's Asterisk has its recordings.
func systemSounds() []string {
	var out []string
	for _, dir := range []string{"/usr/share/asterisk/sounds", "/var/lib/asterisk/sounds"} {
		if _, err := os.Stat(filepath.Clean(dir)); err == nil {
			out = append(out, dir)
		}
	}
	return out
}
