package ivr

import (
	"time"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

const verbSurvey verb = "survey"

var _ = register(kind{name: verbSurvey, part: func() part { return new(fileSurvey) }})

// fileSurvey asks a caller after his conversation.
type fileSurvey struct {
	CSAT    *fileText    `yaml:"csat"`
	NPS     *fileText    `yaml:"nps"`
	Comment *fileComment `yaml:"comment"`
	Thanks  *fileText    `yaml:"thanks"`
}

// fileComment is a question that is answered freely, and recorded.
type fileComment struct {
	Prompt  *fileText      `yaml:"prompt"`
	Version string         `yaml:"version"`
	Max     *time.Duration `yaml:"max"`
}

func (f *fileSurvey) compile(c *compiler, n *node, at string, _ *fileNode) {
	a := &surveying{thanks: "sys.survey_thanks"}
	n.verb, n.act = verbSurvey, a
	switch {
	case len(c.stack) > 1:
		c.fail(at, wording.Say("write it in the scenario that calls this one"), "a survey begins by itself after a conversation, so no other scenario can call it")
	case c.scenario.survey != "":
		c.fail(at, wording.Say("ask everything in one node"), "the scenario has two surveys, %q and %q", c.scenario.survey, n.id)
	default:
		c.scenario.survey = n.id
	}
	for _, t := range []struct {
		key  string
		file *fileText
		into *string
	}{{"csat", f.CSAT, &a.csat}, {"nps", f.NPS, &a.nps}, {"thanks", f.Thanks, &a.thanks}} {
		if t.file != nil {
			*t.into = c.text(diag.Join(at, t.key), n.local+"."+t.key, t.file)
		}
	}
	if f.Comment != nil {
		under := diag.Join(at, "comment")
		a.record = acd.AskRecord{Min: time.Second, Silence: usualHush,
			Max: c.span(diag.Join(under, "max"), f.Comment.Max, time.Minute, leastMessage, longestRecord)}
		if a.version = c.wording(under, f.Comment.Version, f.Comment.Prompt); f.Comment.Prompt == nil {
			c.fail(under, wording.Say(`write prompt: {fr: "…", en: "…"} and say there that the answer is recorded, and why`), "nothing tells the caller that he is recorded")
		} else {
			a.comment = c.text(diag.Join(under, "prompt"), n.local+".comment", f.Comment.Prompt)
		}
	}
	if f.CSAT == nil && f.NPS == nil && f.Comment == nil {
		c.fail(at, wording.Say(`write csat: {fr: "… de 1 à 5 …", en: "… 1 to 5 …"}`), "nothing is asked")
	}
}

// Stages of a survey.
const (
	rating       int8 = iota // 1 to 5
	recommending             // 0 to 10
	starred                  // the same, after *: 9 is the emergency instruction there
	tenth                    // 1 was pressed: 10 if a 0 follows
	commenting               // the free answer
)

// tenPause is how long a 0 may follow the 1 of a ten.
const tenPause = 2500 * time.Millisecond

// surveying asks a caller who has stayed on the line, or agreed before, after his conversation: how
// satisfied he is, whether he would recommend the hospital, what else he wants to say. Nothing leads
// there but the end of a conversation. # passes over a question, * repeats it, silence ends it all.
//
// 0 to 9 are answers to the second question. So that the emergency instruction stays in reach there, *
// repeats the question and 9 then reads it; everywhere else 9 does at once.
type surveying struct {
	csat, nps, comment, thanks string
	version                    string
	record                     acd.AskRecord
}

func (a *surveying) ways() (all, idle []link) { return nil, nil }

func (a *surveying) picture() (string, []string) {
	for _, prompt := range []string{a.csat, a.nps, a.comment} {
		if prompt != "" {
			return prompt, nil
		}
	}
	return a.thanks, nil
}

func (a *surveying) takes(w *walk, key byte) bool {
	switch w.turn.stage {
	case recommending, tenth:
		return key == '0' || key == '9'
	case starred:
		return key == '0'
	}
	return false
}

func (a *surveying) enter(w *walk, _ *node, _ time.Time) ([]acd.Ask, link) {
	w.typed = nil
	return a.question(w, rating), link{}
}

// question asks what the stage asks, or what comes after it where the file asks nothing there.
func (a *surveying) question(w *walk, stage int8) []acd.Ask {
	if stage == rating && a.csat == "" {
		stage = recommending
	}
	if stage == recommending && a.nps == "" {
		stage = commenting
	}
	if w.turn.stage != stage {
		w.turn = turn{stage: stage}
	}
	switch {
	case stage == rating:
		return w.question(prompts(a.csat)...)
	case stage == recommending || stage == starred:
		return w.question(prompts(a.nps)...)
	case a.comment != "":
		w.pass(noticed("survey", a.version))
		record := a.record
		record.Silence = w.patience(record.Silence)
		return []acd.Ask{say(false, a.comment, "sys.beep"), record}
	}
	return a.thank(w)
}

func (a *surveying) thank(w *walk) []acd.Ask { return w.leave(surveyed, a.thanks) }

// surveyed is the end of a call after its survey.
var surveyed = acd.AskHangup{Outcome: acd.Answered, Reason: "survey"}

func (a *surveying) hear(w *walk, _ *node, in acd.Heard, _ time.Time) []acd.Ask {
	switch in := in.(type) {
	case acd.HeardKey:
		return a.key(w, in.Key)
	case acd.HeardSilence:
		if w.turn.stage == tenth {
			return a.scored(w, 1)
		}
		if w.turn.silences++; w.turn.silences >= maxSilences {
			return a.thank(w)
		}
		return a.question(w, w.turn.stage)
	case acd.HeardRecorded:
		if w.turn.stage == commenting {
			return a.thank(w)
		}
	}
	return nil
}

func (a *surveying) key(w *walk, key byte) []acd.Ask {
	switch stage := w.turn.stage; {
	case stage == commenting:
		if key == '*' {
			return a.question(w, commenting)
		}
	case key == '#' && stage == tenth:
		return a.scored(w, 1)
	case key == '#' && stage == rating:
		return a.question(w, recommending)
	case key == '#':
		return a.question(w, commenting)
	case key == '*' && stage != rating:
		return a.question(w, starred)
	case key == '*':
		return a.question(w, rating)
	case stage == rating && key >= '1' && key <= '5':
		return append([]acd.Ask{acd.AskSurveyed{Answer: acd.Survey{CSAT: int(key - '0')}}}, a.question(w, recommending)...)
	case stage == tenth && key == '0':
		return a.scored(w, acd.MostNPS)
	case stage == tenth: // what does he mean, one or this one
		return a.unclear(w, recommending, a.nps)
	case stage != rating && key == '1':
		w.turn.stage = tenth
		return []acd.Ask{acd.AskListen{For: w.patience(tenPause)}}
	case stage != rating:
		return a.scored(w, int(key-'0'))
	default:
		return a.unclear(w, rating, a.csat)
	}
	return nil
}

func (a *surveying) scored(w *walk, nps int) []acd.Ask {
	return append([]acd.Ask{acd.AskSurveyed{Answer: acd.Survey{NPS: &nps}}}, a.question(w, commenting)...)
}

// unclear asks again, as often as in a menu.
func (a *surveying) unclear(w *walk, stage int8, prompt string) []acd.Ask {
	w.turn.stage = stage
	if w.turn.tries++; w.turn.tries >= maxMistakes {
		return a.thank(w)
	}
	return w.question(prompts("sys.not_understood", prompt)...)
}

func (a *surveying) awaits(w *walk) acd.Heard {
	if w.turn.stage == commenting {
		return acd.HeardRecorded{}
	}
	return acd.HeardSilence{}
}

// gone: he was answered, and has given what he wanted to give.
func (a *surveying) gone(*walk) []acd.Ask { return []acd.Ask{surveyed} }

// served: the agent has hung up. Who agreed, or was told to stay on the line, is asked; never who has
// heard the emergency instruction.
func (w *walk) served(now time.Time) []acd.Ask {
	switch w.mode {
	case queuing, waiting, moving:
	default:
		return nil
	}
	id := w.scenario.survey
	if id == "" || !w.fated(id, 2, 0, w.asked) {
		return nil
	}
	return w.enter(link{node: id}, now)
}

func (w *walk) asked() bool {
	return !w.flagged && (w.vars["consent_survey"] == "yes" || w.program.site.Queues[w.queueOf(w.queue)].Survey)
}

// afterwards reports whether the call is in its survey: nobody need be reached any more.
func (w *walk) afterwards() bool {
	n := w.scenario.nodes[w.node]
	return n != nil && n.verb == verbSurvey
}
