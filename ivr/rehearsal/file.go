package rehearsal

import (
	"slices"
	"strings"
	"time"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

// Version is the format of test files.
const Version = 1

// Tests are the scenario tests of one file, by name.
type Tests struct {
	File string
	List []Test
}

// Test is one call and what must become of it.
type Test struct {
	Name string
	Line int

	Entry acd.EntryID
	At    string   // as written: an instant on the site's clock
	Lang  acd.Lang // of the entry when empty
	// Queues says how queues answer: "open" (also when empty), "full", "unstaffed" or "closed".
	Queues string
	// Closed: the entry is closed exceptionally.
	Closed bool
	// Extension is how a ringing extension ends.
	Extension acd.Ending
	// Caller, Announce and Lookup are who calls, what is switched on and what lookups answer.
	Caller   acd.CallerKind
	Announce []acd.AnnouncementID
	Lookup   acd.LookupOutcome
	// Standing is where the caller stands whenever he waits; nil: nothing honest can be said.
	Standing *acd.Standing
	Steps    []Step
	Expect   Expect
}

// Step is one thing that the caller does, or must hear. One field is set.
type Step struct {
	Hear  string // id of a text, or some of its words
	Press string // keys, pressed one after the other when the words before them have been said
	Do    string // one of the acts
	Line  int
}

// The acts of a step.
const (
	DoSilence = "silence"  // presses nothing until the machine goes on
	DoWait    = "wait"     // lets a stretch of music or words pass
	DoAgent   = "agent"    // an agent answers
	DoGiveUp  = "max_wait" // the queue gives the caller up
	DoClosing = "closing"  // the queue closes, and the time after closing passes
	DoSpeak   = "speak"    // says something where he is recorded
	DoHangUp  = "hang_up"
)

// Acts are the steps that are written as one word.
var Acts = []string{DoSilence, DoWait, DoAgent, DoGiveUp, DoClosing, DoSpeak, DoHangUp}

// Expect is what must be true at the end of the steps; an empty field is not asked for.
type Expect struct {
	Node     string
	Language acd.Lang
	Queue    acd.QueueID
	Reason   acd.ReasonID
	To       string // number of the extension that rang last
	Outcome  acd.Outcome
	Line     int
}

type fileTests struct {
	Version int                 `yaml:"version"`
	Tests   map[string]fileTest `yaml:"tests"`
}

type fileTest struct {
	Entry     acd.EntryID `yaml:"entry"`
	At        string      `yaml:"at"`
	Lang      acd.Lang    `yaml:"lang"`
	Queues    string      `yaml:"queues"`
	Closed    bool        `yaml:"closed"`
	Extension acd.Ending  `yaml:"extension"`

	Caller   acd.CallerKind       `yaml:"caller"`
	Announce []acd.AnnouncementID `yaml:"announce"`
	Lookup   acd.LookupOutcome    `yaml:"lookup"`

	Position     int           `yaml:"position"`
	ExpectedWait time.Duration `yaml:"expected_wait"`

	Steps  []fileStep  `yaml:"steps"`
	Expect *fileExpect `yaml:"expect"`
}

type fileStep struct {
	Hear  string `yaml:"hear"`
	Press string `yaml:"press"`
	do    string
}

// DecodeNode reads {hear: …}, {press: "1"} or one of the acts.
func (s *fileStep) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	if n.Kind == diag.Scalar {
		if fs := at.Decode(n, &s.do); len(fs) > 0 {
			return fs
		}
		if !slices.Contains(Acts, s.do) {
			return diag.Findings{at.Error(diag.DidYouMean(s.do, Acts), "%q is no step: write {hear: …}, {press: \"1\"} or one of %s", s.do, strings.Join(Acts, ", "))}
		}
		return nil
	}
	type long fileStep
	fs := at.Decode(n, (*long)(s))
	if len(fs) == 0 && (s.Hear == "") == (s.Press == "") {
		fs = append(fs, at.Error(wording.Say("make two steps"), "a step is either hear or press"))
	}
	if i := strings.IndexFunc(s.Press, func(r rune) bool { return !strings.ContainsRune("0123456789*#", r) }); i >= 0 {
		fs = append(fs, at.Error(wording.Say("use 0 to 9, * and #"), "%q are not keys of a telephone", s.Press))
	}
	return fs
}

type fileExpect struct {
	Node     string       `yaml:"node"`
	Language acd.Lang     `yaml:"language"`
	Queue    acd.QueueID  `yaml:"queue"`
	Reason   acd.ReasonID `yaml:"reason"`
	To       string       `yaml:"to"`
	Outcome  acd.Outcome  `yaml:"outcome"`
}

// States are how queues may answer in a test.
var States = []string{"open", "full", "unstaffed", "closed"}

// Known is what tests may name, as the site has it; what is nil is not looked at.
type Known struct {
	Entries, Languages, Queues, Reasons, Announcements, Nodes []string
	// At reports whether an instant can be read.
	At func(written string) error
}

func texts[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = string(s)
	}
	return out
}

// ParseTests reads a file of tests strictly. The tests that have no mistake come beside the findings.
func ParseTests(file string, src []byte, known Known) (Tests, diag.Findings) {
	doc, findings := diag.ParseYAML(file, src)
	out := Tests{File: file}
	if doc == nil {
		return out, findings
	}
	var f fileTests
	findings = append(findings, doc.Decode(&f)...)
	fail := func(path string, suggestion *wording.Text, format wording.Sentence, args ...any) {
		findings = append(findings, doc.Error(path, suggestion, format, args...))
	}
	switch {
	case doc.Lookup("version") == nil:
		fail("", wording.Say("begin the file with version: 1"), "version is missing")
	case f.Version != Version && !findings.Failed():
		fail("version", nil, "version %d is not known, this program reads %d", f.Version, Version)
	}
	names := make([]string, 0, len(f.Tests))
	for name := range f.Tests {
		names = append(names, name)
	}
	slices.Sort(names)
	if len(names) == 0 && !findings.Failed() {
		fail("", wording.Say(`write tests: {name: {entry: "3000", steps: […], expect: {…}}}`), "the file has no tests")
	}
	line := func(path string) int { l, _ := doc.KeyAt(path); return l }
	// oneOf looks at a word that must be one of some; an empty one is not given.
	oneOf := func(path, word string, missing wording.Sentence, of []string) {
		if word != "" && of != nil && !slices.Contains(of, word) {
			fail(path, diag.DidYouMean(word, of), missing, word)
		}
	}
	for _, name := range names {
		at, t := diag.Join("tests", name), f.Tests[name]
		if t.Entry == "" {
			fail(at, wording.Say(`write entry: "3000"`), "the entry that is called is missing")
		}
		oneOf(diag.Join(at, "entry"), string(t.Entry), "there is no entry %q", known.Entries)
		oneOf(diag.Join(at, "lang"), string(t.Lang), "there is no language %q", known.Languages)
		oneOf(diag.Join(at, "queues"), t.Queues, "there is no state of queues %q", States)
		oneOf(diag.Join(at, "extension"), string(t.Extension), "there is no ending of an extension %q", texts(extensionEndings))
		oneOf(diag.Join(at, "caller"), string(t.Caller), "there is no kind of caller %q", texts(acd.CallerKinds()))
		oneOf(diag.Join(at, "lookup"), string(t.Lookup), "there is no answer of a lookup %q", texts(lookupOutcomes))
		for i, id := range t.Announce {
			oneOf(diag.Join(at, "announce", i), string(id), "there is no announcement %q", known.Announcements)
		}
		if known.At != nil && t.At != "" {
			if err := known.At(t.At); err != nil {
				fail(diag.Join(at, "at"), wording.Of(err), "%q is no instant", t.At)
			}
		}
		if t.Position < 0 || t.ExpectedWait < 0 {
			fail(at, nil, "position and expected_wait are not below 0")
		}
		if t.Expect == nil || *t.Expect == (fileExpect{}) {
			fail(at, wording.Say("write expect: {queue: …} or {outcome: …}"), "the test expects nothing")
			t.Expect = &fileExpect{}
		}
		under := diag.Join(at, "expect")
		oneOf(diag.Join(under, "node"), t.Expect.Node, "there is no node %q", known.Nodes)
		oneOf(diag.Join(under, "language"), string(t.Expect.Language), "there is no language %q", known.Languages)
		oneOf(diag.Join(under, "queue"), string(t.Expect.Queue), "there is no queue %q", known.Queues)
		oneOf(diag.Join(under, "reason"), string(t.Expect.Reason), "there is no reason %q", known.Reasons)
		oneOf(diag.Join(under, "outcome"), string(t.Expect.Outcome), "there is no outcome %q", texts(acd.Outcomes))
		test := Test{Name: name, Line: line(at), Entry: t.Entry, At: t.At, Lang: t.Lang, Queues: t.Queues, Closed: t.Closed, Extension: t.Extension,
			Caller: t.Caller, Announce: t.Announce, Lookup: t.Lookup, Standing: Standing(t.Position, t.ExpectedWait),
			Expect: Expect{t.Expect.Node, t.Expect.Language, t.Expect.Queue, t.Expect.Reason, t.Expect.To, t.Expect.Outcome, line(diag.Join(at, "expect"))}}
		for i, s := range t.Steps {
			l, _, _ := doc.At(diag.Join(at, "steps", i))
			test.Steps = append(test.Steps, Step{Hear: s.Hear, Press: s.Press, Do: s.do, Line: l})
		}
		out.List = append(out.List, test)
	}
	out.List = slices.DeleteFunc(out.List, func(t Test) bool { return faulty(findings, diag.Join("tests", t.Name)) })
	return out, findings.Sorted()
}

// faulty reports whether something is wrong below a path.
func faulty(findings diag.Findings, at string) bool {
	return slices.ContainsFunc(findings.Errors(), func(f diag.Finding) bool {
		rest, below := strings.CutPrefix(f.Path, at)
		return below && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// Standing is where a rehearsed caller stands, of what is given: 0 is not known. Nil when nothing is.
func Standing(position int, wait time.Duration) *acd.Standing {
	if position == 0 && wait == 0 {
		return nil
	}
	s := &acd.Standing{Place: position, Wait: wait}
	if wait == 0 {
		s.Wait = acd.UnknownWait
	}
	return s
}

var (
	extensionEndings = []acd.Ending{acd.Accepted, acd.NoAnswer, acd.Busy}
	lookupOutcomes   = []acd.LookupOutcome{acd.LookupFound, acd.LookupUnknown, acd.LookupError}
)
