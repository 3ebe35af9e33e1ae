package routing

import "time"

// Minutes is the one figure to announce: the expected wait rounded up to the minute, never below 1.
func (e Estimate) Minutes() int {
	return max(1, int((e.Wait+time.Minute-1)/time.Minute))
}

// Announcement remembers what a caller was told of his wait, so that he is not told of a rise twice:
// who hears 4, then 6, then 7 minutes believes none of them. The zero value has told nothing. It is
// kept with the contact, over everything that happens to it.
type Announcement struct {
	Told int  // minutes told last; 0 for nothing yet
	Rose bool // a rise was told
}

// Next says whether the caller is told the estimate, and if so how many minutes. A figure that fell or
// stayed is told; a rise once in a whole wait, and after that only what is not above the figure told
// last.
func (a *Announcement) Next(e Estimate) (minutes int, say bool) {
	minutes = e.Minutes()
	rises := a.Told > 0 && minutes > a.Told
	if rises && a.Rose {
		return 0, false
	}
	a.Told, a.Rose = minutes, a.Rose || rises
	return minutes, true
}
