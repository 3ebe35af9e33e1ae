package app

import (
	"bytes"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"accueil/site"
)

// TestControlSocket: nobody but its owner passes its folder, a process before may have left one, and
// the end of that process does not take away its successor's.
func TestControlSocket(t *testing.T) {
	t.Parallel()
	path := controlSocket(t.TempDir())
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	before, err := listenControl(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	after, err := listenControl(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer after.Close()
	if err := before.Close(); err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatalf("the successor cannot be reached: %v", err)
	}
	_ = c.Close()
	info, err := os.Stat(filepath.Dir(path))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("its folder: %v %v", info.Mode(), err)
	}
	if _, err := listenControl(t.Context(), controlSocket("/"+strings.Repeat("d", 200))); err == nil || !strings.Contains(err.Error(), "112 characters too long") {
		t.Errorf("a long path: %v", err)
	}
}

// TestAskWithoutANode: a node that is not there is said so, and a mistake in the files is told before
// anybody is asked.
func TestAskWithoutANode(t *testing.T) {
	t.Parallel()
	n := &node{lang: "fr", client: &http.Client{}}
	n.local(&site.Site{DataDir: t.TempDir()})
	var coded ExitError
	if err := n.ask(t.Context(), "POST", "/v1/drain", drainTime, nil); !errors.As(err, &coded) || coded.Code != ExitDependency {
		t.Errorf("%v", err)
	}
	file := filepath.Join(t.TempDir(), "site.yaml")
	if err := os.WriteFile(file, []byte("version: 1\nqueue: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, talk bytes.Buffer
	err := AskReload(t.Context(), ReloadOptions{Node: NodeOptions{Site: file, Lang: "fr"}}, &out, &talk)
	if ExitCode(err) != ExitConfig || !strings.Contains(out.String(), ":2:1: ") || !strings.Contains(talk.String(), "Rien n'a changé") {
		t.Errorf("%v\n%s\n%s", err, &out, &talk)
	}
}
