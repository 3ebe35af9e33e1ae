package queues

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
	"accueil/deploy/local"
)

// BenchmarkDecideToEntry measures the whole cycle: Decide, script, log, entry at a subscriber.
func BenchmarkDecideToEntry(b *testing.B) {
	for name, start := range stores {
		b.Run(name, func(b *testing.B) {
			book := open(b, Options{Addresses: start(b), Log: zap.NewNop(), NoCampaign: true})
			s := book.Subscribe("bench")
			defer s.Close()
			id := contact(1)
			arrive(b, book, id)
			nextKind(b, s, acd.KindMenu)
			took := make([]time.Duration, 0, b.N)
			b.ResetTimer()
			for i := range b.N {
				begin := time.Now()
				if _, err := book.Decide(context.Background(), acd.KindPoints, func(tx *acd.Tx) error { return tx.SetPoints(id, i%10, "x") }); err != nil {
					b.Fatal(err)
				}
				nextKind(b, s, acd.KindPoints)
				took = append(took, time.Since(begin))
			}
			b.StopTimer()
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
		})
	}
}

// BenchmarkClaims measures claims by many callers at once, pipelined by the writer, with AOF.
func BenchmarkClaims(b *testing.B) {
	book := open(b, Options{Addresses: []string{startRedis(b, local.RedisOptions{}).Addr()}, Log: zap.NewNop()})
	l := lead(b, book)
	const width = 256
	for n := range width {
		id, agent := contact(n), acd.AgentID("a"+string(contact(n)))
		arrive(b, book, id)
		login(b, book, agent, acd.PhoneID("p"+string(id)))
		if _, err := enqueue(book, id, acd.Queueing{Queue: "rdv"}); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	var wg sync.WaitGroup
	for n := range width {
		wg.Add(1)
		go func() {
			defer wg.Done()
			id, agent := contact(n), acd.AgentID("a"+string(contact(n)))
			for range b.N / width {
				cur, _ := book.Lead()
				if cur.Token == 0 {
					cur = l
				}
				if _, err := claim(book, id, agent, cur); err != nil {
					b.Error(err)
					return
				}
				// The end of the offer makes the next claim possible; Step and exclusion lifted.
				if err := book.Record(acd.KindOfferEnded, func(tx *acd.Tx) error {
					if err := tx.EndOffer(id, acd.OfferResult{Ending: acd.OfferFailed}); err != nil {
						return err
					}
					return tx.Edit(id, func(l *acd.Leg) { l.Excluded = nil })
				}); err != nil {
					b.Error(err)
					return
				}
			}
		}()
	}
	wg.Wait()
	must(b, book.Flush(context.Background()))
	b.ReportMetric(float64(2*(b.N/width*width))/b.Elapsed().Seconds(), "ops/s")
}
