package app

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
	"accueil/ivr"
	"accueil/queues"
	"accueil/routing"
	"accueil/routing/why"
	"accueil/web"
	"accueil/wording"
)

// explainer answers the API (web.Explainer).
type explainer struct{ a *App }

// Explain reads the contact's life out of the log and makes its decisions again. What still waits is
// explained by the engine that will decide. When the log cannot be read, what was recorded is told.
func (e explainer) Explain(ctx context.Context, id acd.ContactID) (any, error) {
	teller := why.Teller{Zone: e.a.live.Load().site.Location}
	legs, recorded := e.a.book.ContactLegs(id), e.a.day.Decisions(id)
	life, err := e.life(ctx, teller, id)
	var missing acd.ErrNotFound
	switch {
	case err == nil:
	case len(legs) == 0 && len(recorded) == 0 && (errors.As(err, &missing) || ctx.Err() == nil):
		return nil, acd.ErrNotFound{What: "contact", ID: string(id)}
	case ctx.Err() != nil:
		return nil, err
	default:
		e.a.log.Warn("a contact is explained without the log", zap.String("contact_id", string(id)), zap.Error(err))
		life = teller.Recorded(id, recorded, why.DoubtUnread)
	}
	life.Waiting = nil
	for _, l := range legs {
		if x, err := e.a.dispatcher.Explain(l.ID); err == nil {
			life.Waiting = teller.Waiting(x)
		}
	}
	return life, nil
}

func (e explainer) life(ctx context.Context, teller why.Teller, id acd.ContactID) (why.Life, error) {
	log, err := archived(ctx, e.a.book.Archive(), e.arrival(id), 0)
	if err != nil {
		return why.Life{}, err
	}
	return teller.Life(ctx, log.About(id), id, 0)
}

// arrival is an instant before everything that happened to the contact: its id holds one; else what is
// remembered of it tells.
func (e explainer) arrival(id acd.ContactID) acd.Instant {
	if at, ok := arrivalOf(id); ok {
		return at
	}
	var at acd.Instant
	for _, l := range e.a.book.ContactLegs(id) {
		at = acd.Earliest(at, l.Arrived)
	}
	return at
}

// arrivalOf reads the instant in a contact's id (UUIDv7: 48 bits of milliseconds). The id is made a
// moment before its first entry is written, by a clock that may be ahead.
func arrivalOf(id acd.ContactID) (acd.Instant, bool) {
	digits := strings.ReplaceAll(string(id), "-", "")
	b, err := hex.DecodeString(digits)
	if err != nil || len(b) != 16 || b[6]>>4 != 7 {
		return 0, false
	}
	var ms int64
	for _, x := range b[:6] {
		ms = ms<<8 | int64(x)
	}
	return acd.Instant(ms).Add(-5 * time.Second), true
}

// WouldHappen answers with the site in force and the skills as they are now.
func (e explainer) WouldHappen(_ context.Context, q web.WouldQuestion) (any, error) {
	c := e.a.live.Load()
	if q.At.Never() {
		q.At = e.a.book.Now()
	}
	skills := map[acd.AgentID]map[acd.SkillID]int{}
	for _, agent := range e.a.book.Agents() {
		if agent.Skills != nil {
			skills[agent.ID] = agent.Skills
		}
	}
	closed := map[acd.EntryID]bool{}
	for _, cl := range e.a.book.Closures() {
		closed[cl.Entry] = cl.On(e.a.book.Now())
	}
	a, err := c.wouldHappen(q, skills, closed)
	if err != nil {
		return nil, err
	}
	return a, nil
}

// wouldHappen answers a question about a call from one version of the site.
func (c *config) wouldHappen(q web.WouldQuestion, skills map[acd.AgentID]map[acd.SkillID]int, closed map[acd.EntryID]bool) (why.Answer, error) {
	q.Lang = cmp.Or(q.Lang, c.site.Languages[0])
	if _, ok := c.rules.Reasons[q.Reason]; !ok {
		return why.Answer{}, web.UnknownError{What: "reason", Suggestion: routing.Closest(string(q.Reason), slices.Sorted(maps.Keys(c.rules.Reasons)))}
	}
	if !slices.Contains(c.site.Languages, q.Lang) {
		return why.Answer{}, web.UnknownError{What: "lang", Suggestion: routing.Closest(string(q.Lang), c.site.Languages)}
	}
	for _, id := range q.Ready {
		if _, ok := c.rules.Agents[id]; !ok {
			return why.Answer{}, web.UnknownError{What: "ready", Suggestion: routing.Closest(string(id), slices.Sorted(maps.Keys(c.rules.Agents)))}
		}
	}
	a, err := why.Teller{Zone: c.site.Location}.WouldHappen(why.Question{
		Rules: c.rules, Reason: q.Reason, Lang: q.Lang, Asks: Asks(c.site, q.Lang), At: q.At, Ready: q.Ready, Skills: skills,
	})
	if err != nil {
		return why.Answer{}, err
	}
	for _, id := range slices.Sorted(maps.Keys(c.site.Entries)) {
		r, ok := c.program.Reach(id, q.Reason, q.Lang, q.At.Time())
		if !ok || !r.Ever {
			continue
		}
		s := why.EntryState{Entry: id, Scenario: string(r.Scenario), Reaches: r.Reaches, Closed: closed[id]}
		for _, h := range r.Hours {
			s.Hours = append(s.Hours, c.hoursState(h))
		}
		a.Entries = append(a.Entries, s)
	}
	a.Paused = closed[acd.QueueClosure(a.Queue)]
	if h := c.program.Hours(a.Queue, q.Reason, q.At.Time()); h != nil {
		state := c.hoursState(*h)
		a.Hours = &state
	}
	return a, nil
}

func (c *config) hoursState(h ivr.Hours) why.HoursState {
	state := why.HoursState{Node: h.Node, Open: h.Open, To: h.To, Day: h.Day}
	if !h.Opens.IsZero() {
		state.Opens = h.Opens.In(c.site.Location).Format(time.RFC3339)
	}
	return state
}

// explainTime is how long a node may take to tell a contact's life.
const explainTime = 15 * time.Second

// ExplainOptions say what to explain, and from where.
type ExplainOptions struct {
	Contact string // or
	Reason  string

	// A contact is explained from an exported log, from Redis as the site file names it, or else by
	// the running node.
	Log, Site string
	Node      NodeOptions

	Lang  string   // of the caller; "" for the site's first
	At    string   // when he calls, in the site's zone; "" for now
	Ready []string // agents who are there; nil for everyone

	Words string // language of the answer: fr or en
	JSON  bool
}

// Explain tells why a contact went where it went, or what would happen to a call.
func Explain(ctx context.Context, o ExplainOptions, out io.Writer) error {
	if o.Reason != "" {
		return explainReason(o, out)
	}
	life, err := contactLife(ctx, o)
	var missing acd.ErrNotFound
	switch {
	case errors.As(err, &missing):
		return ExitError{ExitFailure, errors.New("no such contact: it is not in the log, which is kept for 48 hours")}
	case err != nil:
		return err
	}
	return tellOrEncode(out, o.JSON, life, why.Narrator{Lang: acd.Lang(o.Words)}.Life(life))
}

// tellOrEncode writes one of the two forms.
func tellOrEncode(out io.Writer, asJSON bool, value any, words string) error {
	if !asJSON {
		_, err := io.WriteString(out, words)
		return err
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(value)
}

func explainReason(o ExplainOptions, out io.Writer) error {
	c, err := assembled(o.Site)
	if err != nil {
		return err
	}
	s := c.site
	at, err := whenIn(o.At, s.Location)
	if err != nil {
		return ExitError{ExitUsage, fmt.Errorf("--at: %w", err)}
	}
	if at.Never() {
		at = acd.At(time.Now())
	}
	q := web.WouldQuestion{Reason: acd.ReasonID(o.Reason), Lang: acd.Lang(o.Lang), At: at}
	for _, id := range o.Ready {
		q.Ready = append(q.Ready, acd.AgentID(id))
	}
	a, err := c.wouldHappen(q, nil, nil)
	var unknown web.UnknownError
	if errors.As(err, &unknown) {
		hint := ""
		if unknown.Suggestion != "" {
			hint = fmt.Sprintf(" (did you mean %q?)", unknown.Suggestion)
		}
		return ExitError{ExitUsage, fmt.Errorf("--%s: the site has no such name%s", unknown.What, hint)}
	}
	if err != nil {
		return err
	}
	return tellOrEncode(out, o.JSON, a, why.Narrator{Lang: acd.Lang(o.Words)}.Answer(a))
}

// whenIn reads a date, a date with a time of day, both of the zone, or an RFC 3339 instant; zero for "".
func whenIn(s string, zone *time.Location) (acd.Instant, error) {
	if s == "" {
		return 0, nil
	}
	for _, layout := range []string{time.DateOnly, "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02 15:04:05", "02/01/2006 15:04", "02/01/2006", time.RFC3339} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return acd.At(t), nil
		}
	}
	return 0, wording.Say(`%q is no instant: write a date and a time of the site, as in "2026-12-24 10:00"`, s)
}

func contactLife(ctx context.Context, o ExplainOptions) (why.Life, error) {
	contact := acd.ContactID(o.Contact)
	switch {
	case o.Log != "":
		_, log, err := why.Open(o.Log)
		if err != nil {
			return why.Life{}, ExitError{ExitConfig, err}
		}
		return why.Teller{Zone: time.Local}.Life(ctx, log, contact, 0)
	case o.Site != "":
		s, archive, err := openArchive(ctx, o.Site)
		if err != nil {
			return why.Life{}, err
		}
		defer archive.Close()
		at, _ := arrivalOf(contact)
		log, err := archived(ctx, archive, at, 0)
		if err != nil {
			return why.Life{}, err
		}
		return why.Teller{Zone: s.Location}.Life(ctx, log.About(contact), contact, acd.At(time.Now()))
	}
	return askLife(ctx, o)
}

// askLife asks the running node.
func askLife(ctx context.Context, o ExplainOptions) (life why.Life, err error) {
	n, err := findNode(o.Node)
	if err != nil {
		return why.Life{}, err
	}
	err = n.ask(ctx, http.MethodGet, "/v1/contacts/"+url.PathEscape(o.Contact)+"/explain", explainTime, &life)
	var refused refusal
	if !errors.As(err, &refused) {
		return life, err
	}
	switch refused.status {
	case http.StatusNotFound:
		return why.Life{}, acd.ErrNotFound{What: "contact", ID: o.Contact}
	case http.StatusUnauthorized, http.StatusForbidden:
		return why.Life{}, ExitError{ExitRefused, fmt.Errorf("%w: the token must be a supervisor's, an administrator's or an auditor's", err)}
	}
	return why.Life{}, ExitError{ExitDependency, err}
}

// archived is the log from an instant (a little earlier: where an image of it stands) to another one,
// zero for its present end.
func archived(ctx context.Context, archive *queues.Archive, from, to acd.Instant) (why.Log, error) {
	image, err := archive.Image(ctx, from)
	if err != nil {
		return why.Log{}, err
	}
	rules, err := archive.Rules(ctx)
	if err != nil {
		return why.Log{}, err
	}
	return why.Log{Image: image, Rules: rules, Each: func(ctx context.Context, yield func(acd.Entry) error) error {
		err := archive.Entries(ctx, image.ID, func(e acd.Entry) error {
			if !to.Never() && e.At >= to {
				return errEnough
			}
			return yield(e)
		})
		if errors.Is(err, errEnough) {
			return nil
		}
		return err
	}}, nil
}

// errEnough ends the reading of a log early.
var errEnough = errors.New("enough of the log")
