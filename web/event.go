package web

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"

	"accueil/acd"
)

// snapshotKind names the event that carries everything: the first of a stream that does not resume, and
// whenever the log had to be read anew.
const snapshotKind = "snapshot"

// EventView is one change as streams tell it: what was touched and what each has become. A reader
// keeps the image with the highest rev of each thing.
type EventView struct {
	Seq           int64              `json:"seq" doc:"Place in the log; 0 for what a node told while the store was away."`
	Kind          string             `json:"kind"`
	At            string             `json:"at,omitempty" format:"date-time"`
	Node          acd.NodeID         `json:"node,omitempty"`
	By            string             `json:"by,omitempty" doc:"Account or agent that asked for the change."`
	Legs          []LegView          `json:"legs,omitempty"`
	Agents        []AgentView        `json:"agents,omitempty"`
	Phones        []PhoneView        `json:"phones,omitempty"`
	Entries       []EntryView        `json:"entries,omitempty"`
	Queues        []PauseView        `json:"queues,omitempty"`
	Announcements []AnnouncementView `json:"announcements,omitempty"`
	Tasks         []TaskView         `json:"tasks,omitempty" doc:"What has become of something owed; a snapshot has none: read /v1/tasks again."`
	Unseen        []UnseenTaskView   `json:"unseen_tasks,omitempty" doc:"Tasks that changed and that this reader does not see, or sees no more."`
	Ending        acd.Ending         `json:"ending,omitempty" doc:"How an offer ended."`
	Decision      *acd.Decision      `json:"decision,omitempty"`
	Card          *CardView          `json:"card,omitempty" doc:"At the instant a phone rings; who calls is at /v1/contacts/{id}/card."`
	Degraded      bool               `json:"degraded,omitempty"`
	Anomaly       string             `json:"anomaly,omitempty"`
}

// UnseenTaskView names a task that a reader does not see: one who showed it has to drop it.
type UnseenTaskView struct {
	Task acd.TaskID `json:"task"`
	Rev  int64      `json:"rev"`
}

// event is one entry on its way to readers, rendered once for each role.
type event struct {
	entry acd.Entry
	kind  string
	plan  *Plan
	now   acd.Instant
	sees  sight

	mu    sync.Mutex // guards cache
	cache map[Role][]byte
}

// id is what a reader gives back to resume: the place in the log, and which log. A place alone would
// resume silently in the middle of another log after the store was emptied.
func (e *event) id() string {
	if e.entry.Seq == 0 {
		return ""
	}
	return strconv.FormatInt(e.entry.Seq, 10) + "-" + clean(e.entry.Gen)
}

// name is the event's type: letters and underscores, whatever the log says.
func (e *event) name() string { return clean(e.kind) }

func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, bounded(s, 80))
}

// parseEventID reads an id; a bare number means the present log.
func parseEventID(s string) (seq int64, gen string, ok bool) {
	n, gen, _ := strings.Cut(s, "-")
	seq, err := strconv.ParseInt(n, 10, 64)
	return seq, gen, err == nil && seq > 0
}

// render writes the event for an account. Everybody's but an agent's depends on the role alone.
func (e *event) render(who Account) []byte {
	if who.Role == RoleAgent {
		return e.write(who)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if b, ok := e.cache[who.Role]; ok {
		return b
	}
	b := e.write(who)
	if e.cache == nil {
		e.cache = map[Role][]byte{}
	}
	e.cache[who.Role] = b
	return b
}

func (e *event) write(who Account) []byte {
	b, err := json.Marshal(e.view(who))
	if err != nil { // no field of the view can fail to marshal
		return []byte(`{"kind":"unreadable"}`)
	}
	return b
}

// sight tells whether an account may see a task.
type sight func(acd.Task, Account) bool

// view shows the entry to an account, by the same rules as the routes: agents see no one else's state,
// auditors no one's; decisions go to those who may ask for explanations.
func (e *event) view(who Account) EventView {
	in, tz := e.entry, e.plan.TZ
	v := EventView{
		Seq: in.Seq, Kind: e.name(), At: stamp(in.At, tz), Node: in.Node, By: in.By,
		Ending: in.Ending, Degraded: in.Degraded, Anomaly: in.Anomaly,
	}
	for _, l := range in.Legs {
		v.Legs = append(v.Legs, legView(l, e.now, tz, who))
	}
	for _, a := range in.Agents {
		if who.Role == RoleAgent && a.ID != who.Agent || !slices.Contains(observers, who.Role) {
			continue
		}
		v.Agents = append(v.Agents, agentView(a, e.plan, e.now))
	}
	for _, p := range in.Phones {
		view := PhoneView{p.ID, p.Registered, stamp(p.Since, tz), p.Agent}
		if !slices.Contains(observers, who.Role) || who.Role == RoleAgent && p.Agent != who.Agent {
			view.Agent = ""
		}
		v.Phones = append(v.Phones, view)
	}
	for _, c := range in.Closures {
		if queue, ok := c.Queue(); ok {
			v.Queues = append(v.Queues, pauseView(queue, c, tz))
		} else if id, ok := c.Announcement(); ok {
			v.Announcements = append(v.Announcements, announcementView(id, c, e.now, tz))
		} else {
			v.Entries = append(v.Entries, entryView(c, e.now, tz))
		}
	}
	for _, t := range in.Tasks {
		if e.sees == nil || !e.sees(t, who) {
			v.Unseen = append(v.Unseen, UnseenTaskView{t.ID, t.Rev})
			continue
		}
		v.Tasks = append(v.Tasks, taskView(t, e.plan, e.now, who))
	}
	if slices.Contains(explainees, who.Role) {
		v.Decision = in.Decision
	}
	if who.Role == RoleAgent {
		v.By = ""
	}
	v.Card = e.card(who)
	return v
}

// card is the card of an offer that begins, for the agent whose phone rings and for supervisors.
func (e *event) card(who Account) *CardView {
	if e.entry.Kind != acd.KindClaimed || len(e.entry.Legs) == 0 || !slices.Contains(serving, who.Role) {
		return nil
	}
	l := e.entry.Legs[0]
	if who.Role == RoleAgent && l.Agent != who.Agent {
		return nil
	}
	c := cardOf(l, e.plan, e.now)
	return &c
}
