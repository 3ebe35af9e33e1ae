package calls

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
)

// A feature call is an agent dialling a code (`*20`): it is answered, carried out, confirmed by voice
// and hung up. It is no contact and touches no queue.
type featureCall struct {
	c       *Controller
	channel string
	phone   acd.PhoneID
	events  chan featureEvent
	left    chan struct{}
}

type featureEvent struct {
	digit  byte   // a key
	played string // or the end of a playback
}

const (
	featureLimit = 60 * time.Second // a whole feature call
	featureKeys  = 8 * time.Second  // between two keys
)

// Feature: a phone dialled a code. The phone is known by its endpoint, never by its caller id.
func (c *Controller) Feature(channel string, phone acd.PhoneID, code string) {
	f := &featureCall{c: c, channel: channel, phone: phone, events: make(chan featureEvent, 64), left: make(chan struct{}, 1)}
	c.mu.Lock()
	if c.ctx.Err() != nil || c.features[channel] != nil {
		c.mu.Unlock()
		return
	}
	c.features[channel] = f
	c.wg.Add(1)
	c.mu.Unlock()
	go func() {
		defer c.wg.Done()
		ctx, cancel := context.WithTimeout(c.ctx, featureLimit)
		defer cancel()
		f.run(ctx, code)
		c.mu.Lock()
		delete(c.features, channel)
		c.mu.Unlock()
	}()
}

func (c *Controller) featureOf(playback string) *featureCall {
	rest, ok := strings.CutPrefix(playback, "feat.")
	if !ok {
		return nil
	}
	channel, _, _ := strings.Cut(rest, "#")
	return c.feature(channel)
}

func (f *featureCall) gone() {
	select {
	case f.left <- struct{}{}:
	default:
	}
}

func (f *featureCall) key(digit byte)         { f.post(featureEvent{digit: digit}) }
func (f *featureCall) played(playback string) { f.post(featureEvent{played: playback}) }
func (f *featureCall) post(e featureEvent) {
	select {
	case f.events <- e:
	default:
		f.c.metrics.overflow.Inc()
	}
}

func (f *featureCall) run(ctx context.Context, code string) {
	t := f.c.opt.Telephony
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), actionLimit)
		defer cancel()
		_ = t.Hangup(ctx, f.channel, HangupNormal)
	}()
	if err := t.Answer(ctx, f.channel); err != nil {
		return
	}
	for n := 1; ; n++ {
		reply := f.c.opt.Desk.Feature(ctx, f.phone, code)
		digits, ok := f.say(ctx, reply, n)
		if !ok || !reply.Ask {
			return
		}
		code += "#" + digits
	}
}

// say speaks the reply and, where it asks, collects keys up to #. It is false when the phone has hung
// up or nothing was keyed.
func (f *featureCall) say(ctx context.Context, r FeatureReply, n int) (string, bool) {
	media, length, err := f.c.opt.Voice.Media(r.Lang, r.Prompts)
	if err != nil {
		f.c.log.Error("a feature code has no spoken answer", zap.Error(err))
		return "", false
	}
	playback := fmt.Sprintf("feat.%s#%s%d", f.channel, f.c.env.boot, n)
	if err := f.c.opt.Telephony.Play(ctx, f.channel, playback, media); err != nil {
		return "", false
	}
	wait := time.NewTimer(length + playGrace)
	defer wait.Stop()
	var keys []byte
	for {
		select {
		case <-ctx.Done():
			return "", false
		case <-f.left:
			return "", false
		case <-wait.C:
			return string(keys), r.Ask && len(keys) > 0
		case e := <-f.events:
			switch {
			case e.played == playback && !r.Ask:
				return "", true
			case e.played != "":
				wait.Reset(featureKeys)
			case !r.Ask:
			case e.digit == '#':
				return string(keys), len(keys) > 0
			case len(keys) < maxDigits:
				keys = append(keys, e.digit)
				wait.Reset(featureKeys)
			}
		}
	}
}
