package main

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The demonstration's files.
var (
	demoSite   = filepath.Join("..", "..", "deploy", "demo", "site.yaml")
	demoMonday = filepath.Join("..", "..", "deploy", "demo", "simulation.yaml")
	demoMore   = filepath.Join("..", "..", "deploy", "demo", "simulation-two-more.yaml")
)

// simulated is what --json prints.
type simulated struct {
	Supposed   []string
	Sides      []simulatedFigures
	Difference *simulatedFigures
}

type simulatedFigures struct {
	Name      string
	Total     simulatedGroup
	ByReason  []simulatedGroup `json:"by_reason"`
	ByAgent   []simulatedGroup `json:"by_agent"`
	HalfHours []simulatedGroup `json:"by_half_hour"`
}

type simulatedGroup struct {
	Key     string
	Figures []struct {
		Key, Unit       string
		Mean, Low, High float64
		Seeds           int
	}
}

func (g simulatedGroup) mean(t *testing.T, key string) float64 {
	t.Helper()
	return g.figure(t, key)[1]
}

// figure is low, mean and high.
func (g simulatedGroup) figure(t *testing.T, key string) [3]float64 {
	t.Helper()
	for _, f := range g.Figures {
		if f.Key == key {
			return [3]float64{f.Low, f.Mean, f.High}
		}
	}
	t.Fatalf("group %q has no figure %s", g.Key, key)
	return [3]float64{}
}

func simulate(t *testing.T, args ...string) simulated {
	t.Helper()
	s := command(t, append([]string{"simulate", "--json"}, args...)...)
	if s.code != exitOK {
		t.Fatalf("code %d: %s", s.code, s.talk)
	}
	var out simulated
	if err := json.Unmarshal([]byte(s.out), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSimulateCountsWhatItPlays(t *testing.T) {
	t.Parallel()
	out := simulate(t, "--site", demoSite, "--params", demoMonday, "--seeds", "4")
	side := out.Sides[0]
	queued := side.Total.mean(t, "queued")
	if ends := side.Total.mean(t, "answered") + side.Total.mean(t, "abandoned") + side.Total.mean(t, "overflow"); queued < 800 || math.Abs(queued-ends) > 1e-9 {
		t.Errorf("%.1f entered a queue and %.1f left one", queued, ends)
	}
	if contacts := side.Total.mean(t, "contacts"); contacts < queued {
		t.Errorf("%.1f contacts, of which %.1f entered a queue", contacts, queued)
	}
	sum := func(groups []simulatedGroup, key string) float64 {
		total := 0.0
		for _, g := range groups {
			total += g.mean(t, key)
		}
		return total
	}
	for name, got := range map[string]float64{"reasons": sum(side.ByReason, "queued"), "half hours": sum(side.HalfHours[:19], "queued")} {
		if math.Abs(got-queued) > 1e-6 {
			t.Errorf("the %s make %.2f contacts, the whole %.2f", name, got, queued)
		}
	}
	if got := sum(side.ByAgent, "answered"); math.Abs(got-side.Total.mean(t, "answered")) > 1e-6 {
		t.Errorf("the agents answered %.2f, callers were answered %.2f times", got, side.Total.mean(t, "answered"))
	}
	if len(side.ByReason) != 5 || len(side.ByAgent) != 12 {
		t.Errorf("%d reasons and %d agents", len(side.ByReason), len(side.ByAgent))
	}
	for _, key := range []string{"decroche_net", "abandon_net", "qs_20", "qs_60", "asa", "asa_p50", "asa_p95", "asa_p99", "longest_wait", "occupancy"} {
		if f := side.Total.figure(t, key); !(f[0] < f[1] && f[1] < f[2]) {
			t.Errorf("%s: %v is no interval", key, f)
		}
	}
}

// TestSimulateIsRepeatable: the same seeds give the same figures, whatever runs at once.
func TestSimulateIsRepeatable(t *testing.T) {
	t.Parallel()
	args := []string{"simulate", "--site", demoSite, "--params", demoMonday, "--seeds", "4", "--csv"}
	one := command(t, append(args, "--workers", "1")...)
	four := command(t, append(args, "--workers", "4")...)
	if one.code != exitOK || one.out != four.out {
		t.Errorf("codes %d and %d; the figures depend on how many seeds are played at once", one.code, four.code)
	}
	if other := command(t, append(args, "--seed", "50")...); other.out == one.out {
		t.Error("other seeds gave the same figures")
	}
	if !strings.Contains(one.talk, "simulating: 4 of 4") || strings.Contains(one.out, "simulating") {
		t.Errorf("progress belongs on standard error: %q", one.talk)
	}
	rows, err := csv.NewReader(strings.NewReader(withoutComments(one.out))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"side", "division", "group", "figure", "unit", "mean", "low", "high", "seeds"}; !slices.Equal(rows[0], want) {
		t.Errorf("header %v", rows[0])
	}
	if !slices.ContainsFunc(rows, func(r []string) bool { return r[1] == "agent" && r[2] == "a07" && r[3] == "occupancy" && r[8] == "4" }) {
		t.Error("no row tells how busy a07 was")
	}
}

func withoutComments(text string) string {
	var out []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "")
}

// TestSimulateComparesUnderTheSameCallers is the question of a planner: what would two agents more bring.
func TestSimulateComparesUnderTheSameCallers(t *testing.T) {
	t.Parallel()
	out := simulate(t, "--site", demoSite, "--compare", demoMonday, demoMore, "--seeds", "12")
	d := out.Difference.Total
	if f := d.figure(t, "contacts"); f != [3]float64{} {
		t.Errorf("the two sides met other callers: %v", f)
	}
	level := d.figure(t, "qs_20")
	if level[0] <= 0 {
		t.Errorf("two agents more at nine bring %v points of service level", level)
	}
	width := func(f [3]float64) float64 { return (f[2] - f[0]) / 2 }
	a, b := width(out.Sides[0].Total.figure(t, "qs_20")), width(out.Sides[1].Total.figure(t, "qs_20"))
	if got, apart := width(level), math.Hypot(a, b); got > apart/2 {
		t.Errorf("half width %.2f of the difference: independent callers would have given %.2f", got, apart)
	}
	if change := out.Sides[1].Total.mean(t, "qs_20") - out.Sides[0].Total.mean(t, "qs_20"); math.Abs(change-level[1]) > 1e-9 {
		t.Errorf("the sides differ by %.4f, the difference says %.4f", change, level[1])
	}
	table := command(t, "simulate", "--site", demoSite, "--compare", demoMonday, demoMore, "--seeds", "3")
	if table.code != exitOK || !strings.Contains(table.out, "b - a") || !strings.Contains(table.out, "(same)") {
		t.Errorf("code %d: %s", table.code, table.out)
	}
}

// TestSimulateComparesSites gives everybody every skill.
func TestSimulateComparesSites(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(demoSite)
	if err != nil {
		t.Fatal(err)
	}
	all := "skills: {fr: 10, en: 10, accueil: 8, rdv: 8, imagerie: 8, resultats: 8, admission: 8}"
	var lines []string
	for line := range strings.Lines(string(text)) {
		if i := strings.Index(line, "skills: {"); i > 0 {
			line = line[:i] + all + strings.TrimLeft(line[i+strings.Index(line[i:], "}")+1:], "")
		}
		lines = append(lines, line)
	}
	other := filepath.Join(t.TempDir(), "all-skills.yaml")
	if err := os.WriteFile(other, []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	out := simulate(t, "--compare", demoSite, other, "--params", demoMonday, "--seeds", "10")
	if f := out.Difference.Total.figure(t, "asa"); f[2] >= 0 {
		t.Errorf("where everybody can do everything, callers wait %v s longer", f)
	}
}

func TestSimulatePageStandsAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "page.html")
	if s := command(t, "simulate", "--site", demoSite, "--compare", demoMonday, demoMore, "--seeds", "2", "--html", path); s.code != exitOK {
		t.Fatal(s.talk)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	for _, outside := range []string{"http:", "https:", "src=", "<script", "@import", "url("} {
		if strings.Contains(page, outside) {
			t.Errorf("the page has %q", outside)
		}
	}
	if !strings.Contains(page, "prefers-color-scheme: dark") {
		t.Error("the page has one colour scheme")
	}
	charts, tables := strings.Count(page, "<svg"), strings.Count(page, "<details>")
	if charts < 5 || charts != tables {
		t.Errorf("%d charts and %d tables beside them", charts, tables)
	}
	insideTheirBoxes(t, page)
	if failed := command(t, "simulate", "--site", demoSite, "--params", demoMonday, "--seeds", "1", "--html", filepath.Join(path, "no", "page")); failed.code != exitFailure || !strings.Contains(failed.out, "decroche_net") {
		t.Errorf("a page that cannot be written: code %d", failed.code)
	}
}

// insideTheirBoxes reads every drawing and looks for a bar that leaves it.
func insideTheirBoxes(t *testing.T, page string) {
	t.Helper()
	bars := 0
	for rest := page; ; {
		i := strings.Index(rest, "<svg")
		if i < 0 {
			break
		}
		end := strings.Index(rest, "</svg>") + len("</svg>")
		var drawing struct {
			ViewBox string `xml:"viewBox,attr"`
			Rects   []struct {
				X float64 `xml:"x,attr"`
				Y float64 `xml:"y,attr"`
				W float64 `xml:"width,attr"`
				H float64 `xml:"height,attr"`
			} `xml:"rect"`
		}
		if err := xml.Unmarshal([]byte(rest[i:end]), &drawing); err != nil {
			t.Fatal(err)
		}
		box := strings.Fields(drawing.ViewBox)
		w, _ := strconv.ParseFloat(box[2], 64)
		h, _ := strconv.ParseFloat(box[3], 64)
		for _, r := range drawing.Rects {
			bars++
			if r.X < 0 || r.Y < 0 || r.W < 0 || r.H < 0 || r.X+r.W > w || r.Y+r.H > h {
				t.Errorf("a bar at %+v leaves its box of %v by %v", r, w, h)
			}
		}
		rest = rest[end:]
	}
	if bars == 0 {
		t.Error("no bar was found")
	}
}

// TestSimulateRefusesParametersPrecisely: every fault is named with its line, and what was meant.
func TestSimulateRefusesParametersPrecisely(t *testing.T) {
	t.Parallel()
	const good = `version: 1
handling: {exponential: {mean: 3m}}
languages: {fr: 0.9, en: 0.1}
reasons:
  resultats: {arrivals: {"08:00-12:00": 20}}
shifts:
  - {agents: [a01], at: ["08:00-12:00"]}
`
	dir := t.TempDir()
	n := 0
	try := func(t *testing.T, text string) said {
		n++
		path := filepath.Join(dir, fmt.Sprintf("p%d.yaml", n))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return command(t, "simulate", "--site", demoSite, "--params", path, "--seeds", "1")
	}
	if s := try(t, good); s.code != exitOK {
		t.Fatalf("the good one: %s", s.talk)
	}
	for _, c := range []struct{ old, new, line, want string }{
		{"version: 1", "version: 2", ":1:", "is 1"},
		{"handling:", "handeling:", ":2:", `did you mean "handling"?`},
		{"{exponential: {mean: 3m}}", "{exponential: {mean: 3}}", ":2:", "is not a time"},
		{"{exponential: {mean: 3m}}", "{exponential: {mean: 3m}, constant: 1m}", ":2:", "one of constant, exponential"},
		{"{exponential: {mean: 3m}}", "{gamma: {mean: 3m}}", ":2:", "standard deviation"},
		{"en: 0.1", "en: 0.2", ":3:", "make 1.1, not 1"},
		{"en: 0.1", "de: 0.1", ":3:", `does not speak "de"`},
		{"resultats:", "resultat:", ":5:", `did you mean "resultats"?`},
		{`"08:00-12:00": 20`, `"08:10": 20`, ":5:", "half hours"},
		{`"08:00-12:00": 20`, `"8h": 20`, ":5:", "is no half hour"},
		{`"08:00-12:00": 20`, `"08:00-12:00": -1`, ":5:", "not from 0"},
		{`"08:00-12:00": 20`, `"08:00-12:00": 20, "11:30": 5`, ":5:", "overlaps"},
		{`"08:00-12:00": 20`, `"12:00-08:00": 20`, ":5:", "ends before it begins"},
		{"agents: [a01]", "agents: [a1]", ":7:", `no agent "a1"`},
		{`at: ["08:00-12:00"]`, `at: ["08:00-12:00", "11:00-13:00"]`, ":7:", "works already"},
		{`at: ["08:00-12:00"]`, `at: ["08:00"]`, ":7:", "are no hours"},
		{"version: 1\n", "version: 1\ndate: 1.3.2027\n", ":2:", "is no date"},
		{"version: 1\n", "version: 1\nvariation: 3\n", ":2:", "from 0 to 1"},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		if text == good {
			t.Fatalf("%q changes nothing", c.new)
		}
		if s := try(t, text); s.code != exitConfig || !strings.Contains(s.talk, c.line) || !strings.Contains(s.talk, c.want) || s.out != "" {
			t.Errorf("%s: code %d, want %d, line %s and %q in: %s", c.new, s.code, exitConfig, c.line, c.want, s.talk)
		}
	}
}

func TestSimulateIsUsedAsItSays(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing.yaml")
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{nil, exitUsage, "--params"},
		{[]string{"--params", demoMonday, "--seeds", "0"}, exitUsage, "seeds"},
		{[]string{"--params", demoMonday, "--workers", "-1"}, exitUsage, "workers"},
		{[]string{"--params", demoMonday, "--json", "--csv"}, exitUsage, "exclude"},
		{[]string{"--params", demoMonday, "--days", "1"}, exitUsage, "--trace"},
		{[]string{"--params", demoMonday, "--service-level", "0s"}, exitUsage, "threshold"},
		{[]string{"--compare", demoMonday}, exitUsage, "two files"},
		{[]string{"--params", demoMonday, demoSite}, exitUsage, "--compare"},
		{[]string{"--compare", demoMonday, demoSite}, exitUsage, "parameters"},
		{[]string{"--compare", demoSite, demoSite}, exitUsage, "same callers"},
		{[]string{"--params", missing}, exitConfig, "no such file"},
		{[]string{"--params", demoMonday, "--site", missing}, exitConfig, "no such file"},
		{[]string{"--trace", missing}, exitFailure, "no such file"},
	} {
		args := append([]string{"simulate", "--seeds", "1"}, c.args...)
		if !slices.Contains(c.args, "--site") {
			args = append(args, "--site", demoSite)
		}
		if s := command(t, args...); s.code != c.code || !strings.Contains(s.talk, c.want) || s.out != "" {
			t.Errorf("%v: code %d, want %d and %q in %q", c.args, s.code, c.code, c.want, s.talk)
		}
	}
}

// pastCalls is a small file of past calls at the demonstration hospital.
const pastCalls = `day,arrival_s,ivr_s,wait_s,outcome,service_s,type,priority,agent,caller
1,28800,20,0,AGENT,180,Resultats,0,a03,1
1,28830,20,30,HANG,0,resultats,0,,2
1,28900,10,60,AGENT,120,resultats,0,a03,3
1,29000,15,0,HANG,0,resultats,0,,4
2,28800,20,0,AGENT,240,admission,0,a07,5
2,28990,20,45,AGENT,90,admission,0,a07,6
`

func TestSimulatePlaysPastCalls(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	calls := file("calls.csv", pastCalls)
	out := simulate(t, "--site", demoSite, "--trace", calls, "--seeds", "3")
	side := out.Sides[0]
	if got := side.Total.mean(t, "queued"); got != 2.5 {
		t.Errorf("%.2f calls a day: five of two days, and one that left in the menu", got)
	}
	if got := side.ByAgent[0].mean(t, "at_work"); len(side.ByAgent) != 2 || math.Abs(got-270.0/3600/2) > 0.01 {
		t.Errorf("%d agents; the first was there %.4f h a day", len(side.ByAgent), got)
	}
	if got := simulate(t, "--site", demoSite, "--trace", calls, "--days", "2", "--seeds", "1").Sides[0].Total.mean(t, "queued"); got != 2 {
		t.Errorf("the second day alone has %.1f calls", got)
	}
	shifts := file("shifts.yaml", "version: 1\npickup: {constant: 5s}\nshifts:\n  - {agents: [a05, a10], at: [\"08:00-09:00\"]}\n")
	if got := simulate(t, "--site", demoSite, "--trace", calls, "--params", shifts, "--seeds", "1").Sides[0]; len(got.ByAgent) != 2 || got.ByAgent[0].Key != "a05" {
		t.Errorf("the shifts given were not used: %v", got.ByAgent)
	}
	for name, c := range map[string]struct{ trace, params, want string }{
		"agent of nobody":    {strings.ReplaceAll(pastCalls, "a07", "w7"), "", `agent "w7"`},
		"reason of nothing":  {strings.ReplaceAll(pastCalls, "admission", "PS"), "", `reason "ps"`},
		"a fault in the row": {strings.Replace(pastCalls, "HANG", "GONE", 1), "", "line 3"},
		"too much beside it": {pastCalls, "version: 1\nhandling: {constant: 1m}\n", "only pickup and shifts"},
	} {
		args := []string{"simulate", "--site", demoSite, "--seeds", "1", "--trace", file(name+".csv", c.trace)}
		if c.params != "" {
			args = append(args, "--params", file(name+".yaml", c.params))
		}
		if s := command(t, args...); s.code != exitConfig || !strings.Contains(s.talk, c.want) {
			t.Errorf("%s: code %d, %q", name, s.code, s.talk)
		}
	}
}

// TestSimulateAsTheGuideSays runs every command of the guide's worked example.
func TestSimulateAsTheGuideSays(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "simulation.md"))
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for line := range strings.Lines(string(guide)) {
		words := strings.Fields(line)
		if !strings.HasPrefix(line, "    accueil simulate") || !strings.Contains(line, "deploy/demo/") || !strings.HasSuffix(strings.TrimSpace(line), ".yaml") {
			continue
		}
		ran++
		for i, w := range words {
			if strings.HasPrefix(w, "deploy/") {
				words[i] = filepath.Join("..", "..", w)
			}
		}
		if s := command(t, append(words[1:], "--seeds", "1")...); s.code != exitOK {
			t.Errorf("%s: code %d, %s", strings.TrimSpace(line), s.code, s.talk)
		}
	}
	if ran < 2 {
		t.Errorf("%d commands were found", ran)
	}
}
