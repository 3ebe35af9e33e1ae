package draw

import (
	"fmt"
	"strings"
	"time"

	"accueil/acd"
	"accueil/ivr"
)

// Words is what a picture needs to say of a scenario in the reader's language.
type Words struct {
	Lang acd.Lang
	// Text gives what is said under an id; Reason and the others name what codes mean.
	Text   func(id string) string
	Reason func(acd.ReasonID) string
}

var dictionary = map[acd.Lang]map[string]string{
	"fr": {
		"say": "message", "menu": "menu", "goto": "suite", "hours": "horaires", "language": "langue", "queue": "file",
		"transfer": "transfert", "hangup": "fin", "wait": "musique",
		"open": "ouvert", "closed": "fermé", "holiday": "jour férié", "else": "sinon", "no_answer": "sans réponse", "refused": "refusé", "next": "",
		"collect": "saisie", "set": "réglage", "lookup": "recherche", "announce": "annonce", "info": "information", "consent": "accord", "sms": "SMS", "if": "condition", "tell": "attente annoncée", "offer": "proposition", "callback": "rappel", "voicemail": "messagerie", "survey": "enquête",
		"given": "saisi", "none": "rien", "invalid": "incorrect", "found": "trouvé", "unknown": "inconnu", "failed": "échec", "yes": "oui", "no": "non",
		"start": "Appel", "emergency": "après le message d'urgence", "title": "Scénario %s", "then_queue": "sinon : file %s", "then_number": "sinon : %s",
		"desc": "Ce qu'entend un appelant, de haut en bas. Partout : 0 mène à un agent, 9 lit la consigne d'urgence, étoile répète.",
		"up":   "retour : %s", "set_before": "du motif réglé avant", "rings": "sonne au %s", "self_served": "servi", "dissuaded": "rappeler plus tard",
	},
	"en": {
		"say": "message", "menu": "menu", "goto": "goes on", "hours": "hours", "language": "language", "queue": "queue",
		"transfer": "transfer", "hangup": "end", "wait": "music",
		"open": "open", "closed": "closed", "holiday": "holiday", "else": "else", "no_answer": "no answer", "refused": "refused", "next": "",
		"collect": "digits", "set": "setting", "lookup": "lookup", "announce": "announcement", "info": "information", "consent": "consent", "sms": "SMS", "if": "condition", "tell": "wait told", "offer": "offer", "callback": "callback", "voicemail": "voicemail", "survey": "survey",
		"given": "given", "none": "none", "invalid": "not valid", "found": "found", "unknown": "unknown", "failed": "failed", "yes": "yes", "no": "no",
		"start": "Call", "emergency": "after the emergency message", "title": "Scenario %s", "then_queue": "else: queue %s", "then_number": "else: %s",
		"desc": "What a caller hears, from top to bottom. Everywhere: 0 leads to a human, 9 reads the emergency instruction, star repeats.",
		"up":   "back to %s", "set_before": "of the reason set before", "rings": "rings %s", "self_served": "served", "dissuaded": "call later",
	},
}

// word is a code in the reader's language, or the code itself.
func (w Words) word(code string) string {
	d := dictionary[w.Lang]
	if d == nil {
		d = dictionary["en"]
	}
	if s, ok := d[code]; ok {
		return s
	}
	return code
}

// label is what stands on a way.
func (w Words) label(way ivr.GraphWay) string {
	var parts []string
	switch way.Kind {
	case ivr.WayKey:
		parts = append(parts, way.Key)
	case ivr.WayLanguage:
		return string(way.Lang)
	case ivr.WayNamed:
		parts = append(parts, strings.Join(wrap(w.word(way.Name), labelChars, 1), ""))
	default:
		if s := w.word(string(way.Kind)); s != "" {
			parts = append(parts, s)
		}
	}
	if way.Lang != "" {
		parts = append(parts, "("+string(way.Lang)+")")
	}
	return strings.Join(parts, " ")
}

// lines is what stands in a node's box under its name.
func (w Words) lines(n ivr.GraphNode) []string {
	var out []string
	switch n.Verb {
	case "set":
		if n.Reason != "" && w.Reason != nil {
			out = append(out, wrap(w.Reason(n.Reason), lineChars, 2)...)
		}
	case "queue":
		if n.Queue == "" {
			return append(out, w.word("set_before"))
		}
		out = append(out, fmt.Sprintf("%s %s", w.word("queue"), n.Queue))
		if w.Reason != nil {
			out = append(out, wrap(w.Reason(n.Reason), lineChars, 2)...)
		}
		for _, way := range n.Ways {
			switch {
			case way.Queue != "":
				out = append(out, fmt.Sprintf(w.word("then_queue"), way.Queue))
			case way.Number != "":
				out = append(out, fmt.Sprintf(w.word("then_number"), way.Number))
			}
		}
	case "transfer":
		out = append(out, fmt.Sprintf(w.word("rings"), n.To))
	case "hangup":
		out = append(out, w.word(string(n.Outcome)))
	case "wait":
		out = append(out, span(n.Wait))
	}
	if n.Prompt != "" && w.Text != nil {
		out = append(out, wrap(w.Text(n.Prompt), lineChars, maxLines)...)
	}
	return out
}

// span is a time in words that both languages share.
func span(d time.Duration) string {
	if d%time.Minute == 0 {
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%d s", d/time.Second)
}

// lineChars and maxLines bound the text in a box, labelChars that on a way.
const (
	labelChars = 48
	lineChars  = 34
	maxLines   = 3
)

// wrap breaks a text into lines of at most width characters; what does not fit ends in an ellipsis.
func wrap(text string, width, most int) []string {
	var out []string
	line := ""
	for _, word := range strings.Fields(text) {
		if r := []rune(word); len(r) > width {
			word = string(r[:width-1]) + "…"
		}
		switch {
		case line == "":
			line = word
		case len([]rune(line))+1+len([]rune(word)) <= width:
			line += " " + word
		default:
			out, line = append(out, line), word
		}
	}
	if line != "" {
		out = append(out, line)
	}
	if len(out) > most {
		out = out[:most]
		last := []rune(out[most-1])
		if len(last) > width-1 {
			last = last[:width-1]
		}
		out[most-1] = string(last) + "…"
	}
	return out
}
