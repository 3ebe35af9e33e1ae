package app

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"accueil/diag"
	"accueil/ivr/rehearsal"
	"accueil/wording"
)

// CheckTests runs the scenario tests of a site. It returns what is wrong with the files and with the
// ways of the calls, and how many tests were run.
func CheckTests(path string) (findings diag.Findings, ran int, err error) {
	h, err := newRehearser(path)
	if err != nil {
		return nil, 0, err
	}
	files, err := filepath.Glob(filepath.Join(h.c.site.Dir, "tests", "*.y*ml"))
	if err != nil {
		return nil, 0, err
	}
	known := h.known()
	if len(files) == 0 {
		return nil, 0, ExitError{ExitConfig, wording.Say("there are no tests/*.yaml beside the site file (docs/scenarios.md says how to write them)")}
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, ran, err
		}
		tests, fs := rehearsal.ParseTests(file, text, known)
		findings = append(findings, fs...)
		for _, t := range tests.List {
			ran++
			call, err := h.begin(t.Entry, t.Lang, t.At, reference(h.c.site.Location), rehearsalWorld{
				closed: t.Closed, full: t.Queues == "full", unstaffed: t.Queues == "unstaffed", queuesClosed: t.Queues == "closed", extension: t.Extension,
				caller: t.Caller, announced: t.Announce, lookup: t.Lookup, standing: t.Standing})
			if err != nil {
				findings = append(findings, diag.Finding{File: file, Line: t.Line, Message: wording.Say("test %q: %s", t.Name, err)})
				continue
			}
			if f := t.Run(call, h.say); f != nil {
				findings = append(findings, diag.Finding{File: file, Line: f.Line,
					Message: wording.Say("test %q: %s", f.Test, f.Message), Suggestion: wording.Say("the call's way: %s", f.Way)})
			}
		}
	}
	return findings.Sorted(), ran, nil
}

// known is what tests of the site may name.
func (h *rehearser) known() rehearsal.Known {
	s := h.c.site
	out := rehearsal.Known{Entries: keysOf(s.Entries), Languages: strs(s.Languages), Queues: keysOf(s.Queues), Reasons: keysOf(s.Reasons), Announcements: keysOf(s.Announcements),
		At: func(written string) error { _, err := whenIn(written, s.Location); return err }}
	for _, id := range h.c.program.Scenarios() {
		out.Nodes = append(out.Nodes, h.c.program.Nodes(id)...)
	}
	return out
}

// keysOf lists the keys of a map, sorted; never nil.
func keysOf[K ~string, V any](m map[K]V) []string { return strs(slices.Sorted(maps.Keys(m))) }

func strs[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = string(s)
	}
	return out
}

// reference is when a test's call comes that names no instant: a Tuesday morning in working hours, the
// same at every run.
func reference(zone *time.Location) time.Time { return time.Date(2026, 3, 10, 10, 0, 0, 0, zone) }
