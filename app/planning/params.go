package planning

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"accueil/acd"
	"accueil/app"
	"accueil/diag"
	"accueil/routing/sim"
	"accueil/routing/staffing"
	"accueil/site"
	"accueil/wording"
)

// simParams is a file of parameters of a simulation (docs/simulation.md).
type simParams struct {
	Version   int                        `yaml:"version"`
	Date      string                     `yaml:"date"`
	Variation float64                    `yaml:"variation"`
	Languages map[acd.Lang]float64       `yaml:"languages"`
	Menu      *simDist                   `yaml:"menu"`
	Pickup    *simDist                   `yaml:"pickup"`
	Handling  *simDist                   `yaml:"handling"`
	Patience  *simDist                   `yaml:"patience"`
	Reasons   map[acd.ReasonID]simReason `yaml:"reasons"`
	Shifts    []simShift                 `yaml:"shifts"`
}

// simReason is what is expected of the callers of one reason; what is absent is that of the file.
type simReason struct {
	Arrivals  map[string]float64   `yaml:"arrivals"`
	Languages map[acd.Lang]float64 `yaml:"languages"`
	Handling  *simDist             `yaml:"handling"`
	Patience  *simDist             `yaml:"patience"`
}

// simShift is the hours of some agents.
type simShift struct {
	Agents []acd.AgentID `yaml:"agents"`
	At     []string      `yaml:"at"`
}

// simDist is a distribution: exactly one of its forms.
type simDist struct{ dist sim.Dist }

// DecodeNode reads a distribution and checks it where it stands.
func (d *simDist) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	type spread struct {
		Mean time.Duration `yaml:"mean"`
		SD   time.Duration `yaml:"sd"`
	}
	var form struct {
		Constant    *time.Duration `yaml:"constant"`
		Exponential *struct {
			Mean time.Duration `yaml:"mean"`
		} `yaml:"exponential"`
		Lognormal *spread         `yaml:"lognormal"`
		Gamma     *spread         `yaml:"gamma"`
		Empirical []time.Duration `yaml:"empirical"`
	}
	if found := at.Decode(n, &form); found.Failed() {
		return found
	}
	var all []sim.Dist
	if form.Constant != nil {
		all = append(all, sim.Dist{Shape: sim.Constant, Mean: *form.Constant})
	}
	if form.Exponential != nil {
		all = append(all, sim.Dist{Shape: sim.Exponential, Mean: form.Exponential.Mean})
	}
	if form.Lognormal != nil {
		all = append(all, sim.Dist{Shape: sim.Lognormal, Mean: form.Lognormal.Mean, SD: form.Lognormal.SD})
	}
	if form.Gamma != nil {
		all = append(all, sim.Dist{Shape: sim.Gamma, Mean: form.Gamma.Mean, SD: form.Gamma.SD})
	}
	if form.Empirical != nil {
		all = append(all, sim.Dist{Shape: sim.Empirical, Values: form.Empirical})
	}
	if len(all) != 1 {
		return diag.Findings{at.Error(wording.Say("as in {exponential: {mean: 3m}}"), "a distribution is one of constant, exponential, lognormal, gamma, empirical")}
	}
	if err := all[0].Validate(); err != nil {
		return diag.Findings{at.Error(nil, "this distribution cannot be drawn from: %s", err)}
	}
	d.dist = all[0]
	return nil
}

func (d *simDist) get() sim.Dist {
	if d == nil {
		return sim.Dist{}
	}
	return d.dist
}

// paramsReader turns a file of parameters into a plan for a site.
type paramsReader struct {
	doc   *diag.Doc
	site  *site.Site
	file  simParams
	found diag.Findings
}

// readParams reads a file of parameters. What it says of agents and reasons is checked against the site.
func readParams(path string, s *site.Site) (*paramsReader, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, app.ExitError{Code: app.ExitConfig, Err: fmt.Errorf("read the parameters: %w", err)}
	}
	doc, found := diag.ParseYAML(path, text)
	if doc == nil {
		return nil, app.BuildError{Findings: found}
	}
	r := &paramsReader{doc: doc, site: s, found: found}
	if r.found = append(r.found, doc.Decode(&r.file)...); r.found.Failed() {
		return nil, app.BuildError{Findings: r.found.Sorted()}
	}
	if r.file.Version != 1 {
		r.fail("version", wording.Say("write version: 1"), "the version of a file of parameters is 1")
	}
	return r, nil
}

func (r *paramsReader) fail(path string, suggestion *wording.Text, format wording.Sentence, args ...any) {
	r.found = append(r.found, r.doc.Error(path, suggestion, format, args...))
}

func (r *paramsReader) err() error {
	if r.found.Failed() {
		return app.BuildError{Findings: r.found.Sorted()}
	}
	return nil
}

// plan gives the plan of the file.
func (r *paramsReader) plan() (sim.Plan, error) {
	f := r.file
	p := sim.Plan{Midnight: r.midnight(), Variation: f.Variation, Menu: f.Menu.get(), Pickup: f.Pickup.get(), Shifts: r.shifts()}
	if !(f.Variation >= 0 && f.Variation <= 1) {
		r.fail("variation", wording.Say("0.1 for a tenth"), "the variation of a day's volume is from 0 to 1")
	}
	if len(f.Reasons) == 0 {
		r.fail("reasons", nil, "no reason is given: nobody would call")
	}
	for _, id := range slices.Sorted(maps.Keys(f.Reasons)) {
		p.Flows = append(p.Flows, r.flow(id, f.Reasons[id]))
	}
	if len(f.Shifts) == 0 {
		r.fail("shifts", nil, "no shift is given: nobody would answer")
	}
	return p, r.err()
}

// midnight is where the day begins; without a date it is one without a change of clocks.
func (r *paramsReader) midnight() acd.Instant {
	day, err := time.ParseInLocation(time.DateOnly, cmp.Or(r.file.Date, simDate), r.site.Location)
	if err != nil {
		r.fail("date", wording.Say("as in 2027-03-01"), "%q is no date", r.file.Date)
	}
	return acd.At(day)
}

const simDate = "2027-03-01"

func (r *paramsReader) flow(id acd.ReasonID, reason simReason) sim.Flow {
	path := diag.Join("reasons", string(id))
	if _, ok := r.site.Reasons[id]; !ok {
		r.found = append(r.found, r.doc.KeyFinding(path, diag.Error, didYouMean(id, r.site.Reasons), wording.Say("the site has no reason %q", id)))
	}
	out := sim.Flow{Reason: id, Handling: cmp.Or(reason.Handling, r.file.Handling).get(), Patience: cmp.Or(reason.Patience, r.file.Patience).get()}
	if out.Handling.Shape == "" {
		r.fail(path, wording.Say("write handling: for the reason, or for all at the top"), "nothing says how long conversations about %s last", id)
	}
	languages, where := reason.Languages, diag.Join(path, "languages")
	if languages == nil {
		languages, where = r.file.Languages, "languages"
	}
	out.Asks = r.asks(languages, where)
	out.Arrivals = r.arrivals(reason.Arrivals, diag.Join(path, "arrivals"))
	return out
}

// asks are the shares of callers by what their language asks of an agent.
func (r *paramsReader) asks(shares map[acd.Lang]float64, path string) []sim.Share {
	var out []sim.Share
	sum := 0.0
	for _, l := range slices.Sorted(maps.Keys(shares)) {
		if !slices.Contains(r.site.Languages, l) {
			r.fail(diag.Join(path, string(l)), nil, "the site does not speak %q", l)
		}
		if !(shares[l] >= 0 && shares[l] <= 1) {
			r.fail(diag.Join(path, string(l)), wording.Say("0.9 for nine of ten"), "a share of callers is from 0 to 1")
		}
		sum += shares[l]
		out = append(out, sim.Share{Asks: app.Asks(r.site, l), Part: shares[l]})
	}
	if len(out) > 0 && math.Abs(sum-1) > 0.001 {
		r.fail(path, nil, "the shares of the languages make %.3g, not 1", sum)
	}
	return out
}

const halfHour = 30 * time.Minute

// arrivals reads calls by half hour: "08:00" is one, "08:00-10:00" each of four.
func (r *paramsReader) arrivals(calls map[string]float64, path string) []sim.Rate {
	var out []sim.Rate
	if len(calls) == 0 {
		r.fail(path, wording.Say(`as in {"08:00-12:00": 20}`), "no arrivals are given")
	}
	for _, key := range slices.Sorted(maps.Keys(calls)) {
		under := diag.Join(path, key)
		from, to, err := hours(key)
		switch {
		case err != nil:
			r.fail(under, wording.Say(`as in "08:00" or "08:00-10:30"`), "%q is no half hour: %s", key, err)
			continue
		case from%halfHour != 0 || to%halfHour != 0:
			r.fail(under, nil, "%q does not begin and end with half hours", key)
			continue
		case !(calls[key] >= 0 && calls[key] <= maxHalfHour):
			r.fail(under, nil, "%g calls in half an hour are not from 0 to %d", calls[key], maxHalfHour)
		}
		if n := len(out); n > 0 && from < out[n-1].To {
			r.fail(under, nil, "%q overlaps the hours before it", key)
		}
		for at := from; at < to; at += halfHour {
			out = append(out, sim.Rate{From: at, To: at + halfHour, Calls: calls[key]})
		}
	}
	return out
}

// maxHalfHour bounds the calls of one half hour and reason.
const maxHalfHour = 1_000_000

// hours reads "08:00-10:30", and "08:00" as the half hour that begins then.
func hours(text string) (from, to time.Duration, err error) {
	first, last, isRange := strings.Cut(text, "-")
	if from, err = staffing.ParseClock(strings.TrimSpace(first)); err != nil {
		return 0, 0, err
	}
	if to = from + halfHour; isRange {
		if to, err = clockEnd(strings.TrimSpace(last)); err != nil {
			return 0, 0, err
		}
	}
	if to <= from {
		return 0, 0, fmt.Errorf("it ends before it begins")
	}
	return from, to, nil
}

// clockEnd reads the end of some hours: 24:00 is the end of the day.
func clockEnd(text string) (time.Duration, error) {
	if text == "24:00" {
		return 24 * time.Hour, nil
	}
	return staffing.ParseClock(text)
}

// shifts reads who works when.
func (r *paramsReader) shifts() []sim.Shift {
	var out []sim.Shift
	for i, s := range r.file.Shifts {
		path := diag.Join("shifts", i)
		if len(s.Agents) == 0 {
			r.fail(path, nil, "this shift names no agent")
		}
		if len(s.At) == 0 {
			r.fail(path, wording.Say(`as in at: ["08:00-12:00"]`), "this shift has no hours")
		}
		for k, text := range s.At {
			from, to, err := hours(text)
			if err != nil || !strings.Contains(text, "-") {
				r.fail(diag.Join(path, "at", k), wording.Say(`as in "08:00-12:30"`), "%q are no hours", text)
				continue
			}
			for j, a := range s.Agents {
				if _, ok := r.site.Agents[a]; !ok {
					r.fail(diag.Join(path, "agents", j), didYouMean(a, r.site.Agents), "the site has no agent %q", a)
					continue
				}
				shift := sim.Shift{Agent: a, From: from, To: to}
				if slices.ContainsFunc(out, func(o sim.Shift) bool { return o.Agent == a && o.From < to && from < o.To }) {
					r.fail(diag.Join(path, "at", k), nil, "%s works already in a part of these hours", a)
				}
				out = append(out, shift)
			}
		}
	}
	return out
}

// beside gives what a file of parameters may add to past calls; what these say themselves it must not.
func (r *paramsReader) beside() ([]sim.Shift, sim.Dist, error) {
	f := r.file
	for key, given := range map[string]bool{
		"variation": f.Variation != 0, "menu": f.Menu != nil, "languages": f.Languages != nil, "handling": f.Handling != nil,
		"patience": f.Patience != nil, "reasons": f.Reasons != nil, "date": f.Date != "",
	} {
		if given {
			r.fail(key, wording.Say("remove it, or leave --trace out"), "beside past calls only pickup and shifts are read")
		}
	}
	shifts := r.shifts()
	return shifts, f.Pickup.get(), r.err()
}

func didYouMean[K ~string, V any](word K, all map[K]V) *wording.Text {
	var names []string
	for k := range all {
		names = append(names, string(k))
	}
	slices.Sort(names)
	return diag.DidYouMean(string(word), names)
}
