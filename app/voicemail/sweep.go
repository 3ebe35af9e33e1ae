package voicemail

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.uber.org/zap"
)

// How often Asterisk's folder is looked through, how often what is too old is looked for, and when a file
// in the clear is late.
const (
	sweepEvery  = 20 * time.Second
	expireEvery = time.Hour
	late        = time.Minute
)

// Run looks through Asterisk's folder at once and then now and then, until the context ends.
func (s *Store) Run(ctx context.Context) {
	sweep, expire := time.NewTicker(sweepEvery), time.NewTicker(expireEvery)
	defer sweep.Stop()
	defer expire.Stop()
	s.expire(ctx)
	for {
		s.Sweep(ctx)
		select {
		case <-ctx.Done():
			return
		case <-sweep.C:
		case <-s.soon:
		case <-expire.C:
			s.expire(ctx)
		}
	}
}

// Soon asks for a look at the folder now: Asterisk can be asked again.
func (s *Store) Soon() {
	select {
	case s.soon <- struct{}{}:
	default: // it is asked for already
	}
}

// Sweep puts away what an earlier process, a crash or a full disk has left in Asterisk's folder, and
// erases there what nobody wants.
func (s *Store) Sweep(ctx context.Context) {
	s.unlock()
	files, err := os.ReadDir(s.opt.Spool)
	if err != nil && !s.opt.Needed() {
		return
	}
	if err != nil {
		s.tell("", "Asterisk's folder of recordings cannot be read: nobody can leave a message", withoutPath(err))
		return
	}
	s.forget("")
	waiting := 0
	for _, file := range files {
		id, ok := strings.CutSuffix(file.Name(), ".wav")
		if !ok || !Valid(id) || ctx.Err() != nil {
			continue
		}
		s.sweepOne(ctx, id)
		if info, err := os.Stat(filepath.Join(s.opt.Spool, file.Name())); err == nil && time.Since(info.ModTime()) >= late {
			waiting++
		}
	}
	s.waiting.Set(float64(waiting))
}

func (s *Store) sweepOne(ctx context.Context, id string) {
	fate := s.opt.Fate(id)
	if fate == Busy {
		return
	}
	if live, err := s.opt.Live(ctx, id); err != nil || live {
		return
	}
	if fate == Unwanted {
		if err := s.Drop(ctx, id); err != nil {
			s.tell(id, "a recording that nobody wants could not be erased", err)
			return
		}
		s.forget(id)
		return
	}
	if _, _, err := s.Take(ctx, id); err != nil && !errors.Is(err, ErrNone) && !errors.Is(err, ErrSound) {
		if ctx.Err() == nil {
			s.tell(id, "a recording could not be put away", err)
		}
		return
	}
	if fate == Unknown {
		s.tell(id, "a recording was found of which no log knows; it is kept, and no task leads to it", nil)
		return
	}
	s.forget(id)
}

// unlock looks whether the key can be used, and says it when that is news.
func (s *Store) unlock() {
	if !s.opt.Needed() {
		return
	}
	err := s.opt.Box.Unlock()
	s.mu.Lock()
	news := (err == nil) != (s.fault == nil)
	first := s.fault == nil && !s.looked
	s.fault, s.looked = err, true
	s.mu.Unlock()
	switch {
	case err != nil && news:
		s.opt.Log.Error("what callers say can be neither sealed nor heard; it waits in Asterisk's folder", zap.Error(err))
	case err == nil && (news || first):
		s.missing()
	}
}

// missing says what cannot be heard because its key is not in the file.
func (s *Store) missing() {
	keys, err := s.opt.Box.Missing()
	if err != nil {
		s.opt.Log.Error("the recordings that are kept could not be looked at", zap.Error(withoutPath(err)))
	}
	for id, n := range keys {
		s.opt.Log.Error("recordings were sealed with a key that is not in the key file: put it back there as a line after the first",
			zap.String("key", id), zap.Int("recordings", n))
	}
}

// Fault is why nothing can be sealed or heard; nil while it can, or nobody may be recorded.
func (s *Store) Fault() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault
}

// expire erases what was handled, and what is as old as anything may be.
func (s *Store) expire(ctx context.Context) {
	if err := s.opt.Box.Clean(); err != nil {
		s.opt.Log.Error("what a killed process has left of recordings could not be erased", zap.Error(withoutPath(err)))
	}
	list, err := s.opt.Box.List()
	if err != nil {
		s.opt.Log.Error("the recordings that are kept could not be listed", zap.Error(withoutPath(err)))
		return
	}
	handled := map[string]bool{}
	ids, err := s.opt.Discarded(ctx)
	if err != nil {
		s.opt.Log.Debug("which messages were handled is not known now", zap.Error(err))
	}
	for _, id := range ids {
		handled[id] = true
	}
	for _, e := range list {
		why := "expired"
		if handled[e.Name] {
			why = "handled"
		} else if time.Since(e.Since) < s.opt.Keep {
			continue
		}
		if !Valid(e.Name) {
			continue
		}
		if err := s.Erase(e.Name); err != nil {
			s.opt.Log.Error("a recording that is owed to nobody could not be erased", zap.String("recording", e.Name), zap.Error(err))
			continue
		}
		s.erased.WithLabelValues(why).Inc()
		s.opt.Log.Info("a recording was erased", zap.String("recording", e.Name), zap.String("why", why))
		if s.opt.Erased != nil {
			s.opt.Erased(ctx, e.Name)
		}
	}
}

// tell says once what is wrong with a recording, or with the folder ("").
func (s *Store) tell(id, message string, err error) {
	s.mu.Lock()
	told := s.told[id]
	s.told[id] = true
	s.mu.Unlock()
	if !told {
		s.opt.Log.Error(message, zap.String("recording", id), zap.Error(err))
	}
}

func (s *Store) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.told, id)
}
