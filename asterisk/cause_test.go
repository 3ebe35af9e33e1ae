package asterisk_test

import (
	"testing"
	"time"

	"accueil/asterisk"
)

func TestCauseEnding(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cause, sip int
		rang       time.Duration
		want       asterisk.Ending
	}{
		{17, 486, time.Second, asterisk.EndingBusy},
		{17, 0, 0, asterisk.EndingBusy},
		{17, 600, 0, asterisk.EndingBusy},
		{23, 302, 0, asterisk.EndingBusy}, // a diversion, which nobody follows
		{0, 301, 15 * time.Second, asterisk.EndingBusy},
		{19, 480, 0, asterisk.EndingBusy},                    // do not disturb answers at once
		{19, 480, 15 * time.Second, asterisk.EndingNoAnswer}, // the ring time is over
		{19, 0, 0, asterisk.EndingNoAnswer},
		{21, 603, time.Second, asterisk.EndingRefused},
		{21, 0, 0, asterisk.EndingRefused},
		{1, 404, 0, asterisk.EndingUnreachable},
		{18, 408, 0, asterisk.EndingUnreachable},
		{20, 0, 0, asterisk.EndingUnreachable},
		{3, 0, 0, asterisk.EndingUnreachable},
		{34, 503, 0, asterisk.EndingFailed},
		{58, 488, 0, asterisk.EndingFailed},
		{38, 500, 0, asterisk.EndingFailed},
		{0, 0, 0, asterisk.EndingFailed},
		{-1, -1, -1, asterisk.EndingFailed},
		{16, 0, 0, asterisk.EndingCleared},
		{26, 487, 0, asterisk.EndingCleared},
	} {
		if got := asterisk.CauseEnding(c.cause, c.sip, c.rang); got != c.want {
			t.Errorf("cause %d, SIP %d after %v: %v, want %v", c.cause, c.sip, c.rang, got, c.want)
		}
	}
}

func TestDtmfFilter(t *testing.T) {
	t.Parallel()
	start := time.Now()
	type press struct {
		channel, digit string
		ms             int
		at             time.Duration
		want           bool
	}
	for name, presses := range map[string][]press{
		"published twice":     {{"a", "5", 40, 0, true}, {"a", "5", 40, 60 * time.Millisecond, false}},
		"three times":         {{"a", "5", 40, 0, true}, {"a", "5", 40, 60 * time.Millisecond, false}, {"a", "5", 40, 140 * time.Millisecond, false}},
		"another digit":       {{"a", "5", 40, 0, true}, {"a", "6", 40, 60 * time.Millisecond, true}},
		"another duration":    {{"a", "5", 40, 0, true}, {"a", "5", 41, 60 * time.Millisecond, true}},
		"another caller":      {{"a", "5", 40, 0, true}, {"b", "5", 40, 60 * time.Millisecond, true}},
		"read late together":  {{"a", "1", 100, 0, true}, {"a", "1", 100, 0, true}},
		"a person's rhythm":   {{"a", "5", 100, 0, true}, {"a", "5", 100, 150 * time.Millisecond, true}},
		"other digit between": {{"a", "5", 40, 0, true}, {"a", "6", 40, 50 * time.Millisecond, true}, {"a", "5", 40, 100 * time.Millisecond, true}},
	} {
		var filter asterisk.DtmfFilter
		for i, p := range presses {
			if got := filter.Accept(p.channel, p.digit, p.ms, start.Add(p.at)); got != p.want {
				t.Errorf("%s: press %d accepted = %v", name, i, got)
			}
		}
	}
}
