package calls

import "accueil/acd"

// remember notes what is known of who calls from that number. A relay's belongs to everybody who calls
// through it: nobody is called back there, and nobody is given another's place or callback.
func (c *Controller) remember(m *machine, number string) {
	c.boundKeys(m, number)
	if m.kind = c.kind(m.entry, m.trunk, number); m.kind == acd.CallerRelay {
		return
	}
	_, m.callable = c.opt.Plan.Outward(number)
	if c.opt.Surroundings.Past != nil {
		m.past = c.opt.Surroundings.Past(m.trunk, number)
	}
}

// boundKeys has it judged at which other numbers somebody may be called back who is at that one.
func (c *Controller) boundKeys(m *machine, number string) {
	if c.opt.Surroundings.Keyed != nil {
		m.mayKey = c.opt.Surroundings.Keyed(m.trunk, number)
	}
}

// placeBack gives the place back that the caller has left less than a minute ago: who drops his phone
// has not lost his turn (SCENARIOS A23).
func (m *machine) placeBack(q *acd.Queueing) {
	if m.past.Queue == "" || m.past.Queue != q.Queue || !m.newcomer() {
		return
	}
	q.AgeFrom, q.Points = acd.Earliest(q.AgeFrom, m.past.Since), max(q.Points, m.past.Points)
}

// resumePlace gives the caller the place that his callback keeps, and returns the callback, which ends when
// he has the place: he waits himself then.
func (m *machine) resumePlace(q *acd.Queueing) acd.LegID {
	id := m.past.Callback
	l, ok := m.env.book.Leg(id)
	if !ok || !l.CallsBack() || !l.Live() {
		return ""
	}
	q.AgeFrom, q.Points = acd.Earliest(q.AgeFrom, l.WaitsFrom()), max(q.Points, l.Points)
	return id
}

// tell puts the leg into its queue. The callback whose place it takes ends in the same change: who gets no
// place keeps his callback.
func (d doEnqueue) tell(tx *acd.Tx) error {
	if err := tx.Enqueue(d.Leg, d.Queueing); err != nil || d.Resumes == "" {
		return err
	}
	l, err := tx.Leg(d.Resumes)
	if err != nil || l.State != acd.LegCallback {
		return nil // it is over; or an agent is calling him at this moment: he finds the line busy, and it is an attempt
	}
	return tx.EndCallback(d.Resumes, acd.CallbackResumed, acd.ByCaller)
}
