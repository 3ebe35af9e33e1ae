package routing_test

import (
	"testing"
	"time"

	"accueil/routing"
)

func TestLimitsOfAQueue(t *testing.T) {
	t.Parallel()
	queue := func(edit func(*routing.Queue)) routing.Queue {
		q := routing.Queue{Fallback: "accueil", MaxWaiting: 10, Keep: 25, MaxRatio: 150, MaxWait: time.Minute,
			Overflow: map[routing.Limit]string{routing.LimitRatio: "busy"}}
		edit(&q)
		return q
	}
	same := func(*routing.Queue) {}
	full, ratio := routing.Verdict{Why: routing.LimitFull, To: "accueil"}, routing.Verdict{Why: routing.LimitRatio, To: "busy"}
	for name, c := range map[string]struct {
		edit      func(*routing.Queue)
		waiting   int
		staffed   int
		returning bool
		want      routing.Verdict
	}{
		"a place":                           {same, 6, 100, false, routing.Verdict{OK: true}},
		"the rest is kept":                  {same, 7, 100, false, full},
		"kept for who returns":              {same, 9, 100, true, routing.Verdict{OK: true}},
		"full for everybody":                {same, 10, 100, true, full},
		"nothing kept":                      {func(q *routing.Queue) { q.Keep = 0 }, 9, 100, false, routing.Verdict{OK: true}},
		"all kept leaves one":               {func(q *routing.Queue) { q.Keep = 100 }, 0, 100, false, routing.Verdict{OK: true}},
		"no limit":                          {func(q *routing.Queue) { q.MaxWaiting = 0 }, 1000, 1000, false, routing.Verdict{OK: true}},
		"three for two":                     {same, 2, 2, false, routing.Verdict{OK: true}},
		"a fourth for two":                  {same, 3, 2, false, ratio},
		"who returns has waited":            {same, 3, 2, true, routing.Verdict{OK: true}},
		"nobody at work":                    {same, 0, 0, false, routing.Verdict{Why: routing.LimitUnstaffed, To: "accueil"}},
		"nobody at work, and they may wait": {func(q *routing.Queue) { q.WhenUnstaffed = routing.UnstaffedWait }, 3, 0, false, routing.Verdict{OK: true}},
		"nobody at work, and told so": {func(q *routing.Queue) { q.WhenUnstaffed = routing.UnstaffedDissuade }, 3, 0, false,
			routing.Verdict{Why: routing.LimitUnstaffed, Dies: true}},
		"a way of its own": {func(q *routing.Queue) { q.Overflow[routing.LimitFull] = "voicemail" }, 8, 100, false,
			routing.Verdict{Why: routing.LimitFull, To: "voicemail"}},
	} {
		q := queue(c.edit)
		if got := q.Enter(routing.Load{Waiting: c.waiting, Staffed: c.staffed}, c.returning); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	q := queue(same)
	for name, c := range map[string]struct {
		waited  time.Duration
		staffed int
		want    routing.Verdict
	}{
		"in time":          {time.Minute - 1, 1, routing.Verdict{OK: true}},
		"too long":         {time.Minute, 1, routing.Verdict{Why: routing.LimitWait, To: "accueil"}},
		"all have gone":    {time.Second, 0, routing.Verdict{Why: routing.LimitUnstaffed, To: "accueil"}},
		"too long, no one": {time.Minute, 0, routing.Verdict{Why: routing.LimitWait, To: "accueil"}},
	} {
		if got := q.Stay(routing.Load{Waiting: 99, Staffed: c.staffed}, c.waited); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
