package web

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"accueil/acd"
)

// sse is a reader of the stream.
type sse struct {
	t    testing.TB
	body *bufio.Reader
	stop func()
}

type told struct {
	id, name string
	data     EventView
	raw      string
}

func (h *hospital) follow(token, lastID string) *sse {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	r, err := http.NewRequestWithContext(ctx, "GET", h.url+"/v1/events", nil)
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if lastID != "" {
		r.Header.Set("Last-Event-ID", lastID)
	}
	res, err := h.client.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		h.t.Fatalf("stream: %d %v", res.StatusCode, res.Header)
	}
	s := &sse{h.t, bufio.NewReader(res.Body), func() { cancel(); res.Body.Close() }}
	h.t.Cleanup(s.stop)
	return s
}

// next returns the next event, past comments.
func (s *sse) next() told {
	s.t.Helper()
	e, err := s.read()
	if err != nil {
		s.t.Fatal(err)
	}
	return e
}

func (s *sse) read() (told, error) {
	var e told
	for {
		line, err := s.body.ReadString('\n')
		if err != nil {
			return e, err
		}
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch key {
		case "id":
			e.id = value
		case "event":
			e.name = value
		case "data":
			e.raw = value
			if err := json.Unmarshal([]byte(value), &e.data); err != nil {
				return e, err
			}
		case "":
			if e.name != "" {
				return e, nil
			}
		}
	}
}

func TestEventsBeginWithASnapshotAndResume(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.scene()
	first := h.follow("tok-supervisor", "")
	snap := first.next()
	if snap.name != "snapshot" || len(snap.data.Legs) != 3 || len(snap.data.Agents) != 3 || snap.id != fmt.Sprintf("%d-g1", h.seq) {
		t.Fatalf("%+v", snap)
	}
	h.claim("c2/1", "a02")
	claim := first.next()
	if claim.name != "claimed" || claim.data.Seq != h.seq || claim.data.Card == nil || claim.data.Card.Label["fr"] != "rendez-vous d'imagerie" ||
		claim.data.Decision == nil || claim.data.Legs[0].Offer.Agent != "a02" || claim.data.At != "2026-06-01T14:00:10.000+02:00" {
		t.Errorf("%+v", claim.data)
	}
	first.stop()
	h.end("c2/1", acd.Abandoned)
	h.arrive("c5/1")
	again := h.follow("tok-supervisor", claim.id)
	for i, want := range []string{"ended", "arrived", "menu_started"} {
		e := again.next()
		if e.name != want || e.data.Seq != claim.data.Seq+int64(i)+1 {
			t.Errorf("%s %d, want %s", e.name, e.data.Seq, want)
		}
	}
	bare := h.follow("tok-supervisor", fmt.Sprint(claim.data.Seq+1))
	if e := bare.next(); e.name != "arrived" {
		t.Errorf("a bare number resumed at %s", e.name)
	}
	for _, id := range []string{"1-other", "0", "junk", "99999", "99999-g1", "-5"} {
		if e := h.follow("tok-supervisor", id).next(); e.name != "snapshot" {
			t.Errorf("%q resumed at %s", id, e.name)
		}
	}
}

func TestAnotherDataSetBeginsAnew(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.scene()
	s := h.follow("tok-supervisor", "")
	old := s.next()
	h.losesFeed("g2", 3)
	if e := s.next(); e.name != "snapshot" || e.id != "3-g2" {
		t.Fatalf("%s %s", e.name, e.id)
	}
	h.arrive("c9/1")
	if e := s.next(); e.name != "arrived" || e.id != "4-g2" {
		t.Errorf("%s %s", e.name, e.id)
	}
	// The old id is a higher number than any of the new log.
	if e := h.follow("tok-supervisor", old.id).next(); e.name != "snapshot" {
		t.Errorf("an id of another log resumed at %s", e.name)
	}
}

func TestEventsShowEachRoleItsOwn(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.scene()
	readers := map[string]*sse{}
	for _, token := range columns {
		readers[token] = h.follow(token, "")
		readers[token].next()
	}
	h.claim("c2/1", "a02")
	for token, s := range readers {
		e := s.next()
		serves := token == "tok-agent-a02"
		chief := token == "tok-supervisor"
		if (e.data.Card != nil) != (serves || chief) {
			t.Errorf("%s: card %v", token, e.data.Card != nil)
		}
		if (len(e.data.Agents) == 1) != (serves || chief || token == "tok-admin" || token == "tok-integrator") {
			t.Errorf("%s: agents %+v", token, e.data.Agents)
		}
		if (e.data.Decision != nil) != (chief || token == "tok-admin" || token == "tok-auditor") {
			t.Errorf("%s: decision %v", token, e.data.Decision != nil)
		}
		if len(e.data.Legs) != 1 || e.data.Legs[0].State != "offered" || token == "tok-agent-a01" && e.data.Legs[0].Agent != "" {
			t.Errorf("%s: %+v", token, e.data.Legs)
		}
		for _, secret := range []string{secretName, secretNumber, secretNote} {
			if strings.Contains(e.raw, secret) {
				t.Errorf("%s: an event shows who calls", token)
			}
		}
	}
}

// news tells what has become of tasks, as the keeper of them does.
func (h *hospital) news(by string, tasks ...acd.Task) {
	h.t.Helper()
	h.do(acd.KindTask, func(tx *acd.Tx) error { tx.SetBy(by); tx.Tell(tasks...); return nil })
}

// What becomes of a task is on the streams: to each role as the list shows it, to an agent what he sees,
// and of the rest only that he sees it no more. A reader who was away hears what he missed.
func TestTasksAreOnTheStream(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.scene()
	readers := map[string]*sse{}
	for _, token := range columns {
		readers[token] = h.follow(token, "")
		if snap := readers[token].next(); snap.data.Tasks != nil {
			t.Errorf("%s: a snapshot with tasks", token)
		}
	}
	open := h.shelf.put("t9", "rdv", -time.Hour) // a01 serves it, a02 does not
	taken := must(open.Take("a01"))
	tried := must(taken.Tried(acd.Attempt{At: noon, By: "a01", Result: acd.AttemptBusy}, noon.Add(time.Hour)))
	h.news("", open)
	h.news("claire", taken)
	away := map[string]string{}
	for token, s := range readers {
		for i, want := range []acd.TaskState{acd.TaskOpen, acd.TaskTaken} {
			e := s.next()
			if e.name != "task" || e.id == "" {
				t.Fatalf("%s: %q %q", token, e.name, e.id)
			}
			away[token] = e.id
			if token == "tok-agent-a02" {
				if len(e.data.Tasks) != 0 || len(e.data.Unseen) != 1 || e.data.Unseen[0] != (UnseenTaskView{"t9", int64(i + 1)}) || strings.Contains(e.raw, "rdv") {
					t.Errorf("%s: %s", token, e.raw)
				}
				continue
			}
			if len(e.data.Tasks) != 1 || len(e.data.Unseen) != 0 || e.data.Tasks[0].State != want || e.data.Tasks[0].Rev != int64(i+1) || e.data.Tasks[0].Age == 0 ||
				want == acd.TaskTaken && e.data.Tasks[0].Owner != "a01" {
				t.Errorf("%s: %s", token, e.raw)
			}
		}
		s.stop()
	}
	h.news("claire", tried)
	h.news("chef", must(tried.Take("a02")))
	for token, id := range away {
		s := h.follow(token, id)
		again, other := s.next(), s.next()
		switch token {
		case "tok-agent-a02":
			if len(again.data.Unseen) != 1 || len(other.data.Tasks) != 1 || other.data.Tasks[0].Owner != "a02" || other.data.Tasks[0].Attempts[0].By != "" {
				t.Errorf("%s: %s, %s", token, again.raw, other.raw)
			}
		case "tok-agent-a01":
			if len(again.data.Tasks) != 1 || again.data.Tasks[0].Attempts[0].By != "a01" || again.data.By != "" || len(other.data.Tasks) != 1 || other.data.Tasks[0].Owner != "" {
				t.Errorf("%s: %s, %s", token, again.raw, other.raw)
			}
		default:
			if len(again.data.Tasks) != 1 || again.data.Tasks[0].State != acd.TaskOpen || again.data.Tasks[0].Due == "" || other.data.By != "chef" {
				t.Errorf("%s: %s, %s", token, again.raw, other.raw)
			}
		}
	}
}

func must(t acd.Task, err error) acd.Task {
	if err != nil {
		panic(err)
	}
	return t
}

func TestSocketTellsTheSame(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.scene()
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	url := "ws" + strings.TrimPrefix(h.url, "http") + "/v1/ws"
	dial := func(token, query string) (*websocket.Conn, *http.Response, error) {
		return websocket.Dial(ctx, url+query, &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer " + token}}, HTTPClient: h.client})
	}
	if _, res, err := dial("tok-nobody", ""); err == nil || res.StatusCode != 401 {
		t.Fatal("a socket without a token")
	}
	read := func(c *websocket.Conn) socketMessage {
		t.Helper()
		_, b, err := c.Read(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var m socketMessage
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	c, _, err := dial("tok-supervisor", "")
	if err != nil {
		t.Fatal(err)
	}
	c.SetReadLimit(1 << 20)
	defer func() { _ = c.CloseNow() }()
	snap := read(c)
	h.claim("c2/1", "a02")
	claim := read(c)
	if snap.Event != "snapshot" || claim.Event != "claimed" || !strings.Contains(string(claim.Data), "imagerie") {
		t.Errorf("%s %s", snap.Event, claim.Event)
	}
	resumed, _, err := dial("tok-supervisor", "?last_event_id="+snap.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resumed.CloseNow() }()
	if m := read(resumed); m.ID != claim.ID {
		t.Errorf("resumed at %s, want %s", m.ID, claim.ID)
	}
	if err := resumed.Write(ctx, websocket.MessageText, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := resumed.Read(ctx); websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
		t.Errorf("a reader who talks: %v", err)
	}
	plain := h.request("GET", "/v1/ws", "tok-supervisor", "")
	if plain.status != http.StatusUpgradeRequired {
		t.Errorf("plain GET: %d", plain.status)
	}
}

// 200 readers that never read must neither slow the one that does nor keep their places.
func TestSlowReadersAreCutAndHarmNobody(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.scene()
	good := h.follow("tok-supervisor", "")
	good.next()
	for range 200 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_ = conn.(*net.TCPConn).SetReadBuffer(1024)
		fmt.Fprint(conn, "GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer tok-supervisor\r\n\r\n")
		// The first bytes say that the stream has begun.
		if _, err := conn.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	}
	if n := h.readers(); n != 201 {
		t.Fatalf("%d readers, want 201", n)
	}
	// More than any socket's buffers hold, and the good one reads along.
	big := make([]string, 200)
	for i := range big {
		big[i] = strings.Repeat("n", 100)
	}
	const events = readerQueue + 64
	for range events {
		h.do(acd.KindLegChanged, func(tx *acd.Tx) error { return tx.Edit("c3/1", func(l *acd.Leg) { l.Path = big }) })
		if e := good.next(); e.name != "leg_changed" {
			t.Fatalf("%+v", e)
		}
	}
	if n := h.readers(); n != 1 {
		t.Errorf("%d readers remain, want the one that reads", n)
	}
	if got := h.get("/v1/queues", "tok-admin"); got.status != 200 {
		t.Errorf("%d", got.status)
	}
}

func (h *hospital) readers() int {
	h.server.hub.mu.Lock()
	defer h.server.hub.mu.Unlock()
	return len(h.server.hub.open)
}

func TestReadersAreBounded(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.follow("tok-supervisor", "").next()
	h.server.hub.mu.Lock()
	for len(h.server.hub.open) < maxReaders {
		h.server.hub.open[newStream()] = struct{}{}
	}
	h.server.hub.mu.Unlock()
	if p := problemIn(t, h.get("/v1/events", "tok-supervisor")); p.Status != 503 || p.Code != "too_many_streams" {
		t.Errorf("%+v", p)
	}
}

func TestClosingEndsStreams(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	s := h.follow("tok-supervisor", "")
	s.next()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := h.server.Close(ctx); err != nil {
		t.Errorf("close: %v", err)
	}
	if _, err := s.read(); err == nil {
		t.Error("the stream goes on")
	}
}

// The ring forgets what is old: who comes back from too far is given everything.
func TestRingForgets(t *testing.T) {
	t.Parallel()
	h := newHub(nil, plan, func() acd.Instant { return noon }, nil)
	h.restart(acd.Entry{Gen: "g", Seq: 10})
	for i := range int64(3 * ringSize) {
		h.tell(acd.Entry{Gen: "g", Seq: 11 + i, At: noon, Kind: acd.KindArrived})
	}
	last := int64(10 + 3*ringSize)
	if _, ok := h.since("10-g"); ok {
		t.Error("resumed over what was forgotten")
	}
	missed, ok := h.since(fmt.Sprintf("%d-g", last-ringSize+1))
	if !ok || len(missed) != ringSize-1 || missed[0].entry.Seq != last-ringSize+2 {
		t.Errorf("%v, %d events", ok, len(missed))
	}
	if missed, ok := h.since(fmt.Sprintf("%d-g", last)); !ok || len(missed) != 0 {
		t.Errorf("%v, %d events at the end", ok, len(missed))
	}
	if len(h.ring) > 2*ringSize {
		t.Errorf("%d events held", len(h.ring))
	}
}

// What was told while the store was away is not told again when it gets its place, so nobody may
// resume from before it as if nothing had been.
func TestNobodyResumesOverWhatHasNoPlace(t *testing.T) {
	t.Parallel()
	h := newHub(nil, plan, func() acd.Instant { return noon }, nil)
	h.restart(acd.Entry{Gen: "g", Seq: 10})
	h.tell(acd.Entry{Gen: "g", Seq: 11, At: noon, Kind: acd.KindArrived})
	if _, ok := h.since("10-g"); !ok {
		t.Fatal("10 cannot be resumed after")
	}
	h.tell(acd.Entry{Gen: "g", Seq: 0, Degraded: true, At: noon, Kind: acd.KindArrived})
	for _, id := range []string{"10-g", "11-g"} {
		if _, ok := h.since(id); ok {
			t.Errorf("%s resumed over an entry without a place", id)
		}
	}
	h.tell(acd.Entry{Gen: "g", Seq: 13, At: noon, Kind: acd.KindArrived}) // 12 is what was told above
	h.tell(acd.Entry{Gen: "g", Seq: 14, At: noon, Kind: acd.KindArrived})
	if _, ok := h.since("11-g"); ok {
		t.Error("11 resumed over an entry without a place")
	}
	if missed, ok := h.since("13-g"); !ok || len(missed) != 1 {
		t.Errorf("13: %v, %d events", ok, len(missed))
	}
}

// After an outage that lost the log, one entry holds everything and replaces what was known.
func TestAWholeViewReplacesWhatWasKnown(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.scene()
	s := h.follow("tok-supervisor", "")
	if e := s.next(); len(e.data.Legs) != 3 {
		t.Fatalf("%+v", e)
	}
	whole := acd.Entry{Kind: acd.KindAsserted, Gen: "g2", Seq: 2, At: noon, Legs: []acd.Leg{{ID: "c1/1", Rev: 1, State: acd.LegTalking, Arrived: noon}}}
	h.mu.Lock()
	for feed := range h.feeds {
		feed <- whole
	}
	h.mu.Unlock()
	if e := s.next(); e.name != "snapshot" || e.id != "2-g2" || len(e.data.Legs) != 1 || e.data.Legs[0].Rev != 1 {
		t.Errorf("%+v", e)
	}
}

func TestEventNamesAreSafe(t *testing.T) {
	t.Parallel()
	e := event{entry: acd.Entry{Gen: "g\nevent: x", Seq: 1, Kind: "a\r\ndata: b"}, kind: "a\r\ndata: b", plan: plan()}
	var b strings.Builder
	if err := writeSSE(&b, &e, Account{Role: RoleAdmin}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "\n"); n != 4 {
		t.Errorf("%d lines in %q", n, b.String())
	}
}
