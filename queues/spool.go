package queues

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"go.uber.org/zap"

	"accueil/acd"
)

// record is a fact that Redis does not hold yet, as the spool keeps it. It never holds personal fields.
type record struct {
	Entry  acd.Entry        `json:"entry"`
	Before map[string]int64 `json:"before"`
	Places []acd.Place      `json:"places,omitempty"`
	Counts []acd.Count      `json:"counts,omitempty"`
	Erase  []acd.ContactID  `json:"erase,omitempty"`
}

// spool keeps facts in order while Redis is away: in memory for the return, and in a file for a
// process that does not live to see it. A file that cannot be written is counted and told; the facts
// in memory are not affected.
type spool struct {
	log     *zap.Logger
	metrics *metrics
	wake    chan struct{}
	done    chan struct{}
	quit    chan struct{}

	mu      sync.Mutex
	records []*record // not yet replayed, oldest first
	file    *os.File  // nil without a folder
	buffer  []byte    // to be written
	synced  *sync.Cond
	asked   uint64 // bytes ever handed over
	written uint64 // of those, on disk or given up
	size    int64  // of the file
	failed  bool
}

const spoolName = "facts.spool"

// openSpool reads what an earlier process left and starts the writer.
func openSpool(dir string, log *zap.Logger, m *metrics) (*spool, error) {
	s := &spool{log: log, metrics: m, wake: make(chan struct{}, 1), done: make(chan struct{}), quit: make(chan struct{})}
	s.synced = sync.NewCond(&s.mu)
	if dir != "" {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make the spool's folder: %w", err)
		}
		f, err := os.OpenFile(filepath.Join(dir, spoolName), os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, fmt.Errorf("open the spool: %w", err)
		}
		s.file = f
		if err := s.load(); err != nil {
			_ = f.Close()
			return nil, err
		}
	}
	go s.write()
	return s, nil
}

// load reads all whole records; a torn last line, as a crash leaves it, is cut off.
func (s *spool) load() error {
	r := bufio.NewReader(s.file)
	var good int64
	for {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read the spool: %w", err)
		}
		good += int64(len(line))
		rec := new(record)
		if err := json.Unmarshal(line, rec); err != nil || rec.Entry.Op == "" || rec.Entry.V > acd.LogVersion {
			s.metrics.badContent.Inc()
			s.log.Error("a line of the spool is not ours and was left out")
			continue
		}
		s.records = append(s.records, rec)
	}
	if err := s.file.Truncate(good); err != nil {
		return fmt.Errorf("cut the torn end of the spool: %w", err)
	}
	if _, err := s.file.Seek(good, io.SeekStart); err != nil {
		return fmt.Errorf("find the end of the spool: %w", err)
	}
	s.size = good
	return nil
}

// add keeps a record; it reaches the disk soon after.
func (s *spool) add(rec *record) {
	line := append(encode(rec), '\n')
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = append(s.records, rec)
	if s.file == nil {
		return
	}
	s.buffer = append(s.buffer, line...)
	s.asked += uint64(len(line))
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// write brings records to the disk, all that are waiting with one fsync.
func (s *spool) write() {
	defer close(s.done)
	for {
		select {
		case <-s.quit:
			s.writeOnce()
			return
		case <-s.wake:
			s.writeOnce()
		}
	}
}

func (s *spool) writeOnce() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.buffer) > 0 {
		batch, at, size := s.buffer, s.asked, s.size
		s.buffer = nil
		s.mu.Unlock()
		n, err := s.file.Write(batch)
		if err == nil {
			err = s.file.Sync()
		}
		if err != nil { // leave no torn line in the middle
			n = 0
			err = errors.Join(err, s.file.Truncate(size))
			_, serr := s.file.Seek(size, io.SeekStart)
			err = errors.Join(err, serr)
		}
		s.mu.Lock()
		s.size += int64(n)
		s.written = at
		s.report(err)
		s.synced.Broadcast()
	}
}

// report counts a failed write and says so once until it works again. The caller holds s.mu.
func (s *spool) report(err error) {
	if err != nil {
		s.metrics.spoolFailures.Inc()
		if !s.failed {
			s.log.Error("the spool cannot be written: facts are kept in memory only; calls go on", zap.Error(err))
		}
	}
	s.failed = err != nil
}

// errSpool says that the last facts could not be brought to the disk.
var errSpool = errors.New("spool cannot be written")

// sync waits until all records added so far are on disk.
func (s *spool) sync(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { s.mu.Lock(); s.synced.Broadcast(); s.mu.Unlock() })
	defer stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for want := s.asked; s.written < want; s.synced.Wait() {
		if ctx.Err() != nil {
			return fmt.Errorf("flush the spool: %w", context.Cause(ctx))
		}
	}
	if s.failed {
		return fmt.Errorf("flush the spool: %w", errSpool)
	}
	return nil
}

// waiting returns the records not yet replayed.
func (s *spool) waiting() []*record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.records
}

// drop forgets the oldest n records; when none is left the file is emptied. While some are left the
// file keeps all of them: what the log holds already is recognised by its operation.
func (s *spool) drop(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = s.records[n:]
	if len(s.records) > 0 || s.file == nil {
		return
	}
	s.records = nil
	for s.written < s.asked { // the writer is at the file
		s.synced.Wait()
	}
	s.failed = false // nothing is left that the disk should hold
	if s.size == 0 {
		return
	}
	err := s.file.Truncate(0)
	if err == nil {
		_, err = s.file.Seek(0, io.SeekStart)
	}
	if err == nil {
		s.size = 0
	}
	s.report(err)
}

func (s *spool) state() (records int, size int64, failed bool) {
	if s == nil { // scraped while opening
		return 0, 0, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.records), s.size, s.failed
}

func (s *spool) close() error {
	close(s.quit)
	<-s.done
	if s.file == nil {
		return nil
	}
	if err := s.file.Close(); err != nil {
		return fmt.Errorf("close the spool: %w", err)
	}
	return nil
}
