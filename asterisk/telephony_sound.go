package asterisk

import (
	"context"
	"errors"
	"time"
)

// stopRetry is the pause before the one repeat of a stop: for a short instant
// after its start a playback cannot be stopped and Asterisk answers 500 (ARI 1.7).
const stopRetry = 50 * time.Millisecond

// Play queues media on a channel, one after another, as one playback. Media are
// URIs: sound:/absolute/path without extension, sound:silence/2, tone:ring. A
// missing sound: ends the playback as failed. PlaybackStarted and
// PlaybackFinished confirm; a missing recording: never finishes, so keep a timer.
// Playing ends music; restart it after.
func (t *Telephony) Play(ctx context.Context, channel, playback string, media []string, language string) error {
	if len(media) == 0 {
		return errors.New("asterisk: play: nothing to play")
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	_, err := t.rest.ChannelPlayWithID(ctx, channel, playback, ChannelPlayWithIDParams{Media: media, Lang: language})
	return err
}

// StopPlayback ends a playback, queued or playing; one that is over is fine.
// PlaybackFinished follows.
func (t *Telephony) StopPlayback(ctx context.Context, playback string) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	err := unless(t.rest.PlaybackStop(ctx, playback), 404)
	if !IsServerError(err) {
		return err
	}
	select {
	case <-time.After(stopRetry):
		return unless(t.rest.PlaybackStop(ctx, playback), 404)
	case <-ctx.Done():
		return err
	}
}

// StartMOH plays music of a class; empty = the channel's own.
func (t *Telephony) StartMOH(ctx context.Context, channel, class string) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return t.rest.ChannelStartMOH(ctx, channel, ChannelStartMOHParams{MOHClass: class})
}

// StopMOH ends the music.
func (t *Telephony) StopMOH(ctx context.Context, channel string) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return t.rest.ChannelStopMOH(ctx, channel)
}

// StartSilence sends silence: a channel without any source sends no RTP at all,
// and trunks take that for a dead call.
func (t *Telephony) StartSilence(ctx context.Context, channel string) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return t.rest.ChannelStartSilence(ctx, channel)
}

// StopSilence ends it.
func (t *Telephony) StopSilence(ctx context.Context, channel string) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return t.rest.ChannelStopSilence(ctx, channel)
}

// SendDTMF plays keys to the far end of a channel.
func (t *Telephony) SendDTMF(ctx context.Context, channel, digits string) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return t.rest.ChannelSendDTMF(ctx, channel, ChannelSendDTMFParams{DTMF: digits})
}
