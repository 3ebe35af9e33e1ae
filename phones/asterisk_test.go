package phones_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"accueil/deploy/local"
	"accueil/phones"
)

// The dialplan speaks in tones, so that a phone alone can tell what Asterisk
// understood.
const dialplan = `[general]
static = yes
writeprotect = yes

[calls]
exten => 600,1,Answer()
 same => n,Echo()

exten => 601,1,Answer()
 same => n,MusicOnHold()

; the four keys 1234, each once, give 1000 Hz; anything else hangs up
exten => 602,1,Answer()
 same => n,Playtones(700/300)
 same => n,Wait(0.3)
 same => n,StopPlaytones()
 same => n,Read(KEYS,,5,,1,2)
 same => n,GotoIf($["${KEYS}" = "1234"]?right)
 same => n,Hangup(21)
 same => n(right),Playtones(1000)
 same => n,Wait(30)

; early media, never an answer
exten => 603,1,Progress()
 same => n,Playtones(1000)
 same => n,Wait(30)

; Asterisk presses keys
exten => 604,1,Answer()
 same => n,SendDTMF(95,100,120)
 same => n,Wait(30)

exten => 605,1,Hangup(17)

; feature codes: a confirmation, then Asterisk hangs up
exten => _*2X,1,Answer()
 same => n,Playtones(700/300)
 same => n,Wait(0.3)
 same => n,Set(DB(codes/${CALLERID(num)})=${DB(codes/${CALLERID(num)})}${EXTEN})
 same => n,Hangup()

exten => _1XX,1,Dial(PJSIP/${EXTEN},20,b(headers^s^1))
 same => n,Hangup(${HANGUPCAUSE})

[headers]
exten => s,1,Set(PJSIP_HEADER(add,X-Motif)=rdv.imagerie)
 same => n,Set(PJSIP_HEADER(add,Alert-Info)=<urn:alert:tone:internal>)
 same => n,Return()
`

const pjsip = `[global]
type = global
endpoint_identifier_order = ip,username,auth_username

[udp]
type = transport
protocol = udp
bind = 127.0.0.1:%[1]d

[tcp]
type = transport
protocol = tcp
bind = 127.0.0.1:%[1]d

[phone](!)
type = endpoint
context = calls
disallow = all
allow = alaw,ulaw
direct_media = no
dtmf_mode = rfc4733

[trunk](phone)
[trunk]
type = identify
endpoint = trunk
match = 127.0.0.2
`

const pjsipPhone = `
[%[1]d](phone)
auth = %[1]d
aors = %[1]d
[%[1]d]
type = auth
auth_type = userpass
username = %[1]d
password = demo-%[1]d
[%[1]d]
type = aor
max_contacts = 1
remove_existing = yes
minimum_expiration = 1
`

// musicHertz is the one note of the music on hold.
const musicHertz = 850

// startAsterisk runs a private server with the dialplan above.
func startAsterisk(t *testing.T) *local.Asterisk {
	t.Helper()
	if os.Getenv("ACCUEIL_NO_ASTERISK") == "1" {
		t.Skip("ACCUEIL_NO_ASTERISK=1: no live Asterisk wanted")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	root, err := local.FindAsterisk(ctx)
	must(t, err)
	port, err := local.FreePort()
	must(t, err)
	t.Cleanup(port.Release)
	var endpoints strings.Builder
	fmt.Fprintf(&endpoints, pjsip, port.Port())
	for id := 101; id <= 110; id++ {
		fmt.Fprintf(&endpoints, pjsipPhone, id)
	}
	music := t.TempDir()
	must(t, os.Chmod(music, 0o755))
	must(t, os.WriteFile(filepath.Join(music, "note.sln"), note(), 0o644))
	server, err := local.StartAsterisk(ctx, local.AsteriskOptions{
		Root:    root,
		SIPPort: port.Port(),
		Files: map[string][]byte{
			"pjsip.conf":       []byte(endpoints.String()),
			"extensions.conf":  []byte(dialplan),
			"musiconhold.conf": fmt.Appendf(nil, "[general]\n[default]\nmode = files\ndirectory = %s\n", music),
		},
	})
	must(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := server.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return server
}

// note is ten seconds of music as Asterisk's .sln: 16-bit samples at 8 kHz.
func note() []byte {
	var b []byte
	for i := range 80_000 {
		s := 6000 * math.Sin(2*math.Pi*musicHertz*float64(i)/8000)
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(s)))
	}
	return b
}

func TestAsterisk(t *testing.T) {
	t.Parallel()
	server := startAsterisk(t)
	desk := func(t *testing.T, id int, cfg phones.Config) *phones.Phone {
		t.Helper()
		cfg.Server, cfg.User, cfg.Password = server.SIPAddr(), fmt.Sprint(id), fmt.Sprintf("demo-%d", id)
		return newPhone(t, cfg)
	}
	trunk := func(t *testing.T) *phones.Phone {
		t.Helper()
		return newPhone(t, phones.Config{LocalIP: "127.0.0.2", Server: server.SIPAddr(), User: "0388000001"})
	}
	// The tests run side by side inside this group, and the server stops after it.
	t.Run("group", func(t *testing.T) {
		t.Run("register", func(t *testing.T) {
			t.Parallel()
			ctx := deadline(t)
			stranger := newPhone(t, phones.Config{Server: server.SIPAddr(), User: "103", Password: "wrong"})
			var status *phones.StatusError
			if err := stranger.Register(ctx, time.Minute); !errors.As(err, &status) || status.Code != 401 {
				t.Errorf("a wrong password gives %v, want 401", err)
			}
			phone := desk(t, 103, phones.Config{Policy: phones.AnswerAfter(0)})
			caller := trunk(t)
			reaches := func() error {
				call, err := caller.Dial(ctx, "103", phones.CallOptions{})
				if err != nil {
					return err
				}
				return call.Hangup(ctx)
			}
			if err := reaches(); !errors.As(err, &status) {
				t.Errorf("a phone that never registered gives %v", err)
			}
			must(t, phone.Register(ctx, time.Minute))
			must(t, reaches())
			must(t, phone.Unregister(ctx))
			if err := reaches(); !errors.As(err, &status) {
				t.Errorf("an unregistered phone gives %v", err)
			}
			must(t, phone.Register(ctx, 2*time.Second))
			expiry := time.Now().Add(2500 * time.Millisecond)
			for time.Now().Before(expiry) {
				must(t, reaches()) // refreshed in time
			}
			phone.StopRegistering()
			for reaches() == nil { // until it expires, 2 s at most
			}
			must(t, ctx.Err())
		})

		t.Run("echo", func(t *testing.T) {
			for id, cfg := range map[int]phones.Config{
				101: {},
				102: {Transport: phones.TCP},
				104: {Codec: phones.MuLaw},
			} {
				t.Run(fmt.Sprint(cfg.Transport, cfg.Codec), func(t *testing.T) {
					t.Parallel()
					ctx := deadline(t)
					phone := desk(t, id, cfg)
					must(t, phone.Register(ctx, time.Minute))
					call, err := phone.Dial(ctx, "600", phones.CallOptions{})
					must(t, err)
					must(t, call.Ear().WaitTone(ctx, phone.Tone()))
					call.SendTone(2000)
					must(t, call.Ear().WaitTone(ctx, 2000))
					must(t, call.Ear().WaitNoTone(ctx, phone.Tone(), 100*time.Millisecond))
					must(t, call.Hold(ctx, false))
					must(t, call.Ear().WaitSilence(ctx, 200*time.Millisecond))
					must(t, call.Resume(ctx))
					must(t, call.Ear().WaitTone(ctx, 2000))
					must(t, call.Hangup(ctx))
				})
			}
		})

		t.Run("keys after the beep", func(t *testing.T) {
			t.Parallel()
			for _, k := range []phones.Keying{{}, {Hold: 40 * time.Millisecond, Gap: 60 * time.Millisecond}} {
				ctx := deadline(t)
				phone := trunk(t)
				call, err := phone.Dial(ctx, "602", phones.CallOptions{Silent: true})
				must(t, err)
				must(t, call.Ear().WaitTone(ctx, 700))
				must(t, call.Ear().WaitNoTone(ctx, 700, 60*time.Millisecond))
				must(t, call.SendDTMF(ctx, "1234", k))
				must(t, call.Ear().WaitTone(ctx, 1000))
				must(t, call.Hangup(ctx))
			}
		})

		t.Run("keys from Asterisk", func(t *testing.T) {
			t.Parallel()
			ctx := deadline(t)
			call, err := trunk(t).Dial(ctx, "604", phones.CallOptions{})
			must(t, err)
			heard, err := call.Ear().WaitKeys(ctx, 2)
			must(t, err)
			if heard != "95" {
				t.Errorf("heard keys %q", heard)
			}
		})

		t.Run("music", func(t *testing.T) {
			t.Parallel()
			ctx := deadline(t)
			call, err := trunk(t).Dial(ctx, "601", phones.CallOptions{Silent: true})
			must(t, err)
			must(t, call.Ear().WaitEnergy(ctx))
			must(t, call.Ear().WaitTone(ctx, musicHertz))
			must(t, call.Ear().WaitNoTone(ctx, 1300, time.Second))
			h := call.Ear().Hearing()
			if h.FirstEnergy.Before(call.Moments().Answered) || h.LongestNothing > time.Second {
				t.Errorf("music heard: %+v", h)
			}
		})

		t.Run("early media and cancel", func(t *testing.T) {
			t.Parallel()
			ctx := deadline(t)
			call, err := trunk(t).Call(ctx, "603", phones.CallOptions{})
			must(t, err)
			must(t, call.Ear().WaitTone(ctx, 1000))
			select {
			case <-call.EarlyMedia():
			default:
				t.Error("sound without early media")
			}
			select {
			case <-call.Answered():
				t.Error("answered instead of early media")
			default:
			}
			must(t, call.Hangup(ctx))
			if end, _ := call.End(); end.Status != 487 || end.By != phones.Ours {
				t.Errorf("cancelled call ends as %+v", end)
			}
		})

		t.Run("refusals", func(t *testing.T) {
			t.Parallel()
			ctx := deadline(t)
			caller, phone := trunk(t), desk(t, 105, phones.Config{})
			must(t, phone.Register(ctx, time.Minute))
			for _, test := range []struct {
				target string
				policy phones.Policy
				status int
			}{
				{"605", nil, 486},
				{"105", phones.Busy(), 486},
				{"105", phones.Decline(), 403}, // what Asterisk makes of 603
				{"999", nil, 404},
			} {
				phone.SetPolicy(test.policy)
				_, err := caller.Dial(ctx, test.target, phones.CallOptions{})
				var status *phones.StatusError
				if !errors.As(err, &status) || status.Code != test.status {
					t.Errorf("%s gives %v, want %d", test.target, err, test.status)
				}
			}
		})

		t.Run("two phones", func(t *testing.T) {
			t.Parallel()
			ctx := deadline(t)
			caller, phone := trunk(t), desk(t, 106, phones.Config{})
			must(t, phone.Register(ctx, time.Minute))
			ours, err := caller.Call(ctx, "106", phones.CallOptions{DisplayName: "Jeanne Exemple"})
			must(t, err)
			theirs, err := phone.WaitCall(ctx)
			must(t, err)
			must(t, theirs.Ring())
			must(t, ours.WaitRinging(ctx))
			name, number := theirs.Caller()
			if name != "Jeanne Exemple" || number != "0388000001" || theirs.Header("X-Motif") != "rdv.imagerie" || theirs.Header("Alert-Info") == "" {
				t.Errorf("caller %q %q, motif %q, alert %q", name, number, theirs.Header("X-Motif"), theirs.Header("Alert-Info"))
			}
			must(t, theirs.Answer())
			must(t, ours.WaitAnswered(ctx))
			must(t, ours.Ear().WaitTone(ctx, phone.Tone()))
			must(t, theirs.Ear().WaitTone(ctx, caller.Tone()))
			must(t, ours.Hangup(ctx))
			end, err := theirs.WaitEnded(ctx)
			must(t, err)
			if end.By != phones.Theirs {
				t.Errorf("called side sees %+v", end)
			}

			// The caller gives up while the phone rings.
			ours, err = caller.Call(ctx, "106", phones.CallOptions{})
			must(t, err)
			theirs, err = phone.WaitCall(ctx)
			must(t, err)
			must(t, theirs.Ring())
			must(t, ours.WaitRinging(ctx))
			must(t, ours.Hangup(ctx))
			end, err = theirs.WaitEnded(ctx)
			must(t, err)
			if end.By != phones.Theirs || end.Status != 487 {
				t.Errorf("called side sees %+v, want a cancelled call", end)
			}
		})

		t.Run("blind transfer", func(t *testing.T) {
			t.Parallel()
			ctx := deadline(t)
			caller, phone := trunk(t), desk(t, 108, phones.Config{Policy: phones.AnswerAfter(0)})
			must(t, phone.Register(ctx, time.Minute))
			ours, err := caller.Dial(ctx, "108", phones.CallOptions{})
			must(t, err)
			theirs, err := phone.WaitCall(ctx)
			must(t, err)
			must(t, theirs.Ear().WaitTone(ctx, caller.Tone()))
			must(t, theirs.Refer(ctx, "601"))
			must(t, ours.Ear().WaitTone(ctx, musicHertz))
			must(t, theirs.Hangup(ctx)) // Asterisk leaves that to the phone
			select {
			case <-ours.Ended():
				t.Error("the transferred call ended with the transferring phone")
			default:
			}
		})

		t.Run("a day at work", func(t *testing.T) {
			t.Parallel()
			ctx := deadline(t)
			phone := desk(t, 107, phones.Config{Tone: phones.AgentVoice(7)})
			agent := phones.Agent{
				Phone: phone, Rand: source(2),
				Temper: phones.Temper{React: prompt.React, Talk: prompt.Talk, PauseOdd: 1, PauseFor: phones.Spread{Median: time.Hour}},
				Login:  "*20", Pause: "*21", Logout: "*22",
			}
			shift, home := context.WithCancel(ctx)
			defer home()
			work := make(chan error, 1)
			go func() { work <- agent.Work(shift) }()
			codes := func(want string) {
				t.Helper()
				for ctx.Err() == nil { // each look is a question to Asterisk and takes its time
					if got, err := server.CLI(ctx, "database get codes 107"); err == nil && strings.HasSuffix(strings.TrimSpace(got), ": "+want) {
						return
					}
				}
				t.Errorf("Asterisk did not see the codes %s", want)
			}
			codes("*20")
			visit, err := phones.Patient{Phone: trunk(t), Entry: "107", Temper: prompt, Rand: source(3)}.Visit(ctx)
			must(t, err)
			if visit.Ending != phones.VisitTalked || visit.Voice != phone.Tone() || visit.Talked < 300*time.Millisecond {
				t.Errorf("the patient went through %+v", visit)
			}
			codes("*20*21") // the pause after the conversation
			if n := agent.Handled(); n != 1 {
				t.Errorf("%d conversations handled, want 1", n)
			}
			home()
			must(t, <-work)
			codes("*20*21*22")
			_, err = trunk(t).Dial(ctx, "107", phones.CallOptions{})
			if _, refused := asStatus(err); !refused {
				t.Errorf("an agent gone home gives %v", err)
			}
		})

		t.Run("hostile callers", func(t *testing.T) {
			t.Parallel()
			ctx := deadline(t)
			caller := trunk(t)
			for name, o := range map[string]phones.CallOptions{
				"long name":      {DisplayName: strings.Repeat("x", 10_000)},
				"long number":    {User: strings.Repeat("9", 3_000)},
				"bad UTF-8":      {DisplayName: "\xff\xfe\xc3("},
				"control":        {DisplayName: "a\x01\x07\x1b[31mb"},
				"quote":          {DisplayName: `a\"b`},
				"no angle":       {RawFrom: "sip:evil@127.0.0.2"},
				"broken address": {RawFrom: `"<<<>>" <sip:@@@>`},
			} {
				call, err := caller.Call(ctx, "600", o)
				must(t, err)
				// Taken or refused, or not even read: any is right, as long as
				// the next caller is served.
				short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
				t.Logf("%s: %v", name, call.WaitAnswered(short))
				cancel()
				short, cancel = context.WithTimeout(ctx, 300*time.Millisecond)
				_ = call.Hangup(short)
				cancel()
			}
			call, err := caller.Dial(ctx, "600", phones.CallOptions{})
			must(t, err)
			must(t, call.Ear().WaitTone(ctx, caller.Tone()))
		})

		t.Run("forty calls", func(t *testing.T) {
			t.Parallel()
			ctx := deadline(t)
			caller := trunk(t)
			var calls sync.WaitGroup
			for n := range 40 {
				calls.Go(func() {
					call, err := caller.Dial(ctx, "600", phones.CallOptions{Tone: phones.ToneFor(n)})
					if err != nil {
						t.Error(err)
						return
					}
					if err := call.Ear().WaitTone(ctx, phones.ToneFor(n)); err != nil {
						t.Error(err)
					}
					if err := call.Hangup(ctx); err != nil {
						t.Error(err)
					}
				})
			}
			calls.Wait()
		})
	})
}
