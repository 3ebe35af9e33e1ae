package site

import (
	"time"

	"accueil/acd"
	"accueil/routing"
)

// Reason is why somebody calls (motif).
type Reason struct {
	// Label in each language, as agents read and callers hear it, without article or full stop.
	Label map[acd.Lang]string `yaml:"label" schema:"required"`
	// WaitingInfo is what callers with this reason hear once while they wait, where the waiting scenario
	// tells information (the built-in one does): documents to have at hand, for example.
	WaitingInfo map[acd.Lang]string `yaml:"waiting_info"`
	// Queue where callers with this reason wait.
	Queue acd.QueueID `yaml:"queue" schema:"required"`
	// Points of priority, 0-10; each counts as a minute already waited.
	Points int `yaml:"points" schema:"min=0,max=10"`
	// Hold is how long a caller may wait for the agent who last handled him and this reason before
	// anybody else is offered, at most 15s; 0 asks for nobody in particular.
	Hold time.Duration `yaml:"hold" schema:"max=15s"`
	// Hours is a timetable besides that of the queue: outside it callers with this reason find the queue
	// closed. As the queue when absent.
	Hours string `yaml:"hours"`
}

// Queue is where callers wait for an agent.
type Queue struct {
	// Steps open one after the other; who satisfies any open one may be offered the call.
	Steps []Step `yaml:"steps" schema:"required,minItems=1,maxItems=10"`
	// Wrapup is the time for after-call work; 0s for none.
	Wrapup time.Duration `yaml:"wrapup" schema:"min=0s,max=30m,default=10s"`
	// Ring is how long an agent's phone rings for one offer.
	Ring time.Duration `yaml:"ring" schema:"min=5s,max=60s,default=15s"`
	// MaxWaiting is how many may wait at once; who comes after follows the fallback.
	MaxWaiting int `yaml:"max_waiting" schema:"min=1,max=10000,default=100"`
	// MaxWait is how long one may wait before he follows the fallback.
	MaxWait time.Duration `yaml:"max_wait" schema:"min=1s,max=4h,default=30m"`
	// MaxRatio is how many may wait for each agent at work, in percent: 150% is three for two agents.
	// No such limit when absent.
	MaxRatio string `yaml:"max_ratio" schema:"form=a whole number and %\\, such as 150%,pattern=^[0-9]{1\\,4}%$"`
	// Keep is the share of max_waiting that is kept for callers whom an agent hands on.
	Keep string `yaml:"keep" schema:"form=a whole number and %\\, such as 10%,pattern=^([0-9]{1\\,2}|100)%$,default=0%"`
	// Fallback is where callers go when the queue is full, unstaffed or too long.
	Fallback Fallback `yaml:"fallback"`
	// Overflow names other ways than the fallback, by the limit that is reached.
	Overflow Overflow `yaml:"overflow"`
	// Policy says which caller comes first: fair (who has waited longest), skills_first (an agent
	// takes those first whom he is the first choice for) or service_level_first (who can still be
	// answered within service_level goes first). Nobody is overtaken by a caller who arrives ten
	// minutes later, whatever the policy.
	Policy Policy `yaml:"policy" schema:"default=fair"`
	// ServiceLevel is the wait within which a caller should be answered.
	ServiceLevel time.Duration `yaml:"service_level" schema:"min=1s,max=30m,default=20s"`
	// Order is how free agents of the same step are compared, the first difference counts:
	// least_surplus (who has least skill to spare), longest_idle, least_occupied (in the last hour
	// or so), highest_level (in the skills that the step asks for).
	Order []Criterion `yaml:"order" schema:"maxItems=4,default=[least_surplus\\,longest_idle]"`
	// WhenUnstaffed says what happens when nobody at work could ever take the call: wait, fallback
	// or dissuade (told so, then hung up).
	WhenUnstaffed Unstaffed `yaml:"when_unstaffed" schema:"default=fallback"`
	// Waiting is the scenario of what the waiting caller hears; a built-in one when absent: his place and
	// his expected wait where they can be told honestly, the reason's waiting_info, music.
	Waiting acd.ScenarioID `yaml:"waiting"`
	// Hours is the timetable of the queue. Who asks for a place outside it hears when it opens next, or
	// goes where overflow.closed says. Always open when absent.
	Hours string `yaml:"hours"`
	// LastCall is how long before closing time new callers are refused already.
	LastCall time.Duration `yaml:"last_call" schema:"min=0s,max=2h"`
	// KeepAfterClosing is how long after closing time those who wait already are still served; then
	// they too find the queue closed. With 0s nobody waits beyond closing time.
	KeepAfterClosing time.Duration `yaml:"keep_after_closing" schema:"min=0s,max=2h,default=15m"`
	// Survey says which callers are asked after their conversation, where their scenario has a survey:
	// agreed (who said yes before) or stay (whoever stays on the line when the agent has hung up).
	Survey Survey `yaml:"survey" schema:"default=agreed"`
	// MissesBeforeUnreachable is how many offers in a row an agent may let ring out before he is
	// taken for gone.
	MissesBeforeUnreachable int `yaml:"misses_before_unreachable" schema:"min=1,max=20,default=2"`
	// Advanced has the finer controls, which few queues need.
	Advanced QueueAdvanced `yaml:"advanced"`

	// MaxRatioPercent and KeepPercent are MaxRatio and Keep, read.
	MaxRatioPercent, KeepPercent int `yaml:"-"`
}

// QueueAdvanced are the finer controls of a queue.
type QueueAdvanced struct {
	// Weights replace those of the policy. Each is points, a minute of waiting each; a caller has
	// never more than 10 in all.
	Weights Weights `yaml:"weights"`
}

// Weights are points that callers have besides their own.
type Weights struct {
	// Steps are the points of a caller for an agent who takes him through the first step, the second
	// and so on; never more for a later one.
	Steps []int `yaml:"steps" schema:"min=0,max=10,maxItems=10"`
	// Ages are the points of a caller by how long he has waited; the first begins at 0s.
	Ages []AgeBand `yaml:"ages" schema:"maxItems=8"`
}

// AgeBand gives points to callers of an age.
type AgeBand struct {
	// From is the age at which the band begins; it lasts until the next one.
	From time.Duration `yaml:"from" schema:"min=0s,max=4h"`
	// Points of a caller in the band.
	Points int `yaml:"points" schema:"min=0,max=10"`
}

// Policy says which caller of a queue comes first.
type Policy string

func (Policy) choices() []string { return texts(routing.Presets) }

// Criterion is one comparison between free agents.
type Criterion string

func (Criterion) choices() []string { return texts(routing.Criteria) }

// Step is a requirement that opens after some wait.
type Step struct {
	// After is the total age of the call at which the step opens; the first is 0s.
	After time.Duration `yaml:"after" schema:"min=0s,max=4h"`
	// Require is a condition on skills such as "rdv >= 5 and (fr >= 1 or en >= 5)"; absent or empty:
	// any agent.
	Require string `yaml:"require"`
	// Exclusive closes the steps before this one when it opens, unless nobody at work satisfies it.
	Exclusive bool `yaml:"exclusive"`
	// Consider is a condition on counts, such as "waiting > 2 * free": while it is false the step is
	// closed. logged_in and free count the agents who satisfy the step, waiting the callers of the queue.
	Consider string `yaml:"consider"`
}

// Unstaffed says what a queue does with callers whom nobody at work could ever serve.
type Unstaffed string

// The ways of an unstaffed queue.
const (
	UnstaffedWait     Unstaffed = "wait"
	UnstaffedFallback Unstaffed = "fallback"
	UnstaffedDissuade Unstaffed = "dissuade"
)

// Survey says which callers a queue's survey is for.
type Survey string

// The callers who are asked after their conversation.
const (
	SurveyAgreed Survey = "agreed"
	SurveyStay   Survey = "stay"
)

// Fallback is where a queue sends whom it cannot keep.
type Fallback struct {
	// Goto is the name of a queue, a number (inside or, through the trunk with callback_via,
	// outside) or a node of the caller's scenario, tried in this order.
	Goto string `yaml:"goto" schema:"required"`

	// Target is Goto, resolved; its zero value when the queue has no fallback.
	Target Target `yaml:"-"`
}

// Overflow is where those beyond a limit go.
type Overflow struct {
	// Full is the way when max_waiting places are taken.
	Full Fallback `yaml:"full"`
	// Wait is the way after max_wait.
	Wait Fallback `yaml:"wait"`
	// Ratio is the way beyond max_ratio.
	Ratio Fallback `yaml:"ratio"`
	// Closed is the way outside the hours; a message with the next opening when absent. The fallback
	// is never the way there.
	Closed Fallback `yaml:"closed"`
}

// Target is one of three places; the others are empty.
type Target struct {
	Queue  acd.QueueID
	Node   string      // of the scenario that the caller came through
	Number string      // as dialled, E.164 with + for the outside
	Trunk  acd.TrunkID // that Number goes through
}

// None reports whether there is no such place.
func (t Target) None() bool { return t == Target{} }

func (Survey) choices() []string { return []string{string(SurveyAgreed), string(SurveyStay)} }

func (Unstaffed) choices() []string {
	return []string{string(UnstaffedWait), string(UnstaffedFallback), string(UnstaffedDissuade)}
}
