package voicemail

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"accueil/app/vault"
)

// Fate says what the log knows of a recording.
type Fate int

// The fates.
const (
	Unknown  Fate = iota // no log knows its contact any more
	Busy                 // its contact is still on the line
	Wanted               // it is what somebody left
	Unwanted             // it was said again, or somebody talked with the caller instead
)

// Options say where a Store keeps what.
type Options struct {
	// Spool is Asterisk's recording folder.
	Spool string
	// Box keeps the sealed files.
	Box *vault.Folder
	// Live reports whether Asterisk still writes the recording.
	Live func(ctx context.Context, id string) (bool, error)
	// Fate tells what the log knows of a recording.
	Fate func(id string) Fate
	// Needed reports whether anybody may be recorded: else it is no fault that the folder is missing.
	Needed func() bool
	// Discarded lists recordings whose task has lost whatever else was personal in it: they go too.
	Discarded func(context.Context) ([]string, error)
	// Erased is told of each recording that was erased because its time had come; may be nil.
	Erased func(ctx context.Context, id string)
	// Keep is how long anything is kept at most.
	Keep time.Duration
	Log  *zap.Logger
	// Registerer takes the figures; nil keeps them.
	Registerer prometheus.Registerer
}

// Store keeps recordings. It is safe for concurrent use.
type Store struct {
	opt     Options
	waiting prometheus.Gauge
	erased  *prometheus.CounterVec

	locks [16]sync.Mutex // one recording is put away or erased by one at a time: see lock

	soon chan struct{}

	mu    sync.Mutex
	told  map[string]bool // of what no log knows, and what cannot be put away
	fault error           // why nothing can be sealed or opened
	// looked says that the key was looked for.
	looked bool
}

// ErrNone says that there is no such recording.
var ErrNone = errors.New("no such recording")

// MostBytes bounds a recording: ten minutes and a header.
const MostBytes = vault.MaxFile

// form is how recordings are named: "acc.<contact>.<rest>". It can be no path.
var form = regexp.MustCompile(`^acc\.[0-9a-z-]{1,40}\.[0-9a-z]{1,20}$`)

// Valid reports whether the id can be one of a recording.
func Valid(id string) bool { return form.MatchString(id) }

// Contact returns the contact in the id of a recording.
func Contact(id string) (contact string, ok bool) {
	if !Valid(id) {
		return "", false
	}
	contact, _, _ = strings.Cut(strings.TrimPrefix(id, "acc."), ".")
	return contact, true
}

// New returns a store of the options.
func New(o Options) *Store {
	s := &Store{opt: o, soon: make(chan struct{}, 1), told: map[string]bool{},
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "accueil_recordings_waiting", Help: "Recordings that have lain in Asterisk's folder, in the clear, for a minute or more."}),
		erased: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "accueil_recordings_erased_total", Help: "Recordings erased: unwanted, handled, or as old as anything may be (expired)."}, []string{"why"}),
	}
	if o.Registerer != nil {
		o.Registerer.MustRegister(s.waiting, s.erased)
	}
	return s
}

func (s *Store) spooled(id string) string { return filepath.Join(s.opt.Spool, id+".wav") }

// lock keeps everybody else from the recording until the function that it returns is called. Others may
// share its lock.
func (s *Store) lock(id string) (unlock func()) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))
	l := &s.locks[h.Sum32()%uint32(len(s.locks))]
	l.Lock()
	return l.Unlock
}

// How long Asterisk may take to close a file after its end, and how often it is asked.
const (
	closing    = 3 * time.Second
	closingAsk = 20 * time.Millisecond
)

// errOpen says that Asterisk has not ended a recording yet.
var errOpen = errors.New("it is still being recorded")

// closed waits until Asterisk writes the recording no more. It fails when that is not so in time, and when
// Asterisk cannot be asked: it may well write on.
func (s *Store) closed(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, closing)
	defer cancel()
	for {
		switch live, err := s.opt.Live(ctx, id); {
		case err != nil:
			return fmt.Errorf("ask whether recording %s goes on: %w", id, err)
		case !live:
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for recording %s: %w", id, errOpen)
		case <-time.After(closingAsk):
		}
	}
}

// Take seals a recording that is over, shreds what Asterisk wrote, and returns how long it is and how
// much of it until its last sound. One that was taken already is measured again. ErrNone when there is
// none, ErrSound when it is sealed and can yet not be listened to; after any other
// error the file is where it was.
func (s *Store) Take(ctx context.Context, id string) (length, said time.Duration, err error) {
	if !Valid(id) {
		return 0, 0, ErrNone
	}
	if err := s.closed(ctx, id); err != nil {
		return 0, 0, err
	}
	defer s.lock(id)()
	if err := ctx.Err(); err != nil {
		return 0, 0, err
	}
	file, err := readFile(s.spooled(id))
	if errors.Is(err, fs.ErrNotExist) {
		if file, err = s.opt.Box.Get(id); errors.Is(err, fs.ErrNotExist) {
			return 0, 0, ErrNone
		}
		if err != nil {
			return 0, 0, err
		}
		return listen(id, file)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("read recording %s: %w", id, withoutPath(err))
	}
	if err := s.opt.Box.Put(id, file); err != nil && !errors.Is(err, vault.ErrExists) {
		return 0, 0, err
	}
	s.shred(id)
	return listen(id, file)
}

// listen measures what was put away.
func listen(id string, file []byte) (length, said time.Duration, err error) {
	samples, err := samplesOf(file)
	if err != nil {
		return 0, 0, fmt.Errorf("read recording %s: %w", id, err)
	}
	length, said = measure(samples)
	return length, said, nil
}

// shred removes what Asterisk wrote; where that fails the sweep tries again.
func (s *Store) shred(id string) {
	shredded, err := vault.Shred(s.spooled(id))
	switch {
	case err != nil:
		s.tell(id, "a recording could not be removed from Asterisk's folder: let this program's user write there", withoutPath(err))
	case !shredded:
		s.opt.Log.Debug("a recording was removed from Asterisk's folder, but could not be overwritten", zap.String("recording", id))
	}
}

// Drop erases a recording wherever it is; nil when there is none of that name any more.
func (s *Store) Drop(ctx context.Context, id string) error {
	if !Valid(id) {
		return nil
	}
	_ = s.closed(ctx, id) // what nobody wants goes in any case
	if err := s.Erase(id); err != nil {
		return err
	}
	s.erased.WithLabelValues("unwanted").Inc()
	return nil
}

// Erase erases a recording for good: when it returns nil there is none of that name, in the clear or
// sealed, and what the disk may still hold of it cannot be opened.
func (s *Store) Erase(id string) error {
	if !Valid(id) {
		return ErrNone
	}
	defer s.lock(id)()
	_, err := vault.Shred(s.spooled(id))
	if err = errors.Join(withoutPath(err), s.opt.Box.Delete(id)); err != nil {
		return fmt.Errorf("erase recording %s: %w", id, err)
	}
	return nil
}

// Open returns the sound of a recording, a wav file, for somebody who may hear it, of which the caller
// takes note; ErrNone when there is none. Who tried in vain is written to the log.
func (s *Store) Open(id, who string) (io.ReadSeekCloser, error) {
	log := s.opt.Log.With(zap.String("recording", id), zap.String("by", who))
	if !Valid(id) {
		log.Warn("a recording was asked for that cannot be")
		return nil, ErrNone
	}
	r, err := s.opt.Box.Open(id)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		log.Info("a recording was asked for that is not there")
		return nil, ErrNone
	case err != nil:
		log.Error("a recording could not be opened", zap.Error(err))
		return nil, err
	}
	return r, nil
}

// readFile reads what Asterisk wrote, within its bound.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(io.LimitReader(f, MostBytes+1))
	if err == nil && len(content) > MostBytes {
		content = content[:MostBytes] // rather its beginning than nothing
	}
	return content, err
}

// withoutPath leaves the cause of an error of a file.
func withoutPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", p.Op, p.Err)
	}
	return err
}
