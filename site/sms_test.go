package site

import "testing"

// Who may be called back or sent a text: plain numbers of the site's own country, and in France of all
// its territories. Nothing that costs the hospital money, or reaches somebody else's switchboard.
func TestNumbersThatMayBeCalled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		raw, region, dialled, text string
	}{
		{"0612345678", "FR", "0612345678", "+33612345678"},
		{"+33 6 12 34 56 78", "FR", "0612345678", "+33612345678"},
		{"0145678901", "FR", "0145678901", ""},
		{"0970123456", "FR", "0970123456", ""}, // a box
		{"0899123456", "FR", "", ""},           // premium
		{"0800123456", "FR", "", ""},           // free for callers, not for us
		{"3639", "FR", "", ""},                 // short
		{"15", "FR", "", ""},                   // emergency
		{"4012", "FR", "", ""},                 // of the hospital itself
		{"", "FR", "", ""},                     // withheld
		{"anonymous", "FR", "", ""},            // withheld
		{"+442079460000", "FR", "", ""},        // abroad
		{"0692123456", "RE", "0692123456", "+262692123456"},
		{"0612345678", "RE", "", ""}, // without its country that is no number there
		{"+33612345678", "RE", "+33612345678", "+33612345678"},
	} {
		if got, ok := OutwardNumber(c.raw, c.region); got != c.dialled || ok != (c.dialled != "") {
			t.Errorf("%q from %s is dialled as %q (%t), want %q", c.raw, c.region, got, ok, c.dialled)
		}
		if got, ok := TextNumber(c.raw, c.region); got != c.text || ok != (c.text != "") {
			t.Errorf("%q from %s is sent to %q (%t), want %q", c.raw, c.region, got, ok, c.text)
		}
	}
}
