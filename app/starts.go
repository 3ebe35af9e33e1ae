package app

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"go.uber.org/zap"
)

// A process that dies again and again is started again and again (systemd unit): better than one that
// stays down until a person looks, and callers reach the fallback group meanwhile. These lines tell a
// person that it does.
const (
	loopStarts = 5           // so many starts without a stop
	loopTime   = time.Minute // within this are a loop
	startsKept = 50
	startsName = "starts.json"
)

// starts are the instants at which processes of this node began that did not stop in good order.
type starts []time.Time

// loop is how many of the last processes died soon one after the other: 0 for fewer than a loop. seen is
// how long ago the last of them may have begun.
func (s starts) loop(now time.Time, seen time.Duration) int {
	n := 0
	for i := len(s) - 1; i >= 0 && now.Sub(s[i]) <= seen+loopTime; i-- {
		n++
	}
	for i := len(s) - 1; i >= loopStarts-1; i-- {
		if now.Sub(s[i]) <= seen && s[i].Sub(s[i-loopStarts+1]) <= loopTime {
			return n
		}
	}
	return 0
}

func readStarts(dir string) (s starts) {
	text, err := os.ReadFile(filepath.Join(dir, startsName))
	if err != nil || json.Unmarshal(text, &s) != nil {
		return nil // nothing is known, or a torn file: it begins anew
	}
	return s
}

func (s starts) write(dir string) error {
	if len(s) > startsKept {
		s = s[len(s)-startsKept:]
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, startsName), text, 0o600)
}

// noteStart writes down that this process begins and complains when too many before it have died. What it
// returns notes the good order of its end.
func noteStart(dir string, log *zap.Logger) (stopped func()) {
	now := time.Now().UTC()
	s := append(readStarts(dir), now)
	if n := s.loop(now, 0); n > 0 {
		log.Error("this process dies again and again, soon after its start; callers reach the fallback group meanwhile. The lines before each start say why", zap.Int("starts", n))
	}
	err := os.MkdirAll(dir, 0o750)
	if err == nil {
		err = s.write(dir)
	}
	if err != nil {
		log.Warn("the start could not be written down", zap.Error(err))
	}
	return func() {
		s := readStarts(dir)
		if i := slices.IndexFunc(s, now.Equal); i >= 0 {
			_ = slices.Delete(s, i, i+1)[:len(s)-1].write(dir)
		}
	}
}

// loopSeen is how long ago a loop is still worth a word of the doctor.
const loopSeen = 10 * time.Minute

// restarts tells whether the controller dies again and again.
func (d *doctor) restarts() {
	if n := readStarts(d.site.DataDir).loop(time.Now(), loopSeen); n > 0 {
		d.say("restarts", CheckFailed, fmt.Sprintf("the controller was started %d times in the last minutes, since it died; callers reached the fallback group meanwhile", n),
			"journalctl -u accueil -p warning -n 100: the lines before each start say why")
		return
	}
	d.say("restarts", CheckOK, "no process died soon after its start", "")
}
