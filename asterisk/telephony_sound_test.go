package asterisk_test

import (
	"slices"
	"testing"

	"accueil/asterisk"
)

// TestDigits sends the shortest tones that a machine dials.
func TestDigits(t *testing.T) {
	t.Parallel()
	server := needAsterisk(t)
	n := connect(t, server)
	dialler, incoming := unique("leg"), unique("caller") // both ends in Stasis
	_, err := n.REST().ChannelOriginateWithID(t.Context(), dialler, asterisk.ChannelOriginateWithIDParams{
		Endpoint: "Local/" + n.app + "@in/n", App: n.app, OtherChannelID: incoming,
	})
	must(t, err)
	await(t, n, func(e *asterisk.StasisStart) bool { return e.Channel.ID == incoming })
	must(t, n.do.Answer(t.Context(), incoming))
	await(t, n, func(e *asterisk.StasisStart) bool { return e.Channel.ID == dialler })
	short, gap := 40, 40
	const dialled = "1234567890*#"
	must(t, n.REST().ChannelSendDTMF(t.Context(), dialler, asterisk.ChannelSendDTMFParams{
		DTMF: dialled, Duration: &short, Between: &gap,
	}))
	await(t, n, func(e *asterisk.ChannelDtmfReceived) bool { return e.Channel.ID == incoming && e.Digit == "#" })
	heard := ""
	events, _ := n.seen()
	for _, e := range events {
		if d, ok := e.(*asterisk.ChannelDtmfReceived); ok {
			heard += d.Digit
		}
	}
	if heard != dialled {
		t.Errorf("dialled %s, heard %s", dialled, heard)
	}
	t.Logf("Asterisk published %d digits twice", n.Stats().RepeatedDigits)
	must(t, n.do.Hangup(t.Context(), dialler, ""))
}

// TestStopAtOnce stops prompts in the instant in which they start, where Asterisk
// can refuse it.
func TestStopAtOnce(t *testing.T) {
	t.Parallel()
	server := needAsterisk(t)
	n := connect(t, server)
	incoming, _ := n.arrive(t, server)
	for range 100 {
		id := unique("play")
		must(t, n.do.Play(t.Context(), incoming, id, []string{"tone:ring"}, ""))
		must(t, n.do.StopPlayback(t.Context(), id))
		await(t, n, func(e *asterisk.PlaybackFinished) bool { return e.Playback.ID == id })
	}
}

func TestPlayback(t *testing.T) {
	t.Parallel()
	server := needAsterisk(t)
	n := connect(t, server)
	incoming, _ := n.arrive(t, server)
	first, second, third := unique("play"), unique("play"), unique("play")
	finished := func(id string) *asterisk.PlaybackFinished {
		t.Helper()
		return await(t, n, func(e *asterisk.PlaybackFinished) bool { return e.Playback.ID == id })
	}

	must(t, n.do.Play(t.Context(), incoming, first, []string{"tone:ring"}, "fr"))
	must(t, n.do.Play(t.Context(), incoming, second, []string{"tone:busy"}, "fr"))
	started := await(t, n, func(e *asterisk.PlaybackStarted) bool { return e.Playback.ID == first })
	if !slices.Equal(started.ChannelIDs(), []string{incoming}) {
		t.Errorf("the playback is of channels %v", started.ChannelIDs())
	}

	// Stopped while queued: finished, never started, and the first plays on.
	must(t, n.do.StopPlayback(t.Context(), second))
	must(t, n.do.StopPlayback(t.Context(), first))
	if got := finished(second).Playback.State; got != "done" {
		t.Errorf("a stopped playback ends %s", got)
	}
	finished(first)
	events, _ := n.seen()
	for _, e := range events {
		if s, ok := e.(*asterisk.PlaybackStarted); ok && s.Playback.ID == second {
			t.Error("the queued playback had started")
		}
	}
	must(t, n.do.StopPlayback(t.Context(), first)) // over: fine

	must(t, n.do.Play(t.Context(), incoming, third, []string{"sound:/nowhere/nothing"}, ""))
	if got := finished(third).Playback.State; got != "failed" {
		t.Errorf("a missing file ends %s", got)
	}
}
