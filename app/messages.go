package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"accueil/acd"
	"accueil/app/vault"
	"accueil/app/voicemail"
	"accueil/calls"
	"accueil/site"
)

// openMessages opens the place of what callers say.
func (a *App) openMessages() error {
	s := a.opt.Site
	key, err := vault.LoadKey(s.Voicemail.KeyFile)
	if err != nil {
		return err
	}
	box, err := vault.OpenFolder(messagesFolder(s), key)
	if err != nil {
		return err
	}
	a.messages = voicemail.New(voicemail.Options{
		Spool: s.Asterisk.Recordings, Box: box, Keep: s.Voicemail.Keep, Log: a.log, Registerer: a.registry,
		Live: a.lines.Capturing, Fate: a.fate, Needed: func() bool { return a.live.Load().program.Records() },
	})
	return nil
}

func messagesFolder(s *site.Site) string { return filepath.Join(s.DataDir, "voicemail") }

// fate is what the log knows of a recording.
func (a *App) fate(id string) voicemail.Fate {
	c, ok := voicemail.Contact(id)
	if !ok {
		return voicemail.Unknown
	}
	legs := a.book.ContactLegs(acd.ContactID(c))
	fate := voicemail.Unknown
	for _, l := range legs {
		switch {
		case l.Live():
			return voicemail.Busy
		case l.Recording == id || l.Survey != nil && l.Survey.Comment == id:
			fate = voicemail.Wanted
		case fate == voicemail.Unknown:
			fate = voicemail.Unwanted
		}
	}
	return fate
}

// keptMessages are the recordings as the call control wants them (calls.Messages).
type keptMessages struct{ store *voicemail.Store }

func (m keptMessages) Take(ctx context.Context, id string) (calls.Taken, error) {
	length, said, err := m.store.Take(ctx, id)
	if errors.Is(err, voicemail.ErrNone) {
		err = errors.Join(calls.ErrGone, err)
	}
	return calls.Taken{Length: length, Said: said}, err
}

func (m keptMessages) Drop(ctx context.Context, id string) error { return m.store.Drop(ctx, id) }

// recordings looks whether what callers say can be fetched from Asterisk's folder.
func (d *doctor) recordings() {
	c, _ := assemble(d.site)
	if c == nil || !c.program.Records() {
		return
	}
	const name = "recordings"
	dir := d.site.Asterisk.Recordings
	f, err := os.CreateTemp(dir, "accueil-doctor-*")
	if err != nil {
		d.say(name, CheckFailed, "nothing can be removed from "+dir+": nobody could leave a message",
			"let this program's user write there (docs/install.md), or set asterisk.recordings")
		return
	}
	_ = f.Close()
	if err := os.Remove(f.Name()); err != nil {
		d.say(name, CheckFailed, err.Error(), "let this program's user remove files from "+dir)
		return
	}
	d.say(name, CheckOK, dir, "")
}
