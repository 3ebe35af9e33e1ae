package app

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"accueil/acd"
	"accueil/site"
)

// Bounds of what is counted of keyed numbers.
const (
	keyedFor = 24 * time.Hour
	// keyedNameless is how many times a caller's bound those have together who withhold their number: one
	// of them is not known from another, and all of them are not to pay for one.
	keyedNameless = 10
)

// keyed counts how often callers ask to be called at numbers that they key in: nobody shall use the
// hospital to ring a stranger's telephone over and over. It knows numbers by their references, and this
// process's calls of the last day only.
type keyed struct {
	mu       sync.Mutex // guards all below
	at, by   map[acd.CallerRef][]acd.Instant
	swept    acd.Instant
	verdicts *prometheus.CounterVec
}

func newKeyed(r prometheus.Registerer) *keyed {
	k := &keyed{at: map[acd.CallerRef][]acd.Instant{}, by: map[acd.CallerRef][]acd.Instant{},
		verdicts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "accueil_callback_numbers_total",
			Help: "Numbers that callers keyed in to be called back at: taken, or refused for the number or the caller was heard of too often within a day."}, []string{"verdict"})}
	for _, v := range []string{"taken", "number", "caller"} {
		k.verdicts.WithLabelValues(v)
	}
	if r != nil {
		r.MustRegister(k.verdicts)
	}
	return k
}

// giver is who keys a number in.
type giver struct {
	ref      acd.CallerRef
	nameless bool // he withholds his number
}

// take notes that the number was given, unless it or who gives it is above the bound. The reference "" is of
// a number that many share, or of a caller behind one: those are not counted.
func (k *keyed) take(who giver, number acd.CallerRef, now acd.Instant, rules site.Callbacks) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.forget(now)
	perCaller := rules.PerCaller
	if who.nameless {
		perCaller *= keyedNameless
	}
	switch {
	case number != "" && recent(k.at[number], now) >= rules.PerNumber:
		k.verdicts.WithLabelValues("number").Inc()
		return false
	case (who.ref != "" || who.nameless) && recent(k.by[who.ref], now) >= perCaller:
		k.verdicts.WithLabelValues("caller").Inc()
		return false
	}
	if number != "" {
		k.at[number] = append(k.at[number], now)
	}
	if who.ref != "" || who.nameless {
		k.by[who.ref] = append(k.by[who.ref], now)
	}
	k.verdicts.WithLabelValues("taken").Inc()
	return true
}

// recent counts the instants of the last day.
func recent(all []acd.Instant, now acd.Instant) (n int) {
	for _, at := range all {
		if now.Sub(at) < keyedFor {
			n++
		}
	}
	return n
}

// forget drops, once an hour, what is older than a day.
func (k *keyed) forget(now acd.Instant) {
	if now.Sub(k.swept) < time.Hour {
		return
	}
	k.swept = now
	for _, m := range []map[acd.CallerRef][]acd.Instant{k.at, k.by} {
		for ref, all := range m {
			if recent(all, now) == 0 {
				delete(m, ref)
			}
		}
	}
}

// mayKey reports whether who calls from number may be called at the one that he keys in. At his own he is
// called however often he says so.
func (a *App) mayKey(trunk acd.TrunkID, number, digits string) bool {
	s := a.live.Load().site
	own, other := site.NormalizeCallerID(number, s.Region), site.NormalizeCallerID(digits, s.Region)
	if own != "" && own == other {
		return true
	}
	who := giver{a.callerRef(trunk, number), own == ""}
	return a.keyed.take(who, callerRef(a.callersKey, s, "", other), a.book.Now(), s.Callbacks)
}
