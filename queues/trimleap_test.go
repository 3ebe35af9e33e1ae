package queues

import (
	"testing"
	"time"

	"accueil/acd"
)

// TestTrimWhileALeapIsKeptOut: the ids of entries are of Redis's clock. Where that is three days behind
// the site's time, what was written a moment ago is not three days old.
func TestTrimWhileALeapIsKeptOut(t *testing.T) {
	t.Parallel()
	const behind = 72 * time.Hour
	store := open(t, Options{Site: "holder", NoCampaign: true})
	store.embedded.server.SetTime(time.Now().Add(-behind))
	b := open(t, Options{Addresses: []string{store.embedded.addr()}, SpoolDir: t.TempDir()})
	b.clock.mu.Lock() // as hear leaves it when an earlier process has reached today
	b.clock.kept, b.clock.most, b.clock.off = behind, behind, b.clock.off+behind
	b.clock.mu.Unlock()
	_, err := b.askTime(t.Context(), b.pings, behind)
	must(t, err)
	at := b.Now()
	arrive(t, b, contact(1))
	must(t, b.Flush(t.Context()))
	must(t, b.trim(t.Context()))
	n := 0
	must(t, b.History(t.Context(), at.Add(-time.Second), func(acd.Entry) error { n++; return nil }))
	if n == 0 {
		t.Error("an entry of this second was dropped as old")
	}
}
