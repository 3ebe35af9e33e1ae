package routing

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"accueil/acd"
)

// Rules are what a site decides about routing: plain data, read from the site file. Validate them
// before use. Two sets with equal Hash decide alike.
type Rules struct {
	Skills  []acd.SkillID
	Queues  map[acd.QueueID]Queue
	Agents  map[acd.AgentID]Member
	Reasons map[acd.ReasonID]Reason
}

// Queue is one queue's rules. A zero duration or count takes the default named beside it.
type Queue struct {
	Steps         []Step
	WhenUnstaffed WhenUnstaffed // "" means fallback
	// Fallback names where a caller goes whom the queue does not take or keep: a scenario node, a
	// queue, a number. Routing only asks whether there is one.
	Fallback string
	// Overflow names other ways than Fallback for those beyond a limit (see Limits).
	Overflow   map[Limit]string
	MaxWaiting int           // places; 0 for no limit
	Keep       int           // percent of the places kept for transfers and returning callbacks, 0 to 100
	MaxWait    time.Duration // 0 for no limit
	MaxRatio   int           // waiting contacts in percent of the agents at work; 0 for no limit
	Ring       time.Duration // 5 s to 60 s; 0 means DefaultRing
	Wrapup     time.Duration // after-call work; 0 for none
	// MissesBeforeUnreachable is how many offers in a row may ring out; 0 means DefaultMisses.
	MissesBeforeUnreachable int
	Policy                  Policy      // which contact comes first
	Order                   []Criterion // which agent comes first; empty means DefaultOrder
}

// Step admits more agents once a contact is old enough.
type Step struct {
	After   time.Duration // age of the contact, from its first enqueue
	Require string        // see ParseRequirement; "" admits everyone
	// Exclusive closes the steps before this one when it opens, unless nobody at work satisfies it.
	Exclusive bool
	// Consider is a condition on counts without which the step is not open now; see ParseCondition.
	Consider string
}

// Member is what routing knows of a person by default; a live change may override the skills.
type Member struct {
	Skills map[acd.SkillID]int        // levels 1 to MaxLevel
	Phone  acd.PhoneID                // where he usually sits
	Queues map[acd.QueueID]Assignment // queues that he takes part in otherwise than by skill alone
}

// Assignment bends how an agent serves one queue.
type Assignment struct {
	// Priority is points that the queue's contacts have for this agent, 0 to acd.MaxPoints.
	Priority int
	// Delay is the age that a contact of the queue must have reached before it is his.
	Delay time.Duration
}

// Reason says where callers with it wait, and how.
type Reason struct {
	Queue  acd.QueueID
	Points int           // 0 to acd.MaxPoints
	Hold   time.Duration // kept for the agent who knows the caller, at most MaxHold; 0 for not at all
}

// WhenUnstaffed says what becomes of callers whom nobody at work could ever serve.
type WhenUnstaffed string

// The ways of an unstaffed queue.
const (
	UnstaffedWait     WhenUnstaffed = "wait"     // let them wait for someone to log in
	UnstaffedFallback WhenUnstaffed = "fallback" // send them to the queue's fallback
	UnstaffedDissuade WhenUnstaffed = "dissuade" // tell them to call later
)

// Bounds and defaults (DESIGN §4.6 and §6).
const (
	MaxSteps      = 10
	MinRing       = 5 * time.Second
	DefaultRing   = 15 * time.Second
	MaxRing       = 60 * time.Second
	MaxHold       = 15 * time.Second
	DefaultMisses = 2
)

// RingTime is how long an offer rings.
func (q Queue) RingTime() time.Duration { return cmp.Or(q.Ring, DefaultRing) }

// Misses is how many offers in a row may ring out before an agent is unreachable.
func (q Queue) Misses() int { return cmp.Or(q.MissesBeforeUnreachable, DefaultMisses) }

// Unstaffed is what becomes of callers whom nobody could serve.
func (q Queue) Unstaffed() WhenUnstaffed { return cmp.Or(q.WhenUnstaffed, UnstaffedFallback) }

// FieldError names the field of Rules that is wrong.
type FieldError struct {
	Field string // as in the site file: "queues.rdv.steps[1].require"
	Err   error
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Err.Error() }

// Unwrap returns what is wrong with the field.
func (e *FieldError) Unwrap() error { return e.Err }

// Validate returns every fault of the rules, joined; each is a *FieldError.
func (r Rules) Validate() error {
	_, err := r.compile()
	return err
}

// Hash names the rules by their content.
func (r Rules) Hash() string {
	return HashOf(r.Text())
}

// Text is the whole of the rules as JSON, of which the hash is made: what is kept to explain decisions
// once the rules have changed. It holds ids, levels and times, and no name of a person.
func (r Rules) Text() []byte {
	// Maps are written in the order of their keys, and every field is plain data: this cannot fail.
	data, _ := json.Marshal(r)
	return data
}

// HashOf is the hash of the rules with that text.
func HashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// ParseRules reads the text of rules, and validates them.
func ParseRules(text []byte) (Rules, error) {
	var r Rules
	if err := json.Unmarshal(text, &r); err != nil {
		return Rules{}, fmt.Errorf("read routing rules: %w", err)
	}
	return r, r.Validate()
}

// compiled holds the parsed steps of each queue.
type compiled map[acd.QueueID][]parsedStep

// parsedStep is the expressions of a step, read.
type parsedStep struct {
	require   Requirement
	consider  Condition
	exclusive bool
}

func (r Rules) compile() (compiled, error) {
	var v validation
	for i, s := range r.Skills {
		field := fmt.Sprintf("skills[%d]", i)
		if slices.Contains(r.Skills[:i], s) {
			v.add(field, "%q is declared twice", s)
		}
		// The surest test that a name can be written in a requirement is to write it in one.
		if _, err := ParseRequirement(string(s)+" >= 1", r.Skills); err != nil {
			v.add(field, "%q cannot be used in a requirement: letters, digits and _ only, and no word of the language", s)
		}
	}
	out := compiled{}
	for _, id := range slices.Sorted(maps.Keys(r.Queues)) {
		out[id] = r.queue(&v, "queues."+string(id), r.Queues[id])
	}
	for _, id := range slices.Sorted(maps.Keys(r.Agents)) {
		skills := r.Agents[id].Skills
		for _, s := range slices.Sorted(maps.Keys(skills)) {
			field := fmt.Sprintf("agents.%s.skills.%s", id, s)
			if !slices.Contains(r.Skills, s) {
				v.add(field, "skill %q is not declared%s", s, hint(Closest(string(s), r.Skills)))
			}
			if l := skills[s]; l < 1 || l > MaxLevel {
				v.add(field, "level %d is not from 1 to %d", l, MaxLevel)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(r.Agents)) {
		queues := r.Agents[id].Queues
		for _, q := range slices.Sorted(maps.Keys(queues)) {
			field := fmt.Sprintf("agents.%s.queues.%s", id, q)
			if _, ok := r.Queues[q]; !ok {
				v.add(field, "no queue %q%s", q, hint(Closest(string(q), slices.Sorted(maps.Keys(r.Queues)))))
			}
			v.points(field+".priority", queues[q].Priority)
			if queues[q].Delay < 0 {
				v.add(field+".delay", "%s is negative", queues[q].Delay)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(r.Reasons)) {
		reason, field := r.Reasons[id], "reasons."+string(id)
		if _, ok := r.Queues[reason.Queue]; !ok {
			v.add(field+".queue", "no queue %q%s", reason.Queue, hint(Closest(string(reason.Queue), slices.Sorted(maps.Keys(r.Queues)))))
		}
		v.points(field+".points", reason.Points)
		if reason.Hold < 0 || reason.Hold > MaxHold {
			v.add(field+".hold", "%s is not from 0 to %s", reason.Hold, MaxHold)
		}
	}
	return out, errors.Join(v...)
}

func (r Rules) queue(v *validation, field string, q Queue) []parsedStep {
	if len(q.Steps) == 0 {
		v.add(field+".steps", "a queue needs at least one step")
	}
	if len(q.Steps) > MaxSteps {
		v.add(field+".steps", "%d steps, at most %d", len(q.Steps), MaxSteps)
	}
	var steps []parsedStep
	for i, s := range q.Steps {
		field := fmt.Sprintf("%s.steps[%d]", field, i)
		req, err := ParseRequirement(s.Require, r.Skills)
		if err != nil {
			*v = append(*v, &FieldError{field + ".require", err})
		}
		condition, err := ParseCondition(s.Consider)
		if err != nil {
			*v = append(*v, &FieldError{field + ".consider", err})
		}
		steps = append(steps, parsedStep{req, condition, s.Exclusive})
		switch {
		case s.After < 0:
			v.add(field+".after", "%s is negative", s.After)
		case i > 0 && s.After < q.Steps[i-1].After:
			v.add(field+".after", "opens before the step in front of it")
		}
	}
	if n := len(steps); n > 0 && (!steps[n-1].require.Always() || !steps[n-1].consider.Always()) && q.Fallback == "" {
		v.add(field, "needs a last step without requirement, or a fallback")
	}
	switch q.Unstaffed() {
	case UnstaffedWait, UnstaffedDissuade:
	case UnstaffedFallback:
		if q.Fallback == "" {
			v.add(field+".when_unstaffed", "%q needs a fallback", UnstaffedFallback)
		}
	default:
		v.add(field+".when_unstaffed", "%q is not wait, fallback or dissuade", q.WhenUnstaffed)
	}
	if q.Ring != 0 && (q.Ring < MinRing || q.Ring > MaxRing) {
		v.add(field+".ring", "%s is not from %s to %s", q.Ring, MinRing, MaxRing)
	}
	for _, l := range slices.Sorted(maps.Keys(q.Overflow)) {
		if !slices.Contains(Limits, l) {
			v.add(field+".overflow."+string(l), "%q is not %s", l, choice(Limits))
		}
	}
	if q.Keep < 0 || q.Keep > 100 {
		v.add(field+".keep", "%d %% is not from 0 to 100", q.Keep)
	}
	q.Policy.validate(v, field+".policy")
	validateOrder(v, field+".order", q.Order)
	for _, n := range []struct {
		name  string
		value int64
	}{{"max_ratio", int64(q.MaxRatio)}, {"max_waiting", int64(q.MaxWaiting)}, {"max_wait", int64(q.MaxWait)}, {"wrapup", int64(q.Wrapup)},
		{"misses_before_unreachable", int64(q.MissesBeforeUnreachable)}} {
		if n.value < 0 {
			v.add(field+"."+n.name, "is negative")
		}
	}
	return steps
}

type validation []error

func (v *validation) add(field, format string, args ...any) {
	*v = append(*v, &FieldError{field, fmt.Errorf(format, args...)})
}

func hint(word string) string {
	if word == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", word)
}
