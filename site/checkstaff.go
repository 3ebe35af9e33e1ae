package site

import (
	"slices"
	"strings"

	"accueil/acd"
	"accueil/diag"
	"accueil/routing"
	"accueil/wording"
)

// operators are the reasons of who asks for a human: key 0, and 0 after the emergency instruction.
var operators = []acd.ReasonID{"accueil", "urgence"}

// staff finds queues that no agent of the file could ever serve. Skills may be changed live, so for most
// queues that is a warning; who presses 0 must reach somebody by what the file says (DESIGN §7.1).
func (c *checker) staff() {
	ofAgents := func(f diag.Finding) bool { return f.Severity == diag.Error && strings.HasPrefix(f.Path, "agents") }
	if slices.ContainsFunc(c.failed, ofAgents) || slices.ContainsFunc(c.found, ofAgents) {
		return // what they can do is not known
	}
	for _, id := range sorted(c.site.Queues) {
		q := c.site.Queues[id]
		if len(q.Steps) == 0 || c.served(q) {
			continue
		}
		path, suggestion := diag.Join("queues", string(id), "steps"), wording.Say("ask for less in the last step, or give agents these skills")
		if c.operatorsWait(id) {
			c.fail(path, suggestion, "no agent has the skills for any step: who presses 0 would reach nobody")
		} else {
			c.warn(path, suggestion, "no agent has the skills for any step: nobody can take these callers")
		}
	}
}

// served reports whether some agent satisfies some step. What cannot be read is not judged.
func (c *checker) served(q Queue) bool {
	for _, step := range q.Steps {
		r, err := routing.ParseRequirement(step.Require, c.site.Skills)
		if err != nil {
			return true
		}
		for _, a := range c.site.Agents {
			if _, ok := r.Match(a.Skills); ok {
				return true
			}
		}
	}
	return false
}

func (c *checker) operatorsWait(id acd.QueueID) bool {
	for _, r := range operators {
		if reason, ok := c.site.Reasons[r]; ok && reason.Queue == id {
			return true
		}
	}
	return false
}
