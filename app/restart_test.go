package app

import (
	"strings"
	"testing"

	"accueil/site"
	"accueil/wording"
)

// TestWhatNeedsARestart: a key that a running process cannot take over is told by its name, and what is
// secret is not told.
func TestWhatNeedsARestart(t *testing.T) {
	t.Parallel()
	old, now := &site.Site{ID: "essai"}, &site.Site{ID: "essai"}
	if notes := append(needsRestart(old, now), needsAsterisk(old, now)...); len(notes) > 0 {
		t.Errorf("nothing has changed: %q", notes)
	}
	now.API.TokensFile = "/etc/accueil/secrets/others"
	now.Callers.Key = site.NewSecret("another secret of at least 32 letters")
	now.Listen.TLS.Certificate, now.Listen.TLS.Key = "cert.pem", "key.pem"
	notes := wording.Way(needsRestart(old, now)).In(nil)
	for _, key := range []string{"api.tokens_file", "callers.key_file", "listen.tls"} {
		if !strings.Contains(notes, key) {
			t.Errorf("%s is not told: %q", key, notes)
		}
	}
	if strings.Contains(notes, "another secret") {
		t.Errorf("a secret is told: %q", notes)
	}
	if notes := needsAsterisk(old, now); len(notes) > 0 {
		t.Errorf("a certificate is no matter of Asterisk's: %q", notes)
	}
}
