package queues

import (
	"time"

	"accueil/acd"
)

// parted are the personal fields of a contact that has ended, for who has to know yet whom to call back:
// he hears of the end while Redis may be away or has just been emptied.
type parted struct {
	personal acd.Personal
	at       acd.Instant
}

const (
	partedKeep = 10 * time.Minute
	maxParted  = 10_000
)

// part takes a contact's personal fields out of those of the living. The caller holds b.mu.
func (b *Book) part(c acd.ContactID) {
	p, ok := b.personal[c]
	if !ok {
		return
	}
	delete(b.personal, c)
	if len(b.parted) < maxParted {
		b.parted[c] = parted{p, b.clock.now()}
	}
}

// forgetParted drops the fields of contacts that ended some time ago. The caller holds b.mu.
func (b *Book) forgetParted(now acd.Instant) {
	for c, p := range b.parted {
		if now.Sub(p.at) > partedKeep {
			delete(b.parted, c)
		}
	}
}
