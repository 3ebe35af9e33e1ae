package site

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"

	"accueil/diag"
	"accueil/ivr/calendar"
	"accueil/wording"
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
	// Hours are when people may be called: the name of a timetable, or "first-last" on weekdays and
	// Saturdays that are no public holiday. Those whose turn comes before or after wait until then.
	Hours string `yaml:"hours" schema:"form=the name of a timetable\\, or first-last as 08:00-20:00,default=08:00-20:00"`
	// PerNumber is how often, within a day, callers may ask to be called at the same number by keying it in.
	// The number that somebody calls from is always called, as are callers.shared.
	PerNumber int `yaml:"per_number" schema:"min=1,max=100,default=3"`
	// PerCaller is how often, within a day, one caller may be called at numbers that he keys in.
	PerCaller int `yaml:"per_caller" schema:"min=1,max=100,default=5"`
	// Confirm asks who answers to press a key before an agent speaks: an answering machine presses none.
	Confirm bool `yaml:"confirm" schema:"default=true"`

	// Open are the timetables that must all be open for somebody to be called, ready to be asked.
	Open []*calendar.Timetable `yaml:"-"`
}

// DecodeNode fills in the defaults before the keys that are given.
func (c *Callbacks) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	type plain Callbacks
	*c = defaultCallbacks()
	return at.Decode(n, (*plain)(c))
}

// timesOfDay is the form of hours that are no timetable's name.
var timesOfDay = regexp.MustCompile(`^[0-9]{1,2}:[0-9]{2} *- *[0-9]{1,2}:[0-9]{2}$`)

// workingDays are those on which times of day hold: a timetable says so who calls people on Sundays.
const workingDays = "mon-sat"

func (c *checker) callbacks() {
	k, at := &c.site.Callbacks, "callbacks.hours"
	switch {
	case k.Hours == "" || c.site.Location == nil: // told by the rules
		return
	case timesOfDay.MatchString(k.Hours):
		if from, to, _ := strings.Cut(k.Hours, "-"); len(strings.TrimSpace(from)) != len("08:00") || strings.TrimSpace(from) >= strings.TrimSpace(to) {
			c.fail(at, wording.Say("write for example 08:00-20:00, or the name of a timetable"), "people could never be called back between %s and %s", strings.TrimSpace(from), strings.TrimSpace(to))
			return
		}
		k.Open = c.timesOfDay(at, k.Hours)
	case refers(c, at, k.Hours, c.site.Timetables, "there is no timetable %q"):
		k.Open = []*calendar.Timetable{c.site.Timetables[k.Hours].Hours}
	}
	if len(k.Open) > 0 && !slices.Contains(k.Open, nil) {
		if _, ok := calendar.Together(time.Now(), k.Open...); !ok {
			c.fail(at, wording.Say("write hours at which somebody is there to call"), "nobody could ever be called back: %s never opens", k.Hours)
		}
	}
}

// timesOfDay are hours that hold on working days. The public holidays are those of every calendar of the
// site; of its region where no calendar names any.
func (c *checker) timesOfDay(at, hours string) (out []*calendar.Timetable) {
	regions := map[string]bool{}
	for _, k := range c.site.Calendars {
		if k.Holidays != "" {
			regions[k.Holidays] = true
		}
	}
	if len(regions) == 0 {
		regions[cmp.Or(c.site.Region, "FR")] = true
	}
	for _, region := range sorted(regions) {
		if !slices.Contains(calendar.Regions(), region) {
			region = "" // elsewhere no holidays are known
		}
		days, _ := calendar.New(region, nil)
		week := map[string][]string{workingDays: {hours}}
		if region != "" {
			week[calendar.Holidays] = []string{"closed"}
		}
		out = append(out, calendar.ParseWeek(week, c.site.Location, days, func(_ string, suggestion, message *wording.Text) {
			c.fail(at, suggestion, "%s", message)
		}))
	}
	return out
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
