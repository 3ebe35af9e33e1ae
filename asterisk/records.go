package asterisk

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// CallRecord is one call that reached Asterisk, as its channel event log (CEL) tells it: the witness
// that needs no controller.
type CallRecord struct {
	Channel  string    `json:"channel"` // on which it came
	Account  string    `json:"account"` // the entry reached; the trunk while the dialplan has not said so
	Began    time.Time `json:"began"`
	Answered time.Time `json:"answered,omitzero"` // the line was picked up, be it by a prompt
	Joined   time.Time `json:"joined,omitzero"`   // with another channel first
	Ended    time.Time `json:"ended"`             // so far: the last that was heard of it
	Cut      bool      `json:"-"`                 // Asterisk died in it
}

// Records reads the file that the configuration of ours has Asterisk write
// (deploy/asterisk, cel_custom.conf), from where it stopped the last time. It is not safe for
// concurrent use.
type Records struct {
	path, cursor string
	at           position
	fresh        bool // nothing was ever read
	open         map[string]*CallRecord
	bad          int
	saved        []byte // what the cursor's file holds
}

// position is how far was read, kept in the cursor's file. Ids and instants only.
type position struct {
	File   string        `json:"file"` // names the file by its first line, so that a new one of that name is noticed
	Offset int64         `json:"offset"`
	Open   []*CallRecord `json:"open,omitempty"`
}

const (
	// recordLine bounds a line; ours have some 150 bytes.
	recordLine = 4096
	// recordOpen bounds the calls under way that are remembered.
	recordOpen = 4096
	// recordTime is the form of the instants.
	recordTime = "2006-01-02T15:04:05.999999-0700"
	// recordFields are those of a line: event, instant, channel name, unique id, linked id, account.
	recordFields = 6
)

// OpenRecords continues where the cursor's file says. Without one, what is in the records already is
// left alone: those calls were before us.
func OpenRecords(path, cursor string) (*Records, error) {
	r := &Records{path: path, cursor: cursor, open: map[string]*CallRecord{}}
	data, err := os.ReadFile(cursor)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.fresh = true
		return r, nil
	case err != nil:
		return nil, fmt.Errorf("read how far the call records were read: %w", err)
	}
	if err := json.Unmarshal(data, &r.at); err != nil || r.at.Offset < 0 {
		r.at, r.fresh = position{}, true // a torn file: as without one
		r.bad++
		return r, nil
	}
	for _, c := range r.at.Open {
		if c != nil && plainID(c.Channel) {
			r.open[c.Channel] = c
		}
	}
	return r, nil
}

// Bad returns how many lines could not be read so far.
func (r *Records) Bad() int { return r.bad }

// Read returns the calls that have ended since the last time. A file that was put away for a new one
// is finished first, where it still lies beside it.
func (r *Records) Read() ([]CallRecord, error) {
	f, err := os.Open(r.path)
	if errors.Is(err, fs.ErrNotExist) && r.fresh {
		r.fresh = false // whatever comes is news
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open the call records: %w", err)
	}
	defer f.Close()
	name, err := nameOf(f)
	if err != nil {
		return nil, fmt.Errorf("read the call records: %w", err)
	}
	if name == "" {
		return nil, nil // no whole line yet
	}
	var ended []CallRecord
	switch size, err := f.Seek(0, io.SeekEnd); {
	case err != nil:
		return nil, fmt.Errorf("read the call records: %w", err)
	case r.fresh:
		r.fresh, r.at = false, position{File: name, Offset: size}
		if r.at.Offset, err = lineEnd(f, size); err != nil {
			return nil, fmt.Errorf("read the call records: %w", err)
		}
	case r.at.File == "":
		r.at = position{File: name}
	case r.at.File != name:
		if ended, err = r.finishOld(); err != nil {
			return nil, err
		}
		r.at = position{File: name}
	case size < r.at.Offset:
		r.at.Offset = 0
	}
	more, err := r.readFrom(f)
	return append(ended, more...), err
}

// lineEnd returns where the last whole line of the first size bytes ends.
func lineEnd(f *os.File, size int64) (int64, error) {
	tail := make([]byte, min(size, recordLine))
	if _, err := f.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	return size - int64(len(tail)) + int64(bytes.LastIndexByte(tail, '\n')+1), nil
}

// nameOf names a file by its first line; "" while it has none.
func nameOf(f *os.File) (string, error) {
	head := make([]byte, recordLine)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	first, _, whole := bytes.Cut(head[:n], []byte("\n"))
	if !whole && n < recordLine {
		return "", nil
	}
	sum := sha256.Sum256(first)
	return hex.EncodeToString(sum[:8]), nil
}

// finishOld reads the rest of the file that was read before, when it was only renamed.
func (r *Records) finishOld() ([]CallRecord, error) {
	beside, err := filepath.Glob(r.path + "*")
	if err != nil {
		return nil, fmt.Errorf("look for older call records: %w", err)
	}
	for _, path := range beside {
		if path == r.path {
			continue
		}
		f, err := os.Open(path)
		if err != nil {
			continue
		}
		name, err := nameOf(f)
		if err != nil || name != r.at.File {
			_ = f.Close()
			continue
		}
		ended, err := r.readFrom(f)
		_ = f.Close()
		return ended, err
	}
	r.bad++ // removed or packed before it was read
	return nil, nil
}

// readFrom takes every whole line from the position on; a line that is still being written waits.
func (r *Records) readFrom(f *os.File) ([]CallRecord, error) {
	if _, err := f.Seek(r.at.Offset, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read the call records: %w", err)
	}
	in := bufio.NewReaderSize(f, recordLine)
	var ended []CallRecord
	var pending int64 // bytes of a line too long, so far
	for {
		line, err := in.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			pending += int64(len(line))
			continue
		case errors.Is(err, io.EOF):
			return ended, nil
		case err != nil:
			return ended, fmt.Errorf("read the call records: %w", err)
		}
		r.at.Offset += pending + int64(len(line))
		if pending > 0 {
			pending = 0
			r.bad++
			continue
		}
		if c, over := r.take(strings.TrimRight(string(line), "\r\n")); over {
			ended = append(ended, c)
		}
	}
}

// take folds one line; over is true when it ends a call.
func (r *Records) take(line string) (c CallRecord, over bool) {
	f := strings.Split(line, ",")
	if len(f) != recordFields {
		r.bad++
		return c, false
	}
	for i := range f {
		f[i] = strings.Trim(f[i], `"`)
	}
	event, id, linked, account := f[0], f[3], f[4], f[5]
	at, err := time.Parse(recordTime, f[1])
	if err != nil || !plainID(id) || !plainID(linked) || account != "" && !plainID(account) {
		r.bad++
		return c, false
	}
	if id != linked || strings.HasPrefix(id, "acc.") {
		return c, false // a channel that the call, or we, have made
	}
	call := r.open[id]
	if event == "CHAN_START" {
		if call == nil {
			call = &CallRecord{Channel: id, Began: at}
			r.open[id] = call
			r.bound()
		}
	}
	if call == nil {
		return c, false // from before we looked, or over
	}
	call.Ended, call.Account = at, cmp.Or(account, call.Account)
	switch event {
	case "ANSWER":
		call.Answered = at
	case "BRIDGE_ENTER":
		if call.Joined.IsZero() {
			call.Joined = at
		}
	case "CHAN_END":
		delete(r.open, id)
		return *call, true
	}
	return c, false
}

// bound forgets the oldest call when too many are open: their ends were lost.
func (r *Records) bound() {
	if len(r.open) <= recordOpen {
		return
	}
	oldest := ""
	for id, c := range r.open {
		if oldest == "" || c.Began.Before(r.open[oldest].Began) {
			oldest = id
		}
	}
	delete(r.open, oldest)
	r.bad++
}

// Died returns, as cut, the calls under way that began before Asterisk did: an end of theirs will not
// come.
func (r *Records) Died(started time.Time) []CallRecord {
	var cut []CallRecord
	for id, c := range r.open {
		if c.Began.Before(started) {
			c.Cut = true
			cut = append(cut, *c)
			delete(r.open, id)
		}
	}
	slices.SortFunc(cut, func(a, b CallRecord) int { return a.Began.Compare(b.Began) })
	return cut
}

// Save keeps how far was read: what was returned before will not be returned again.
func (r *Records) Save() error {
	p := r.at
	p.Open = nil
	for _, c := range r.open {
		p.Open = append(p.Open, c)
	}
	slices.SortFunc(p.Open, func(a, b *CallRecord) int { return cmp.Compare(a.Channel, b.Channel) })
	data, err := json.Marshal(p)
	if err == nil && bytes.Equal(data, r.saved) {
		return nil
	}
	if err == nil {
		err = os.WriteFile(r.cursor+".new", data, 0o600)
	}
	if err == nil {
		err = os.Rename(r.cursor+".new", r.cursor)
	}
	if err != nil {
		return fmt.Errorf("keep how far the call records were read: %w", err)
	}
	r.saved = data
	return nil
}

// plainID reports whether a field is an id as Asterisk and the site file write them.
func plainID(s string) bool {
	return s != "" && len(s) <= 150 && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r > '~' || r == '"'
	})
}
