package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// RootEnv names the folder of an unpacked system that holds Asterisk. When it
// is set, nothing else is looked for.
const RootEnv = "ACCUEIL_ASTERISK_ROOT"

// Floor is the oldest release that is safe to expose: it closes the escape of
// read-only ARI users and the writes through ARI variables that were
// published in June 2026.
const Floor = "22.10.1"

// bannedRelease crashes on a websocket PONG frame (asterisk issue 2085).
const bannedRelease = "22.11.0-rc1"

// ErrNoAsterisk means that no usable Asterisk was found.
var ErrNoAsterisk = errors.New("no Asterisk of release " + Floor + " or later found: run `make asterisk` once (as root or with sudo), or set " + RootEnv + " to a folder that holds one")

// Root is an installed Asterisk: the system's own, or one unpacked in a
// folder and run through that folder's dynamic loader.
type Root struct {
	Path        string // "/" for the system's own
	Version     string // as `asterisk -V` says it, without the word Asterisk
	binary      string
	loader      string // empty = start the binary directly
	libraryPath string
	moduleDir   string
	dataDir     string // holds documentation, sounds, rest-api
}

// FindAsterisk looks for a usable Asterisk: the folder named by RootEnv, else
// the system's own if it is at Floor or later, else .local/asterisk in the
// working folder, in the module's root or between the two. The error is one
// sentence that says what to do.
func FindAsterisk(ctx context.Context) (Root, error) {
	if path := os.Getenv(RootEnv); path != "" {
		r, err := OpenRoot(ctx, path)
		if err != nil {
			return Root{}, fmt.Errorf("%s=%s: %w", RootEnv, path, err)
		}
		return r, nil
	}
	if r, err := OpenRoot(ctx, "/"); err == nil && qualifies(r.Version) {
		return r, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return Root{}, fmt.Errorf("find the working folder: %w", err)
	}
	for {
		path := filepath.Join(dir, ".local", "asterisk")
		if _, err := os.Stat(path); err == nil {
			r, err := OpenRoot(ctx, path)
			if err != nil {
				return Root{}, fmt.Errorf("%s is damaged, remove it and run `make asterisk`: %w", path, err)
			}
			return r, nil
		}
		_, err := os.Stat(filepath.Join(dir, "go.mod"))
		parent := filepath.Dir(dir)
		if err == nil || parent == dir {
			return Root{}, ErrNoAsterisk
		}
		dir = parent
	}
}

// OpenRoot describes the Asterisk inside the folder path ("/" = the system's
// own) and asks its version. It does not compare the version with Floor.
func OpenRoot(ctx context.Context, path string) (Root, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return Root{}, fmt.Errorf("find the folder: %w", err)
	}
	r := Root{
		Path:      path,
		binary:    firstExisting(path, "usr/sbin/asterisk", "usr/local/sbin/asterisk"),
		moduleDir: firstExisting(path, "usr/lib/*/asterisk/modules", "usr/lib/asterisk/modules", "usr/lib64/asterisk/modules"),
		dataDir:   firstExisting(path, "usr/share/asterisk", "var/lib/asterisk"),
	}
	if r.binary == "" || r.moduleDir == "" || r.dataDir == "" {
		return Root{}, errors.New("there is no Asterisk in it")
	}
	if path != "/" {
		// usr/lib before lib: in a merged system lib is a link, absolute in
		// some images, which would lead out of the folder.
		r.loader = firstExisting(path, "usr/lib/*/ld-linux*.so.*", "usr/lib/ld-linux*.so.*", "usr/lib64/ld-linux*.so.*", "lib/*/ld-linux*.so.*")
		if r.loader == "" {
			return Root{}, errors.New("there is no dynamic loader in it")
		}
		r.libraryPath = filepath.Dir(filepath.Dir(r.moduleDir))
	}
	cmd := r.command("-V")
	out, err := runBounded(ctx, cmd)
	if err != nil {
		return Root{}, fmt.Errorf("ask its version: %w", err)
	}
	r.Version = strings.TrimPrefix(strings.TrimSpace(out), "Asterisk ")
	return r, nil
}

// command builds the command line of this Asterisk with its own libraries.
func (r Root) command(args ...string) *exec.Cmd {
	if r.loader == "" {
		return exec.Command(r.binary, args...)
	}
	return exec.Command(r.loader, append([]string{"--library-path", r.libraryPath, r.binary}, args...)...)
}

// DataDir is the folder that holds sounds, documentation and rest-api.
func (r Root) DataDir() string { return r.dataDir }

// runBounded runs a short command until it ends or ctx does.
func runBounded(ctx context.Context, cmd *exec.Cmd) (string, error) {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	c, err := startChild(cmd)
	if err != nil {
		return "", err
	}
	select {
	case <-c.done:
	case <-ctx.Done():
		_ = c.kill()
		return "", context.Cause(ctx)
	}
	if c.err != nil {
		return "", fmt.Errorf("%w: %s", c.err, strings.TrimSpace(out.String()))
	}
	return out.String(), nil
}

func firstExisting(root string, patterns ...string) string {
	for _, p := range patterns {
		matches, _ := filepath.Glob(filepath.Join(root, p))
		if len(matches) > 0 {
			return matches[0]
		}
	}
	return ""
}

// qualifies compares a version with Floor. The certified and older branches
// do not qualify: the demo needs what only 22.10 has (StasisBroadcast).
func qualifies(version string) bool {
	if strings.HasPrefix(version, bannedRelease) {
		return false
	}
	have, ok := release(version)
	want, _ := release(Floor)
	if !ok {
		return false
	}
	for i := range want {
		if have[i] != want[i] {
			return have[i] > want[i]
		}
	}
	return true
}

// release reads the leading x.y.z of a version such as
// "22.10.1+dfsg+~cs6.17.60671434-1" or "22.11.0-rc1".
func release(version string) (n [3]int, ok bool) {
	end := strings.IndexFunc(version, func(c rune) bool { return c != '.' && (c < '0' || c > '9') })
	if end >= 0 {
		version = version[:end]
	}
	parts := strings.Split(version, ".")
	if len(parts) != 3 {
		return n, false
	}
	for i, p := range parts {
		v, err := strconv.Atoi(p)
		if err != nil {
			return n, false
		}
		n[i] = v
	}
	return n, true
}

// resolve follows the links of a path inside this root, reading absolute
// targets as the root's own. ok is false when the end does not exist.
func (r Root) resolve(path string) (target string, ok bool) {
	for range 16 {
		info, err := os.Lstat(path)
		if err != nil {
			return "", false
		}
		if info.Mode()&os.ModeSymlink == 0 {
			return path, true
		}
		to, err := os.Readlink(path)
		if err != nil {
			return "", false
		}
		if filepath.IsAbs(to) {
			path = filepath.Join(r.Path, to)
		} else {
			path = filepath.Join(filepath.Dir(path), to)
		}
	}
	return "", false
}
