package owed

import (
	"context"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
	"accueil/history/ledger"
)

// How much is told at once, and how often it is looked for news that nothing signalled: of another node
// that did not live to tell them.
const (
	maxNews    = 200
	maxTold    = 50 // in one entry of the log
	lookAgain  = 5 * time.Second
	newsLimit  = 5 * time.Second // of one look at the database
	newsUnread = "the streams cannot be told what becomes of tasks"
)

// announcing tells the log what becomes of tasks until the function that it returns is called, which
// waits for the end.
func (k *Keeper) announcing(ctx context.Context, l *ledger.Ledger) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		k.announce(ctx, l)
	}()
	return func() { cancel(); <-done }
}

func (k *Keeper) announce(ctx context.Context, l *ledger.Ledger) {
	look := time.NewTicker(lookAgain)
	defer look.Stop()
	failing := false
	for {
		more, err := k.tellNews(ctx, l)
		if err != nil && ctx.Err() == nil && !failing {
			k.log.Warn(newsUnread, zap.Error(err))
		}
		failing = err != nil
		if more && !failing {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-l.Changed():
		case <-look.C:
		}
	}
}

// tellNews tells one lot, and reports whether there may be more. What was told is noted after it was: a
// kill in between tells it twice.
func (k *Keeper) tellNews(ctx context.Context, l *ledger.Ledger) (more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, newsLimit)
	defer cancel()
	news, err := l.Untold(ctx, maxNews)
	if err != nil {
		return false, err
	}
	for rest := news; len(rest) > 0; {
		by, n := rest[0].By, 1
		for n < min(len(rest), maxTold) && rest[n].By == by {
			n++
		}
		tasks := make([]acd.Task, n)
		for i, item := range rest[:n] {
			tasks[i] = item.Task
		}
		if by == ledger.System {
			by = ""
		}
		if err := k.opt.Log.Tell(ctx, by, tasks); err != nil {
			return false, err
		}
		if err := l.Told(ctx, rest[:n]); err != nil {
			return false, err
		}
		rest = rest[n:]
	}
	return len(news) == maxNews, nil
}
