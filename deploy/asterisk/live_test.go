package asteriskconf_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	asteriskconf "accueil/deploy/asterisk"
	"accueil/phones"
	"accueil/site"
)

func TestLoadsWithoutComplaint(t *testing.T) {
	t.Parallel()
	s := demo(t)
	for name, change := range map[string]func(*asteriskconf.Options){
		"broadcast": nil, "plain": func(o *asteriskconf.Options) { o.NoBroadcast = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, s, change)
			ctx := timeout(t, 20*time.Second)
			if lines := r.log.complaints(); len(lines) > 0 {
				t.Errorf("asterisk complains:\n%s", strings.Join(lines, "\n"))
			}
			for command, wanted := range map[string][]string{
				"pjsip show endpoints":                     {"101/101", "120/120", "patient-1", "operateur", "autocom"},
				"pjsip show identifies":                    {"127.0.0.2/32", "127.0.0.4/32"},
				"dialplan show accueil-trunk-operateur":    {"'3000'", "'3001'"},
				"dialplan show accueil-entry":              {"'3000'", "'3001'", "'3900'", "'T'"},
				"dialplan show accueil-phones":             {"'15'", "'112'", "'_4XXX'", "'*20'", "'_*20XX#XXXX'", "'*703000'"},
				"dialplan show accueil-net":                {"PJSIP/101&PJSIP/102&PJSIP/103"},
				"moh show classes":                         {"accueil-music", "accueil-soft", "accueil-net-fr"},
				"ari show users":                           {"accueil"},
				"manager show settings":                    {"No"},
				"cel show status":                          {"CHAN_START"},
				"core show application StasisBroadcast":    {"StasisBroadcast"},
				"module show like app_stasis_broadcast":    {"app_stasis_broadcast"},
				"pjsip show endpoint 101":                  {"allow_transfer                : false", "direct_media                   : false", "device_state_busy_at           : 1"},
				"pjsip show endpoint operateur":            {"identify_by                    : ip"},
				"dialplan show 3900@accueil-trunk-autocom": {"'3900'"},
			} {
				if name == "plain" && strings.Contains(strings.ToLower(command), "broadcast") {
					continue
				}
				out, err := r.CLI(ctx, command)
				if err != nil {
					t.Error(err)
				}
				for _, w := range wanted {
					if !strings.Contains(squeeze(out), squeeze(w)) {
						t.Errorf("%s does not show %q:\n%s", command, w, out)
					}
				}
			}
		})
	}
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// With neither controller nor Redis a call rings the static group within a second, and the caller
// hears the emergency instruction meanwhile.
func TestSafetyNet(t *testing.T) {
	t.Parallel()
	r := start(t, demo(t), nil)
	operator := r.peer(t, "operateur", nil)
	desk := r.phone(t, "102", phones.NoAnswer())
	for _, entry := range []string{"3000", "3001"} {
		ctx := timeout(t, 15*time.Second)
		call, err := operator.Call(ctx, entry, phones.CallOptions{})
		if err != nil {
			t.Fatal(err)
		}
		ringing, err := desk.WaitCall(ctx)
		if err != nil {
			t.Fatalf("%s: the group does not ring: %v", entry, err)
		}
		took := ringing.Moments().Invited.Sub(call.Moments().Invited)
		t.Logf("%s: group rings after %v", entry, took)
		if took > time.Second {
			t.Errorf("%s: the group rang after %v, more than a second", entry, took)
		}
		if err := call.Ear().WaitTone(ctx, emergencyHertz); err != nil {
			t.Errorf("%s: no emergency instruction: %v", entry, err)
		}
		if err := call.Ear().WaitTone(ctx, musicHertz); err != nil {
			t.Errorf("%s: no music behind it: %v", entry, err)
		}
		if err := ringing.Answer(); err != nil {
			t.Fatal(err)
		}
		if err := call.Ear().WaitTone(ctx, desk.Tone()); err != nil {
			t.Errorf("%s: the caller does not hear the desk: %v", entry, err)
		}
		if err := ringing.Ear().WaitTone(ctx, operator.Tone()); err != nil {
			t.Errorf("%s: the desk does not hear the caller: %v", entry, err)
		}
		if err := call.Hangup(ctx); err != nil {
			t.Error(err)
		}
		if _, err := ringing.WaitEnded(ctx); err != nil {
			t.Errorf("%s: the desk's call does not end: %v", entry, err)
		}
	}
}

// No phone of the group is there: the caller still hears the instruction, then that nobody answers.
func TestSafetyNetWithoutPhones(t *testing.T) {
	t.Parallel()
	r := start(t, demo(t), nil)
	ctx := timeout(t, 15*time.Second)
	call, err := r.peer(t, "operateur", nil).Dial(ctx, "3000", phones.CallOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, hertz := range []float64{emergencyHertz, awayHertz} {
		if err := call.Ear().WaitTone(ctx, hertz); err != nil {
			t.Errorf("%v Hz is not heard: %v", hertz, err)
		}
	}
	if _, err := call.WaitEnded(ctx); err != nil {
		t.Errorf("the call does not end: %v", err)
	}
}

// A mobile in the group must press 1: its voicemail answers too.
func TestSafetyNetAsksTrunkPhones(t *testing.T) {
	t.Parallel()
	s := demo(t)
	s.Phones["mobile"] = site.Phone{Kind: site.PhoneTrunk, Trunk: "operateur", Number: "0639980199"}
	s.Fallback.Ring = []acd.PhoneID{"mobile"}
	r := start(t, s, nil)
	ctx := timeout(t, 20*time.Second)
	mobile := r.peer(t, "operateur", nil)
	patient := r.phone(t, "patient-1", nil)
	call, err := patient.Dial(ctx, "3000", phones.CallOptions{})
	if err != nil {
		t.Fatal(err)
	}
	leg, err := mobile.WaitCall(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := leg.Answer(); err != nil {
		t.Fatal(err)
	}
	if err := leg.Ear().WaitTone(ctx, awayHertz); err != nil {
		t.Fatalf("the mobile is not asked: %v", err)
	}
	if err := leg.Press(ctx, "1"); err != nil {
		t.Fatal(err)
	}
	if err := call.Ear().WaitTone(ctx, mobile.Tone()); err != nil {
		t.Errorf("the patient does not hear the mobile: %v", err)
	}
	if err := call.Hangup(ctx); err != nil {
		t.Error(err)
	}
}

// Who calls from where reaches what he may, and nothing else.
func TestReach(t *testing.T) {
	t.Parallel()
	r := start(t, demo(t), nil)
	reached := make(chan string, 4)
	answer := func(_ context.Context, c *phones.Call) {
		reached <- c.Target()
		_ = c.Reject(486)
	}
	operator := r.peer(t, "operateur", answer)
	pbx := r.peer(t, "autocom", answer)
	desk := r.phone(t, "113", nil)
	other := r.phone(t, "105", phones.Busy())
	patient := r.phone(t, "patient-1", nil)
	stranger := r.open(t, phones.Config{Server: r.SIPAddr(), LocalIP: "127.0.0.9", User: "operateur"})
	_ = other

	for _, c := range []struct {
		who    *phones.Phone
		target string
		status int
		out    string // what arrives at a trunk's other end
	}{
		{operator, "9999", 404, ""},
		{operator, "101", 404, ""}, // a caller reaches entries, no phone
		{operator, "15", 404, ""},
		{operator, "0639980100", 404, ""},
		{operator, "*20", 404, ""},
		{operator, "4003", 404, ""},
		{operator, "3900", 404, ""}, // the other trunk's entry
		{operator, "T", 404, ""},
		{operator, "h", 404, ""},
		{operator, "s", 404, ""},
		{desk, "T", 404, ""},
		{desk, "h", 404, ""},
		{pbx, "3000", 404, ""},
		{patient, "15", 404, ""},
		{patient, "101", 404, ""},
		{desk, "0639980100", 404, ""}, // no way outside
		{desk, "+33639980100", 404, ""},
		{desk, "0", 404, ""},
		{desk, "40123", 404, ""},
		{desk, "*20123456789#0000", 404, ""},
		{desk, "105", 486, ""},
		{desk, "15", 486, "15"}, // untouched
		{desk, "112", 486, "112"},
		{desk, "114", 486, "114"}, // although a phone has this name
		{desk, "4003", 486, "4003"},
		{stranger, "3000", 401, ""}, // a trunk's name is no proof
	} {
		ctx := timeout(t, 10*time.Second)
		_, err := c.who.Dial(ctx, c.target, phones.CallOptions{})
		var status *phones.StatusError
		if !errors.As(err, &status) || status.Code != c.status {
			t.Errorf("%s dials %s: %v, want %d", c.who.User(), c.target, err, c.status)
		}
		got := ""
		if c.out != "" {
			select {
			case got = <-reached:
			case <-ctx.Done():
			}
		}
		if got != c.out || len(reached) > 0 {
			t.Errorf("%s dials %s: %q reached a trunk, want %q", c.who.User(), c.target, got, c.out)
		}
	}
	if lines := r.log.complaints(); len(lines) > 0 {
		t.Errorf("asterisk complains:\n%s", strings.Join(lines, "\n"))
	}
}

// A phone that forwards its calls cannot send them anywhere.
func TestNoForwarding(t *testing.T) {
	t.Parallel()
	r := start(t, demo(t), nil)
	ctx := timeout(t, 10*time.Second)
	operator := r.peer(t, "operateur", phones.AnswerAfter(0))
	desk := r.phone(t, "113", nil)
	forwarder := r.phone(t, "105", phones.Forward("15"))
	_, err := desk.Dial(ctx, "105", phones.CallOptions{})
	var status *phones.StatusError
	if !errors.As(err, &status) {
		t.Errorf("the forwarded call was not refused: %v", err)
	}
	if calls := operator.Calls(); len(calls) > 0 {
		t.Errorf("%d calls went out", len(calls))
	}
	// ARI rings phones without Dial's own refusal: the endpoint alone must hold.
	if _, err := forwarder.WaitCall(ctx); err != nil {
		t.Fatal(err)
	}
	r.ari(t, ctx, "/channels?endpoint=PJSIP/105&context=accueil-entry&extension=3000&priority=1")
	again, err := forwarder.WaitCall(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.WaitEnded(ctx); err != nil {
		t.Error(err)
	}
	if calls := operator.Calls(); len(calls) > 0 {
		t.Errorf("%d calls went out by ARI", len(calls))
	}
}

// ari posts one request as the controller would.
func (r *server) ari(t *testing.T, ctx context.Context, path string) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.ARIURL()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(r.site.Asterisk.User, r.site.Asterisk.Password.Reveal())
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", path, answer.Status)
	}
}

func TestFeatureCodeWithoutController(t *testing.T) {
	t.Parallel()
	r := start(t, demo(t), nil)
	desk := r.phone(t, "113", nil)
	for _, code := range []string{"*20", "*2013#0000", "*2013", "*213", "*703000#0000"} {
		ctx := timeout(t, 10*time.Second)
		call, err := desk.Dial(ctx, code, phones.CallOptions{})
		if err != nil {
			t.Errorf("%s: %v", code, err)
			continue
		}
		if err := call.Ear().WaitTone(ctx, awayHertz); err != nil {
			t.Errorf("%s: no spoken refusal: %v", code, err)
		}
		if err := call.Hangup(ctx); err != nil {
			t.Error(err)
		}
	}
}

// Files of Asterisk hold no number and no PIN, and CEL has one CHAN_START for each caller.
func TestRecords(t *testing.T) {
	t.Parallel()
	r := start(t, demo(t), nil)
	ctx := timeout(t, 20*time.Second)
	const secretNumber, secretName, secretPIN = "0639980177", "Marqueur", "73197319"
	operator := r.peer(t, "operateur", phones.Busy())
	desk := r.phone(t, "113", nil)
	r.phone(t, "101", phones.AnswerAfter(0))
	call, err := operator.Dial(ctx, "3000", phones.CallOptions{User: secretNumber, DisplayName: secretName})
	if err != nil {
		t.Fatal(err)
	}
	if err := call.Ear().WaitEnergy(ctx); err != nil {
		t.Error(err)
	}
	if err := call.Hangup(ctx); err != nil {
		t.Error(err)
	}
	for _, refused := range []string{"9999", secretNumber} {
		_, _ = operator.Dial(ctx, refused, phones.CallOptions{User: secretNumber, DisplayName: secretName})
		_, _ = desk.Dial(ctx, refused, phones.CallOptions{})
	}
	if code, err := desk.Dial(ctx, "*2013#"+secretPIN, phones.CallOptions{}); err != nil {
		t.Error(err)
	} else if err := code.Hangup(ctx); err != nil {
		t.Error(err)
	}
	cel := ""
	for ctx.Err() == nil && strings.Count(cel, "LINKEDID_END") < 2 { // the records are written behind the call
		b, err := os.ReadFile(filepath.Join(r.Dir, "log", "cel-custom", "accueil-cel.csv"))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		cel = string(b)
	}
	if n := strings.Count(cel, "PJSIP/operateur-"); n == 0 {
		t.Errorf("CEL knows no caller:\n%s", cel)
	}
	starts := 0
	for line := range strings.Lines(cel) {
		if strings.HasPrefix(line, "CHAN_START,") && strings.Contains(line, "PJSIP/operateur-") {
			starts++
		}
	}
	if starts != 1 {
		t.Errorf("%d CHAN_START of the trunk, want 1:\n%s", starts, cel)
	}
	ctx2, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
	defer cancel()
	if err := r.Stop(ctx2); err != nil { // writes what is left
		t.Fatal(err)
	}
	seen := 0
	err = filepath.WalkDir(r.Dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || strings.HasPrefix(path, filepath.Join(r.Dir, "etc")) {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		seen++
		for _, secret := range []string{secretNumber, secretNumber[1:], secretName, secretPIN} {
			if strings.Contains(string(b), secret) {
				t.Errorf("%s holds %s", path, secret)
			}
		}
		return nil
	})
	if err != nil || seen == 0 {
		t.Errorf("%d files read: %v", seen, err)
	}
}
