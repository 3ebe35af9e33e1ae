package prompts

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"accueil/acd"
	"accueil/wording"
)

// promptID is what a recording may be called: it becomes part of a path.
var promptID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)

// HasRecording returns a function that says whether dir holds a recording of an id, for
// ivr.Site.Recorded.
func HasRecording(dir string) func(lang acd.Lang, id string) bool {
	return func(lang acd.Lang, id string) bool {
		if dir == "" || !promptID.MatchString(id) || !promptID.MatchString(string(lang)) {
			return false
		}
		info, err := os.Stat(filepath.Join(dir, string(lang), id+".wav"))
		return err == nil && info.Mode().IsRegular()
	}
}

// recordings lists the site's own recordings. What is there and cannot be used is a finding.
func (b *builder) recordings() (jobs []job) {
	if b.options.Recorded == "" {
		return nil
	}
	for _, lang := range b.options.Languages {
		dir := filepath.Join(b.options.Recorded, string(lang))
		entries, err := os.ReadDir(dir)
		if err != nil {
			if !errors.Is(err, os.ErrNotExist) {
				b.complain(dir, wording.Say("the folder cannot be read"))
			}
			continue
		}
		for _, e := range entries {
			file := filepath.Join(dir, e.Name())
			id, ok := strings.CutSuffix(e.Name(), ".wav")
			switch {
			case strings.HasPrefix(e.Name(), "."):
			case !ok:
				b.complain(file, wording.Say("only files that end in .wav are used"))
			case !promptID.MatchString(id):
				b.complain(file, wording.Say("its name cannot be the id of a prompt"))
			default:
				jobs = append(jobs, job{lang: lang, id: id, files: []string{file}})
			}
		}
	}
	return jobs
}

// recording converts a recorded file into the cache, once for each content.
func (b *builder) recording(j job) (clip, error) {
	hash := sha256.New()
	hash.Write([]byte("recording " + pipeline + "\n"))
	var contents [][]byte
	for _, file := range j.files {
		content, err := readBounded(file)
		if err != nil {
			return clip{}, err
		}
		fmt.Fprintf(hash, "%d\n", len(content))
		hash.Write(content)
		contents = append(contents, content)
	}
	c, err := b.store(b.stem(j.lang, hex.EncodeToString(hash.Sum(nil)[:16])), func() (sound, error) { return join(contents) })
	c.recorded = true
	return c, err
}

// join prepares each piece and sets one after the other.
func join(contents [][]byte) (sound, error) {
	var out sound
	for _, content := range contents {
		s, err := parseWAV(content)
		if err == nil {
			s, err = prepare(s)
		}
		if err != nil {
			return sound{}, err
		}
		if out.rate == 0 {
			out.rate = s.rate
		}
		out.samples = append(out.samples, resample(s, out.rate).samples...)
	}
	return out, nil
}

func readBounded(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, wording.Say("the file cannot be opened")
	}
	defer func() { _ = f.Close() }() // it was only read
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, wording.Say("it is not a file")
	}
	content, err := io.ReadAll(io.LimitReader(f, maxSource+1))
	switch {
	case err != nil:
		return nil, wording.Say("the file cannot be read")
	case len(content) > maxSource:
		return nil, wording.Say("the file is larger than %d MB", maxSource>>20)
	}
	return content, nil
}
