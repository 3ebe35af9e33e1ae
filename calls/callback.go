package calls

import (
	"context"
	"errors"
	"time"

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

// keptAfterOpening is how long a callback is kept, at least, once people may be called again: a long
// week-end or a month's closure is no reason to give up.
const keptAfterOpening = 24 * time.Hour

// owed is a callback as it is promised now. One that nothing ever lets be made is kept all the same, for
// people to see what is owed.
func (c Callbacks) owed(now acd.Instant) acd.Callback {
	first, until := c.first(now), now.Add(c.Keep)
	switch {
	case first.Never():
		return acd.Callback{NotBefore: until, Until: until.Add(time.Hour)}
	case first > now:
		until = max(until, first.Add(min(c.Keep, keptAfterOpening)))
	}
	return acd.Callback{NotBefore: first, Until: max(until, first.Add(time.Hour))}
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

// tooLate gives an offer back that has come at an hour at which people are not called: the callback's time
// had come, but nobody was free before the evening. Whom an agent asks for himself is called all the same.
func (m *machine) tooLate(l acd.Leg) bool {
	first := m.env.plan.Callbacks().first(m.now)
	if first.Never() {
		first = l.Callback.Until
	}
	if first <= m.now || l.Named() && l.HoldUntil > l.Offer.At {
		return false
	}
	m.putOff(first)
	return true
}

// putOff gives the callback back as it was: no attempt was made. It is not offered before next, and kept
// until its time is over.
func (m *machine) putOff(next acd.Instant) {
	leg := m.leg
	m.giveBack(acd.OfferResult{Ending: acd.CallerGone}, func(tx *acd.Tx) error {
		return tx.Edit(leg, func(l *acd.Leg) { l.Callback.NotBefore = min(next, l.Callback.Until) })
	})
}

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

// notDialled says in machine.missed that nobody was rung because of us: the store, Asterisk or the trunk is
// away. It is no attempt, and never in the log: an outage must not use up what a person was promised.
const notDialled acd.AttemptResult = "not_dialled"

// unreached: this attempt is over, or could not be made. The agent is told, then he is free.
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
	if m.agent.alive() && m.tellAgent(m.unreachedWords()) {
		m.arm(tBrief, briefLimit)
		return
	}
	m.attemptOver()
}

// unreachedWords tell the agent whether he, or a colleague, will be asked again: after the last attempt the
// person is owed nothing any more by itself, and only somebody who knows that can write to him.
func (m *machine) unreachedWords() string {
	if m.missed == notDialled {
		return "sys.callback_undialled"
	}
	l := m.legImage()
	if l.Callback != nil {
		if next := m.env.plan.Callbacks().next(m.now, len(l.Callback.Attempts)+1); next.Never() || next >= l.Callback.Until {
			return "sys.callback_unreached_last"
		}
	}
	return "sys.callback_unreached"
}

// attemptOver gives the callback its next turn, or ends it after the last one. Where nobody could be dialled,
// the turn comes again after the same time, however often: only the callback's own time ends that.
func (m *machine) attemptOver() {
	leg, result, rules := m.leg, m.missed, m.env.plan.Callbacks()
	m.letAgentGo(HangupNormal)
	if result == notDialled {
		next := rules.first(m.now.Add(rules.Gap))
		if l := m.legImage(); next.Never() && l.Callback != nil {
			next = l.Callback.Until
		}
		m.putOff(next)
		m.rests()
		return
	}
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

// personGone: the channel of the person who is being called has ended. What the network or the trunk could
// not carry never reached his telephone; a number that leads nowhere is an attempt.
func (m *machine) personGone(ev evGone) {
	was := m.caller
	m.caller = party{}
	result := notDialled
	switch {
	case was.up: // picked up and put down, by him or by a machine that has heard enough
		result = acd.AttemptNoAnswer
	case ev.Ending == acd.Busy:
		result = acd.AttemptBusy
	case ev.Ending == acd.NoAnswer || ev.Ending == acd.Refused:
		result = acd.AttemptNoAnswer
	case ev.Ending == acd.AgentGone:
		result = acd.AttemptFailed
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

// call rings the person. His number is in the store of personal fields, or else where Options.Owed looks.
// ErrNotCallable says that he has none that may be rung; every other error, that it could not be tried.
func (a *actor) call(ctx context.Context, d doCall) error {
	who, _, err := a.c.opt.Book.Personal(ctx, a.m.contact)
	number := who.Number
	if number == "" && a.c.opt.Owed != nil { // also while the store is away
		var unknown error
		number, unknown = a.c.opt.Owed(ctx, d.Leg)
		err = errors.Join(err, unknown)
	}
	if number == "" && err != nil {
		return err
	}
	end, ok := a.c.opt.Plan.Outward(number)
	if !ok {
		return ErrNotCallable
	}
	a.c.boundKeys(a.m, number) // should he wait then, and prefer to be called elsewhere
	return a.c.opt.Telephony.Ring(ctx, Origination{Channel: d.Channel, Endpoint: end.Dial, Timeout: d.Timeout, CallerID: string(d.Leg.Entry)})
}
