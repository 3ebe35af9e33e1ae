package local

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestQualifies(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]bool{
		"22.10.1+dfsg+~cs6.17.60671434-1": true,
		"22.10.1":                         true,
		"22.10.0":                         false,
		"22.9.5":                          false,
		"22.11.0-rc1":                     false, // crashes on a PONG
		"22.11.0-rc2":                     true,
		"22.11.0":                         true,
		"23.0.0":                          true,
		"9.99.99":                         false,
		"20.19.0~dfsg-1":                  false,
		"certified-22.8-cert3":            false,
		"22.10":                           false,
		"":                                false,
		"GIT-master-abcdef":               false,
	} {
		if got := qualifies(version); got != want {
			t.Errorf("qualifies(%q) = %v, want %v", version, got, want)
		}
	}
}

// The script decides whether to install, this package whether to use: they
// must agree, or a machine would be told to run what it just ran.
func TestScriptHasTheSameFloor(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("../install/asterisk.sh")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"FLOOR": Floor, "BANNED": bannedRelease} {
		m := regexp.MustCompile(`(?m)^readonly ` + name + `=(.*)$`).FindSubmatch(script)
		if m == nil || string(m[1]) != want {
			t.Errorf("asterisk.sh says %s=%s, want %s", name, m, want)
		}
	}
}

// fakeRoot makes a folder that looks like an unpacked system, whose loader is
// a script that says the version.
func fakeRoot(t *testing.T, folder, version string) {
	t.Helper()
	for name, text := range map[string]string{
		"usr/sbin/asterisk":                        "",
		"usr/lib/x/asterisk/modules/chan_pjsip.so": "",
		"usr/share/asterisk/documentation/core":    "",
		"usr/lib/x/ld-linux-x.so.2":                "#!/bin/sh\necho \"Asterisk " + version + "\"\n",
	} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFindAsterisk(t *testing.T) {
	ctx := within(t, 10*time.Second)
	project := t.TempDir()
	if err := os.WriteFile(filepath.Join(project, "go.mod"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	deep := filepath.Join(project, "a", "b")
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(deep)
	t.Setenv(RootEnv, "")
	if system, err := OpenRoot(ctx, "/"); err == nil && qualifies(system.Version) {
		t.Skip("this machine's own Asterisk is found first")
	}

	_, err := FindAsterisk(ctx)
	if !errors.Is(err, ErrNoAsterisk) || !strings.Contains(err.Error(), "make asterisk") {
		t.Errorf("with none: %v, want ErrNoAsterisk with its remedy", err)
	}

	inModule := filepath.Join(project, ".local", "asterisk")
	fakeRoot(t, inModule, "22.10.2")
	if r, err := FindAsterisk(ctx); err != nil || r.Path != inModule || r.Version != "22.10.2" {
		t.Errorf("in the module's root: %+v, %v", r, err)
	}

	inCwd := filepath.Join(deep, ".local", "asterisk")
	fakeRoot(t, inCwd, "22.10.3")
	if r, err := FindAsterisk(ctx); err != nil || r.Path != inCwd {
		t.Errorf("in the working folder: %+v, %v", r, err)
	}

	named := t.TempDir()
	fakeRoot(t, named, "20.1.0")
	t.Setenv(RootEnv, named)
	if r, err := FindAsterisk(ctx); err != nil || r.Path != named {
		t.Errorf("named by the variable: %+v, %v", r, err)
	}

	t.Setenv(RootEnv, t.TempDir())
	if r, err := FindAsterisk(ctx); err == nil || !strings.Contains(err.Error(), RootEnv) {
		t.Errorf("named by the variable but empty: %+v, %v; want an error that names it", r, err)
	}
}

func TestResolveStaysInTheRoot(t *testing.T) {
	t.Parallel()
	root := Root{Path: t.TempDir()}
	if err := os.MkdirAll(filepath.Join(root.Path, "etc/alternatives"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root.Path, "voice"), 0o700); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{
		"etc/alternatives/en": "/voice",
		"en":                  "/etc/alternatives/en",
		"near":                "etc/../voice",
		"loop":                "loop",
		"broken":              "/no/such/folder",
	} {
		if err := os.Symlink(target, filepath.Join(root.Path, link)); err != nil {
			t.Fatal(err)
		}
	}
	voice := filepath.Join(root.Path, "voice")
	for _, c := range []struct {
		name, want string
		ok         bool
	}{{"voice", voice, true}, {"en", voice, true}, {"near", voice, true}, {"loop", "", false}, {"broken", "", false}} {
		if got, ok := root.resolve(filepath.Join(root.Path, c.name)); got != c.want || ok != c.ok {
			t.Errorf("resolve(%s) = %q, %v; want %q, %v", c.name, got, ok, c.want, c.ok)
		}
	}
}
