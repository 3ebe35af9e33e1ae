package app

import (
	"context"
	"errors"
	"time"

	"accueil/acd"
)

// recogniseAgain is how soon it is asked again who is owed a callback, while store and database could not
// tell.
const recogniseAgain = 5 * time.Second

// startPast follows the log for the references of callers. What had happened before is in the image,
// but for places left in the last minute: those are read from the log.
func (a *App) startPast(ctx context.Context) error {
	a.past, a.keyed = newPast(), newKeyed(a.registry)
	sub := a.book.Subscribe("past")
	a.undo = append(a.undo, sub.Close)
	for _, l := range sub.Image.Legs {
		a.notePast(l, sub.Image.At)
	}
	now := a.book.Now()
	_ = a.book.History(ctx, now.Add(-placeBackFor), func(e acd.Entry) error { // without it, a minute of drops is not known
		for _, l := range e.Legs {
			a.notePast(l, e.At)
		}
		return nil
	})
	a.later(func() {
		again := time.NewTicker(recogniseAgain)
		defer again.Stop()
		for {
			select {
			case e, ok := <-sub.Entries:
				if !ok {
					return
				}
				for _, l := range e.Legs {
					a.notePast(l, e.At)
				}
			case <-again.C:
				for _, l := range a.past.unknown() {
					a.notePast(l, l.Since)
				}
			}
		}
	})
	return nil
}

func (a *App) notePast(l acd.Leg, at acd.Instant) {
	if l.Node != a.opt.Site.Node {
		return
	}
	a.past.settle(l)
	talked := l.State == acd.LegTalking && l.Since == at && l.Agent != "" && a.past.anyPending()
	if !talked && !a.past.matters(l, at) {
		return
	}
	ctx, cancel := context.WithTimeout(a.ctx, acquainting)
	defer cancel()
	number, err := a.numberOf(ctx, l)
	if err != nil {
		a.past.later(l)
		return
	}
	who := a.callerRef(l.Trunk, number)
	if talked {
		if id := a.past.answered(who, l); id != "" {
			_ = a.book.Record(acd.KindEnded, func(tx *acd.Tx) error {
				back, err := tx.Leg(id)
				if err != nil || back.State != acd.LegCallback || !serves(l, back) {
					return err
				}
				return tx.EndCallback(id, acd.CallbackServed, acd.BySystem)
			})
		}
		return
	}
	a.past.note(who, l)
}

// errNameless says that nobody can tell a number now.
var errNameless = errors.New("the caller's number is not known now")

// numberOf is the number of a leg's person; empty where he has none. The store forgets him a while after
// his call; whom a callback is owed to is in the database for as long as it is owed. An error says that it
// may be known later.
func (a *App) numberOf(ctx context.Context, l acd.Leg) (string, error) {
	who, ok, err := a.book.Personal(ctx, l.ID.Contact())
	if err == nil && ok && who.Number != "" || !l.CallsBack() {
		return who.Number, err
	}
	owed, known := a.owedTo(ctx, l, "recognise")
	if !known {
		return "", errNameless
	}
	return owed.Number, nil
}

// callerRef is the reference of a number that calls through the trunk.
func (a *App) callerRef(trunk acd.TrunkID, number string) acd.CallerRef {
	return callerRef(a.callersKey, a.live.Load().site, trunk, number)
}
