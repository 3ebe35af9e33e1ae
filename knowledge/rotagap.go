package knowledge

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"accueil/ivr/calendar"
)

// Gap is a time between two duties of one role at which nobody has it.
type Gap struct {
	Service  EntryID
	Role     string
	From, To time.Time // To excluded
	// Usual says that the same hours of the week have nobody at least usualTimes, as days have in a rota of nights;
	// such a gap is listed once, as it comes first.
	Usual bool
}

// usualTimes is how often a gap comes before it is a habit rather than an oversight.
const usualTimes = 3

// Gaps lists when nobody is on call, role by role, from an instant up to each role's last duty. A gap during
// which the service is open is none.
func (d *Directory) Gaps(from time.Time, where *time.Location) (out []Gap) {
	type post struct {
		service EntryID
		role    string
	}
	duties := map[post][]Duty{}
	for _, duty := range d.Duties() {
		p := post{duty.Service, duty.Role}
		duties[p] = append(duties[p], duty)
	}
	posts := slices.SortedFunc(maps.Keys(duties), func(a, b post) int {
		return cmp.Or(cmp.Compare(a.service, b.service), cmp.Compare(a.role, b.role))
	})
	for _, p := range posts {
		var gaps []Gap
		var until time.Time
		for _, duty := range slices.SortedFunc(slices.Values(duties[p]), func(a, b Duty) int { return a.From.Compare(b.From) }) {
			if !until.IsZero() && until.Before(duty.From) && duty.From.After(from) && !d.openAll(p.service, until, duty.From) {
				gaps = append(gaps, Gap{Service: p.service, Role: p.role, From: until, To: duty.From})
			}
			if until.Before(duty.To) {
				until = duty.To
			}
		}
		out = append(out, habits(gaps, where)...)
	}
	return out
}

// habits leaves one of the gaps that are usual.
func habits(gaps []Gap, where *time.Location) (out []Gap) {
	hours := func(g Gap) string {
		const weekly = "Mon 15:04"
		return g.From.In(where).Format(weekly) + g.To.In(where).Format(weekly)
	}
	times, told := map[string]int{}, map[string]bool{}
	for _, g := range gaps {
		if g.To.Sub(g.From) < 7*24*time.Hour { // a week without anybody is never usual
			times[hours(g)]++
		}
	}
	for _, g := range gaps {
		h := hours(g)
		if g.Usual = times[h] >= usualTimes && g.To.Sub(g.From) < 7*24*time.Hour; g.Usual && told[h] {
			continue
		}
		told[h] = true
		out = append(out, g)
	}
	return out
}

// openAll reports whether a service is open from one instant to another.
func (d *Directory) openAll(id EntryID, from, to time.Time) bool {
	e, ok := d.Entry(id)
	if !ok || e.Hours == nil {
		return false
	}
	closes, found := calendar.Closing(from, e.Hours) // looked for in two days
	return found && !closes.Before(to) || !found && to.Sub(from) < 24*time.Hour
}

// RotaEnd is when the last duty ends; zero when there is none.
func (d *Directory) RotaEnd() (last time.Time) {
	for _, duty := range d.Duties() {
		if last.Before(duty.To) {
			last = duty.To
		}
	}
	return last
}
