package agents

import (
	"errors"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"accueil/acd"
)

func TestLoginTwiceIsOneEvent(t *testing.T) {
	t.Parallel()
	s := newSwitchboard(t)
	s.dial("101", "*20", "sys.ready")
	a := s.state("a01", acd.AgentReady)
	if a.Phone != "101" || a.Node != "n1" || a.LoggedIn != s.now || s.book.entries() != 1 {
		t.Errorf("%+v after %d entries", a, s.book.entries())
	}
	s.now += 1000
	s.dial("101", "*20", "sys.ready")
	s.dial("101", "*201#1111", "sys.ready")
	if err := s.SetState(t.Context(), "a01", acd.AgentReady, "", "", "s1"); err != nil || s.book.entries() != 1 {
		t.Errorf("%v; a second login makes %d entries", err, s.book.entries()-1)
	}
}

func TestCodesOfADay(t *testing.T) {
	t.Parallel()
	s := newSwitchboard(t)
	for _, code := range []string{"*21", "*213", "*22", "*23"} {
		s.dial("101", code, "sys.nobody_here")
	}
	s.dial("999", "*20", "sys.code_unknown") // no phone of ours
	s.dial("101", "*24", "sys.code_unknown")
	s.dial("103", "*20", "sys.no_usual_agent") // two share it
	s.dial("103", "*20", "sys.no_usual_agent")
	if r := s.dial("102", "*20", "sys.ready"); r.Lang != "en" {
		t.Errorf("an English-speaking agent hears %s", r.Lang)
	}
	s.dial("101", "*20", "sys.ready")
	s.dial("101", "*23", "sys.not_now")
	r := s.dial("101", "*213", "sys.paused", "sys.pause_reason", "")
	if n := r.Prompts[2].Number; n == nil || *n != 3 {
		t.Error("the reason's number is not said")
	}
	if a := s.state("a01", acd.AgentPaused); a.Reason != "pause_3" {
		t.Errorf("reason %q", a.Reason)
	}
	s.dial("101", "*21", "sys.paused")
	s.dial("101", "*20", "sys.ready")
	s.state("a01", acd.AgentReady)
	s.dial("101", "*22", "sys.logged_out")
	s.state("a01", acd.AgentOffline)
	s.dial("101", "*22", "sys.nobody_here")
}

func TestNextStateDuringACall(t *testing.T) {
	t.Parallel()
	s := newSwitchboard(t)
	s.dial("101", "*20", "sys.ready")
	s.talk("c/1", "a01")
	s.dial("101", "*22", "sys.logged_out")
	if a := s.state("a01", acd.AgentBusy); a.Next == nil || a.Next.State != acd.AgentOffline {
		t.Fatalf("%+v", a.Next)
	}
	s.dial("101", "*212", "sys.paused", "sys.pause_reason", "") // changed his mind
	s.hangUp("c/1")
	s.state("a01", acd.AgentWrapup)
	s.dial("101", "*23", "sys.wrapup_ended")
	if a := s.state("a01", acd.AgentPaused); a.Reason != "pause_2" {
		t.Errorf("reason %q", a.Reason)
	}
}

func TestSharedDesk(t *testing.T) {
	t.Parallel()
	s := newSwitchboard(t)
	s.dial("103", "*203", "sys.ask_pin")
	s.dial("103", "*203#3333", "sys.ready")
	s.talk("c/1", "a03")
	s.dial("103", "*204#4444", "sys.already_in_use") // he is with a caller
	s.state("a03", acd.AgentBusy)
	s.hangUp("c/1")
	s.dial("103", "*204#4444", "sys.ready")
	s.state("a03", acd.AgentOffline)
	s.state("a04", acd.AgentReady)
	s.dial("101", "*204#4444", "sys.ready") // moves
	if p, _ := s.book.Phone("103"); p.Agent != "" {
		t.Errorf("%s still sits at 103", p.Agent)
	}
	if a := s.state("a04", acd.AgentReady); a.Phone != "101" {
		t.Errorf("a04 sits at %s", a.Phone)
	}
}

func TestWrongPINs(t *testing.T) {
	t.Parallel()
	s := newSwitchboard(t)
	s.dial("101", "*202#9999", "sys.pin_wrong")
	s.dial("101", "*2099#9999", "sys.pin_wrong") // nobody's number sounds the same
	s.dial("101", "*202#2222", "sys.ready")      // a right one forgives
	for range 3 {
		s.dial("101", "*201#9999", "sys.pin_wrong")
	}
	s.dial("101", "*201#1111", "sys.pin_locked")
	s.dial("101", "*201", "sys.pin_locked")
	s.dial("101", "*703000#2222", "sys.pin_locked")
	s.dial("102", "*201#1111", "sys.ready") // another phone is not locked
	s.dial("102", "*22", "sys.logged_out")
	s.now = s.now.Add(lockTime - time.Millisecond)
	s.dial("101", "*201#1111", "sys.pin_locked")
	s.now++
	s.dial("101", "*201#1111", "sys.ready")
}

func TestClosingAnEntry(t *testing.T) {
	t.Parallel()
	s := newSwitchboard(t)
	s.dial("101", "*703000", "sys.not_allowed") // nobody sits there
	s.dial("101", "*20", "sys.ready")
	s.dial("101", "*703000#1111", "sys.not_allowed")
	s.dial("102", "*20", "sys.ready")
	s.dial("102", "*709999", "sys.code_unknown")
	s.dial("102", "*703000", "sys.ask_pin")
	s.dial("102", "*703000#1111", "sys.pin_wrong")
	if c, _ := s.book.Closure("3000"); c.Closed {
		t.Fatal("closed by a wrong PIN")
	}
	s.dial("102", "*703000#2222", "sys.entry_closed")
	if c, _ := s.book.Closure("3000"); !c.Closed || c.By != "a02" {
		t.Errorf("%+v", c)
	}
	s.dial("102", "*703000#2222", "sys.entry_opened")
	if c, _ := s.book.Closure("3000"); c.Closed {
		t.Error("still closed")
	}
	s.book.refuse = errAway
	s.dial("102", "*703000#2222", "sys.fault")
	s.dial("102", "*21", "sys.fault")
	s.dial("101", "*20", "sys.fault")
}

func TestStateOverTheAPI(t *testing.T) {
	t.Parallel()
	s := newSwitchboard(t)
	set := func(a acd.AgentID, st acd.AgentState, phone acd.PhoneID) error {
		return s.SetState(t.Context(), a, st, "pause_1", phone, "s1")
	}
	var illegal acd.ErrIllegal
	for name, c := range map[string]struct{ got, want error }{
		"nobody":   {set("a99", acd.AgentReady, ""), ErrUnknownAgent},
		"no phone": {set("a05", acd.AgentReady, ""), ErrNoPhone},
		"phone":    {set("a01", acd.AgentReady, "999"), ErrUnknownPhone},
		"skills":   {s.SetSkills(t.Context(), "a99", nil, false, "s1"), ErrUnknownAgent},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
	for _, st := range []acd.AgentState{acd.AgentBusy, acd.AgentWrapup, "else"} {
		if err := set("a01", st, ""); !errors.As(err, &illegal) || illegal.Input != string(st) {
			t.Errorf("%s: %v", st, err)
		}
	}
	if err := set("a01", acd.AgentPaused, ""); !errors.As(err, &illegal) {
		t.Errorf("pause while offline: %v", err)
	}
	if err := set("a05", acd.AgentReady, "mobile"); err != nil {
		t.Fatal(err)
	}
	s.state("a05", acd.AgentReady) // behind a trunk: nothing is known of its registration
	if e := s.book.log[0]; e.Kind != acd.KindLogin || e.By != "s1" {
		t.Errorf("%s by %s", e.Kind, e.By)
	}
	if err := s.SetSkills(t.Context(), "a05", map[acd.SkillID]int{"fr": 3}, true, "s1"); err != nil {
		t.Fatal(err)
	}
	if a, _ := s.book.Agent("a05"); a.Skills["fr"] != 3 || a.SkillsBy != "s1" || !a.SkillsShift {
		t.Errorf("%+v", a)
	}
	if err := errors.Join(set("a05", acd.AgentPaused, ""), set("a05", acd.AgentOffline, "")); err != nil {
		t.Error(err)
	}
	s.state("a05", acd.AgentOffline)
	if a, _ := s.book.Agent("a05"); a.Skills != nil || a.SkillsBy != "" {
		t.Errorf("skills for a shift outlive it: %+v", a)
	}
	if err := errors.Join(s.SetSkills(t.Context(), "a05", map[acd.SkillID]int{"fr": 3}, false, "s1"),
		set("a05", acd.AgentReady, "mobile"), set("a05", acd.AgentOffline, "")); err != nil {
		t.Fatal(err)
	}
	if a, _ := s.book.Agent("a05"); a.Skills["fr"] != 3 {
		t.Errorf("kept skills end with the shift: %+v", a)
	}
	for _, on := range []bool{true, false} {
		if err := s.SetAnnouncement(t.Context(), "crise", on, []acd.EntryID{"3000"}, 0, "s1"); err != nil {
			t.Fatal(err)
		}
		if c, _ := s.book.Closure(acd.AnnouncementClosure("crise")); c.Closed != on || c.By != "s1" || on != (len(c.Entries) == 1) {
			t.Errorf("announcement %v: %+v", on, c)
		}
	}
	for _, paused := range []bool{true, false} {
		if err := s.SetPaused(t.Context(), "rdv", paused, "reunion", "s1"); err != nil {
			t.Fatal(err)
		}
		if c, _ := s.book.Closure(acd.QueueClosure("rdv")); c.Closed != paused || c.By != "s1" || c.Reason != "reunion" {
			t.Errorf("paused %v: %+v", paused, c)
		}
	}
}

func TestRegistrationLostAndBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before          func(*switchboard)
		lost, afterward acd.AgentState
	}{
		"ready":   {func(*switchboard) {}, acd.AgentUnreachable, acd.AgentReady},
		"paused":  {func(s *switchboard) { s.dial("101", "*21", "sys.paused") }, acd.AgentPaused, acd.AgentPaused},
		"own":     {func(s *switchboard) { s.OwnCall("101", "ch", true) }, acd.AgentBusyOwn, acd.AgentBusyOwn},
		"offered": {func(s *switchboard) { s.offer("c/1", "a01") }, acd.AgentOffered, acd.AgentOffered},
		"busy":    {func(s *switchboard) { s.talk("c/1", "a01") }, acd.AgentBusy, acd.AgentBusy},
		"wrapup":  {func(s *switchboard) { s.talk("c/1", "a01"); s.hangUp("c/1") }, acd.AgentUnreachable, acd.AgentReady},
		"offline": {func(s *switchboard) { s.dial("101", "*22", "sys.logged_out") }, acd.AgentOffline, acd.AgentOffline},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSwitchboard(t)
			s.PhoneRegistered("101", true)
			s.dial("101", "*20", "sys.ready")
			c.before(s)
			s.PhoneRegistered("101", false)
			n := s.book.entries()
			s.PhoneRegistered("101", false)
			if s.book.entries() != n {
				t.Error("the same news twice makes two entries")
			}
			s.state("a01", c.lost)
			s.PhoneRegistered("101", true)
			s.state("a01", c.afterward)
		})
	}
	s := newSwitchboard(t)
	s.PhoneUnproven("102")
	s.PhoneRegistered("103", true)
	s.PhoneUnproven("103")
	s.PhoneUnproven("mobile")
	for _, p := range s.book.view.Phones() {
		if p.Registered != (p.ID == "103") {
			t.Errorf("after a restart of Asterisk, of phone %s: %+v", p.ID, p)
		}
	}
	s = newSwitchboard(t)
	s.PhoneRegistered("mobile", false)
	s.PhoneRegistered("none", true)
	if s.book.entries() != 0 {
		t.Error("phones that do not register were written")
	}
	s.PhoneRegistered("101", false)
	if err := s.SetState(t.Context(), "a01", acd.AgentReady, "", "", "s1"); err != nil {
		t.Fatal(err)
	}
	if a := s.state("a01", acd.AgentUnreachable); a.Reason != acd.UnreachablePhone {
		t.Errorf("logged in at a dead phone: %+v", a)
	}
}

func TestOwnCalls(t *testing.T) {
	t.Parallel()
	s := newSwitchboard(t)
	s.OwnCall("101", "before", true) // up before he logs in
	s.dial("101", "*20", "sys.ready")
	if a := s.state("a01", acd.AgentBusyOwn); a.Own != 1 || a.Free(acd.Voice, s.now) {
		t.Fatalf("offered although on a call of his own: %+v", a)
	}
	s.OwnCall("101", "second", true)
	s.OwnCall("101", "second", true)
	s.OwnCall("101", "never", false)
	if a := s.state("a01", acd.AgentBusyOwn); a.Own != 2 {
		t.Errorf("%d calls", a.Own)
	}
	s.OwnCall("101", "before", false)
	s.state("a01", acd.AgentBusyOwn)
	s.now += 5000
	s.OwnCall("101", "second", false)
	if a := s.state("a01", acd.AgentReady); a.IdleSince != s.now {
		t.Error("the idle clock did not restart")
	}

	s.dial("101", "*21", "sys.paused")
	s.OwnCall("101", "in pause", true)
	s.state("a01", acd.AgentPaused)
	s.dial("101", "*20", "sys.ready")
	s.state("a01", acd.AgentBusyOwn)
	s.OwnCall("101", "in pause", false)

	s.talk("c/1", "a01")
	s.OwnCall("101", "second line", true)
	s.state("a01", acd.AgentBusy)
	s.hangUp("c/1")
	s.state("a01", acd.AgentWrapup)
	s.dial("101", "*23", "sys.wrapup_ended")
	s.state("a01", acd.AgentBusyOwn)
	s.OwnCall("101", "second line", false)

	s.talk("d/1", "a01")
	s.hangUp("d/1")
	s.OwnCall("101", "in wrap-up", true)
	if a := s.state("a01", acd.AgentBusyOwn); !a.Due.Never() {
		t.Error("the after-call timer runs on")
	}
	s.OwnCalls(nil) // Asterisk lists none: its end was missed
	s.state("a01", acd.AgentReady)
	s.OwnCalls(map[string]acd.PhoneID{"x": "101", "y": "101", "z": "999"})
	if a := s.state("a01", acd.AgentBusyOwn); a.Own != 2 {
		t.Errorf("%d calls", a.Own)
	}
	s.OwnCall("102", "nobody there", true)
	s.dial("101", "*22", "sys.logged_out")
	s.OwnCall("101", "x", false)
	if a := s.state("a01", acd.AgentOffline); a.Own != 0 {
		t.Errorf("%d calls of nobody", a.Own)
	}
}

func TestBriefingOfADesk(t *testing.T) {
	t.Parallel()
	s := newSwitchboard(t)
	if b := s.Briefing(acd.Leg{Reason: "rdv"}, "a01", s.now); !b.Name || b.Lang != "fr" {
		t.Errorf("%+v", b)
	}
	if b := s.Briefing(acd.Leg{Reason: "rdv"}, "gone", s.now); b.Name || b.Lang != "fr" || len(b.Prompts) != 1 {
		t.Errorf("%+v", b)
	}
	r, err := NewRoster([]Person{{ID: "a01", Lang: "en", Briefing: BriefingBeep}}, nil, "en")
	if err != nil {
		t.Fatal(err)
	}
	s.SetRoster(r)
	if b := s.Briefing(acd.Leg{Reason: "rdv"}, "a01", s.now); b.Lang != "en" || b.Prompts[0].ID != "sys.beep" {
		t.Errorf("after a reload: %+v", b)
	}
}

// Everybody dials, calls and reloads at once; what is left is what Asterisk lists.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	s := newSwitchboard(t)
	roster := s.roster.Load()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			phone := acd.PhoneID(fmt.Sprint(101 + i%3))
			for n := range 50 {
				s.Feature(t.Context(), phone, []string{"*20", "*21", "*22", "*201#1111", "*202#9"}[(n+i)%5])
				s.OwnCall(phone, fmt.Sprint(i), n%2 == 0)
				s.PhoneRegistered(phone, n%7 != 0)
				s.SetRoster(roster)
				s.Briefing(acd.Leg{}, "a01", 0)
			}
		})
	}
	all.Wait()
	s.OwnCalls(nil)
	seats := map[acd.PhoneID]acd.AgentID{}
	for _, a := range s.book.Agents() {
		if a.Own != 0 || a.State == acd.AgentBusyOwn {
			t.Errorf("%s is %s with %d calls", a.ID, a.State, a.Own)
		}
		if other, taken := seats[a.Phone]; taken && a.Phone != "" {
			t.Errorf("%s and %s sit at %s", other, a.ID, a.Phone)
		}
		seats[a.Phone] = a.ID
	}
	if len(maps.Collect(maps.All(seats))) == 0 {
		t.Error("nobody ever logged in")
	}
}

// What this node's Asterisk lists says nothing of people at another node's phones.
func TestOwnCallsOfAnotherNode(t *testing.T) {
	t.Parallel()
	s := newSwitchboard(t)
	s.fact(func(tx *acd.Tx) error {
		if err := tx.Login("a05", "201", "n2"); err != nil {
			return err
		}
		return tx.SetOwnCalls("a05", 1)
	})
	s.OwnCalls(nil)
	s.state("a05", acd.AgentBusyOwn)
}
