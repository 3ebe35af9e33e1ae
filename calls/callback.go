package calls

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
)

// Callbacks are the site's rules of calling people back.
type Callbacks struct {
	Attempts int           // made in all
	Gap      time.Duration // between two of them
	Keep     time.Duration // given up after
	Ring     time.Duration // of the person's phone
	// Confirm asks who answers for a key before an agent talks to him: an answering machine presses
	// none, and hears neither the hospital's name nor why it calls.
	Confirm bool
	// Open returns the first instant from the one given at which people may be called; zero when there
	// is none. Nil is always.
	Open func(acd.Instant) acd.Instant
}

// first is when an attempt may be made, from now on; zero: never.
func (c Callbacks) first(now acd.Instant) acd.Instant {
	if c.Open == nil {
		return now
	}
	return c.Open(now)
}

// next is when the attempt after made ones may be made; zero when there is none.
func (c Callbacks) next(now acd.Instant, made int) acd.Instant {
	if made >= c.Attempts {
		return 0
	}
	return c.first(now.Add(c.Gap))
}

// Past is what is known of a caller's last call.
type Past struct {
	// Callback is the leg that will call his number back; empty for none.
	Callback acd.LegID
	// Queue, Since and Points are the place that he left by hanging up, less than a minute ago.
	Queue  acd.QueueID
	Since  acd.Instant
	Points int
}

// leaves ends the leg of a caller who has agreed to be called back, and opens the one that does so.
func (m *machine) leaves() func(*acd.Tx) error {
	leg, path, wanted, number, told := m.leg, m.script.Path(), m.wanted(), m.back.Number, m.told
	way, ok := m.env.plan.Way(m.back.Reason, m.back.Queue, m.lang)
	q, rules := way.Queueing, m.env.plan.Callbacks()
	q.Lang, q.Path = m.lang, path
	return func(tx *acd.Tx) error {
		if !ok { // a reload has taken the queue away while he spoke
			return tx.EndLeg(leg, acd.End{Outcome: acd.Failed, Reason: "callback", Fault: acd.FaultOurs, By: acd.BySystem})
		}
		err := errors.Join(unclaim(tx, leg), wanted(tx), tx.Edit(leg, func(l *acd.Leg) { l.Path, l.Told = path, told }))
		if err != nil {
			return err
		}
		c := acd.Callback{NotBefore: rules.first(tx.At()), Until: tx.At().Add(rules.Keep)}
		c.Until = max(c.Until, c.NotBefore.Add(time.Hour)) // a long week-end is no reason to give up
		if number != nil && m.env.personal != nil {
			tx.Personal(m.contact, m.env.personal(number.Reveal()))
		}
		_, err = tx.TakeCallback(leg, q, c)
		return err
	}
}

// tooLate gives an offer back that has come at an hour at which people are not called: the callback's time
// had come, but nobody was free before the evening. Whom an agent asks for himself is called all the same.
func (m *machine) tooLate(l acd.Leg) bool {
	first := m.env.plan.Callbacks().first(m.now)
	if first <= m.now || l.Named() && l.HoldUntil > l.Offer.At {
		return false
	}
	leg := m.leg
	m.giveBack(acd.CallerGone, "", func(tx *acd.Tx) error {
		return tx.Edit(leg, func(l *acd.Leg) { l.Callback.NotBefore = first })
	})
	return true
}

// --- calling back -----------------------------------------------------------------------------------

// callPerson rings the person who is owed a call. The agent has been briefed and heard; he hears the
// ringing tone meanwhile.
func (m *machine) callPerson() {
	m.phase = calling
	m.caller = party{id: m.id("x")}
	rules := m.env.plan.Callbacks()
	leg, out := m.leg, m.caller.id
	m.record(acd.KindLegChanged, func(tx *acd.Tx) error {
		return tx.Edit(leg, func(l *acd.Leg) { l.Out = out })
	})
	m.do(doCall{Channel: out, Timeout: rules.Ring, Leg: m.legImage()})
	m.toneTo(&m.agent, toneRinging)
	m.arm(tOut, rules.Ring+ringGrace)
}

// toneRinging is what somebody hears whose call rings at the far end; it goes on until it is stopped.
const toneRinging = "tone:ring"

func (m *machine) toneTo(p *party, tone string) {
	id := m.id("p")
	p.plays = append(p.plays, id)
	m.do(doPlay{Channel: p.id, Playback: id, Media: []string{tone}})
}

// personAnswered: somebody, or something, has picked up.
func (m *machine) personAnswered() {
	m.caller.up = true
	m.disarm(tOut)
	if !m.env.plan.Callbacks().Confirm || !m.say([]acd.Prompt{{ID: "sys.callback_accept"}}, MusicSoft) {
		m.reached()
		return
	}
	m.barge = true
}

// personHeard: he has heard what we want of him, or it could not be said.
func (m *machine) personHeard() {
	switch {
	case m.missed != "":
	case m.tries == 0: // once more: people say their name first
		m.tries++
		m.arm(tAccept, acceptAgain)
	default:
		m.arm(tAccept, acceptLimit)
	}
}

// acceptAgain is how long somebody may be silent before he is asked once more.
const acceptAgain = 4 * time.Second

// notPressed: no key has come.
func (m *machine) notPressed() {
	if m.tries == 1 {
		m.tries++
		if m.say([]acd.Prompt{{ID: "sys.callback_accept"}}, MusicSoft) {
			return
		}
	}
	m.unreached(acd.AttemptMachine)
}

// reached: the person is there and wants to talk. From here on it is a call like any other.
func (m *machine) reached() {
	m.disarm(tAccept, tPlay)
	m.owed, m.tries = false, 0
	leg, channel := m.leg, m.caller.id
	m.record(acd.KindLegChanged, func(tx *acd.Tx) error { return tx.Reach(leg, channel) })
	m.phase = joining
	m.join(&m.agent)
}

// unreached: this attempt is over. The agent is told, then he is free.
func (m *machine) unreached(r acd.AttemptResult) {
	if m.phase != calling || m.missed != "" {
		return
	}
	m.missed = r
	m.disarm(tOut, tAccept, tPlay)
	if m.caller.alive() {
		m.do(doHangup{m.caller.id, HangupNormal})
	}
	m.caller = party{}
	m.hush(&m.agent)
	if m.agent.alive() && m.tellAgent("sys.callback_unreached") {
		m.arm(tBrief, briefLimit)
		return
	}
	m.attemptOver()
}

// attemptOver gives the callback its next turn, or ends it after the last one.
func (m *machine) attemptOver() {
	leg, result, rules := m.leg, m.missed, m.env.plan.Callbacks()
	m.letAgentGo(HangupNormal)
	m.record(acd.KindOfferEnded, func(tx *acd.Tx) error {
		l, err := tx.Leg(leg)
		if err != nil || !l.CallsBack() || l.Agent == "" {
			return err // taken back meanwhile
		}
		return tx.NotReached(leg, result, rules.next(tx.At(), len(l.Callback.Attempts)+1))
	})
	m.offer, m.agentID = acd.Offer{}, ""
	m.rests()
}

// rests: nobody is on the line, the leg waits in the log for its next turn.
func (m *machine) rests() {
	m.phase, m.missed, m.tries, m.after = inQueue, "", 0, nil
	if m.caller.alive() {
		m.do(doHangup{m.caller.id, HangupNormal})
	}
	m.caller = party{}
	for t := range timers {
		m.deadlines[t] = 0
	}
}

// personGone: the channel of the person who is being called has ended.
func (m *machine) personGone(ev evGone) {
	was := m.caller
	m.caller = party{}
	result := acd.AttemptFailed
	switch {
	case was.up: // picked up and put down, by him or by a machine that has heard enough
		result = acd.AttemptNoAnswer
	case ev.Ending == acd.Busy:
		result = acd.AttemptBusy
	case ev.Ending == acd.NoAnswer || ev.Ending == acd.Refused:
		result = acd.AttemptNoAnswer
	}
	m.unreached(result)
}

// agentLeft: whoever was calling back has gone before the person was there. It is a refusal, and the
// next agent calls.
func (m *machine) agentLeft() {
	if m.missed != "" {
		m.attemptOver()
		return
	}
	m.offerFailed(acd.Refused, "")
}

// CallBackRequest asks for a person to be called by an agent: whoever was missed, or is owed an answer.
type CallBackRequest struct {
	Task     acd.TaskID
	Last     acd.LegID // the person's last leg; its contact goes on
	Entry    acd.EntryID
	Trunk    acd.TrunkID
	Reason   acd.ReasonID
	Queue    acd.QueueID // empty: the reason's
	Lang     acd.Lang
	Since    acd.Instant // where his age counts from
	Personal acd.Personal
	Agent    acd.AgentID // who is to call, and is rung first
	By       string
}

// ErrNotCallable: the person's number cannot be rung.
var ErrNotCallable = errors.New("the number cannot be called")

// callHold is how long a person waits for the agent who wanted to call him, before anybody may.
const callHold = 2 * time.Minute

// CallBack rings the agent, and then the person. A person who has a callback already is called by it.
// It fails with ErrNotCallable, with acd.ErrNotFound when the queue is gone, and with acd.ErrIllegal when
// the agent is not at work or another agent is calling the person.
func (c *Controller) CallBack(ctx context.Context, r CallBackRequest) (acd.LegID, error) {
	if _, ok := c.opt.Plan.Outward(r.Personal.Number); !ok {
		return "", ErrNotCallable
	}
	way, ok := c.opt.Plan.Way(r.Reason, r.Queue, r.Lang)
	if !ok {
		return "", acd.ErrNotFound{What: "queue", ID: string(r.Queue)}
	}
	contact := r.Last.Contact()
	pending, has := c.pendingOf(contact)
	next := r.Last.Next()
	for _, known := c.opt.Book.Leg(next); known; _, known = c.opt.Book.Leg(next) {
		next = next.Next()
	}
	rules := c.opt.Plan.Callbacks()
	_, err := c.opt.Book.Decide(ctx, acd.KindCallback, func(tx *acd.Tx) error {
		tx.SetBy(r.By)
		id := pending
		if !has {
			id = next
			q := way.Queueing
			q.Path = nil
			seed := acd.Leg{ID: id, Node: c.opt.Node, Asterisk: c.opt.Asterisk, Entry: r.Entry, Trunk: r.Trunk, Previous: r.Last, Lang: r.Lang,
				AgeFrom: r.Since, Points: way.Points}
			if err := tx.OpenCallback(seed, q, acd.Callback{Until: tx.At().Add(rules.Keep), Task: r.Task}); err != nil {
				return err
			}
			tx.Personal(contact, r.Personal)
		}
		return tx.Push(id, r.Agent, callHold, r.By)
	})
	if has {
		return pending, err
	}
	return next, err
}

// --- the controller's part --------------------------------------------------------------------------

// callBack begins to lead a leg that calls its contact back, when an agent is given to it.
func (c *Controller) callBack(l acd.Leg, first Event) {
	script, err := c.opt.Scenarios.Resume(l)
	if err != nil {
		c.log.Warn("a callback has no scenario any more: should its person have to wait, he hears music only", zap.String("entry", string(l.Entry)), zap.Error(err))
	}
	m := &machine{env: c.env, contact: l.ID.Contact(), leg: l.ID, entry: l.Entry, trunk: l.Trunk, script: script, lang: l.Lang,
		phase: inQueue, owed: true, kind: acd.CallerUnknown}
	c.start(m, first) // takes no contact that is led already: the log and the end of its call may both tell
}

// leads reports whether this node calls the leg back and has just been given an agent for it.
func (c *Controller) leads(l acd.Leg) bool {
	return l.CallsBack() && l.State == acd.LegOffered && l.Node == c.opt.Node
}

// takeUp begins what came while the contact's call was still being let go.
func (c *Controller) takeUp(contact acd.ContactID, last acd.LegID) {
	if c.ctx.Err() != nil || c.contact(contact) != nil {
		return
	}
	if l, ok := c.opt.Book.Leg(last.Next()); ok && c.leads(l) {
		c.callBack(l, evLog{Kind: acd.KindClaimed, Leg: l})
	}
}

// giveCallbackBack gives a callback back that an earlier process was about to make: its agent is free, and
// whoever was ringing is let go, as channels that nobody counts on.
func (c *Controller) giveCallbackBack(l acd.Leg) {
	if l.State == acd.LegCallback {
		return // it waits for its turn, without any channel
	}
	id := l.ID
	c.opt.Book.Record(acd.KindOfferEnded, func(tx *acd.Tx) error {
		l, err := tx.Leg(id)
		if err != nil || !l.CallsBack() || l.Agent == "" {
			return err
		}
		return tx.EndOffer(id, acd.OfferResult{Ending: acd.CallerGone})
	})
}

// tendCallbacks gives up those whose time is over, and takes up an offer that nobody leads.
func (c *Controller) tendCallbacks() {
	now := c.opt.Book.Now()
	for _, l := range c.ours() {
		switch {
		case !l.CallsBack():
		case l.State == acd.LegCallback && l.Callback.Until.Reached(now):
			id := l.ID
			c.opt.Book.Record(acd.KindEnded, func(tx *acd.Tx) error {
				l, err := tx.Leg(id)
				if err != nil || l.State != acd.LegCallback {
					return err
				}
				return tx.EndCallback(id, acd.CallbackExpired, acd.BySystem)
			})
		case c.leads(l) && c.contact(l.ID.Contact()) == nil:
			c.callBack(l, evLog{Kind: acd.KindClaimed, Leg: l})
		}
	}
}

// Withdraw ends a callback that the person no longer wants, or that was settled otherwise. It fails
// with acd.ErrIllegal while an agent is calling, and with acd.ErrNotFound for a contact without one.
func (c *Controller) Withdraw(ctx context.Context, contact acd.ContactID, by string) error {
	leg, ok := c.pendingOf(contact)
	if !ok {
		return acd.ErrNotFound{What: "callback of contact", ID: string(contact)}
	}
	_, err := c.opt.Book.Decide(ctx, acd.KindEnded, func(tx *acd.Tx) error {
		tx.SetBy(by)
		return tx.EndCallback(leg, acd.CallbackWithdrawn, acd.BySupervisor)
	})
	return err
}

// pendingOf returns the leg that calls the contact back. Its earlier legs may be forgotten by now.
func (c *Controller) pendingOf(contact acd.ContactID) (acd.LegID, bool) {
	for _, l := range c.opt.Book.Legs() {
		if l.ID.Contact() == contact && l.Live() && l.CallsBack() {
			return l.ID, true
		}
	}
	return "", false
}

// call rings the person. His number is known to the store of personal fields alone.
func (a *actor) call(ctx context.Context, d doCall) error {
	who, _, err := a.c.opt.Book.Personal(ctx, a.m.contact)
	number := who.Number
	if number == "" && a.c.opt.Owed != nil { // also while the store is away: an outage is to use up no attempt
		number = a.c.opt.Owed(ctx, d.Leg)
	}
	if number == "" && err != nil {
		return err
	}
	end, ok := a.c.opt.Plan.Outward(number)
	if !ok {
		return ErrUnreachable
	}
	return a.c.opt.Telephony.Ring(ctx, Origination{Channel: d.Channel, Endpoint: end.Dial, Timeout: d.Timeout, CallerID: string(d.Leg.Entry)})
}
