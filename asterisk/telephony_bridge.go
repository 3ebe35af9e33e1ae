package asterisk

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// BridgeMixing is the kind of bridge for conversations. The order matters:
// Asterisk reads from left to right, and "dtmf_events,mixing" would let RTP bypass
// it, without any DTMF event (ARI 1.8).
const BridgeMixing = "mixing,dtmf_events"

// CreateBridge makes a bridge; empty kind = BridgeMixing. Never reuse an id: some
// versions break for good (ARI section 2).
func (t *Telephony) CreateBridge(ctx context.Context, bridge, kind, name string) error {
	if bridge == "" {
		return errors.New("asterisk: create bridge: an id is needed")
	}
	if kind == "" {
		kind = BridgeMixing
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	_, err := t.rest.BridgeCreateWithID(ctx, bridge, BridgeCreateWithIDParams{Type: kind, Name: name})
	return err
}

// AddChannels puts channels into a bridge. Asterisk says yes also when a join
// fails: wait for ChannelEnteredBridge of each, at most a second, else undo.
func (t *Telephony) AddChannels(ctx context.Context, bridge string, channels ...string) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return t.rest.BridgeAddChannel(ctx, bridge, BridgeAddChannelParams{Channel: channels})
}

// RemoveChannels takes channels out; they stay in Stasis, in silence. A channel
// that is not there, or a bridge that is gone, is fine. Confirmed by
// ChannelLeftBridge.
func (t *Telephony) RemoveChannels(ctx context.Context, bridge string, channels ...string) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	var failed error
	for _, channel := range channels { // one by one: a missing one would refuse all
		err := t.rest.BridgeRemoveChannel(ctx, bridge, BridgeRemoveChannelParams{Channel: []string{channel}})
		failed = errors.Join(failed, unless(err, 400, 404, 409, 422))
	}
	return failed
}

// DestroyBridge ends a bridge; its channels stay in Stasis. One that is gone is
// fine. Confirmed by BridgeDestroyed.
func (t *Telephony) DestroyBridge(ctx context.Context, bridge string) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return unless(t.rest.BridgeDestroy(ctx, bridge), 404)
}

// BridgeRecording describes the recording of a conversation.
type BridgeRecording struct {
	Bridge string
	Name   string        // path below the recording folder, without extension; must not exist
	Format string        // empty = wav
	Max    time.Duration // needed: a recorder outlives the channels of its bridge
	Beep   bool
}

// RecordBridge starts recording a conversation. Never trust RecordingFinished:
// Asterisk says "done" also after a full disk; compare the duration (ARI 1.9).
func (t *Telephony) RecordBridge(ctx context.Context, r BridgeRecording) error {
	seconds := int((r.Max + time.Second - 1) / time.Second)
	if seconds <= 0 {
		return errors.New("asterisk: record: a longest duration is needed")
	}
	if r.Format == "" {
		r.Format = "wav"
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	_, err := t.rest.BridgeRecord(ctx, r.Bridge, BridgeRecordParams{
		Name: r.Name, Format: r.Format, MaxDurationSeconds: &seconds, Beep: &r.Beep, IfExists: "fail",
	})
	return err
}

// StopRecording ends a recording and keeps it; one that is over is fine.
func (t *Telephony) StopRecording(ctx context.Context, name string) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return unless(t.rest.RecordingStopLive(ctx, name), 404)
}

// PlayToBridge plays to everyone in a bridge.
func (t *Telephony) PlayToBridge(ctx context.Context, bridge, playback string, media []string, language string) error {
	if len(media) == 0 {
		return errors.New("asterisk: play: nothing to play")
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	_, err := t.rest.BridgePlayWithID(ctx, bridge, playback, BridgePlayWithIDParams{Media: media, Lang: language})
	return err
}

// ListChannels lists every channel of this Asterisk, ours or not: with
// channelvars it is the state from which a new process rebuilds.
func (t *Telephony) ListChannels(ctx context.Context) ([]Channel, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return t.rest.ChannelList(ctx)
}

// ListBridges lists every bridge, ours or not.
func (t *Telephony) ListBridges(ctx context.Context) ([]Bridge, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return t.rest.BridgeList(ctx)
}

// Channel looks at one channel; IsNotFound if it is gone.
func (t *Telephony) Channel(ctx context.Context, channel string) (Channel, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return t.rest.ChannelGet(ctx, channel)
}

// Endpoint looks at one endpoint; technology is PJSIP.
func (t *Telephony) Endpoint(ctx context.Context, technology, resource string) (Endpoint, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return t.rest.EndpointGet(ctx, technology, resource)
}

// ListEndpoints lists the PJSIP endpoints.
func (t *Telephony) ListEndpoints(ctx context.Context) ([]Endpoint, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	list, err := t.rest.EndpointListByTech(ctx, "PJSIP")
	return list, unless(err, 404) // 404: no endpoint of that technology
}

// RTPStats reads the media counters of a channel. Read them before the hangup:
// after it they are gone (ARI 1.4).
func (t *Telephony) RTPStats(ctx context.Context, channel string) (RTPstat, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	return t.rest.ChannelRTPStatistics(ctx, channel)
}

// reloadDeadline: a reload of 500 endpoints reads files and takes seconds.
const reloadDeadline = 15 * time.Second

// ReloadModule makes a module read its configuration again, such as res_pjsip.so.
func (t *Telephony) ReloadModule(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, reloadDeadline)
	defer cancel()
	if err := t.rest.AsteriskReloadModule(ctx, name); err != nil {
		return fmt.Errorf("reload %s: %w", name, err)
	}
	return nil
}
