package e2e

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"accueil/acd"
	"accueil/phones"
)

// Prompts of the survey, each a tone of its own.
const (
	asksCSAT    = 80
	asksNPS     = 82
	asksComment = 84
	saysBye     = 86
)

const surveyScenario = `version: 1
start: file
emergency_message: false
nodes:
  file: {queue: apres}
  enquete:
    survey:
      csat: {fr: "De 1 à 5 ?", en: "1 to 5?"}
      nps: {fr: "De 0 à 10 ?", en: "0 to 10?"}
      comment: {prompt: {fr: "Dites-le, ce sera enregistré.", en: "Say it, it will be recorded."}, max: 20s}
      thanks: {fr: "Merci.", en: "Thank you."}
`

// surveyed is a site with entry 3303, whose queue asks whoever stays on the line.
func surveyed(t *testing.T) Options {
	return with(also(quick(), "apres", "3303", "survey: stay", "ring: 5s", "wrapup: 0s", "when_unstaffed: wait", "waiting: attente", "fallback: {goto: accueil}", `steps: [{require: "rdv >= 5"}]`),
		map[string]string{"apres.yaml": surveyScenario},
		recorded(t, map[string]int{"apres.enquete.csat": asksCSAT, "apres.enquete.nps": asksNPS, "apres.enquete.comment": asksComment,
			"apres.enquete.thanks": saysBye, "sys.survey_thanks": saysBye, "sys.emergency_instruction": saysInstruct})...)
}

// TestSurvey asks callers after their conversation, over real RTP.
func TestSurvey(t *testing.T) {
	t.Parallel()
	ctx, s := tell(t, surveyed(t))
	phone := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	c := s.in(t)
	c.sits(ctx, phone, "a18", phones.AnswerAfter(0))
	// left brings a caller into a conversation that his agent ends.
	left := func(t *testing.T) patient {
		t.Helper()
		p := s.in(t).queued(ctx, "3303")
		at := nextCall(ctx, t, phone)
		meets(ctx, t, p, at)
		hangup(ctx, t, at)
		return p
	}

	t.Run("everything, and the agent is free at once", func(t *testing.T) {
		c := s.in(t)
		p := left(t)
		other := c.queued(ctx, "3303")
		meets(ctx, t, other, nextCall(ctx, t, phone)) // while the first is being asked
		heard(ctx, t, p, asksCSAT)
		l := c.leg(p)
		if l.State != acd.LegSurvey || l.Agent != "a18" || l.Parted.Never() {
			t.Errorf("%+v", l)
		}
		begun := c.entry(acd.KindSurvey, p)
		if a := agentIn(t, begun, "a18"); a.State != acd.AgentReady || len(a.Legs) > 0 {
			t.Errorf("the agent is kept: %+v", a)
		}
		press(ctx, t, p.Call, "4")
		heard(ctx, t, p, asksNPS)
		press(ctx, t, p.Call, "10")
		voice := p.Tone()
		heard(ctx, t, p, asksComment)
		p.SendSilence()
		unheard(ctx, t, p, asksComment)
		c.records(ctx, p, true)
		speaks(p, voice, 2*time.Second)
		press(ctx, t, p.Call, "#")
		heard(ctx, t, p, saysBye)
		end := image(c.ends(ctx, p, acd.Answered, acd.LegSurvey, "survey"), p.contact)
		gone(ctx, t, "the caller", p.Call)
		if s := end.Survey; s == nil || s.CSAT != 4 || s.NPS == nil || *s.NPS != 10 || s.Comment == "" {
			t.Fatalf("answered %+v", end.Survey)
		}
		if talk := end.Talk(end.End.At); talk <= 0 || end.Bridged.Add(talk) != end.Parted {
			t.Errorf("talked for %v", talk)
		}
		says(t, s.h, end.Survey.Comment, voice, 2*time.Second)
		inTheClear(t, s.h, p.contact)
		var shown struct {
			Legs []struct {
				Survey struct {
					CSAT    int
					NPS     *int
					Comment bool
				}
			}
		}
		get(ctx, t, s.h, "/v1/contacts/"+string(p.contact), &shown)
		if len(shown.Legs) != 1 || shown.Legs[0].Survey.CSAT != 4 || shown.Legs[0].Survey.NPS == nil || !shown.Legs[0].Survey.Comment {
			t.Errorf("shown as %+v", shown)
		}
		commented(ctx, t, s.h, p.contact)
		_, text, err := s.h.Request(ctx, "GET", "/metrics", nil)
		for _, want := range []string{`accueil_survey_total{kind="csat",queue="apres",score="4"} 1`, `accueil_survey_total{kind="nps",queue="apres",score="10"} 1`} {
			if err != nil || !strings.Contains(string(text), want) {
				t.Errorf("not in the metrics: %s (%v)", want, err)
			}
		}
		c.hangup(ctx, other.Call)
		c.ends(ctx, other, acd.Answered, acd.LegTalking, "")
	})
	t.Run("hangs up in it", func(t *testing.T) {
		c := s.in(t)
		p := left(t)
		heard(ctx, t, p, asksCSAT)
		press(ctx, t, p.Call, "2")
		heard(ctx, t, p, asksNPS)
		c.hangup(ctx, p.Call)
		end := image(c.ends(ctx, p, acd.Answered, acd.LegSurvey, "survey"), p.contact)
		if s := end.Survey; s == nil || s.CSAT != 2 || s.NPS != nil {
			t.Errorf("answered %+v", end.Survey)
		}
		neverSilent(t, p)
	})
	t.Run("9 in it", func(t *testing.T) {
		c := s.in(t)
		p := left(t)
		heard(ctx, t, p, asksCSAT)
		instructed(ctx, t, p)
		c.hangup(ctx, p.Call)
		if end := image(c.ends(ctx, p, acd.Answered, acd.LegSurvey, "key_9"), p.contact); !end.Flagged {
			t.Error("not flagged")
		}
	})
	t.Run("the caller hangs up first", func(t *testing.T) {
		c := s.in(t)
		p := c.queued(ctx, "3303")
		meets(ctx, t, p, nextCall(ctx, t, phone))
		c.hangup(ctx, p.Call)
		if end := image(c.ends(ctx, p, acd.Answered, acd.LegTalking, ""), p.contact); end.Survey != nil {
			t.Errorf("asked: %+v", end.Survey)
		}
	})
	nothingLeft(ctx, t, s.h)
}

// commented: the answers are on the list, the comment is heard by supervisors alone, and that it was heard is
// in the audit and in the log.
func commented(ctx context.Context, t *testing.T, h *Hospital, c acd.ContactID) {
	t.Helper()
	within(ctx, t, "the answers on the list", func() (string, bool) {
		code, text := as(ctx, t, h, "demo-supervisor", http.MethodGet, "/v1/surveys?comment=true", nil)
		return string(text), code == http.StatusOK && strings.Contains(string(text), `"contact":"`+string(c)+`"`) && strings.Contains(string(text), `"csat":4`)
	})
	path := "/v1/contacts/" + string(c) + "/comment"
	if code, text := as(ctx, t, h, "demo-supervisor", http.MethodGet, path, nil); code != http.StatusOK || !strings.HasPrefix(string(text), "RIFF") {
		t.Errorf("a supervisor: %d, %d bytes", code, len(text))
	}
	for _, token := range []string{"demo-a18", "demo-admin", "demo-auditor"} {
		if code, _ := as(ctx, t, h, token, http.MethodGet, path, nil); code != http.StatusForbidden {
			t.Errorf("%s: %d", token, code)
		}
	}
	code, text := as(ctx, t, h, "demo-auditor", http.MethodGet, "/v1/audit", nil)
	if code != http.StatusOK || strings.Count(string(text), `"what":"listen"`) != 1 || !strings.Contains(string(text), `"who":"demo-supervisor"`) {
		t.Errorf("the audit: %d %s", code, text)
	}
	if log := h.Log.String(); !strings.Contains(log, "a recording was opened") || !strings.Contains(log, `"audit"`) && !strings.Contains(log, "audit=") {
		t.Error("the log does not tell of it")
	}
}

// TestSurveyStopped stops the controller in a survey: the caller is thanked by the next one, and let go.
func TestSurveyStopped(t *testing.T) {
	t.Parallel()
	o := surveyed(t)
	o.Binary = builtBinary(t)
	ctx, s := tell(t, o)
	c := s.in(t)
	phone := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	c.sits(ctx, phone, "a18", phones.AnswerAfter(0))
	p := c.queued(ctx, "3303")
	at := nextCall(ctx, t, phone)
	meets(ctx, t, p, at)
	hangup(ctx, t, at)
	heard(ctx, t, p, asksCSAT)
	press(ctx, t, p.Call, "5")
	heard(ctx, t, p, asksNPS)
	s.h.Kill()
	if err := s.h.StartApp(ctx); err != nil {
		t.Fatal(err)
	}
	heard(ctx, t, p, saysBye)
	end := image(c.ends(ctx, p, acd.Answered, acd.LegSurvey, "restart"), p.contact)
	if end.Survey == nil || end.Survey.CSAT != 5 {
		t.Errorf("answered %+v", end.Survey)
	}
	gone(ctx, t, "the caller", p.Call)
	neverSilent(t, p)
	nothingLeft(ctx, t, s.h)
}
