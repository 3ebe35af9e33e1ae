package app

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"accueil/acd"
	"accueil/site"
)

// TestCallerRef: one number is one reference however it is written, and no reference tells a number.
// Who has no number of his own has none.
func TestCallerRef(t *testing.T) {
	t.Parallel()
	s := &site.Site{Region: "FR", Callers: site.Callers{Shared: []string{"01 42 00 00 00", "+33143000000"}},
		Trunks: map[acd.TrunkID]site.Trunk{"operateur": {}, "autocom": {Extensions: []string{"4[0-9]{3}"}}}}
	key := []byte("one secret of at least 32 letters")
	ref := callerRef(key, s, "operateur", "0612345678")
	if len(ref) != 64 || bytes.Contains([]byte(ref), []byte("612345678")) {
		t.Errorf("the reference %q", ref)
	}
	for _, same := range []string{"+33612345678", "0033612345678", "06 12 34 56 78"} {
		if got := callerRef(key, s, "operateur", same); got != ref {
			t.Errorf("%q is somebody else: %q", same, got)
		}
	}
	if callerRef([]byte("another secret"), s, "operateur", "0612345678") == ref {
		t.Error("another site's secret gives the same reference")
	}
	for what, c := range map[string]struct {
		trunk  acd.TrunkID
		number string
	}{
		"withheld": {"operateur", ""}, "a name": {"operateur", "anonymous"}, "short": {"operateur", "3639"},
		"internal": {"operateur", "4012"}, "of the hospital": {"autocom", "0612345678"},
		"shared": {"operateur", "0142000000"}, "shared, written otherwise": {"operateur", "01 43 00 00 00"},
	} {
		if got := callerRef(key, s, c.trunk, c.number); got != "" {
			t.Errorf("%s: known as %q", what, got)
		}
	}
}

// TestCallersKey: made once, kept, for this program's user alone; the site file's comes first.
func TestCallersKey(t *testing.T) {
	t.Parallel()
	s := &site.Site{DataDir: t.TempDir()}
	key, err := callersKey(s)
	if err != nil || len(key) < leastKey {
		t.Fatalf("a secret of %d characters, %v", len(key), err)
	}
	path := filepath.Join(s.DataDir, callersKeyFile)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its file: %v, %v", info, err)
	}
	if again, err := callersKey(s); err != nil || !bytes.Equal(again, key) {
		t.Error("the second start has another secret", err)
	}
	if other, err := callersKey(&site.Site{DataDir: t.TempDir()}); err != nil || bytes.Equal(other, key) {
		t.Error("two sites have one secret", err)
	}
	s.Callers.Key = site.NewSecret("given in the site file, 32 letters")
	if given, err := callersKey(s); err != nil || string(given) != s.Callers.Key.Reveal() {
		t.Error("the site file's secret is not used", err)
	}
	s.Callers.Key = site.Secret{}
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := callersKey(s); err == nil {
		t.Error("a cut secret was taken")
	}
}
