package acd

// Login seats the agent at the phone and makes him ready, or unreachable while that phone has lost its
// registration. Who sat there before is logged out: one person a desk; one who is serving cannot be.
// Logging in twice changes nothing. The phone's own calls, if any, are SetOwnCalls' to tell.
func (tx *Tx) Login(id AgentID, phone PhoneID, node NodeID) error {
	a, p := tx.Agent(id), tx.Phone(phone)
	if a.Phone == phone && a.State != AgentOffline {
		return tx.Ready(id)
	}
	if phone == "" {
		return ErrIllegal{"agent", string(id), string(a.State), "login without a phone"}
	}
	if len(a.Legs) > 0 {
		return ErrIllegal{"agent", string(id), string(a.State), "login at another phone"}
	}
	if p.Agent != "" && p.Agent != id {
		if err := tx.Logout(p.Agent); err != nil {
			return err
		}
		p = tx.Phone(phone)
		if p.Agent != "" {
			return ErrIllegal{"phone", string(phone), "in use", "login"}
		}
	}
	if a.Phone != "" {
		old := tx.Phone(a.Phone)
		old.Agent = ""
		tx.putPhone(old)
	}
	p.Agent = id
	tx.putPhone(p)
	tx.endWrapup(&a)
	a.Phone, a.Node = phone, node
	a.LoggedIn, a.IdleSince = tx.At(), tx.At()
	a.Misses, a.Excluded, a.Next, a.Own = 0, 0, nil, 0
	a.Occupancy = Occupancy{At: tx.At()}
	tx.settle(&a)
	tx.putAgent(a)
	return nil
}

// Logout takes the agent away; one who is serving leaves when he has finished.
func (tx *Tx) Logout(id AgentID) error {
	a := tx.Agent(id)
	if len(a.Legs) > 0 {
		a.Next = &NextState{State: AgentOffline}
		tx.putAgent(a)
		return nil
	}
	if a.State == AgentOffline {
		return nil
	}
	tx.leave(&a)
	tx.putAgent(a)
	return nil
}

func (tx *Tx) leave(a *Agent) {
	if a.Phone != "" {
		p := tx.Phone(a.Phone)
		if p.Agent == a.ID {
			p.Agent = ""
			tx.putPhone(p)
		}
	}
	tx.endWrapup(a)
	a.Phone, a.LoggedIn, a.IdleSince, a.Misses, a.Excluded, a.Next, a.Own = "", 0, 0, 0, 0, nil, 0
	if a.SkillsShift {
		a.Skills, a.SkillsBy, a.SkillsShift = nil, "", false
	}
	a.enter(AgentOffline, "", tx.At())
}

// Pause takes the agent out of routing; one who has a call pauses when it has finished. Chats and mails
// stay with him.
func (tx *Tx) Pause(id AgentID, reason string) error {
	a := tx.Agent(id)
	switch {
	case a.State == AgentOffline:
		return ErrIllegal{"agent", string(id), string(a.State), "pause"}
	case a.calling():
		a.Next = &NextState{State: AgentPaused, Reason: reason}
	default:
		tx.endWrapup(&a)
		a.enter(AgentPaused, reason, tx.At())
	}
	tx.putAgent(a)
	return nil
}

// Ready brings the agent back from a pause, from after-call work or from being unreachable; one who
// is serving will be ready afterwards.
func (tx *Tx) Ready(id AgentID) error {
	a := tx.Agent(id)
	switch {
	case a.State == AgentOffline:
		return ErrIllegal{"agent", string(id), string(a.State), "ready"}
	case a.calling():
		a.Next = nil
		tx.putAgent(a)
		return nil
	case a.State == AgentReady && a.Excluded <= tx.At() && a.Next == nil:
		return nil
	}
	if a.State == AgentPaused || a.State == AgentUnreachable {
		a.IdleSince = tx.At()
	}
	tx.endWrapup(&a)
	a.Misses, a.Excluded, a.Next = 0, 0, nil
	tx.settle(&a)
	tx.putAgent(a)
	return nil
}

// EndWrapup ends the after-call work, early when the agent says so, or because its time is up.
func (tx *Tx) EndWrapup(id AgentID, timer bool) error {
	a := tx.Agent(id)
	if a.State != AgentWrapup {
		return ErrIllegal{"agent", string(id), string(a.State), "end of wrap-up"}
	}
	if timer {
		if !a.Due.Reached(tx.At()) {
			return ErrEarly
		}
		tx.change.Due = append(tx.change.Due, a.Due)
	}
	tx.endWrapup(&a)
	tx.settle(&a)
	tx.putAgent(a)
	return nil
}

func (tx *Tx) endWrapup(a *Agent) {
	if a.State != AgentWrapup {
		return
	}
	if a.WrapupQueue != "" {
		tx.change.observe(MetricWrapup, tx.At().Sub(a.Since).Milliseconds(), string(a.WrapupQueue))
	}
	a.WrapupFor, a.WrapupQueue, a.Due = "", "", 0
}

// OwnCall tells that a call of the agent's own began (delta 1) or ended (-1) on his phone.
func (tx *Tx) OwnCall(id AgentID, delta int) error {
	a := tx.Agent(id)
	own := max(0, a.Own+delta)
	if own == a.Own || a.State == AgentOffline {
		return nil // nobody sits at the phone: its calls are nobody's
	}
	a.Own = own
	switch {
	case own > 0 && (a.State == AgentReady || a.State == AgentWrapup):
		tx.endWrapup(&a)
		a.enter(AgentBusyOwn, "", tx.At())
	case own == 0 && a.State == AgentBusyOwn:
		a.IdleSince = tx.At()
		tx.settle(&a)
	}
	tx.putAgent(a)
	return nil
}

// SetOwnCalls corrects the number of the agent's own calls to what his phone really has.
func (tx *Tx) SetOwnCalls(id AgentID, n int) error { return tx.OwnCall(id, n-tx.Agent(id).Own) }

// PhoneChanged tells what Asterisk says of a phone. An agent whose phone is gone is unreachable until
// it comes back; nothing else brings him back from that by itself.
func (tx *Tx) PhoneChanged(id PhoneID, registered bool, node NodeID, asterisk string) error {
	p := tx.Phone(id)
	heard := !p.Since.Never() // a login writes a phone of which nothing is known
	if heard && p.Registered == registered && p.Node == node && p.Asterisk == asterisk {
		return nil
	}
	if !heard || p.Registered != registered {
		p.Since = tx.At()
	}
	p.Registered, p.Node, p.Asterisk = registered, node, asterisk
	tx.putPhone(p)
	if p.Agent == "" {
		return nil
	}
	a := tx.Agent(p.Agent)
	switch {
	case !registered && (a.State == AgentReady || a.State == AgentWrapup):
		tx.endWrapup(&a)
		tx.settle(&a) // unreachable, unless he wanted a pause after that: then he has it
	case registered && a.State == AgentUnreachable && a.Reason == UnreachablePhone:
		a.IdleSince = tx.At()
		tx.settle(&a)
	default:
		return nil
	}
	tx.putAgent(a)
	return nil
}

// AskHelp raises the agent's hand until his conversation ends.
func (tx *Tx) AskHelp(id AgentID) error {
	a := tx.Agent(id)
	if len(a.Legs) == 0 {
		return ErrIllegal{"agent", string(id), string(a.State), "asking for help"}
	}
	if a.Help.Never() {
		a.Help = tx.At()
		tx.putAgent(a)
	}
	return nil
}

// SetSkills overrides the agent's skills, until he logs out when shift is set; nil returns to the site
// file's.
func (tx *Tx) SetSkills(id AgentID, skills map[SkillID]int, shift bool, by string) error {
	a := tx.Agent(id)
	a.Skills, a.SkillsBy, a.SkillsShift = skills, by, shift && skills != nil
	tx.SetBy(by)
	tx.putAgent(a)
	return nil
}

// Heal frees the agent of legs that no channel backs any more (DESIGN §7.5).
func (tx *Tx) Heal(id AgentID, alive func(LegID) bool) error {
	a := tx.Agent(id)
	n, call := len(a.Legs), false
	a.Legs = without(a.Legs, func(l LegID) bool { return !alive(l) })
	if len(a.Legs) == n && (n > 0 || !a.calling()) {
		return nil
	}
	a.Load, a.Mail = 0, 0
	for _, id := range a.Legs {
		l, _ := tx.Leg(id) // one that is not known is taken for a call
		a.Load += l.Medium.Load()
		switch l.Medium {
		case Mail:
			a.Mail += MailLoad
		case Voice:
			call = true
		}
	}
	if len(a.Legs) == 0 {
		a.Help = 0
	}
	if !call && a.calling() {
		tx.settle(&a)
	}
	tx.putAgent(a)
	return nil
}

// releaseOffered frees an agent whose offer led to no conversation: at once, without after-call
// work, his idle clock untouched.
func (tx *Tx) releaseOffered(id AgentID, l Leg, r OfferResult) {
	a := tx.Agent(id)
	if !a.drop(l) {
		return
	}
	tooMany := false
	switch r.Ending {
	case NoAnswer:
		a.Misses++
		tooMany = r.MissLimit > 0 && a.Misses >= r.MissLimit
		if tooMany && r.LastRoutable {
			a.Excluded = tx.At().Add(ExcludeAfterMiss)
		}
	case Busy:
		a.Excluded = tx.At().Add(ExcludeAfterBusy)
	case Refused:
		a.Excluded = tx.At().Add(ExcludeAfterRefusal)
	}
	switch {
	case l.Medium != Voice && !a.lastText():
	case tooMany && !r.LastRoutable && a.Next == nil:
		a.enter(AgentUnreachable, UnreachableMissed, tx.At())
	case r.Cause != "" && a.Next == nil:
		a.enter(AgentUnreachable, r.Cause, tx.At())
	default:
		tx.settle(&a)
	}
	tx.putAgent(a)
}

// releaseTalked frees an agent after a conversation: after-call work first, and his idle clock
// starts anew. A chat or a mail ends beside whatever else he does.
func (tx *Tx) releaseTalked(id AgentID, l Leg) {
	a := tx.Agent(id)
	if !a.drop(l) {
		return
	}
	if len(a.Legs) == 0 || l.Medium == Voice {
		a.IdleSince = tx.At()
	}
	switch {
	case l.Medium != Voice && !a.lastText():
	case l.Wrapup > 0:
		a.enter(AgentWrapup, "", tx.At())
		a.WrapupFor, a.WrapupQueue, a.Due = l.ID, l.FirstQueue, tx.At().Add(l.Wrapup)
	default:
		tx.settle(&a)
	}
	tx.putAgent(a)
}

// settle puts an agent without a call into the state he asked for, or the one his phone allows. Who
// wants to leave finishes his chats and mails first.
func (tx *Tx) settle(a *Agent) {
	next := a.Next
	if next != nil && next.State == AgentOffline && len(a.Legs) > 0 {
		next = nil
	} else {
		a.Next = nil
	}
	switch {
	case next != nil && next.State == AgentOffline:
		tx.leave(a)
	case next != nil && next.State == AgentPaused:
		a.enter(AgentPaused, next.Reason, tx.At())
	case a.Phone == "":
		a.enter(AgentOffline, "", tx.At())
	case a.Own > 0:
		a.enter(AgentBusyOwn, "", tx.At())
	case !tx.reachable(a.Phone):
		a.enter(AgentUnreachable, UnreachablePhone, tx.At())
	default:
		a.enter(AgentReady, "", tx.At())
	}
}

// reachable reports whether the phone can ring; one that was never heard of (behind a trunk) can.
func (tx *Tx) reachable(id PhoneID) bool {
	p := tx.Phone(id)
	return p.Registered || p.Since.Never()
}
