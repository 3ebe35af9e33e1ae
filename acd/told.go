package acd

import "time"

// Told is what a waiting caller has been told of his wait. It is kept with the call over everything that
// happens to it, so that nobody hears his wait rise twice: who hears 4, then 6, then 7 minutes believes
// none of them. The zero value has told nothing.
type Told struct {
	Minutes int  `json:"minutes,omitempty"` // told last; 0 for nothing yet
	Rose    bool `json:"rose,omitempty"`    // a rise was told
	Place   int  `json:"place,omitempty"`   // told last, own place counted; 0 for nothing yet
}

// Minutes is the one figure in which a wait is told: rounded up to the minute, never below 1.
func Minutes(wait time.Duration) int {
	return max(1, int((wait+time.Minute-1)/time.Minute))
}

// Wait says whether the caller is told that he still waits so many minutes, and notes it. What fell or
// stayed is told; a rise once in a whole wait, and after that only what is not above the figure told last.
func (t *Told) Wait(minutes int) bool {
	rises := t.Minutes > 0 && minutes > t.Minutes
	if rises && t.Rose {
		return false
	}
	t.Minutes, t.Rose = minutes, t.Rose || rises
	return true
}

// Stands says whether the caller is told this place, and notes it. A place that got worse, because of
// somebody with priority or in another queue, is not told.
func (t *Told) Stands(place int) bool {
	if t.Place > 0 && place > t.Place {
		return false
	}
	t.Place = place
	return true
}
