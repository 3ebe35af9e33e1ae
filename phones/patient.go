package phones

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// A Patient is one caller and what he came for.
type Patient struct {
	Phone   *Phone // the operator's trunk, or a telephone; many patients may share one
	Entry   string // number dialled: "3000"
	Keys    string // menu keys, each pressed after listening a little: "12", "0", ""
	Options CallOptions
	Temper  Temper
	Rand    *rand.Rand // his own: calls run at the same time
}

// How a visit ended, for the patient.
type VisitEnding string

const (
	VisitTalked  VisitEnding = "talked"  // spoke with a person
	VisitLeft    VisitEnding = "left"    // hung up before: patience used up
	VisitRefused VisitEnding = "refused" // the call was not answered
	VisitEnded   VisitEnding = "ended"   // the hospital hung up before a person answered
	VisitBroken  VisitEnding = "broken"  // the context ended
)

// A Visit is what a patient went through.
type Visit struct {
	Ending VisitEnding
	Waited time.Duration // from the answer until a person spoke, or until the end
	Talked time.Duration
	Voice  float64 // hertz of the person who answered, 0 when none
	Status int     // SIP status of a refused call
	Sound  Hearing // what he heard, of the whole call
}

// Visit places the call and lives it to its end: listens, presses keys, waits
// as long as his patience, talks to the person who answers, hangs up or lets
// the other do it. The error is nil whatever the ending, but for a call that
// could not be placed.
func (p Patient) Visit(ctx context.Context) (Visit, error) {
	// Drawn first and always, so that a seed gives the same person however the
	// call goes.
	patience, talk := p.Temper.Patience.Draw(p.Rand), p.Temper.Talk.Draw(p.Rand)
	hangsUp, vanishes := chance(p.Rand, p.Temper.HangUp), chance(p.Rand, p.Temper.Vanish)
	react := make([]time.Duration, len(p.Keys))
	for i := range react {
		react[i] = p.Temper.React.Draw(p.Rand)
	}

	options := p.Options
	if options.Tone == 0 {
		options.Tone = PatientVoice(p.Rand.IntN(voicesOfEach))
	}
	call, err := p.Phone.Call(ctx, p.Entry, options)
	if err != nil {
		return Visit{}, fmt.Errorf("visit: %w", err)
	}
	defer p.leave(ctx, call)
	visit := p.reach(ctx, call, react, patience)
	if visit.Ending == VisitTalked {
		started := time.Now()
		switch {
		case vanishes:
			if pause(call.ctx, talk/2) {
				call.Vanish()
			}
		default:
			converse(ctx, call, talk, hangsUp)
		}
		visit.Talked = time.Since(started)
	}
	visit.Sound = call.Ear().Hearing()
	return visit, nil
}

// reach goes from the dialling to a person's voice, within the patience.
func (p Patient) reach(ctx context.Context, call *Call, react []time.Duration, patience time.Duration) Visit {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errPatience)
	defer cancel()
	started := time.Now()
	if err := call.WaitAnswered(ctx); err != nil {
		var status *StatusError
		if errors.As(err, &status) {
			return Visit{Ending: VisitRefused, Waited: time.Since(started), Status: status.Code}
		}
		return Visit{Ending: endingOf(err), Waited: time.Since(started)}
	}
	started = call.Moments().Answered
	for i, key := range p.Keys {
		err := call.Ear().WaitEnergy(ctx)
		if err == nil && !pause(ctx, react[i]) {
			err = context.Cause(ctx)
		}
		if err == nil {
			err = call.Press(ctx, string(key))
		}
		if err != nil {
			return Visit{Ending: endingOf(err), Waited: time.Since(started)}
		}
	}
	voice, err := call.Ear().WaitVoice(ctx, agentVoices...)
	if err != nil {
		return Visit{Ending: endingOf(err), Waited: time.Since(started)}
	}
	return Visit{Ending: VisitTalked, Waited: time.Since(started), Voice: voice}
}

var errPatience = errors.New("patience used up")

func endingOf(err error) VisitEnding {
	switch {
	case errors.Is(err, errPatience):
		return VisitLeft
	case errors.Is(err, errCallOver):
		return VisitEnded
	}
	return VisitBroken
}

// leave hangs up what is left of the call.
func (p Patient) leave(ctx context.Context, call *Call) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeGrace)
	defer cancel()
	_ = call.Hangup(ctx) // the other side may be gone: that is its matter
}

// courtesy is how long someone who does not hang up first waits for the other
// to do it, as a part of the talk.
const courtesy = 2

// converse talks for the duration and hangs up, or waits for the other to hang
// up and does it himself after twice the time.
func converse(ctx context.Context, call *Call, talk time.Duration, hangsUp bool) {
	if !hangsUp {
		talk *= courtesy
	}
	_ = Talk(talk).Do(ctx, call) // an error is the other's hang-up
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeGrace)
	defer cancel()
	_ = call.Hangup(ctx)
}
