package web

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"accueil/acd"
)

// drawer keeps answers and the audit in memory, as a database would.
type drawer struct {
	answers []acd.SurveyRecord
	heard   []Heard
	asked   acd.SurveyQuery
	err     error
}

func (d *drawer) Surveys(_ context.Context, q acd.SurveyQuery) ([]acd.SurveyRecord, error) {
	d.asked = q
	var out []acd.SurveyRecord
	for _, a := range d.answers {
		if (q.Queue == "" || a.Queue == q.Queue) && (!q.Comment || a.Answer.Comment != "") && (q.Leg == "" || a.Ended < q.Before || a.Ended == q.Before && a.Leg < q.Leg) {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b acd.SurveyRecord) int {
		return cmp.Or(cmp.Compare(b.Ended, a.Ended), cmp.Compare(b.Leg, a.Leg))
	})
	return out[:min(len(out), q.Limit)], d.err
}

func (d *drawer) Commented(_ context.Context, c acd.ContactID) (acd.SurveyRecord, error) {
	for _, a := range d.answers {
		if a.Leg.Contact() == c && a.Answer.Comment != "" {
			return a, d.err
		}
	}
	return acd.SurveyRecord{}, cmp.Or(d.err, error(acd.ErrNotFound{What: "comment", ID: string(c)}))
}

func (d *drawer) Trail(_ context.Context, after int64, most int) ([]Heard, error) {
	i := slices.IndexFunc(d.heard, func(h Heard) bool { return h.Seq > after })
	if i < 0 {
		return nil, d.err
	}
	return d.heard[i:min(len(d.heard), i+most)], d.err
}

// survey has c1's conversation followed by answers, and ended.
func (h *hospital) survey() {
	h.t.Helper()
	h.scene()
	h.do(acd.KindSurvey, func(tx *acd.Tx) error { return tx.StartSurvey("c1/1") })
	h.do(acd.KindSurveyed, func(tx *acd.Tx) error { return tx.Surveyed("c1/1", acd.Survey{CSAT: 4}) })
	nine := 9
	h.do(acd.KindSurveyed, func(tx *acd.Tx) error { return tx.Surveyed("c1/1", acd.Survey{NPS: &nine}) })
	h.do(acd.KindSurveyed, func(tx *acd.Tx) error { return tx.Surveyed("c1/1", acd.Survey{Comment: "acc.c1.r1"}) })
	h.end("c1/1", acd.Answered)
}

// What a caller answered is in the contact, also when it has ended, for all but agents.
func TestAnswersAreInTheContact(t *testing.T) {
	t.Parallel()
	kept := &ended{}
	h := newHospital(t, func(o *Options) { o.Past = kept })
	h.survey()
	look := func(token string, survey bool) {
		t.Helper()
		a := h.get("/v1/contacts/c1", token)
		var v ContactView
		if err := json.Unmarshal([]byte(a.body), &v); err != nil || a.status != http.StatusOK || len(v.Legs) != 1 {
			t.Fatalf("%s: %d %s", token, a.status, a.body)
		}
		if s := v.Legs[0].Survey; (s != nil) != survey || survey && (s.CSAT != 4 || s.NPS == nil || *s.NPS != 9 || !s.Comment) {
			t.Errorf("%s: %+v", token, s)
		}
		if strings.Contains(a.body, "acc.c1") {
			t.Errorf("%s: the file is named: %s", token, a.body)
		}
	}
	for _, token := range columns {
		if token != "tok-agent-a02" { // not his
			look(token, token != "tok-agent-a01")
		}
	}
	kept.legs = h.ContactLegs("c1")
	func() {
		defer h.lock()()
		h.view.Prune(h.now.Add(time.Hour)) // the present forgets it
	}()
	look("tok-supervisor", true)
	look("tok-agent-a01", false)
	if a := h.get("/v1/contacts/c1", "tok-agent-a02"); a.status != http.StatusNotFound {
		t.Errorf("another's: %d", a.status)
	}
	if a := h.get("/v1/contacts/c77", "tok-supervisor"); a.status != http.StatusNotFound {
		t.Errorf("nobody's: %d", a.status)
	}
}

// ended is a Past of one contact.
type ended struct{ legs []acd.Leg }

func (e *ended) ContactLegs(c acd.ContactID) []acd.Leg {
	if len(e.legs) == 0 || e.legs[0].ID.Contact() != c {
		return nil
	}
	return e.legs
}

// Answers are listed, page by page, without who talked with the caller; a comment is played to supervisors
// alone, and noted.
func TestSurveysAndComments(t *testing.T) {
	t.Parallel()
	ten := 10
	d := &drawer{answers: []acd.SurveyRecord{
		{Leg: "c1/1", Queue: "rdv", Ended: noon, Answer: acd.Survey{CSAT: 4, NPS: &ten, Comment: "acc.c1.r1"}},
		{Leg: "c2/1", Queue: "rdv", Ended: noon.Add(time.Minute), Answer: acd.Survey{CSAT: 1}},
		{Leg: "c3/2", Queue: "accueil", Ended: noon.Add(time.Minute), Answer: acd.Survey{Comment: "acc.gone.r1"}},
	}}
	sounds := &shelfSounds{sounds: map[string]string{"acc.c1.r1": "RIFF the comment"}}
	h := newHospital(t, func(o *Options) { o.Recordings, o.Surveys = sounds, d })
	h.pass(10 * time.Second)
	list := func(query string) (v AnsweredPage) {
		t.Helper()
		a := h.get("/v1/surveys"+query, "tok-supervisor")
		if err := json.Unmarshal([]byte(a.body), &v); err != nil || a.status != http.StatusOK || strings.Contains(a.body, "acc.c") {
			t.Fatalf("%s: %d %s", query, a.status, a.body)
		}
		return v
	}
	first := list("?limit=2")
	if len(first.Surveys) != 2 || first.Surveys[0].Leg != "c3/2" || first.Surveys[0].Contact != "c3" || !first.Surveys[0].Comment || first.Surveys[1].CSAT != 1 || first.Next == "" {
		t.Fatalf("%+v", first)
	}
	if rest := list("?limit=2&after=" + first.Next); len(rest.Surveys) != 1 || *rest.Surveys[0].NPS != 10 || rest.Next != "" {
		t.Errorf("%+v", rest)
	}
	if v := list("?queue=rdv&comment=true&from=2026-06-01&to=2026-06-02T00:00:00Z"); len(v.Surveys) != 1 || d.asked.From.Never() || d.asked.To.Never() {
		t.Errorf("%+v, asked %+v", v, d.asked)
	}
	for _, bad := range []string{"?from=gestern", "?to=x", "?after=x", "?limit=0", "?limit=9999"} {
		if a := h.get("/v1/surveys"+bad, "tok-supervisor"); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", bad, a.status)
		}
	}
	a := h.get("/v1/contacts/c1/comment", "tok-supervisor")
	if a.status != http.StatusOK || a.body != "RIFF the comment" || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %q", a.status, a.body)
	}
	if got := fmt.Sprint(sounds.heard); got != "[chef  c1 acc.c1.r1]" {
		t.Errorf("noted: %s", got)
	}
	for path, token := range map[string]string{"c2": "tok-supervisor", "c3": "tok-supervisor", "c9": "tok-supervisor"} {
		if a := h.get("/v1/contacts/"+path+"/comment", token); a.status != http.StatusNotFound || !strings.Contains(a.body, codeNoRecording) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	d.err = acd.ErrUnavailable
	for _, path := range []string{"/v1/contacts/c1/comment", "/v1/surveys"} {
		if a := h.get(path, "tok-supervisor"); a.status != http.StatusServiceUnavailable {
			t.Errorf("%s without the database: %d", path, a.status)
		}
	}
}

func TestAuditIsShown(t *testing.T) {
	t.Parallel()
	d := &drawer{heard: []Heard{
		{Seq: 7, At: noon, Who: "chef", What: "listen", Contact: "c1", Recording: "acc.c1.r1", Hash: []byte{0xab}},
		{Seq: 8, At: noon, Who: "claire", What: "read", Task: "t1"}, {Seq: 9, At: noon, Who: "system", What: "erase"},
	}}
	h := newHospital(t, func(o *Options) { o.Audit = d })
	page := func(query string) (v AuditPage) {
		t.Helper()
		a := h.get("/v1/audit"+query, "tok-auditor")
		if err := json.Unmarshal([]byte(a.body), &v); err != nil || a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.body)
		}
		return v
	}
	v := page("?limit=2")
	if len(v.Entries) != 2 || v.Entries[0] != (HeardView{7, "2026-06-01T14:00:00.000+02:00", "chef", "listen", "", "c1", "acc.c1.r1", "ab"}) || v.Next != 8 {
		t.Errorf("%+v", v)
	}
	if v := page("?after=8"); len(v.Entries) != 1 || v.Entries[0].What != "erase" || v.Next != 0 {
		t.Errorf("%+v", v)
	}
}
