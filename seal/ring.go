package seal

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"accueil/wording"
)

// Bounds of a key file.
const (
	// LeastKey is the least length of a key, in characters.
	LeastKey = 32
	maxKey   = 512
	maxKeys  = 16
	// rawKey is the length of a file that is one key of random bytes, as openssl rand makes it.
	rawKey = 32
	// rawLine begins a line that is such a key.
	rawLine = "hex:"
)

// Ring are the keys of one file: the first seals, all open. It never prints itself.
type Ring struct{ secrets [][]byte }

// String hides it.
func (Ring) String() string { return "keys (hidden)" }

// GoString hides it too.
func (Ring) GoString() string { return "keys (hidden)" }

// Len is how many keys there are.
func (r *Ring) Len() int { return len(r.secrets) }

// ErrKeys says that something is no key file; nothing of its content is told.
var ErrKeys error = wording.Say("not a file of keys")

// Parse reads keys, one a line of 32 to 512 plain characters, the one that seals first; lines that begin
// with # and empty ones are passed over. Exactly 32 bytes that are no text are one key; beside others it is
// written as hex: and its 64 digits. ErrKeys otherwise.
func Parse(content []byte) (*Ring, error) {
	if len(content) == rawKey && slices.ContainsFunc(content, func(b byte) bool { return b < ' ' || b > '~' }) {
		return &Ring{[][]byte{bytes.Clone(content)}}, nil
	}
	r := &Ring{}
	lines := bufio.NewScanner(bytes.NewReader(content))
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(lines.Text())
		key := text
		if digits, ok := strings.CutPrefix(text, rawLine); ok {
			raw, err := hex.DecodeString(digits)
			if err != nil || len(raw) != rawKey {
				return nil, wording.Say("%s: line %d begins with hex: and has not %d hexadecimal digits after it", ErrKeys, n, 2*rawKey)
			}
			key = string(raw)
		}
		switch {
		case text == "" || text[0] == '#':
		case len(key) < LeastKey || len(key) > maxKey:
			return nil, wording.Say("%s: line %d has %d characters, a key has %d to %d", ErrKeys, n, len(key), LeastKey, maxKey)
		case strings.ContainsFunc(text, func(c rune) bool { return c > unicode.MaxASCII || !unicode.IsPrint(c) }):
			return nil, wording.Say("%s: line %d holds other than plain characters; a key of %d random bytes is written there as hex: and its %d digits", ErrKeys, n, rawKey, 2*rawKey)
		case slices.ContainsFunc(r.secrets, func(k []byte) bool { return string(k) == key }):
			return nil, wording.Say("%s: line %d is a key that is there already", ErrKeys, n)
		case len(r.secrets) == maxKeys:
			return nil, wording.Say("%s: there are more than %d keys", ErrKeys, maxKeys)
		default:
			r.secrets = append(r.secrets, []byte(key))
		}
	}
	if err := lines.Err(); err != nil {
		return nil, wording.Say("%s: a line is too long", ErrKeys)
	}
	if len(r.secrets) == 0 {
		return nil, wording.Say("%s: it holds no key", ErrKeys)
	}
	return r, nil
}

// Load reads a key file; fs.ErrNotExist when there is none. One that others than owner and group may
// touch fails with ErrKeys.
func Load(path string) (*Ring, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read the keys: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: %s is no file", ErrKeys, path)
	}
	if info.Mode().Perm()&0o007 != 0 {
		return nil, fmt.Errorf("%w: everybody on this machine may read or change %s: chmod o= %s", ErrKeys, path, path)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the keys: %w", err)
	}
	r, err := Parse(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// Make writes a new key to a file that does not exist yet, for its owner alone, and returns what the
// file then holds: of two that make it at once one wins. When it returns, the key would outlive a power
// cut: what is sealed next must not.
func Make(path string) (*Ring, error) {
	if path == "" {
		return nil, errors.New("make a key: no file is named for it")
	}
	if err := makeKey(path); err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return Load(path)
}

// makeKey writes beside the place and links there: whoever looks sees all of it or nothing.
func makeKey(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	_, err = f.WriteString(hex.EncodeToString(key) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
