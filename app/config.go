package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"accueil/acd"
	"accueil/agents"
	"accueil/diag"
	"accueil/ivr"
	"accueil/ivr/calendar"
	"accueil/ivr/prompts"
	"accueil/knowledge"
	"accueil/routing"
	"accueil/site"
	"accueil/web"
	"accueil/wording"
)

// config is one version of the site, complete: what a reload replaces as a whole. Calls under way
// keep the scenario they began with.
type config struct {
	site      *site.Site
	plan      plan
	program   *ivr.Program
	voice     *prompts.Voice
	rules     routing.Rules
	roster    *agents.Roster
	directory *site.Directory
	knowledge *knowledge.Base
	entries   *knowledge.Directory
	web       *web.Plan
}

// BuildError says that a site cannot be used; its findings say why, each with its place.
type BuildError struct{ Findings diag.Findings }

func (e BuildError) Error() string { return e.Findings.Error() }

// In tells the findings in a language.
func (e BuildError) In(l *wording.Language) string { return e.Findings.In(l) }

// compile checks everything of a loaded site that needs no sound: scenarios against queues, rules,
// people, and, unless that was proved already, what the scenarios promise. The findings include
// warnings.
func compile(s *site.Site, proved bool) (*config, diag.Findings) {
	c, findings := assemble(s)
	return c.prove(findings, proved)
}

// compileStrictly is compile for who is asked whether the site is right: an answer whose time is over
// forbids its use, while a system that starts, or reads its files again, only withholds it; and so does
// music that cannot be played, which such a system has in Asterisk already.
func compileStrictly(s *site.Site) (*config, diag.Findings) {
	c, findings := assembleWith(s, strictly)
	if c != nil && s.Music != "" {
		if findings = append(findings, prompts.CheckMusic(s.Music)...); findings.Failed() {
			return nil, findings
		}
	}
	return c.prove(findings, false)
}

func (c *config) prove(findings diag.Findings, proved bool) (*config, diag.Findings) {
	if c != nil && !proved {
		if findings = append(findings, c.program.Prove()...); findings.Failed() {
			return nil, findings
		}
	}
	return c, findings
}

// assemble is compile without the proof of the scenarios, which costs a second and more: enough for
// who only wants the texts.
func assemble(s *site.Site) (*config, diag.Findings) { return assembleWith(s, leniently) }

func assembleWith(s *site.Site, j judgement) (*config, diag.Findings) {
	files, findings := scenarioFiles(s)
	scenes := ivrSite(s)
	base, more := articles(s, j)
	findings = append(findings, more...)
	scenes.Facts = spokenFacts(s)
	scenes.Hours = hourFacts(s)
	scenes.Articles = spokenArticles(base, s, j, scenes.SpecialMark)
	program, more := ivr.Load(files, scenes)
	findings = append(findings, more...)
	c := &config{site: s, plan: plan{s}, program: program, rules: RoutingRules(s), knowledge: base}
	findings = append(findings, recordedFacts(c, scenes.Recorded)...)
	findings = append(findings, typedFacts(c, j)...)
	if err := c.rules.Validate(); err != nil {
		findings = append(findings, diag.Finding{File: filepath.Join(s.Dir, "site.yaml"), Message: wording.Of(err)})
	}
	var err error
	if c.roster, err = roster(s); err != nil {
		findings = append(findings, diag.Finding{File: filepath.Join(s.Dir, "site.yaml"), Message: wording.Of(err)})
	}
	c.entries, more = openDirectory(s, j)
	findings = append(findings, more...)
	if s.Directory != "" {
		c.directory, more = site.LoadDirectory(s.Directory, s.Region)
		findings = append(findings, more...)
	}
	if _, err := loadTokens(s.API.TokensFile); err != nil {
		findings = append(findings, diag.Finding{File: s.API.TokensFile, Message: wording.Of(err)})
	}
	if program == nil || findings.Failed() {
		return nil, findings
	}
	return c, findings
}

// assembled loads a site file and assembles what it says.
func assembled(path string) (*config, error) {
	s, err := loadSite(path)
	if err != nil {
		return nil, err
	}
	c, findings := assemble(s)
	if c == nil {
		return nil, BuildError{findings}
	}
	return c, nil
}

// scenarioFiles reads the scenario files that the site found beside it.
func scenarioFiles(s *site.Site) (map[string][]byte, diag.Findings) {
	files := map[string][]byte{}
	var findings diag.Findings
	for _, path := range s.Scenarios {
		text, err := os.ReadFile(path)
		if err != nil {
			findings = append(findings, diag.Finding{File: path, Message: wording.Say("the scenario cannot be read: %v", err)})
			continue
		}
		files[path] = text
	}
	return files, findings
}

func ivrSite(s *site.Site) ivr.Site {
	out := ivr.Site{
		Languages: s.Languages, Location: s.Location,
		Entries: map[acd.EntryID]ivr.Entry{}, Reasons: map[acd.ReasonID]ivr.Reason{}, Queues: map[acd.QueueID]ivr.Queue{},
		Calendars: map[string]*calendar.Calendar{}, Timetables: map[string]*calendar.Timetable{},
		Extension: func(number string) bool { _, ok := s.TrunkFor(number); return ok },
	}
	for id, e := range s.Entries {
		out.Entries[id] = ivr.Entry{Scenario: e.Scenario, Language: e.Language, Hours: s.Timetables[e.Hours].Hours, Insiders: s.Insiders(id)}
	}
	for id, r := range s.Reasons {
		out.Reasons[id] = ivr.Reason{Label: r.Label, Queue: r.Queue, WaitingInfo: r.WaitingInfo, Hours: s.Timetables[r.Hours].Hours}
	}
	for id, q := range s.Queues {
		out.Queues[id] = ivr.Queue{
			Hours: s.Timetables[q.Hours].Hours, Fallback: way(q.Fallback), Overflow: overflows(q.Overflow),
			DissuadeUnstaffed: q.WhenUnstaffed == site.UnstaffedDissuade,
			Waiting:           q.Waiting,
			Survey:            q.Survey == site.SurveyStay,
		}
	}
	out.File, out.Texts, out.Doubtful = s.File, s.Texts, s.Doubtful
	out.Announcements = s.Announcements
	out.Lookups = map[acd.LookupID]ivr.Lookup{}
	for id, l := range s.Lookups {
		out.Lookups[id] = ivr.Lookup{Timeout: l.Timeout, TakesKeys: l.URL != "", Answers: l.Answers}
	}
	out.SMS = s.SMS.Given()
	out.Callbacks = s.Callbacks.Open
	out.Callable = func(digits string) bool { _, ok := site.OutwardNumber(digits, s.Region); return ok }
	out.Requirement = func(src string) error { _, err := routing.ParseRequirement(src, s.Skills); return err }
	for name, k := range s.Calendars {
		out.Calendars[name] = k.Days
	}
	for name, t := range s.Timetables {
		out.Timetables[name] = t.Hours
	}
	if s.Prompts.Dir != "" {
		out.Recorded = prompts.HasRecording(s.Prompts.Dir)
	}
	return out
}

func way(f site.Fallback) ivr.Fallback {
	return ivr.Fallback{Node: f.Target.Node, Queue: f.Target.Queue, Number: f.Target.Number}
}

// overflows are the ways that are named for a limit, by how a call hears of it.
func overflows(o site.Overflow) map[acd.Refusal]ivr.Fallback {
	out := map[acd.Refusal]ivr.Fallback{}
	for why, f := range map[acd.Refusal]site.Fallback{acd.RefusedFull: o.Full, acd.RefusedMaxWait: o.Wait, acd.RefusedRatio: o.Ratio, acd.RefusedClosed: o.Closed} {
		if !f.Target.None() {
			out[why] = way(f)
		}
	}
	return out
}

// RoutingRules are the rules of a site file as the engine takes them.
func RoutingRules(s *site.Site) routing.Rules {
	r := routing.Rules{Skills: s.Skills, Queues: map[acd.QueueID]routing.Queue{},
		Agents: map[acd.AgentID]routing.Member{}, Reasons: map[acd.ReasonID]routing.Reason{}}
	for id, q := range s.Queues {
		out := routing.Queue{
			WhenUnstaffed: routing.WhenUnstaffed(q.WhenUnstaffed), Fallback: q.Fallback.Goto, MaxWaiting: q.MaxWaiting,
			MaxWait: q.MaxWait, Ring: q.Ring, Wrapup: q.Wrapup, MissesBeforeUnreachable: q.MissesBeforeUnreachable,
			MaxRatio: q.MaxRatioPercent, Keep: q.KeepPercent, Overflow: overflow(q.Overflow), Policy: policy(q),
		}
		for _, step := range q.Steps {
			out.Steps = append(out.Steps, routing.Step(step))
		}
		for _, c := range q.Order {
			out.Order = append(out.Order, routing.Criterion(c))
		}
		r.Queues[id] = out
	}
	for id, a := range s.Agents {
		m := routing.Member{Skills: a.Skills, Phone: a.Phone}
		for q, assigned := range a.Advanced.Queues {
			if m.Queues == nil {
				m.Queues = map[acd.QueueID]routing.Assignment{}
			}
			m.Queues[q] = routing.Assignment(assigned)
		}
		r.Agents[id] = m
	}
	for id, reason := range s.Reasons {
		r.Reasons[id] = routing.Reason{Queue: reason.Queue, Points: reason.Points, Hold: reason.Hold}
	}
	return r
}

func policy(q site.Queue) routing.Policy {
	p := routing.Policy{Preset: routing.Preset(q.Policy), ServiceLevel: q.ServiceLevel}
	if w := q.Advanced.Weights; len(w.Steps) > 0 || len(w.Ages) > 0 {
		p.Weights = &routing.Weights{Steps: w.Steps}
		for _, band := range w.Ages {
			p.Weights.Ages = append(p.Weights.Ages, routing.AgeBand(band))
		}
	}
	return p
}

func overflow(o site.Overflow) map[routing.Limit]string {
	out := map[routing.Limit]string{}
	for limit, way := range map[routing.Limit]site.Fallback{
		routing.LimitFull: o.Full, routing.LimitWait: o.Wait, routing.LimitRatio: o.Ratio} {
		if way.Goto != "" {
			out[limit] = way.Goto
		}
	}
	return out
}

func roster(s *site.Site) (*agents.Roster, error) {
	var people []agents.Person
	for id, a := range s.Agents {
		mode := agents.BriefingMode(a.Briefing)
		if mode == "" {
			mode = agents.BriefingShort // no agent has a card on a screen yet
		}
		people = append(people, agents.Person{ID: id, Number: a.Number, PIN: a.PIN.Reveal(), Phone: a.Phone,
			Lang: a.Language, Briefing: mode, Supervisor: a.Supervisor})
	}
	var devices []agents.Device
	for id, p := range s.Phones {
		if p.Kind != site.PhoneCaller {
			devices = append(devices, agents.Device{ID: id, Registers: p.Kind == site.PhoneSIP})
		}
	}
	return agents.NewRoster(people, devices, s.Languages[0])
}

// queuePlan is what readers of the API are shown of a queue's rules.
func queuePlan(q routing.Queue) web.QueuePlan {
	p := web.QueuePlan{Policy: string(q.Policy.Named()), Limits: web.LimitsView{
		MaxWaiting: q.MaxWaiting, Kept: q.Places(true) - q.Places(false), MaxWait: q.MaxWait.Seconds(), MaxRatio: q.MaxRatio,
		Unstaffed: string(q.Unstaffed()), Fallback: q.Fallback,
	}}
	for _, c := range q.AgentOrder() {
		p.Order = append(p.Order, string(c))
	}
	for limit, to := range q.Overflow {
		if p.Limits.Overflow == nil {
			p.Limits.Overflow = map[string]string{}
		}
		p.Limits.Overflow[string(limit)] = to
	}
	return p
}

func webPlan(s *site.Site, version string) *web.Plan {
	p := &web.Plan{Site: s.ID, Version: version, TZ: s.Location, Skills: s.Skills,
		Queues: map[acd.QueueID]web.QueuePlan{}, Agents: map[acd.AgentID]web.AgentPlan{}, Reasons: map[acd.ReasonID]web.ReasonPlan{}}
	rules := RoutingRules(s)
	for id, q := range rules.Queues {
		p.Queues[id] = withHours(s, id, queuePlan(q))
	}
	for id, a := range s.Agents {
		plan := web.AgentPlan{Name: a.Name, Phone: a.Phone, Skills: a.Skills, Supervisor: a.Supervisor}
		for q, assigned := range a.Advanced.Queues {
			if plan.Queues == nil {
				plan.Queues = map[acd.QueueID]web.AssignmentView{}
			}
			plan.Queues[q] = web.AssignmentView{Priority: assigned.Priority, Delay: assigned.Delay.Seconds()}
		}
		p.Agents[id] = plan
	}
	for id, r := range s.Reasons {
		p.Reasons[id] = web.ReasonPlan{Label: r.Label, Queue: r.Queue, Points: r.Points}
	}
	for id := range s.Entries {
		p.Entries = append(p.Entries, id)
	}
	for id := range s.Announcements {
		p.Announcements = append(p.Announcements, id)
	}
	for id, phone := range s.Phones {
		if phone.Kind != site.PhoneCaller {
			p.Phones = append(p.Phones, id)
		}
	}
	return p
}

// speak gives the configuration its voice: what is missing in the cache is synthesised.
func (c *config) speak(ctx context.Context, sounds []string, progress func(done, total int)) (diag.Findings, error) {
	p := c.site.Prompts
	voice, findings, err := prompts.Build(ctx, prompts.Options{
		Command: p.Command, Voices: p.Voices, Rate: p.Rate, SlowRate: c.slowRate(), Languages: c.site.Languages,
		Cache: p.Cache, Recorded: p.Dir, Sounds: sounds, Progress: progress,
	}, c.program.Texts())
	if err != nil {
		return findings, fmt.Errorf("make the spoken texts: %w", err)
	}
	c.voice = voice
	return findings, nil
}

// slowRate is how fast callers are spoken to who need time to follow; 0 where nobody is known to.
func (c *config) slowRate() int {
	if c.program.Slow() || c.site.Expects(c.directory, acd.CallerRelay) {
		return c.site.Prompts.SlowRate
	}
	return 0
}

// scenarios starts scripts of whatever version is in force (calls.Scenarios).
type scenarios struct{ live func() *config }

func (s scenarios) Start(entry acd.EntryID) (acd.Script, error) {
	return s.live().program.Start(entry, "")
}

func (s scenarios) Resume(leg acd.Leg) (acd.Script, error) { return s.live().program.Resume(leg) }

// voice speaks with the version in force (calls.Voice).
type voice struct{ live func() *config }

func (v voice) Media(lang acd.Lang, p []acd.Prompt) ([]string, time.Duration, error) {
	return v.live().voice.Media(lang, p)
}

// Length is how long the prompts take (agents.Length).
func (v voice) Length(lang acd.Lang, p []acd.Prompt) time.Duration {
	_, length, err := v.Media(lang, p)
	if err != nil {
		return 0 // the briefing is bounded all the same
	}
	return length
}

func (v voice) Speak(ctx context.Context, lang acd.Lang, text string) (string, func(), error) {
	return v.live().voice.Speak(ctx, lang, text)
}
