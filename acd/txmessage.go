package acd

import "strconv"

// Message says what a caller is about to leave.
type Message struct {
	// Recording is the id of its file. Whether anything is in it is known at the end of the leg only.
	Recording string
	// Reason is why he calls, where nothing before has told.
	Reason ReasonID
	Path   []string // of the menu, with the version of the words that told him of the recording
}

// ToMessage tells that a recording begins: the caller leaves a message instead of waiting. His age is
// kept (Enqueued, Arrived). A further recording of one who has left a message does not replace it before
// anything was said in it.
func (tx *Tx) ToMessage(id LegID, m Message) error {
	l, err := tx.Leg(id)
	if err != nil {
		return err
	}
	waiting := l.Waiting()
	if err := tx.step(&l, LegToMessage); err != nil {
		return err
	}
	if waiting {
		tx.unplace(l.Queue, l.ID)
	}
	if !l.Enqueued.Never() && l.Dequeued.Never() {
		l.Dequeued = tx.At()
	}
	if l.LeftMenu.Never() {
		l.LeftMenu = tx.At()
	}
	l.Due = 0
	if l.Recording == "" {
		l.Recording = m.Recording
	}
	if l.Reason == "" {
		l.Reason = m.Reason
	}
	if m.Path != nil {
		l.Path = m.Path
	}
	tx.putLeg(l)
	return nil
}

// Survey is what a caller answered after his conversation: codes, and the id of a recording.
type Survey struct {
	// CSAT is how satisfied he is, 1 to 5; 0 when he did not say.
	CSAT int `json:"csat,omitempty"`
	// NPS is how likely he would recommend the hospital, 0 to 10; nil when he did not say.
	NPS *int `json:"nps,omitempty"`
	// Comment is the id of the file of what he said freely; empty when he did not.
	Comment string `json:"comment,omitempty"`
}

// The bounds of the answers.
const (
	LeastCSAT, MostCSAT = 1, 5
	LeastNPS, MostNPS   = 0, 10
)

// Answered reports whether anything was answered.
func (s *Survey) Answered() bool { return s != nil && (s.CSAT > 0 || s.NPS != nil || s.Comment != "") }

func (s *Survey) clone() *Survey {
	if s == nil {
		return nil
	}
	c := *s
	if s.NPS != nil {
		n := *s.NPS
		c.NPS = &n
	}
	return &c
}

// StartSurvey tells that the agent has hung up and the caller stays to answer questions. The agent is
// freed exactly as by the end of the leg, and the conversation is over; the leg ends with the caller.
func (tx *Tx) StartSurvey(id LegID) error {
	l, err := tx.Leg(id)
	if err != nil {
		return err
	}
	if err := tx.step(&l, LegToSurvey); err != nil {
		return err
	}
	l.stopHold(tx.At())
	l.Due, l.Parted, l.Survey = 0, tx.At(), &Survey{}
	tx.change.count(MetricSurvey, string(l.FirstQueue), "asked", "")
	tx.putLeg(l)
	if l.Agent != "" {
		tx.releaseTalked(l.Agent, l)
	}
	return nil
}

// Surveyed keeps one more answer; a score outside its bounds is kept out.
func (tx *Tx) Surveyed(id LegID, answer Survey) error {
	l, err := tx.Leg(id)
	if err != nil {
		return err
	}
	if l.State != LegSurvey {
		return ErrIllegal{"leg", string(id), string(l.State), "an answer to the survey"}
	}
	s := Survey{}
	if l.Survey != nil {
		s = *l.Survey
	}
	queue, was := string(l.FirstQueue), s
	if answer.CSAT >= LeastCSAT && answer.CSAT <= MostCSAT {
		if s.CSAT = answer.CSAT; was.CSAT == 0 { // another word on the same question is counted once
			tx.change.count(MetricSurvey, queue, "csat", strconv.Itoa(s.CSAT))
		}
	}
	if n := answer.NPS; n != nil && *n >= LeastNPS && *n <= MostNPS {
		if s.NPS = n; was.NPS == nil {
			tx.change.count(MetricSurvey, queue, "nps", strconv.Itoa(*n))
		}
	}
	if answer.Comment != "" {
		if s.Comment = answer.Comment; was.Comment == "" {
			tx.change.count(MetricSurvey, queue, "comment", "")
		}
	}
	l.Survey = s.clone()
	tx.putLeg(l)
	return nil
}
