package rehearsal

import (
	"fmt"
	"strings"

	"accueil/acd"
)

// Failure says where a test went another way than it should.
type Failure struct {
	Test    string
	Line    int
	Message string
	Way     []string // what the caller passed: nodes, keys, what he heard
}

// patience bounds what a test lets pass by itself: silent callers are put through to a human long
// before.
const patience = 100

// Run plays the steps of a test on a call that has begun, and compares the end; nil when all is as
// expected. words gives the text of prompts in a language, as the caller hears it.
func (t Test) Run(c *Call, words func(acd.Lang, []acd.Prompt) string) *Failure {
	r := runner{call: c, words: words}
	for _, s := range t.Steps {
		if message := r.step(s); message != "" {
			return &Failure{t.Name, s.Line, message, r.way()}
		}
	}
	r.settle()
	if message := r.compare(t.Expect); message != "" {
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

func (r *runner) step(s Step) string {
	c := r.call
	switch {
	case s.Hear != "":
		return r.hear(s.Hear)
	case s.Press != "":
		for _, key := range []byte(s.Press) {
			r.settle()
			if c.Awaits() == Nobody {
				return fmt.Sprintf("key %c cannot be pressed: the call has ended (%s)", key, c.Outcome())
			}
			r.heard = len(c.Events)
			c.Press(key)
		}
		return ""
	}
	r.settle()
	if c.Awaits() == Nobody {
		return fmt.Sprintf("%s: the call has ended (%s)", s.Do, c.Outcome())
	}
	r.heard = len(c.Events)
	switch s.Do {
	case DoSilence, DoWait:
		c.Pass()
	case DoAgent:
		if !c.Answer() {
			return "no agent can answer: the caller waits in no queue"
		}
	case DoGiveUp:
		if !c.GiveUp() {
			return "no queue can give the caller up: he waits in none"
		}
	case DoClosing:
		if !c.Close() {
			return "no queue can close before the caller: he waits in none"
		}
	case DoSpeak:
		if !c.Speak() {
			return "nothing can be said: the caller is not recorded"
		}
	case DoHangUp:
		c.HangUp()
	}
	return ""
}

// hear looks for words among what the caller hears from here until he is asked for something.
func (r *runner) hear(want string) string {
	for range patience {
		for i := r.heard; i < len(r.call.Events); i++ {
			if e := r.call.Events[i]; e.Kind == Heard && r.says(e, want) {
				r.heard = i // more of the same words may be asked for
				return ""
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
		return fmt.Sprintf("the caller does not hear %q; he hears nothing", want)
	}
	return fmt.Sprintf("the caller does not hear %q; he hears: %s", want, strings.Join(said, " / "))
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

func (r *runner) compare(x Expect) string {
	c := r.call
	var wrong []string
	differ := func(what, want, got string) {
		if want != "" && want != got {
			if got == "" {
				got = "none"
			}
			wrong = append(wrong, fmt.Sprintf("%s is %s, expected %s", what, got, want))
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
	differ("the node", x.Node, c.Node())
	differ("the language", string(x.Language), string(c.Lang()))
	differ("the queue", string(x.Queue), string(queue))
	differ("the reason", string(x.Reason), string(reason))
	differ("the extension", x.To, to)
	differ("the outcome", string(x.Outcome), string(c.Outcome()))
	return strings.Join(wrong, "; ")
}

// way lists what happened, shortly.
func (r *runner) way() (out []string) {
	for _, e := range r.call.Events {
		switch e.Kind {
		case Heard:
			out = append(out, "«"+r.words(e.Lang, e.Prompts)+"»")
		case Pressed:
			out = append(out, "key "+e.Key)
		case Silent:
			out = append(out, "silence")
		case Queued:
			out = append(out, "queue "+string(e.Queue))
		case Refused:
			out = append(out, "refused: "+e.Why)
		case Rings:
			out = append(out, "rings "+e.To)
		case Records:
			out = append(out, "recorded")
		case Spoke:
			out = append(out, "speaks")
		case Scored:
			out = append(out, fmt.Sprintf("%s %d", e.Why, e.Points))
		case Ended:
			out = append(out, "ended: "+string(e.Outcome))
		}
	}
	return out
}
