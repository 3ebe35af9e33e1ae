package ivr

import (
	"maps"
	"slices"
	"time"

	"accueil/acd"
	"accueil/diag"
	"accueil/ivr/calendar"
	"accueil/wording"
)

// Site is what scenarios refer to. The maps are read only, during Load and after it.
type Site struct {
	// File is the site file, in which what it names is placed; nil has findings without a line.
	File *diag.Doc
	// Languages spoken to callers, the default first; every text needs all of them.
	Languages []acd.Lang
	// Location is the zone of timetables; nil means UTC.
	Location *time.Location
	Entries  map[acd.EntryID]Entry
	Reasons  map[acd.ReasonID]Reason
	Queues   map[acd.QueueID]Queue
	// Calendars say which days are holidays or exceptional, by the name that timetables use.
	Calendars map[string]*calendar.Calendar
	// Timetables are the site's opening hours, by the name that hours nodes use.
	Timetables map[string]*Timetable
	// Human is the reason of key 0 and of callers who do not answer; "accueil" when empty.
	Human acd.ReasonID
	// Urgent is the reason of callers who ask for a human from within the emergency instruction;
	// "urgence" when empty, Human where the site has no such reason.
	Urgent acd.ReasonID
	// Extension reports whether a scenario may transfer to this number; nil refuses all.
	Extension func(number string) bool
	// Doubtful reports a number that leads outside and is no telephone number; nil doubts none.
	Doubtful func(number string) bool
	// Texts replace entries of the system catalogue, by id ("sys.emergency") and language.
	Texts map[string]map[acd.Lang]string
	// Announcements are messages that a supervisor switches on, in each language.
	Announcements map[acd.AnnouncementID]map[acd.Lang]string
	// Lookups are the questions that scenarios may ask about a caller.
	Lookups map[acd.LookupID]Lookup
	// Facts are what texts say by name, {{name}}, as it is spoken in each language.
	Facts map[string]map[acd.Lang]string
	// Hours are the timetables of the facts that are opening hours: the special days of the week that comes are
	// said behind them.
	Hours map[string]*Timetable
	// Articles are the answers of the knowledge base, by id; nil has none.
	Articles map[string]Article
	// SMS says that the site has a sender of SMS.
	SMS bool
	// Callable reports whether digits that a caller keys in are a number that can be called back; nil
	// refuses all.
	Callable func(digits string) bool
	// Callbacks are the timetables that must all be open for somebody to be called back; none is always.
	Callbacks []*Timetable
	// Requirement reads a condition on agents' skills; nil refuses all.
	Requirement func(string) error
	// Recorded reports whether a recording of that id exists for the language, for `file: id`.
	Recorded func(lang acd.Lang, id string) bool
}

// Entry is a number that callers reach.
type Entry struct {
	Scenario acd.ScenarioID
	Language acd.Lang // the site's first when empty
	// Hours are those of the entry, one of Site.Timetables; nil is always open.
	Hours *Timetable
	// Insiders: the hospital's own people or professionals call it, who need no emergency message.
	Insiders bool
}

// Reason is a cause of calls.
type Reason struct {
	Label map[acd.Lang]string
	Queue acd.QueueID
	// Hours are those of the reason, besides its queue's; nil is always open.
	Hours *Timetable
	// WaitingInfo is heard once by who waits for this reason, where the waiting scenario tells it; nil for
	// nothing.
	WaitingInfo map[acd.Lang]string
}

// Lookup is what a scenario must know of a lookup.
type Lookup struct {
	// Timeout is when the answer is heard, always.
	Timeout time.Duration
	// TakesKeys says that it wants digits; without, it goes by the caller's number alone.
	TakesKeys bool
	// Answers are the variables that it answers, with every value of each.
	Answers map[string][]string
}

// Article is one answer of the knowledge base, as spoken.
type Article struct {
	Texts map[acd.Lang]string
	// Refused says why it may not be spoken (expired, not approved), so that no scenario may name it;
	// empty for one that may.
	Refused *wording.Text
	// Withheld says the same of an article that scenarios may go on naming: its callers are led to a
	// human instead.
	Withheld *wording.Text
	// Until is when its time is over: from then on its callers are led to a human. Zero for never.
	Until time.Time
}

// Queue is what a scenario must know of a queue.
type Queue struct {
	// Hours are those of the queue; nil is always open.
	Hours *Timetable
	// Fallback takes the callers whom the queue cannot; its zero value means a clear message. Who comes
	// outside the hours goes where Overflow says, or hears when it opens next.
	Fallback Fallback
	// Overflow names other ways than Fallback for some refusals.
	Overflow map[acd.Refusal]Fallback
	// DissuadeUnstaffed: nobody at work means the message at once, without the fallback.
	DissuadeUnstaffed bool
	// Waiting is the scenario of what waiting callers hear; the built-in one when empty.
	Waiting acd.ScenarioID
	// Survey: whoever stays on the line after the conversation is asked, not only who has agreed.
	Survey bool
}

// hoursOf lists the timetables that must be open for the queue to take callers of the reason.
func (s *Site) hoursOf(queue acd.QueueID, reason acd.ReasonID) (out []*Timetable) {
	if t := s.Queues[queue].Hours; t != nil {
		out = append(out, t)
	}
	if r := s.Reasons[reason]; r.Hours != nil && r.Queue == queue {
		out = append(out, r.Hours)
	}
	return out
}

// way is where callers go who are refused for that reason. The fallback takes those for whom there is no
// place, not those who come when nobody is there.
func (q Queue) way(why acd.Refusal) Fallback {
	if to, ok := q.Overflow[why]; ok || why == acd.RefusedClosed {
		return to
	}
	return q.Fallback
}

// ways lists every place where the queue sends callers, in a fixed order.
func (q Queue) ways() []Fallback {
	out := []Fallback{q.Fallback}
	for _, why := range slices.Sorted(maps.Keys(q.Overflow)) {
		out = append(out, q.Overflow[why])
	}
	return out
}

// Fallback is one of three places; the others are empty.
type Fallback struct {
	Node   string // of the scenario the caller came through
	Queue  acd.QueueID
	Number string
}

func (s *Site) human() acd.ReasonID {
	if s.Human == "" {
		return "accueil"
	}
	return s.Human
}

func (s *Site) urgent() acd.ReasonID {
	id := s.Urgent
	if id == "" {
		id = "urgence"
	}
	if _, ok := s.Reasons[id]; !ok {
		return s.human()
	}
	return id
}

func (s *Site) location() *time.Location {
	if s.Location == nil {
		return time.UTC
	}
	return s.Location
}

func (s *Site) defaultLang() acd.Lang {
	if len(s.Languages) == 0 {
		return "fr"
	}
	return s.Languages[0]
}
