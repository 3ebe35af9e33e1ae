package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
	"accueil/app/vault"
	"accueil/app/voicemail"
	"accueil/calls"
	"accueil/history/ledger"
	"accueil/site"
	"accueil/web"
)

// openMessages opens the place of what callers say.
func (a *App) openMessages() error {
	s := a.opt.Site
	box, err := vault.OpenFolder(messagesFolder(s), s.Voicemail.KeyFile)
	if err != nil {
		return err
	}
	a.messages = voicemail.New(voicemail.Options{
		Spool: s.Asterisk.Recordings, Box: box, Keep: s.Voicemail.Keep, Log: a.log, Registerer: a.registry,
		Live: a.lines.Capturing, Fate: a.fate, Discarded: a.discarded, Erased: a.erased, Needed: func() bool { return a.live.Load().program.Records() },
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

// webRecordings are the recordings as the API plays them (web.Recordings).
type webRecordings struct{ a *App }

// Open gives nothing out that is not in the audit. The log has the entry's hash too: an audit that was
// written anew by who commands the database does not agree with it.
func (r webRecordings) Open(ctx context.Context, h web.Hearing) (io.ReadSeekCloser, error) {
	sound, err := r.a.messages.Open(h.Recording, h.By)
	if errors.Is(err, voicemail.ErrNone) {
		return nil, acd.ErrNotFound{What: "recording", ID: h.Recording}
	}
	if err != nil {
		return nil, err
	}
	noted, err := r.a.audit(ctx, ledger.Heard{At: h.At, Who: h.By, What: ledger.AuditListen, Task: h.Task, Contact: h.Contact, Recording: h.Recording})
	if err != nil {
		return nil, errors.Join(err, sound.Close())
	}
	r.a.log.Info("a recording was opened", zap.String("recording", h.Recording), zap.String("by", h.By), zap.Stringer("audit", noted.Mark()))
	return sound, nil
}

// audit notes who heard what, for good.
func (a *App) audit(ctx context.Context, h ledger.Heard) (ledger.Heard, error) {
	l, err := a.tasks.Ledger()
	if err != nil {
		return h, err
	}
	return l.Audit(ctx, h)
}

// erased notes that a recording is no more.
func (a *App) erased(ctx context.Context, id string) {
	c, _ := voicemail.Contact(id)
	noted, err := a.audit(ctx, ledger.Heard{At: a.book.Now(), Who: ledger.System, What: ledger.AuditErase, Contact: acd.ContactID(c), Recording: id})
	if err != nil {
		a.log.Warn("that a recording was erased is not in the audit", zap.String("recording", id), zap.Error(err))
		return
	}
	a.log.Debug("that a recording was erased is in the audit", zap.Stringer("audit", noted.Mark()))
}

// webSurveys are callers' answers as the API shows them (web.Surveys).
type webSurveys struct{ a *App }

func (w webSurveys) Surveys(ctx context.Context, q acd.SurveyQuery) ([]acd.SurveyRecord, error) {
	l, err := w.a.tasks.Ledger()
	if err != nil {
		return nil, err
	}
	return l.Surveys(ctx, q)
}

func (w webSurveys) Commented(ctx context.Context, c acd.ContactID) (acd.SurveyRecord, error) {
	l, err := w.a.tasks.Ledger()
	if err != nil {
		return acd.SurveyRecord{}, err
	}
	return l.Commented(ctx, c)
}

// webAudit is who heard what as the API shows it (web.Audit).
type webAudit struct{ a *App }

func (w webAudit) Trail(ctx context.Context, after int64, most int) ([]web.Heard, error) {
	l, err := w.a.tasks.Ledger()
	if err != nil {
		return nil, err
	}
	list, err := l.Trail(ctx, after, most)
	out := make([]web.Heard, len(list))
	for i, h := range list {
		out[i] = web.Heard{Seq: h.Seq, At: h.At, Who: h.Who, What: h.What, Task: h.Task, Contact: h.Contact, Recording: h.Recording, Hash: h.Hash}
	}
	return out, err
}

// discarded lists the recordings of tasks that have lost whatever else was personal in them.
func (a *App) discarded(ctx context.Context) ([]string, error) {
	l, err := a.tasks.Ledger()
	if err != nil {
		return nil, err
	}
	return l.Erasable(ctx, a.book.Now().Add(-a.opt.Site.History.Tasks.Erase))
}

// Bounds of writing messages down.
const (
	mostTranscripts  = 100 // that wait; more are not written down
	transcriptTries  = 12
	transcriptPauses = 5 * time.Second
)

// writeDown has the messages of this node's callers written down, one after the other, where the site
// file names a program for it. A message without its text is a message all the same: what fails is told
// and left.
func (a *App) writeDown() {
	sub := a.book.Subscribe("transcripts")
	a.undo = append(a.undo, sub.Close)
	todo := make(chan acd.Leg, mostTranscripts)
	a.later(func() {
		defer close(todo)
		for e := range sub.Entries {
			for _, l := range e.Legs {
				if l.End == nil || l.End.At != e.At || l.Recording == "" || l.Node != a.opt.Site.Node || len(a.live.Load().site.Voicemail.TranscriptCommand) == 0 {
					continue
				}
				select {
				case todo <- l:
				default:
					a.log.Warn("too many messages wait to be written down; this one is not", zap.String("recording", l.Recording))
				}
			}
		}
	})
	a.later(func() {
		for l := range todo {
			if a.ctx.Err() == nil {
				a.transcribe(l)
			}
		}
	})
}

// transcribe has one message written down, and adds the text to its task, which the log's reader is about
// to make.
func (a *App) transcribe(l acd.Leg) {
	log := a.log.With(zap.String("recording", l.Recording))
	text, err := a.messages.Transcript(a.ctx, l.Recording, l.Lang, a.live.Load().site.Voicemail.TranscriptCommand)
	if err != nil || text == "" {
		log.Warn("a message was not written down", zap.Error(err))
		return
	}
	for range transcriptTries {
		ledger, err := a.tasks.Ledger()
		if err == nil {
			err = ledger.Transcribed(a.ctx, l.Recording, text, a.book.Now())
		}
		if err == nil {
			return
		}
		select {
		case <-a.ctx.Done():
			return
		case <-time.After(transcriptPauses):
		}
	}
	log.Warn("what was said in a message could not be added to its task")
}

// seals looks whether the key of what callers said is there.
func (d *doctor) seals() {
	const name = "recordings key"
	dir := messagesFolder(d.site)
	if _, err := os.Stat(dir); err != nil {
		return // nothing was ever said here
	}
	box, err := vault.OpenFolder(dir, d.site.Voicemail.KeyFile)
	var missing map[string]int
	if err == nil {
		missing, err = box.Missing()
	}
	switch {
	case err != nil:
		d.say(name, CheckFailed, err.Error(), "without that key no message can be heard, and none be left: take it from the backup of secrets")
	case len(missing) > 0:
		d.say(name, CheckFailed, sealedWith(missing, "recordings"), "put that key back as a line after the first of "+d.site.Voicemail.KeyFile)
	default:
		d.say(name, CheckOK, "opens every recording", "")
	}
}

// sealedWith tells how much cannot be opened because a key is missing.
func sealedWith(missing map[string]int, of string) string {
	var parts []string
	for _, id := range slices.Sorted(maps.Keys(missing)) {
		parts = append(parts, fmt.Sprintf("%d %s were sealed with key %s, which is not in the key file", missing[id], of, id))
	}
	return strings.Join(parts, "; ")
}

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
