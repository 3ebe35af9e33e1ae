package calls

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"accueil/acd"
)

// Bounds of the steps. Each wait of a machine has one; nothing waits for an event alone.
const (
	netDelay     = 170 * time.Second // the net catches a caller whom nobody re-arms for this long: a phone rings within three minutes
	answerAgain  = time.Second       // after Asterisk would not answer a caller for us
	netEvery     = 60 * time.Second  // so we re-arm it this often, between prompts
	netTalking   = 4 * time.Hour     // set just before bridging
	settleTime   = 12 * time.Second  // no prompt that an earlier process began lasts longer
	joinLimit    = time.Second       // both channels seen in the bridge (ARI.md §1.5)
	acceptLimit  = 10 * time.Second  // a phone behind a trunk presses 1
	briefLimit   = 10 * time.Second  // no briefing is longer, whatever its length says
	mediaEvery   = 100 * time.Millisecond
	mediaNext    = 40 * time.Millisecond // two packets' time: whoever sends is heard again by then
	mediaQuiet   = 3 * time.Second       // an agent of whom nothing more comes for this long has vanished (decision 0011)
	mediaLimit   = 10 * time.Second      // an agent who is not heard after this was never there (SCENARIOS C11)
	ringGrace    = 2 * time.Second       // Asterisk's own ring timer ends first
	outRing      = 20 * time.Second      // a ward that does not answer gives the patient back
	returnHold   = 15 * time.Second      // a returned patient is kept for the sender this long
	digitFirst   = 8 * time.Second
	digitNext    = 4 * time.Second
	codeWindow   = 3 * time.Second // between * and the digit of an in-call code
	playGrace    = 2 * time.Second // a playback that has not ended by then never will (ARI.md §1.7)
	cleanupLimit = 5 * time.Second
)

// faultGrace: a playback fails first when its caller hangs up; only one whose caller is still there
// after this is a fault. He hears the sound that follows his prompts meanwhile.
const faultGrace = 300 * time.Millisecond

// Music classes, defined in the Asterisk configuration we write.
const (
	MusicWaiting = "accueil-music" // in a queue, on hold
	MusicSoft    = "accueil-soft"  // after a prompt, so that there is never silence
)

type phase int

const (
	inMenu phase = iota
	inQueue
	ringing  // an agent's phone rings
	briefing // the agent has answered; the caller still hears music
	joining  // both are being put into the bridge
	talking
	dialling  // the agent keys the destination of a transfer; the caller hears music
	consulted // a briefed transfer: the destination rings or talks to the agent
	ringsOut  // an extension rings for the caller
	calling   // an agent who has been briefed calls the person back
	inMessage // the caller leaves a message, or has left one
	surveying // the agent has hung up, the caller answers questions
	putting   // it is over but for a message that is being put away
	over
)

func (p phase) String() string {
	return [...]string{"menu", "queue", "ringing", "briefing", "joining", "talking", "dialling", "consulted", "rings_out", "calling", "voicemail", "survey", "putting", "over"}[p]
}

type timer int

const (
	tNet timer = iota
	tAnswer
	tPlay
	tFault
	tListen
	tMaxWait
	tClosing // of the queue
	tRing
	tBrief
	tAccept
	tMedia
	tMediaLimit
	tJoin
	tCode
	tDigits
	tOut
	tSettle
	tLookup // of a question to the world outside
	tRecord // of a recording, and of putting it away
	tCleanup
	timers // how many there are
)

// party is one channel of the contact.
type party struct {
	id      string
	up      bool     // answered
	plays   []string // playbacks posted and not ended, in order
	music   string   // class of the music that plays, or follows the playbacks
	entered bool     // seen in the bridge
}

func (p party) alive() bool { return p.id != "" }

func (p party) speaking() bool { return len(p.plays) > 0 }

// environment is what a machine may look up; none of it waits.
type environment struct {
	book   Book
	voice  Voice
	plan   Plan
	desk   Desk
	router Router
	around Surroundings
	// personal is who calls from a number, as far as the site knows; nil where it knows nobody.
	personal func(number string) acd.Personal
	// boot makes ids of this process differ from an earlier one's.
	boot string
}

// machine is the life of one contact. It belongs to one goroutine.
type machine struct {
	env     environment
	contact acd.ContactID
	leg     acd.LegID
	entry   acd.EntryID
	trunk   acd.TrunkID

	phase  phase
	script acd.Script
	lang   acd.Lang
	caller party
	agent  party // the agent's phone
	third  party // an extension that rings for the caller, or the other side of a consultation
	bridge string
	// side is the bridge of a consultation, beside the caller's.
	side string

	offer     acd.Offer
	agentID   acd.AgentID
	barge     bool
	after     acd.Ask // AskListen or AskWait to start when the speech ends
	thirdEnd  Endpoint
	outID     string // of the channel that rings an extension, chosen before it is
	accepting bool   // the far end must press 1
	code      []byte
	wish      TransferKind
	target    Target
	named     acd.AgentID // to whom the caller was handed by name, until that is settled
	netLate   bool        // the net is to be re-armed when the prompt ends
	apology   bool        // what is being said is ours, not the script's
	unsaid    bool        // something the script asked for could not be spoken
	asked     wish        // what the script asked for last
	refused   wish        // the first that did not take the caller
	packets   int         // of the agent's audio, at the end of his briefing
	counted   acd.Instant // when that was
	held      bool        // the far end's own hold button is pressed
	overdue   bool        // has waited as long as allowed, while a phone rang
	faults    int
	early     bool // Asterisk would not answer the caller for us: he was only being offered, or it refuses commands
	finished  bool
	parting   bool // concluded; the rest is let go when the agent's channel has ended
	// confirming: the agent hears that his transfer is on its way; tries counts unknown numbers.
	confirming bool
	tries      int
	kind       acd.CallerKind
	slow       bool            // he is spoken to slowly
	told       acd.Told        // of his wait
	questions  int             // asked of the world outside
	answer     acd.HeardLookup // to the last one, until its time is over
	identity   bool            // it is about who calls
	sending    bool            // the last question is whether a text was sent

	past     Past              // of his number
	callable bool              // his number can be rung
	mayKey   func(string) bool // whether he may be called back at that number; nil: yes
	owed     bool              // this leg calls its person back, who is not on the line
	missed   acd.AttemptResult // how the attempt ended that the agent is being told of, or notDialled

	rec       capturing         // the recording under way
	takes     map[string]taking // recordings that are being put away
	message   string            // id of the one that the caller leaves
	saidAt    acd.Instant       // when he began it
	asks      []acd.Ask         // of the survey, until the agent's channel has gone
	last      acd.End           // of a contact whose message is being put away, and the phase it was in
	lastPhase phase

	seq       int
	deadlines [timers]acd.Instant
	settled   acd.Instant // of an adopted call: see unsettled
	stated    string
	out       []Action
	now       acd.Instant
}

// handle takes one event at an instant and returns what is to be done.
func (m *machine) handle(ev Event, now acd.Instant) []Action {
	m.now, m.out = now, nil
	spoke := m.caller.speaking()
	switch ev := ev.(type) {
	case evBegin:
		m.begin()
	case evArrived:
		m.arrived()
	case evGone:
		m.gone(ev)
	case evLeaving:
		m.leaving(ev)
	case evUp:
		m.answered(ev)
	case evKey:
		m.key(ev)
	case evPlayed:
		m.played(ev)
	case evEntered:
		m.entered(ev)
	case evHold:
		m.phoneHolds(ev)
	case evHeard:
		m.heard(ev)
	case evLog:
		m.logged(ev)
	case evEnqueued:
		m.enqueued(ev)
	case evLookup:
		m.foundOut(ev)
	case evSMS:
		m.texted(ev)
	case evRecorded:
		m.recorded(ev)
	case evTaken:
		m.taken(ev)
	case evFound:
		m.found(ev)
	case evTick:
		m.tick()
	case evTransfer:
		m.transferAsked(ev)
	case evDeserted:
		m.desertedBy(ev)
	case evFault:
		m.fault(ev)
	case evRestored:
		m.restored(ev.Found)
	}
	m.state(spoke)
	return m.out
}

func (m *machine) do(a Action) { m.out = append(m.out, a) }

func (m *machine) record(kind acd.Kind, build func(*acd.Tx) error) { m.do(doRecord{kind, build}) }

// id returns a name for a playback or bridge of this contact that no earlier process has used.
func (m *machine) id(what string) string {
	m.seq++
	return fmt.Sprintf("acc.%s.%s%s%d", m.contact, what, m.env.boot, m.seq)
}

// --- timers ---------------------------------------------------------------------------------------

func (m *machine) arm(t timer, d time.Duration) { m.deadlines[t] = m.now.Add(d) }

func (m *machine) disarm(ts ...timer) {
	for _, t := range ts {
		m.deadlines[t] = 0
	}
}

// next is the machine's earliest deadline.
func (m *machine) next() acd.Instant {
	var first acd.Instant
	for _, d := range m.deadlines {
		first = acd.Earliest(first, d)
	}
	return first
}

func (m *machine) tick() {
	for t := range timers {
		if m.deadlines[t].Reached(m.now) {
			m.deadlines[t] = 0
			m.expired(t)
		}
	}
}

func (m *machine) expired(t timer) {
	switch t {
	case tNet:
		m.rearm()
	case tAnswer:
		m.arrived()
	case tPlay:
		// The playback never told its end: go on as if it had (ARI.md §1.7).
		if m.caller.speaking() {
			m.hush(&m.caller)
			m.spoken()
		}
	case tFault:
		if m.phase == calling {
			m.personHeard()
			return
		}
		m.hear(acd.HeardFault{})
	case tListen:
		m.listenOver()
	case tMaxWait:
		// A phone that rings for the caller at this instant may yet be answered: the queue gives up only
		// when nobody is being called.
		if m.waitsOn() {
			return
		}
		if m.overdue = m.phase != inQueue; !m.overdue {
			m.hear(acd.HeardRefused{Why: m.gaveUp()})
		}
	case tClosing:
		m.closingTime()
	case tRing:
		m.ringOver(acd.NoAnswer)
	case tBrief:
		m.hush(&m.agent)
		if m.missed != "" {
			m.attemptOver()
			return
		}
		m.briefed()
	case tAccept:
		m.notAccepted()
	case tMedia:
		if m.phase == briefing && m.agent.alive() {
			m.do(doListen{m.agent.id})
		}
	case tMediaLimit:
		if m.phase == briefing {
			m.offerFailed(acd.OfferFailed, acd.UnreachableMedia)
		}
	case tJoin:
		m.joinFailed()
	case tCode:
		m.code = nil
	case tDigits:
		m.digitsOver()
	case tOut:
		switch m.phase {
		case ringsOut, consulted:
			m.outOver(acd.NoAnswer)
			return
		case calling:
			m.unreached(acd.AttemptNoAnswer)
			return
		}
		m.namedAway()
	case tSettle:
		m.waitAnew()
	case tLookup:
		m.answerOver()
	case tRecord:
		m.captureOver()
	case tCleanup:
		m.cleanup()
	}
}

// rearm keeps the dialplan's net away for another while. Setting it behind a prompt would wait for
// the prompt's end (DESIGN §9), so it is then done when that comes.
func (m *machine) rearm() {
	if m.phase == joining || m.phase == talking || m.phase == over || !m.caller.up || !m.caller.alive() {
		return // in conversation the net is far away
	}
	m.arm(tNet, netEvery)
	if m.caller.speaking() || m.rec.id != "" { // a recording has the net for as long as it may last
		m.netLate = true
		return
	}
	m.netLate = false
	m.net(netDelay)
}

// net sets when the dialplan takes the caller if nobody renews it.
func (m *machine) net(d time.Duration) { m.do(doNet{m.caller.id, d, m.unsettled()}) }

// unsettled reports whether a prompt that an earlier process began may still be speaking to the
// caller: what is asked of his channel meanwhile is done at its end.
func (m *machine) unsettled() bool { return m.now < m.settled }

// --- sound of the caller ---------------------------------------------------------------------------

// state writes what the channel remembers when that has changed, unless a prompt runs: before one that
// begins now, else at the end (DESIGN §9). spoke says that one ran already when the event came. What a
// recovery would not tell apart (an agent who answers, a destination being keyed) is not written again,
// nor what the answer to a decision is about to change.
func (m *machine) state(spoke bool) {
	at := slices.IndexFunc(m.out, func(a Action) bool {
		if c, ok := a.(doCapture); ok {
			return c.Channel == m.caller.id
		}
		p, ok := a.(doPlay)
		return ok && p.Channel == m.caller.id
	})
	if at < 0 {
		at, spoke = len(m.out), m.caller.speaking() || m.rec.id != ""
	}
	if !m.caller.alive() || !m.caller.up || spoke || m.phase == over || m.phase == joining || m.phase == putting || m.parting || m.unsettled() || m.asksPlace() {
		return
	}
	p := packed{Leg: m.legImage(), Phase: strconv.Itoa(stretchOf(m.phase.String()))}
	p.Leg.ID, p.Leg.Lang, p.Leg.Told = m.leg, m.lang, m.told
	if m.rec.id != "" && m.phase == inMessage && p.Leg.Recording == "" {
		p.Leg.Recording = m.rec.id
	}
	if m.script != nil {
		p.Leg.Kept = m.script.Kept()
	}
	if m.script != nil && m.phase == inMenu {
		p.Node = m.script.Node()
	}
	bridged := p.Leg.Bridged
	p.Leg.Bridged = 0 // known only after the first word of a conversation is out, whose instant it is
	if s := packState(p); s != m.stated {
		m.stated, p.Phase, p.At, p.Leg.Bridged = s, m.phase.String(), m.now, bridged
		m.out = slices.Insert(m.out, at, Action(doState{m.caller.id, packState(p)}))
	}
}
