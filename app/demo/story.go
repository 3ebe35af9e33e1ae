package demo

import (
	"fmt"
	"strings"
	"time"

	"accueil/acd"
)

// story turns entries of the log into lines that a person follows: one for each step of a call, none
// for what only agents' clocks do.
type story struct {
	view *acd.View
	tz   *time.Location
}

func newStory(tz *time.Location) *story { return &story{acd.NewView(), tz} }

// fold takes an entry and tells what is new in it.
func (s *story) fold(e acd.Entry) []string {
	var lines []string
	for _, l := range e.Legs {
		old, known := s.view.Leg(l.ID)
		if known && old.Rev >= l.Rev {
			continue
		}
		if text := step(old, l, e); text != "" {
			c := string(l.ID.Contact())
			lines = append(lines, fmt.Sprintf("%s  call %s/%d  %s", e.At.Time().In(s.tz).Format("15:04:05"), c[max(0, len(c)-4):], l.ID.Number(), text))
		}
	}
	if len(e.Legs) == 0 {
		for _, a := range e.Agents {
			if old, _ := s.view.Agent(a.ID); old.State != a.State && e.Kind != acd.KindAsserted {
				lines = append(lines, fmt.Sprintf("%s  agent %s  %s", e.At.Time().In(s.tz).Format("15:04:05"), a.ID, strings.TrimSpace(string(a.State)+" "+a.Reason)))
			}
		}
	}
	s.view.Apply(e)
	return lines
}

// step words the move from one image of a leg to the next.
func step(old, l acd.Leg, e acd.Entry) string {
	if old.State == l.State && e.Kind != acd.KindMoved {
		return ""
	}
	switch l.State {
	case acd.LegArrived:
		return fmt.Sprintf("arrives at %s", l.Entry)
	case acd.LegMenu:
		return "menu"
	case acd.LegQueued:
		switch {
		case e.Ending != "":
			return fmt.Sprintf("waits on in %s (offer: %s)", l.Queue, e.Ending)
		case l.Return != "":
			return fmt.Sprintf("comes back from %s to %s (%s)", "transfer", l.Queue, l.Return)
		}
		return fmt.Sprintf("waits in %s for %s", l.Queue, l.Reason)
	case acd.LegOffered:
		return fmt.Sprintf("rings at %s, agent %s", l.Phone, l.Agent)
	case acd.LegBriefing:
		return fmt.Sprintf("%s hears the briefing", l.Agent)
	case acd.LegTalking:
		if l.Agent == "" {
			return fmt.Sprintf("talks to %s", l.Target)
		}
		return fmt.Sprintf("talks to %s after %s", l.Agent, l.Wait(e.At).Round(time.Second))
	case acd.LegHeld:
		return "on hold"
	case acd.LegRingingOut:
		return fmt.Sprintf("rings at extension %s", l.Target)
	case acd.LegVoicemail:
		return "leaves a message"
	case acd.LegSurvey:
		return "stays for the survey"
	case acd.LegEnded:
		return fmt.Sprintf("ends: %s (%s%s)", l.End.Outcome, l.End.Phase, detail(l.End.Reason))
	}
	return string(l.State)
}

func detail(reason string) string {
	if reason == "" {
		return ""
	}
	return ", " + reason
}
