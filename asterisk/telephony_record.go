package asterisk

import (
	"context"
	"fmt"
	"regexp"
	"time"
)

// RecordSpec describes a recording of one channel.
type RecordSpec struct {
	Channel string
	Name    string // of the file, without ending; chosen by the caller, unique for ever
	// Max and Silence end it, as does #; both are rounded up to seconds.
	Max, Silence time.Duration
}

// recordingName can be no path: it becomes a file in Asterisk's recording folder.
var recordingName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// Record records a channel into <recording folder>/<name>.wav, 8 kHz mono. RecordingFinished follows at
// its end, whatever that was: a full disk too, so look at the file (ARI 1.9). It holds up everything
// that is asked of the channel after it, and refuses a channel in a bridge. Asking again for a name that
// is there already changes nothing.
func (t *Telephony) Record(ctx context.Context, r RecordSpec) error {
	if !recordingName.MatchString(r.Name) {
		return fmt.Errorf("asterisk: record: the name is not one of a file")
	}
	seconds := func(d time.Duration) *int { n := int((d + time.Second - 1) / time.Second); return &n }
	ctx, cancel := bounded(ctx)
	defer cancel()
	_, err := t.rest.ChannelRecord(ctx, r.Channel, ChannelRecordParams{
		Name: r.Name, Format: "wav", MaxDurationSeconds: seconds(r.Max), MaxSilenceSeconds: seconds(r.Silence), IfExists: "fail", TerminateOn: "#",
	})
	return err
}

// Recording reports whether a recording of that name goes on.
func (t *Telephony) Recording(ctx context.Context, name string) (bool, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	_, err := t.rest.RecordingGetLive(ctx, name)
	if IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}
