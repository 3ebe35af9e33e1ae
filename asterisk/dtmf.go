package asterisk

import "time"

// dtmfWindow is how long after a digit its identical twin is taken for an echo.
// While Asterisk still emulates one digit, the next is queued again and published
// twice (main/channel.c; ARI 1.8). Nobody presses the same key twice within it
// for exactly the same number of milliseconds.
const dtmfWindow = 150 * time.Millisecond

// dtmfEmulated is the duration below which Asterisk lengthens a digit by itself
// (AST_MIN_DTMF_DURATION). Only then can it publish one twice. Longer ones are never
// dropped: a loaded machine reads two real presses of "11" at the same instant.
const dtmfEmulated = 80

// DtmfFilter drops digits that Asterisk publishes twice. The zero value is ready.
// It is not safe for concurrent use.
type DtmfFilter struct {
	last map[string]keyed // by channel
}

type keyed struct {
	digit      string
	durationMS int
	at         time.Time
}

// Accept tells whether a digit is new. The instants of one channel do not go back.
func (f *DtmfFilter) Accept(channelID, digit string, durationMS int, at time.Time) bool {
	if f.last == nil {
		f.last = map[string]keyed{}
	}
	before, known := f.last[channelID]
	if known && durationMS < dtmfEmulated && before.digit == digit && before.durationMS == durationMS && at.Sub(before.at) < dtmfWindow {
		return false
	}
	f.forget(at)
	f.last[channelID] = keyed{digit, durationMS, at}
	return true
}

// forget drops what no longer matters, so the map holds only channels that
// pressed a key within the window.
func (f *DtmfFilter) forget(now time.Time) {
	const manyChannels = 64 // below that, sweeping costs more than it saves
	if len(f.last) < manyChannels {
		return
	}
	for id, k := range f.last {
		if now.Sub(k.at) >= dtmfWindow {
			delete(f.last, id)
		}
	}
}
