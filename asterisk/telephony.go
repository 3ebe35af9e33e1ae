package asterisk

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Telephony is what call control asks of Asterisk: one method, one gesture, ids
// chosen by the caller. Each is bounded by commandDeadline even when its context
// allows more, and nil means "Asterisk took it": the event that confirms it is
// named at each method.
//
// Undoing is idempotent: hanging up, stopping or destroying what is already gone
// succeeds, so that a compensation can be repeated blindly.
type Telephony struct {
	rest *REST
	app  string // the call application
}

// NewTelephony commands through rest; legs that it makes enter application app.
func NewTelephony(rest *REST, app string) *Telephony { return &Telephony{rest: rest, app: app} }

// Telephony commands through the connection's gate.
func (c *Conn) Telephony() *Telephony { return NewTelephony(c.rest, c.cfg.CallApp) }

// bounded gives every gesture its own deadline: a synchronous command can hang
// behind a prompt or in a deadlock of Asterisk's (ARI 1.5, section 2).
func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, commandDeadline)
}

// unless drops an error that says that the wanted state is there already.
func unless(err error, statuses ...int) error {
	for _, status := range statuses {
		if Status(err) == status {
			return nil
		}
	}
	return err
}

// Answer answers an incoming channel. Answering twice is harmless. It waits until
// the channel has done it, and fails with IsPrecondition on a leg that we called.
func (t *Telephony) Answer(ctx context.Context, channel string) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return t.rest.ChannelAnswer(ctx, channel)
}

// Started is when this Asterisk process began, by its own clock.
func (t *Telephony) Started(ctx context.Context) (time.Time, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	info, err := t.rest.AsteriskGetInfo(ctx, AsteriskGetInfoParams{Only: []string{"status"}})
	switch {
	case err != nil:
		return time.Time{}, err
	case info.Status == nil:
		return time.Time{}, errors.New("asterisk does not say when it was started")
	}
	return info.Status.StartupTime.Time, nil
}

// Ring plays the ringing tone (or sends 180 before the answer) until RingStop or
// the next sound.
func (t *Telephony) Ring(ctx context.Context, channel string) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return t.rest.ChannelRing(ctx, channel)
}

// RingStop ends Ring.
func (t *Telephony) RingStop(ctx context.Context, channel string) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return t.rest.ChannelRingStop(ctx, channel)
}

// HangupReason is why we hang up, in ARI's words; the network hears it as a cause.
type HangupReason string

// The reasons that ARI knows.
const (
	HangupNormal            HangupReason = "normal"
	HangupBusy              HangupReason = "busy"
	HangupCongestion        HangupReason = "congestion"
	HangupNoAnswer          HangupReason = "no_answer"
	HangupTimeout           HangupReason = "timeout"
	HangupRejected          HangupReason = "rejected"
	HangupUnallocated       HangupReason = "unallocated"
	HangupUnspecified       HangupReason = "normal_unspecified"
	HangupFailure           HangupReason = "failure"
	HangupAnsweredElsewhere HangupReason = "answered_elsewhere" // for the losing leg: the phone shows no missed call
)

// Hangup ends a channel; empty reason = normal. A channel that is gone is fine.
// Confirmed by ChannelDestroyed or StasisEnd.
func (t *Telephony) Hangup(ctx context.Context, channel string, reason HangupReason) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return unless(t.rest.ChannelHangup(ctx, channel, ChannelHangupParams{Reason: string(reason)}), 404)
}

// HangupCode is Hangup with a Q.850 cause or a SIP status as number.
func (t *Telephony) HangupCode(ctx context.Context, channel string, code int) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return unless(t.rest.ChannelHangup(ctx, channel, ChannelHangupParams{ReasonCode: fmt.Sprint(code)}), 404)
}

// Hold tells the far phone that it is held. Unhold ends it.
func (t *Telephony) Hold(ctx context.Context, channel string) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return t.rest.ChannelHold(ctx, channel)
}

// Unhold ends Hold.
func (t *Telephony) Unhold(ctx context.Context, channel string) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return t.rest.ChannelUnhold(ctx, channel)
}

// Direction is seen from Asterisk.
type Direction string

// The directions of Mute and Snoop.
const (
	DirectionIn   Direction = "in"  // what the channel says
	DirectionOut  Direction = "out" // what it hears
	DirectionBoth Direction = "both"
)

// Mute silences a channel.
func (t *Telephony) Mute(ctx context.Context, channel string, d Direction) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return t.rest.ChannelMute(ctx, channel, ChannelMuteParams{Direction: string(d)})
}

// Unmute ends Mute.
func (t *Telephony) Unmute(ctx context.Context, channel string, d Direction) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return t.rest.ChannelUnmute(ctx, channel, ChannelUnmuteParams{Direction: string(d)})
}

// Continue sends a channel back into the dialplan: StasisEnd follows, then the
// dialplan decides. IsPrecondition on a leg that was not answered. Priority below
// 1 means 1.
func (t *Telephony) Continue(ctx context.Context, channel, dialContext, extension string, priority int) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	priority = max(priority, 1)
	return t.rest.ChannelContinueInDialplan(ctx, channel, ChannelContinueInDialplanParams{
		Context: dialContext, Extension: extension, Priority: &priority,
	})
}

// Claim takes a channel that StasisBroadcast offers (event CallBroadcast).
// StasisStart follows a true. False: another application was faster, or the offer
// is over; neither is an error.
func (t *Telephony) Claim(ctx context.Context, channel string) (won bool, err error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	err = t.rest.ClaimChannel(ctx, ClaimChannelParams{ChannelID: channel, Application: t.app})
	if IsConflict(err) || IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// SubscribeChannel makes sure that ChannelDestroyed of an incoming channel reaches
// us also after it has left Stasis (ARI 1.4). IsNotFound or IsUnprocessable if it
// is gone.
func (t *Telephony) SubscribeChannel(ctx context.Context, channel string) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	_, err := t.rest.ApplicationSubscribe(ctx, t.app, ApplicationSubscribeParams{EventSource: []string{"channel:" + channel}})
	return err
}

// variableName refuses dialplan functions: SHELL() and FILE() are among them, and
// a name from outside must never reach one.
var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,79}$`)

// SetVar sets a channel variable. It waits while a prompt plays on the channel, so
// do it in music or before the prompt (DESIGN §9).
func (t *Telephony) SetVar(ctx context.Context, channel, name, value string) error {
	if !variableName.MatchString(name) {
		return errors.New("asterisk: set variable: the name is not a plain variable name")
	}
	return t.setVar(ctx, channel, name, value)
}

func (t *Telephony) setVar(ctx context.Context, channel, name, value string) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return t.rest.ChannelSetVar(ctx, channel, ChannelSetVarParams{Variable: name, Value: value})
}

// GetVar reads a channel variable; empty = not set. IsNotFound if the channel is gone.
func (t *Telephony) GetVar(ctx context.Context, channel, name string) (string, error) {
	if !variableName.MatchString(name) {
		return "", errors.New("asterisk: get variable: the name is not a plain variable name")
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	v, err := t.rest.ChannelGetVar(ctx, channel, ChannelGetVarParams{Variable: name})
	if IsNotFound(err) { // of the channel, or only of the variable?
		_, err = t.rest.ChannelGet(ctx, channel)
	}
	return v.Value, err
}

// SetAbsoluteTimeout makes Asterisk alone take the channel out of Stasis after d,
// to extension T of its context, or hang up. Zero switches it off. It counts in
// Asterisk's whole seconds; d is rounded up.
func (t *Telephony) SetAbsoluteTimeout(ctx context.Context, channel string, d time.Duration) error {
	seconds := (d + time.Second - 1) / time.Second
	return t.setVar(ctx, channel, "TIMEOUT(absolute)", fmt.Sprint(int64(max(seconds, 0))))
}

// endpointID is what our configuration names endpoints and trunks with. Dial
// strings give meaning to & / @ , } so nothing else may come in.
var (
	endpointID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)
	dialNumber = regexp.MustCompile(`^\+?[0-9*#]{1,32}$`)
)

// PhoneEndpoint is the dial string of a registered phone.
func PhoneEndpoint(id string) (string, error) {
	if !endpointID.MatchString(id) {
		return "", errors.New("asterisk: a phone's id has letters, digits, - and _ only, at most 40")
	}
	return "PJSIP/" + id, nil
}

// TrunkEndpoint is the dial string of a number behind a trunk.
func TrunkEndpoint(trunk, number string) (string, error) {
	if !endpointID.MatchString(trunk) {
		return "", errors.New("asterisk: a trunk's id has letters, digits, - and _ only, at most 40")
	}
	if !dialNumber.MatchString(number) {
		return "", errors.New("asterisk: a number to dial has digits, * and # only, after an optional +, at most 32")
	}
	return "PJSIP/" + number + "@" + trunk, nil
}

// OriginateSpec describes a leg that we call.
type OriginateSpec struct {
	ChannelID string        // chosen by the caller, unique for ever
	Endpoint  string        // from PhoneEndpoint or TrunkEndpoint
	App       string        // empty = the call application
	AppArgs   []string      // arguments of StasisStart; no commas, none empty
	CallerID  string        // what the phone shows, "name <number>"
	Timeout   time.Duration // ring time, rounded up to seconds; zero = Asterisk's 30 s
	// OriginatorChannel is the caller's channel: the leg inherits linked id,
	// language and codecs. It must exist, and excludes Formats.
	OriginatorChannel string
	Variables         map[string]string // plain names, or PJSIP_HEADER(add,…)
	Formats           []string
}

// ErrUnreachable: the phone has no registration, or there is no such endpoint.
// Asterisk says both with a 500 (ARI 1.6).
var ErrUnreachable = errors.New("asterisk: the endpoint cannot be reached")

// Originate calls an endpoint. StasisStart comes only when it answers; otherwise
// ChannelDestroyed, whose cause CauseEnding reads. IsConflict: a channel of this id
// lives, so an earlier try had its effect. ErrUnreachable: no leg, and no event.
func (t *Telephony) Originate(ctx context.Context, spec OriginateSpec) error {
	if spec.ChannelID == "" || spec.Endpoint == "" {
		return errors.New("asterisk: originate: channel id and endpoint are needed")
	}
	for _, arg := range spec.AppArgs {
		if arg == "" || strings.Contains(arg, ",") {
			return errors.New("asterisk: originate: an argument is empty or holds a comma; Asterisk would lose or split it")
		}
	}
	for name := range spec.Variables {
		if !variableName.MatchString(name) && !headerName.MatchString(name) {
			return errors.New("asterisk: originate: a variable's name is neither plain nor PJSIP_HEADER(add,…)")
		}
	}
	app := spec.App
	if app == "" {
		app = t.app
	}
	params := ChannelOriginateWithIDParams{
		Endpoint: spec.Endpoint, App: app, AppArgs: strings.Join(spec.AppArgs, ","), CallerID: spec.CallerID,
		Originator: spec.OriginatorChannel, Variables: spec.Variables, Formats: strings.Join(spec.Formats, ","),
	}
	if spec.Timeout > 0 {
		seconds := int((spec.Timeout + time.Second - 1) / time.Second)
		params.Timeout = &seconds
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	_, err := t.rest.ChannelOriginateWithID(ctx, spec.ChannelID, params)
	if Status(err) == 500 || IsConflict(err) && t.conflictIsStale(ctx, spec.ChannelID) {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return err
}

// conflictIsStale tells a true conflict from a left-over one: Asterisk keeps the
// reason of a failed allocation per HTTP connection, so after one real conflict it
// answers 409 instead of 500 for every unreachable phone on that connection (a
// test shows it on 22.10.1).
func (t *Telephony) conflictIsStale(ctx context.Context, channel string) bool {
	_, err := t.rest.ChannelGet(ctx, channel)
	return IsNotFound(err)
}

// headerName allows the one dialplan function that a leg needs: a SIP header for
// the phone's screen.
var headerName = regexp.MustCompile(`^PJSIP_HEADER\(add,[A-Za-z0-9-]{1,40}\)$`)

// Snoop is one supervisor's ear and mouth on a channel.
type Snoop struct {
	Channel string    // whom to listen to
	ID      string    // of the snoop channel, chosen by the caller
	Spy     Direction // what the supervisor hears; empty = nothing
	Whisper Direction // who hears the supervisor: out = the channel itself; empty = nobody
	AppArgs []string
}

// SnoopWithID starts a snoop channel; its StasisStart enters the call application.
// It ends with the channel it listens to: StasisEnd, no ChannelDestroyed.
func (t *Telephony) SnoopWithID(ctx context.Context, s Snoop) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	_, err := t.rest.ChannelSnoopWithID(ctx, s.Channel, s.ID, ChannelSnoopWithIDParams{
		App: t.app, AppArgs: strings.Join(s.AppArgs, ","), Spy: string(s.Spy), Whisper: string(s.Whisper),
	})
	return err
}
