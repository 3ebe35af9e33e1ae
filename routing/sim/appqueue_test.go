package sim_test

import (
	"testing"
	"time"

	"accueil/acd"
	"accueil/routing"
	"accueil/routing/sim"
)

func playModel(d *sim.Day, penalty func(int, acd.QueueID) (int, bool)) sim.Run {
	rules := routing.Rules{Queues: map[acd.QueueID]routing.Queue{"p": waits, "q": waits}}
	return sim.Simulate(d, rules, sim.NewAppQueue(d, penalty))
}

func all(int, acd.QueueID) (int, bool) { return 0, true }

// TestCallersLookOnceASecond: an agent who becomes free between two looks stays idle until the next one.
func TestCallersLookOnceASecond(t *testing.T) {
	t.Parallel()
	d := day(100, []acd.AgentID{"a"}, call("q", 1, 10), call("q", 2.3, 5))
	expect(t, playModel(d, all), end{acd.Answered, "q", 0, 1, 11}, end{acd.Answered, "q", 0, 11.3, 16.3})
}

// TestWhoLooksFirstTakesASharedAgent: queues of the application do not know of each other's callers.
func TestWhoLooksFirstTakesASharedAgent(t *testing.T) {
	t.Parallel()
	d := day(100, []acd.AgentID{"a"}, call("q", 1, 10), call("q", 2.8, 5), call("p", 5.2, 5))
	expect(t, playModel(d, all),
		end{acd.Answered, "q", 0, 1, 11},
		end{acd.Answered, "q", 0, 16.8, 21.8}, // came first, looked at 11.8
		end{acd.Answered, "p", 0, 11.2, 16.2})
}

func TestTheFirstInTheQueueIsServedBeforeThoseBehind(t *testing.T) {
	t.Parallel()
	d := day(100, []acd.AgentID{"a"}, call("q", 1, 10), call("q", 2.9, 5), call("q", 3.1, 5))
	expect(t, playModel(d, all),
		end{acd.Answered, "q", 0, 1, 11}, end{acd.Answered, "q", 0, 11.9, 16.9}, end{acd.Answered, "q", 0, 17.1, 22.1})
}

func TestPenaltyThenLeastRecent(t *testing.T) {
	t.Parallel()
	penalty := func(agent int, _ acd.QueueID) (int, bool) { return map[int]int{0: 1}[agent], agent != 3 }
	d := day(100, []acd.AgentID{"far", "b", "c", "stranger"}, call("q", 1, 5), call("q", 10, 5), call("q", 20, 50), call("q", 21, 50), call("q", 22, 5), call("q", 23, 5))
	expect(t, playModel(d, penalty),
		end{acd.Answered, "q", 1, 1, 6},
		end{acd.Answered, "q", 2, 10, 15}, // idle since the beginning
		end{acd.Answered, "q", 1, 20, 70},
		end{acd.Answered, "q", 2, 21, 71},
		end{acd.Answered, "q", 0, 22, 27}, // only he is left
		end{acd.Answered, "q", 0, 27, 32}) // looks each whole second from 23 on
}

func TestTheModelKnowsWhoIsAtWork(t *testing.T) {
	t.Parallel()
	d := day(10, []acd.AgentID{"a"}, call("q", 1, 3))
	q := sim.NewAppQueue(d, func(_ int, q acd.QueueID) (int, bool) { return 0, q == "q" })
	now := at(0)
	if q.Staffed("q", "") != 0 {
		t.Error("staffed before anybody came")
	}
	q.Agent(0, acd.AgentReady, now, now)
	if q.Staffed("q", "") != 1 || q.Staffed("p", "") != 0 {
		t.Error("the queue of its member is staffed, the other is not")
	}
	q.Wait(0, "q", now)
	if next, ok := q.Next(now); !ok || next != now.Add(time.Second) {
		t.Errorf("looks again at %v", next)
	}
}
