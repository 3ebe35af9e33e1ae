package calls

import "accueil/acd"

// agree notes in the log that the caller is promised a callback: from now on it is owed to him, however
// his call ends and whoever leads it then. The number that he has keyed in is the one at which he is known
// from now on.
func (m *machine) agree(a acd.AskCallback) {
	agreed := acd.Agreement{Queue: a.Queue, Reason: a.Reason, Else: a.Else}
	if way, ok := m.env.plan.Way(a.Reason, a.Queue, m.lang); ok {
		agreed.Queue = way.Queue
	}
	leg, contact, env, kept := m.leg, m.contact, m.env, m.script.Kept()
	m.record(acd.KindLegChanged, func(tx *acd.Tx) error {
		if a.Number != nil && env.personal != nil {
			tx.Personal(contact, env.personal(a.Number.Reveal()))
		}
		return tx.Edit(leg, func(l *acd.Leg) { l.Agreed, l.Kept = &agreed, kept })
	})
}

// endLeg ends a leg in the log. One whose caller was promised a callback that he is still owed is followed
// by the leg that makes it. Where there is no way at all to call him back, the agreement is
// struck, and the leg ends as one that nobody has served: a task like any other missed call.
func (e environment) endLeg(tx *acd.Tx, leg acd.LegID, end acd.End) error {
	l, err := tx.Leg(leg)
	if err != nil || l.Agreed == nil || !l.Live() {
		return tx.EndLeg(leg, end)
	}
	as, owed := l.Agreed.Ends(l, end)
	if !owed {
		return tx.EndLeg(leg, as)
	}
	way, ok := e.callbackWay(*l.Agreed, l.Lang)
	if !ok {
		if err := tx.Edit(leg, func(l *acd.Leg) { l.Agreed = nil }); err != nil {
			return err
		}
		return tx.EndLeg(leg, unpromised(l, end))
	}
	end = as
	if !acd.MayEnd(l.State, end.Outcome) {
		if err := unclaim(tx, leg); err != nil {
			return err
		}
	}
	q := way.Queueing
	q.Lang, q.Path = l.Lang, l.Path
	_, err = tx.TakeCallback(leg, q, e.plan.Callbacks().owed(tx.At()), end)
	return err
}

// unpromised is the end of a call whose caller was promised a callback, and has none: what he left because of
// the promise was neither served nor given up by him.
func unpromised(l acd.Leg, end acd.End) acd.End {
	switch {
	case end.Outcome == acd.CalledBack, end.Outcome == acd.SelfServed, end.Outcome == acd.Abandoned && l.Enqueued.Never():
		return acd.End{Outcome: acd.Failed, Reason: "no_callback", Fault: acd.FaultOurs, By: acd.BySystem}
	}
	return end
}

// callbackWay is how somebody waits who was promised a callback. The site may have been changed since: where
// his queue is gone he is called back from where his reason leads now, else from the queue to which his
// own one sent whom it could not take, else by those who answer for everything. False only where there is
// nobody at all.
func (e environment) callbackWay(a acd.Agreement, lang acd.Lang) (Way, bool) {
	for _, to := range []struct {
		reason acd.ReasonID
		queue  acd.QueueID
	}{{a.Reason, a.Queue}, {a.Reason, ""}, {a.Reason, a.Else}, {e.plan.Human(), ""}} {
		if to.queue == "" && to.reason == "" {
			continue
		}
		if way, ok := e.plan.Way(to.reason, to.queue, lang); ok {
			return way, true
		}
	}
	return Way{}, false
}
