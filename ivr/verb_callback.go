package ivr

import (
	"slices"
	"strings"
	"time"

	"accueil/acd"
	"accueil/diag"
	"accueil/ivr/calendar"
)

var _ = register(kind{name: "callback", part: func() part { return new(fileCallback) }})

// fileCallback is a reason, or its long form.
type fileCallback struct {
	Reason acd.ReasonID `yaml:"reason"`
	Queue  acd.QueueID  `yaml:"queue"`
	Prompt *fileText    `yaml:"prompt"` // before the question; nothing when absent
	No     *fileLink    `yaml:"no"`     // of who does not want it; his queue, or a human, when absent
}

// DecodeNode reads either form.
func (f *fileCallback) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	if n.Kind == diag.Scalar {
		return at.Decode(n, &f.Reason)
	}
	type long fileCallback
	return at.Decode(n, (*long)(f))
}

func (f *fileCallback) compile(c *compiler, n *node, at string, _ *fileNode) {
	q := fileQueue{Reason: f.Reason, Queue: f.Queue}
	a := &callingBack{no: c.link(f.No, diag.Join(at, "no"), false)}
	c.callsBack = true
	n.verb, n.act, n.queue = "callback", a, q.asked(c, at, false)
	if f.Prompt != nil {
		a.prompt = c.text(diag.Join(at, "prompt"), n.local, f.Prompt)
	}
}

// Stages of a callback, in their order.
const (
	backOffer   int8 = iota // at the number he calls from: yes, another one, no
	backKeying              // another number
	backConfirm             // is it right
)

// Bounds of a number to call back, in digits.
const (
	leastNumber = 6
	mostNumber  = 15 // ITU-T E.164
	backTries   = 3
)

// callingBack agrees with the caller on a callback: at the number he calls from or one that he keys
// in. His place waits for him (DESIGN §4), so who asked for it has lost nothing; and from the moment
// he has agreed it is taken, whether he hears the last words or not.
type callingBack struct {
	prompt string
	no     link
}

func (a *callingBack) ways() (all, idle []link) {
	if a.no.none() {
		return nil, nil // his queue, a human, or the end: places, not nodes
	}
	return []link{a.no}, []link{a.no}
}

func (a *callingBack) picture() (string, []string) {
	if a.no.none() {
		return a.prompt, nil
	}
	return a.prompt, []string{"no"}
}

// takes: 0 and 9 are digits of a number. As its first key 9 is the emergency instruction, as everywhere,
// and 0 alone leads to a human.
func (a *callingBack) takes(w *walk, key byte) bool {
	return w.turn.stage == backKeying && (key == '0' || key == '9' && w.turn.digits != "")
}

func (a *callingBack) enter(w *walk, n *node, now time.Time) ([]acd.Ask, link) {
	w.typed = nil // nobody agrees to what he has not heard

	// Nobody is promised two.
	if w.fated(n.id+" agreed", 2, 1, func() bool { return w.scene.Agreed }) {
		return w.agreed(now), link{}
	}
	if w.fated(n.id+" pending", 2, 1, func() bool { return w.scene.Pending != nil }) {
		if p := w.scene.Pending; p != nil && p.Queue != w.queueOf(a.queue(w, n)) {
			return a.refused(w, now), link{} // it is about something else, and only one is kept
		}
		return w.leave(acd.AskHangup{Outcome: acd.SelfServed, Reason: "callback_kept"}, "sys.callback_kept"), link{}
	}
	if !w.fated(n.id+" callable", 2, 0, func() bool { return w.scene.Callable }) {
		w.turn.stage = backKeying
	}
	return a.ask(w, a.before(w)...), link{}
}

// before is what a caller hears before he is asked: the words of the file, and from when he can be called,
// where that is not now.
func (a *callingBack) before(w *walk) (words []string) {
	if a.prompt != "" && w.turn.stage == backOffer {
		words = append(words, a.prompt)
	}
	if w.fates == nil && !w.calls(w.scene.Now) {
		words = append(words, wordsNotBefore)
	}
	return words
}

// ask says what is to be answered now; words come before it.
func (a *callingBack) ask(w *walk, words ...string) []acd.Ask {
	switch w.turn.stage {
	case backOffer:
		if len(words) == 0 {
			words = a.before(w)
		}
		return w.question(prompts(append(words, "sys.callback_offer")...)...)
	case backKeying:
		return w.question(prompts(append(words, "sys.callback_number")...)...)
	case backConfirm:
		keyed := acd.KeyedDigits(w.turn.digits)
		return w.question(acd.Prompt{ID: "sys.callback_read"}, acd.Prompt{Keyed: &keyed}, acd.Prompt{ID: "sys.collect_confirm"})
	}
	return nil
}

func (a *callingBack) hear(w *walk, n *node, in acd.Heard, now time.Time) []acd.Ask {
	switch in := in.(type) {
	case acd.HeardSilence:
		if w.turn.stage == backKeying && w.turn.digits != "" {
			return a.judge(w, now)
		}
		if w.turn.silences++; w.turn.silences >= maxSilences {
			return a.refused(w, now)
		}
		return a.ask(w)
	case acd.HeardKey:
		w.turn.silences = 0
		switch w.turn.stage {
		case backOffer:
			return a.offered(w, n, in.Key, now)
		case backKeying:
			return a.keyed(w, in.Key, now)
		case backConfirm:
			return a.confirmed(w, n, in.Key, now)
		}
	}
	return nil
}

// offered: 1 yes, 2 another number, 3 no.
func (a *callingBack) offered(w *walk, n *node, key byte, now time.Time) []acd.Ask {
	switch key {
	case '1':
		return a.take(w, n, nil, now)
	case '2':
		w.turn.stage = backKeying
		return a.ask(w)
	case '3':
		return a.refused(w, now)
	case '*', '#':
		return a.ask(w)
	}
	if w.turn.tries++; w.turn.tries >= maxMistakes {
		return a.refused(w, now)
	}
	return a.ask(w, "sys.not_understood")
}

func (a *callingBack) keyed(w *walk, key byte, now time.Time) []acd.Ask {
	switch {
	case key == '*':
		w.turn.digits = ""
		return a.ask(w)
	case key == '#':
		return a.judge(w, now)
	}
	if w.turn.digits += string(key); len(w.turn.digits) >= mostNumber {
		return a.judge(w, now)
	}
	return []acd.Ask{acd.AskListen{For: w.patience(usualPause)}}
}

// judge looks at the number that was keyed in.
func (a *callingBack) judge(w *walk, now time.Time) []acd.Ask {
	digits := w.turn.digits
	if digits == "0" {
		w.turn.digits = ""
		w.pass("0")
		return w.human()
	}
	valid := func() bool {
		return len(digits) >= leastNumber && w.program.site.Callable != nil && w.program.site.Callable(digits)
	}
	if w.fated(w.node+" valid", 2, 0, valid) {
		w.turn.stage = backConfirm
		return a.ask(w)
	}
	return a.again(w, now, "sys.callback_invalid")
}

func (a *callingBack) again(w *walk, now time.Time, words ...string) []acd.Ask {
	w.turn.digits, w.turn.stage = "", backKeying
	if w.turn.tries++; w.turn.tries >= backTries {
		return a.refused(w, now)
	}
	return a.ask(w, words...)
}

func (a *callingBack) confirmed(w *walk, n *node, key byte, now time.Time) []acd.Ask {
	switch key {
	case '1':
		number := acd.KeyedDigits(w.turn.digits)
		return a.take(w, n, &number, now)
	case '2':
		w.turn.digits, w.turn.stage = "", backKeying
	}
	return a.ask(w)
}

// take: the caller has agreed. What comes now are last words: whatever becomes of them, he is called back.
func (a *callingBack) take(w *walk, n *node, number *acd.Keyed, now time.Time) []acd.Ask {
	w.turn = turn{tries: w.turn.tries}
	w.pass("callback")
	q := a.queue(w, n)
	return append([]acd.Ask{acd.AskCallback{Reason: q.Reason, Queue: q.Queue, Number: number, Else: w.program.site.Queues[w.queueOf(q)].Fallback.Queue}},
		w.agreed(now)...)
}

// numberRefused: the number that he has keyed in was given too often today. He may give another one, or be
// called at the one he calls from; who tries on and on stays on the line.
func (w *walk) numberRefused(now time.Time) []acd.Ask {
	if w.mode != farewell || w.bye != calledBack {
		return nil
	}
	a, ok := w.scenario.nodes[w.node].act.(*callingBack)
	if !ok {
		return nil // the last words of another node, said again after a restart
	}
	w.mode, w.turn = acting, turn{tries: w.turn.tries}
	w.pass("number_refused")
	if !w.fated(w.node+" callable", 2, 0, func() bool { return w.scene.Callable }) {
		return a.again(w, now, "sys.callback_enough")
	}
	if w.turn.tries++; w.turn.tries >= backTries {
		return a.refused(w, now)
	}
	return a.ask(w, "sys.callback_enough")
}

// calledBack is how a call ends whose caller has agreed to be called back.
var calledBack = acd.AskHangup{Outcome: acd.CalledBack, Reason: acd.CallbackChosen}

// lateFor is how soon before the hours of callbacks end nobody can say that he is called today still.
const lateFor = 2 * time.Hour

// The words about when somebody is called back; {next_opening} is of callbacks there.
const (
	wordsNotBefore = "sys.callback_not_before"
	wordsTaken     = "sys.callback_taken"
	wordsTakenFrom = "sys.callback_taken_from"
	wordsTakenLate = "sys.callback_taken_late"
)

// agreed is what a caller hears last who is called back, and when: as soon as his turn comes, or not
// before the hours at which people are called, which may also end before his turn comes.
func (w *walk) agreed(now time.Time) []acd.Ask {
	closes, ends := calendar.Closing(now, w.program.site.Callbacks...)
	switch {
	case w.fates != nil:
	case !w.calls(now):
		return w.leave(calledBack, wordsTakenFrom)
	case ends && now.Add(max(lateFor, w.expected())).After(closes):
		return w.leave(calledBack, wordsTakenLate)
	}
	return w.leave(calledBack, wordsTaken)
}

// calls reports whether people are called back at this hour.
func (w *walk) calls(now time.Time) bool {
	at, ok := calendar.Together(now, w.program.site.Callbacks...)
	return ok && !at.After(now)
}

// opensFor is the next opening that a text speaks of; false when nobody knows it.
func (w *walk) opensFor(text string, now time.Time) (time.Time, bool) {
	from := now
	switch text {
	case wordsNotBefore, wordsTakenFrom:
	case wordsTakenLate:
		from, _ = calendar.Closing(now, w.program.site.Callbacks...)
	default:
		return w.opens(now)
	}
	return calendar.Together(from, w.program.site.Callbacks...)
}

// expected is how long the caller would still wait, as far as that can honestly be said.
func (w *walk) expected() time.Duration {
	if s := w.scene.Standing; s != nil {
		return s.Wait
	}
	return w.scene.Queues[w.queueOf(w.queue)].Wait
}

// refused: he goes where the file says; else he stays on the line, in the queue that he comes from or
// in which he would have been called back. One that has refused him is not asked again.
func (a *callingBack) refused(w *walk, now time.Time) []acd.Ask {
	w.turn = turn{}
	w.pass("no_callback")
	if !a.no.none() {
		return w.enter(a.no, now)
	}
	q := a.queue(w, w.scenario.nodes[w.node])
	if slices.Contains(w.refused, w.queueOf(q)) {
		return w.human()
	}
	return w.ask(q)
}

// queue is where the caller is called back: where the file says, else where he waited or wanted to.
func (a *callingBack) queue(w *walk, n *node) acd.AskQueue {
	if n.queue.Reason == "" && w.queue.Reason != "" {
		return w.queue
	}
	return w.wanted(n)
}

func (a *callingBack) awaits(*walk) acd.Heard { return acd.HeardSilence{} }

// --- who has a callback already ---------------------------------------------------------------------

// pendingOffer asks a caller for whom a callback is kept whether that is why he calls.
func (w *walk) pendingOffer() []acd.Ask {
	w.mode, w.silences, w.mistakes = pending, 0, 0
	return []acd.Ask{say(true, "sys.callback_pending"), acd.AskListen{For: w.patience(FirstSilence)}}
}

// hasPending reports whether that is to be asked: once a call.
func (w *walk) hasPending() bool {
	return w.mode != pending && w.fated("pending", 2, 1, func() bool { return w.scene.Pending != nil })
}

// pendingKey answers 1: he keeps it; 2: he waits now, at the place that was kept for him. Everything
// else is another concern.
func (w *walk) pendingKey(key byte, now time.Time) []acd.Ask {
	switch key {
	case '1':
		return w.leave(acd.AskHangup{Outcome: acd.SelfServed, Reason: "callback_kept"}, "sys.callback_kept")
	case '2':
		q := acd.AskQueue{Reason: w.program.site.human(), Resume: true} // while it is proved: some queue
		if p := w.scene.Pending; p != nil {
			q.Reason, q.Queue = p.Reason, p.Queue
		}
		w.pass("resume_callback")
		return w.ask(q)
	case '0':
		w.pass("0")
		return w.human()
	case '*', '#':
		return w.pendingOffer()
	}
	if strings.ContainsRune("345678", rune(key)) {
		w.keep(key)
	}
	return w.greeted(now)
}
