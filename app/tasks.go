package app

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
	"accueil/calls"
	"accueil/history/ledger"
	"accueil/history/owed"
	"accueil/queues"
	"accueil/routing"
	"accueil/site"
	"accueil/web"
)

// historyKeyFile is the secret that seals names and numbers, where the site file names none.
const historyKeyFile = "history.key"

// ledgerOptions say where the site's database is.
func ledgerOptions(s *site.Site, log *zap.Logger) ledger.Options {
	o := ledger.Options{URL: s.History.URL, KeyFile: filepath.Join(s.DataDir, historyKeyFile), Log: log}
	if !s.History.Key.Empty() {
		o.Key = []byte(s.History.Key.Reveal())
	}
	return o
}

// startTasks keeps what is owed, from the log, for as long as the node runs. A database that is away
// holds up no start and no call.
func (a *App) startTasks(context.Context) error {
	s := a.opt.Site
	a.tasks = owed.NewKeeper(owed.Options{
		Open: func(ctx context.Context) (*ledger.Ledger, error) {
			o := ledgerOptions(s, a.log.Named("ledger"))
			o.Seals = true
			return ledger.Open(ctx, o)
		},
		Log: owedLog{a.book}, Who: a.person,
		QueueOf: func(r acd.ReasonID) acd.QueueID { return a.live.Load().site.Reasons[r].Queue },
		Life:    s.History.Tasks.Keep, Keep: ledger.Keep{
			Personal: s.History.Tasks.Erase, Task: s.History.Tasks.Forget, Recordings: s.Voicemail.Keep, Audit: s.History.Audit.Keep,
		},
		Logger: a.log, Registerer: a.registry,
	})
	a.later(func() { a.tasks.Run(a.ctx) })
	return nil
}

// askingWho bounds one look for who called; the fold of the log waits for it, and nobody else does.
const askingWho = time.Second

// person is who called on a leg, to be called back.
func (a *App) person(ctx context.Context, l acd.Leg) (owed.Person, error) {
	ctx, cancel := context.WithTimeout(ctx, askingWho)
	defer cancel()
	who, _, err := a.book.Personal(ctx, l.ID.Contact())
	if err != nil {
		return owed.Person{}, err
	}
	s := a.live.Load().site
	p := owed.Person{Number: site.NormalizeCallerID(who.Number, s.Region), Name: who.Name}
	if !shared(s, p.Number) {
		p.Same = p.Number
	}
	return p, nil
}

// shared reports whether many people call from a number.
func shared(s *site.Site, number string) bool {
	return slices.ContainsFunc(s.Callers.Shared, func(n string) bool { return site.NormalizeCallerID(n, s.Region) == number })
}

// owedLog is the log as the keeper of tasks wants it (owed.Log).
type owedLog struct{ *queues.Book }

func (l owedLog) Follow(name string) (acd.Entry, <-chan acd.Entry, func()) {
	sub := l.Subscribe(name)
	return sub.Image, sub.Entries, sub.Close
}

// tellLimit bounds the wait for Redis, or for the disk while it is away.
const tellLimit = 3 * time.Second

// Tell records the news as a fact: this node's streams have it at once, and the log as soon as it can.
func (l owedLog) Tell(ctx context.Context, by string, tasks []acd.Task) error {
	err := l.Record(acd.KindTask, func(tx *acd.Tx) error { tx.SetBy(by); tx.Tell(tasks...); return nil })
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, tellLimit)
	defer cancel()
	_ = l.Flush(ctx) // where neither will take it, it is in memory as all facts are, and told again it would be there twice
	return nil
}

// webTasks are the tasks as the API sees them (web.Tasks).
type webTasks struct{ a *App }

// ask runs do on the database, and logs why it could not: the reader is told only that it is away.
func (t webTasks) ask(do func(*ledger.Ledger) error) error {
	l, err := t.a.tasks.Ledger()
	if err != nil {
		return err
	}
	err = do(l)
	if errors.Is(err, acd.ErrUnavailable) {
		t.a.log.Error("the database did not do what was asked of it", zap.Error(err))
	}
	return err
}

func (t webTasks) List(ctx context.Context, q web.TaskQuery) (out []acd.Task, err error) {
	err = t.ask(func(l *ledger.Ledger) error { out, err = l.List(ctx, ledgerQuery(q)); return err })
	return out, err
}

func (t webTasks) Count(ctx context.Context, q web.TaskQuery) (n int, err error) {
	err = t.ask(func(l *ledger.Ledger) error { n, err = l.Count(ctx, ledgerQuery(q)); return err })
	return n, err
}

func (t webTasks) Others(ctx context.Context, id acd.TaskID) (out []acd.Task, err error) {
	err = t.ask(func(l *ledger.Ledger) error { out, err = l.Others(ctx, id); return err })
	return out, err
}

func ledgerQuery(q web.TaskQuery) ledger.Query {
	return ledger.Query{Kinds: q.Kinds, States: q.States, Queues: q.Queues, Reasons: q.Reasons, Owners: q.Owners,
		For: q.For, Ready: q.Ready, Points: q.Urgent, After: ledger.Mark{Points: q.Points, Since: q.Since, ID: q.After}, Limit: q.Limit}
}

func (t webTasks) Task(ctx context.Context, id acd.TaskID) (out acd.Task, err error) {
	err = t.ask(func(l *ledger.Ledger) error { out, err = l.Task(ctx, id); return err })
	return out, err
}

func (t webTasks) Reveal(ctx context.Context, id acd.TaskID, d web.TaskDeed) (p acd.TaskPersonal, err error) {
	err = t.ask(func(l *ledger.Ledger) error { p, err = l.Reveal(ctx, id, ledger.Deed(d)); return err })
	return p, err
}

func (t webTasks) Story(ctx context.Context, id acd.TaskID) (out []web.TaskStep, err error) {
	err = t.ask(func(l *ledger.Ledger) error {
		steps, err := l.Story(ctx, id)
		for _, s := range steps {
			out = append(out, web.TaskStep(s))
		}
		return err
	})
	return out, err
}

// Change moves a task. One whose person a leg is calling back by itself is not worked on by hand
// meanwhile; ended, it ends the leg.
func (t webTasks) Change(ctx context.Context, id acd.TaskID, d web.TaskDeed, move func(acd.Task) (acd.Task, error)) (out acd.Task, err error) {
	byHand := d.What == "take" || d.What == "release" || d.What == "attempt"
	err = t.ask(func(l *ledger.Ledger) error {
		out, err = l.Change(ctx, id, ledger.Deed(d), func(task acd.Task) (acd.Task, error) {
			if byHand && task.Kind == acd.TaskCallback && t.calledBack(task.Contact) {
				return task, acd.ErrIllegal{What: "task", ID: string(id), State: string(acd.LegCallback), Input: d.What}
			}
			return move(task)
		})
		return err
	})
	if err == nil && out.Kind == acd.TaskCallback && !out.State.Owed() && t.calledBack(out.Contact) {
		if werr := t.a.calls.Withdraw(ctx, out.Contact, d.By); werr != nil { // an agent is calling just now: it is too late
			t.a.log.Warn("a callback goes on although its task was ended", zap.String("contact_id", string(out.Contact)), zap.Error(werr))
		}
	}
	return out, err
}

// calledBack reports whether a leg waits to call the contact back, or is doing so.
func (t webTasks) calledBack(c acd.ContactID) bool {
	return slices.ContainsFunc(t.a.book.Legs(), func(l acd.Leg) bool { return l.ID.Contact() == c && l.Live() && l.CallsBack() })
}

// calling reports whether the agent is being rung for the person of the task, has him on the line, or will
// be rung for him next.
func (t webTasks) calling(task acd.Task, agent acd.AgentID) bool {
	return slices.ContainsFunc(t.a.book.Legs(), func(l acd.Leg) bool {
		of := l.Callback != nil && (l.Callback.Task == task.ID || l.Callback.Task == "" && l.ID.Contact() == task.Contact)
		return of && l.Live() && (l.Agent == agent || l.Preferred == agent && l.PushedBy != "" && !l.HoldUntil.Reached(t.a.book.Now()))
	})
}

// Call gives the task to the agent, rings him, and then the person (web.Tasks).
func (t webTasks) Call(ctx context.Context, id acd.TaskID, agent acd.AgentID, d web.TaskDeed) (acd.Task, error) {
	task, err := t.Task(ctx, id)
	if err != nil {
		return task, err
	}
	if !task.State.Owed() {
		return task, acd.ErrIllegal{What: "task", ID: string(id), State: string(task.State), Input: "call"}
	}
	who, err := t.Reveal(ctx, id, web.TaskDeed{By: d.By, What: d.What, At: d.At})
	if err != nil {
		return task, err
	}
	if who.Number == "" {
		return task, acd.ErrNotFound{What: "number", ID: string(id)}
	}
	waits := task.Kind == acd.TaskCallback && t.calledBack(task.Contact)
	took := false
	if !waits {
		task, err = t.Change(ctx, id, web.TaskDeed{By: d.By, What: "take", At: d.At, Request: d.Request}, func(n acd.Task) (acd.Task, error) {
			if took = n.State != acd.TaskTaken || n.Owner != agent; !took {
				return n, nil
			}
			return n.Take(agent)
		})
		if err != nil {
			return task, err
		}
	}
	if t.calling(task, agent) {
		return task, nil // a key that was pressed twice, or a request that came again
	}
	_, err = t.a.calls.CallBack(ctx, calls.CallBackRequest{
		Task: id, Last: lastLeg(task), Entry: task.Entry, Trunk: t.a.live.Load().site.Entries[task.Entry].Trunk, Reason: task.Reason, Queue: task.Queue,
		Lang: task.Lang, Since: task.Since, Personal: acd.Personal{Number: who.Number, Name: who.Name}, Agent: agent, By: d.By,
	})
	if err != nil && took {
		_, rerr := t.Change(context.WithoutCancel(ctx), id, web.TaskDeed{By: ledger.System, What: "release", At: d.At}, func(n acd.Task) (acd.Task, error) {
			if n.State != acd.TaskTaken || n.Owner != agent {
				return n, nil
			}
			return n.Release()
		})
		if rerr != nil {
			t.a.log.Warn("a task that could not be called stays with its agent", zap.String("agent_id", string(agent)), zap.Error(rerr))
		}
	}
	if errors.Is(err, calls.ErrNotCallable) {
		err = acd.ErrNotFound{What: "number", ID: string(id)}
	}
	return task, err
}

// lastLeg is the leg after which a call back to the task's person is one more of his contact. Earlier
// calls back had legs of their own, each with an attempt, and may be forgotten by now. What no call led
// to begins a contact.
func lastLeg(t acd.Task) acd.LegID {
	if t.Leg == "" {
		return acd.NewContactID(t.Since).Leg(0)
	}
	return t.Leg.Contact().Leg(t.Leg.Number() + len(t.Attempts))
}

// owedNumber is the number that a callback is for, where the contact's own record is gone
// (calls.Options.Owed).
func (a *App) owedNumber(ctx context.Context, l acd.Leg) (string, error) {
	who, known := a.owedTo(ctx, l, "call")
	if !known {
		return "", errNameless
	}
	return who.Number, nil
}

// owedTo is the person to whom a callback is owed, as the database has him; what says why it is read.
// False while the database cannot tell.
func (a *App) owedTo(ctx context.Context, l acd.Leg, what string) (acd.TaskPersonal, bool) {
	book, err := a.tasks.Ledger()
	if err != nil || l.Callback == nil {
		return acd.TaskPersonal{}, false
	}
	id := l.Callback.Task
	if id == "" {
		if id, err = book.Counted(ctx, l.ID); err != nil {
			return acd.TaskPersonal{}, false // not yet, as a rule
		}
	}
	who, err := book.Reveal(ctx, id, ledger.Deed{By: ledger.System, What: what, At: a.book.Now()})
	if err != nil {
		a.log.Warn("the number of a callback is not known", zap.String("contact_id", string(l.ID.Contact())), zap.Error(err))
	}
	return who, err == nil
}

// Open makes a task that is owed from now on for as long as the site says.
func (t webTasks) Open(ctx context.Context, task acd.Task, p acd.TaskPersonal, d web.TaskDeed) (acd.Task, error) {
	s := t.a.live.Load().site
	task.Until = task.Since.Add(t.a.opt.Site.History.Tasks.Keep)
	task, err := acd.OpenTask(task)
	if err != nil {
		return task, err
	}
	same := ""
	if n := site.NormalizeCallerID(p.Number, s.Region); n != "" {
		p.Number = n
		if !shared(s, n) {
			same = n
		}
	}
	err = t.ask(func(l *ledger.Ledger) error { task, err = l.Open(ctx, task, p, same, ledger.Deed(d)); return err })
	return task, err
}

// Serves reports whether the agent's skills, as they are now, open a step of the queue.
func (t webTasks) Serves(agent acd.AgentID, queue acd.QueueID) bool {
	s := t.a.live.Load().site
	skills := s.Agents[agent].Skills
	for _, a := range t.a.book.Agents() {
		if a.ID == agent && a.Skills != nil {
			skills = a.Skills
		}
	}
	return slices.ContainsFunc(s.Queues[queue].Steps, func(step site.Step) bool {
		r, err := routing.ParseRequirement(step.Require, s.Skills)
		if err != nil {
			return false // refused at the load already
		}
		_, ok := r.Match(skills)
		return ok
	})
}

func (t webTasks) Attempts() (int, time.Duration) {
	k := t.a.opt.Site.History.Tasks
	return k.Attempts, k.Retry
}
