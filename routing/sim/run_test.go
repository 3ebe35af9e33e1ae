package sim_test

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"accueil/acd"
	"accueil/routing"
	"accueil/routing/sim"
)

// midnight is where the days of these tests begin.
var midnight = acd.At(time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC))

func at(s float64) acd.Instant { return midnight.Add(time.Duration(s * float64(time.Second))) }

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// call is a contact that never gives up.
func call(q acd.QueueID, enqueued, service float64) sim.Contact {
	return sim.Contact{Queue: q, Arrived: at(enqueued), Enqueued: at(enqueued), Service: seconds(service), Patience: sim.Patient}
}

// day gives each agent a group of his own and hours from 0 to until.
func day(until float64, agents []acd.AgentID, contacts ...sim.Contact) *sim.Day {
	d := &sim.Day{Contacts: contacts, Groups: len(agents), Until: at(until)}
	for i, a := range agents {
		d.Agents = append(d.Agents, sim.Agent{ID: a, Group: i})
		d.Heads = append(d.Heads, sim.Head{At: at(0), Group: i, Count: 1}, sim.Head{At: at(until), Group: i, Count: 0})
	}
	d.Sort()
	slices.SortStableFunc(d.Heads, func(a, b sim.Head) int { return cmp.Compare(a.At, b.At) })
	return d
}

func play(t *testing.T, d *sim.Day, rules routing.Rules) sim.Run {
	t.Helper()
	router, err := sim.NewEngine(rules, d)
	if err != nil {
		t.Fatal(err)
	}
	return sim.Simulate(d, rules, router)
}

func members(skills map[acd.SkillID]int, ids ...acd.AgentID) map[acd.AgentID]routing.Member {
	out := map[acd.AgentID]routing.Member{}
	for _, id := range ids {
		out[id] = routing.Member{Skills: skills}
	}
	return out
}

var waits = routing.Queue{Steps: []routing.Step{{}}, WhenUnstaffed: routing.UnstaffedWait}

// end is what a test looks at in a result, in seconds after midnight.
type end struct {
	outcome acd.Outcome
	queue   acd.QueueID
	agent   int32
	left    float64
	ended   float64
}

func ends(r sim.Run) []end {
	var out []end
	for _, x := range r.Results {
		out = append(out, end{x.Outcome, x.Queue, x.Agent, x.Left.Sub(midnight).Seconds(), x.Ended.Sub(midnight).Seconds()})
	}
	return out
}

func expect(t *testing.T, r sim.Run, want ...end) {
	t.Helper()
	if got := ends(r); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestOneAgentTakesCallersInTheirOrder(t *testing.T) {
	t.Parallel()
	q := waits
	q.Wrapup = 10 * time.Second
	rules := routing.Rules{Queues: map[acd.QueueID]routing.Queue{"q": q}, Agents: members(nil, "a")}
	first, second, third := call("q", 5, 60), call("q", 20, 30), call("q", 25, 30)
	third.Patience = 40 * time.Second // leaves at 65, before the after-call work is over
	r := play(t, day(300, []acd.AgentID{"a"}, first, second, third), rules)
	expect(t, r,
		end{acd.Answered, "q", 0, 5, 65},
		end{acd.Answered, "q", 0, 75, 105},
		end{acd.Abandoned, "q", -1, 65, 65})
	if got := r.Results[0].Rested; got != at(75) {
		t.Errorf("after-call work ended at %s", got.Sub(midnight))
	}
	times := map[acd.AgentState]time.Duration{}
	for _, s := range r.Spans {
		times[s.State] += s.To.Sub(s.From)
	}
	want := map[acd.AgentState]time.Duration{acd.AgentReady: seconds(5 + 185), acd.AgentBusy: seconds(90), acd.AgentWrapup: seconds(20)}
	if !maps.Equal(times, want) {
		t.Errorf("the agent's time is %v, want %v", times, want)
	}
	if r.End != at(300) {
		t.Errorf("the day ended at %s", r.End.Sub(midnight))
	}
}

func TestACallerWhoLeavesDuringTheRingFreesTheAgent(t *testing.T) {
	t.Parallel()
	rules := routing.Rules{Queues: map[acd.QueueID]routing.Queue{"q": {Steps: []routing.Step{{}}, WhenUnstaffed: routing.UnstaffedWait, Wrapup: 10 * time.Second}}, Agents: members(nil, "a")}
	hasty, next := call("q", 10, 60), call("q", 12, 60)
	hasty.Pickup, hasty.Patience = seconds(6), seconds(4)
	next.Pickup = seconds(6)
	r := play(t, day(300, []acd.AgentID{"a"}, hasty, next), rules)
	expect(t, r, end{acd.Abandoned, "q", -1, 14, 14}, end{acd.Answered, "q", 0, 20, 80})
	if r.Results[0].Offers != 1 || r.Results[1].Offers != 1 {
		t.Errorf("offers %d and %d", r.Results[0].Offers, r.Results[1].Offers)
	}
}

// TestLimits sends callers where the rules of the queue send them.
func TestLimits(t *testing.T) {
	t.Parallel()
	q := routing.Queue{Steps: []routing.Step{{}}, WhenUnstaffed: routing.UnstaffedWait, MaxWaiting: 1, MaxWait: 30 * time.Second, Fallback: "spare"}
	spare := routing.Queue{Steps: []routing.Step{{Require: "other >= 1"}}, Fallback: "node", WhenUnstaffed: routing.UnstaffedFallback}
	rules := routing.Rules{
		Skills: []acd.SkillID{"other"},
		Queues: map[acd.QueueID]routing.Queue{"q": q, "spare": spare},
		Agents: map[acd.AgentID]routing.Member{"a": {}, "b": {Skills: map[acd.SkillID]int{"other": 5}}},
	}
	t.Run("nobody behind the fallback", func(t *testing.T) {
		t.Parallel()
		d := day(600, []acd.AgentID{"a"}, call("q", 1, 300), call("q", 2, 10), call("q", 3, 10))
		expect(t, play(t, d, rules),
			end{acd.Answered, "q", 0, 1, 301},
			end{acd.Overflow, "q", -1, 32, 32}, // as long as the queue keeps anybody
			end{acd.Overflow, "", -1, 3, 3})    // no place, and nobody in the fallback
	})
	t.Run("an agent behind it", func(t *testing.T) {
		t.Parallel()
		d := day(600, []acd.AgentID{"a", "b"}, call("q", 1, 300), call("spare", 1.5, 20), call("q", 2, 10), call("q", 3, 10), call("q", 4, 10))
		expect(t, play(t, d, rules),
			end{acd.Answered, "q", 0, 1, 301},
			end{acd.Answered, "spare", 1, 1.5, 21.5},
			end{acd.Answered, "q", 1, 21.5, 31.5}, // "a" may be anybody's: the oldest is first, over both queues
			end{acd.Answered, "spare", 1, 31.5, 41.5},
			end{acd.Answered, "spare", 1, 41.5, 51.5})
	})
	t.Run("more callers for each agent than allowed go their own way", func(t *testing.T) {
		t.Parallel()
		crowd := routing.Rules{
			Skills: []acd.SkillID{"x", "other"},
			Queues: map[acd.QueueID]routing.Queue{
				"q":     {Steps: []routing.Step{{Require: "x >= 1"}}, WhenUnstaffed: routing.UnstaffedWait, MaxRatio: 100, Fallback: "node", Overflow: map[routing.Limit]string{routing.LimitRatio: "spare"}},
				"spare": spare,
			},
			Agents: map[acd.AgentID]routing.Member{"a": {Skills: map[acd.SkillID]int{"x": 5}}, "b": {Skills: map[acd.SkillID]int{"other": 5}}},
		}
		d := day(600, []acd.AgentID{"a", "b"}, call("q", 1, 100), call("q", 2, 10), call("q", 3, 10))
		expect(t, play(t, d, crowd), end{acd.Answered, "q", 0, 1, 101}, end{acd.Answered, "q", 0, 101, 111}, end{acd.Answered, "spare", 1, 3, 13})
	})
	t.Run("nobody at all, and told so", func(t *testing.T) {
		t.Parallel()
		strict := routing.Rules{Queues: map[acd.QueueID]routing.Queue{"q": {Steps: []routing.Step{{}}, WhenUnstaffed: routing.UnstaffedDissuade}}}
		expect(t, play(t, day(10, nil, call("q", 1, 5)), strict), end{acd.Dissuaded, "", -1, 1, 1})
	})
	t.Run("who waits for nobody is closed with the day", func(t *testing.T) {
		t.Parallel()
		open := routing.Rules{Queues: map[acd.QueueID]routing.Queue{"q": waits}}
		expect(t, play(t, day(10, nil, call("q", 1, 5)), open), end{acd.Closed, "q", -1, 10, 10})
	})
}

// TestStepsOpenWithoutAnyEvent needs the router to be woken when a step opens.
func TestStepsOpenWithoutAnyEvent(t *testing.T) {
	t.Parallel()
	rules := routing.Rules{
		Skills: []acd.SkillID{"x"},
		Queues: map[acd.QueueID]routing.Queue{"q": {Steps: []routing.Step{{Require: "x >= 5"}, {After: 20 * time.Second}}, WhenUnstaffed: routing.UnstaffedWait}},
		Agents: map[acd.AgentID]routing.Member{"good": {Skills: map[acd.SkillID]int{"x": 9}}, "any": {}},
	}
	d := day(300, []acd.AgentID{"good", "any"}, call("q", 1, 100), call("q", 2, 10))
	expect(t, play(t, d, rules), end{acd.Answered, "q", 0, 1, 101}, end{acd.Answered, "q", 1, 22, 32})
}

// TestAGroupShrinksByThoseWhoAreFree is the rule of SimpleMSK: nobody is sent away from a conversation,
// and as long as more talk than should be there nobody else works.
func TestAGroupShrinksByThoseWhoAreFree(t *testing.T) {
	t.Parallel()
	rules := routing.Rules{Queues: map[acd.QueueID]routing.Queue{"q": waits}, Agents: members(nil, "a", "b", "c")}
	d := &sim.Day{
		Agents: []sim.Agent{{ID: "a"}, {ID: "b"}, {ID: "c"}}, Groups: 1, Until: at(200),
		Heads:    []sim.Head{{At: at(0), Count: 3}, {At: at(10), Count: 1}, {At: at(100), Count: 2}},
		Contacts: []sim.Contact{call("q", 1, 30), call("q", 2, 50), call("q", 11, 5), call("q", 90, 20), call("q", 95, 20)},
	}
	expect(t, play(t, d, rules),
		end{acd.Answered, "q", 0, 1, 31},
		end{acd.Answered, "q", 1, 2, 52},
		end{acd.Answered, "q", 1, 52, 57}, // not at 11 by c, who went home, nor at 31 by a, who was one too many
		end{acd.Answered, "q", 1, 90, 110},
		end{acd.Answered, "q", 0, 100, 120}) // one came back
}

// TestManyDays plays random days, and asks what must hold in any.
func TestManyDays(t *testing.T) {
	t.Parallel()
	rules := routing.Rules{
		Skills: []acd.SkillID{"x", "y", "en"},
		Queues: map[acd.QueueID]routing.Queue{
			"x": {Steps: []routing.Step{{Require: "x >= 5"}, {After: 15 * time.Second, Require: "x >= 1"}}, Fallback: "y", Wrapup: 12 * time.Second, MaxWaiting: 6, MaxWait: 3 * time.Minute},
			"y": {Steps: []routing.Step{{Require: "y >= 1"}}, Fallback: "outside", MaxWait: 5 * time.Minute},
		},
		Agents: map[acd.AgentID]routing.Member{
			"a1": {Skills: map[acd.SkillID]int{"x": 9, "en": 5}}, "a2": {Skills: map[acd.SkillID]int{"x": 3, "y": 5}}, "a3": {Skills: map[acd.SkillID]int{"y": 5, "en": 1}},
		},
		Reasons: map[acd.ReasonID]routing.Reason{"rx": {Queue: "x", Points: 2}, "ry": {Queue: "y"}},
	}
	long := func(mean float64) sim.Dist {
		return sim.Dist{Shape: sim.Lognormal, Mean: seconds(mean), SD: seconds(mean / 2)}
	}
	plan := sim.Plan{
		Midnight: midnight, Variation: 0.2, Menu: long(20), Pickup: long(4),
		Flows: []sim.Flow{
			{Reason: "rx", Arrivals: []sim.Rate{{From: 8 * time.Hour, To: 10 * time.Hour, Calls: 100}}, Handling: long(90), Patience: sim.Dist{Shape: sim.Exponential, Mean: time.Minute}, Asks: []sim.Share{{Asks: "en >= 1", Part: 0.2}, {Part: 0.8}}},
			{Reason: "ry", Arrivals: []sim.Rate{{From: 8 * time.Hour, To: 10 * time.Hour, Calls: 60}}, Handling: long(60)},
		},
		Shifts: []sim.Shift{{Agent: "a1", From: 8 * time.Hour, To: 9 * time.Hour}, {Agent: "a1", From: 9*time.Hour + 15*time.Minute, To: 10 * time.Hour}, {Agent: "a2", From: 8 * time.Hour, To: 10 * time.Hour}, {Agent: "a3", From: 8 * time.Hour, To: 9*time.Hour + 30*time.Minute}},
	}
	outcomes := map[acd.Outcome]int{}
	for seed := range uint64(60) {
		days, err := plan.Days(seed, rules)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := plan.Days(seed, rules)
		r := play(t, days[0], rules)
		if other := play(t, again[0], rules); !reflect.DeepEqual(r, other) {
			t.Fatalf("seed %d: two runs of one seed differ", seed)
		}
		check(t, fmt.Sprintf("seed %d", seed), days[0], r, outcomes)
	}
	for _, o := range []acd.Outcome{acd.Answered, acd.Abandoned, acd.Overflow} {
		if outcomes[o] == 0 {
			t.Errorf("no contact ended as %s: the days do not try that", o)
		}
	}
}

func check(t *testing.T, name string, d *sim.Day, r sim.Run, outcomes map[acd.Outcome]int) {
	t.Helper()
	type busy struct{ from, to acd.Instant }
	held := map[int32][]busy{}
	for i, x := range r.Results {
		c := d.Contacts[i]
		outcomes[x.Outcome]++
		if x.Outcome == "" || x.Left < c.Enqueued || x.Ended < x.Left || x.Ended > r.End {
			t.Fatalf("%s: contact %d ended as %+v", name, i, x)
		}
		if x.Outcome == acd.Abandoned && x.Left != c.Enqueued.Add(c.Patience) {
			t.Fatalf("%s: contact %d gave up at another moment than its own", name, i)
		}
		if x.Outcome == acd.Answered {
			held[x.Agent] = append(held[x.Agent], busy{x.Left, max(x.Ended, x.Rested)})
		}
	}
	for a, list := range held {
		slices.SortFunc(list, func(a, b busy) int { return cmp.Compare(a.from, b.from) })
		for i := 1; i < len(list); i++ {
			if list[i].from < list[i-1].to {
				t.Fatalf("%s: agent %d has two contacts at once", name, a)
			}
		}
	}
	last := map[int32]acd.Instant{}
	for _, s := range r.Spans {
		if s.From < last[s.Agent] || s.To <= s.From {
			t.Fatalf("%s: span %+v begins before the last one's end", name, s)
		}
		last[s.Agent] = s.To
	}
}
