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

// newsBook is what of the ledger the announcing needs.
type newsBook interface {
	Untold(ctx context.Context, most int) ([]ledger.News, error)
	Told(ctx context.Context, news []ledger.News) error
	Changed() <-chan struct{}
}

// announcing tells the log what becomes of tasks until the function that it returns is called, which
// waits for the end.
func (k *Keeper) announcing(ctx context.Context, l newsBook) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		k.announce(ctx, l)
	}()
	return func() { cancel(); <-done }
}

func (k *Keeper) announce(ctx context.Context, l newsBook) {
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
// kill in between tells it twice. What could not be noted is remembered (Keeper.told), and only the note of
// it is tried again.
func (k *Keeper) tellNews(ctx context.Context, l newsBook) (more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, newsLimit)
	defer cancel()
	news, err := l.Untold(ctx, maxNews)
	if err != nil {
		return false, err
	}
	told := map[acd.TaskID]int64{} // of these alone: another node may have noted the others
	for _, n := range news {
		if rev, ok := k.told[n.Task.ID]; ok {
			told[n.Task.ID] = rev
		}
	}
	k.told = told
	for rest := news; len(rest) > 0; {
		by, n := rest[0].By, 1
		for n < min(len(rest), maxTold) && rest[n].By == by {
			n++
		}
		if err := k.tell(ctx, by, rest[:n]); err != nil {
			return false, err
		}
		if err := l.Told(ctx, rest[:n]); err != nil {
			return false, err
		}
		rest = rest[n:]
	}
	return len(news) == maxNews, nil
}

// tell tells the log those of the news that it was not told yet.
func (k *Keeper) tell(ctx context.Context, by string, news []ledger.News) error {
	var tasks []acd.Task
	for _, n := range news {
		if k.told[n.Task.ID] < n.Task.Rev {
			tasks = append(tasks, n.Task)
		}
	}
	if len(tasks) == 0 {
		return nil
	}
	if by == ledger.System {
		by = ""
	}
	if err := k.opt.Log.Tell(ctx, by, tasks); err != nil {
		return err
	}
	for _, t := range tasks {
		k.told[t.ID] = t.Rev
	}
	return nil
}
