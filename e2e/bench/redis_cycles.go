package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"accueil/acd"
	"accueil/queues"
)

// cyclists are how many contacts are served at once while whole cycles are measured.
const cyclists = 256

// cycles lets contacts arrive, queue, be claimed, answered and end, one after the other for each agent,
// many agents at once: what a store must take from end to end, five changes for each contact.
func cycles(ctx context.Context, s settings, book *queues.Book, r *report) error {
	var served atomic.Int64
	var mu sync.Mutex
	var failures error
	var wg sync.WaitGroup
	begin := time.Now()
	for n := range cyclists {
		wg.Go(func() {
			agent := acd.AgentID(fmt.Sprintf("cyclist-%d", n))
			err := book.Record(acd.KindLogin, func(tx *acd.Tx) error { return tx.Login(agent, acd.PhoneID("of-"+agent), "n1") })
			for k := 0; err == nil && time.Since(begin) < s.redis; k++ {
				if err = cycle(ctx, book, acd.ContactID(fmt.Sprintf("cycle-%d-%d", n, k)).Leg(1), agent); err == nil {
					served.Add(1)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			failures = errors.Join(failures, err)
		})
	}
	wg.Wait()
	if err := errors.Join(failures, book.Flush(ctx)); err != nil {
		return err
	}
	took := time.Since(begin)
	r.add(figure{What: "Redis: whole cycles, arrival → queue → claim → answer → end", Value: float64(served.Load()) / took.Seconds(), Unit: "contacts/s",
		Note: fmt.Sprintf("%d at once; 5 changes each, %.0f changes/s", cyclists, float64(5*served.Load())/took.Seconds())})
	return nil
}

// cycle is the life of one contact in the store.
func cycle(ctx context.Context, book *queues.Book, leg acd.LegID, agent acd.AgentID) error {
	err := book.Record(acd.KindArrived, func(tx *acd.Tx) error {
		if err := tx.Arrive(acd.Leg{ID: leg, Node: "n1", Channel: "c-" + string(leg), Entry: "3000", Lang: "fr"}); err != nil {
			return err
		}
		return tx.StartMenu(leg)
	})
	if err != nil {
		return err
	}
	_, err = book.Decide(ctx, acd.KindQueued, func(tx *acd.Tx) error { return tx.Enqueue(leg, acd.Queueing{Queue: "cycles"}) })
	if err != nil {
		return fmt.Errorf("enqueue: %w", err)
	}
	if err := claimFor(ctx, book, leg, agent); err != nil {
		return err
	}
	answered := func(tx *acd.Tx) error {
		if err := tx.AgentAnswers(leg); err != nil {
			return err
		}
		return tx.Join(leg)
	}
	if err := book.Record(acd.KindTalking, answered); err != nil {
		return err
	}
	return book.Record(acd.KindEnded, func(tx *acd.Tx) error { return tx.EndLeg(leg, acd.End{Outcome: acd.Answered}) })
}

// claimFor gives a leg to an agent, as a dispatcher does.
func claimFor(ctx context.Context, book *queues.Book, leg acd.LegID, agent acd.AgentID) error {
	lead, _ := book.Lead()
	_, err := book.Decide(ctx, acd.KindClaimed, func(tx *acd.Tx) error {
		now := book.Now()
		return tx.Claim(leg, acd.Offer{ID: acd.NewOfferID(now), Agent: agent, Due: now.Add(15 * time.Second)},
			acd.Decision{Leg: leg, Agent: agent, At: now}, lead)
	})
	if err != nil {
		return fmt.Errorf("claim: %w", err)
	}
	return nil
}
