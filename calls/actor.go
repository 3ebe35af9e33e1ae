package calls

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
)

// mailboxSize bounds the events that wait for one contact. A flood of keys fills it; a full one is
// counted, and the call is compared with Asterisk instead (a lost "gone" would leave it hanging).
const mailboxSize = 256

// actionLimit bounds one command to Asterisk (ARI.md §1.5).
const actionLimit = 2 * time.Second

// actor runs one machine: the only goroutine that touches it.
type actor struct {
	c    *Controller
	m    *machine
	mail chan Event
	// known are the channels that the machine counts on, for the sweep.
	known atomic.Pointer[[]string]
	// missed is set when an event was dropped; the sweep then compares at once.
	missed atomic.Bool
	// cleanups belong to names spoken from memory, by playback; the actor's goroutine only.
	cleanups map[string]func()
	stop     context.CancelFunc
	// lastNet and lastState are closed when the last setting of the net, or of what the channel
	// remembers, that was begun beside has been done.
	lastNet, lastState chan struct{}
	// stating is the newest state to write: an older one that still waits is left out.
	stating atomic.Pointer[string]
	done    chan struct{} // closed when run has returned
	// lately tells who has dealt with the caller, once it is found out; nil when nobody looks.
	lately <-chan map[acd.ReasonID]acd.AgentID
}

func (c *Controller) newActor(m *machine) *actor {
	a := &actor{c: c, m: m, mail: make(chan Event, mailboxSize), cleanups: map[string]func(){}, done: make(chan struct{})}
	a.publish()
	return a
}

// post hands the actor an event without ever waiting for it.
func (a *actor) post(ev Event) {
	select {
	case a.mail <- ev:
	default:
		a.c.metrics.overflow.Inc()
		if a.missed.CompareAndSwap(false, true) {
			a.c.sweepSoon()
		}
	}
}

// run takes events until the machine has nothing left, or the process leaves the call to the next.
func (a *actor) run(ctx context.Context, first Event) {
	defer close(a.done)
	ctx, a.stop = context.WithCancel(ctx)
	defer a.stop()
	defer func() {
		for _, done := range a.cleanups {
			done()
		}
	}()
	defer a.rescue()
	if !a.take(ctx, first) {
		return
	}
	clock := time.NewTimer(time.Hour)
	defer clock.Stop()
	for {
		if next := a.m.next(); next.Never() {
			clock.Reset(time.Hour)
		} else {
			clock.Reset(max(0, next.Sub(a.c.opt.Book.Now())))
		}
		var ev Event
		select {
		case <-ctx.Done():
			return
		case ev = <-a.mail:
		case <-clock.C:
			ev = evTick{}
		}
		if !a.take(ctx, ev) {
			return
		}
	}
}

// rescue ends one call that broke our code, and only that one: its caller goes to the safety net.
func (a *actor) rescue() {
	r := recover()
	if r == nil {
		return
	}
	a.c.metrics.panics.Inc()
	a.c.log.Error("a call broke the controller and was sent to the safety net",
		zap.String("contact_id", string(a.m.contact)), zap.String("phase", a.m.phase.String()),
		zap.String("panic", fmt.Sprintf("%T", r)), zap.Stack("stack"))
	ctx, cancel := context.WithTimeout(context.Background(), actionLimit)
	defer cancel()
	for _, p := range []party{a.m.agent, a.m.third} {
		if p.alive() {
			_ = a.c.opt.Telephony.Hangup(ctx, p.id, HangupNormal)
		}
	}
	if a.m.caller.alive() {
		_ = a.c.opt.Telephony.ToNet(ctx, a.m.caller.id)
	}
	leg := a.m.leg
	a.c.opt.Book.Record(acd.KindEnded, func(tx *acd.Tx) error {
		return a.m.env.endLeg(tx, leg, acd.End{Outcome: acd.Failed, Reason: "panic", Fault: acd.FaultOurs, By: acd.BySystem})
	})
}

// take gives the machine one event, carries out what it wants, and gives it what came of that.
func (a *actor) take(ctx context.Context, ev Event) bool {
	todo := []Event{ev}
	for len(todo) > 0 {
		ev, todo = todo[0], todo[1:]
		if p, ok := ev.(evPlayed); ok {
			if done, ok := a.cleanups[p.Playback]; ok {
				delete(a.cleanups, p.Playback)
				done()
			}
		}
		actions := a.m.handle(ev, a.c.opt.Book.Now())
		a.publish()
		for _, act := range actions {
			if _, ok := act.(doFinish); ok {
				return false
			}
			if next := a.carryOut(ctx, act); next != nil {
				todo = append(todo, next)
			}
			if ctx.Err() != nil {
				return false
			}
		}
	}
	return true
}

func (a *actor) publish() {
	known := make([]string, 0, 3)
	for _, p := range []party{a.m.caller, a.m.agent, a.m.third} {
		if p.alive() {
			known = append(known, p.id)
		}
	}
	a.known.Store(&known)
}

// carryOut does one action; the event it returns tells the machine what came of it, when that matters.
func (a *actor) carryOut(ctx context.Context, act Action) Event {
	limited, cancel := context.WithTimeout(ctx, actionLimit)
	defer cancel()
	t := a.c.opt.Telephony
	var err error
	switch act := act.(type) {
	case doAnswer:
		err = t.Answer(limited, act.Channel)
	case doPlay:
		err = a.play(limited, act)
	case doStopPlay:
		err = ignoreGone(t.StopPlay(limited, act.Playback))
	case doMusic:
		err = ignoreGone(t.StartMusic(limited, act.Channel, act.Class))
	case doStopMusic:
		err = ignoreGone(t.StopMusic(limited, act.Channel))
	case doRing:
		err = a.ring(limited, act)
	case doCall:
		err = a.call(limited, act)
	case doHangup:
		err = t.Hangup(limited, act.Channel, act.Why)
	case doCreateBridge:
		err = t.CreateBridge(limited, act.Bridge)
	case doJoin:
		err = t.Join(limited, act.Bridge, act.Channels...)
	case doLeave:
		err = ignoreGone(t.Leave(limited, act.Bridge, act.Channels...))
	case doDropBridge:
		if err = ignoreGone(t.DropBridge(limited, act.Bridge)); err != nil {
			a.c.dropLater(act.Bridge)
		}
	case doNet:
		if act.Beside {
			a.netBeside(ctx, act)
			return nil
		}
		err = ignoreGone(t.SetNet(limited, act.Channel, act.For))
	case doToNet:
		err = ignoreGone(t.ToNet(limited, act.Channel))
	case doState:
		a.stateBeside(ctx, act)
	case doListen:
		var packets int
		if packets, err = t.Heard(limited, act.Channel); err == nil {
			return evHeard{act.Channel, packets}
		}
	case doRecord:
		a.c.opt.Book.Record(act.Kind, act.Build)
	case doLookup:
		a.lookUp(ctx, act)
	case doSMS:
		a.text(ctx, act)
	case doCapture:
		if a.c.opt.Messages == nil {
			err = errNoMessages
		} else {
			err = t.Capture(limited, act.Capture)
		}
	case doStopCapture:
		err = ignoreGone(t.StopCapture(limited, act.Recording))
	case doFind:
		return a.find(limited, act.Recording)
	case doTake:
		a.putAway(ctx, act.Recording)
	case doDrop:
		a.erase(ctx, act.Recording)
	case doEnqueue:
		if q := &act.Queueing; !act.Hold.Never() {
			if who := a.acquainted(limited, q.Reason); who != "" {
				q.Preferred, q.HoldUntil = who, act.Hold
			}
		}
		kind, by, moved := acd.KindQueued, "", acd.QueueID("")
		if act.Move != nil {
			kind, by, moved = acd.KindMoved, act.Move.By, act.Queueing.Queue
		}
		_, err := a.c.opt.Book.Decide(limited, kind, func(tx *acd.Tx) error { tx.SetBy(by); return act.tell(tx) })
		if act.Move != nil {
			act.Move.Reply <- err
		}
		return evEnqueued{err, moved}
	}
	if err == nil {
		return nil
	}
	if !errors.Is(err, ErrGone) {
		a.c.metrics.failed(act)
		a.c.log.Warn("a command to Asterisk failed", zap.String("contact_id", string(a.m.contact)),
			zap.String("action", actionName(act)), zap.Error(err))
	}
	return evFault{act, err}
}

// netBeside sets the net without holding up the call: behind a prompt that an earlier process began,
// Asterisk answers at the prompt's end only. Late is not failed: Asterisk does it then.
func (a *actor) netBeside(ctx context.Context, n doNet) {
	a.beside(ctx, &a.lastNet, func(ctx context.Context) { _ = a.c.opt.Telephony.SetNet(ctx, n.Channel, n.For) })
}

// stateHead is how long a state that is being written goes before what comes after it. In music
// Asterisk takes half a millisecond; what takes longer is not waited for.
const stateHead = 20 * time.Millisecond

// stateBeside writes what the channel remembers. It is a help for the worst day only, so it never holds
// up the call and its failure is no fault.
func (a *actor) stateBeside(ctx context.Context, s doState) {
	a.stating.Store(&s.State)
	done := a.beside(ctx, &a.lastState, func(ctx context.Context) {
		if a.stating.Load() == &s.State {
			_ = a.c.opt.Telephony.SetState(ctx, s.Channel, s.State)
		}
	})
	head := time.NewTimer(stateHead)
	defer head.Stop()
	select {
	case <-done:
	case <-head.C:
	}
}

// beside runs what must not hold up the call, after the one before of its kind; *last is closed when
// it has been done.
func (a *actor) beside(ctx context.Context, last *chan struct{}, do func(context.Context)) <-chan struct{} {
	before, done := *last, make(chan struct{})
	*last = done
	a.c.wg.Add(1) // the actor runs, so the controller still waits
	go func() {
		defer a.c.wg.Done()
		defer close(done)
		if before != nil {
			<-before
		}
		limited, cancel := context.WithTimeout(ctx, actionLimit)
		defer cancel()
		do(limited)
	}()
	return done
}

func ignoreGone(err error) error {
	if errors.Is(err, ErrGone) {
		return nil
	}
	return err
}

// play starts a playback; the caller's name, when it is wanted and known, is spoken from memory and
// removed when the playback is over.
func (a *actor) play(ctx context.Context, p doPlay) error {
	media := p.Media
	if p.NameFirst {
		if who, ok, err := a.c.opt.Book.Personal(ctx, a.m.contact); err == nil && ok && who.Name != "" {
			name, done, err := a.c.opt.Voice.Speak(ctx, p.Lang, who.Name)
			if err != nil {
				a.c.metrics.failed(p)
			} else {
				a.cleanups[p.Playback] = done
				media = append([]string{name}, media...)
			}
		}
	}
	return a.c.opt.Telephony.Play(ctx, p.Channel, p.Playback, media)
}

// ring rings a phone: what it displays is the reason and the caller's number, and the codes go in
// headers for the phone's own page. A phone outside is shown the number only.
func (a *actor) ring(ctx context.Context, r doRing) error {
	l := r.Leg
	o := Origination{
		Channel: r.Channel, Endpoint: r.Endpoint.Dial, Timeout: r.Timeout, Originator: a.m.caller.id,
	}
	if !r.Endpoint.Outside {
		o.CallerName = a.c.opt.Plan.ReasonLabel(l.Reason, l.Lang)
		o.Headers = map[string]string{
			"X-Contact-ID": string(l.ID.Contact()),
			"X-Motif":      string(l.Reason),
			"X-Attente":    fmt.Sprint(int(l.Wait(a.m.now).Seconds())),
		}
	}
	if who, ok, err := a.c.opt.Book.Personal(ctx, l.ID.Contact()); err == nil && ok {
		o.CallerID = who.Number
	}
	if !r.Possible.Never() {
		a.c.metrics.dispatch.Observe(max(0, a.c.opt.Book.Now().Sub(r.Possible)).Seconds())
	}
	return a.c.opt.Telephony.Ring(ctx, o)
}

func actionName(a Action) string { return fmt.Sprintf("%T", a)[len("calls.do"):] }
