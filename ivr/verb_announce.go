package ivr

import (
	"maps"
	"slices"
	"time"

	"accueil/acd"
	"accueil/diag"
)

var _ = register(kind{name: "announce", beside: "next", part: func() part { return new(fileAnnounce) }})

// fileAnnounce is the id of an announcement of the site.
type fileAnnounce struct{ id acd.AnnouncementID }

// DecodeNode reads the id.
func (f *fileAnnounce) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	return at.Decode(n, &f.id)
}

func (f *fileAnnounce) compile(c *compiler, n *node, at string, file *fileNode) {
	n.verb, n.act = "announce", &announcing{id: f.id, next: c.next(n, file, true)}
	if _, ok := c.site.Announcements[f.id]; !ok {
		c.fail(at, diag.DidYouMean(string(f.id), words(slices.Sorted(maps.Keys(c.site.Announcements)))), "there is no announcement %q", f.id)
	}
	c.scenario.announces[f.id] = true
}

// announcing speaks an announcement while it is switched on, and else leads on at once.
type announcing struct {
	id   acd.AnnouncementID
	next link
}

func (a *announcing) ways() (all, idle []link) { return []link{a.next}, []link{a.next} }

func (a *announcing) picture() (string, []string) { return announcementText(a.id), []string{""} }

func (a *announcing) enter(w *walk, n *node, _ time.Time) ([]acd.Ask, link) {
	if !w.fated(n.id, 2, 1, func() bool { return slices.Contains(w.scene.Announced, a.id) }) {
		return nil, a.next
	}
	w.pass("announced=" + string(a.id))
	return []acd.Ask{say(false, announcementText(a.id))}, link{}
}

func (a *announcing) hear(w *walk, _ *node, in acd.Heard, now time.Time) []acd.Ask {
	switch in := in.(type) {
	case acd.HeardSaid:
		return w.enter(a.next, now)
	case acd.HeardKey:
		if in.Key == '*' {
			return []acd.Ask{say(false, announcementText(a.id))}
		}
		w.keep(in.Key)
	}
	return nil
}

func (a *announcing) awaits(*walk) acd.Heard { return acd.HeardSaid{} }

func announcementText(id acd.AnnouncementID) string { return "announce." + string(id) }

// announced are the announcements that are spoken before the first node: those that are switched on
// and have no node of their own in this scenario.
func (w *walk) announced() (out []string) {
	for _, id := range w.scene.Announced {
		if _, known := w.program.site.Announcements[id]; known && !w.scenario.announces[id] {
			out = append(out, announcementText(id))
		}
	}
	return out
}
