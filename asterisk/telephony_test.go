package asterisk_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"accueil/asterisk"
)

func TestCallerArrivesAndLeaves(t *testing.T) {
	t.Parallel()
	server := needAsterisk(t)
	n := connect(t, server)
	incoming, far := call(t, server, "in", n.app)

	began := await(t, n, func(e *asterisk.StasisStart) bool { return e.Channel.ID == incoming })
	if began.Channel.State != "Ring" || !slices.Equal(began.Args, []string{"hello", "world"}) || began.App() != n.app {
		t.Errorf("StasisStart: state %s, %d arguments, app %s", began.Channel.State, len(began.Args), began.App())
	}
	must(t, n.do.SubscribeChannel(t.Context(), incoming))
	must(t, n.do.Answer(t.Context(), incoming))
	must(t, n.do.Answer(t.Context(), incoming)) // twice is harmless
	must(t, n.do.StartMOH(t.Context(), incoming, ""))
	must(t, n.do.StopMOH(t.Context(), incoming))
	must(t, n.do.StartSilence(t.Context(), incoming))
	must(t, n.do.StopSilence(t.Context(), incoming))
	must(t, n.do.SetVar(t.Context(), incoming, "CC_STATE", "phase=menu,é"))
	if got, err := n.do.GetVar(t.Context(), incoming, "CC_STATE"); err != nil || got != "phase=menu,é" {
		t.Errorf("CC_STATE reads %q, %v", got, err)
	}
	if got, err := n.do.GetVar(t.Context(), incoming, "NEVER_SET"); err != nil || got != "" {
		t.Errorf("a variable that is not set reads %q, %v", got, err)
	}
	if _, err := n.do.GetVar(t.Context(), "nobody", "CC_STATE"); !asterisk.IsNotFound(err) {
		t.Errorf("a variable of nobody: %v", err)
	}

	must(t, newREST(t, server).ChannelHangup(t.Context(), far, asterisk.ChannelHangupParams{}))
	await(t, n, func(e *asterisk.StasisEnd) bool { return e.Channel.ID == incoming })
	gone := await(t, n, func(e *asterisk.ChannelDestroyed) bool { return e.Channel.ID == incoming })
	if gone.Generation() != 1 || time.Since(gone.ReceivedAt()) > patience {
		t.Errorf("generation %d, received %v ago", gone.Generation(), time.Since(gone.ReceivedAt()))
	}
	must(t, n.do.Hangup(t.Context(), incoming, asterisk.HangupNormal)) // gone already: fine
	if err := n.do.Answer(t.Context(), incoming); !asterisk.IsNotFound(err) {
		t.Errorf("answer of a gone channel: %v", err)
	}
}

// TestStasisEndWithoutSubscription holds the rule that a channel's end is StasisEnd
// or ChannelDestroyed, whichever is first: an incoming channel that we did not
// subscribe gives no ChannelDestroyed.
func TestStasisEndWithoutSubscription(t *testing.T) {
	t.Parallel()
	server := needAsterisk(t)
	n := connect(t, server)
	incoming, _ := n.arrive(t, server)
	witness, _ := n.arrive(t, server)
	must(t, n.do.SubscribeChannel(t.Context(), witness))
	must(t, n.do.Hangup(t.Context(), incoming, ""))
	await(t, n, func(e *asterisk.StasisEnd) bool { return e.Channel.ID == incoming })
	must(t, n.do.Hangup(t.Context(), witness, ""))
	await(t, n, func(e *asterisk.ChannelDestroyed) bool { return e.Channel.ID == witness })
	if got := n.count("ChannelDestroyed", incoming); got != 0 {
		t.Errorf("%d ChannelDestroyed of a channel without subscription", got)
	}
}

func TestOriginate(t *testing.T) {
	t.Parallel()
	server := needAsterisk(t)
	n := connect(t, server)

	t.Run("answered leg enters Stasis and is destroyed visibly", func(t *testing.T) {
		leg := n.leg(t, "far")
		await(t, n, func(e *asterisk.StasisStart) bool { return e.Channel.ID == leg })
		must(t, n.do.Hangup(t.Context(), leg, asterisk.HangupAnsweredElsewhere))
		await(t, n, func(e *asterisk.ChannelDestroyed) bool { return e.Channel.ID == leg })
		events, _ := n.seen()
		order := []string{}
		for _, e := range events {
			if slices.Contains(e.ChannelIDs(), leg) && (e.EventType() == "StasisEnd" || e.EventType() == "ChannelDestroyed") {
				order = append(order, e.EventType())
			}
		}
		if !slices.Equal(order, []string{"StasisEnd", "ChannelDestroyed"}) {
			t.Errorf("the end came as %v", order)
		}
	})
	t.Run("unregistered phone is unreachable", func(t *testing.T) {
		for _, id := range []string{"phone1", "nobody"} {
			endpoint, err := asterisk.PhoneEndpoint(id)
			must(t, err)
			err = n.do.Originate(t.Context(), asterisk.OriginateSpec{ChannelID: unique("leg"), Endpoint: endpoint})
			if !errors.Is(err, asterisk.ErrUnreachable) {
				t.Errorf("%s: %v", id, err)
			}
		}
	})
	t.Run("busy", func(t *testing.T) {
		leg := n.leg(t, "busy")
		end := await(t, n, func(e *asterisk.ChannelDestroyed) bool { return e.Channel.ID == leg })
		if got := asterisk.CauseEnding(end.Cause, 0, 0); got != asterisk.EndingBusy {
			t.Errorf("cause %d reads %v", end.Cause, got)
		}
		if n.count("StasisStart", leg) != 0 {
			t.Error("a leg that was never answered entered Stasis")
		}
	})
	t.Run("time-out", func(t *testing.T) {
		id := unique("leg")
		must(t, n.do.Originate(t.Context(), asterisk.OriginateSpec{
			ChannelID: id, Endpoint: "Local/mute@lab/n", Timeout: time.Second,
			CallerID: `Accueil <3000>`, Variables: map[string]string{"CC_LEG": "x"}, AppArgs: []string{"a", "b"},
		}))
		end := await(t, n, func(e *asterisk.ChannelDestroyed) bool { return e.Channel.ID == id })
		if got := asterisk.CauseEnding(end.Cause, 0, time.Second); got != asterisk.EndingNoAnswer {
			t.Errorf("cause %d reads %v", end.Cause, got)
		}
	})
	t.Run("originator that does not exist", func(t *testing.T) {
		err := n.do.Originate(t.Context(), asterisk.OriginateSpec{
			ChannelID: unique("leg"), Endpoint: "Local/far@lab/n", OriginatorChannel: "nobody",
		})
		if asterisk.Status(err) != 400 {
			t.Errorf("got %v", err)
		}
	})
}

// TestOriginateTwice holds two facts of Asterisk: an id in use is a conflict, and
// from then on the same HTTP connection says "conflict" for unreachable phones
// too. It has its own Asterisk, for each refused originate leaves a channel
// behind that keeps the server from stopping in order.
func TestOriginateTwice(t *testing.T) {
	t.Parallel()
	server := ownAsterisk(t)
	n := connect(t, server)
	leg := n.leg(t, "far")
	err := n.do.Originate(t.Context(), asterisk.OriginateSpec{ChannelID: leg, Endpoint: "Local/far@lab/n"})
	if !asterisk.IsConflict(err) || errors.Is(err, asterisk.ErrUnreachable) {
		t.Errorf("same id again: %v", err)
	}
	err = n.do.Originate(t.Context(), asterisk.OriginateSpec{ChannelID: unique("leg"), Endpoint: "PJSIP/phone1"})
	if !errors.Is(err, asterisk.ErrUnreachable) {
		t.Errorf("unreachable after a conflict: %v", err)
	}
}

// TestPhoneEvents: what happens at a followed endpoint comes to the phones
// application and does not double the call application's events.
func TestPhoneEvents(t *testing.T) {
	t.Parallel()
	server := needAsterisk(t)
	n := connect(t, server)
	_, err := n.SubscribeEndpoints(t.Context(), "silent")
	must(t, err)
	endpoint, err := asterisk.PhoneEndpoint("silent")
	must(t, err)
	leg, ring := unique("leg"), 3*time.Second
	must(t, n.do.Originate(t.Context(), asterisk.OriginateSpec{ChannelID: leg, Endpoint: endpoint, Timeout: ring}))
	created := await(t, n, func(e *asterisk.ChannelCreated) bool { return e.Channel.ID == leg })
	if created.App() != n.phones {
		t.Errorf("ChannelCreated came to %s", created.App())
	}
	ended := await(t, n, func(e *asterisk.ChannelDestroyed) bool { return e.Channel.ID == leg && e.App() == n.app })
	sip := 0
	if ended.TechCause != nil {
		sip = *ended.TechCause
	}
	if got := asterisk.CauseEnding(ended.Cause, sip, ring); got != asterisk.EndingNoAnswer {
		t.Errorf("cause %d, SIP %d reads %v", ended.Cause, sip, got)
	}
	await(t, n, func(e *asterisk.ChannelDestroyed) bool { return e.Channel.ID == leg && e.App() == n.phones })
	for app, want := range map[string]int{n.app: 1, n.phones: 1} {
		got := 0
		events, _ := n.seen()
		for _, e := range events {
			if e.EventType() == "ChannelDestroyed" && e.App() == app && slices.Contains(e.ChannelIDs(), leg) {
				got++
			}
		}
		if got != want {
			t.Errorf("%d ChannelDestroyed for %s", got, app)
		}
	}
	state, err := n.do.Endpoint(t.Context(), "PJSIP", "silent")
	must(t, err)
	if state.Resource != "silent" {
		t.Errorf("endpoint %+v", state)
	}
	all, err := n.do.ListEndpoints(t.Context())
	must(t, err)
	if len(all) != 3 {
		t.Errorf("%d endpoints", len(all))
	}
	must(t, n.do.ReloadModule(t.Context(), "res_pjsip.so"))
}

// TestHostileCaller sends a caller's name of 10 kB with control characters and
// broken UTF-8 through Asterisk.
func TestHostileCaller(t *testing.T) {
	t.Parallel()
	server := needAsterisk(t)
	n := connect(t, server)
	name := "\x1b[2Jx\u202e\xff\xfe\r\nX: y" + strings.Repeat("é", 5000)
	leg := unique("leg")
	must(t, n.do.Originate(t.Context(), asterisk.OriginateSpec{
		ChannelID: leg, Endpoint: "Local/far@lab/n", CallerID: `"` + name + `" <0600000000>`,
	}))
	began := await(t, n, func(e *asterisk.StasisStart) bool { return e.Channel.ID == leg })
	for _, text := range []string{began.Channel.Connected.Name, began.Channel.Caller.Name} {
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x202e }) || len(text) > 1024 {
			t.Errorf("a hostile name of %d bytes came through", len(text))
		}
	}
	list, err := n.do.ListChannels(t.Context())
	must(t, err)
	if text := fmt.Sprintf("%v %+v", began, list); strings.Contains(text, "éé") || strings.Contains(text, "0600000000") {
		t.Error("a caller's name or number is printed")
	}
	must(t, n.do.Hangup(t.Context(), leg, ""))
	await(t, n, func(e *asterisk.StasisEnd) bool { return e.Channel.ID == leg })
	if s := n.Stats(); !s.Up || s.Generation != 1 || s.Unreadable != 0 {
		t.Errorf("stats %+v", s)
	}
}

func TestBridge(t *testing.T) {
	t.Parallel()
	server := needAsterisk(t)
	n := connect(t, server)
	incoming, _ := n.arrive(t, server)
	agent := n.leg(t, "far")
	await(t, n, func(e *asterisk.StasisStart) bool { return e.Channel.ID == agent })

	bridge := unique("bridge")
	must(t, n.do.CreateBridge(t.Context(), bridge, "", "accueil"))
	must(t, n.do.AddChannels(t.Context(), bridge, incoming, agent))
	for _, id := range []string{incoming, agent} {
		e := await(t, n, func(e *asterisk.ChannelEnteredBridge) bool { return e.Channel != nil && e.Channel.ID == id })
		if !slices.Equal(e.BridgeIDs(), []string{bridge}) {
			t.Errorf("entered %v", e.BridgeIDs())
		}
	}
	list, err := n.do.ListBridges(t.Context())
	must(t, err)
	if !slices.ContainsFunc(list, func(b asterisk.Bridge) bool {
		return b.ID == bridge && b.Creator == "Stasis" && b.Name == "accueil" && len(b.Channels) == 2
	}) {
		t.Error("the bridge is not listed as ours with both channels")
	}
	must(t, n.do.Mute(t.Context(), agent, asterisk.DirectionIn))
	must(t, n.do.Unmute(t.Context(), agent, asterisk.DirectionIn))
	must(t, n.do.Hold(t.Context(), agent))
	must(t, n.do.Unhold(t.Context(), agent))
	recording := unique("recording")
	must(t, n.do.RecordBridge(t.Context(), asterisk.BridgeRecording{Bridge: bridge, Name: recording, Max: time.Minute}))
	await(t, n, func(e *asterisk.RecordingStarted) bool { return e.Recording.Name == recording })
	must(t, n.do.StopRecording(t.Context(), recording))
	ended := await(t, n, func(e *asterisk.RecordingFinished) bool { return e.Recording.Name == recording })
	if !slices.Equal(ended.BridgeIDs(), []string{bridge}) {
		t.Errorf("the recording is of bridges %v", ended.BridgeIDs())
	}
	snoop := unique("snoop")
	must(t, n.do.SnoopWithID(t.Context(), asterisk.Snoop{Channel: agent, ID: snoop, Spy: asterisk.DirectionBoth}))
	await(t, n, func(e *asterisk.StasisStart) bool { return e.Channel.ID == snoop })

	// One leaving neither ends the bridge nor hangs up the other.
	must(t, n.do.Hangup(t.Context(), agent, ""))
	await(t, n, func(e *asterisk.ChannelLeftBridge) bool { return e.Channel.ID == agent })
	await(t, n, func(e *asterisk.StasisEnd) bool { return e.Channel.ID == snoop })
	if _, err := n.do.Channel(t.Context(), incoming); err != nil {
		t.Errorf("the caller fell with the agent: %v", err)
	}
	must(t, n.do.RemoveChannels(t.Context(), bridge, incoming, agent)) // agent is gone: fine
	await(t, n, func(e *asterisk.ChannelLeftBridge) bool { return e.Channel.ID == incoming })
	must(t, n.do.DestroyBridge(t.Context(), bridge))
	must(t, n.do.DestroyBridge(t.Context(), bridge))
	await(t, n, func(e *asterisk.BridgeDestroyed) bool { return e.Bridge.ID == bridge })
}

// TestAddChannelNotInStasis: what can be refused at once is refused.
func TestAddChannelNotInStasis(t *testing.T) {
	t.Parallel()
	server := needAsterisk(t)
	n := connect(t, server)
	_, far := n.arrive(t, server)
	bridge := unique("bridge")
	must(t, n.do.CreateBridge(t.Context(), bridge, "", ""))
	if err := n.do.AddChannels(t.Context(), bridge, far); !asterisk.IsUnprocessable(err) {
		t.Errorf("a channel outside Stasis: %v", err)
	}
	if err := n.do.AddChannels(t.Context(), bridge, "nobody"); asterisk.Status(err) != 400 {
		t.Errorf("a channel that does not exist: %v", err)
	}
	must(t, n.do.DestroyBridge(t.Context(), bridge))
}

func TestAbsoluteTimeoutFires(t *testing.T) {
	t.Parallel()
	server := needAsterisk(t)
	n := connect(t, server)
	incoming, _ := n.arrive(t, server)
	set := time.Now()
	must(t, n.do.SetAbsoluteTimeout(t.Context(), incoming, 1500*time.Millisecond))
	end := await(t, n, func(e *asterisk.StasisEnd) bool { return e.Channel.ID == incoming })
	if took := end.ReceivedAt().Sub(set); took < 1500*time.Millisecond || took > 3*time.Second {
		t.Errorf("fired after %v", took)
	}
	n.awaitPlace(t, incoming, "in", "T")
}

func TestContinue(t *testing.T) {
	t.Parallel()
	server := needAsterisk(t)
	n := connect(t, server)
	incoming, _ := n.arrive(t, server)
	must(t, n.do.Continue(t.Context(), incoming, "lab", "back", 0))
	await(t, n, func(e *asterisk.StasisEnd) bool { return e.Channel.ID == incoming })
	n.awaitPlace(t, incoming, "lab", "back")
}

// awaitPlace waits until a channel that has left Stasis stands where the dialplan
// should have it: StasisEnd comes a moment before.
func (n *node) awaitPlace(t *testing.T, channel, dialContext, extension string) {
	t.Helper()
	eventually(t, "the channel is at "+dialContext+"/"+extension, func() bool {
		ch, err := n.do.Channel(t.Context(), channel)
		must(t, err)
		return ch.Dialplan.Context == dialContext && ch.Dialplan.Exten == extension
	})
}

func TestClaim(t *testing.T) {
	t.Parallel()
	server := needAsterisk(t)
	site := unique("claim")
	named := func(app string) func(*asterisk.ConnConfig) {
		return func(cfg *asterisk.ConnConfig) { cfg.CallApp, cfg.PhonesApp = app, "" }
	}
	a, b := connect(t, server, named(site+"-a")), connect(t, server, named(site+"-b"))
	if !a.Capabilities().StasisBroadcast {
		t.Skip("this Asterisk has no StasisBroadcast")
	}
	incoming, _ := call(t, server, "offer", site)
	for _, n := range []*node{a, b} {
		await(t, n, func(e *asterisk.CallBroadcast) bool { return e.Channel.ID == incoming })
	}
	outcomes := make(chan error, 2)
	for _, n := range []*node{a, b} {
		go func() {
			outcomes <- n.REST().ClaimChannel(t.Context(), asterisk.ClaimChannelParams{ChannelID: incoming, Application: n.app})
		}()
	}
	first, second := <-outcomes, <-outcomes
	if first != nil {
		first, second = second, first
	}
	// 404 instead of 409 when the offer is over before the second claim is read.
	if first != nil || !asterisk.IsConflict(second) && !asterisk.IsNotFound(second) {
		t.Fatalf("two claims at once: %v, %v", first, second)
	}
	t.Logf("the loser hears: %v", second)
	for _, n := range []*node{a, b} {
		if won, err := n.do.Claim(t.Context(), incoming); won || err != nil {
			t.Errorf("a claim of what is claimed reads %v, %v", won, err)
		}
	}
	eventually(t, "one of them has the caller", func() bool {
		return a.count("StasisStart", incoming)+b.count("StasisStart", incoming) == 1
	})
	next, _ := call(t, server, "offer", site)
	await(t, a, func(e *asterisk.CallBroadcast) bool { return e.Channel.ID == next })
	if won, err := a.do.Claim(t.Context(), next); !won || err != nil {
		t.Errorf("a claim alone reads %v, %v", won, err)
	}
	await(t, a, func(e *asterisk.StasisStart) bool { return e.Channel.ID == next })
	if won, err := a.do.Claim(t.Context(), "nobody"); won || err != nil {
		t.Errorf("claim of nobody reads %v, %v", won, err)
	}
}

func TestDialStringsAreOurs(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "a b", "a&b", "a/b", "a@b", "a,b", "a}b", "é", "a\n"} {
		if _, err := asterisk.PhoneEndpoint(bad); err == nil {
			t.Errorf("PhoneEndpoint(%q) passes", bad)
		}
		if _, err := asterisk.TrunkEndpoint("trunk", bad); err == nil {
			t.Errorf("TrunkEndpoint(%q) passes", bad)
		}
	}
	if got, err := asterisk.TrunkEndpoint("operateur", "+33612345678"); got != "PJSIP/+33612345678@operateur" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestVariableNamesAreOurs(t *testing.T) {
	t.Parallel()
	phone := asterisk.NewTelephony(nil, "app") // refused before any command
	for _, bad := range []string{"", "SHELL(id)", "FILE(/etc/passwd)", "a b", "${x}"} {
		if err := phone.SetVar(t.Context(), "c", bad, ""); err == nil {
			t.Errorf("SetVar(%q) passes", bad)
		}
		if _, err := phone.GetVar(t.Context(), "c", bad); err == nil {
			t.Errorf("GetVar(%q) passes", bad)
		}
		err := phone.Originate(t.Context(), asterisk.OriginateSpec{ChannelID: "c", Endpoint: "PJSIP/a", Variables: map[string]string{bad: ""}})
		if err == nil {
			t.Errorf("Originate with %q passes", bad)
		}
	}
}
