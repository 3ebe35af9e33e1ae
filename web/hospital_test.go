package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"accueil/acd"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const noon = acd.Instant(1_780_315_200_000) // 2026-06-01T12:00:00Z

// The marks that must never leave through anything but the card.
const (
	secretNumber = "+33199000123"
	secretName   = "Zéphyrine Testard"
	secretNote   = "note-marquee-7731"
)

var tokens = map[string]Account{
	"tok-agent-a01":  {"claire", RoleAgent, "a01"},
	"tok-agent-a02":  {"denis", RoleAgent, "a02"},
	"tok-supervisor": {"chef", RoleSupervisor, ""},
	"tok-admin":      {"root", RoleAdmin, ""},
	"tok-auditor":    {"audit", RoleAuditor, ""},
	"tok-integrator": {"robot", RoleIntegrator, ""},
}

// hospital is a site in memory behind a real server: the view is driven by real changes, and every
// port notes what it was asked.
type hospital struct {
	t      testing.TB
	server *Server
	url    string
	client *http.Client
	logs   *bytes.Buffer

	mu      sync.Mutex
	view    *acd.View
	now     acd.Instant
	gen     string
	seq     int64
	counts  []acd.Count
	feeds   map[chan acd.Entry]struct{}
	asked   []string
	answer  error // what ports return
	deps    []Dependency
	storeUp bool

	decisions []acd.Decision
	today     map[acd.QueueID][3]float64

	shelf *shelf
}

// sampleReport stands for what the figures give.
type sampleReport struct {
	By           string      `json:"by"`
	From         acd.Instant `json:"from"`
	To           acd.Instant `json:"to"`
	ShortAbandon float64     `json:"short_abandon_s"`
	ServiceLevel []float64   `json:"service_level_s"`
}

func plan() *Plan {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err)
	}
	return &Plan{
		Site: "ch-test", TZ: paris,
		Queues: map[acd.QueueID]QueuePlan{"rdv": {Hours: func(at acd.Instant) Opening { return Opening{Closes: at.Add(-time.Minute), Opens: at.Add(time.Hour)} }, Policy: "fair", Order: []string{"longest_idle"}, Limits: LimitsView{MaxWaiting: 10, Kept: 2, Unstaffed: "fallback", Overflow: map[string]string{"full": "accueil"}}}, "accueil": {Label: map[acd.Lang]string{"fr": "accueil"}, Limits: LimitsView{Unstaffed: "wait"}}},
		Agents: map[acd.AgentID]AgentPlan{
			"a01": {Name: "Claire Essai", Phone: "101", Skills: map[acd.SkillID]int{"rdv": 8}, Supervisor: true, Queues: map[acd.QueueID]AssignmentView{"accueil": {Delay: 30}}},
			"a02": {Name: "Denis Essai", Phone: "102"}, "a03": {Name: "Emma Essai", Phone: "103"},
		},
		Reasons: map[acd.ReasonID]ReasonPlan{"rdv.imagerie": {Label: map[acd.Lang]string{"fr": "rendez-vous d'imagerie", "en": "imaging appointment"}, Queue: "rdv", Points: 5}},
		Entries: []acd.EntryID{"3000", "3001"}, Announcements: []acd.AnnouncementID{"crise", "greve"}, Phones: []acd.PhoneID{"101", "102", "103"}, Skills: []acd.SkillID{"rdv", "fr"},
		Services: map[string]string{"4003": "Radiologie"},
	}
}

func newHospital(t testing.TB, edit ...func(*Options)) *hospital {
	t.Helper()
	h := &hospital{
		t: t, view: acd.NewView(), now: noon, gen: "g1", feeds: map[chan acd.Entry]struct{}{}, storeUp: true,
		deps: []Dependency{{Name: "asterisk", Up: true, Required: true}, {Name: "redis", Up: true}},
		logs: &bytes.Buffer{},
	}
	h.shelf = &shelf{h: h, tasks: map[acd.TaskID]acd.Task{}, requests: map[string]acd.TaskID{}}
	site := plan()
	file := filepath.Join(t.TempDir(), "tokens")
	var lines strings.Builder
	for token, a := range tokens {
		fmt.Fprintf(&lines, "%s %s %s %s\n", a.Name, a.Role, HashToken(token), a.Agent)
	}
	if err := os.WriteFile(file, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	accounts, err := LoadTokens(file)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{
		Board: h, Desk: h, Calls: h, Closer: h, Explainer: h, Tasks: h.shelf, Waits: h, Knowledge: h, Figures: h, Health: h, Reloader: h, Drainer: h,
		Counters: h.counters, Feed: h.feed, Plan: func() *Plan { return site }, Tokens: accounts, KPIShape: sampleReport{},
		LifeShape: sampleLife{}, AnswerShape: sampleAnswer{},
		Registry: prometheus.NewRegistry(), Log: zap.NewNop(),
	}
	for _, e := range edit {
		e(&o)
	}
	if h.server, err = New(o); err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h.server.Start(smallBuffers{ln})
	h.url = "http://" + ln.Addr().String()
	transport := &http.Transport{MaxIdleConnsPerHost: 4}
	h.client = &http.Client{Transport: transport, Timeout: time.Minute}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := h.server.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return h
}

// smallBuffers keeps the kernel from holding megabytes for a reader who does not read.
type smallBuffers struct{ net.Listener }

func (l smallBuffers) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		err = conn.(*net.TCPConn).SetWriteBuffer(4096)
	}
	return conn, err
}

// do makes one change, as the store would.
func (h *hospital) do(kind acd.Kind, f func(*acd.Tx) error) acd.Entry {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	tx := acd.Begin(h.view, kind, h.now, "n1", true)
	if err := f(tx); err != nil {
		h.t.Fatal(err)
	}
	c := tx.Change()
	e := c.Entry
	h.seq++
	e.Gen, e.Seq = h.gen, h.seq
	h.view.Apply(e)
	if e.Decision != nil {
		h.decisions = append(h.decisions, *e.Decision)
	}
	h.counts = append(h.counts, c.Counts...)
	for feed := range h.feeds {
		feed <- e
	}
	return e
}

func (h *hospital) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *hospital) arrive(id acd.LegID) {
	h.t.Helper()
	h.do(acd.KindArrived, func(tx *acd.Tx) error {
		return tx.Arrive(acd.Leg{ID: id, Entry: "3000", Node: "n1", Lang: "fr"})
	})
	h.do(acd.KindMenu, func(tx *acd.Tx) error { return tx.StartMenu(id) })
}

func (h *hospital) enqueue(id acd.LegID) {
	h.t.Helper()
	h.do(acd.KindQueued, func(tx *acd.Tx) error {
		return tx.Enqueue(id, acd.Queueing{Queue: "rdv", Reason: "rdv.imagerie", Path: []string{"accueil", "1", "2"}, Wrapup: 5 * time.Second})
	})
}

func (h *hospital) login(agent acd.AgentID, phone acd.PhoneID) {
	h.t.Helper()
	h.do(acd.KindLogin, func(tx *acd.Tx) error { return tx.Login(agent, phone, "n1") })
}

func (h *hospital) claim(id acd.LegID, agent acd.AgentID) {
	h.t.Helper()
	h.do(acd.KindClaimed, func(tx *acd.Tx) error {
		return tx.Claim(id, acd.Offer{ID: "o1", Agent: agent, Step: 1}, acd.Decision{Leg: id, Agent: agent, Step: 1, Passed: map[string]int{"paused": 1}}, acd.Lead{})
	})
}

func (h *hospital) talk(id acd.LegID) {
	h.t.Helper()
	h.do(acd.KindBriefing, func(tx *acd.Tx) error { return tx.AgentAnswers(id) })
	h.do(acd.KindTalking, func(tx *acd.Tx) error { return tx.Join(id) })
}

func (h *hospital) end(id acd.LegID, o acd.Outcome) {
	h.t.Helper()
	h.do(acd.KindEnded, func(tx *acd.Tx) error { return tx.EndLeg(id, acd.End{Outcome: o, By: acd.ByCaller}) })
}

// scene is what the matrix and the hostile bodies act on: c1 talks with a01, c2 waits, c3 is in the menu.
func (h *hospital) scene() {
	h.t.Helper()
	h.login("a01", "101")
	h.login("a02", "102")
	h.arrive("c1/1")
	h.enqueue("c1/1")
	h.pass(7 * time.Second)
	h.claim("c1/1", "a01")
	h.talk("c1/1")
	h.arrive("c2/1")
	h.enqueue("c2/1")
	h.arrive("c3/1")
	h.pass(3 * time.Second)
	h.shelf.put("t1", "rdv", -time.Hour)
	h.shelf.put("t2", "accueil", -time.Minute)
	h.shelf.put("t3", "", 0)
}

// The ports.

func (h *hospital) lock() func() { h.mu.Lock(); return h.mu.Unlock }

func (h *hospital) Legs() []acd.Leg                  { defer h.lock()(); return h.view.Legs() }
func (h *hospital) Leg(id acd.LegID) (acd.Leg, bool) { defer h.lock()(); return h.view.Leg(id) }
func (h *hospital) Agents() []acd.Agent              { defer h.lock()(); return h.view.Agents() }
func (h *hospital) Phones() []acd.Phone              { defer h.lock()(); return h.view.Phones() }
func (h *hospital) Closures() []acd.Closure          { defer h.lock()(); return h.view.Closures() }
func (h *hospital) Now() acd.Instant                 { defer h.lock()(); return h.now }
func (h *hospital) Dependencies() []Dependency       { defer h.lock()(); return h.deps }
func (h *hospital) ContactLegs(c acd.ContactID) []acd.Leg {
	defer h.lock()()
	return h.view.ContactLegs(c)
}

func (h *hospital) Personal(context.Context, acd.ContactID) (acd.Personal, bool, error) {
	return acd.Personal{Number: secretNumber, Name: secretName, Note: secretNote}, true, nil
}

// EstimatedWait knows of one leg only.
func (h *hospital) EstimatedWait(l acd.LegID) (EstimatedWait, bool) {
	return EstimatedWait{4, 225 * time.Second, time.Minute, 500 * time.Second, 0.8}, l == "c2/1"
}

// The knowledge base has a public article and one for agents.
func (h *hospital) SearchArticles(_ context.Context, q ArticleQuestion) ([]ArticleView, error) {
	out := []ArticleView{{ID: "irm", Lang: "fr", Title: "L'IRM", Agent: q.Words, Reasons: []acd.ReasonID{"rdv.imagerie"}}}
	if q.Internal {
		out = append(out, ArticleView{ID: "interne", Lang: "fr", Title: "Interne", Reasons: []acd.ReasonID{"rdv.imagerie"}, Internal: true})
	}
	return out[:min(len(out), q.Limit)], nil
}

func (h *hospital) Article(id string, internal bool) (FullArticleView, bool) {
	v := FullArticleView{ID: id, Title: map[acd.Lang]string{"fr": "L'IRM"}, Reasons: []acd.ReasonID{"rdv.imagerie"}, Owner: "Imagerie", ApprovedBy: "Direction",
		ValidUntil: "2027-06-30", Texts: map[string]map[acd.Lang]string{"sms": {"fr": "Venez."}}}
	return v, id == "irm" || id == "interne" && internal
}

// The directory has a service, and a confidential one.
func (h *hospital) SearchDirectory(_ context.Context, q DirectoryQuestion) ([]DirectoryView, error) {
	open := true
	out := []DirectoryView{{ID: "cardiologie", Kind: "service", Name: "Cardiologie", Numbers: []NumberView{{"4012", "4012"}}, Open: &open, Hours: []string{"tous les jours"}}}
	if q.Confidential {
		out[0].OnCall = h.OnCall("cardiologie")
		out = append(out, DirectoryView{ID: "ump", Kind: "service", Name: "Unité protégée", Numbers: []NumberView{}, Confidential: true})
	}
	return out, nil
}

func (h *hospital) OnCall(service string) []OnCallView {
	return []OnCallView{{Service: service, Role: "cardiologue", From: "2026-06-01T08:00:00.000+02:00", To: "2026-06-01T18:00:00.000+02:00", Numbers: []NumberView{{"4112", "4112"}}}}
}

// sampleLife and sampleAnswer stand for what the explainer gives.
type sampleLife struct {
	Contact   acd.ContactID  `json:"contact"`
	Decisions []acd.Decision `json:"decisions"`
}

type sampleAnswer struct {
	Reason acd.ReasonID  `json:"reason"`
	Lang   acd.Lang      `json:"lang"`
	At     acd.Instant   `json:"at_ms"`
	Ready  []acd.AgentID `json:"ready"`
}

func (h *hospital) Explain(_ context.Context, c acd.ContactID) (any, error) {
	defer h.lock()()
	v := sampleLife{Contact: c, Decisions: []acd.Decision{}}
	for _, d := range h.decisions {
		if d.Leg.Contact() == c {
			v.Decisions = append(v.Decisions, d)
		}
	}
	if len(v.Decisions) == 0 && len(h.view.ContactLegs(c)) == 0 {
		return nil, acd.ErrNotFound{What: "contact", ID: string(c)}
	}
	return v, nil
}

func (h *hospital) WouldHappen(_ context.Context, q WouldQuestion) (any, error) {
	if q.Reason != "rdv.imagerie" {
		return nil, UnknownError{What: "reason", Suggestion: "rdv.imagerie"}
	}
	if q.Lang != "" && q.Lang != "en" {
		return nil, UnknownError{What: "lang"}
	}
	return sampleAnswer(q), nil
}

func (h *hospital) KPIs(from, to, _ acd.Instant, by string, short time.Duration, levels []time.Duration) (any, error) {
	r := sampleReport{By: by, From: from, To: to, ShortAbandon: short.Seconds(), ServiceLevel: []float64{}}
	for _, l := range levels {
		r.ServiceLevel = append(r.ServiceLevel, l.Seconds())
	}
	return r, nil
}

func (h *hospital) TodayFigures(acd.Instant) func(acd.QueueID) (answer, asa, abandon float64) {
	return func(q acd.QueueID) (float64, float64, float64) {
		defer h.lock()()
		f, ok := h.today[q]
		if !ok {
			return math.NaN(), math.NaN(), math.NaN()
		}
		return f[0], f[1], f[2]
	}
}

func (h *hospital) note(format string, args ...any) error {
	defer h.lock()()
	h.asked = append(h.asked, fmt.Sprintf(format, args...))
	return h.answer
}

func (h *hospital) lastAsked() string {
	defer h.lock()()
	if len(h.asked) == 0 {
		return ""
	}
	return h.asked[len(h.asked)-1]
}

func (h *hospital) SetState(_ context.Context, a acd.AgentID, s acd.AgentState, reason string, p acd.PhoneID, by string) error {
	return h.note("state %s %s %s %s by %s", a, s, reason, p, by)
}

func (h *hospital) SetSkills(_ context.Context, a acd.AgentID, skills map[acd.SkillID]int, shift bool, by string) error {
	return h.note("skills %s %v nil=%v shift=%v by %s", a, skills, skills == nil, shift, by)
}

func (h *hospital) Push(_ context.Context, c acd.ContactID, to acd.AgentID, hold time.Duration, by string) (acd.Instant, error) {
	return h.Now().Add(hold), h.note("push %s to %s for %s by %s", c, to, hold, by)
}

func (h *hospital) Withdraw(_ context.Context, c acd.ContactID, by string) error {
	return h.note("withdraw %s by %s", c, by)
}

func (h *hospital) SetPaused(_ context.Context, q acd.QueueID, paused bool, reason, by string) error {
	return h.note("paused %s %v %s by %s", q, paused, reason, by)
}

func (h *hospital) SetAnnouncement(_ context.Context, id acd.AnnouncementID, on bool, entries []acd.EntryID, until acd.Instant, by string) error {
	return h.note("announcement %s %v at %v until %d by %s", id, on, entries, until, by)
}

func (h *hospital) SetPoints(_ context.Context, c acd.ContactID, points int, by string) error {
	return h.note("points %s %d by %s", c, points, by)
}

func (h *hospital) Transfer(_ context.Context, c acd.ContactID, t TransferRequest) error {
	return h.note("transfer %s %s %s %q by %s", c, t.Kind, t.To, t.Note, t.By)
}

func (h *hospital) SetClosed(_ context.Context, e acd.EntryID, closed bool, until acd.Instant, by string) error {
	return h.note("closed %s %v until %d by %s", e, closed, until, by)
}

func (h *hospital) Reload(_ context.Context, by string, _ acd.Lang) ([]string, error) {
	return []string{"a01: skills stay overridden"}, h.note("reload by %s", by)
}

func (h *hospital) Drain(_ context.Context, by string) error { return h.note("drain by %s", by) }

func (h *hospital) counters(context.Context) ([]acd.Count, error) {
	defer h.lock()()
	if !h.storeUp {
		return nil, acd.ErrUnavailable
	}
	return append([]acd.Count(nil), h.counts...), nil
}

func (h *hospital) feed(string) (acd.Entry, <-chan acd.Entry, func()) {
	defer h.lock()()
	image := h.view.Image()
	image.Gen, image.Seq = h.gen, h.seq
	ch := make(chan acd.Entry, 100_000)
	h.feeds[ch] = struct{}{}
	return image, ch, func() { defer h.lock()(); delete(h.feeds, ch) }
}

// losesFeed makes the log be read anew, in another data set when gen is not the present one.
func (h *hospital) losesFeed(gen string, seq int64) {
	defer h.lock()()
	h.gen, h.seq = gen, seq
	for ch := range h.feeds {
		delete(h.feeds, ch)
		close(ch)
	}
}

// Requests.

type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) decode(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
}

func (h *hospital) request(method, path, token, body string, headers ...string) answer {
	h.t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r, err := http.NewRequest(method, h.url+path, in)
	if err != nil {
		h.t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := h.client.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(b)}
}

func (h *hospital) get(path, token string) answer {
	h.t.Helper()
	return h.request("GET", path, token, "")
}
