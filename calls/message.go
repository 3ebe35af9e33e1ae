package calls

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
)

// Messages puts away what callers say. Both methods may be repeated.
type Messages interface {
	// Take puts a recording away that is over, or is about to be, and tells what is in it; ErrGone when
	// there is none. After any other error the file stays where it is, and is put away later.
	Take(ctx context.Context, recording string) (Taken, error)
	// Drop erases one that nobody wants.
	Drop(ctx context.Context, recording string) error
}

// Taken is what there is in a recording.
type Taken struct {
	Length time.Duration // of the file
	Said   time.Duration // from its beginning to the last sound in it; 0 for silence
}

// Capture is one recording of a channel.
type Capture struct {
	Channel, Recording string
	Max, Silence       time.Duration // # ends it too
}

// Bounds of a recording. The file is looked at in the end whatever Asterisk says of it (ARI.md §1.9).
const (
	captureMost  = 10 * time.Minute
	captureGrace = 5 * time.Second  // Asterisk's own limit comes first
	takeLimit    = 15 * time.Second // to put a recording away; the caller hears the soft sound meanwhile
	leaveLimit   = 20 * time.Second // nobody is there any more: the end of the contact waits for his message
	foundLimit   = 3 * time.Second  // to hear whether one goes on that an earlier process began
	captureShort = 3 * time.Second  // a file that is shorter than its recording by more has lost something
)

// noMessage is the reason of the end of a caller who could have left a message, as scenarios say it.
const noMessage = "no_message"

// errNoMessages says that the program was built without a place for messages.
var errNoMessages = errors.New("there is no place for recordings")

// lostAsk are the bounds of a recording that an earlier process began; what the scenario says is not known.
var lostAsk = acd.AskRecord{Max: 5 * time.Minute, Min: 2 * time.Second, Silence: 5 * time.Second}

// capturing is a recording under way.
type capturing struct {
	id    string // of the file; empty for none
	ask   acd.AskRecord
	since acd.Instant
}

// taking is a recording that is over and being put away.
type taking struct {
	acd.AskRecord
	since   acd.Instant // when it began
	lasted  time.Duration
	told    bool // the script waits to hear of it
	comment bool // on the survey
	dropped bool // nobody wants it any more
}

type (
	// evRecorded: Asterisk says that a recording is over.
	evRecorded struct{ Recording string }
	// evTaken: a recording is put away, or could not be.
	evTaken struct {
		Recording string
		Taken     Taken
		Err       error
	}
	// evFound: whether a recording that an earlier process began goes on.
	evFound struct {
		Recording string
		Live      bool
	}

	doCapture     struct{ Capture }
	doStopCapture struct{ Recording string }
	doFind        struct{ Recording string } // evFound
	doTake        struct{ Recording string } // evTaken
	doDrop        struct{ Recording string }
)

func (evRecorded) isEvent() {}
func (evTaken) isEvent()    {}
func (evFound) isEvent()    {}

func (doCapture) isAction()     {}
func (doStopCapture) isAction() {}
func (doFind) isAction()        {}
func (doTake) isAction()        {}
func (doDrop) isAction()        {}

// --- the machine ----------------------------------------------------------------------------------

// capture begins to record the caller. The sound that follows is posted behind the recording, so that
// its end, whatever it is, leaves no silence.
func (m *machine) capture(a acd.AskRecord) {
	if m.phase == ringing || m.phase == briefing || m.phase == inQueue {
		m.leaveQueue()
	}
	if m.phase != inMenu && m.phase != inMessage && m.phase != surveying {
		return
	}
	a.Max = min(max(a.Max, time.Second), captureMost)
	m.rec = capturing{m.id("r"), a, m.now}
	if m.phase != surveying {
		m.toMessage(a.Reason)
	}
	m.do(doStopMusic{m.caller.id})
	m.net(a.Max + netDelay)
	m.do(doCapture{Capture{m.caller.id, m.rec.id, a.Max, a.Silence}})
	m.caller.music = MusicSoft
	m.do(doMusic{m.caller.id, MusicSoft})
	m.arm(tRecord, a.Max+captureGrace)
}

func (m *machine) toMessage(reason acd.ReasonID) {
	m.phase = inMessage
	leg, wanted := m.leg, m.wanted()
	msg := acd.Message{Recording: m.rec.id, Reason: reason, Path: m.script.Path()}
	m.record(acd.KindMessage, func(tx *acd.Tx) error {
		if err := wanted(tx); err != nil {
			return err
		}
		return tx.ToMessage(leg, msg)
	})
}

// stopCapture ends a recording because the call goes elsewhere. What was said is kept if it is a message.
func (m *machine) stopCapture() {
	if m.rec.id == "" {
		return
	}
	m.do(doStopCapture{m.rec.id})
	m.take(false)
}

// take puts the recording away that is over; told says that the script waits to hear of it.
func (m *machine) take(told bool) {
	rec := m.rec
	m.rec = capturing{}
	if m.takes == nil {
		m.takes = map[string]taking{}
	}
	m.takes[rec.id] = taking{AskRecord: rec.ask, since: rec.since, lasted: m.now.Sub(rec.since), told: told, comment: m.phase == surveying}
	m.do(doTake{rec.id})
	m.arm(tRecord, takeLimit)
}

func (m *machine) recorded(ev evRecorded) {
	if ev.Recording == m.rec.id && m.rec.id != "" {
		m.take(true)
	}
}

// taken: what a recording has in it is known.
func (m *machine) taken(ev evTaken) {
	t, ok := m.takes[ev.Recording]
	if !ok {
		return
	}
	delete(m.takes, ev.Recording)
	kept := ev.Err == nil && ev.Taken.Said > 0 && ev.Taken.Said >= t.Min && !t.dropped
	if m.phase == putting && ev.Err != nil && !errors.Is(ev.Err, ErrGone) {
		m.owe(ev.Recording, t)
	}
	fault := ev.Err != nil || !kept && !t.dropped && ev.Taken.Length+t.Silence+captureShort < t.lasted
	switch {
	case !kept && ev.Err == nil:
		m.do(doDrop{ev.Recording})
	case kept && t.comment:
		leg, comment := m.leg, acd.Survey{Comment: ev.Recording}
		m.record(acd.KindSurveyed, func(tx *acd.Tx) error { return tx.Surveyed(leg, comment) })
	case kept:
		m.keep(ev.Recording, t.since)
	}
	if len(m.takes) == 0 && m.rec.id == "" {
		m.disarm(tRecord)
	}
	switch {
	case m.phase == putting:
		m.putAway()
	case t.told:
		m.recordingOver(acd.HeardRecorded{Kept: kept, Fault: fault})
	}
}

// keep makes the recording the caller's message; an earlier one is no more, also where it was the later one
// to be put away.
func (m *machine) keep(recording string, since acd.Instant) {
	old := m.message
	if old != "" && since < m.saidAt {
		m.do(doDrop{recording})
		return
	}
	if old != "" && old != recording {
		m.do(doDrop{old})
	}
	m.message, m.saidAt = recording, since
	leg := m.leg
	m.record(acd.KindLegChanged, func(tx *acd.Tx) error {
		return tx.Edit(leg, func(l *acd.Leg) { l.Recording = recording })
	})
}

// owe keeps a recording of which nobody knows yet what is in it, and whose caller has left: rather a
// silent message than a lost one. Its file is put away when that is possible again.
func (m *machine) owe(recording string, t taking) {
	if !t.dropped && !t.comment && t.lasted >= t.Min && m.message == "" {
		m.message = recording
	}
}

// recordingOver tells the script that a recording is over. One with nothing to say to that (its scenario has lost
// the node while its controller was away) ends the call.
func (m *machine) recordingOver(in acd.HeardRecorded) {
	if !m.hear(in) && (m.phase == inMessage || m.phase == surveying) {
		m.end(acd.End{Outcome: acd.Abandoned, Reason: noMessage, By: acd.ByFlow})
	}
}

// captureOver: Asterisk has not told the end of a recording, or nobody has told what is in one.
func (m *machine) captureOver() {
	switch {
	case m.phase == putting:
		for id, t := range m.takes {
			m.owe(id, t)
		}
		m.takes = nil
		m.putAway()
	case m.rec.id != "":
		m.do(doStopCapture{m.rec.id})
		m.take(true)
	default:
		takes := m.takes
		m.takes = nil
		for _, t := range takes {
			if t.told {
				m.recordingOver(acd.HeardRecorded{Fault: true})
				return
			}
		}
	}
}

// dropMessages forgets what the caller has said: he talks with somebody instead.
func (m *machine) dropMessages() {
	if m.message != "" {
		m.do(doDrop{m.message})
		m.message = ""
	}
	for id, t := range m.takes {
		t.dropped, t.told = true, false
		m.takes[id] = t
	}
}

// parts ends the contact, unless a message of it is still being put away: then when that is done.
func (m *machine) parts(e acd.End) (waits bool) {
	if m.phase == putting {
		return true
	}
	wanted := func(t taking) bool { return !t.dropped }
	if m.rec.id != "" && m.caller.alive() {
		m.do(doStopCapture{m.rec.id})
	}
	if m.rec.id != "" {
		m.take(false)
	}
	waits = slices.ContainsFunc(slices.Collect(maps.Values(m.takes)), wanted)
	if !waits {
		return false
	}
	m.last, m.lastPhase, m.phase = e, m.phase, putting
	for t := range timers {
		m.deadlines[t] = 0
	}
	m.after = nil
	m.arm(tRecord, leaveLimit)
	if m.caller.alive() {
		m.do(doHangup{m.caller.id, HangupNormal})
	}
	return true
}

// putAway goes on with the end of a contact when its messages are put away.
func (m *machine) putAway() {
	if len(m.takes) == 0 {
		m.phase = m.lastPhase
		m.end(m.last)
	}
}

// verdict is how a contact ends: who has left a message has left a message, whatever he did then; who
// was answered and stayed for the survey was answered.
func (m *machine) verdict(e acd.End) acd.End {
	switch {
	case m.phase == surveying && e.Outcome != acd.Failed:
		e.Outcome = acd.Answered
	case m.phase != inMessage:
		if e.Outcome == acd.Voicemail {
			e.Outcome = acd.Abandoned // of no message
		}
	case e.Outcome == acd.Overflow:
		m.dropMessages() // somebody else has him
	case m.message != "" && e.Outcome != acd.Emergency:
		if e.Outcome, e.Fault = acd.Voicemail, ""; e.Reason == noMessage {
			e.Reason = ""
		}
	case e.Outcome == acd.Voicemail || !acd.MayEnd(acd.LegVoicemail, e.Outcome):
		e.Outcome = acd.Abandoned
	}
	return e
}

// --- after the conversation ---------------------------------------------------------------------

// surveys begins the survey when the agent hangs up on a caller who is to be asked. The agent is freed
// by the first thing that is done, as by the end of the contact; what the caller hears follows when the
// agent's channel has gone.
func (m *machine) surveys() bool {
	if m.script == nil || !m.caller.alive() || m.third.alive() || m.agentID == "" || m.legImage().Flagged {
		return false
	}
	asks := m.script.Handle(acd.HeardServed{}, m.scene())
	if len(asks) == 0 {
		return false
	}
	leg := m.leg
	m.phase, m.asks = surveying, asks
	m.disarm(tCode, tDigits, tJoin)
	m.arm(tNet, netEvery)
	m.record(acd.KindSurvey, func(tx *acd.Tx) error { return tx.StartSurvey(leg) })
	return true
}

// beginSurvey takes the caller out of the conversation and asks him.
func (m *machine) beginSurvey() {
	asks := m.asks
	m.asks, m.agentID, m.held = nil, "", false
	m.do(doLeave{m.bridge, []string{m.caller.id}})
	m.dropBridges()
	m.caller.entered = false
	m.net(netDelay)
	m.carry(asks)
}

// --- after a restart ------------------------------------------------------------------------------

// restoreMessage goes on with a recording, or with what follows one that has ended meanwhile.
func (m *machine) restoreMessage(l acd.Leg) {
	m.phase = inMessage
	if l.Recording == "" {
		m.phase = inMenu
		m.hear(acd.HeardStart{})
		return
	}
	m.net(netDelay)
	m.caller.music = MusicSoft // behind the recording
	m.rec = capturing{l.Recording, lostAsk, max(l.Since, m.now.Add(-captureMost))}
	m.do(doFind{l.Recording})
	m.arm(tRecord, foundLimit)
}

// found: whether the recording goes on. One that does ends by itself.
func (m *machine) found(ev evFound) {
	switch {
	case ev.Recording != m.rec.id || m.rec.id == "":
	case ev.Live:
		m.net(captureMost + netDelay)
		m.arm(tRecord, captureMost+captureGrace)
	default:
		m.rec.since = m.now // nobody knows how long it lasted
		m.take(true)
	}
}

// restoreSurvey ends a survey that was interrupted: nobody is asked twice.
func (m *machine) restoreSurvey(f Found) {
	m.phase = surveying
	m.net(netDelay)
	m.letAgentGo(HangupNormal)
	if f.Bridge != "" {
		m.do(doLeave{f.Bridge, []string{m.caller.id}})
		m.do(doDropBridge{f.Bridge})
	}
	bye := acd.AskHangup{Outcome: acd.Answered, Reason: "restart"}
	if !m.say([]acd.Prompt{{ID: "sys.survey_thanks"}}, MusicSoft) {
		m.ask(bye)
		return
	}
	m.after = bye
}

// --- the actor ------------------------------------------------------------------------------------

// find asks whether a recording goes on; one of which nothing is known does not.
func (a *actor) find(ctx context.Context, recording string) Event {
	live, err := a.c.opt.Telephony.Capturing(ctx, recording)
	return evFound{recording, live && err == nil}
}

// putAway does so beside the call.
func (a *actor) putAway(ctx context.Context, recording string) {
	a.c.wg.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, takeLimit) // a stop leaves it to the next process
		defer cancel()
		taken, err := a.c.take(ctx, recording)
		a.post(evTaken{recording, taken, err})
	})
}

// take puts a recording away and tells of it what may be told.
func (c *Controller) take(ctx context.Context, recording string) (Taken, error) {
	if c.opt.Messages == nil {
		return Taken{}, errNoMessages
	}
	taken, err := c.opt.Messages.Take(ctx, recording)
	switch {
	case err != nil:
		c.metrics.messages.WithLabelValues("failed").Inc()
		c.log.Error("a recording could not be put away; its file is looked for again", zap.String("recording", recording), zap.Error(err))
	case taken.Said == 0:
		c.metrics.messages.WithLabelValues("silent").Inc()
	default:
		c.metrics.messages.WithLabelValues("spoken").Inc()
	}
	return taken, err
}

func (a *actor) erase(ctx context.Context, recording string) {
	if a.c.opt.Messages == nil {
		return
	}
	a.c.wg.Go(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), takeLimit)
		defer cancel()
		if err := a.c.opt.Messages.Drop(ctx, recording); err != nil {
			a.c.log.Error("a recording that nobody wants could not be erased", zap.String("recording", recording), zap.Error(err))
		}
	})
}

// closeMessage ends, after an outage, the leg of a caller who was leaving a message: what he said until
// then has been left.
func (c *Controller) closeMessage(l acd.Leg, end acd.End) {
	c.wg.Go(func() {
		ctx, cancel := context.WithTimeout(c.ctx, takeLimit)
		defer cancel()
		taken, err := c.take(ctx, l.Recording)
		kept := taken.Said >= lostAsk.Min
		switch {
		case c.ctx.Err() != nil:
			return // the next process does it
		case err != nil:
			kept = !errors.Is(err, ErrGone) && !errors.Is(err, errNoMessages) // as owe
		case !kept:
			if err := c.opt.Messages.Drop(ctx, l.Recording); err != nil {
				c.log.Error("a silent recording could not be erased", zap.String("recording", l.Recording), zap.Error(err))
			}
		}
		if kept {
			end = acd.End{Outcome: acd.Voicemail, Reason: end.Reason, By: end.By}
		}
		id := l.ID
		c.opt.Book.Record(acd.KindEnded, func(tx *acd.Tx) error {
			now, err := tx.Leg(id)
			if err != nil || !now.Live() {
				return err
			}
			if !kept {
				if err := tx.Edit(id, func(l *acd.Leg) { l.Recording = "" }); err != nil {
					return err
				}
			}
			return c.env.endLeg(tx, id, end)
		})
	})
}

// Recorded: Asterisk says that a recording is over, well or not.
func (c *Controller) Recorded(recording string) {
	if a := c.owner(recording); a != nil {
		a.post(evRecorded{recording})
	}
}
