package newsite

import "fmt"

// sample is a test of the menu: a call, and what must become of it.
type sample struct {
	Name, Entry, At string
	World           []string // further keys of the test
	Steps           []string
	Expect          string
}

// The days of March 2026 on which tests take place: a week without a holiday in any part of France and
// without a change of the clock. Monday is the ninth.
const firstDay = 9

// callMinutes is longer than any call of a test.
const callMinutes = 10

// instant finds a time of that week when all these hold from the beginning of a call to its end: a
// Tuesday morning if possible.
func instant(hold ...func(day, minute int) bool) (string, bool) {
	for i := range 7 {
		day := (1 + i) % 7
		for j := range dayMinutes / 5 {
			minute := (10*60 + 5*j) % dayMinutes
			if minute+callMinutes >= dayMinutes {
				continue
			}
			all := true
			for _, h := range hold {
				for m := minute; m <= minute+callMinutes && all; m++ {
					all = h(day, m)
				}
			}
			if all {
				return fmt.Sprintf("2026-03-%02d %s", firstDay+day, clock(minute)), true
			}
		}
	}
	return "", false
}

func not(f func(day, minute int) bool) func(day, minute int) bool {
	return func(day, minute int) bool { return !f(day, minute) }
}

func press(keys string) string  { return "{press: " + quote(keys) + "}" }
func hear(words string) string  { return "{hear: " + quote(words) + "}" }
func outcome(o string) string   { return "outcome: " + o }
func to(number string) string   { return "to: " + quote(number) }
func reasonIs(id string) string { return "reason: " + id }

// samples are calls to each service, open and closed, and to what works everywhere.
func (v *view) samples() (out []sample) {
	gate := v.gate()
	entry := v.Entries[0]
	lang := entry.Language
	if lang == "" {
		lang = v.Languages[0]
	}
	add := func(name, at string, expect string, world []string, steps ...string) {
		out = append(out, sample{name, entry.Number, at, world, steps, expect})
	}
	for _, c := range v.calls() {
		s := c.item.Service
		if at, ok := instant(s.Hours.Open); ok {
			steps := append([]string{hear(pressed(lang, c.first))}, press(c.first.Key))
			if c.first.IsGroup() {
				steps = append(steps, hear(pressed(lang, c.item)), press(c.item.Key))
			}
			expect := "queue: " + s.Queue + ", " + reasonIs(s.ID)
			if s.Number != "" {
				expect = to(s.Number) + ", " + outcome("transferred_out")
			}
			add(s.ID, at, expect, nil, steps...)
		}
		if at, ok := instant(gate.Open, not(s.Hours.Open)); ok {
			add(s.ID+"-ferme", at, outcome("closed"), nil, press(c.keys))
		}
	}
	if at, ok := instant(v.Reception.Open); ok {
		add("zero-mene-au-standard", at, reasonIs("accueil"), nil, press("0"))
		add("silence-mene-au-standard", at, reasonIs("accueil"), nil, "silence", "silence")
		v.whenFull(at, add)
	}
	if at, ok := instant(gate.Open); ok {
		add("urgence", at, outcome("emergency"), nil, press("9"), hear("sys.emergency_instruction"), "hang_up")
		if v.Bilingual {
			other := map[string]string{"fr": "en", "en": "fr"}[lang]
			add("autre-langue", at, "language: "+other+", "+outcome("abandoned"), nil, press("8"), hear(pressed(other, v.Menu[0])), "hang_up")
		}
		add("ligne-fermee", at, v.whenClosed(), []string{"closed: true"}, v.leaves(v.Gate != "" && v.Night == "")...)
	}
	if at, ok := instant(not(gate.Open)); ok {
		add("hors-horaires", at, v.whenClosed(), nil, v.leaves(v.Night == "")...)
		if v.Night != "" {
			add("garde-sans-reponse", at, v.end(), []string{"extension: no_answer"}, v.leaves(true)...)
		}
	}
	return out
}

// whenClosed is what becomes of a caller of a line that is closed.
func (v *view) whenClosed() string {
	switch {
	case v.Gate == "":
		return outcome("closed")
	case v.Night != "":
		return to(v.Night) + ", " + outcome("transferred_out")
	}
	return v.end()
}

// end is what becomes of who hears that it is closed.
func (v *view) end() string {
	if v.Full.Voicemail {
		return outcome("voicemail")
	}
	return outcome("closed")
}

// leaves are the steps of a caller who leaves a message, where he is asked for one.
func (v *view) leaves(asked bool) []string {
	if !asked || !v.Full.Voicemail {
		return nil
	}
	return []string{hear("principal.messagerie"), "speak", "hang_up"}
}

// whenFull is what becomes of a caller of the switchboard whom nobody can take.
func (v *view) whenFull(at string, add func(name, at, expect string, world []string, steps ...string)) {
	full := []string{"queues: full"}
	switch {
	case v.Full.Callback:
		add("complet-rappel", at, outcome("callback"), full, press("0"), hear("sys.callback_offer"), press("1"))
	case v.Full.Voicemail:
		add("complet-messagerie", at, outcome("voicemail"), full, append([]string{press("0")}, v.leaves(true)...)...)
	case v.Full.Number != "":
		add("complet", at, to(v.Full.Number)+", "+outcome("overflow"), full, press("0"))
	default:
		add("complet", at, outcome("dissuaded"), full, press("0"), hear("principal.complet"))
	}
}

// call is the way to a service.
type call struct {
	first, item Item
	keys        string
}

func (v *view) calls() (out []call) {
	for _, i := range v.Menu {
		if !i.IsGroup() {
			out = append(out, call{i, i, i.Key})
		}
		for _, j := range i.Items {
			out = append(out, call{i, j, i.Key + j.Key})
		}
	}
	return out
}
