package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	"go.uber.org/zap"
)

// mostSocketPath is what the kernel takes as the path of a socket (unix(7), sun_path).
const mostSocketPath = 107

// controlSocket is where the node of a data folder listens to this machine's administrators.
func controlSocket(dataDir string) string { return filepath.Join(dataDir, "control", "node.sock") }

// startControl opens the node to the commands of this machine (accueil reload, accueil drain), which
// then need neither address nor token. Its folder, not the socket's own mode, keeps others out: a
// socket has the mode of the umask for an instant after it appears. Without it the node serves all the
// same.
func (a *App) startControl(ctx context.Context) error {
	path := controlSocket(a.opt.Site.DataDir)
	ln, err := listenControl(ctx, path)
	if err != nil {
		a.log.Warn("accueil reload and accueil drain reach this node only by --url and --token-file", zap.Error(err))
		return nil
	}
	a.server.StartLocal(ln)
	return nil
}

func listenControl(ctx context.Context, path string) (net.Listener, error) {
	if len(path) > mostSocketPath {
		return nil, fmt.Errorf("open the control socket: the path of data_dir is %d characters too long", len(path)-mostSocketPath)
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open the control socket: %w", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil { // it was there before
		return nil, fmt.Errorf("open the control socket: %w", err)
	}
	// What a process before left. Who takes a node over takes its socket too; Asterisk sees to it that the
	// other one ends.
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open the control socket: %w", err)
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("open the control socket: %w", err)
	}
	// At the end the file may be the successor's.
	ln.(*net.UnixListener).SetUnlinkOnClose(false)
	return ln, nil
}
