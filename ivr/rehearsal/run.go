package rehearsal

import (
	"strings"

	"accueil/acd"
	"accueil/wording"
)

// Failure says where a test went another way than it should.
type Failure struct {
	Test    string
	Line    int
	Message *wording.Text
	Way     Way // what the caller passed: nodes, keys, what he heard
}

// patience bounds what a test lets pass by itself: silent callers are put through to a human long
// before.
const patience = 100

// Run plays the steps of a test on a call that has begun, and compares the end; nil when all is as
// expected. words gives the text of prompts in a language, as the caller hears it.
func (t Test) Run(c *Call, words func(acd.Lang, []acd.Prompt) string) *Failure {
	r := runner{call: c, words: words}
	for _, s := range t.Steps {
		if message := r.step(s); message != nil {
			return &Failure{t.Name, s.Line, message, r.way()}
		}
	}
	r.settle()
	if message := r.compare(t.Expect); message != nil {
		return &Failure{t.Name, t.Expect.Line, message, r.way()}
	}
	return nil
}

type runner struct {
	call  *Call
	words func(acd.Lang, []acd.Prompt) string
	heard int // events that earlier steps have looked at
}

// settle lets words pass until the call needs something.
func (r *runner) settle() {
	for i := 0; i < patience && r.call.Awaits() == Speech; i++ {
		r.call.Pass()
	}
}

func (r *runner) step(s Step) *wording.Text {
	c := r.call
	switch {
	case s.Hear != "":
		return r.hear(s.Hear)
	case s.Press != "":
		for _, key := range []byte(s.Press) {
			r.settle()
			if c.Awaits() == Nobody {
				return wording.Say("key %c cannot be pressed: the call has ended (%s)", key, c.Outcome())
			}
			r.heard = len(c.Events)
			c.Press(key)
		}
		return nil
	}
	r.settle()
	if c.Awaits() == Nobody {
		return wording.Say("%s: the call has ended (%s)", s.Do, c.Outcome())
	}
	r.heard = len(c.Events)
	switch s.Do {
	case DoSilence, DoWait:
		c.Pass()
	case DoAgent:
		if !c.Answer() {
			return wording.Say("no agent can answer: the caller waits in no queue")
		}
	case DoGiveUp:
		if !c.GiveUp() {
			return wording.Say("no queue can give the caller up: he waits in none")
		}
	case DoClosing:
		if !c.Close() {
			return wording.Say("no queue can close before the caller: he waits in none")
		}
	case DoSpeak:
		if !c.Speak() {
			return wording.Say("nothing can be said: the caller is not recorded")
		}
	case DoHangUp:
		c.HangUp()
	}
	return nil
}

// hear looks for words among what the caller hears from here until he is asked for something.
func (r *runner) hear(want string) *wording.Text {
	for range patience {
		for i := r.heard; i < len(r.call.Events); i++ {
			if e := r.call.Events[i]; e.Kind == Heard && r.says(e, want) {
				r.heard = i // more of the same words may be asked for
				return nil
			}
		}
		if r.call.Awaits() != Speech {
			break
		}
		r.call.Pass()
	}
	var said []string
	for _, e := range r.call.Events[min(r.heard, len(r.call.Events)):] {
		if e.Kind == Heard {
			said = append(said, r.words(e.Lang, e.Prompts))
		}
	}
	if len(said) == 0 {
		return wording.Say("the caller does not hear %q; he hears nothing", want)
	}
	return wording.Say("the caller does not hear %q; he hears: %s", want, strings.Join(said, " / "))
}

func (r *runner) says(e Event, want string) bool {
	for _, p := range e.Prompts {
		if p.ID == want {
			return true
		}
	}
	return strings.Contains(plain(r.words(e.Lang, e.Prompts)), plain(want))
}

// plain leaves of a text what a reader would compare.
func plain(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), " ") }

func (r *runner) compare(x Expect) *wording.Text {
	c := r.call
	var wrong differences
	differ := func(none, other wording.Sentence, want, got string) {
		switch {
		case want == "" || want == got:
		case got == "":
			wrong = append(wrong, wording.Say(none, want))
		default:
			wrong = append(wrong, wording.Say(other, got, want))
		}
	}
	queue, reason, _ := c.Place()
	to := ""
	for _, e := range c.Events {
		switch e.Kind {
		case Talks:
			if e.To == "" {
				queue, reason = e.Queue, e.Reason
			}
		case Rings:
			to = e.To
		}
	}
	differ("the node is none, expected %s", "the node is %s, expected %s", x.Node, c.Node())
	differ("the language is none, expected %s", "the language is %s, expected %s", string(x.Language), string(c.Lang()))
	differ("the queue is none, expected %s", "the queue is %s, expected %s", string(x.Queue), string(queue))
	differ("the reason is none, expected %s", "the reason is %s, expected %s", string(x.Reason), string(reason))
	differ("the extension is none, expected %s", "the extension is %s, expected %s", x.To, to)
	differ("the outcome is none, expected %s", "the outcome is %s, expected %s", string(x.Outcome), string(c.Outcome()))
	if len(wrong) == 0 {
		return nil
	}
	return wording.Say("%s", wrong)
}

// differences are what a call does not do as expected, told as one.
type differences []*wording.Text

// In tells the differences.
func (d differences) In(l *wording.Language) string { return join(d, l, "; ") }

// Way is what a caller passed: nodes, keys, what he heard.
type Way []*wording.Text

// In tells the way.
func (w Way) In(l *wording.Language) string { return join(w, l, " → ") }

func join(texts []*wording.Text, l *wording.Language, by string) string {
	told := make([]string, len(texts))
	for i, t := range texts {
		told[i] = t.In(l)
	}
	return strings.Join(told, by)
}

// way lists what happened, shortly.
func (r *runner) way() (out Way) {
	for _, e := range r.call.Events {
		switch e.Kind {
		case Heard:
			out = append(out, wording.Say("«%s»", r.words(e.Lang, e.Prompts)))
		case Pressed:
			out = append(out, wording.Say("key %s", e.Key))
		case Silent:
			out = append(out, wording.Say("silence"))
		case Queued:
			out = append(out, wording.Say("queue %s", string(e.Queue)))
		case Refused:
			out = append(out, wording.Say("refused: %s", e.Why))
		case Rings:
			out = append(out, wording.Say("rings %s", e.To))
		case Records:
			out = append(out, wording.Say("recorded"))
		case Spoke:
			out = append(out, wording.Say("speaks"))
		case Scored:
			out = append(out, wording.Say("%s %d", e.Why, e.Points))
		case Ended:
			out = append(out, wording.Say("ended: %s", string(e.Outcome)))
		}
	}
	return out
}
