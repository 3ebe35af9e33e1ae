package staffing_test

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"accueil/routing/staffing"
	"accueil/routing/trace"
)

const past = `day,arrival_s,ivr_s,wait_s,outcome,service_s,type
1,32000,700,0,AGENT,100,rdv
1,32410,10,60,AGENT,200,rdv
1,32500,0,0,HANG,0,rdv
1,33000,0,40,HANG,0,accueil
1,33010,0,20,AGENT,30,accueil
1,86390,20,0,AGENT,30,accueil
2,32400,0,0,AGENT,300,rdv
2,40000,0,10,HANG,0,fax
3,32400,0,0,HANG,0,rdv
`

func calls(t *testing.T) []trace.Call {
	t.Helper()
	c, err := trace.Read(strings.NewReader(past))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDemandOfPastCalls(t *testing.T) {
	t.Parallel()
	const nine, last = 9 * time.Hour, 23*time.Hour + 30*time.Minute
	for name, c := range map[string]struct {
		p    staffing.Past
		want []staffing.Demand
	}{
		// Entered the queue at 9:05 and 9:00:20 on day 1, at 9:00 on day 2; day 3 had nobody.
		"mean": {staffing.Past{Wrapup: 10 * time.Second}, []staffing.Demand{
			{nine, "accueil", 2. / 3, 40 * time.Second}, {nine, "rdv", 1, 210 * time.Second}, {last, "accueil", 1. / 3, 40 * time.Second},
		}},
		"the busiest day": {staffing.Past{Quantile: 1}, []staffing.Demand{
			{nine, "accueil", 2, 30 * time.Second}, {nine, "rdv", 2, 200 * time.Second}, {last, "accueil", 1, 30 * time.Second},
		}},
		"the middle day": {staffing.Past{Quantile: .5}, []staffing.Demand{
			{nine, "accueil", 0, 30 * time.Second}, {nine, "rdv", 1, 200 * time.Second}, {last, "accueil", 0, 30 * time.Second},
		}},
		"day 2, pooled": {staffing.Past{Days: []int{2}, Pool: true}, []staffing.Demand{
			{nine, "", 1, 300 * time.Second}, {11 * time.Hour, "", 1, 300 * time.Second},
		}},
	} {
		got, err := staffing.FromCalls(calls(t), c.p)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := staffing.FromCalls(calls(t), staffing.Past{Days: []int{3}}); !errors.Is(err, staffing.ErrNoCalls) {
		t.Errorf("a day without calls: %v", err)
	}
	if _, err := staffing.FromCalls(calls(t), staffing.Past{Quantile: 2}); err == nil {
		t.Error("quantile 2")
	}
}

func TestPoolAddsWorkUp(t *testing.T) {
	t.Parallel()
	got := staffing.Pool([]staffing.Demand{
		{9 * time.Hour, "a", 10, 100 * time.Second}, {8 * time.Hour, "a", 0, 60 * time.Second}, {9 * time.Hour, "b", 30, 200 * time.Second},
	})
	want := []staffing.Demand{{8 * time.Hour, "", 0, 60 * time.Second}, {9 * time.Hour, "", 40, 175 * time.Second}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

// Who was answered counts as someone who would have waited longer.
func TestPatienceIsCensored(t *testing.T) {
	t.Parallel()
	p := staffing.EstimatePatience(calls(t), nil)
	if p.Gave != 2 || p.Served != 5 || p.Mean != 65*time.Second || math.Abs(p.StandardError-1/math.Sqrt2) > 1e-12 {
		t.Errorf("%+v", p) // waited: 60 + 40 + 20 + 10 s
	}
	if p := staffing.EstimatePatience(calls(t), []int{3}); p != (staffing.Patience{}) {
		t.Errorf("nobody hung up: %+v", p)
	}
	// Patience of 100 s in the mean, by its quantiles, and answers after 40 s: the mean comes back.
	var drawn []trace.Call
	const n = 20000
	for i := range n {
		patience := -100 * math.Log(1-(float64(i)+.5)/n)
		c := trace.Call{Day: 1, Wait: 40 * time.Second, Served: true}
		if patience < 40 {
			c.Wait, c.Served = time.Duration(patience*float64(time.Second)), false
		}
		drawn = append(drawn, c)
	}
	if got := staffing.EstimatePatience(drawn, nil).Mean.Seconds(); math.Abs(got-100) > 0.5 {
		t.Errorf("patience of 100 s estimated as %.2f s", got)
	}
}

func TestReadForecast(t *testing.T) {
	t.Parallel()
	got, err := staffing.ReadForecast(strings.NewReader("half_hour,reason,calls,aht_s\n09:30,b,3,120\n09:30,a,2.5,90.5\n08:00,b,0,120\n"))
	want := []staffing.Demand{
		{8 * time.Hour, "b", 0, 2 * time.Minute},
		{9*time.Hour + 30*time.Minute, "a", 2.5, 90*time.Second + 500*time.Millisecond},
		{9*time.Hour + 30*time.Minute, "b", 3, 2 * time.Minute},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	const header = "half_hour,reason,calls,aht_s\n"
	for bad, want := range map[string]string{
		"": "header", "half_hour,calls\n": "no column", header: "nothing to plan",
		header + "9h,a,1,60": "line 2: half_hour", header + "09:10,a,1,60": "line 2: 09:10", header + "09:00,a,-1,60": "line 2: -1 calls",
		header + "09:00,a,x,60": "line 2: calls", header + "09:00,a,NaN,60": "line 2: NaN calls", header + "09:00,a,1,0": "line 2: aht_s",
		header + "09:00,a,1,60\n09:00,a,2,60": "twice", header + "09:00,a,1e9,60": "arrival rate",
	} {
		if _, err := staffing.ReadForecast(strings.NewReader(bad)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", bad, err, want)
		}
	}
}

func TestPlan(t *testing.T) {
	t.Parallel()
	demands := []staffing.Demand{
		{9 * time.Hour, "a", 150, 150 * time.Second}, // 12.5 erlangs
		{9 * time.Hour, "b", 10, 90 * time.Second},
		{10 * time.Hour, "a", 0, 150 * time.Second},
		{11 * time.Hour, "a", 140, 150 * time.Second},
	}
	target := staffing.Target{ServiceLevel: .8, Within: 20 * time.Second}
	rows, err := staffing.Plan(demands, staffing.Aim(staffing.ErlangC, target, 0), .3)
	if err != nil {
		t.Fatal(err)
	}
	var agents, scheduled []int
	var peaks []bool
	for _, r := range rows {
		agents, scheduled, peaks = append(agents, r.Agents), append(scheduled, r.Scheduled), append(peaks, r.Peak)
	}
	if want := []int{16, 2, 0, 15}; !reflect.DeepEqual(agents, want) {
		t.Errorf("agents %v, want %v", agents, want)
	}
	if want := []int{23, 3, 0, 22}; !reflect.DeepEqual(scheduled, want) {
		t.Errorf("on the rota %v, want %v", scheduled, want)
	}
	if want := []bool{true, true, false, true}; !reflect.DeepEqual(peaks, want) {
		t.Errorf("peaks %v, want %v", peaks, want)
	}
	if sum := staffing.Sum(rows); sum.Calls != 300 || sum.Most != 18 || sum.MostAt != 9*time.Hour || sum.AgentHours != 16.5 || sum.RotaHours != 24 || sum.Answered != 1 || sum.Unsolved != 0 {
		t.Errorf("%+v", sum)
	}
	rows, err = staffing.Plan(demands, staffing.Given(staffing.ErlangC, 12, 0, 20*time.Second), 0)
	if err != nil || rows[0].Stable || !strings.Contains(rows[0].Warning, "no solution") || rows[3].Warning != "" || !rows[1].Stable {
		t.Errorf("12 agents for 12.5 erlangs: %+v, %v", rows, err)
	}
	if sum := staffing.Sum(rows); sum.Unsolved != 1 {
		t.Errorf("%+v", sum)
	}
	rows, err = staffing.Plan(demands[:1], staffing.Given(staffing.ErlangA, 12, 2*time.Minute, 20*time.Second), 0)
	if err != nil || math.Abs(rows[0].Abandon-.1388) > 5e-5 || rows[0].Warning != "" {
		t.Errorf("%+v, %v", rows, err)
	}
	if sum := staffing.Sum(rows); math.Abs(sum.Answered-.8612) > 5e-5 {
		t.Errorf("%+v", sum)
	}
	for _, shrinkage := range []float64{-.1, 1, math.NaN()} {
		if _, err := staffing.Plan(demands, staffing.Aim(staffing.ErlangC, target, 0), shrinkage); err == nil {
			t.Errorf("shrinkage %g", shrinkage)
		}
	}
	if _, err := staffing.Plan(demands, staffing.Aim(staffing.ErlangA, target, 0), 0); err == nil || !strings.Contains(err.Error(), "09:00 a: ") {
		t.Errorf("Erlang A without patience: %v", err)
	}
}
