package e2e

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

// witness is a conversation that goes on while somebody attacks.
func witness(ctx context.Context, t *testing.T, h *Hospital) (c conversation, still func(t *testing.T)) {
	t.Helper()
	l := &lane{n: 1, keys: "11", queue: "rdv", agent: "a13", voice: phones.PatientVoice(1)}
	l.phone = agentAt(ctx, t, h, "a13", "113", 1)
	c = l.talk(ctx, t, h)
	return c, func(t *testing.T) {
		t.Helper()
		c.both(ctx, t, c.at)
		if legs := c.state(ctx, t, 1, acd.LegTalking); legs[0].Anomaly {
			t.Errorf("the witness's leg: %+v", legs[0])
		}
	}
}

// TestHostileCallers: names and numbers made to break a parser, a shell, a page, a dialplan or a log.
// Each call gets an ordinary answer or a refusal, and the others go on.
func TestHostileCallers(t *testing.T) {
	t.Parallel()
	ctx, h := hospital(t, Options{RTPPorts: 1200})
	c, still := witness(ctx, t, h)
	trunk := must[*phones.Phone](t)(h.Trunk(ctx))
	long := strings.Repeat("A", 10<<10)
	for name, from := range map[string]string{
		"dialplan":       `"${SHELL(id)}" <sip:06399812$%7BEXTEN%7D@127.0.0.2>`,
		"separators":     `"a;b|c,d&e" <sip:0639%3B981%7C299%2C1@127.0.0.2>`,
		"html":           `"<script>alert(1)</script>" <sip:0639981299@127.0.0.2>`,
		"quotes":         `"a\"b'c\\" <sip:0639981299@127.0.0.2>`,
		"controls":       "\"a\x01\x02\x1b[2Jb\" <sip:0639981299@127.0.0.2>",
		"bad utf-8":      "\"\xff\xfe\xc3\x28\" <sip:0639981299@127.0.0.2>",
		"escaped crlf":   `"x" <sip:0639%0D%0AX-Motif%3A%20y@127.0.0.2>`,
		"agent's name":   `"113" <sip:113@127.0.0.2>`,
		"no number":      `"" <sip:127.0.0.2>`,
		"anonymous":      `"Anonymous" <sip:anonymous@anonymous.invalid>`,
		"tel uri":        `<tel:+33639981299>`,
		"long name, 1kB": `"` + long[:1000] + `" <sip:0639981299@127.0.0.2>`,
	} {
		t.Run(name, func(t *testing.T) {
			calling, cancel := context.WithTimeout(ctx, 20*time.Second)
			defer cancel()
			call, err := trunk.Dial(calling, "3000", phones.CallOptions{RawFrom: from})
			var refused *phones.StatusError
			switch {
			case errors.As(err, &refused):
				if refused.Code >= 500 {
					t.Errorf("answered %d", refused.Code)
				}
				t.Logf("refused with %d", refused.Code)
				return
			case err != nil:
				t.Fatal(err)
			}
			if err := call.Ear().WaitEnergy(calling); err != nil {
				t.Error("nothing is heard:", err)
			}
			hangup(ctx, t, call)
		})
	}
	t.Run("10 kB of From and broken datagrams", func(t *testing.T) {
		attack(t, h.Asterisk.SIPAddr(), TrunkIP, []string{
			invite("3000", `"`+long+`" <sip:0639981299@127.0.0.2>`, ""),
			invite("3000", `"x" <sip:`+long+`@127.0.0.2>`, ""),
			invite("3000", `"x" <sip:0639981299@127.0.0.2>`, "X-A: "+long+"\r\n"),
			invite("3000", "\"x\"\r\nX-Motif: y\r\n <sip:0639981299@127.0.0.2>", ""),
			invite("3000", `"x <sip:0639981299@127.0.0.2`, ""),
			invite("3000", "\x00\x00\x00", ""),
			invite("3000", `"x" <sip:0639981299@127.0.0.2>`, "Content-Length: 99999999\r\n"),
			invite("3000", `"x" <sip:0639981299@127.0.0.2>`, "Content-Length: -1\r\n"),
			invite(long, `"x" <sip:0639981299@127.0.0.2>`, ""),
			invite("3000;x=${EXTEN}", `"x" <sip:0639981299@127.0.0.2>`, ""),
			"INVITE sip:3000@x SIP/9.9\r\n\r\n", "INVITE\r\n\r\n", "\r\n\r\n", "", "\x00", strings.Repeat("\xff", 1400),
			"SIP/2.0 200 OK\r\nVia: x\r\n\r\n", "SIP/2.0 999999999999 ?\r\n\r\n", strings.Repeat("Via: x\r\n", 2000),
			"OPTIONS sip:3000@x SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.2:9;branch=\r\nCSeq: 99999999999999999999 X\r\n\r\n",
		})
	})
	t.Run("numbers that are not entries", func(t *testing.T) {
		var calls sync.WaitGroup
		for _, number := range []string{"9999", "4001", "101", "113", "*20", "*703000", "15", "112", "0612345678", "T", "h", "s", "i", "fr", "3000#", "${EXTEN}"} {
			calls.Go(func() { refusedCall(ctx, t, trunk, number, phones.CallOptions{}) })
		}
		calls.Wait()
	})
	t.Run("a stranger's address", func(t *testing.T) {
		stranger := must[*phones.Phone](t)(phones.New(ctx, phones.Config{LocalIP: "127.0.0.9", Server: h.Asterisk.SIPAddr()}))
		defer stranger.Close()
		for _, from := range []string{"", `<sip:101@127.0.0.1>`, `<sip:operateur@127.0.0.2>`, `"Anonymous" <sip:anonymous@anonymous.invalid>`} {
			for _, number := range []string{"3000", "101", "*20", "15"} {
				refusedCall(ctx, t, stranger, number, phones.CallOptions{RawFrom: from})
			}
		}
	})
	t.Run("a flood of calls", func(t *testing.T) { flooded(ctx, t, h, c, trunk) })
	t.Run("a wrong password", func(t *testing.T) {
		thief := must[*phones.Phone](t)(phones.New(ctx, phones.Config{LocalIP: PhonesIP, Server: h.Asterisk.SIPAddr(), User: "113", Password: "guess"}))
		defer thief.Close()
		var refused *phones.StatusError
		if err := thief.Register(ctx, time.Minute); !errors.As(err, &refused) {
			t.Errorf("registered: %v", err)
		}
		refusedCall(ctx, t, thief, "*21", phones.CallOptions{})
	})
	// The agent stays with the witness until they have, so as not to be offered one of them.
	until(ctx, t, h, "every other contact ended", func(v *acd.View) bool {
		for _, l := range v.Image().Legs {
			if l.Live() && l.ID.Contact() != c.contact {
				return false
			}
		}
		return true
	})
	still(t)
	hangup(ctx, t, c.at)
	c.over(ctx, t, byAgent)
	for _, l := range allLegs(h) {
		if l.Anomaly {
			t.Errorf("leg fitted no row of the table: %+v", l)
		}
	}
	// The same phone still rings for the next patient: nobody has taken its registration.
	next := c.lane.talk(ctx, t, h)
	hangup(ctx, t, next.caller)
	next.over(ctx, t, byCaller)
	nothingLeft(ctx, t, h)
}

// refusedCall dials and expects a refusal by the server.
func refusedCall(ctx context.Context, t *testing.T, p *phones.Phone, number string, o phones.CallOptions) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	call, err := p.Dial(ctx, number, o)
	var refused *phones.StatusError
	if err == nil {
		_ = call.Hangup(ctx)
		t.Errorf("%q from %q was answered", number, o.RawFrom)
	} else if !errors.As(err, &refused) && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%q: %v", number, err) // no answer at all is a refusal too
	}
}

// invite writes an INVITE by hand, as no library would.
func invite(user, from, more string) string {
	return "INVITE sip:" + user + "@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.2:5999;branch=z9hG4bKhostile\r\nMax-Forwards: 70\r\n" +
		"From: " + from + ";tag=h\r\nTo: <sip:3000@127.0.0.1>\r\nCall-ID: hostile\r\nCSeq: 1 INVITE\r\nContact: <sip:x@127.0.0.2:5999>\r\n" + more + "\r\n"
}

// attack sends datagrams from an address, waits for what comes back, and ends what was taken for a call.
func attack(t *testing.T, to, from string, datagrams []string) {
	t.Helper()
	conn := socket(t, to, from)
	defer conn.Close()
	for i, text := range datagrams {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "hostile", fmt.Sprintf("hostile%d", i)), "127.0.0.2:5999", conn.LocalAddr().String())
		if _, err := conn.Write([]byte(text)); err != nil {
			t.Logf("datagram %d: %v", i, err)
		}
	}
	t.Logf("%d of them were answered", farewell(conn, listen(conn)))
	// The last thing sent is good, so its answer shows that the server lives and has read the rest.
	good := "OPTIONS sip:3000@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP " + conn.LocalAddr().String() + ";branch=z9hG4bKgood;rport\r\nMax-Forwards: 70\r\n" +
		"From: <sip:x@127.0.0.2>;tag=g\r\nTo: <sip:3000@127.0.0.1>\r\nCall-ID: good\r\nCSeq: 7 OPTIONS\r\nContent-Length: 0\r\n\r\n"
	buf := make([]byte, 65535)
	for range 20 {
		if _, err := conn.Write([]byte(good)); err != nil {
			t.Fatal(err)
		}
		_ = conn.SetReadDeadline(time.Now().Add(time.Second))
		for {
			n, err := conn.Read(buf)
			if err != nil {
				break
			}
			if strings.Contains(string(buf[:n]), "CSeq: 7 OPTIONS") {
				return
			}
		}
	}
	t.Error("the server does not answer any more")
}

// flooded has 200 calls begin in two seconds from the trunk's address, and as many from a stranger's: the conversation does not notice, who calls meanwhile is answered, and what it
// costs ends with it.
func flooded(ctx context.Context, t *testing.T, h *Hospital, c conversation, trunk *phones.Phone) {
	const calls, over = 200, 2 * time.Second
	known, routines, stalls := len(allLegs(h)), runtime.NumGoroutine(), watchStalls(t)
	for _, ear := range []*phones.Ear{c.caller.Ear(), c.at.Ear()} {
		ear.Reset()
	}
	var senders sync.WaitGroup
	for _, from := range []string{TrunkIP, "127.0.0.9"} {
		senders.Go(func() { flood(t, h.Asterisk.SIPAddr(), from, calls, over) })
	}
	for range 4 {
		begun := time.Now()
		call := must[*phones.Call](t)(trunk.Dial(ctx, "3000", phones.CallOptions{User: "0639981298"}))
		if err := call.Ear().WaitEnergy(ctx); err != nil {
			t.Fatal("nothing is heard in the flood:", err)
		}
		if took := time.Since(begun); took > 3*time.Second+2*stalls.worse() {
			t.Errorf("heard %v after the call", took)
		}
		hangup(ctx, t, call)
	}
	senders.Wait()
	for _, ear := range []*phones.Ear{c.caller.Ear(), c.at.Ear()} {
		if n := ear.Hearing().LongestNothing; n > audioGap+2*stalls.worse() {
			t.Errorf("the conversation was silent for %v", n)
		}
	}
	led := len(allLegs(h)) - known
	t.Logf("%d contacts, %d goroutines before and %d after", led, routines, runtime.NumGoroutine())
	if led < calls/2 || led > calls+4 {
		t.Errorf("%d calls of the trunk and 4 more made %d contacts", calls, led)
	}
	if n := runtime.NumGoroutine(); n > routines+calls/2 {
		t.Errorf("%d goroutines after it, %d before", n, routines)
	}
}

// flood begins so many calls from an address, and ends those that were answered once all have begun.
func flood(t *testing.T, to, from string, calls int, over time.Duration) {
	conn := socket(t, to, from)
	defer conn.Close()
	said := listen(conn)
	tick := time.NewTicker(over / time.Duration(calls))
	defer tick.Stop()
	for i := range calls {
		text := strings.ReplaceAll(invite("3000", `"x" <sip:0639981299@127.0.0.2>`, ""), "hostile", fmt.Sprintf("flood%d", i))
		if _, err := conn.Write([]byte(strings.ReplaceAll(text, "127.0.0.2:5999", conn.LocalAddr().String()))); err != nil {
			t.Error(err)
		}
		<-tick.C
	}
	t.Logf("%d of %d calls from %s were answered", farewell(conn, said), calls, from)
}

// socket speaks to a server from an address.
func socket(t *testing.T, to, from string) net.Conn {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.UDPAddr{IP: net.ParseIP(from)}}
	return must[net.Conn](t)(d.Dial("udp", to))
}

// listen takes up what comes, until the connection is closed or its deadline has passed.
func listen(conn net.Conn) <-chan string {
	said := make(chan string, 4096)
	go func() {
		defer close(said)
		buf := make([]byte, 65535)
		for {
			n, err := conn.Read(buf)
			if err != nil && !errors.Is(err, syscall.ECONNREFUSED) {
				return
			}
			said <- string(buf[:n])
		}
	}()
	return said
}

// farewell acknowledges and ends the calls that were answered, and returns how many they were. An answer
// that was not acknowledged comes again, four seconds later at most: for so long it listens.
func farewell(conn net.Conn, said <-chan string) int {
	_ = conn.SetReadDeadline(time.Now().Add(4500 * time.Millisecond))
	over, port := map[string]bool{}, conn.LocalAddr().String()[strings.LastIndexByte(conn.LocalAddr().String(), ':')+1:] // of the branch, which no two calls share
	for text := range said {
		id := callID.FindString(text)
		if !strings.HasPrefix(text, "SIP/2.0 2") || !strings.Contains(text, "CSeq: 1 INVITE") || over[id] {
			continue
		}
		over[id] = true
		for cseq, method := range []string{"ACK", "BYE"} {
			_, _ = fmt.Fprintf(conn, "%s sip:3000@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s.%d\r\nMax-Forwards: 70\r\n%s\r\n%s\r\n%s\r\nCSeq: %d %s\r\nContent-Length: 0\r\n\r\n",
				method, conn.LocalAddr(), method+port, len(over), fromLine.FindString(text), toLine.FindString(text), id, cseq+1, method)
		}
	}
	return len(over)
}

// Lines of an answer that the rest of a call repeats.
var (
	callID   = regexp.MustCompile(`(?m)^Call-ID: [^\r]*`)
	fromLine = regexp.MustCompile(`(?m)^From: [^\r]*`)
	toLine   = regexp.MustCompile(`(?m)^To: [^\r]*`)
)

// TestFloodOfKeys: keys at fifty a second, by RTP and by SIP INFO, take no branch of the menu that
// nobody chose and leave the other calls alone.
func TestFloodOfKeys(t *testing.T) {
	t.Parallel()
	ctx, h := hospital(t, Options{})
	c, still := witness(ctx, t, h)
	trunk := must[*phones.Phone](t)(h.Trunk(ctx))
	for name, flood := range map[string]func(*phones.Call) error{
		"rfc 4733": func(call *phones.Call) error {
			return call.SendDTMF(ctx, strings.Repeat("5767", 125), phones.Keying{Hold: 20 * time.Millisecond, Gap: -1})
		},
		"sip info": func(call *phones.Call) error {
			for i := range 300 {
				if err := call.SendInfo(ctx, rune("5767"[i%4]), 40*time.Millisecond); err != nil {
					return err
				}
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			known := len(allLegs(h))
			call := must[*phones.Call](t)(trunk.Dial(ctx, "3000", phones.CallOptions{User: "0639981298"}))
			if err := flood(call); err != nil {
				t.Log("the flood was cut:", err)
			}
			still(t)
			hangup(ctx, t, call)
			legs := settled(ctx, t, h, known+1)
			for _, l := range legs {
				if l.ID.Contact() == c.contact {
					continue
				}
				for _, node := range l.Path {
					switch node {
					case "rendez-vous", "resultats", "admission", "autre-langue", "rdv-consultation", "rdv-imagerie":
						t.Errorf("keys that are no choice led to %v", l.Path)
					}
				}
				if l.Reason != "" && l.Reason != "accueil" {
					t.Errorf("a reason that nobody chose: %q", l.Reason)
				}
				if l.Anomaly {
					t.Errorf("%+v", l)
				}
			}
		})
	}
	still(t)
	hangup(ctx, t, c.caller)
	c.over(ctx, t, byCaller)
	nothingLeft(ctx, t, h)
}

// allLegs is every leg of the log, ended ones too.
func allLegs(h *Hospital) []acd.Leg {
	sub := h.App.Book().Subscribe("test")
	defer sub.Close()
	return sub.Image.Legs
}

// settled waits until there are n legs, all ended but those in conversation, and returns them.
func settled(ctx context.Context, t *testing.T, h *Hospital, n int) []acd.Leg {
	t.Helper()
	var legs []acd.Leg
	until(ctx, t, h, fmt.Sprintf("%d legs", n), func(v *acd.View) bool {
		legs = v.Image().Legs
		for _, l := range legs {
			if l.Live() && l.State != acd.LegTalking {
				return false
			}
		}
		return len(legs) == n
	})
	return legs
}

// TestHostileRequests sends the API what no client would, during a conversation. Everything is
// refused with a precise error, nothing is repeated, nothing breaks.
func TestHostileRequests(t *testing.T) {
	t.Parallel()
	ctx, h := hospital(t, Options{})
	c, still := witness(ctx, t, h)
	transfer := "/v1/contacts/" + string(c.contact) + "/transfer"
	const mark = "geheim4711"
	for _, r := range []struct{ method, path, kind, body string }{
		{"POST", transfer, "application/json", ""},
		{"POST", transfer, "application/json", "{"},
		{"POST", transfer, "application/json", "[]"},
		{"POST", transfer, "application/json", "null"},
		{"POST", transfer, "application/json", `"` + mark + `"`},
		{"POST", transfer, "application/json", `{"kind":1,"to":{}}`},
		{"POST", transfer, "application/json", `{"kind":"blind","to":"4001","extra":"` + mark + `"}`},
		{"POST", transfer, "application/json", `{"kind":"blind","to":"` + mark + ` ${EXTEN}"}`},
		{"POST", transfer, "application/json", "{\"kind\":\"blind\",\"to\":\"\xff\xfe\"}"},
		{"POST", transfer, "application/json", `{"kind":"blind","to":"4001\u0000"}`},
		{"POST", transfer, "application/json", `{"kind":"blind","to":"4001","note":"` + strings.Repeat(mark, 10000) + `"}`},
		{"POST", transfer, "application/json", strings.Repeat("[", 100000)},
		{"POST", transfer, "application/json", `{"kind":"blind","to":` + strings.Repeat(" ", 8<<20) + `"4001"}`},
		{"POST", transfer, "text/xml", "<a/>"},
		{"POST", "/v1/contacts/..%2f..%2fetc/transfer", "application/json", `{"kind":"blind","to":"4001"}`},
		{"POST", "/v1/contacts/" + strings.Repeat("x", 3000) + "/transfer", "application/json", `{"kind":"blind","to":"4001"}`},
		{"PUT", "/v1/agents/a13/state", "application/json", `{"state":"` + mark + `"}`},
		{"PUT", "/v1/agents/a13/state", "application/json", `{"state":"paused","reason":"` + mark + `\r\n"}`},
		{"PUT", "/v1/agents/" + mark + "/state", "application/json", `{"state":"ready"}`},
		{"PUT", "/v1/agents/a13/skills", "application/json", `{"skills":{"fr":1e99}}`},
		{"PUT", "/v1/agents/a13/skills", "application/json", `{"skills":{"fr":-1}}`},
		{"PUT", "/v1/agents/a13/skills", "application/json", `{"skills":{"` + mark + `":1}}`},
		{"PUT", "/v1/contacts/" + string(c.contact) + "/points", "application/json", `{"points":11}`},
		{"GET", "/v1/kpis?from=" + mark, "", ""},
		{"GET", "/v1/contacts/%00", "", ""},
		{"DELETE", transfer, "", ""},
	} {
		req, err := http.NewRequestWithContext(ctx, r.method, h.URL()+r.path, strings.NewReader(r.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer demo-supervisor")
		if r.kind != "" {
			req.Header.Set("Content-Type", r.kind)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Errorf("%s %.60s %.40q: %v", r.method, r.path, r.body, err)
			continue
		}
		text, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if res.StatusCode/100 != 4 {
			t.Errorf("%s %.60s %.40q: %d %.200s", r.method, r.path, r.body, res.StatusCode, text)
		}
		if strings.Contains(string(text), mark) {
			t.Errorf("%s %.60s repeats the refused value: %.200s", r.method, r.path, text)
		}
	}
	raw := func(text string) {
		conn, err := net.Dial("tcp", h.Site.Listen.HTTP)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, _ = conn.Write([]byte(text))
	}
	raw("\x16\x03\x01\x00\xff\x00\x00")
	raw("GET / HTTP/9.9\r\n\r\n")
	raw("POST " + transfer + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer demo-supervisor\r\nContent-Length: 1000\r\n\r\n{")
	if strings.Contains(h.Log.String(), mark) {
		t.Error("a refused value is in the log")
	}
	still(t)
	hangup(ctx, t, c.at)
	c.over(ctx, t, byAgent)
	nothingLeft(ctx, t, h)
}
