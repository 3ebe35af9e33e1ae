package app

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"accueil/acd"
	"accueil/ivr/rehearsal"
)

// TryOptions are those of a walk through a scenario in the terminal.
type TryOptions struct {
	Site, Entry string
	At          string // on the site's clock; now when empty
	Lang        string // of the entry when empty
	Words       string // fr or en: what is said about the call
	Closed      bool   // the entry is closed exceptionally
	Full        bool   // every queue is full
	Unstaffed   bool   // nobody is at work
	Extension   string // how extensions end: accepted, no_answer, busy
	Caller      string // who calls: patient, professional, …; unknown when empty
	Announce    []string
	Lookup      string        // what lookups answer: found, unknown, error
	Position    int           // of who waits; 0: not known
	Wait        time.Duration // that he is told to expect; 0: not known
	Keys        string        // done without asking, in this order: keys, and the letters of the acts
	Scripted    bool          // Keys are all: nothing is asked
	JSON        bool
	Now         time.Time
}

// Letters that stand for what is no key of a telephone.
const (
	letterSilence = '.'
	letterAgent   = 'a'
	letterGiveUp  = 'm'
	letterClosing = 'c'
	letterHangUp  = 'h'
	letterSpeak   = 's'
)

// Try plays a call through the scenario of an entry: what the caller hears is printed, his keys are
// read from in, a line each; an empty line is silence.
func Try(o TryOptions, in io.Reader, out, talk io.Writer) error {
	h, err := newRehearser(o.Site)
	if err != nil {
		return err
	}
	world := rehearsalWorld{closed: o.Closed, full: o.Full, unstaffed: o.Unstaffed, extension: acd.Ending(o.Extension),
		caller: acd.CallerKind(o.Caller), lookup: acd.LookupOutcome(o.Lookup), standing: rehearsal.Standing(o.Position, o.Wait)}
	for _, id := range o.Announce {
		world.announced = append(world.announced, acd.AnnouncementID(id))
	}
	call, err := h.begin(acd.EntryID(o.Entry), acd.Lang(o.Lang), o.At, o.Now, world)
	if err != nil {
		return err
	}
	t := &tryer{h: h, call: call, out: out, talk: talk, words: tryWords[o.Words], json: o.JSON}
	if o.Scripted {
		err = t.scripted(o.Keys)
	} else {
		err = t.ask(bufio.NewScanner(in))
	}
	if err != nil {
		return err
	}
	if o.JSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(t.record())
	}
	return nil
}

// tryer talks about one rehearsed call.
type tryer struct {
	h     *rehearser
	call  *rehearsal.Call
	out   io.Writer
	talk  io.Writer
	words map[string]string
	json  bool
	told  int
}

// tell prints what has happened since it was last asked.
func (t *tryer) tell() {
	for ; t.told < len(t.call.Events); t.told++ {
		if !t.json {
			fmt.Fprintln(t.out, t.line(t.call.Events[t.told]))
		}
	}
}

func (t *tryer) line(e rehearsal.Event) string {
	at := e.At.Format("15:04:05") + "  "
	switch e.Kind {
	case rehearsal.Heard:
		return at + "« " + t.h.say(e.Lang, e.Prompts) + " »"
	case rehearsal.Pressed:
		return at + fmt.Sprintf(t.words["pressed"], e.Key)
	case rehearsal.Silent:
		return at + fmt.Sprintf(t.words["silent"], e.For)
	case rehearsal.Music:
		return at + fmt.Sprintf(t.words["music"], e.For)
	case rehearsal.Language:
		return at + fmt.Sprintf(t.words["language"], e.Lang)
	case rehearsal.Asked:
		return at + fmt.Sprintf(t.words["asked"], e.Queue, t.reason(e.Reason))
	case rehearsal.Refused:
		return at + fmt.Sprintf(t.words["refused"], t.refusal(e.Why))
	case rehearsal.Rings:
		return at + fmt.Sprintf(t.words["rings"], e.To)
	case rehearsal.Unheeded:
		return at + fmt.Sprintf(t.words["unheeded"], e.To)
	case rehearsal.Talks:
		if e.To != "" {
			return at + fmt.Sprintf(t.words["extension"], e.To)
		}
		return at + t.words["agent"]
	case rehearsal.Records:
		return at + fmt.Sprintf(t.words["records"], e.For)
	case rehearsal.Scored:
		return at + fmt.Sprintf(t.words["scored"], e.Why, e.Points)
	case rehearsal.Ended:
		why := ""
		if e.Why != "" {
			why = " (" + e.Why + ")"
		}
		return at + fmt.Sprintf(t.words["ended"], e.Outcome, why)
	}
	return at + t.words[string(e.Kind)] // queued, left, emergency, spoke
}

func (t *tryer) reason(id acd.ReasonID) string {
	labels := t.h.c.site.Reasons[id].Label
	if l := labels[acd.Lang(t.words["lang"])]; l != "" {
		return string(id) + ", " + l
	}
	return string(id)
}

func (t *tryer) refusal(why string) string { return cmp.Or(t.words["why_"+why], why) }

// settle lets words pass until something is needed.
func (t *tryer) settle() {
	for i := 0; i < 100 && t.call.Awaits() == rehearsal.Speech; i++ {
		t.tell()
		t.call.Pass()
	}
	t.tell()
}

// act does one thing; false for what means nothing now.
func (t *tryer) act(key rune) bool {
	switch {
	case strings.ContainsRune("0123456789*#", key):
		t.call.Press(byte(key))
	case key == letterSilence:
		t.call.Pass()
	case key == letterAgent:
		return t.call.Answer()
	case key == letterGiveUp:
		return t.call.GiveUp()
	case key == letterClosing:
		return t.call.Close()
	case key == letterSpeak:
		return t.call.Speak()
	case key == letterHangUp:
		t.call.HangUp()
	default:
		return false
	}
	return true
}

func (t *tryer) scripted(keys string) error {
	for _, key := range keys {
		if key == ',' || key == ' ' {
			continue
		}
		t.settle()
		if t.call.Awaits() == rehearsal.Nobody {
			return ExitError{ExitFailure, fmt.Errorf("the call has ended before %q", key)}
		}
		if !t.act(key) {
			return ExitError{ExitUsage, fmt.Errorf("%q can do nothing here: 0-9 * # are keys, . silence, a an agent answers, m the queue gives up, c it closes, s the caller speaks where he is recorded, h he hangs up", key)}
		}
	}
	t.settle()
	return nil
}

func (t *tryer) ask(lines *bufio.Scanner) error {
	for {
		t.settle()
		prompt := ""
		switch t.call.Awaits() {
		case rehearsal.Nobody:
			return nil
		case rehearsal.Key:
			prompt = t.words["ask_key"]
		case rehearsal.Message:
			prompt = t.words["ask_message"]
		default:
			prompt = t.words["ask_queue"]
		}
		fmt.Fprint(t.talk, prompt)
		if !lines.Scan() {
			fmt.Fprintln(t.talk)
			return lines.Err()
		}
		line := strings.TrimSpace(lines.Text())
		if line == "" {
			line = string(letterSilence)
		}
		for _, key := range line {
			if t.call.Awaits() == rehearsal.Nobody {
				break
			}
			if !t.act(key) {
				fmt.Fprintf(t.talk, t.words["nothing"]+"\n", string(key))
			}
			t.tell()
		}
	}
}

// triedEvent is one event as a program reads it.
type triedEvent struct {
	At      time.Time    `json:"at"`
	Kind    string       `json:"kind"`
	Node    string       `json:"node,omitempty"`
	Prompts []string     `json:"prompts,omitempty"`
	Text    string       `json:"text,omitempty"`
	Key     string       `json:"key,omitempty"`
	Lang    acd.Lang     `json:"lang"`
	Queue   acd.QueueID  `json:"queue,omitempty"`
	Reason  acd.ReasonID `json:"reason,omitempty"`
	Points  int          `json:"points,omitempty"`
	To      string       `json:"to,omitempty"`
	For     float64      `json:"for_s,omitempty"`
	Why     string       `json:"why,omitempty"`
	Outcome acd.Outcome  `json:"outcome,omitempty"`
}

type tried struct {
	Events  []triedEvent `json:"events"`
	Awaits  string       `json:"awaits"` // key, agent, message or nobody
	Queue   acd.QueueID  `json:"queue,omitempty"`
	Reason  acd.ReasonID `json:"reason,omitempty"`
	Outcome acd.Outcome  `json:"outcome,omitempty"`
}

func (t *tryer) record() tried {
	out := tried{Events: []triedEvent{}, Awaits: [...]string{"speech", "key", "agent", "nobody", "message"}[t.call.Awaits()], Outcome: t.call.Outcome()}
	out.Queue, out.Reason, _ = t.call.Place()
	for _, e := range t.call.Events {
		v := triedEvent{At: e.At, Kind: string(e.Kind), Node: e.Node, Key: e.Key, Lang: e.Lang, Queue: e.Queue, Reason: e.Reason, Points: e.Points,
			To: e.To, For: e.For.Seconds(), Why: e.Why, Outcome: e.Outcome}
		for _, p := range e.Prompts {
			v.Prompts = append(v.Prompts, p.ID)
		}
		if e.Kind == rehearsal.Heard {
			v.Text = t.h.say(e.Lang, e.Prompts)
		}
		out.Events = append(out.Events, v)
	}
	return out
}
