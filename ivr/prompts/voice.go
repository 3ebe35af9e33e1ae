package prompts

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"accueil/acd"
)

// Voice turns prompts into media. It is safe for concurrent use.
type Voice struct {
	engine *engine
	clips  map[acd.Lang]map[string]clip
	first  acd.Lang
	memory string

	mu     sync.Mutex
	spoken map[string]bool // stems of names in memory
	closed bool
}

// clip is one sound in all its rates.
type clip struct {
	stem     string // absolute, without ending
	length   time.Duration
	recorded bool
}

// ErrUnknownPrompt says that there is no sound of that id.
var ErrUnknownPrompt = errors.New("unknown prompt")

// Media returns the URIs to play for the prompts, in order, and how long they last together. A
// language without sounds means the site's first, one without slow sounds the language itself.
func (v *Voice) Media(lang acd.Lang, prompts []acd.Prompt) (uris []string, length time.Duration, err error) {
	clips, ok := v.clips[lang]
	if !ok {
		clips, ok = v.clips[lang.Plain()]
	}
	if !ok {
		clips = v.clips[v.first]
	}
	for _, p := range prompts {
		ids := []string{p.ID}
		switch {
		case p.ID != "":
		case p.Number != nil:
			if ids, err = numberIDs(*p.Number); err != nil {
				return nil, 0, err
			}
		case p.Duration != nil:
			ids = durationIDs(*p.Duration)
		case p.Keyed != nil:
			if ids, err = digitIDs(*p.Keyed); err != nil {
				return nil, 0, err
			}
		}
		for _, id := range ids {
			c, ok := clips[id]
			if !ok && lang.Slow() {
				c, ok = v.clips[lang.Plain()][id]
			}
			if !ok {
				return nil, 0, fmt.Errorf("%w %q in language %q", ErrUnknownPrompt, id, lang)
			}
			uris = append(uris, "sound:"+c.stem)
			length += c.length
		}
	}
	return uris, length, nil
}

// Has reports whether there is a sound of that id.
func (v *Voice) Has(lang acd.Lang, id string) bool { _, ok := v.clips[lang][id]; return ok }

// Speak synthesises a text that must not be kept, a name: in memory, under a name that cannot be
// guessed. cleanup deletes it and may be called again; it is never nil.
func (v *Voice) Speak(ctx context.Context, lang acd.Lang, text string) (uri string, cleanup func(), err error) {
	none := func() {}
	if plain(text) == "" {
		return "", none, ErrNoSpeech
	}
	s, err := v.engine.speak(ctx, lang, text)
	if err != nil {
		return "", none, err
	}
	stem := filepath.Join(v.memory, rand.Text())
	v.mu.Lock()
	if v.closed {
		v.mu.Unlock()
		return "", none, os.ErrClosed
	}
	v.spoken[stem] = true
	v.mu.Unlock()
	cleanup = func() {
		v.mu.Lock()
		delete(v.spoken, stem)
		v.mu.Unlock()
		remove(stem)
	}
	if err := writeBoth(stem, s); err != nil {
		cleanup()
		return "", none, err
	}
	return "sound:" + stem, cleanup, nil
}

func remove(stem string) {
	for _, ending := range endings {
		_ = os.Remove(stem + ending) // gone already is as good
	}
}

// Close deletes what Speak left in memory. Media goes on working.
func (v *Voice) Close() error {
	v.mu.Lock()
	v.closed = true
	v.spoken = nil
	v.mu.Unlock()
	if err := os.RemoveAll(v.memory); err != nil {
		return fmt.Errorf("delete spoken names: %w", err)
	}
	return nil
}

// memoryDir makes a folder for names that no disk keeps, where the system has one. Others may enter
// it (Asterisk must) but not list it.
func memoryDir(parent string) (string, error) {
	if parent == "" {
		parent = os.TempDir()
		if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
			parent = "/dev/shm"
		}
	}
	sweep(parent)
	dir, err := os.MkdirTemp(parent, fmt.Sprintf("accueil-speech-%d-", os.Getpid()))
	if err != nil && parent == "/dev/shm" {
		dir, err = os.MkdirTemp("", fmt.Sprintf("accueil-speech-%d-", os.Getpid()))
	}
	if err != nil {
		return "", fmt.Errorf("make folder for spoken names: %w", err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		return "", fmt.Errorf("open folder for spoken names: %w", err)
	}
	return dir, nil
}

// sweep deletes what killed processes left.
func sweep(parent string) {
	old, _ := filepath.Glob(filepath.Join(parent, "accueil-speech-*-*"))
	for _, dir := range old {
		var pid int
		if _, err := fmt.Sscanf(filepath.Base(dir), "accueil-speech-%d-", &pid); err != nil {
			continue
		}
		if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); errors.Is(err, os.ErrNotExist) {
			_ = os.RemoveAll(dir)
		}
	}
}
