package newsite_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"accueil/app/newsite"
)

// conversation gives the lines as a person would, and returns what was said to him.
func conversation(l newsite.Lang, lines string) (newsite.Answers, string, error) {
	var out bytes.Buffer
	r := bufio.NewReader(strings.NewReader(lines))
	a, err := newsite.Conversation{Lang: l, Out: &out, Read: func() (string, error) {
		line, err := r.ReadString('\n')
		if line != "" {
			err = nil
		}
		return line, err
	}}.Ask()
	return a, out.String(), err
}

// TestConversation: in both languages, with mistakes of which each is told and asked again.
func TestConversation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lang  newsite.Lang
		lines []string
		said  []string
		menu  []string
	}{
		{newsite.French, []string{
			"Hôpital de Val-Fleuri", "Val Fleuri", "", "Bretagne", "alsace", "fr, it", "fr, en", "operateur", "198.51.100.10", "112", "01 40 00 00 00",
			"10.0.0.5", "10.0.0.5 4xxx", "lundy 8h-18h", "lun-ven 8h-18h",
			"Rendez-vous", "", "agnets", "", "8h", "lun-ven 8h-12h",
			"Maternité", "", "4010", "24h/24", "{", "",
			"cent", "3", "4001", "301", "peut-être", "rappel", "15", "4000",
		}, []string{
			" 1/10  Nom de l'établissement", "[h-val-fleuri]", "vouliez-vous dire « val-fleuri »", "la région \"Bretagne\" est inconnue", "la langue \"it\"", "ni une adresse",
			"le 112 est un numéro d'urgence", "il manque les numéros derrière", "vouliez-vous dire « lundi »", "service 1 :", "en anglais : [appointments]",
			"\"agnets\" n'est pas un numéro de poste", "\"8h\" : écrivez des jours", "[maternity]", "le caractère '{'", "\"cent\" : un nombre", "derrière l'autocommutateur",
			"écrivez message, messagerie", "le 15 est un numéro d'urgence", "10/10  Numéro de garde",
		}, []string{"0140000000  Hôpital de Val-Fleuri (français)", "file rendez-vous", "lun-ven 08:00-12:00", "poste 4010", "24h/24", "garde 4000", "proposer un rappel", "8  English"}},
		{newsite.English, []string{
			"", "", "", "en", "", "x", "", "", "", "Outpatients", "sure", "agents", "mon-fri 9:00-17:00", "Laboratory", "0612345678", "", "", "", "", "", "",
		}, []string{
			" 1/10  Name of the hospital", "for example: RE", "✗ \"x\" is not a number", "service 1 : [appointments, results, admissions]", "✗ \"sure\" is not the number of an extension",
			"service 3 : [done]", "[mon-fri 08:30-17:00]", "10/10  Number that answers",
		}, []string{"3000  Centre hospitalier (English)", "queue outpatients", "mon-fri 09:00-17:00", "extension 0612345678", "mon-fri 08:30-17:00", "Nobody free"}},
	} {
		a, said, err := conversation(c.lang, strings.Join(c.lines, "\n")+"\n")
		if err != nil {
			t.Fatalf("%s: %v\n%s", c.lang, err, said)
		}
		for _, w := range c.said {
			if !strings.Contains(said, w) {
				t.Errorf("%s: nobody says %q:\n%s", c.lang, w, said)
			}
		}
		made, _ := passes(t, t.TempDir(), a, c.lang)
		for _, w := range c.menu {
			if !strings.Contains(made.Menu, w) {
				t.Errorf("%s: the menu lacks %q:\n%s", c.lang, w, made.Menu)
			}
		}
	}
}

// TestConversationOfEnters: who only presses Enter has a site, in each language.
func TestConversationOfEnters(t *testing.T) {
	t.Parallel()
	for _, l := range []newsite.Lang{newsite.French, newsite.English} {
		a, said, err := conversation(l, strings.Repeat("\n", 13))
		if err != nil || strings.Contains(said, "✗") {
			t.Fatalf("%s: %v\n%s", l, err, said)
		}
		if made, _ := passes(t, t.TempDir(), a, l); len(made.Open) != 4 {
			t.Errorf("%s: to complete: %q", l, made.Open)
		}
	}
}

// TestSevenServicesAtMost: the conversation stops where a menu would need groups with names.
func TestSevenServicesAtMost(t *testing.T) {
	t.Parallel()
	a, said, err := conversation(newsite.French, strings.Repeat("\n", 3)+"fr\n"+strings.Repeat("\n", 4)+strings.Repeat("Consultation\n\n\n", 7)+strings.Repeat("\n", 4))
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if n := len(a.Services()); n != 7 || len(a.Menu) != 4 {
		t.Errorf("%d services at %d keys", n, len(a.Menu))
	}
	passes(t, t.TempDir(), a, newsite.French)
}

func TestConversationBreaksOff(t *testing.T) {
	t.Parallel()
	if _, _, err := conversation(newsite.French, "Hôpital\n\n\n"); !errors.Is(err, newsite.ErrHungUp) {
		t.Errorf("%v", err)
	}
	broken := errors.New("the line is cut")
	c := newsite.Conversation{Lang: newsite.French, Out: io.Discard, Read: func() (string, error) { return "", broken }}
	if _, err := c.Ask(); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}
