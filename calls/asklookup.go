package calls

import (
	"context"
	"slices"
	"time"

	"accueil/acd"
)

// LookupRequest is one question about a caller. It is personal from one end to the other.
type LookupRequest struct {
	acd.AskLookup
	Contact acd.ContactID
}

// Surroundings tell what a scenario may know of the world, and ask it questions. A nil function tells
// nothing and answers no.
type Surroundings struct {
	// Kind says who calls from that number, through that trunk, at that entry.
	Kind func(entry acd.EntryID, trunk acd.TrunkID, number string) acd.CallerKind
	// Figures returns those of the queues that scenarios ask for; it must not wait.
	Figures func(acd.Lang) map[acd.QueueID]acd.Figures
	// Announced lists the announcements that are on at the entry; it must not wait.
	Announced func(acd.EntryID) []acd.AnnouncementID
	// Past tells what is known of a number's last call; it must not wait.
	Past func(trunk acd.TrunkID, number string) Past
	// Keyed returns, for who calls from that number, whether he may be called back at a number that he keys
	// in, and counts it; it must not wait. One who cannot be told from others is bounded too.
	Keyed func(trunk acd.TrunkID, number string) func(digits string) bool
	// Standing tells where a waiting leg stands; nil when nothing honest can be said. It waits for no more
	// than that the leg's place is known.
	Standing func(acd.Leg) *acd.Standing
	// Lookup answers a question before its context ends.
	Lookup func(context.Context, LookupRequest) acd.HeardLookup
	// SMS hands a text of the program to the sender, for the contact's caller; the context bounds it.
	SMS func(ctx context.Context, contact acd.ContactID, text string, lang acd.Lang) error
}

// scene is what the script may know of this instant.
func (m *machine) scene() acd.Scene {
	s := acd.Scene{Now: m.now.Time(), Caller: m.kind, Callable: m.callable}
	if l, ok := m.env.book.Leg(m.past.Callback); ok && l.CallsBack() && l.Live() {
		s.Pending = &acd.Pending{Queue: l.Queue, Reason: l.Reason}
	}
	s.Agreed = m.legImage().Agreed != nil
	if c, ok := m.env.book.Closure(m.entry); ok && c.On(m.now) {
		s.Reopens = c.Until.Time()
	}
	if m.env.around.Figures != nil {
		s.Queues = m.env.around.Figures(m.lang)
	}
	if m.env.around.Announced != nil {
		s.Announced = m.env.around.Announced(m.entry)
	}
	switch m.phase {
	case inQueue:
		l := m.legImage()
		if s.Waited = l.Wait(m.now); m.env.around.Standing != nil && l.State == acd.LegQueued {
			s.Standing = m.env.around.Standing(l)
		}
	case ringing, briefing: // his turn has come: nothing is told of a wait
		s.Waited = m.legImage().Wait(m.now)
	}
	return s
}

// Bounds of what a script asks of the world outside.
const (
	lookupLeast = 100 * time.Millisecond
	lookupMost  = 5 * time.Second
	smsLimit    = 2 * time.Second
)

// askLookup begins a lookup. Its answer is told when its time is over, not when it comes: so how long a
// caller waits says nothing of what was found.
func (m *machine) askLookup(a acd.AskLookup) {
	a.For = min(max(a.For, lookupLeast), lookupMost)
	m.questions++
	m.answer = acd.HeardLookup{Outcome: acd.LookupError}
	m.identity = a.Identity
	m.arm(tLookup, a.For)
	m.do(doLookup{m.questions, a})
}

// foundOut: an answer has come; one to an older question means nothing any more.
func (m *machine) foundOut(ev evLookup) {
	if ev.Question == m.questions && !m.deadlines[tLookup].Never() {
		m.answer = ev.Heard
	}
}

func (m *machine) lookupOver() {
	answer := m.answer
	m.answer = acd.HeardLookup{}
	if m.identity && answer.Outcome != acd.LookupError {
		leg, outcome := m.leg, answer.Outcome
		m.record(acd.KindLegChanged, func(tx *acd.Tx) error {
			return tx.Edit(leg, func(l *acd.Leg) { l.Identity = outcome })
		})
	}
	m.hear(answer)
}

func (m *machine) askSMS(a acd.AskSMS) {
	m.questions++
	m.sending = true
	m.arm(tLookup, smsLimit)
	m.do(doSMS{m.questions, a.Text, m.lang})
}

// texted: the sender has taken the text, or not.
func (m *machine) texted(ev evSMS) {
	if ev.Question == m.questions && m.sending {
		m.sending = false
		m.disarm(tLookup)
		m.hear(acd.HeardSMS{Sent: ev.Sent})
	}
}

// answerOver: the time of a question is over.
func (m *machine) answerOver() {
	if m.sending {
		m.sending = false
		m.questions++ // a later answer is none
		m.hear(acd.HeardSMS{})
		return
	}
	m.lookupOver()
}

// lookUp asks beside the call, which goes on meanwhile.
func (a *actor) lookUp(ctx context.Context, d doLookup) {
	ask := a.c.opt.Surroundings.Lookup
	if ask == nil {
		return // the machine hears an error when the time is over
	}
	request := LookupRequest{d.Ask, a.m.contact}
	a.c.wg.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, d.Ask.For)
		defer cancel()
		a.post(evLookup{d.Question, ask(ctx, request)})
	})
}

func (a *actor) text(ctx context.Context, d doSMS) {
	send := a.c.opt.Surroundings.SMS
	contact := a.m.contact
	a.c.wg.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, smsLimit)
		defer cancel()
		a.post(evSMS{d.Question, send != nil && send(ctx, contact, d.Text, d.Lang) == nil})
	})
}

// kind is who calls, as far as can be told.
func (c *Controller) kind(entry acd.EntryID, trunk acd.TrunkID, number string) acd.CallerKind {
	if c.opt.Surroundings.Kind == nil {
		return acd.CallerUnknown
	}
	if k := c.opt.Surroundings.Kind(entry, trunk, number); slices.Contains(acd.CallerKinds(), k) {
		return k
	}
	return acd.CallerUnknown
}
