package calls

import "accueil/acd"

// remember notes what is known of who calls from that number.
func (c *Controller) remember(m *machine, number string) {
	_, m.callable = c.opt.Plan.Outward(number)
	if c.opt.Surroundings.Past != nil {
		m.past = c.opt.Surroundings.Past(m.trunk, number)
	}
}

// placeBack gives the place back that the caller has left less than a minute ago: who drops his phone
// has not lost his turn (SCENARIOS A23).
func (m *machine) placeBack(q *acd.Queueing) {
	if m.past.Queue == "" || m.past.Queue != q.Queue || !m.legImage().Enqueued.Never() {
		return
	}
	q.AgeFrom, q.Points = acd.Earliest(q.AgeFrom, m.past.Since), max(q.Points, m.past.Points)
}

// resumePlace gives the caller the place that his callback keeps, and withdraws the callback: he waits
// himself now.
func (m *machine) resumePlace(q *acd.Queueing) {
	id := m.past.Callback
	l, ok := m.env.book.Leg(id)
	if !ok || !l.CallsBack() || !l.Live() {
		return
	}
	q.AgeFrom, q.Points = acd.Earliest(q.AgeFrom, l.WaitsFrom()), max(q.Points, l.Points)
	m.record(acd.KindEnded, func(tx *acd.Tx) error {
		l, err := tx.Leg(id)
		if err != nil || l.State != acd.LegCallback {
			return err // an agent is calling him at this moment: he finds the line busy, and it is an attempt
		}
		return tx.EndCallback(id, acd.CallbackResumed, acd.ByCaller)
	})
}
