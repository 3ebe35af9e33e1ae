package planning

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"accueil/app"
	"accueil/diag"
	"accueil/routing/staffing"
	"accueil/routing/trace"
)

// StaffOptions say what to plan, from what, and how.
type StaffOptions struct {
	Trace    string // file of past calls (docs/staffing.md), or
	Forecast string // file of expected ones, YAML or CSV
	Days     []int  // of Trace; empty for all
	Quantile float64
	Wrapup   time.Duration // after-call work, which Trace does not show

	Method    string        // MethodErlangC or MethodErlangA
	Patience  time.Duration // 0: estimated from Trace
	Target    staffing.Target
	Agents    int     // not 0: what becomes of so many, instead of how many are needed
	Shrinkage float64 // share of paid time away from the phone
	ByReason  bool    // a pool of agents for each reason, instead of one for all

	JSON, CSV bool
}

// The methods of a plan.
const (
	MethodErlangC = "erlang-c"
	MethodErlangA = "erlang-a"
)

// Validate tells what is wrong with the options as they were given.
func (o StaffOptions) Validate() error {
	switch {
	case (o.Trace == "") == (o.Forecast == ""):
		return errors.New("give past calls (--trace) or expected ones (--forecast)")
	case o.Method != MethodErlangC && o.Method != MethodErlangA:
		return fmt.Errorf("method %q is not %s or %s", o.Method, MethodErlangC, MethodErlangA)
	case o.JSON && o.CSV:
		return errors.New("--json and --csv exclude each other")
	case o.Forecast != "" && (len(o.Days) > 0 || o.Quantile != 0 || o.Wrapup != 0):
		return errors.New("--days, --quantile and --wrapup are about past calls; a forecast says how many come and how long they take")
	case o.Forecast != "" && o.Method == MethodErlangA && o.Patience == 0:
		return errors.New("a forecast does not say how patient callers are: give --patience, or use --method erlang-c")
	case o.Agents < 0 || o.Agents > staffing.MaxAgents:
		return fmt.Errorf("%d agents are not from 0 to %d", o.Agents, staffing.MaxAgents)
	case o.Wrapup < 0 || o.Wrapup > staffing.MaxPatience:
		return fmt.Errorf("after-call work of %s is not from 0 to %s", o.Wrapup, staffing.MaxPatience)
	case o.Patience < 0 || o.Patience > staffing.MaxPatience:
		return fmt.Errorf("patience of %s is not from 0 to %s", o.Patience, staffing.MaxPatience)
	case !(o.Shrinkage >= 0 && o.Shrinkage < 1):
		return fmt.Errorf("shrinkage %g is not from 0 to below 1", o.Shrinkage)
	case !(o.Quantile >= 0 && o.Quantile <= 1):
		return fmt.Errorf("quantile %g is not from 0 to 1", o.Quantile)
	}
	if o.Agents > 0 {
		return nil
	}
	return o.Target.Validate()
}

// Staff prints how many agents each half hour needs.
func Staff(o StaffOptions, out io.Writer) error {
	p, err := staffPlan(o)
	if err != nil {
		return err
	}
	switch {
	case o.JSON:
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(p)
	case o.CSV:
		return p.csv(out)
	}
	return p.table(out)
}

// StaffPlan is a plan as it is shown. Times of day are "09:00"; shares go from 0 to 1.
type StaffPlan struct {
	Method      string     `json:"method"`
	Assumptions []string   `json:"assumptions"`
	PatienceS   float64    `json:"patience_s,omitempty"`
	Rows        []StaffRow `json:"half_hours"`
	Peaks       []string   `json:"peaks"`
	Warnings    []string   `json:"warnings,omitempty"`
	Total       StaffTotal `json:"total"`

	target staffing.Target
}

// StaffRow is one half hour of a plan. What has no value, in a queue that grows without end, is null.
type StaffRow struct {
	HalfHour     string   `json:"half_hour"`
	Reason       string   `json:"reason,omitempty"`
	Calls        float64  `json:"calls"`
	AHT          float64  `json:"aht_s"`
	Erlangs      float64  `json:"erlangs"`
	Agents       int      `json:"agents"`
	Scheduled    int      `json:"scheduled"`
	Answered     *float64 `json:"answered"`
	ServiceLevel *float64 `json:"service_level"`
	Wait         *float64 `json:"wait_probability"`
	ASA          *float64 `json:"asa_s"`
	Occupancy    float64  `json:"occupancy"`
	Peak         bool     `json:"peak"`
	Warning      string   `json:"warning,omitempty"`
}

// StaffTotal is a plan in a few figures.
type StaffTotal struct {
	Calls      float64 `json:"calls"`
	Answered   float64 `json:"answered"`
	Most       int     `json:"most_agents"`
	MostAt     string  `json:"most_agents_at"`
	AgentHours float64 `json:"agent_hours"`
	RotaHours  float64 `json:"rota_hours"`
}

// staffPlan makes the plan that the options ask for.
func staffPlan(o StaffOptions) (StaffPlan, error) {
	if err := o.Validate(); err != nil {
		return StaffPlan{}, err
	}
	p := StaffPlan{Method: o.Method, Peaks: []string{}, target: o.Target}
	demands, err := p.demands(&o)
	if err != nil {
		return StaffPlan{}, err
	}
	model := staffing.Model(staffing.ErlangA)
	if o.Method == MethodErlangC {
		model, o.Patience = staffing.ErlangC, 0
	}
	p.PatienceS = o.Patience.Seconds()
	p.assume(o)
	solve := staffing.Aim(model, o.Target, o.Patience)
	if o.Agents > 0 {
		solve = staffing.Given(model, o.Agents, o.Patience, o.Target.Within)
	}
	rows, err := staffing.Plan(demands, solve, o.Shrinkage)
	if err != nil {
		return StaffPlan{}, fmt.Errorf("plan: %w", err)
	}
	for _, r := range rows {
		p.add(r)
	}
	sum := staffing.Sum(rows)
	p.Total = StaffTotal{sum.Calls, sum.Answered, sum.Most, staffing.Clock(sum.MostAt), sum.AgentHours, sum.RotaHours}
	return p, nil
}

// demands reads what is to be served, and how patient callers are where past calls say it.
func (p *StaffPlan) demands(o *StaffOptions) ([]staffing.Demand, error) {
	if o.Forecast != "" {
		demands, err := readForecast(o.Forecast)
		if err == nil && !o.ByReason {
			demands = staffing.Pool(demands)
		}
		return demands, err
	}
	calls, err := readTrace(o.Trace)
	if err != nil {
		return nil, err
	}
	demands, err := staffing.FromCalls(calls, staffing.Past{Days: o.Days, Quantile: o.Quantile, Wrapup: o.Wrapup, Pool: !o.ByReason})
	if err != nil {
		return nil, app.ExitError{Code: app.ExitConfig, Err: fmt.Errorf("%s: %w", filepath.Base(o.Trace), err)}
	}
	if o.Patience > 0 || o.Method == MethodErlangC {
		return demands, nil
	}
	e := staffing.EstimatePatience(calls, o.Days)
	if e.Mean == 0 {
		return nil, app.ExitError{Code: app.ExitConfig, Err: errors.New("nobody hung up in the queue, so patience cannot be estimated: give --patience, or use --method erlang-c")}
	}
	o.Patience = e.Mean
	p.Assumptions = append(p.Assumptions, fmt.Sprintf(
		"patience %.0f s in the mean (standard error %.0f %%), estimated from %d callers who hung up in the queue and %d who were answered and count as censored: they would have waited longer",
		e.Mean.Seconds(), 100*e.StandardError, e.Gave, e.Served))
	return demands, nil
}

// assume tells what the figures suppose.
func (p *StaffPlan) assume(o StaffOptions) {
	add := func(format string, args ...any) { p.Assumptions = append(p.Assumptions, fmt.Sprintf(format, args...)) }
	if o.Method == MethodErlangC {
		add("nobody hangs up (Erlang C): asks for more agents than are needed")
		if o.Agents == 0 && o.Target.Answered > 0 {
			p.Warnings = append(p.Warnings, "Erlang C supposes that everybody waits until he is answered, so an answer rate is met by any number of agents above the work: use --method erlang-a")
		}
	} else if len(p.Assumptions) == 0 {
		add("patience %s in the mean, as given", o.Patience)
	}
	if o.ByReason {
		add("one pool of agents for each reason, nobody serves two: an upper bound where agents have several skills")
	} else {
		add("one pool, every agent serves every reason: a lower bound where skills differ")
	}
	add("steady state in each half hour; arrivals by chance at a constant rate; handling times of exponential distribution")
	if o.Trace != "" {
		days := "all days of the file"
		if len(o.Days) > 0 {
			days = fmt.Sprintf("%d days of the file", len(o.Days))
		}
		demand := "mean of " + days
		if o.Quantile > 0 {
			demand = fmt.Sprintf("what %.0f %% of days do not exceed, over %s", 100*o.Quantile, days)
		}
		add("calls: %s; handling time: conversation and %s of after-call work", demand, o.Wrapup)
	}
	if o.Shrinkage > 0 {
		add("%.0f %% of paid time away from the phone: scheduled = agents / %.2f", 100*o.Shrinkage, 1-o.Shrinkage)
	}
	if o.Agents > 0 {
		add("%d agents, as given; service level within %s", o.Agents, o.Target.Within)
		return
	}
	add("target: %s", targetText(o.Target))
}

func targetText(t staffing.Target) string {
	var parts []string
	if t.Answered > 0 {
		parts = append(parts, fmt.Sprintf("%.0f %% answered", 100*t.Answered))
	}
	if t.ServiceLevel > 0 {
		parts = append(parts, fmt.Sprintf("%.0f %% of all callers answered within %s", 100*t.ServiceLevel, t.Within))
	}
	if t.ASA > 0 {
		parts = append(parts, fmt.Sprintf("ASA of at most %s", t.ASA))
	}
	if t.MaxOccupancy > 0 {
		parts = append(parts, fmt.Sprintf("occupancy of at most %.0f %%", 100*t.MaxOccupancy))
	}
	return strings.Join(parts, ", ")
}

func (p *StaffPlan) add(r staffing.Row) {
	row := StaffRow{
		HalfHour: staffing.Clock(r.Start), Reason: r.Reason, Calls: r.Calls, AHT: r.Handling.Seconds(), Erlangs: r.Erlangs,
		Agents: r.Agents, Scheduled: r.Scheduled, Occupancy: r.Occupancy, Peak: r.Peak, Warning: r.Warning,
	}
	if r.Stable {
		answered, asa := r.Answered(), r.ASA.Seconds()
		row.Answered, row.ServiceLevel, row.Wait, row.ASA = &answered, &r.ServiceLevel, &r.Outcome.Wait, &asa
	}
	p.Rows = append(p.Rows, row)
	at := strings.TrimSpace(row.HalfHour + " " + row.Reason)
	if r.Peak {
		p.Peaks = append(p.Peaks, at)
	}
	if r.Warning != "" {
		p.Warnings = append(p.Warnings, at+": "+r.Warning)
	}
}

func (p StaffPlan) table(out io.Writer) error {
	var b strings.Builder
	for _, a := range p.Assumptions {
		fmt.Fprintln(&b, "# "+a)
	}
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "half hour\treason\tcalls\tAHT s\terlangs\tagents\tscheduled\tanswered\tin %s\tASA s\toccupied\t\t\n", p.target.Within)
	for _, r := range p.Rows {
		peak := ""
		if r.Peak {
			peak = "peak"
		}
		fmt.Fprintf(w, "%s\t%s\t%.1f\t%.0f\t%.2f\t%d\t%d\t%s\t%s\t%s\t%.1f %%\t%s\t\n", r.HalfHour, cmp.Or(r.Reason, "all"), r.Calls, r.AHT, r.Erlangs,
			r.Agents, r.Scheduled, percent(r.Answered), percent(r.ServiceLevel), number(r.ASA), 100*r.Occupancy, peak)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	t := p.Total
	fmt.Fprintf(&b, "%.0f calls, %.1f %% answered; at most %d agents (%s); %.1f hours at the phones, %.1f on the rota\n",
		t.Calls, 100*t.Answered, t.Most, t.MostAt, t.AgentHours, t.RotaHours)
	for _, warning := range p.Warnings {
		fmt.Fprintln(&b, "warning: "+warning)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func percent(share *float64) string {
	if share == nil {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100**share)
}

func number(x *float64) string {
	if x == nil {
		return "-"
	}
	return fmt.Sprintf("%.1f", *x)
}

// csv writes a comment line for each assumption, then the rows; what has no value is empty.
func (p StaffPlan) csv(out io.Writer) error {
	w := csv.NewWriter(out)
	for _, a := range p.Assumptions {
		if _, err := fmt.Fprintln(out, "# "+a); err != nil {
			return err
		}
	}
	_ = w.Write([]string{"half_hour", "reason", "calls", "aht_s", "erlangs", "agents", "scheduled", "answered", "service_level", "wait_probability", "asa_s", "occupancy", "peak", "warning"})
	text := func(x *float64) string {
		if x == nil {
			return ""
		}
		return strconv.FormatFloat(*x, 'f', 4, 64)
	}
	for _, r := range p.Rows {
		_ = w.Write([]string{r.HalfHour, r.Reason, text(&r.Calls), text(&r.AHT), text(&r.Erlangs), strconv.Itoa(r.Agents), strconv.Itoa(r.Scheduled),
			text(r.Answered), text(r.ServiceLevel), text(r.Wait), text(r.ASA), text(&r.Occupancy), strconv.FormatBool(r.Peak), r.Warning})
	}
	w.Flush()
	return w.Error()
}

// readTrace reads a file of past calls. A mistake in it is one of configuration.
func readTrace(path string) ([]trace.Call, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the past calls: %w", err)
	}
	defer f.Close()
	calls, err := trace.Read(f)
	if err != nil {
		return nil, app.ExitError{Code: app.ExitConfig, Err: fmt.Errorf("%s: %w", filepath.Base(path), err)}
	}
	return calls, nil
}

// forecastFile is a forecast in YAML.
type forecastFile struct {
	Version  int             `yaml:"version"`
	Forecast []forecastEntry `yaml:"forecast"`
}

type forecastEntry struct {
	HalfHour string        `yaml:"half_hour"`
	Reason   string        `yaml:"reason"`
	Calls    float64       `yaml:"calls"`
	AHT      time.Duration `yaml:"aht"`
}

// readForecast reads expected calls: CSV by its name, else YAML.
func readForecast(path string) ([]staffing.Demand, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("open the forecast: %w", err)
	}
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		demands, err := staffing.ReadForecast(strings.NewReader(string(text)))
		if err != nil {
			return nil, app.ExitError{Code: app.ExitConfig, Err: fmt.Errorf("%s: %w", filepath.Base(path), err)}
		}
		return demands, nil
	}
	doc, findings := diag.ParseYAML(path, text)
	if doc == nil || findings.Failed() {
		return nil, app.BuildError{Findings: findings}
	}
	var file forecastFile
	if findings = append(findings, doc.Decode(&file)...); findings.Failed() {
		return nil, app.BuildError{Findings: findings}
	}
	if file.Version != 1 {
		findings = append(findings, doc.Error("version", nil, "the version of a forecast is 1"))
	}
	var demands []staffing.Demand
	for i, e := range file.Forecast {
		start, err := staffing.ParseClock(e.HalfHour)
		d := staffing.Demand{Start: start, Reason: e.Reason, Calls: e.Calls, Handling: e.AHT}
		if err = cmp.Or(err, d.Validate()); err != nil {
			findings = append(findings, doc.Error(diag.Join("forecast", i), nil, "%s", err))
		}
		demands = append(demands, d)
	}
	if findings.Failed() {
		return nil, app.BuildError{Findings: findings}
	}
	if demands, err = staffing.Sorted(demands); err != nil {
		return nil, app.BuildError{Findings: diag.Findings{doc.Error("forecast", nil, "%s", err)}}
	}
	return demands, nil
}
