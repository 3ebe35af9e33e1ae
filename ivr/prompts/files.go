package prompts

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// The rates that each sound is kept in. Asterisk takes the one nearest to the call's codec, by the
// ending: G.711 the first, G.722 and Opus the second.
const (
	narrow = 8000
	wide   = 16000
)

var endings = map[int]string{narrow: ".wav", wide: ".wav16"}

// writeBoth writes stem.wav and stem.wav16, each whole or not at all.
func writeBoth(stem string, s sound) error {
	for _, rate := range []int{wide, narrow} {
		if err := writeAtomic(stem+endings[rate], encodeWAV(resample(s, rate))); err != nil {
			return err
		}
	}
	return nil
}

func writeAtomic(name string, content []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return fmt.Errorf("write sound: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(content)
	if err == nil {
		err = f.Chmod(0o644) // Asterisk is another user
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("write sound: %w", err)
	}
	return nil
}

// cached returns the length of a sound that is already there in both rates and whole.
func cached(stem string) (time.Duration, bool) {
	var length time.Duration
	for rate, ending := range endings {
		info, err := os.Stat(stem + ending)
		if err != nil || info.Size() < wavHeader+int64(rate/50) || !info.Mode().IsRegular() {
			return 0, false
		}
		length = max(length, pcmLength(info.Size(), rate))
	}
	return length, true
}

// wavHeader is the size of the header that encodeWAV writes.
const wavHeader = 44

func pcmLength(size int64, rate int) time.Duration {
	return time.Duration(size-wavHeader) * time.Second / time.Duration(2*rate)
}

func (s sound) length() time.Duration {
	return time.Duration(len(s.samples)) * time.Second / time.Duration(s.rate)
}
