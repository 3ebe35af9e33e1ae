package calendar

import (
	"slices"
	"time"

	"accueil/wording"
)

// Calendar is the days that are not as their weekday. Nil has none.
type Calendar struct {
	holidays   *holidays
	exceptions []exception // sorted, none overlapping
}

// Exception is a day, or days in a row, with hours of their own.
type Exception struct {
	From, To string // "2026-12-24", both included; To empty: one day
	Hours    string // as in a week: "08:00-12:00", "closed"; closed when empty
	Label    Names
}

type exception struct {
	from, to date
	spans    []span
	label    Names
}

// New makes a calendar with the holidays of a region, none when it is empty, and exceptions, which win
// over holidays. It tells all that is wrong; the calendar is of use only when nothing is.
func New(region string, exceptions []Exception) (*Calendar, []Error) {
	c := &Calendar{}
	var wrong []Error
	if region != "" {
		if _, ok := regions[region]; !ok {
			wrong = append(wrong, Error{-1, wording.Say("no region %q", region)})
		}
		c.holidays = holidaysOf(region)
	}
	for i, x := range exceptions {
		parsed, err := x.parse()
		if err != nil {
			wrong = append(wrong, Error{i, wording.Of(err)})
			continue
		}
		if slices.ContainsFunc(c.exceptions, func(o exception) bool { return parsed.from.compare(o.to) <= 0 && o.from.compare(parsed.to) <= 0 }) {
			wrong = append(wrong, Error{i, wording.Say("these days are in another exception too")})
			continue
		}
		c.exceptions = append(c.exceptions, parsed)
	}
	slices.SortFunc(c.exceptions, func(a, b exception) int { return a.from.compare(b.from) })
	return c, wrong
}

// Error says which exception of a calendar is wrong, -1 for none of them.
type Error struct {
	Index   int
	Message *wording.Text
}

func (e Error) Error() string { return e.Message.String() }

func (x Exception) parse() (out exception, err error) {
	if out.from, err = parseDate(x.From); err != nil {
		return out, err
	}
	out.to = out.from
	if x.To != "" {
		if out.to, err = parseDate(x.To); err != nil {
			return out, err
		}
	}
	if out.to.compare(out.from) < 0 {
		return out, wording.Say("the exception ends before it begins")
	}
	if x.Hours != "" {
		if out.spans, err = parseSpans(x.Hours); err != nil {
			return out, err
		}
	}
	for _, s := range out.spans {
		if s.from >= s.to {
			return out, wording.Say("hours of an exception cannot pass midnight: give the next day its own")
		}
	}
	if a, b, ok := overlap(out.spans); ok {
		return out, wording.Say("%s and %s overlap: write one span for both", a, b)
	}
	out.label = x.Label
	return out, nil
}

func parseDate(s string) (date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return date{}, wording.Say(`%q is no date, write "2026-12-24"`, s)
	}
	return dateOf(t), nil
}

// exceptionOn finds the exception of a day.
func (c *Calendar) exceptionOn(d date) *exception {
	if c == nil {
		return nil
	}
	i, _ := slices.BinarySearchFunc(c.exceptions, d, func(x exception, d date) int { return x.to.compare(d) })
	if i < len(c.exceptions) && c.exceptions[i].from.compare(d) <= 0 {
		return &c.exceptions[i]
	}
	return nil
}

func (c *Calendar) holidayOn(d date) Names {
	if c == nil {
		return nil
	}
	return c.holidays.on(d)
}
