package why

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"accueil/acd"
)

// FileVersion is the format of an exported log; a reader refuses a higher one.
const FileVersion = 1

// Header is the first line of an exported log.
type Header struct {
	Version int    `json:"accueil_log"`
	Site    string `json:"site"`
	Program string `json:"program"` // version that exported it
	From    string `json:"from,omitempty"`
	To      string `json:"to,omitempty"`
}

// fileLine is one line of an exported log: the header, then a line for each version of the rules, the
// image, the entries in order, and the end, which tells that nothing is missing.
type fileLine struct {
	Header
	Hash    string          `json:"rules,omitempty"`
	Content json.RawMessage `json:"content,omitempty"` // of the rules
	ID      string          `json:"id,omitempty"`      // of the entry, or of the one that the image stands behind
	Image   *acd.Entry      `json:"image,omitempty"`
	Entry   *acd.Entry      `json:"entry,omitempty"`
	End     *fileEnd        `json:"end,omitempty"`
}

type fileEnd struct {
	Entries int `json:"entries"`
}

// The lines as they are written: one shape each, so that no empty key stands in them.
type (
	rulesLine struct {
		Hash    string          `json:"rules"`
		Content json.RawMessage `json:"content"`
	}
	imageLine struct {
		ID    string    `json:"id"`
		Image acd.Entry `json:"image"`
	}
	entryLine struct {
		ID    string    `json:"id"`
		Entry acd.Entry `json:"entry"`
	}
	endLine struct {
		End fileEnd `json:"end"`
	}
)

// Write writes a log as JSON lines that need nothing else to be replayed. Entries hold ids, codes and
// instants; so does the file: nothing in it tells who called. It returns the number of entries.
func Write(ctx context.Context, w io.Writer, h Header, log Log) (int, error) {
	out := bufio.NewWriterSize(w, 1<<16)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	h.Version = FileVersion
	if err := enc.Encode(h); err != nil {
		return 0, fmt.Errorf("write the log: %w", err)
	}
	for _, hash := range slices.Sorted(maps.Keys(log.Rules)) {
		if err := enc.Encode(rulesLine{hash, log.Rules[hash]}); err != nil {
			return 0, fmt.Errorf("write the rules: %w", err)
		}
	}
	if err := enc.Encode(imageLine{log.Image.ID, log.Image}); err != nil {
		return 0, fmt.Errorf("write the image: %w", err)
	}
	n := 0
	err := log.Each(ctx, func(e acd.Entry) error {
		n++
		return enc.Encode(entryLine{e.ID, e})
	})
	if err != nil {
		return n, fmt.Errorf("write the log: %w", err)
	}
	return n, errors.Join(enc.Encode(endLine{fileEnd{n}}), out.Flush())
}

// maxLine bounds a line of an exported log: the image of a site of 500 agents and 5,000 waiting
// contacts is a tenth of it.
const maxLine = 64 << 20

// FileError says what is wrong with an exported log, and where.
type FileError struct {
	Path    string
	Line    int // from 1
	Message string
}

func (e *FileError) Error() string { return fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.Message) }

// Open reads the beginning of an exported log. The entries are read from the file each time they are
// asked for.
func Open(path string) (Header, Log, error) {
	var h Header
	log := Log{Rules: map[string]json.RawMessage{}}
	imaged := false
	err := eachLine(path, func(n int, l fileLine) error {
		switch {
		case n == 1 && l.Version == 0:
			return &FileError{path, n, "this is not an exported log (accueil export log writes one)"}
		case n == 1 && l.Version > FileVersion:
			return &FileError{path, n, fmt.Sprintf("the log has format %d, this program knows %d: use the program that wrote it, or a later one", l.Version, FileVersion)}
		case n == 1:
			h = l.Header
		case l.Hash != "":
			log.Rules[l.Hash] = l.Content
		case l.Image != nil:
			log.Image, imaged = *l.Image, true
			log.Image.ID = l.ID
			return errEnough
		default:
			return &FileError{path, n, "the image that the log begins from is missing"}
		}
		return nil
	})
	if err != nil {
		return Header{}, Log{}, err
	}
	if !imaged {
		return Header{}, Log{}, &FileError{path, 1, "the image that the log begins from is missing"}
	}
	log.Each = func(ctx context.Context, yield func(acd.Entry) error) error { return eachEntry(ctx, path, yield) }
	return h, log, nil
}

func eachEntry(ctx context.Context, path string, yield func(acd.Entry) error) error {
	count, ended, last := 0, false, 0
	err := eachLine(path, func(n int, l fileLine) error {
		last = n
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case ended:
			return &FileError{path, n, "something stands behind the end"}
		case l.End != nil:
			if ended = true; l.End.Entries != count {
				return &FileError{path, n, fmt.Sprintf("%d entries, the end says %d: lines are missing or too many", count, l.End.Entries)}
			}
		case l.Entry != nil:
			count++
			l.Entry.ID = l.ID
			return yield(*l.Entry)
		}
		return nil
	})
	if err == nil && !ended {
		err = &FileError{path, last, "the end is missing: the file was cut short"}
	}
	return err
}

// errEnough ends a reading early.
var errEnough = errors.New("enough")

func eachLine(path string, yield func(n int, l fileLine) error) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	in.Buffer(make([]byte, 1<<16), maxLine)
	n := 0
	for in.Scan() {
		n++
		var l fileLine
		if err := json.Unmarshal(in.Bytes(), &l); err != nil {
			return &FileError{path, n, "the line cannot be read as JSON of a log"}
		}
		if err := yield(n, l); errors.Is(err, errEnough) {
			return nil
		} else if err != nil {
			return err
		}
	}
	if err := in.Err(); err != nil {
		return &FileError{path, n + 1, err.Error()}
	}
	if n == 0 {
		return &FileError{path, 1, "the file is empty"}
	}
	return nil
}
