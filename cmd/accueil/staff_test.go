package main

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// KPI.md's oracle, told by the command: 300 calls an hour of 150 s.
const oracle = "half_hour,reason,calls,aht_s\n09:00,rdv,100,150\n09:00,accueil,50,150\n10:00,rdv,0,150\n"

func TestStaffTellsTheOracle(t *testing.T) {
	t.Parallel()
	forecast := write(t, "monday.csv", oracle)
	var plan struct {
		Assumptions, Warnings, Peaks []string
		Rows                         []struct {
			Agents, Scheduled int
			Answered          *float64
			Level             *float64 `json:"service_level"`
			Wait              *float64 `json:"wait_probability"`
			ASA               *float64 `json:"asa_s"`
			Warning           string
		} `json:"half_hours"`
	}
	for _, c := range []struct {
		args                            string
		agents                          int
		answered, wait, level, asa, tol float64
	}{
		{"--method erlang-c --service-level .8 --within 20s", 16, 1, .2641, .8344, 11.32, 5e-5},
		{"--method erlang-c --asa 25s --within 20s", 15, 1, .4013, .7125, 24.08, 5e-5},
		{"--patience 2m --answered .86", 12, .8612, .5664, -1, -1, 5e-5},
		{"--patience 2m --answered .95", 15, .9539, .2633, -1, -1, 5e-5},
		{"--patience 2m --agents 12", 12, .8612, .5664, -1, -1, 5e-5},
	} {
		s := command(t, append([]string{"staff", "--json", "--shrinkage", ".2", "--forecast", forecast}, strings.Fields(c.args)...)...)
		if err := json.Unmarshal([]byte(s.out), &plan); err != nil || s.code != exitOK || s.talk != "" {
			t.Fatalf("%s: %+v, %v", c.args, s, err)
		}
		r := plan.Rows[0]
		if r.Agents != c.agents || r.Scheduled != int(math.Ceil(float64(c.agents)/.8)) || len(plan.Assumptions) < 4 {
			t.Errorf("%s: %+v", c.args, r)
		}
		for _, f := range []struct{ got, want, tol float64 }{
			{*r.Answered, c.answered, c.tol}, {*r.Wait, c.wait, c.tol}, {*r.Level, c.level, c.tol}, {*r.ASA, c.asa, .005},
		} {
			if f.want >= 0 && math.Abs(f.got-f.want) > f.tol {
				t.Errorf("%s: %.5f, want %.4f", c.args, f.got, f.want)
			}
		}
	}
}

func TestStaffWarnsWhereErlangCHasNoSolution(t *testing.T) {
	t.Parallel()
	forecast := write(t, "monday.csv", oracle)
	s := command(t, "staff", "--forecast", forecast, "--method", "erlang-c", "--agents", "12")
	if s.code != exitOK || !strings.Contains(s.out, "warning: 09:00: Erlang C has no solution: 12.5 erlangs of work for 12 agents") {
		t.Errorf("%+v", s)
	}
	s = command(t, "staff", "--forecast", forecast, "--method", "erlang-c", "--agents", "12", "--json")
	if !strings.Contains(s.out, `"asa_s": null`) {
		t.Errorf("a wait without end has a number: %s", s.out)
	}
	s = command(t, "staff", "--forecast", forecast, "--method", "erlang-c", "--answered", ".9")
	if !strings.Contains(s.out, "warning: Erlang C supposes that everybody waits") {
		t.Errorf("%s", s.out)
	}
}

func TestStaffFromPastCalls(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("day,arrival_s,wait_s,outcome,service_s,type\n")
	for day := range 3 {
		for i := range 60 {
			at := 32400 + 30*i
			row := ",60,AGENT,110,rdv\n"
			if i%6 == 0 {
				row = ",90,HANG,0,rdv\n"
			}
			b.WriteString(strings.Join([]string{strconv.Itoa(1 + day), strconv.Itoa(at)}, ",") + row)
		}
	}
	path := write(t, "calls.csv", b.String())
	s := command(t, "staff", "--trace", path, "--days", "1,2-3", "--wrapup", "10s", "--answered", ".8", "--csv")
	if s.code != exitOK {
		t.Fatalf("%+v", s)
	}
	// 150 answered after 60 s, 30 gone after 90 s: (150·60 + 30·90) / 30 = 390 s.
	if !strings.Contains(s.out, "# patience 390 s in the mean (standard error 18 %), estimated from 30 callers") {
		t.Errorf("%s", s.out)
	}
	r := csv.NewReader(strings.NewReader(s.out))
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil || len(rows) != 2 || strings.Join(rows[1][:6], " ") != "09:00  60.0000 120.0000 4.0000 4" || rows[1][12] != "true" {
		t.Errorf("%v, %v", rows, err)
	}
}

func TestStaffReadsYAML(t *testing.T) {
	t.Parallel()
	good := write(t, "monday.yaml", `version: 1
forecast:
  - {half_hour: "09:00", reason: rdv, calls: 150, aht: 150s}
  - {half_hour: "09:00", reason: accueil, calls: 10.5, aht: 1m30s}
`)
	s := command(t, "staff", "--forecast", good, "--patience", "2m", "--by-reason", "--csv")
	if s.code != exitOK || !strings.Contains(s.out, "\n09:00,accueil,10.5000,90.0000,") || !strings.Contains(s.out, "\n09:00,rdv,150.0000,150.0000,") {
		t.Errorf("%+v", s)
	}
	for bad, want := range map[string]string{
		"version: 1\nforecast:\n  - {half_hour: \"09:10\", reason: a, calls: 1, aht: 1s}\n": "3:5: ",
		"version: 1\nforecast:\n  - {half_hour: \"09:00\", raison: a, calls: 1, aht: 1s}\n": `did you mean "reason"?`,
		"version: 2\nforecast: []\n": "the version of a forecast is 1",
		"version: 1\nforecast: []\n": "nothing to plan from",
		"version: [":                 "bad.yaml",
	} {
		s := command(t, "staff", "--forecast", write(t, "bad.yaml", bad), "--patience", "2m")
		if s.code != exitConfig || s.out != "" || !strings.Contains(s.talk, want) {
			t.Errorf("%q: %+v", bad, s)
		}
	}
}

func TestStaffMistakes(t *testing.T) {
	t.Parallel()
	forecast := write(t, "monday.csv", oracle)
	patient := write(t, "calls.csv", "day,arrival_s,wait_s,outcome,service_s,type\n1,32400,0,AGENT,60,rdv\n")
	for args, code := range map[string]int{
		"":                                         exitUsage,
		"--trace x --forecast y":                   exitUsage,
		"--forecast " + forecast:                   exitUsage, // no patience
		"--forecast x --method erlang-b":           exitUsage,
		"--trace x --answered 1":                   exitUsage,
		"--trace x --json --csv":                   exitUsage,
		"--trace x --shrinkage 1":                  exitUsage,
		"--trace x --quantile 2":                   exitUsage,
		"--trace x --agents -1":                    exitUsage,
		"--trace x --days 4-1":                     exitUsage,
		"--trace x --days one":                     exitUsage,
		"--forecast x --wrapup 5s":                 exitUsage,
		"--trace x extra":                          exitUsage,
		"--trace no-such-file.csv":                 exitFailure,
		"--trace " + forecast:                      exitConfig, // other columns
		"--trace " + patient:                       exitConfig, // nobody hung up
		"--trace " + patient + " --days 2":         exitConfig,
		"--forecast " + patient + " --patience 2m": exitConfig,
	} {
		if s := command(t, append([]string{"staff"}, strings.Fields(args)...)...); s.code != code || s.out != "" || s.talk == "" {
			t.Errorf("%q: %+v, want code %d", args, s, code)
		}
	}
}
