package ivr

import (
	"maps"
	"slices"
	"time"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

var _ = register(kind{name: "info", beside: "next", part: func() part { return new(fileInfo) }})

// fileInfo is the id of an article, or its long form.
type fileInfo struct {
	Article string `yaml:"article"`
}

// DecodeNode reads either form.
func (f *fileInfo) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	if n.Kind == diag.Scalar {
		return at.Decode(n, &f.Article)
	}
	type long fileInfo
	return at.Decode(n, (*long)(f))
}

func (f *fileInfo) compile(c *compiler, n *node, at string, file *fileNode) {
	a := &informing{next: c.next(n, file, false), text: ArticleText(f.Article), sms: c.site.SMS, time: c.article(at, f.Article)}
	n.verb, n.act = "info", a
}

// told is when an article may be told.
type told struct {
	withheld bool
	until    time.Time // zero for ever
}

func (t told) over(now time.Time) bool {
	return t.withheld || !t.until.IsZero() && !now.Before(t.until)
}

// article checks that an article may be told, and gives the program its texts.
func (c *compiler) article(at, id string) told {
	article, ok := c.site.Articles[id]
	out := told{article.Withheld != nil, article.Until}
	switch {
	case !ok:
		c.fail(at, diag.DidYouMean(id, slices.Sorted(maps.Keys(c.site.Articles))), "there is no article %q", id)
		return out
	case article.Refused != nil:
		c.fail(at, wording.Say("have it approved, or lead elsewhere"), "the article %q may not be spoken: %s", id, article.Refused)
	case article.Withheld != nil:
		c.warn(at, wording.Say("have it approved, or lead elsewhere"), "the article %q is not told, its callers are led to a human: %s", id, article.Withheld)
		return out
	}
	for _, lang := range c.site.Languages {
		if article.Texts[lang] == "" {
			c.fail(at, nil, "the article %q has no text to speak in language %q", id, lang)
			continue
		}
		c.program.add(ArticleText(id), lang, article.Texts[lang])
	}
	return out
}

// ArticleText is the id under which an article is spoken, or recorded.
func ArticleText(id string) string { return "article." + id }

// Stages of informing.
const (
	reading  int8 = iota // the article, then what can be done with it
	sending              // the article, by SMS
	thanking             // what came of it
)

// informing reads an article and offers what can be done with it: hear it again (*), a human (0), the
// text by SMS (1, where there is a sender), the end (2, or silence). An article that may not be told any
// more leads to a human: nobody is left with an answer that was right last year, or with none.
type informing struct {
	text string
	next link
	sms  bool
	time told
}

func (a *informing) ways() (all, idle []link) {
	if a.next.none() {
		return nil, nil
	}
	return []link{a.next}, []link{a.next}
}

func (a *informing) picture() (string, []string) {
	all, _ := a.ways()
	return a.text, make([]string, len(all))
}

func (a *informing) enter(w *walk, _ *node, now time.Time) ([]acd.Ask, link) {
	w.typed = nil
	if a.time.over(now) {
		return w.human(), link{}
	}
	return a.read(w), link{}
}

func (a *informing) read(w *walk) []acd.Ask {
	w.turn.stage = reading
	if a.sms {
		return w.question(prompts(a.text, "sys.info_sms", "sys.info_keys")...)
	}
	return w.question(prompts(a.text, "sys.info_keys")...)
}

func (a *informing) hear(w *walk, _ *node, in acd.Heard, now time.Time) []acd.Ask {
	switch in := in.(type) {
	case acd.HeardKey:
		switch {
		case in.Key == '*' || in.Key == '#':
			return a.read(w)
		case in.Key == '2':
			return w.on(a.next, "info", now)
		case in.Key == '1' && a.sms && w.turn.stage == reading:
			w.turn.stage = sending
			w.pass("1")
			return []acd.Ask{acd.AskSMS{Text: a.text}}
		case w.turn.stage == reading:
			if w.turn.tries++; w.turn.tries >= maxMistakes {
				return w.human()
			}
			return w.question(prompts("sys.not_understood", "sys.info_keys")...)
		}
	case acd.HeardSMS:
		if w.turn.stage == sending {
			w.turn.stage = thanking
			return []acd.Ask{say(false, smsWords(in.Sent))}
		}
	case acd.HeardSaid:
		if w.turn.stage == thanking {
			return w.on(a.next, "info", now)
		}
	case acd.HeardSilence:
		if w.turn.stage == reading {
			return w.on(a.next, "info", now)
		}
	}
	return nil
}

func (a *informing) awaits(w *walk) acd.Heard {
	switch w.turn.stage {
	case sending:
		return acd.HeardSMS{}
	case thanking:
		return acd.HeardSaid{}
	}
	return acd.HeardSilence{}
}

// gone: who hangs up has heard what he wanted.
func (a *informing) gone(*walk) []acd.Ask {
	return []acd.Ask{acd.AskHangup{Outcome: acd.SelfServed, Reason: "info"}}
}

func smsWords(sent bool) string {
	if sent {
		return "sys.sms_sent"
	}
	return "sys.sms_failed"
}
