package acd

import (
	"time"
)

// Arrive opens a leg: a caller reached an entry. The seed names id, node, channel, entry, trunk,
// scenario and language.
func (tx *Tx) Arrive(seed Leg) error {
	if _, err := tx.Leg(seed.ID); err == nil {
		return ErrIllegal{"leg", string(seed.ID), "present", "arrival"}
	}
	seed.Rev, seed.State, seed.Since = 0, LegArrived, tx.At()
	if seed.Arrived.Never() {
		seed.Arrived = tx.At()
	}
	tx.putLeg(seed)
	return nil
}

// Unseen tells a whole call that no controller led, after its end: the seed says where and when it
// came, and when it was answered elsewhere (Bridged); end how it ended, and when.
func (tx *Tx) Unseen(seed Leg, end End) error {
	if err := tx.Arrive(seed); err != nil {
		return err
	}
	if err := tx.EndLeg(seed.ID, end); err != nil {
		return err
	}
	l, err := tx.Leg(seed.ID)
	if err != nil {
		return err
	}
	l.Since, l.End.At = end.At, end.At
	tx.putLeg(l)
	return nil
}

// StartMenu tells that the scenario has begun to speak.
func (tx *Tx) StartMenu(id LegID) error {
	return tx.moveLeg(id, LegStarts, func(*Leg) {})
}

// Queueing says into which queue a leg goes and how.
type Queueing struct {
	Queue     QueueID
	First     QueueID // the queue that could not take him, when another one does: the figures are its (KPI.md, rule 3)
	Reason    ReasonID
	Points    int    // 0-10, clamped
	Asks      string // requirement of the contact itself
	Preferred AgentID
	HoldUntil Instant       // keep for Preferred until then
	Wrapup    time.Duration // after the conversation
	Due       Instant       // maximum wait, from the first enqueue
	Max       int           // places of the queue; 0 for no limit
	Path      []string
	Kept      string // with Path
	Lang      Lang
	Return    Ending  // why a transfer came back
	AgeFrom   Instant // earlier than now for a return: it goes to the head
}

// Enqueue puts the leg into a queue, or moves it to another one with the score it has. A leg that
// was queued before keeps its first instant and its points (but for a transfer that comes back) and
// is not refused for want of places.
func (tx *Tx) Enqueue(id LegID, q Queueing) error {
	l, err := tx.Leg(id)
	if err != nil {
		return err
	}
	was, first := l, l.Enqueued.Never() && l.Callback == nil // who is called back is counted where he waited first
	if err := tx.step(&l, LegChooses); err != nil {
		return err
	}
	switch {
	case was.Queue == q.Queue:
	case was.Waiting():
		tx.unplace(was.Queue, l.ID)
	default:
		tx.displace(was.Queue, l.ID)
	}
	l.Queue = q.Queue
	if first || q.Return != "" {
		l.Points = ClampPoints(q.Points) // otherwise it keeps what it has, a supervisor's points too
	}
	l.Asks, l.Preferred, l.HoldUntil, l.PushedBy = q.Asks, q.Preferred, q.HoldUntil, ""
	l.Wrapup, l.Due, l.Return, l.Target = q.Wrapup, q.Due, q.Return, ""
	l.AgeFrom = Earliest(l.AgeFrom, q.AgeFrom)
	if q.Reason != "" {
		l.Reason = q.Reason
	}
	if q.Path != nil {
		l.Path, l.Kept = q.Path, q.Kept
	}
	if q.Lang != "" {
		l.Lang = q.Lang
	}
	if l.LeftMenu.Never() && was.State == LegMenu {
		l.LeftMenu = tx.At()
	}
	if was.State == LegVoicemail { // he would rather wait than leave a message
		l.Dequeued, l.Recording = 0, ""
	}
	if first {
		l.Enqueued = tx.At()
		if l.FirstQueue = q.First; l.FirstQueue == "" {
			l.FirstQueue = q.Queue
		}
		if q.Max > 0 {
			tx.change.Limit = &Limit{q.Queue, q.Max}
		}
		tx.change.count(MetricQueueEntered, string(l.FirstQueue), string(l.Reason))
	}
	tx.place(l)
	tx.putLeg(l)
	return nil
}

// Wanted notes the queue that had no place for the leg, and for which reason it called: a leg that gets
// no place anywhere is in that queue's figures (KPI.md, rule 3). One that has waited keeps its own, and
// one that was handed on by an agent has none.
func (tx *Tx) Wanted(id LegID, q QueueID, r ReasonID) error {
	l, err := tx.Leg(id)
	if err != nil || !l.Enqueued.Never() || !l.Initial() {
		return err
	}
	l.FirstQueue = q
	if r != "" {
		l.Reason = r
	}
	tx.putLeg(l)
	return nil
}

// BackToMenu takes a waiting leg back into its scenario (key 9, or a way named for limits). Its
// place stays countable only while it waits; its first instant is kept should it return.
func (tx *Tx) BackToMenu(id LegID) error {
	l, err := tx.Leg(id)
	if err != nil {
		return err
	}
	waiting := l.Waiting()
	if err := tx.step(&l, LegToMenu); err != nil {
		return err
	}
	if waiting {
		tx.unplace(l.Queue, l.ID)
	}
	l.Due, l.Target = 0, ""
	tx.putLeg(l)
	return nil
}

// SetPoints changes the priority of a leg; while it waits, its place too.
func (tx *Tx) SetPoints(id LegID, points int, by string) error {
	l, err := tx.Leg(id)
	if err != nil {
		return err
	}
	if !l.Live() {
		return ErrIllegal{"leg", string(id), string(l.State), "points"}
	}
	l.Points = ClampPoints(points)
	if l.Waiting() {
		tx.place(l)
	}
	tx.SetBy(by)
	tx.putLeg(l)
	return nil
}

// Edit changes what a leg carries without moving it (language, path, emergency flag, final reason,
// timer). Its id, revision, state, place and agent stay what they are whatever the function does.
func (tx *Tx) Edit(id LegID, edit func(*Leg)) error {
	l, err := tx.Leg(id)
	if err != nil {
		return err
	}
	keep := l.clone()
	edit(&l)
	l.ID, l.Rev, l.State, l.Since, l.End = keep.ID, keep.Rev, keep.State, keep.Since, keep.End
	l.Queue, l.FirstQueue, l.Enqueued, l.AgeFrom, l.Points = keep.Queue, keep.FirstQueue, keep.Enqueued, keep.AgeFrom, keep.Points
	l.Agent, l.Phone, l.Offer = keep.Agent, keep.Phone, keep.Offer
	tx.putLeg(l)
	return nil
}

// Claim leases the agent's slot for the leg. Only the lead may, and only while its lease lasts. It is
// a decision in every change: it has no effect but the one it is given here.
func (tx *Tx) Claim(id LegID, o Offer, d Decision, lead Lead) error {
	l, err := tx.Leg(id)
	if err != nil {
		return err
	}
	a := tx.Agent(o.Agent)
	if !a.Free(l.Medium, tx.At()) || a.Holds(id) {
		return ErrIllegal{"agent", string(a.ID), string(a.State), "an offer"}
	}
	if l.ExcludedAgent(o.Agent, tx.At()) {
		return ErrIllegal{"leg", string(id), "excluded", "an offer to " + string(o.Agent)}
	}
	if _, ok := NextLegState(l.State, LegClaimed); !ok {
		return ErrIllegal{"leg", string(id), string(l.State), string(LegClaimed)}
	}
	placed := l.Waiting()
	if err := tx.step(&l, LegClaimed); err != nil {
		return err
	}
	if !placed {
		tx.place(l) // a callback has its place while it is offered
	}
	o.At, o.Phone = tx.At(), a.Phone
	l.Offer = &o
	l.Offers++
	l.Agent, l.Phone = o.Agent, a.Phone
	a.take(l, tx.At())
	tx.change.Entry.Decision = &d
	tx.change.Token = &lead
	tx.putLeg(l)
	tx.putAgent(a)
	return nil
}

// AgentAnswers tells that the agent picked up: the briefing begins.
func (tx *Tx) AgentAnswers(id LegID) error {
	l, err := tx.Leg(id)
	if err != nil {
		return err
	}
	if err := tx.step(&l, LegAnswered); err != nil {
		return err
	}
	l.Briefed = tx.At()
	if l.Offer != nil {
		l.Offer.Answered = tx.At()
	}
	tx.putLeg(l)
	tx.serve(l, func(*Agent) {})
	return nil
}

// serve makes the agent busy with a call that he holds. One who was freed of it meanwhile is left as
// he is, and a leg that nobody was given (an anomaly) has no agent.
func (tx *Tx) serve(l Leg, edit func(*Agent)) {
	if a := tx.Agent(l.Agent); a.Holds(l.ID) {
		edit(&a)
		if l.Medium == Voice {
			a.enter(AgentBusy, "", tx.At())
		}
		tx.putAgent(a)
	}
}

// OfferResult says how an offer ended without a conversation.
type OfferResult struct {
	Ending Ending
	// MissLimit makes the agent unreachable at that many misses in a row; 0 never does.
	MissLimit int
	// LastRoutable spares the agent that: nobody else could take this queue's contacts.
	LastRoutable bool
	// Cause names why the agent is unreachable at once (AgentGone, media); empty otherwise.
	Cause string
	// Unrung says of a failure that the phone was never rung, since Asterisk refused to: whatever the agent
	// is worth, the contact may be offered to him again within seconds.
	Unrung bool
}

// EndOffer gives the leg back to its queue, with its age, and the agent what he has earned.
func (tx *Tx) EndOffer(id LegID, r OfferResult) error {
	l, err := tx.Leg(id)
	if err != nil {
		return err
	}
	if r.Ending == Accepted || !r.Ending.Valid() {
		return ErrIllegal{"leg", string(id), string(l.State), "an offer ended as " + string(r.Ending)}
	}
	offered, in := l.Offer != nil, LegOfferEnds
	if l.CallsBack() {
		in = LegCallsBack
	}
	if err := tx.step(&l, in); err != nil {
		return err
	}
	agent := l.Agent
	l.withdraw()
	tx.exclude(&l, agent, exclusion(r))
	if l.Waiting() {
		tx.place(l)
	} else {
		tx.unplace(l.Queue, l.ID)
	}
	tx.putLeg(l)
	if offered {
		tx.change.Entry.Ending = r.Ending
		tx.change.count(MetricOffers, string(l.Queue), string(r.Ending))
	}
	tx.releaseOffered(agent, l, r)
	return nil
}

// exclude keeps the agent from the leg for d, and forgets exclusions that are over.
func (tx *Tx) exclude(l *Leg, agent AgentID, d time.Duration) {
	l.Excluded = without(l.Excluded, func(e Exclusion) bool { return e.Agent == agent || e.Until <= tx.At() })
	if d > 0 && agent != "" {
		l.Excluded = append(l.Excluded, Exclusion{agent, tx.At().Add(d)})
	}
}

func exclusion(r OfferResult) time.Duration {
	switch {
	case r.Ending == CallerGone: // moved elsewhere; the agent has done nothing
		return 0
	case r.Ending == Refused:
		return ExcludeAfterRefusal
	case r.Ending == Busy:
		return ExcludeAfterBusy
	case r.Unrung:
		return ExcludeUnrung
	default:
		return ExcludeAfterMiss
	}
}

// Join tells that caller and agent (or service) hear each other.
func (tx *Tx) Join(id LegID) error {
	l, err := tx.Leg(id)
	if err != nil {
		return err
	}
	if err := tx.step(&l, LegJoined); err != nil {
		return err
	}
	l.Bridged = tx.At()
	l.Due = 0
	if l.CallsBack() { // told out of turn, as facts may be: they talk
		l.Callback.Reached = tx.At()
	}
	tx.dequeue(&l)
	if l.Offer != nil {
		tx.accept(&l)
	}
	tx.putLeg(l)
	return nil
}

// dequeue takes the leg from its queue for good, when it has been there.
func (tx *Tx) dequeue(l *Leg) {
	if (!l.Enqueued.Never() || l.Callback != nil) && l.Dequeued.Never() {
		l.Dequeued = tx.At()
		tx.unplace(l.Queue, l.ID)
	}
}

// accept ends the leg's offer in a conversation.
func (tx *Tx) accept(l *Leg) {
	tx.change.Entry.Ending = Accepted
	tx.change.count(MetricOffers, string(l.Queue), string(Accepted))
	l.Offer, l.Bridged = nil, tx.At()
	tx.serve(*l, func(a *Agent) { a.Misses = 0 })
}

// Hold and Resume tell that the caller hears music, and the agent again.
func (tx *Tx) Hold(id LegID) error {
	return tx.moveLeg(id, LegHolds, func(l *Leg) {
		l.stopHold(tx.At()) // told twice: the first hold counts until now
		l.Holds++
		l.HeldSince = tx.At()
	})
}

// Resume ends a hold.
func (tx *Tx) Resume(id LegID) error {
	return tx.moveLeg(id, LegResumes, func(l *Leg) { l.stopHold(tx.At()) })
}

// RingOut tells that an extension is called for a caller who was in a menu or a queue.
func (tx *Tx) RingOut(id LegID, target string) error {
	l, err := tx.Leg(id)
	if err != nil {
		return err
	}
	queued := l.Waiting()
	if err := tx.step(&l, LegRingsOut); err != nil {
		return err
	}
	l.Recording = ""
	if queued {
		tx.unplace(l.Queue, l.ID)
	}
	l.Target = target
	tx.putLeg(l)
	return nil
}

// AgentLost tells that the agent's side of a conversation went dead while the caller is still there:
// the caller goes back to the head of the queue (his age is kept), the agent is unreachable.
func (tx *Tx) AgentLost(id LegID, cause string) error {
	l, err := tx.Leg(id)
	if err != nil {
		return err
	}
	if l.Queue == "" {
		return ErrIllegal{"leg", string(id), string(l.State), "a way back to a queue it never had"}
	}
	if err := tx.step(&l, LegMediaLost); err != nil {
		return err
	}
	agent := l.Agent
	l.withdraw()
	l.stopHold(tx.At())
	l.Bridged, l.Dequeued = 0, 0
	tx.exclude(&l, agent, ExcludeAfterMiss)
	tx.place(l)
	tx.putLeg(l)
	tx.change.Entry.Ending = OfferFailed
	if a := tx.Agent(agent); a.Holds(id) {
		a.IdleSince = tx.At() // it was a conversation
		tx.putAgent(a)
	}
	tx.releaseOffered(agent, l, OfferResult{Ending: OfferFailed, Cause: cause})
	return nil
}

func (tx *Tx) moveLeg(id LegID, in LegInput, edit func(*Leg)) error {
	l, err := tx.Leg(id)
	if err != nil {
		return err
	}
	if err := tx.step(&l, in); err != nil {
		return err
	}
	edit(&l)
	tx.putLeg(l)
	return nil
}

// Recover tells again a leg that the log has lost, or brings one forward whose last steps it has lost:
// its image is what the call itself remembers. The log's tables are about what follows from what it
// knows; here it does not, so what is put right is everything around the leg. In a conversation the
// agent holds it, and is at work at its phone, whatever the log says of him.
func (tx *Tx) Recover(l Leg) error {
	old, err := tx.Leg(l.ID)
	known := err == nil
	switch {
	case known && !old.Live():
		return ErrIllegal{"leg", string(l.ID), string(old.State), "recovery"}
	case l.State != LegMenu && l.State != LegQueued && l.State != LegTalking && l.State != LegRingingOut && l.State != LegVoicemail && l.State != LegSurvey,
		l.State == LegQueued && (l.Queue == "" || l.Enqueued.Never() && l.Callback == nil):
		return ErrIllegal{"leg", string(l.ID), string(l.State), "recovery"}
	}
	if known {
		if old.Agent != "" && (old.Agent != l.Agent || l.State != LegTalking) {
			tx.releaseOffered(old.Agent, old, OfferResult{Ending: OfferFailed})
		}
		if old.Waiting() && (!l.Waiting() || old.Queue != l.Queue) {
			tx.unplace(old.Queue, l.ID)
		}
	}
	l.Rev, l.End, l.Offer, l.Points = old.Rev, nil, nil, ClampPoints(l.Points)
	switch l.State {
	case LegTalking, LegSurvey: // who talked, or talks
	default:
		l.withdraw()
	}
	if !l.Enqueued.Never() && old.Enqueued.Never() {
		tx.change.count(MetricQueueEntered, string(l.FirstQueue), string(l.Reason)) // lost with the leg
	}
	switch {
	case l.Waiting():
		tx.place(l)
	case l.Agent != "" && l.State == LegTalking:
		tx.seize(l)
	}
	tx.putLeg(l)
	return nil
}

// seize makes the agent hold a leg that the log did not give him.
func (tx *Tx) seize(l Leg) {
	a := tx.Agent(l.Agent)
	if a.State == AgentOffline {
		a.Phone, a.Node, a.LoggedIn, a.IdleSince = l.Phone, l.Node, tx.At(), tx.At()
		if p := tx.Phone(l.Phone); l.Phone != "" && p.Agent == "" {
			p.Agent = a.ID
			tx.putPhone(p)
		}
	}
	tx.endWrapup(&a)
	if !a.Holds(l.ID) {
		a.take(l, tx.At())
	}
	a.Misses = 0
	if l.Medium == Voice {
		a.enter(AgentBusy, "", tx.At())
	}
	tx.putAgent(a)
}
