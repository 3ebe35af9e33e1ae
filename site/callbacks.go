package site

import (
	"time"

	"github.com/nyaruka/phonenumbers"

	"accueil/diag"
)

// Callbacks say how people are called back who prefer that to waiting.
type Callbacks struct {
	// Attempts are made in all before a callback is lost.
	Attempts int `yaml:"attempts" schema:"min=1,max=10,default=3"`
	// Gap is the time between two attempts.
	Gap time.Duration `yaml:"gap" schema:"min=1m,max=24h,default=30m"`
	// Keep is how long a callback is kept before it is given up.
	Keep time.Duration `yaml:"keep" schema:"min=1h,max=336h,default=168h"`
	// Ring is how long the person's phone rings.
	Ring time.Duration `yaml:"ring" schema:"min=10s,max=60s,default=30s"`
	// Hours are the times of day at which people may be called, "first-last"; those before and after
	// wait for the next day.
	Hours string `yaml:"hours" schema:"form=first-last\\, as 08:00-20:00,pattern=^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-4]):[0-5][0-9]$,default=08:00-20:00"`
	// Confirm asks who answers to press a key before an agent speaks: an answering machine presses none.
	Confirm bool `yaml:"confirm" schema:"default=true"`

	// From and To are Hours, read, from midnight.
	From, To time.Duration `yaml:"-"`
}

// DecodeNode fills in the defaults before the keys that are given.
func (c *Callbacks) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	type plain Callbacks
	*c = defaultCallbacks()
	return at.Decode(n, (*plain)(c))
}

func (c *checker) callbacks() {
	k := &c.site.Callbacks
	if len(k.Hours) != len("08:00-20:00") {
		return // the form has been refused
	}
	k.From, k.To = clock(k.Hours[:5]), clock(k.Hours[6:])
	if k.From >= k.To || k.To > 24*time.Hour {
		c.fail("callbacks.hours", "write for example 08:00-20:00", "people could never be called back between %s and %s", k.Hours[:5], k.Hours[6:])
	}
}

// clock is a time of day, "15:04", from midnight.
func clock(text string) time.Duration {
	digit := func(i int) time.Duration { return time.Duration(text[i] - '0') }
	return (10*digit(0)+digit(1))*time.Hour + (10*digit(3)+digit(4))*time.Minute
}

// Open returns the first instant from the one given at which people may be called.
func (c Callbacks) Open(at time.Time) time.Time {
	day := func(d int, clock time.Duration) time.Time {
		return time.Date(at.Year(), at.Month(), at.Day()+d, int(clock/time.Hour), int(clock%time.Hour/time.Minute), 0, 0, at.Location())
	}
	switch {
	case at.Before(day(0, c.From)):
		return day(0, c.From)
	case at.Before(day(0, c.To)):
		return at
	}
	return day(1, c.From)
}

// OutwardNumber returns how a number is dialled on the operator's trunk, or false for one that the
// hospital must not call by itself: no number, short, withheld, abroad, or at the caller's expense for
// which anybody could make it pay. Numbers of all of France are at home in each of its territories.
func OutwardNumber(raw, region string) (string, bool) {
	e164 := NormalizeCallerID(raw, region)
	if len(e164) == 0 || e164[0] != '+' {
		return "", false
	}
	n, err := phonenumbers.Parse(e164, region)
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return "", false
	}
	home := phonenumbers.GetRegionCodeForNumber(n)
	if home != region && !(french[region] && french[home]) {
		return "", false
	}
	switch phonenumbers.GetNumberType(n) {
	case phonenumbers.FIXED_LINE, phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE, phonenumbers.VOIP:
	default:
		return "", false
	}
	if home != region {
		return e164, true
	}
	national := phonenumbers.Format(n, phonenumbers.NATIONAL)
	digits, _, ok := strip(national)
	return digits, ok
}
