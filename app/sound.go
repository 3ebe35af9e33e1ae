package app

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"accueil/acd"
	asteriskconf "accueil/deploy/asterisk"
	"accueil/ivr/prompts"
	"accueil/site"
)

// PrepareSound makes the spoken texts and the music of a site before its Asterisk starts, and returns
// the files that the dialplan's safety net plays: the same as the menus', so that a caller who falls
// into it hears the same voice.
func PrepareSound(ctx context.Context, s *site.Site, musicDir string, sounds []string, progress func(step string, done, total int)) (map[acd.Lang]asteriskconf.NetPrompts, error) {
	c, findings := assemble(s)
	if c == nil {
		return nil, BuildError{findings}
	}
	var tell func(done, total int)
	if progress != nil {
		tell = func(done, total int) { progress("prompts", done, total) }
	}
	if _, err := c.speak(ctx, sounds, tell); err != nil {
		return nil, err
	}
	defer c.voice.Close()
	if musicDir != "" {
		if err := prompts.WriteMusic(musicDir); err != nil {
			return nil, err
		}
		if s.Music != "" {
			findings, err := prompts.WriteSiteMusic(s.Music, filepath.Join(musicDir, asteriskconf.SiteMusic))
			switch {
			case err != nil:
				return nil, err
			case findings.Failed():
				return nil, BuildError{findings}
			}
		}
	}
	return netPrompts(c)
}

func netPrompts(c *config) (map[acd.Lang]asteriskconf.NetPrompts, error) {
	out := map[acd.Lang]asteriskconf.NetPrompts{}
	for _, l := range c.site.Languages {
		var p asteriskconf.NetPrompts
		for id, to := range map[string]*string{
			"sys.emergency": &p.Emergency, "sys.operator": &p.Wait, "sys.technical": &p.Sorry, "sys.accept": &p.Accept, "sys.fault": &p.Away,
		} {
			media, _, err := c.voice.Media(l, []acd.Prompt{{ID: id}})
			if err != nil || len(media) != 1 {
				return nil, fmt.Errorf("no sound for %s in %s: %w", id, l, err)
			}
			*to = strings.TrimPrefix(media[0], "sound:")
		}
		out[l] = p
	}
	return out, nil
}

// Handler serves the API, for a listener besides the site's own.
func (a *App) Handler() http.Handler { return a.server.Handler() }

// WaitConnected returns when Asterisk is heard and commanded, or says why not in time.
func (a *App) WaitConnected(ctx context.Context, within time.Duration) error {
	deadline := time.After(within)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !a.Connected() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-a.failed:
			return err
		case <-deadline:
			return fmt.Errorf("no connection to Asterisk at %s within %s", a.opt.Site.Asterisk.URL, within)
		case <-tick.C:
		}
	}
	return nil
}
