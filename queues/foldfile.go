package queues

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
)

// savedFold is what a node remembers of the data set on its own disk, so that an empty Redis and a
// restart at the same time do not lose who is at work. It holds images only: ids, codes, instants.
type savedFold struct {
	V     int               `json:"v"`
	Gen   string            `json:"gen"`
	At    acd.Instant       `json:"at"`
	Image acd.Entry         `json:"image"`
	Ops   map[string]string `json:"ops"`
}

const foldName = "fold.json"

// foldAge is how old a fold may be to be believed. It must be shorter than endedTTL: an entity that
// is in the fold and not in Redis was then lost, not erased.
const foldAge = 12 * time.Hour

// saveFold writes the fold beside the old one and puts it in its place.
func (b *Book) saveFold() {
	if b.opts.SpoolDir == "" {
		return
	}
	b.mu.Lock()
	f := savedFold{V: acd.LogVersion, Gen: b.gen, At: b.clock.now(), Image: b.shown.view.Image(), Ops: make(map[string]string, len(b.shown.op))}
	for k, v := range b.shown.op {
		f.Ops[k] = v
	}
	b.mu.Unlock()
	if f.Gen == "" {
		return // never met a data set, nothing restored
	}
	err := writeFile(filepath.Join(b.opts.SpoolDir, foldName), encode(f))
	if err != nil {
		b.metrics.spoolFailures.Inc()
		b.log.Error("the fold could not be saved", zap.Error(err))
	}
}

// writeFile replaces a file so that a crash leaves the old or the new one, whole.
func writeFile(path string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("make the new file: %w", err)
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("replace %s: %w", filepath.Base(path), err), os.Remove(tmp.Name()))
	}
	return nil
}

// restoreFold takes the saved fold, then the facts of the spool, as what this node knows.
func (b *Book) restoreFold() {
	if b.opts.SpoolDir != "" {
		b.loadFold(filepath.Join(b.opts.SpoolDir, foldName))
	}
	for _, rec := range b.spool.waiting() {
		b.base.apply(&rec.Entry)
	}
	b.shown, b.told = b.base.clone(), b.base.clone()
}

func (b *Book) loadFold(path string) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	var f savedFold
	if err == nil {
		err = json.Unmarshal(data, &f)
	}
	switch {
	case err != nil:
		b.metrics.badContent.Inc()
		b.log.Error("the saved fold cannot be read and was left out", zap.String("file", foldName))
		return
	case f.V > acd.LogVersion:
		b.log.Error("the saved fold is of a later version and was left out")
		return
	case acd.At(time.Now()).Sub(f.At) > foldAge:
		b.log.Info("the saved fold is too old to be believed")
		return
	}
	b.gen = f.Gen
	b.clock.reached(f.At)
	b.base.view.Apply(f.Image)
	for k, v := range f.Ops {
		b.base.op[k] = v
	}
}
