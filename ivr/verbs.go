package ivr

import (
	"maps"
	"slices"
	"strings"

	"accueil/acd"
	"accueil/diag"
)

func (c *compiler) menu(n *node, at string, f *fileNode) {
	n.verb, n.keys = verbMenu, map[byte]link{}
	at = diag.Join(at, "menu")
	if f.Menu.Prompt == nil {
		c.fail(at, `write prompt: {fr: "…", en: "…"}`, "the menu has no prompt")
	} else {
		n.prompt = c.text(diag.Join(at, "prompt"), n.id, f.Menu.Prompt)
	}
	if len(f.Menu.Options) == 0 {
		c.fail(at, `write options: {"1": node}`, "the menu has no options")
	}
	choices := 0
	for _, key := range slices.Sorted(maps.Keys(f.Menu.Options)) {
		under, option := diag.Join(at, "options", key), f.Menu.Options[key]
		switch {
		case key == "9":
			c.fail(under, "choose another key", "key 9 is the emergency instruction everywhere")
			continue
		case key == "0" || key == "*":
			c.fail(under, "use rebind with a reason (why)", "key %s is bound by the site", key)
			continue
		case len(key) != 1 || !strings.Contains("12345678#", key):
			c.fail(under, "use 1 to 8", "%q is not a key of a menu", key)
			continue
		}
		n.keys[key[0]] = c.link(&option, under, true)
		if option.Language == "" {
			choices++
		}
	}
	if choices > maxOptions && n.waiver == "" {
		c.warn(at, "regroup them, or write waiver: with the reason", "%d options are more than a caller can keep in mind (%d)", choices, maxOptions)
	}
}

func (c *compiler) rebind(n *node, at string, f *fileRebind) {
	if n.keys == nil {
		n.keys = map[byte]link{}
	}
	if f.Nine != nil {
		c.fail(diag.Join(at, "9"), "", "key 9 is the emergency instruction everywhere and cannot be rebound")
	}
	if strings.TrimSpace(f.Why) == "" {
		c.fail(at, "write why: with the reason", "rebinding a key of the site needs a reason")
	}
	if f.Zero == nil && f.Star == nil && f.Nine == nil {
		c.fail(at, `write {"0": node, why: "…"}`, "no key is rebound")
	}
	if f.Zero != nil {
		n.keys['0'] = c.link(f.Zero, diag.Join(at, "0"), true)
	}
	if f.Star != nil {
		n.keys['*'] = c.link(f.Star, diag.Join(at, "*"), true)
	}
}

func (c *compiler) hours(n *node, at string, f *fileHours) {
	n.verb = verbHours
	c.scenario.hasHours = true
	n.open = c.link(f.Open, diag.Join(at, "open"), true)
	n.closed = c.link(f.Closed, diag.Join(at, "closed"), true)
	switch t := f.Timetable; {
	case t.Name == "" && t.Week == nil:
		c.fail(at, "name one of timetables:", "timetable is missing")
	case t.Name == "":
		n.hours = c.week(t.path, t.Week)
	case c.weeks[t.Name] == nil:
		c.fail(t.path, diag.DidYouMean(t.Name, slices.Sorted(maps.Keys(c.weeks))), "there is no timetable %q", t.Name)
	default:
		n.hours = c.weeks[t.Name]
	}
}

func (c *compiler) branch(n *node, at string, f *fileBranch) {
	byHours := f.Open != nil || f.Closed != nil || f.Timetable.path != ""
	switch {
	case f.Language != nil && byHours:
		c.fail(at, "make two nodes", "a branch follows the language or the hours, not both")
	case byHours:
		c.hours(n, at, &f.fileHours)
		if f.Else != nil {
			c.fail(diag.Join(at, "else"), "write closed", "else means nothing beside hours")
		}
	case f.Language == nil:
		c.fail(at, "write language: {fr: node, en: node} or timetable, open and closed", "the branch follows nothing")
	default:
		n.verb, n.byLang = verbLanguage, map[acd.Lang]link{}
		complete := true
		for _, lang := range c.site.Languages {
			to, ok := f.Language[lang]
			complete = complete && ok
			if ok {
				n.byLang[lang] = c.link(&to, diag.Join(at, "language", string(lang)), true)
			}
		}
		for _, lang := range slices.Sorted(maps.Keys(f.Language)) {
			if !slices.Contains(c.site.Languages, lang) {
				c.fail(diag.Join(at, "language", string(lang)), diag.DidYouMean(string(lang), words(c.site.Languages)), "the site does not speak %q", lang)
			}
		}
		n.next = c.link(f.Else, diag.Join(at, "else"), !complete)
	}
}

func (c *compiler) queue(n *node, at string, f *fileQueue) {
	n.verb, n.queue = verbQueue, acd.AskQueue{Reason: f.Reason, Queue: f.Queue, Points: f.Points}
	where := at
	if c.doc.Lookup(diag.Join(at, "reason")) != nil {
		where = diag.Join(at, "reason")
	}
	if _, ok := c.site.Reasons[f.Reason]; !ok {
		if f.Reason == "" {
			c.fail(at, "write queue: {reason: …}", "the reason is missing")
		} else {
			c.fail(where, diag.DidYouMean(string(f.Reason), words(slices.Sorted(maps.Keys(c.site.Reasons)))), "there is no reason %q", f.Reason)
		}
	}
	if _, ok := c.site.Queues[f.Queue]; f.Queue != "" && !ok {
		c.fail(diag.Join(at, "queue"), diag.DidYouMean(string(f.Queue), words(slices.Sorted(maps.Keys(c.site.Queues)))), "there is no queue %q", f.Queue)
	}
	if f.Points < 0 || f.Points > acd.MaxPoints {
		c.fail(diag.Join(at, "points"), "", "points go from 0 to %d", acd.MaxPoints)
	}
}

func (c *compiler) transfer(n *node, at string, f *fileTransfer) {
	n.verb, n.to, n.ring = verbTransfer, f.To, usualRing
	n.failed = c.link(f.NoAnswer, diag.Join(at, "no_answer"), false)
	if f.Ring != nil {
		n.ring = *f.Ring
		if n.ring < minRing || n.ring > maxRing {
			c.fail(diag.Join(at, "ring"), "", "an extension rings from %s to %s", minRing, maxRing)
		}
	}
	if f.To == "" {
		c.fail(at, `write transfer: {to: "4003", no_answer: node}`, "the number to transfer to is missing")
	} else if c.site.Extension == nil || !c.site.Extension(f.To) {
		c.fail(diag.Join(at, "to"), "name an extension of a trunk", "a scenario may not transfer to %q", f.To)
	}
}

// endings are the outcomes that a scenario may choose.
var endings = []acd.Outcome{acd.SelfServed, acd.Closed, acd.Dissuaded}

func (c *compiler) hangup(n *node, at string, f *fileHangup) {
	n.verb, n.end = verbHangup, acd.AskHangup{Outcome: f.Outcome, Reason: f.Reason}
	if f.Outcome == "" {
		n.end.Outcome = acd.SelfServed
	} else if !slices.Contains(endings, f.Outcome) {
		c.fail(at, diag.DidYouMean(string(f.Outcome), words(endings)), "a scenario cannot end a call as %q", f.Outcome)
	}
	if f.Reason != "" && !nodeName.MatchString(f.Reason) {
		c.fail(diag.Join(at, "reason"), "use letters, digits, - and _", "%q is not a code", f.Reason)
	}
}
