package app

import (
	"context"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
	"accueil/agents"
	"accueil/asterisk"
	"accueil/calls"
)

// causeNoMedia is the Q.850 cause with which Asterisk ends a channel whose audio stopped coming
// (rtp_timeout; AST_CAUSE_REQUESTED_CHAN_UNAVAIL).
const causeNoMedia = 44

// claimLimit bounds the answer to an offered caller; after 500 ms the offer is over anyway.
const claimLimit = 400 * time.Millisecond

// translator turns Asterisk's events into what the call control and the desk call them. It runs on
// the one goroutine that delivers events, so it never waits: what does, runs beside it.
type translator struct {
	lines     *lines
	calls     *calls.Controller
	desk      *agents.Desk
	phonesApp string
	phone     func(endpoint string) (acd.PhoneID, bool)
	claims    func() bool // whether new callers are taken
	log       *zap.Logger

	// leaving holds callers' channels whose hang-up was announced: their StasisEnd is an end. One that
	// leaves unannounced is alive in the dialplan, in the safety net.
	leaving map[string]bool
	wg      sync.WaitGroup
}

// callEvents are the types that handle reads of the call application's events; Asterisk sends no other.
var callEvents = []string{
	"CallBroadcast", "StasisStart", "ChannelHangupRequest", "StasisEnd", "ChannelDestroyed", "ChannelDtmfReceived",
	"PlaybackFinished", "RecordingFinished", "RecordingFailed", "ChannelHold", "ChannelUnhold", "ChannelEnteredBridge",
}

func (t *translator) handle(e asterisk.Event) {
	if e.App() == t.phonesApp {
		t.phoneEvent(e)
		return
	}
	switch e := e.(type) {
	case *asterisk.CallBroadcast:
		if t.claims() {
			t.beside(claimLimit, func(ctx context.Context) { t.claim(ctx, e.Channel.ID) })
		}
	case *asterisk.StasisStart:
		t.started(e)
	case *asterisk.ChannelHangupRequest:
		t.leaving[e.Channel.ID] = true
		// A soft one is Asterisk's own, a conversation without audio for instance: why is told at the end.
		if strings.HasPrefix(e.Channel.ID, "acc.") && (e.Soft == nil || !*e.Soft) {
			t.calls.Leaving(e.Channel.ID)
		}
	case *asterisk.StasisEnd:
		t.ended(e.Channel.ID)
	case *asterisk.ChannelDestroyed:
		t.destroyed(e)
	case *asterisk.ChannelDtmfReceived:
		if len(e.Digit) == 1 {
			t.calls.Key(e.Channel.ID, e.Digit[0])
		}
	case *asterisk.PlaybackFinished:
		t.calls.Played(e.Playback.ID, e.Playback.State == "failed")
	case *asterisk.RecordingFinished:
		t.calls.Recorded(e.Recording.Name)
	case *asterisk.RecordingFailed:
		t.calls.Recorded(e.Recording.Name)
	case *asterisk.ChannelHold:
		t.calls.Held(e.Channel.ID, true)
	case *asterisk.ChannelUnhold:
		t.calls.Held(e.Channel.ID, false)
	case *asterisk.ChannelEnteredBridge:
		if e.Channel != nil {
			t.calls.Entered(e.Bridge.ID, e.Channel.ID)
		}
	}
}

// beside runs what has to wait for Asterisk, without holding up the events behind it.
func (t *translator) beside(limit time.Duration, do func(context.Context)) {
	t.wg.Add(1)
	go func() {
		defer t.wg.Done()
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		do(ctx)
	}()
}

// wait returns when nothing runs beside any more.
func (t *translator) wait() { t.wg.Wait() }

func (t *translator) claim(ctx context.Context, channel string) {
	if _, err := t.lines.tel.Claim(ctx, channel); err != nil {
		t.log.Warn("an offered caller could not be claimed; the dialplan's net has him", zap.Error(err))
	}
}

// started: a channel has entered our application, with the arguments that say what it is.
func (t *translator) started(e *asterisk.StasisStart) {
	if len(e.Args) == 0 {
		t.log.Warn("a channel entered without saying what it is", zap.String("channel_id", e.Channel.ID))
		return
	}
	switch e.Args[0] {
	case "call":
		if len(e.Args) < 3 {
			return
		}
		c := t.lines.channel(e.Channel)
		c.Ours, c.Entry, c.Trunk = true, acd.EntryID(e.Args[1]), acd.TrunkID(e.Args[2])
		t.calls.Arrived(c)
	case "feature":
		phone, ok := t.phone(endpointOf(e.Channel.Name))
		if ok && len(e.Args) > 1 {
			t.calls.Feature(e.Channel.ID, phone, e.Args[1])
		}
	case "leg":
		t.calls.Answered(e.Channel.ID)
	}
}

// endpointOf returns the endpoint in a channel's name: "PJSIP/101-0000000a".
func endpointOf(name string) string {
	name = strings.TrimPrefix(name, "PJSIP/")
	if i := strings.LastIndexByte(name, '-'); i > 0 {
		return name[:i]
	}
	return ""
}

// ended: a channel has left our application. A leg of ours tells more when it is destroyed; of a
// caller's nothing more comes (ARI.md §1.4), and nothing more is needed.
func (t *translator) ended(channel string) {
	if strings.HasPrefix(channel, "acc.") {
		return
	}
	if t.leaving[channel] {
		delete(t.leaving, channel)
		t.calls.Gone(channel, "", false)
		return
	}
	t.calls.TakenByNet(channel)
}

// destroyed: a channel is no more. For one that we rang the cause says how the ring ended.
func (t *translator) destroyed(e *asterisk.ChannelDestroyed) {
	id := e.Channel.ID
	delete(t.leaving, id)
	tech := 0
	if e.TechCause != nil {
		tech = *e.TechCause
	}
	ending := ending(asterisk.CauseEnding(e.Cause, tech, t.lines.forget(id)))
	t.calls.Gone(id, ending, e.Cause == causeNoMedia)
}

func ending(e asterisk.Ending) acd.Ending {
	switch e {
	case asterisk.EndingBusy:
		return acd.Busy
	case asterisk.EndingRefused:
		return acd.Refused
	case asterisk.EndingNoAnswer:
		return acd.NoAnswer
	case asterisk.EndingUnreachable:
		return acd.AgentGone
	}
	return acd.OfferFailed
}

// phoneEvent is what the phones' application tells: registrations, and calls that are no contact.
func (t *translator) phoneEvent(e asterisk.Event) {
	switch e := e.(type) {
	case *asterisk.EndpointStateChange:
		t.registered(e.Endpoint.Resource, e.Endpoint.State == "online")
	case *asterisk.ContactStatusChange:
		switch e.ContactInfo.ContactStatus {
		case "Reachable", "Created", "Updated", "NonQualified":
			t.registered(e.Endpoint.Resource, true)
		case "Unreachable", "Removed":
			t.registered(e.Endpoint.Resource, false)
		}
	case *asterisk.ChannelCreated:
		if t.ownCall(e.Channel) {
			t.own(e.Channel, true)
		}
	case *asterisk.ChannelDestroyed:
		t.own(e.Channel, false)
	}
}

// ownCall reports whether a channel on a phone is a call of the person there: not one of ours, and
// no code dialled.
func (t *translator) ownCall(ch asterisk.Channel) bool {
	return !strings.HasPrefix(ch.ID, "acc.") && !strings.HasPrefix(ch.Dialplan.Exten, "*")
}

func (t *translator) own(ch asterisk.Channel, up bool) {
	if phone, ok := t.phone(endpointOf(ch.Name)); ok {
		t.desk.OwnCall(phone, ch.ID, up)
	}
}

func (t *translator) registered(endpoint string, yes bool) {
	if phone, ok := t.phone(endpoint); ok {
		t.desk.PhoneRegistered(phone, yes)
	}
}
