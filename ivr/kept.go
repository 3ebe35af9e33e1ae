package ivr

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"accueil/acd"
)

// What a restart keeps of a walk besides its place: what set nodes have said, whether the caller is spoken
// to slowly, and the variables whose values the files themselves spell out. The text stands with the
// caller's channel and in the log, so nothing is in it that a caller has keyed in or that a service has
// told of him: those are forgotten on purpose, and he is asked again where they are needed.

// keptLimit bounds the text, in bytes; a variable that does not fit is forgotten.
const keptLimit = 220

// Keys of the text; a variable's begins with keptVariable.
const (
	keptSlow     = "s"
	keptReason   = "r"
	keptPoints   = "p"
	keptAsks     = "a"
	keptVariable = "_"
)

// Kept is what the walk must know again after a restart, besides its place (see Resume): ids, codes and
// values of the scenario files.
func (w *walk) Kept() string {
	var out strings.Builder
	add := func(key, value string) {
		if value == "" {
			return
		}
		part := key + "=" + url.QueryEscape(value)
		if out.Len() > 0 {
			part = "&" + part
		}
		if out.Len()+len(part) <= keptLimit {
			out.WriteString(part)
		}
	}
	if w.slow {
		add(keptSlow, "1")
	}
	add(keptReason, string(w.given.reason))
	if w.given.points > 0 {
		add(keptPoints, strconv.Itoa(w.given.points))
	}
	add(keptAsks, w.given.asks)
	for _, name := range slices.Sorted(maps.Keys(w.vars)) {
		if slices.Contains(w.program.kept[name], w.vars[name]) {
			add(keptVariable+name, w.vars[name])
		}
	}
	return out.String()
}

// recall takes up what Kept has written, as far as the files of today know it.
func (w *walk) recall(kept string) {
	w.restored = true
	values, err := url.ParseQuery(kept)
	if err != nil || len(kept) > keptLimit {
		return
	}
	site := &w.program.site
	w.slow = values.Get(keptSlow) == "1"
	if r := acd.ReasonID(values.Get(keptReason)); site.Reasons[r].Queue != "" {
		w.given.reason = r
	}
	if n, err := strconv.Atoi(values.Get(keptPoints)); err == nil {
		w.given.points = acd.ClampPoints(n)
	}
	if asks := values.Get(keptAsks); asks != "" && site.Requirement != nil && site.Requirement(asks) == nil {
		w.given.asks = asks
	}
	for key := range values {
		name, ok := strings.CutPrefix(key, keptVariable)
		if value := values.Get(key); ok && slices.Contains(w.program.kept[name], value) {
			w.remember(name, value)
		}
	}
}

// asksAgain is the node that asks for the first of the digits that a restart has made the walk forget; nil
// when none is missing, or when the caller had not been asked for it.
func (w *walk) asksAgain(names []string) *node {
	if !w.restored {
		return nil
	}
	for _, name := range names {
		if _, there := w.keyed[name]; there {
			continue
		}
		if _, asked := w.vars[name]; asked {
			continue // since the restart, and he has none
		}
		for _, id := range slices.Sorted(maps.Keys(w.scenario.nodes)) {
			if c, ok := w.scenario.nodes[id].act.(*collecting); ok && c.as == name {
				return w.scenario.nodes[id]
			}
		}
	}
	return nil
}
