package ivr

import (
	"time"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

var _ = register(kind{name: "sms", beside: "next", part: func() part { return new(fileSMS) }})

// fileSMS sends a text, or an article, to the caller's number.
type fileSMS struct {
	Text    *fileText `yaml:"text"`
	Article string    `yaml:"article"`
	Failed  *fileLink `yaml:"failed"`
}

func (f *fileSMS) compile(c *compiler, n *node, at string, file *fileNode) {
	a := &texting{next: c.next(n, file, true)}
	n.verb, n.act = "sms", a
	if a.failed = c.link(f.Failed, diag.Join(at, "failed"), false); a.failed.none() {
		a.failed = a.next
	}
	switch {
	case f.Article != "" && f.Text == nil:
		a.text = ArticleText(f.Article)
		a.time = c.article(diag.Join(at, "article"), f.Article)
	case f.Text != nil && f.Article == "":
		a.text = c.text(diag.Join(at, "text"), n.local, f.Text)
		for _, mark := range writtenMarks {
			if c.program.says(a.text, mark) {
				c.fail(diag.Join(at, "text"), wording.Say("write it without the mark"), "{%s} can be spoken, not sent", mark)
			}
		}
	default:
		c.fail(at, wording.Say(`write text: {fr: "…", en: "…"}, or article: id`), "an SMS says a text or an article")
	}
	if !c.site.SMS {
		c.fail(at, wording.Say("lead elsewhere until the site has one"), "this site has no sender of SMS")
	}
}

// texting sends an SMS and says whether it went.
type texting struct {
	text         string
	next, failed link
	time         told // of an article
}

func (a *texting) ways() (all, idle []link) {
	all = []link{a.next, a.failed}
	return all, all
}

func (a *texting) picture() (string, []string) { return a.text, []string{"", "failed"} }

func (a *texting) enter(w *walk, _ *node, now time.Time) ([]acd.Ask, link) {
	if a.time.over(now) {
		w.turn.stage = 2
		return []acd.Ask{say(false, smsWords(false))}, link{}
	}
	return []acd.Ask{acd.AskSMS{Text: a.text}}, link{}
}

func (a *texting) hear(w *walk, _ *node, in acd.Heard, now time.Time) []acd.Ask {
	switch in := in.(type) {
	case acd.HeardSMS:
		if w.turn.stage == 0 {
			if w.turn.stage = 1; !in.Sent {
				w.turn.stage = 2
			}
			return []acd.Ask{say(false, smsWords(in.Sent))}
		}
	case acd.HeardSaid:
		switch w.turn.stage {
		case 1:
			return w.enter(a.next, now)
		case 2:
			return w.enter(a.failed, now)
		}
	case acd.HeardKey:
		w.keep(in.Key)
	}
	return nil
}

func (a *texting) awaits(w *walk) acd.Heard {
	if w.turn.stage == 0 {
		return acd.HeardSMS{}
	}
	return acd.HeardSaid{}
}
