package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"accueil/seal"
)

// Keys counts the contents by the key that each was sealed with; those under "" are none of ours.
func (f *Folder) Keys() (map[string]int, error) {
	list, err := f.List()
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	for _, e := range list {
		id, err := f.keyOf(e.Name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // erased meanwhile
		}
		if err != nil {
			return nil, err
		}
		out[id]++
	}
	return out, nil
}

// keyOf names the key that a content was sealed with; "" for what is no envelope.
func (f *Folder) keyOf(name string) (string, error) {
	file, err := os.Open(filepath.Join(f.dir, name+ending))
	if err != nil {
		return "", fmt.Errorf("look at %s: %w", name, err)
	}
	defer func() { _ = file.Close() }()
	head, err := io.ReadAll(io.LimitReader(file, int64(seal.HeadSize)))
	if err != nil {
		return "", fmt.Errorf("look at %s: %w", name, err)
	}
	id, _ := seal.EnvelopeKey(head)
	return id, nil
}

// Missing counts the contents that cannot be opened because their key is not in the file, by its id.
// ErrLocked while none can.
func (f *Folder) Missing() (map[string]int, error) {
	seals, err := f.sealer(false)
	if err != nil {
		list, lerr := f.List()
		if lerr == nil && len(list) == 0 && errors.Is(err, fs.ErrNotExist) {
			return nil, nil // its key is made with the first content
		}
		return nil, err
	}
	keys, err := f.Keys()
	for id := range keys {
		if seals.Opens(id) || id == "" {
			delete(keys, id)
		}
	}
	return keys, err
}

// Old counts the contents that another key has sealed than the one that seals now, and that can be opened.
func (f *Folder) Old() (int, error) {
	keys, err := f.Keys()
	if err != nil || len(keys) == 0 {
		return 0, err
	}
	s, err := f.sealer(false)
	if err != nil {
		return 0, err
	}
	n := 0
	for id, count := range keys {
		if id != s.ID() && s.Opens(id) {
			n += count
		}
	}
	return n, nil
}

// Resealed tells what sealing anew has done: how many contents it sealed with the present key, and how
// many it left as they were because they cannot be opened.
type Resealed struct{ Done, Left int }

// Reseal seals every content with the first key of the file that it is not sealed with already, and
// tells how far it is. It may be ended at any moment by its context and begun again: each content is
// either as it was or as it is to be, with the time since which it is kept.
func (f *Folder) Reseal(ctx context.Context, progress func(done, total int)) (Resealed, error) {
	var out Resealed
	list, err := f.List()
	if err != nil {
		return out, err
	}
	if len(list) == 0 {
		return out, nil
	}
	seals, err := f.sealer(false)
	if err != nil {
		return out, err
	}
	for i, e := range list {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		changed, err := f.reseal(seals, e.Name)
		var unknown seal.UnknownKeyError
		switch {
		case errors.Is(err, fs.ErrNotExist): // erased meanwhile
		case errors.As(err, &unknown), errors.Is(err, seal.ErrDamaged):
			out.Left++
		case err != nil:
			return out, fmt.Errorf("seal %s anew: %w", e.Name, err)
		case changed:
			out.Done++
		}
		progress(i+1, len(list))
	}
	if err := f.forget(seals.ID()); err != nil {
		return out, fmt.Errorf("forget which keys were in use: %w", err)
	}
	return out, nil
}

// reseal gives one content a head under the present key. The new file takes the place of the old one in
// one step, and the head that the disk may still hold is overwritten after it.
func (f *Folder) reseal(seals *seal.Sealer, name string) (changed bool, err error) {
	path := filepath.Join(f.dir, name+ending)
	err = locked(path, func(old *os.File) error {
		info, err := old.Stat()
		if err != nil {
			return err
		}
		sealed, err := io.ReadAll(io.LimitReader(old, MaxFile+int64(seal.EnvelopeOverhead)+1))
		if err != nil {
			return err
		}
		if id, ok := seal.EnvelopeKey(sealed); ok && id == seals.ID() {
			return nil
		}
		if _, err := seals.Unenvelope(name, sealed); err != nil { // what is damaged stays as it is
			return err
		}
		head, err := seals.Rehead(name, sealed)
		if err != nil {
			return err
		}
		tmp, err := f.write(name, head, sealed[seal.HeadSize:])
		if err != nil {
			return err
		}
		defer tmp.drop()
		if err := errors.Join(os.Chtimes(tmp.Name(), info.ModTime(), info.ModTime()), os.Rename(tmp.Name(), path)); err != nil {
			return err
		}
		changed = true
		return errors.Join(syncDir(f.dir), overwrite(old, int64(seal.HeadSize)))
	})
	return changed, err
}
