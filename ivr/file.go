package ivr

import (
	"time"

	"accueil/acd"
	"accueil/diag"
)

// fileScenario is a scenario file as written (CONTRACT, Scenario).
type fileScenario struct {
	Version    int                 `yaml:"version"`
	Start      string              `yaml:"start"`
	Emergency  *bool               `yaml:"emergency_message"` // spoken before start; true when absent
	Timetables map[string]fileWeek `yaml:"timetables"`
	Nodes      map[string]fileNode `yaml:"nodes"`
}

// fileNode is one node: one verb, and what belongs to it.
type fileNode struct {
	Say      *fileText     `yaml:"say"`
	Menu     *fileMenu     `yaml:"menu"`
	Goto     *fileLink     `yaml:"goto"`
	Hours    *fileHours    `yaml:"hours"`
	Branch   *fileBranch   `yaml:"branch"`
	Queue    *fileQueue    `yaml:"queue"`
	Transfer *fileTransfer `yaml:"transfer"`
	Hangup   *fileHangup   `yaml:"hangup"`
	Wait     *fileWait     `yaml:"wait"`

	// Verbs of the format whose machine is not built.
	Collect   *diag.Node `yaml:"collect"`
	Set       *diag.Node `yaml:"set"`
	Lookup    *diag.Node `yaml:"lookup"`
	Announce  *diag.Node `yaml:"announce"`
	Info      *diag.Node `yaml:"info"`
	Callback  *diag.Node `yaml:"callback"`
	Voicemail *diag.Node `yaml:"voicemail"`
	Survey    *diag.Node `yaml:"survey"`
	SMS       *diag.Node `yaml:"sms"`
	Consent   *diag.Node `yaml:"consent"`
	Sub       *diag.Node `yaml:"sub"`

	Next    *fileLink   `yaml:"next"`     // of say: absent ends the call as served
	BargeIn *bool       `yaml:"barge_in"` // of say and menu; true when absent
	Rebind  *fileRebind `yaml:"rebind"`   // of say and menu
	Waiver  string      `yaml:"waiver"`   // of menu: why it may have more options or levels than usual
}

// verbs returns the verbs given, in the order of CONTRACT.
func (n *fileNode) verbs() (supported, coming []string) {
	for _, v := range []struct {
		name  string
		given bool
	}{
		{"say", n.Say != nil}, {"menu", n.Menu != nil}, {"goto", n.Goto != nil}, {"hours", n.Hours != nil},
		{"branch", n.Branch != nil}, {"queue", n.Queue != nil}, {"transfer", n.Transfer != nil},
		{"hangup", n.Hangup != nil}, {"wait", n.Wait != nil},
	} {
		if v.given {
			supported = append(supported, v.name)
		}
	}
	for _, v := range []struct {
		name string
		node *diag.Node
	}{
		{"collect", n.Collect}, {"set", n.Set}, {"lookup", n.Lookup}, {"announce", n.Announce}, {"info", n.Info},
		{"callback", n.Callback}, {"voicemail", n.Voicemail}, {"survey", n.Survey}, {"sms", n.SMS},
		{"consent", n.Consent}, {"sub", n.Sub},
	} {
		if v.node != nil {
			coming = append(coming, v.name)
		}
	}
	return supported, coming
}

// fileText is {fr: "…", en: "…"} or {file: id}.
type fileText struct {
	Texts map[acd.Lang]string
	File  string
	bad   bool // in a form that has been complained of
}

// DecodeNode reads either form.
func (t *fileText) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	if n.Kind != diag.Mapping {
		t.bad = true
		return diag.Findings{at.Error(`write {fr: "…", en: "…"} or {file: id}`, "a text in each language is expected here")}
	}
	if n.Field("file") != nil {
		var file struct {
			File string `yaml:"file"`
		}
		fs := at.Decode(n, &file)
		t.File = file.File
		return fs
	}
	return at.Decode(n, &t.Texts)
}

// fileLink is the name of a node, or {goto: node, language: en}.
type fileLink struct {
	Goto     string   `yaml:"goto"`
	Language acd.Lang `yaml:"language"`
	path     string
}

// DecodeNode reads either form.
func (l *fileLink) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	l.path = at.Path
	if n.Kind == diag.Scalar {
		return at.Decode(n, &l.Goto)
	}
	type long fileLink
	fs := at.Decode(n, (*long)(l))
	if l.Goto != "" {
		l.path = diag.Join(at.Path, "goto")
	} else if len(fs) == 0 {
		fs = append(fs, at.Error("", "goto is missing"))
	}
	return fs
}

type fileMenu struct {
	Prompt  *fileText           `yaml:"prompt"`
	Options map[string]fileLink `yaml:"options"`
}

// fileRebind gives the site's keys 0 and * another meaning in one node, for a written reason.
type fileRebind struct {
	Zero *fileLink `yaml:"0"`
	Star *fileLink `yaml:"*"`
	Nine *fileLink `yaml:"9"` // never; kept to say so clearly
	Why  string    `yaml:"why"`
}

type fileHours struct {
	Timetable fileTimetable `yaml:"timetable"`
	Open      *fileLink     `yaml:"open"`
	Closed    *fileLink     `yaml:"closed"`
}

// fileTimetable is the name of a timetable, or a week written in place.
type fileTimetable struct {
	Name string
	Week fileWeek
	path string
}

// DecodeNode reads either form.
func (t *fileTimetable) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	t.path = at.Path
	if n.Kind == diag.Scalar {
		return at.Decode(n, &t.Name)
	}
	return at.Decode(n, &t.Week)
}

// fileBranch follows the caller's language or a timetable.
type fileBranch struct {
	Language  map[acd.Lang]fileLink `yaml:"language"`
	Else      *fileLink             `yaml:"else"`
	fileHours `yaml:",inline"`
}

// fileQueue is a reason, or its long form.
type fileQueue struct {
	Reason acd.ReasonID `yaml:"reason"`
	Queue  acd.QueueID  `yaml:"queue"`
	Points int          `yaml:"points"`
}

// DecodeNode reads either form.
func (q *fileQueue) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	if n.Kind == diag.Scalar {
		return at.Decode(n, &q.Reason)
	}
	type long fileQueue
	return at.Decode(n, (*long)(q))
}

// fileTransfer is a number, or its long form.
type fileTransfer struct {
	To       string         `yaml:"to"`
	NoAnswer *fileLink      `yaml:"no_answer"`
	Ring     *time.Duration `yaml:"ring"`
}

// DecodeNode reads either form.
func (t *fileTransfer) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	if n.Kind == diag.Scalar {
		return at.Decode(n, &t.To)
	}
	type long fileTransfer
	return at.Decode(n, (*long)(t))
}

// fileHangup is an outcome, or nothing for self_served.
type fileHangup struct {
	Outcome acd.Outcome `yaml:"outcome"`
	Reason  string      `yaml:"reason"`
}

// DecodeNode reads either form.
func (h *fileHangup) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	if n.Kind == diag.Scalar {
		return at.Decode(n, &h.Outcome)
	}
	type long fileHangup
	return at.Decode(n, (*long)(h))
}

// fileWait is a time of music, or {for: 40s, next: node}.
type fileWait struct {
	For time.Duration `yaml:"for"`
}

// DecodeNode reads either form.
func (w *fileWait) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	if n.Kind == diag.Scalar {
		return at.Decode(n, &w.For)
	}
	type long fileWait
	return at.Decode(n, (*long)(w))
}
