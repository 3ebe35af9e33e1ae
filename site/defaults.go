package site

import (
	"slices"
	"time"

	"accueil/diag"
	"accueil/routing"
)

// All defaults stand in this file. The default= of the field tags repeats them for the schema and
// the reference; a test compares the two.

func defaultSite() Site {
	return Site{
		Node:    "n1",
		DataDir: "data",
		Listen:  Listen{HTTP: "127.0.0.1:8080", SIP: "0.0.0.0:5060", RTP: "10000-10999"},
		Asterisk: Asterisk{
			URL:  "http://127.0.0.1:8088/ari",
			User: "accueil", CallRecords: "/var/log/asterisk/cel-custom/accueil-cel.csv", Recordings: "/var/spool/asterisk/recording",
		},
		Callbacks:        defaultCallbacks(),
		SMS:              SMS{Timeout: 1500 * time.Millisecond},
		History:          defaultHistory(),
		Prompts:          Prompts{Command: []string{"espeak-ng", "--stdin", "--stdout", "-v", "{voice}", "-s", "{rate}"}, Rate: 150, SlowRate: 110},
		Voicemail:        Voicemail{Keep: 30 * 24 * time.Hour},
		EmergencyNumbers: slices.Clone(DefaultEmergencyNumbers),
	}
}

func defaultHistory() History {
	return History{Audit: Audit{Keep: 365 * 24 * time.Hour}, Tasks: Tasks{
		Keep: 7 * 24 * time.Hour, Attempts: 3, Retry: 30 * time.Minute, Erase: 24 * time.Hour, Forget: 90 * 24 * time.Hour,
	}}
}

// DefaultEmergencyNumbers are those of France: medical, police, fire, European, and 114 for the deaf.
var DefaultEmergencyNumbers = []string{"15", "17", "18", "112", "114"}

func defaultQueue() Queue {
	return Queue{
		Wrapup: 10 * time.Second, Ring: 15 * time.Second,
		MaxWaiting: 100, MaxWait: 30 * time.Minute, KeepAfterClosing: 15 * time.Minute,
		WhenUnstaffed: UnstaffedFallback, MissesBeforeUnreachable: 2,
		Survey: SurveyAgreed,
		Policy: Policy(routing.FairOrder), ServiceLevel: routing.DefaultServiceLevel, Keep: "0%",
		Order: criteria(routing.DefaultOrder),
	}
}

func defaultCallbacks() Callbacks {
	return Callbacks{Attempts: 3, Gap: 30 * time.Minute, Keep: 7 * 24 * time.Hour, Ring: 30 * time.Second, Hours: "08:00-20:00", PerNumber: 3, PerCaller: 5, Confirm: true}
}

func defaultLookup() Lookup { return Lookup{Timeout: 800 * time.Millisecond} }

// DecodeNode fills in the defaults before the keys that are given.
func (l *Lookup) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	type plain Lookup
	*l = defaultLookup()
	return at.Decode(n, (*plain)(l))
}

func criteria(order []routing.Criterion) []Criterion {
	var out []Criterion
	for _, c := range order {
		out = append(out, Criterion(c))
	}
	return out
}

// DecodeNode fills in the defaults before the keys that are given: zero is a value of its own for
// some of them.
func (q *Queue) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	type plain Queue
	*q = defaultQueue()
	return at.Decode(n, (*plain)(q))
}
