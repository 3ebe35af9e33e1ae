package acd

import (
	"slices"
	"strings"
	"time"
)

// A pause of a queue is kept as a closure: what is closed exceptionally is an entry, or a queue. The
// names cannot meet, because entries are numbers.
const queueClosures = "queue/"

// QueueClosure names the closure that pauses the queue.
func QueueClosure(q QueueID) EntryID { return EntryID(queueClosures + string(q)) }

// Queue returns the queue that the closure pauses; false for one of an entry.
func (c Closure) Queue() (QueueID, bool) {
	q, ok := strings.CutPrefix(string(c.Entry), queueClosures)
	return QueueID(q), ok
}

// An announcement that is switched on is kept as a closure too: it is live, survives restarts and is
// told by the log.
const announcements = "announcement/"

// AnnouncementClosure names the closure that switches the announcement on.
func AnnouncementClosure(id AnnouncementID) EntryID { return EntryID(announcements + string(id)) }

// Announcement returns the announcement that the closure switches on or off; false for another.
func (c Closure) Announcement() (AnnouncementID, bool) {
	id, ok := strings.CutPrefix(string(c.Entry), announcements)
	return AnnouncementID(id), ok
}

// Announce switches an announcement on, at the entries given or at all when none is, until an instant
// or, without one, until it is switched off.
func (tx *Tx) Announce(id AnnouncementID, on bool, entries []EntryID, until Instant, by string) {
	tx.SetBy(by)
	c := Closure{Entry: AnnouncementClosure(id), Closed: on, By: by}
	if on {
		c.Entries, c.Until = slices.Clone(entries), until
	}
	tx.close(c)
}

// Announced lists the announcements that are on at the entry then, sorted.
func Announced(closures []Closure, entry EntryID, now Instant) (out []AnnouncementID) {
	for _, c := range closures {
		id, ok := c.Announcement()
		if ok && c.On(now) && (len(c.Entries) == 0 || slices.Contains(c.Entries, entry)) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// On reports whether the closure is in force at the instant.
func (c Closure) On(now Instant) bool { return c.Closed && (c.Until.Never() || now < c.Until) }

// PauseQueue pauses the queue, for a reason (a code, or none), or lets it run again. Nobody is offered
// from a paused queue but those who are kept for an agent by name; who waits goes on waiting, and his
// age runs on.
func (tx *Tx) PauseQueue(q QueueID, paused bool, reason, by string) {
	tx.SetBy(by)
	tx.close(Closure{Entry: QueueClosure(q), Closed: paused, By: by, Reason: reason})
}

// QueuePaused reports whether the queue is paused.
func (v *View) QueuePaused(q QueueID) bool { return v.closures[QueueClosure(q)].Closed }

// Push keeps a waiting leg for the agent by name, whatever his skills, for as long as the hold says:
// he is offered it as soon as he is free, before any other contact that came later. Afterwards it is
// anybody's again. What he missed or refused of it before no longer counts. An agent who is not at
// work, on a pause or about to leave is refused.
func (tx *Tx) Push(id LegID, to AgentID, hold time.Duration, by string) error {
	l, err := tx.Leg(id)
	if err != nil {
		return err
	}
	if l.State != LegQueued && l.State != LegCallback {
		return ErrIllegal{"leg", string(id), string(l.State), "being pushed"}
	}
	if l.Callback != nil { // whoever is asked by name is asked now
		l.Callback.NotBefore = min(l.Callback.NotBefore, tx.At())
	}
	switch a := tx.Agent(to); {
	case !a.State.Staffed() || a.State == AgentPaused:
		return ErrIllegal{"agent", string(to), string(a.State), "being pushed a contact"}
	case a.Next != nil && a.Next.State != AgentReady:
		return ErrIllegal{"agent", string(to), string(a.Next.State), "being pushed a contact"} // after this call
	}
	l.Preferred, l.HoldUntil, l.PushedBy = to, tx.At().Add(hold), by
	tx.exclude(&l, to, 0)
	tx.SetBy(by)
	tx.putLeg(l)
	return nil
}
