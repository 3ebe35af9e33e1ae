package calls

import (
	"strconv"
	"strings"

	"accueil/acd"
)

// packed is what the channel itself remembers of its call, in one variable of Asterisk (CC_STATE), so
// that a controller that starts with an empty Redis knows the call again. Ids and codes only.
type packed struct {
	Contact acd.ContactID
	Leg     acd.LegID
	Phase   string
	Node    string // of the menu
}

// packState writes "1|contact|leg number|phase|menu node"; at most 512 bytes (ARI.md §1.11).
func packState(p packed) string {
	s := strings.Join([]string{"1", string(p.Contact), strconv.Itoa(p.Leg.Number()), p.Phase, p.Node}, "|")
	return s[:min(len(s), 512)]
}

// unpackState reads it; ok is false for anything that packState did not write.
func unpackState(s string) (p packed, ok bool) {
	f := strings.Split(s, "|")
	if len(f) != 5 || f[0] != "1" || f[1] == "" {
		return packed{}, false
	}
	n, err := strconv.Atoi(f[2])
	if err != nil || n < 1 {
		return packed{}, false
	}
	c := acd.ContactID(f[1])
	return packed{c, c.Leg(n), f[3], f[4]}, true
}

// contactOf returns the contact whose channel, bridge or playback the id names, when it is one of
// ours: "acc.<contact>.<rest>".
func contactOf(id string) (acd.ContactID, bool) {
	rest, ok := strings.CutPrefix(id, "acc.")
	if !ok {
		return "", false
	}
	c, _, ok := strings.Cut(rest, ".")
	return acd.ContactID(c), ok && c != ""
}
