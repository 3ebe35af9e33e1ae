package owed

import (
	"cmp"
	"slices"

	"accueil/acd"
)

// NewCallback makes the task of a leg that calls its person back because he asked for it: it counts
// from his first wait, and is given up when the leg is.
func NewCallback(l acd.Leg) (acd.Task, error) {
	since := cmp.Or(l.WaitsFrom(), l.Arrived)
	return acd.OpenTask(acd.Task{
		ID: acd.NewTaskID(max(l.Arrived, since)), Kind: acd.TaskCallback, Outcome: acd.CalledBack,
		Contact: l.ID.Contact(), Leg: l.ID, Entry: l.Entry, Queue: l.Queue, Reason: l.Reason, Lang: l.Lang,
		Since: since, Last: max(l.Arrived, since), Due: l.Callback.NotBefore, Until: l.Callback.Until,
	})
}

// Follow returns the task as a leg that calls its person back has left it: with its attempts, given to
// who is calling, ended as it ended. The image is one revision higher, or the same when the leg says
// nothing new. What nobody calls any more although the person was not reached stays owed, for people to
// deal with; so does a task that an agent works on by the leg (Callback.Task), whose own state is left to
// him.
func Follow(t acd.Task, l acd.Leg) (acd.Task, error) {
	if !t.State.Owed() || l.Callback == nil {
		return t, nil
	}
	f := follower{Task: t}
	next := cmp.Or(l.Callback.NotBefore, l.Since)
	lost := l.End != nil && l.End.Outcome == acd.CalledBack && l.End.Reason == acd.CallbackLost
	for i, a := range l.Callback.Attempts {
		if slices.Contains(t.Attempts, a) || !f.State.Owed() {
			continue
		}
		f.give(a.By)
		due := max(next, a.At+1)
		if lost && i == len(l.Callback.Attempts)-1 {
			due = 0
		}
		f.do(func(t acd.Task) (acd.Task, error) { return t.Tried(a, due) })
	}
	own := l.Callback.Task == ""
	switch {
	case !f.State.Owed():
	case l.End != nil:
		f.ended(l, own)
	case !own:
	case !l.CallsBack(): // he is on the line
	case l.State == acd.LegCallback:
		f.release()
		f.Due = l.Callback.NotBefore
	case l.Agent != "":
		f.give(l.Agent)
	}
	if f.err != nil {
		return t, f.err
	}
	if own && l.Queue != "" {
		f.Queue = l.Queue // its own may be no more
	}
	if f.Rev == t.Rev && f.Due == t.Due && f.Queue == t.Queue {
		return t, nil
	}
	f.Rev = t.Rev + 1 // one image, however many moves
	return f.Task, nil
}

// follower moves a task until something is refused.
type follower struct {
	acd.Task
	err error
}

func (f *follower) do(move func(acd.Task) (acd.Task, error)) {
	if f.err == nil {
		f.Task, f.err = move(f.Task)
	}
}

func (f *follower) release() {
	if f.State == acd.TaskTaken {
		f.do(acd.Task.Release)
	}
}

// give lets the agent have the task, whoever had it.
func (f *follower) give(a acd.AgentID) {
	if f.Owner == a {
		return
	}
	f.release()
	f.do(func(t acd.Task) (acd.Task, error) { return t.Take(a) })
}

// ended ends the task as its leg has ended.
func (f *follower) ended(l acd.Leg, own bool) {
	at := l.End.At
	switch {
	case l.Agent != "" && !l.Bridged.Never():
		f.do(func(t acd.Task) (acd.Task, error) { return t.Served(at) })
	case l.End.Outcome != acd.CalledBack || !own:
		f.release()
	case l.End.Reason == acd.CallbackExpired:
		f.do(func(t acd.Task) (acd.Task, error) { t.Until = min(t.Until, at); return t.Expire(at) })
	case l.End.Reason == acd.CallbackServed:
		f.do(func(t acd.Task) (acd.Task, error) { return t.Served(at) })
	case l.End.Reason == acd.CallbackWithdrawn:
		f.do(func(t acd.Task) (acd.Task, error) { return t.Withdraw(at) })
	case l.End.Reason == acd.CallbackResumed:
		f.do(func(t acd.Task) (acd.Task, error) { return t.Close(acd.CallbackResumed, at) })
	default:
		f.release()
	}
}
