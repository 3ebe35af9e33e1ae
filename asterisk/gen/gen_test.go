package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestGeneratedFilesAreCurrent regenerates into a temporary folder and compares.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	t.Parallel()
	from := defaultSource()
	if _, err := os.Stat(from); err != nil {
		t.Skipf("no rest-api folder at %s: install Asterisk, or name its root in ACCUEIL_ASTERISK_ROOT", from)
	}
	to := t.TempDir()
	if err := run(from, to); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"zz_models.go", "zz_events.go", "zz_operations.go"} {
		want, err := os.ReadFile(filepath.Join(to, name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s differs from what this Asterisk's description gives; run go generate ./asterisk and read the difference", name)
		}
	}
}

func TestMissingDescription(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	if err := run(empty, t.TempDir()); err == nil {
		t.Error("an empty folder generates something")
	}
	for _, resource := range resources {
		if err := os.WriteFile(filepath.Join(empty, resource+".json"), []byte(`{"apis":[],"models":{}}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := run(empty, t.TempDir()); err == nil {
		t.Error("a description without events generates something")
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"channel_id": "ChannelID", "channelId": "ChannelID", "id": "ID", "asterisk_id": "AsteriskID",
		"uri": "URI", "channel_ids": "ChannelIDs", "startMoh": "StartMOH", "playWithId": "PlayWithID",
		"external_host": "ExternalHost", "absorbDTMF": "AbsorbDTMF", "duration_ms": "DurationMs",
	} {
		if got := goName(in); got != want {
			t.Errorf("%s becomes %s, want %s", in, got, want)
		}
	}
}
