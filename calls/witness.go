package calls

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
)

// Seen is a call from outside as Asterisk's own records tell it, after its end.
type Seen struct {
	Channel string
	Entry   acd.EntryID
	Trunk   acd.TrunkID
	Began   acd.Instant
	// Answered is when the line was picked up, Joined when somebody of the safety net's group was there;
	// zero for never.
	Answered, Joined acd.Instant
	Ended            acd.Instant
	Crash            bool // Asterisk died in it
}

// pastKeep is how long the channels of calls that were led to their end are remembered: the records of
// Asterisk follow within seconds, and the log knows the rest.
const pastKeep = time.Hour

// Witness records the calls that no contact has claimed, since no controller was there or it came too
// late: one contact each, with one outcome and the times they happened at (RELIABILITY P2). What was told
// before changes nothing. An error leaves all of them to be told again.
func (c *Controller) Witness(ctx context.Context, seen []Seen) (recorded int, err error) {
	seen = c.unled(seen)
	if len(seen) == 0 {
		return 0, nil
	}
	from := seen[0].Began
	for _, s := range seen {
		from = min(from, s.Began)
	}
	led := map[string]bool{}
	for _, l := range c.opt.Book.Legs() {
		led[l.Channel] = true
	}
	err = c.opt.Book.History(ctx, from.Add(-clockDoubt), func(e acd.Entry) error {
		for _, l := range e.Legs {
			led[l.Channel] = true
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("ask the log which calls were led: %w", err)
	}
	for _, s := range seen {
		id := acd.ContactIDOf(s.Began, s.Channel).Leg(1)
		if _, known := c.opt.Book.Leg(id); known || led[s.Channel] {
			continue
		}
		led[s.Channel] = true
		end := s.end()
		seed := acd.Leg{ID: id, Node: c.opt.Node, Asterisk: c.opt.Asterisk, Channel: s.Channel,
			Entry: s.Entry, Trunk: s.Trunk, Arrived: s.Began, Bridged: s.Joined}
		c.opt.Book.Record(acd.KindEnded, func(tx *acd.Tx) error {
			if _, err := tx.Leg(id); err == nil {
				return nil
			}
			return tx.Unseen(seed, end)
		})
		recorded++
		c.metrics.healed.WithLabelValues("unseen").Inc()
		c.log.Warn("a call that no controller led was recorded", zap.String("contact_id", string(id.Contact())),
			zap.String("entry", string(s.Entry)), zap.String("outcome", string(end.Outcome)))
	}
	return recorded, nil
}

// end is what became of the call (DESIGN §4, arrived): whom the group answered has overflowed; who left
// before the line was picked up has abandoned; every other one was failed by us, be it that he hung up
// while the group rang or that nobody came.
func (s Seen) end() acd.End {
	end := acd.End{Outcome: acd.Failed, Reason: "controller_away", Fault: acd.FaultOurs, By: acd.BySystem, At: s.Ended}
	switch {
	case !s.Joined.Never():
		end.Outcome, end.Fault = acd.Overflow, ""
	case s.Crash:
		at := end.At
		end = crashed
		end.At = at
	case s.Answered.Never():
		end.Outcome, end.Fault, end.By = acd.Abandoned, "", acd.ByCaller
	}
	return end
}

// unled leaves out the calls that this process leads or has led.
func (c *Controller) unled(seen []Seen) []Seen {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []Seen
	for _, s := range seen {
		_, was := c.past[s.Channel]
		if _, is := c.callers[s.Channel]; !was && !is {
			out = append(out, s)
		}
	}
	return out
}

// forgetPast drops the channels whose records have been read long ago. The caller holds c.mu.
func (c *Controller) forgetPast(now acd.Instant) {
	for channel, ended := range c.past {
		if now.Sub(ended) > pastKeep {
			delete(c.past, channel)
		}
	}
}
