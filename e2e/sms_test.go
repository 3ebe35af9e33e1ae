package e2e

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"accueil/acd"
	"accueil/phones"
)

const smsScenario = `version: 1
start: envoi
emergency_message: false
nodes:
  envoi:
    sms: {text: {fr: "Le plan du site est sur notre page.", en: "The map is on our page."}, failed: non}
    next: fin
  non: {say: {fr: "Non.", en: "No."}}
  fin: {hangup: self_served}
`

// TestTextMessage: a scenario sends a text to the caller's mobile through the site's gateway, once, under
// a key; to a fixed line, and with a gateway that refuses, he hears that nothing has gone. Neither number
// nor text is in the log.
func TestTextMessage(t *testing.T) {
	t.Parallel()
	type sent struct {
		Key  string
		Body map[string]string
	}
	got := make(chan sent, 4)
	var refuses atomic.Bool
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := sent{Key: r.Header.Get("Idempotency-Key")}
		_ = json.NewDecoder(r.Body).Decode(&s.Body)
		got <- s
		if refuses.Load() {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	}))
	defer gateway.Close()
	const saysSent, saysFailed = 72, 74
	ctx, s := tell(t, with(quick(), map[string]string{"texto.yaml": smsScenario}, append(recorded(t, map[string]int{"sys.sms_sent": saysSent, "sys.sms_failed": saysFailed}),
		"\nentries:\n", "\nsms: {url: \""+gateway.URL+"\", from: \"CH Demo\"}\nentries:\n  \"3200\": {trunk: operateur, scenario: texto}\n")...))
	c := s.in(t)
	p := c.caller(ctx, "3200", phones.CallOptions{User: "0612345677"})
	heard(ctx, t, p, saysSent)
	c.ends(ctx, p, acd.SelfServed, acd.LegMenu, "")
	if m := <-got; m.Body["to"] != "+33612345677" || m.Body["text"] != "Le plan du site est sur notre page." || m.Body["from"] != "CH Demo" || !strings.Contains(m.Key, string(p.contact)) {
		t.Errorf("the gateway was given %+v", m)
	}
	fixed := c.caller(ctx, "3200", phones.CallOptions{User: "0145678901"})
	heard(ctx, t, fixed, saysFailed)
	c.ends(ctx, fixed, acd.SelfServed, acd.LegMenu, "message")
	if len(got) > 0 {
		t.Errorf("a fixed line was sent %+v", <-got)
	}
	refuses.Store(true)
	p = c.caller(ctx, "3200", phones.CallOptions{User: "0612345677"})
	heard(ctx, t, p, saysFailed)
	c.ends(ctx, p, acd.SelfServed, acd.LegMenu, "message")
	neverSilent(t, p)
	if out := s.h.Log.String(); strings.Contains(out, "612345677") || strings.Contains(out, "plan du site") || strings.Contains(out, gateway.URL) {
		t.Error("the log tells what was sent, to whom, or where")
	}
}
