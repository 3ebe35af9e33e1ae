package voicemail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"accueil/acd"
)

// Bounds of a transcript.
const (
	transcribing  = 2 * time.Minute
	mostText      = 4000 // characters; the rest is cut off
	mostTextBytes = 64 << 10
)

// Transcript has a recording written down: the command of the site file gets its sound, a wav file, on
// standard input, so that it lies on no disk, and prints the text. {lang} is replaced. No shell is
// involved, and nothing of what the program says besides is kept. The text is personal.
func (s *Store) Transcript(ctx context.Context, id string, lang acd.Lang, command []string) (string, error) {
	if len(command) == 0 || !Valid(id) {
		return "", ErrNone
	}
	sound, err := s.opt.Box.Get(id)
	if err != nil {
		return "", fmt.Errorf("transcribe %s: %w", id, withoutPath(err))
	}
	defer clear(sound)
	args := make([]string, len(command))
	for i, a := range command {
		args[i] = strings.ReplaceAll(a, "{lang}", string(lang))
	}
	ctx, cancel := context.WithTimeout(ctx, transcribing)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	out := &bounded{most: mostTextBytes}
	cmd.Stdin, cmd.Stdout = bytes.NewReader(sound), out
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("transcribe %s: %w", id, programError(ctx, err))
	}
	return plainText(out.String()), nil
}

// programError leaves nothing of what the program printed.
func programError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return fmt.Errorf("the program ended with %d", exit.ExitCode())
	}
	return err
}

// plainText makes the output one text without control characters.
func plainText(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError:
			return -1
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
	text := []rune(strings.Join(strings.Fields(s), " "))
	return string(text[:min(len(text), mostText)])
}

// bounded keeps the beginning of what is written to it.
type bounded struct {
	bytes.Buffer
	most int
}

func (b *bounded) Write(p []byte) (int, error) {
	_, _ = b.Buffer.Write(p[:min(len(p), max(0, b.most-b.Len()))])
	return len(p), nil
}
