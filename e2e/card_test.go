package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

// aCard is what a test reads of a card, from the stream or from its route.
type aCard struct {
	Contact acd.ContactID       `json:"contact"`
	State   acd.LegState        `json:"state"`
	Entry   acd.EntryID         `json:"entry"`
	Queue   acd.QueueID         `json:"queue"`
	Reason  acd.ReasonID        `json:"reason"`
	Label   map[acd.Lang]string `json:"label"`
	Wait    int64               `json:"wait_ms"`
	Lang    acd.Lang            `json:"language"`
	Path    []string            `json:"menu_path"`
	Caller  *struct {
		Name   string `json:"name"`
		Number string `json:"number"`
	} `json:"caller"`
}

// shown is a card as a reader of the stream got it.
type shown struct {
	aCard
	at time.Time
}

// cards follows the event stream of an account from now on. Each event must be one line of JSON;
// what is told without a card is passed over.
func cards(ctx context.Context, t *testing.T, h *Hospital, token string) <-chan shown {
	t.Helper()
	ctx, stop := context.WithCancel(ctx)
	req := must[*http.Request](t)(http.NewRequestWithContext(ctx, http.MethodGet, h.URL()+"/v1/events", nil))
	req.Header.Set("Authorization", "Bearer "+token)
	res := must[*http.Response](t)(http.DefaultClient.Do(req))
	if res.StatusCode != http.StatusOK {
		t.Fatalf("the events of %s: %d", token, res.StatusCode)
	}
	out, over := make(chan shown, 100), make(chan struct{})
	t.Cleanup(func() { stop(); _ = res.Body.Close(); <-over })
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() && lines.Text() != "event: snapshot" {
	}
	go func() {
		defer close(over)
		for lines.Scan() {
			key, value, _ := strings.Cut(lines.Text(), ": ")
			switch {
			case key == "data":
				var e struct {
					Card *aCard `json:"card"`
				}
				if err := json.Unmarshal([]byte(value), &e); err != nil {
					t.Errorf("an event is no JSON: %v", err)
				}
				if e.Card != nil {
					out <- shown{*e.Card, time.Now()}
				}
			case !slices.Contains([]string{"", "id", "event"}, key):
				t.Errorf("a line of the stream that is none of ours: %.80q", lines.Text())
			}
		}
	}()
	return out
}

// TestCardAtTheRing: at the instant a phone rings the event stream tells why, since when, in which
// language and by which keys, to the agent and to supervisors; who calls is asked for at its route.
// The name is the directory's, never the caller's own word, and is in no log and no metric.
func TestCardAtTheRing(t *testing.T) {
	t.Parallel()
	ctx, s := tell(t, with(quick(), nil, append(recorded(t, map[string]int{"sys.emergency": saysEmergency}), "wrapup: 10s", "wrapup: 0s")...))
	c := s.in(t)
	phone := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	mine, others, chief := cards(ctx, t, s.h, "demo-a18"), cards(ctx, t, s.h, "demo-a15"), cards(ctx, t, s.h, "demo-supervisor")
	var late []time.Duration
	const hostile = "\u202e<script>\\\"}"
	for i, caller := range []struct{ number, name string }{
		{"0639980101", "Jeanne Rousseau"}, {"+33639980101", "Jeanne Rousseau"}, {"0639980199", ""}, {"anonymous", ""},
		{`0639%0D%0Adata%3A%20%7B%7D%0D%0AX-Injected%3A%20y`, ""}, {`0639%22%7D%5C%00`, ""},
	} {
		t.Run(fmt.Sprintf("caller %d", i+1), func(t *testing.T) {
			c := s.in(t)
			c.sits(ctx, phone, "a18", phones.NoAnswer())
			c.state(ctx, "a18", acd.AgentPaused)
			p := c.caller(ctx, "3001", phones.CallOptions{User: caller.number, DisplayName: hostile})
			if err := p.Ear().WaitEnergy(ctx); err != nil {
				t.Fatal(err)
			}
			press(ctx, t, p.Call, "12")
			since := c.reaches(ctx, p, acd.LegQueued).Enqueued
			c.state(ctx, "a18", acd.AgentReady)
			at := nextCall(ctx, t, phone)
			waited := c.entry(acd.KindClaimed, p).At.Sub(since)
			for who, stream := range map[string]<-chan shown{"the agent": mine, "the supervisor": chief} {
				var got shown
				select {
				case got = <-stream:
				case <-time.After(patience):
					t.Fatalf("%s is shown no card", who)
				}
				late = append(late, got.at.Sub(at.Moments().Invited))
				if got.Contact != p.contact || got.State != acd.LegOffered || got.Entry != "3001" || got.Queue != "imagerie" || got.Reason != "rdv.imagerie" ||
					got.Label["en"] != "imaging appointment" || got.Lang != "en" || !strings.HasSuffix(strings.Join(got.Path, " "), "menu 1 rendez-vous 2 rdv-imagerie") {
					t.Errorf("%s is shown %+v", who, got)
				}
				if d := time.Duration(got.Wait) * time.Millisecond; d < waited || d > waited+time.Second {
					t.Errorf("%s is shown a wait of %v, it was %v", who, d, waited)
				}
				if got.Caller != nil {
					t.Errorf("the stream tells %s who calls", who)
				}
			}
			for _, token := range []string{"demo-a18", "demo-supervisor"} {
				var card aCard
				text := fetch(ctx, t, s.h, token, "/v1/contacts/"+string(p.contact)+"/card")
				if err := json.Unmarshal(text, &card); err != nil {
					t.Fatal(err)
				}
				if card.Caller == nil {
					card.Caller = &struct {
						Name   string `json:"name"`
						Number string `json:"number"`
					}{}
				}
				if card.Reason != "rdv.imagerie" || card.State != acd.LegOffered || card.Caller.Name != caller.name {
					t.Errorf("the card says %s", text)
				}
				if caller.name != "" && card.Caller.Number != caller.number {
					t.Errorf("the card shows the number %q", card.Caller.Number)
				}
				if strings.ContainsAny(card.Caller.Number, "\r\n\x00") || strings.Contains(string(text), "script>") {
					t.Errorf("the card repeats what is no number: %q", text)
				}
			}
			c.hangup(ctx, p.Call)
			if _, err := at.WaitEnded(ctx); err != nil {
				t.Fatal(err)
			}
		})
	}
	select {
	case card := <-others:
		t.Errorf("another agent is shown %+v", card)
	default:
	}
	slices.Sort(late)
	t.Logf("card after INVITE: %v", late)
	if len(late) == 0 || late[len(late)/2] > 100*time.Millisecond {
		t.Errorf("half of the cards came later than 100 ms after the ring: %v", late)
	}
	_, metrics, err := s.h.Request(ctx, http.MethodGet, "/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{"a metric": string(metrics), "the log": s.h.Log.String()} {
		for _, name := range []string{knownName, knownNumber[1:]} {
			if strings.Contains(text, name) {
				t.Errorf("%s tells who called", what)
			}
		}
	}
	nothingLeft(ctx, c.t, s.h)
}

// fetch reads a route as an account of its own.
func fetch(ctx context.Context, t *testing.T, h *Hospital, token, path string) []byte {
	t.Helper()
	req := must[*http.Request](t)(http.NewRequestWithContext(ctx, http.MethodGet, h.URL()+path, nil))
	req.Header.Set("Authorization", "Bearer "+token)
	res := must[*http.Response](t)(http.DefaultClient.Do(req))
	defer res.Body.Close()
	var text json.RawMessage
	if err := json.NewDecoder(res.Body).Decode(&text); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s as %s: %d %v", path, token, res.StatusCode, err)
	}
	return text
}
