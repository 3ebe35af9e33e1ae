package newsite

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// shown draws the menu as text: keys, labels, where they lead and when.
func (a *Answers) shown(l Lang) string {
	var b strings.Builder
	lang := a.Languages[0]
	line := func(depth int, key, label, where, when string) {
		left := strings.Repeat("   ", depth) + key + "  " + label
		if where != "" {
			left += strings.Repeat(" ", max(1, 38-utf8.RuneCountInString(left))) + where
		}
		if when != "" {
			left += strings.Repeat(" ", max(2, 58-utf8.RuneCountInString(left))) + when
		}
		fmt.Fprintln(&b, strings.TrimRight(left, " "))
	}
	words := func(french, english string, args ...any) string { return say(french, english, args...).In(l) }
	service := func(depth int, i Item) {
		where := words("file %s", "queue %s", i.Service.Queue)
		if i.Service.Number != "" {
			where = words("poste %s", "extension %s", i.Service.Number)
		}
		line(depth, i.Key, upper(i.Label(lang)), where, i.Service.Hours.In(l))
	}
	for _, e := range a.Entries {
		greeting := words("français", "French")
		if e.Language == "en" || e.Language == "" && lang == "en" {
			greeting = words("anglais", "English")
		}
		fmt.Fprintf(&b, "%s  %s (%s)\n", e.Number, a.Name, greeting)
	}
	for _, i := range a.Menu {
		if !i.IsGroup() {
			service(1, i)
			continue
		}
		line(1, i.Key, upper(i.Label(lang)), "", "")
		for _, j := range i.Items {
			service(2, j)
		}
	}
	if len(a.Languages) > 1 {
		line(1, "8", map[string]string{"fr": "English", "en": "Français"}[lang], "", "")
	}
	line(1, "0", words("Standard", "Switchboard"), words("file accueil", "queue accueil"), a.Reception.In(l))
	line(1, "9", words("Consigne d'urgence", "Emergency instruction"), "", "")
	line(1, "*", words("Répéter", "Repeat"), "", "")
	if a.Night != "" {
		line(1, " ", words("Standard fermé", "Switchboard closed"), words("garde %s", "on duty %s", a.Night), "")
	}
	full := words("message", "message")
	switch {
	case a.Full.Callback:
		full = words("proposer un rappel", "offer a callback")
	case a.Full.Voicemail:
		full = words("messagerie", "voicemail")
	case a.Full.Number != "":
		full = words("poste %s", "extension %s", a.Full.Number)
	}
	line(1, " ", words("Personne de libre", "Nobody free"), full, "")
	return b.String()
}
