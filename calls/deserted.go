package calls

import "accueil/acd"

// tendDeserted tells those who wait in a queue that everybody has left. A queue that lets nobody in
// without anybody at work does not keep them either (`when_unstaffed`): they go where it sends whom it
// cannot take. That nobody is there is believed when it is seen in two sweeps: phones that are taken
// from one desk to the next, or lost with their Asterisk for a moment, send nobody away.
func (c *Controller) tendDeserted() {
	seen := map[acd.LegID]bool{}
	now := c.opt.Book.Now()
	for _, l := range c.ours() {
		if l.State != acd.LegQueued || l.Named() && l.HoldUntil > now {
			continue
		}
		way, ok := c.opt.Plan.Way(l.Reason, l.Queue, l.Lang)
		if !ok || way.WaitUnstaffed || c.opt.Router.Staffed(l.Queue, l.Asks) {
			continue
		}
		seen[l.ID] = true
		if a := c.contact(l.ID.Contact()); a != nil && c.deserted[l.ID] {
			a.post(evDeserted{l.ID, l.Queue})
		}
	}
	c.deserted = seen // touched by Run's goroutine only
}

// desertedBy: nobody is at work any more who could take the caller.
func (m *machine) desertedBy(ev evDeserted) {
	l := m.legImage()
	if m.phase != inQueue || ev.Leg != m.leg || l.State != acd.LegQueued || l.Queue != ev.Queue {
		return // he is on his way to somebody, or elsewhere
	}
	m.hear(acd.HeardRefused{Why: acd.RefusedUnstaffed})
}
