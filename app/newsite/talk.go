package newsite

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// Conversation asks a person the ten questions.
type Conversation struct {
	Lang Lang
	Read func() (string, error) // the next line; io.EOF where there are no more
	Out  io.Writer
}

// ErrHungUp is an end of the answers before the last question.
var ErrHungUp = errors.New("the answers end before the questions do")

// Ask asks until every question has an answer that can be used.
func (c Conversation) Ask() (Answers, error) {
	var a Answers
	c.tell(say("Dix questions pour faire le site. Entrée prend la réponse entre crochets ; tout se change ensuite dans des fichiers de texte.\n",
		"Ten questions to make the site. Enter takes the answer in brackets; all of it can be changed in text files afterwards.\n"))
	before := 0
	for _, q := range questions {
		number := fmt.Sprintf("%2d/%d", q.number, lastQuestion)
		if q.number == before {
			number = "     "
		}
		before = q.number
		c.tell(say("%s  %s", "%s  %s", number, q.ask.In(c.Lang)))
		if q.key == keyServices {
			if err := c.services(&a); err != nil {
				return a, err
			}
			continue
		}
		usual := q.usual(&a).In(c.Lang)
		if example := q.example.In(c.Lang); example != usual {
			c.tell(say("       par exemple : %s", "       for example: %s", example))
		}
		assumed, err := c.answer("       ", usual, func(text string) error { return q.set(&a, text) })
		if err != nil {
			return a, err
		}
		if assumed {
			a.Assumed = append(a.Assumed, q.key)
		}
	}
	return a, nil
}

func (c Conversation) tell(what Says) { fmt.Fprintln(c.Out, what.In(c.Lang)) }

// answer reads until set takes what was read; Enter means the usual answer.
func (c Conversation) answer(prompt, usual string, set func(string) error) (assumed bool, err error) {
	for {
		fmt.Fprintf(c.Out, "%s[%s] ", prompt, usual)
		text, err := c.Read()
		switch {
		case errors.Is(err, io.EOF):
			fmt.Fprintln(c.Out)
			return false, ErrHungUp
		case err != nil:
			return false, fmt.Errorf("read the answer: %w", err)
		}
		text = strings.TrimSpace(text)
		assumed = text == ""
		if assumed {
			text = usual
		}
		wrong := set(text)
		if wrong == nil {
			return assumed, nil
		}
		c.tell(say("       ✗ %s", "       ✗ %s", asSays(wrong).In(c.Lang)))
	}
}

// services asks for one service after the other.
func (c Conversation) services(a *Answers) error {
	var lines []Line
	for len(lines) < maxDirect {
		n := len(lines) + 1
		var l Line
		usual, done := say("terminé", "done").In(c.Lang), false
		if n == 1 {
			usual = say("rendez-vous, résultats, admissions", "appointments, results, admissions").In(c.Lang)
		}
		try := func() error { return a.buildMenu(append(lines[:len(lines):len(lines)], l)) }
		_, err := c.answer(fmt.Sprintf("       %s %d : ", say("service", "service").In(c.Lang), n), usual, func(text string) error {
			if done = text == usual; done {
				return nil
			}
			l = Line{LabelFR: text, LabelEN: text}
			if a.Speaks("fr") {
				l.LabelEN = ""
			}
			return try()
		})
		if err != nil {
			return err
		}
		if done {
			break
		}
		if err := c.details(a, &l, try); err != nil {
			return err
		}
		lines = append(lines, l)
	}
	if len(lines) == 0 {
		lines = usualLines()
		a.Assumed = append(a.Assumed, keyServices)
	}
	return a.buildMenu(lines)
}

// details asks for the rest of a service.
func (c Conversation) details(a *Answers, l *Line, try func() error) error {
	if a.Speaks("fr") && a.Speaks("en") {
		_, err := c.answer(say("         en anglais : ", "         in English: ").In(c.Lang), inEnglish(l.LabelFR), func(text string) error {
			l.LabelEN = text
			return try()
		})
		if err != nil {
			return err
		}
	}
	agents := say("agents", "agents").In(c.Lang)
	if _, err := c.answer(say("         qui répond (agents, ou le numéro d'un poste) : ", "         who answers (agents, or the number of an extension): ").In(c.Lang), agents, func(text string) error {
		l.Kind, l.Target = string(KindExtension), text
		if strings.EqualFold(text, agents) {
			l.Kind, l.Target = string(KindQueue), ""
		}
		return try()
	}); err != nil {
		return err
	}
	usual, err := ParseHours(UsualHours)
	if err != nil {
		return err
	}
	_, err = c.answer(say("         horaires : ", "         hours: ").In(c.Lang), usual.In(c.Lang), func(text string) error {
		l.Hours = text
		return try()
	})
	return err
}
