package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"accueil/acd"
	"accueil/queues"
	"accueil/routing"
	"accueil/routing/dispatch"
)

// A contact centre far larger than a hospital's.
const (
	bigAgents   = 1000
	bigWaiting  = 5000
	bigArrivals = 100 // a second; as many conversations end
	bigQueues   = 20
)

// crowded measures the dispatcher and the store at that size: from the instant at which a caller queues
// or an agent becomes free to the claim's entry in the log, as its subscribers hear it. Half the agents
// serve two queues; every caller who is claimed talks until an arrival takes his place.
func crowded(ctx context.Context, s settings, book *queues.Book, r *report) error {
	c := &bigCentre{book: book, freed: map[acd.LegID]acd.AgentID{}}
	if err := c.fill(ctx); err != nil {
		return err
	}
	d, err := dispatch.Start(dispatch.Options{Rules: bigRules(), Log: book})
	if err != nil {
		return err
	}
	defer d.Stop()
	sub := book.Subscribe("bench")
	defer sub.Close()
	took := make(chan []time.Duration, 1)
	stop := make(chan struct{})
	go func() { took <- c.watch(sub, stop) }()
	err = c.work(ctx, max(s.redis, 3*time.Second))
	close(stop)
	all := <-took
	if err != nil {
		return err
	}
	if stats := d.Stats(); len(all) < bigArrivals || stats.Unanswered > 0 {
		return fmt.Errorf("%d decisions seen, dispatcher %+v", len(all), stats)
	}
	const what = "Redis: freed or queued → claim's entry, 1,000 agents, 5,000 waiting, 100 arrivals/s"
	r.quantiles(what, all, 0, 10)
	return nil
}

// bigCentre is the traffic of that size.
type bigCentre struct {
	book *queues.Book

	mu    sync.Mutex
	calls int
	busy  []acd.LegID // talking, oldest first
	freed map[acd.LegID]acd.AgentID
}

func bigQueue(n int) acd.QueueID { return acd.QueueID(fmt.Sprintf("big-%d", n%bigQueues)) }

func bigAgent(n int) acd.AgentID { return acd.AgentID(fmt.Sprintf("big-%d", n)) }

func bigRules() routing.Rules {
	rules := routing.Rules{Queues: map[acd.QueueID]routing.Queue{}, Agents: map[acd.AgentID]routing.Member{}}
	for n := range bigQueues {
		skill := acd.SkillID(fmt.Sprintf("s%d", n))
		rules.Skills = append(rules.Skills, skill)
		rules.Queues[bigQueue(n)] = routing.Queue{Steps: []routing.Step{{Require: string(skill) + " >= 5"}}, Ring: 15 * time.Second, Fallback: "voicemail"}
	}
	for n := range bigAgents {
		skills := map[acd.SkillID]int{rules.Skills[n%bigQueues]: 5 + n%5}
		if n%2 == 0 {
			skills[rules.Skills[(n+1)%bigQueues]] = 5
		}
		rules.Agents[bigAgent(n)] = routing.Member{Skills: skills}
	}
	return rules
}

// arrive puts one caller into a queue.
func (c *bigCentre) arrive(ctx context.Context, q acd.QueueID) (acd.LegID, error) {
	c.mu.Lock()
	c.calls++
	leg := acd.ContactID(fmt.Sprintf("big-%d", c.calls)).Leg(1)
	c.mu.Unlock()
	err := c.book.Record(acd.KindArrived, func(tx *acd.Tx) error {
		if err := tx.Arrive(acd.Leg{ID: leg, Node: "n1", Channel: "c-" + string(leg), Entry: "3000", Lang: "fr"}); err != nil {
			return err
		}
		return tx.StartMenu(leg)
	})
	if err != nil {
		return leg, err
	}
	if _, err := c.book.Decide(ctx, acd.KindQueued, func(tx *acd.Tx) error { return tx.Enqueue(leg, acd.Queueing{Queue: q}) }); err != nil {
		return leg, fmt.Errorf("enqueue: %w", err)
	}
	return leg, nil
}

// fill brings everybody to work and everybody into a conversation but those who wait.
func (c *bigCentre) fill(ctx context.Context) error {
	var failed error
	var mu sync.Mutex
	share := make(chan int)
	var wg sync.WaitGroup
	for range 64 { // side by side, so that the store is sent many changes at a time
		wg.Go(func() {
			for n := range share {
				if err := c.seat(ctx, n); err != nil {
					mu.Lock()
					failed = err
					mu.Unlock()
				}
			}
		})
	}
	for n := range bigAgents + bigWaiting {
		share <- n
	}
	close(share)
	wg.Wait()
	if failed != nil {
		return fmt.Errorf("fill the big centre: %w", failed)
	}
	return c.book.Flush(ctx)
}

// seat brings the n-th person: the agents first, each with a caller, then those who wait.
func (c *bigCentre) seat(ctx context.Context, n int) error {
	leg, err := c.arrive(ctx, bigQueue(n))
	if err != nil || n >= bigAgents {
		return err
	}
	agent := bigAgent(n)
	if err := c.book.Record(acd.KindLogin, func(tx *acd.Tx) error { return tx.Login(agent, acd.PhoneID("of-"+agent), "n1") }); err != nil {
		return err
	}
	if err := claimFor(ctx, c.book, leg, agent); err != nil {
		return err
	}
	return c.talk(leg)
}

// talk begins the conversation of a claimed caller.
func (c *bigCentre) talk(leg acd.LegID) error {
	c.mu.Lock()
	c.busy = append(c.busy, leg)
	c.mu.Unlock()
	return c.book.Record(acd.KindTalking, func(tx *acd.Tx) error {
		if err := tx.AgentAnswers(leg); err != nil {
			return err
		}
		return tx.Join(leg)
	})
}

// work lets one caller arrive and one conversation end at a steady pace, and begins the conversations
// of those who were claimed.
func (c *bigCentre) work(ctx context.Context, length time.Duration) error {
	pace := time.NewTicker(time.Second / bigArrivals)
	defer pace.Stop()
	var wg sync.WaitGroup
	defer wg.Wait()
	var mu sync.Mutex
	var failed error
	for n := range int(length.Seconds() * bigArrivals) {
		select {
		case <-pace.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		wg.Go(func() {
			_, err := c.arrive(ctx, bigQueue(n*7))
			if err == nil {
				err = c.end()
			}
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed = err
			}
		})
	}
	wg.Wait()
	return failed
}

// end ends the oldest conversation; its agent is free.
func (c *bigCentre) end() error {
	c.mu.Lock()
	if len(c.busy) == 0 {
		c.mu.Unlock()
		return nil // all of them are being rung
	}
	leg := c.busy[0]
	c.busy = c.busy[1:]
	c.mu.Unlock()
	return c.book.Record(acd.KindEnded, func(tx *acd.Tx) error { return tx.EndLeg(leg, acd.End{Outcome: acd.Answered}) })
}

// watch hears the log: each claim is timed, and its conversation begins.
func (c *bigCentre) watch(sub *queues.Subscription, stop <-chan struct{}) (took []time.Duration) {
	for {
		select {
		case <-stop:
			return took
		case e, ok := <-sub.Entries:
			if !ok {
				return took
			}
			if e.Kind != acd.KindClaimed || e.Decision == nil {
				continue
			}
			took = append(took, max(0, c.book.Now().Sub(e.Decision.Possible)))
			for _, l := range e.Legs {
				_ = c.talk(l.ID)
			}
		}
	}
}
