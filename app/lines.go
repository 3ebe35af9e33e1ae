package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"accueil/acd"
	"accueil/asterisk"
	"accueil/calls"
)

// netContext is the context of the dialplan's safety net (deploy/asterisk).
const netContext = "accueil-net"

// lines is Asterisk as the call control wants it: calls.Telephony over the ARI client.
type lines struct {
	tel *asterisk.Telephony
	app string // the call application

	mu   sync.Mutex
	rang map[string]time.Time // when each of our own channels was asked for
}

func newLines(tel *asterisk.Telephony, app string) *lines {
	return &lines{tel: tel, app: app, rang: map[string]time.Time{}}
}

// gone tells the one error that the call control treats as news rather than as a fault.
func gone(err error) error {
	if asterisk.IsNotFound(err) || asterisk.IsPrecondition(err) {
		return fmt.Errorf("%w: %w", calls.ErrGone, err)
	}
	return err
}

func (l *lines) Answer(ctx context.Context, channel string) error {
	return gone(l.tel.Answer(ctx, channel))
}

func (l *lines) Play(ctx context.Context, channel, playback string, media []string) error {
	return gone(l.tel.Play(ctx, channel, playback, media, ""))
}

func (l *lines) StopPlay(ctx context.Context, playback string) error {
	return gone(l.tel.StopPlayback(ctx, playback))
}

func (l *lines) StartMusic(ctx context.Context, channel, class string) error {
	return gone(l.tel.StartMOH(ctx, channel, class))
}

func (l *lines) StopMusic(ctx context.Context, channel string) error {
	return gone(l.tel.StopMOH(ctx, channel))
}

func (l *lines) Ring(ctx context.Context, o calls.Origination) error {
	l.mu.Lock()
	l.rang[o.Channel] = time.Now()
	l.mu.Unlock()
	vars := make(map[string]string, len(o.Headers))
	for name, value := range o.Headers {
		if value != "" {
			vars["PJSIP_HEADER(add,"+name+")"] = value
		}
	}
	err := l.tel.Originate(ctx, asterisk.OriginateSpec{
		ChannelID: o.Channel, Endpoint: o.Endpoint, AppArgs: []string{"leg"},
		CallerID: callerID(o.CallerName, o.CallerID), Timeout: o.Timeout,
		OriginatorChannel: o.Originator, Variables: vars,
	})
	switch {
	case err == nil || asterisk.IsConflict(err): // a conflict: an earlier try had its effect
		return nil
	case errors.Is(err, asterisk.ErrUnreachable):
		l.forget(o.Channel)
		return fmt.Errorf("%w: %w", calls.ErrUnreachable, err)
	}
	l.forget(o.Channel)
	return err
}

// callerID writes what a phone displays. Quotes and brackets would end the name early.
func callerID(name, number string) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`"<>\`, r) {
			return -1
		}
		return r
	}, name)
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, number)
	return fmt.Sprintf("%q <%s>", clean, digits)
}

// forget returns how long ago the channel was asked for, and forgets it.
func (l *lines) forget(channel string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	at, ok := l.rang[channel]
	if !ok {
		return 0
	}
	delete(l.rang, channel)
	return time.Since(at)
}

func (l *lines) Hangup(ctx context.Context, channel string, why calls.HangupWhy) error {
	reason := asterisk.HangupReason("")
	switch why {
	case calls.HangupElsewhere:
		reason = asterisk.HangupAnsweredElsewhere
	case calls.HangupBusy:
		reason = asterisk.HangupBusy
	}
	return gone(l.tel.Hangup(ctx, channel, reason))
}

// CreateBridge makes a mixing bridge that reports keys: in this order, or native media would hide
// them (ARI.md §1.8).
func (l *lines) CreateBridge(ctx context.Context, bridge string) error {
	return l.tel.CreateBridge(ctx, bridge, "mixing,dtmf_events", bridge)
}

func (l *lines) Join(ctx context.Context, bridge string, channels ...string) error {
	return gone(l.tel.AddChannels(ctx, bridge, channels...))
}

func (l *lines) Leave(ctx context.Context, bridge string, channels ...string) error {
	return gone(l.tel.RemoveChannels(ctx, bridge, channels...))
}

func (l *lines) DropBridge(ctx context.Context, bridge string) error {
	return gone(l.tel.DestroyBridge(ctx, bridge))
}

func (l *lines) SetNet(ctx context.Context, channel string, d time.Duration) error {
	return gone(l.tel.SetAbsoluteTimeout(ctx, channel, d))
}

func (l *lines) SetState(ctx context.Context, channel, state string) error {
	return gone(l.tel.SetVar(ctx, channel, stateVariable, state))
}

// stateVariable is shown with every channel (ari.conf, channelvars).
const stateVariable = "CC_STATE"

// Capture records a caller. A name that is there already is an earlier try that had its effect. Silence
// is sent meanwhile: a channel that only records sends nothing at all, which a trunk may take for a dead
// call. It is stopped behind the recording, before whatever comes next.
func (l *lines) Capture(ctx context.Context, c calls.Capture) error {
	if err := l.tel.StartSilence(ctx, c.Channel); err != nil {
		return gone(err)
	}
	defer func() { _ = l.tel.StopSilence(ctx, c.Channel) }()
	err := l.tel.Record(ctx, asterisk.RecordSpec{Channel: c.Channel, Name: c.Recording, Max: c.Max, Silence: c.Silence})
	if asterisk.IsConflict(err) {
		if live, _ := l.tel.Recording(ctx, c.Recording); live {
			return nil
		}
		return err // the channel is in a bridge, or not ours
	}
	return gone(err)
}

func (l *lines) StopCapture(ctx context.Context, recording string) error {
	return gone(l.tel.StopRecording(ctx, recording))
}

func (l *lines) Capturing(ctx context.Context, recording string) (bool, error) {
	return l.tel.Recording(ctx, recording)
}

// Heard counts what has come from the phone: any packet will do, also one of silence.
func (l *lines) Heard(ctx context.Context, channel string) (int, error) {
	s, err := l.tel.RTPStats(ctx, channel)
	if err != nil {
		return 0, gone(err)
	}
	return s.Rxcount, nil
}

func (l *lines) ToNet(ctx context.Context, channel string) error {
	return gone(l.tel.Continue(ctx, channel, netContext, "s", 1))
}

func (l *lines) Claim(ctx context.Context, channel string) (bool, error) {
	return l.tel.Claim(ctx, channel)
}

func (l *lines) Channels(ctx context.Context) ([]calls.Channel, error) {
	list, err := l.tel.ListChannels(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]calls.Channel, 0, len(list))
	for _, ch := range list {
		out = append(out, l.channel(ch))
	}
	return out, nil
}

// channel translates one channel. A caller in our application is known by the arguments that the
// dialplan gave it: "<app>,call,<entry>,<trunk>", or of the broadcast "…,call:<entry>:<trunk>".
func (l *lines) channel(ch asterisk.Channel) calls.Channel {
	c := calls.Channel{ID: ch.ID, Up: ch.State == "Up", State: ch.ChannelVars[stateVariable],
		Since: acd.At(ch.Creationtime.Time), Number: ch.Caller.Number}
	if !strings.HasPrefix(ch.Dialplan.AppName, "Stasis") {
		return c
	}
	args := strings.FieldsFunc(ch.Dialplan.AppData, func(r rune) bool { return r == ',' || r == ':' })
	if i := slices.Index(args, "call"); i >= 0 && i+2 < len(args) {
		c.Ours, c.Entry, c.Trunk = true, acd.EntryID(args[i+1]), acd.TrunkID(args[i+2])
	}
	return c
}

func (l *lines) Bridges(ctx context.Context) ([]calls.Bridge, error) {
	list, err := l.tel.ListBridges(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]calls.Bridge, 0, len(list))
	for _, b := range list {
		out = append(out, calls.Bridge{ID: b.ID, Channels: b.Channels})
	}
	return out, nil
}

// Started is when the present Asterisk process began.
func (l *lines) Started(ctx context.Context) (acd.Instant, error) {
	at, err := l.tel.Started(ctx)
	return acd.At(at), err
}

// Registered asks whether a phone can be reached now (agents.Lines).
func (l *lines) Registered(ctx context.Context, phone acd.PhoneID) (bool, error) {
	e, err := l.tel.Endpoint(ctx, "PJSIP", string(phone))
	if err != nil {
		return false, err
	}
	return e.State == "online", nil
}
