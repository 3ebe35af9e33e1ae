package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"accueil/acd"
	"accueil/deploy/local"
	"accueil/queues"
)

// claimers are how many legs are claimed at once in the second figure.
const claimers = 256

// redis measures the store alone, with the durability of production (an append-only file synced every
// second), each figure in a data set of its own.
func redis(ctx context.Context, s settings, r *report) error {
	server, err := local.StartRedis(ctx, local.RedisOptions{})
	if err != nil {
		return err
	}
	defer func() { _ = server.Stop(context.WithoutCancel(ctx)) }()
	for n, part := range []func(context.Context, settings, *queues.Book, *report) error{decisions, claims, cycles, crowded} {
		if err := onBook(ctx, server.Addr(), fmt.Sprintf("bench%d", n), func(b *queues.Book) error { return part(ctx, s, b, r) }); err != nil {
			return err
		}
	}
	return nil
}

// onBook runs a part with a data set of its own, which this process leads.
func onBook(ctx context.Context, addr, site string, part func(*queues.Book) error) error {
	book, err := queues.Open(ctx, queues.Options{Addresses: []string{addr}, Site: site, Node: "n1"})
	if err != nil {
		return err
	}
	defer book.Close()
	if err := poll(ctx, "the lead", func() (bool, error) { _, here := book.Lead(); return here, nil }); err != nil {
		return err
	}
	if err := part(book); err != nil {
		return err
	}
	if h := book.Health(); !h.Up {
		return fmt.Errorf("redis was given up meanwhile: %s", h.Cause)
	}
	return nil
}

// newcomer puts a contact into the menu.
func newcomer(book *queues.Book, n int) (acd.LegID, error) {
	id := acd.ContactID(fmt.Sprintf("bench-%d", n)).Leg(1)
	return id, book.Record(acd.KindArrived, func(tx *acd.Tx) error {
		if err := tx.Arrive(acd.Leg{ID: id, Node: "n1", Channel: "c-" + string(id), Entry: "3000", Lang: "fr"}); err != nil {
			return err
		}
		return tx.StartMenu(id)
	})
}

func decisions(ctx context.Context, s settings, book *queues.Book, r *report) error {
	sub := book.Subscribe("bench")
	defer sub.Close()
	leg, err := newcomer(book, 0)
	if err != nil {
		return err
	}
	var took []time.Duration
	for begin := time.Now(); time.Since(begin) < s.redis; {
		asked := time.Now()
		_, err := book.Decide(ctx, acd.KindPoints, func(tx *acd.Tx) error { return tx.SetPoints(leg, len(took)%10, "bench") })
		if err != nil {
			return fmt.Errorf("decide: %w", err)
		}
		for e := range sub.Entries {
			if e.Kind == acd.KindPoints {
				break
			}
		}
		took = append(took, time.Since(asked))
	}
	r.quantiles("Redis: decision → its entry in the log", took, 0, 0)
	return nil
}

// claims lets many legs be claimed and given back at the same time.
func claims(ctx context.Context, s settings, book *queues.Book, r *report) error {
	legs, agents := make([]acd.LegID, claimers), make([]acd.AgentID, claimers)
	for n := range claimers {
		leg, err := newcomer(book, n+1)
		if err != nil {
			return err
		}
		legs[n], agents[n] = leg, acd.AgentID(fmt.Sprintf("agent-%d", n))
		phone := acd.PhoneID(fmt.Sprintf("phone-%d", n))
		if err := book.Record(acd.KindLogin, func(tx *acd.Tx) error { return tx.Login(agents[n], phone, "n1") }); err != nil {
			return err
		}
		_, err = book.Decide(ctx, acd.KindQueued, func(tx *acd.Tx) error { return tx.Enqueue(leg, acd.Queueing{Queue: "rdv"}) })
		if err != nil {
			return fmt.Errorf("enqueue: %w", err)
		}
	}
	var mu sync.Mutex
	var failures error
	done := 0
	var wg sync.WaitGroup
	begin := time.Now()
	for n := range claimers {
		wg.Go(func() {
			mine := 0
			for time.Since(begin) < s.redis {
				if err := claimAndReturn(ctx, book, legs[n], agents[n]); err != nil {
					mu.Lock()
					failures = errors.Join(failures, err)
					mu.Unlock()
					return
				}
				mine++
			}
			mu.Lock()
			done += mine
			mu.Unlock()
		})
	}
	wg.Wait()
	err := errors.Join(failures, book.Flush(ctx))
	took := time.Since(begin)
	r.add(figure{What: "Redis: claims and their ends", Value: float64(2*done) / took.Seconds(), Unit: "changes/s", Goal: 20000, AtLeast: true,
		Note: fmt.Sprintf("%d at once, pipelined, each with its log entry", claimers)})
	return err
}

func claimAndReturn(ctx context.Context, book *queues.Book, leg acd.LegID, agent acd.AgentID) error {
	if err := claimFor(ctx, book, leg, agent); err != nil {
		return err
	}
	return book.Record(acd.KindOfferEnded, func(tx *acd.Tx) error {
		if err := tx.EndOffer(leg, acd.OfferResult{Ending: acd.OfferFailed}); err != nil {
			return err
		}
		return tx.Edit(leg, func(l *acd.Leg) { l.Excluded = nil })
	})
}
