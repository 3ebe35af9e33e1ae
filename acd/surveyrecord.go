package acd

// SurveyRecord is what a caller answered after a conversation, and after which. Who talked with him is not
// in it.
type SurveyRecord struct {
	Leg    LegID
	Entry  EntryID
	Queue  QueueID
	Reason ReasonID
	Lang   Lang
	Ended  Instant
	Answer Survey // Comment is empty once the recording had to go
}

// SurveyQuery chooses records; empty fields choose all.
type SurveyQuery struct {
	Queue    QueueID
	From, To Instant // of the end; To is not in it, zero has no end
	Comment  bool    // those with a spoken comment only
	// Before and Leg are the last of the page before: its end, and its leg.
	Before Instant
	Leg    LegID
	Limit  int // 100 when zero
}
