package prompts

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"time"
	"unicode"

	"accueil/acd"
)

// DefaultCommand speaks with espeak-ng. {voice}, {lang} and {rate} are replaced in each argument.
var DefaultCommand = []string{"espeak-ng", "--stdin", "--stdout", "-v", "{voice}", "-s", "{rate}"}

// DefaultRate is the speed of speech in words a minute: slower than conversation, for people who are
// ill, old or worried.
const DefaultRate = 150

const (
	speakTimeout = 30 * time.Second // for one text
	maxText      = 4000             // bytes given to the command
)

// ErrNoSpeech says that the command ran and said nothing that can be heard.
var ErrNoSpeech = errors.New("the speech command produced no sound")

// engine runs the speech command.
type engine struct {
	command []string
	voices  map[acd.Lang]string
	rate    int
	slow    int    // of what is spoken slowly
	version string // of the command: part of every cache key
}

func newEngine(ctx context.Context, o Options) *engine {
	e := &engine{command: o.Command, voices: o.Voices, rate: o.Rate, slow: o.SlowRate}
	if len(e.command) == 0 {
		e.command = DefaultCommand
	}
	if e.rate == 0 {
		e.rate = DefaultRate
	}
	// What the command calls itself; one that does not know the option is told apart by its words.
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if path, err := exec.LookPath(e.command[0]); err == nil && strings.Contains(path, "espeak") {
		out, _ := exec.CommandContext(ctx, path, "--version").Output()
		e.version, _, _ = strings.Cut(string(out), " Data at")
	}
	return e
}

func (e *engine) voice(lang acd.Lang) string {
	if v := e.voices[lang.Plain()]; v != "" {
		return v
	}
	return string(lang.Plain())
}

// speed is how fast the language is spoken, in words a minute.
func (e *engine) speed(lang acd.Lang) string {
	if lang.Slow() {
		return strconv.Itoa(e.slow)
	}
	return strconv.Itoa(e.rate)
}

// key names the sound of a text: everything that shapes it, hashed.
func (e *engine) key(lang acd.Lang, text string) string {
	h := sha256.New()
	for _, part := range append([]string{pipeline, e.version, e.voice(lang), string(lang.Plain()), e.speed(lang), text}, e.command...) {
		fmt.Fprintf(h, "%d:%s,", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// speak runs the command once. The text is on its standard input only; its errors are told without
// the text, which may be a name.
func (e *engine) speak(ctx context.Context, lang acd.Lang, text string) (sound, error) {
	ctx, cancel := context.WithTimeout(ctx, speakTimeout)
	defer cancel()
	replace := strings.NewReplacer("{voice}", e.voice(lang), "{lang}", string(lang.Plain()), "{rate}", e.speed(lang))
	args := make([]string, 0, len(e.command)-1)
	for _, a := range e.command[1:] {
		args = append(args, replace.Replace(a))
	}
	cmd := exec.CommandContext(ctx, e.command[0], args...)
	cmd.Stdin = strings.NewReader(plain(text) + "\n")
	cmd.WaitDelay = time.Second
	var out bytes.Buffer
	cmd.Stdout = &bounded{w: &out, left: maxSource}
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return sound{}, fmt.Errorf("run speech command %s: %w", e.command[0], err)
	}
	if out.Len() == 0 {
		return sound{}, ErrNoSpeech
	}
	s, err := parseWAV(out.Bytes())
	if err != nil {
		return sound{}, fmt.Errorf("read speech of %s: %w", e.command[0], err)
	}
	if s, err = prepare(s); err != nil {
		return sound{}, ErrNoSpeech
	}
	return s, nil
}

// plain takes out of a text what a speech program might take for an instruction: control characters,
// markup (<…>), phonemes ([[…]]), leading dashes. Length is bounded at a character.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r), strings.ContainsRune(`<>[]{}|\^~`+"`", r), r == unicode.ReplacementChar:
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, " "))
	text = strings.TrimLeft(strings.Join(strings.Fields(text), " "), "- ")
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "")
	}
	return text
}

// bounded refuses what exceeds left bytes.
type bounded struct {
	w    io.Writer
	left int
}

func (b *bounded) Write(p []byte) (int, error) {
	if len(p) > b.left {
		return 0, errors.New("the speech command produces too much")
	}
	b.left -= len(p)
	return b.w.Write(p)
}
