package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"accueil/e2e"
)

// variant is one way of handing callers on.
type variant struct {
	name    string
	options func(settings) e2e.Options
	// prepare makes the hospital ready for callers at 3000 once the phones are registered. Which
	// processes serve them, after Asterisk, it tells for their CPU time.
	prepare func(context.Context, *e2e.Hospital) (stop func(), serving []int, err error)
	after   func(context.Context, *e2e.Hospital, *report) error
}

var variants = []variant{
	{
		name: "accueil",
		options: func(s settings) e2e.Options {
			return e2e.Options{Edit: siteEdit(0), Scenarios: straight, Binary: s.binary}
		},
		prepare: func(ctx context.Context, h *e2e.Hospital) (func(), []int, error) {
			return func() {}, []int{h.PID(), h.Redis.PID()}, makeReady(ctx, h, desks(0))
		},
		after: dispatchFigures,
	},
	{name: "smallest ARI program", options: bare, prepare: prepareFloor},
	{name: "app_queue", options: bare, prepare: prepareAppQueue},
}

func bare(settings) e2e.Options {
	return e2e.Options{Edit: siteEdit(0), Scenarios: straight, NoApp: true}
}

// handovers measures freed agent → INVITE for every variant.
func handovers(ctx context.Context, s settings, r *report) error {
	goals := map[string][2]float64{"accueil": {5, 12}}
	p50, p99, each := map[string]float64{}, map[string]float64{}, map[string]cost{}
	compared := variants
	if s.alone {
		compared = variants[:1]
	}
	for _, v := range compared {
		took, cpu, err := handover(ctx, s, v, r)
		if err != nil {
			return fmt.Errorf("%s: %w", v.name, err)
		}
		r.quantiles("freed agent → INVITE, "+v.name, took, goals[v.name][0], goals[v.name][1])
		p50[v.name], p99[v.name], each[v.name] = ms(quantile(took, .5)), ms(quantile(took, .99)), cpu
		r.add(figure{What: "CPU of a call, twenty always wait, " + v.name, Value: ms(cpu.each()), Unit: "ms", Note: cpu.String()})
	}
	for _, v := range compared[1:] {
		r.add(figure{What: v.name + " / accueil", Value: p50[v.name] / p50["accueil"], Unit: "×",
			Note: fmt.Sprintf("p99: %.2f ×, CPU of a call: %.2f ×", p99[v.name]/p99["accueil"], float64(each[v.name].each())/float64(each["accueil"].each()))})
	}
	return nil
}

func handover(ctx context.Context, s settings, v variant, r *report) (took []time.Duration, spent cost, err error) {
	h, err := e2e.Open(ctx, v.options(s))
	defer h.Close() //nolint:staticcheck // stops also what a failed Open has started
	if err != nil {
		return nil, spent, err
	}
	agents, leave, err := seat(ctx, h, desks(0))
	defer leave()
	if err != nil {
		return nil, spent, err
	}
	trunk, err := h.Trunk(ctx)
	if err != nil {
		return nil, spent, err
	}
	stop, serving, err := v.prepare(ctx, h)
	if err != nil {
		return nil, spent, err
	}
	defer stop()
	spent, took, err = during(append([]int{h.Asterisk.PID()}, serving...), func() ([]time.Duration, int, error) {
		c := crowd{wanted: s.handovers}
		took, err := c.run(ctx, agents, trunk, "3000")
		return took, int(c.answered.Load()), err
	})
	if err == nil && v.after != nil {
		err = v.after(ctx, h, r)
	}
	return took, spent, err
}

// dispatchFigures checks that the controller's own metric has seen the hand-overs.
func dispatchFigures(ctx context.Context, h *e2e.Hospital, r *report) error {
	n, err := metric(ctx, h, "accueil_dispatch_seconds_count")
	if err != nil {
		return err
	}
	sum, err := metric(ctx, h, "accueil_dispatch_seconds_sum")
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("accueil_dispatch_seconds has seen no ring")
	}
	r.add(figure{What: "accueil_dispatch_seconds, mean", Value: sum / n * 1000, Unit: "ms", Note: fmt.Sprintf("the controller's share; n = %.0f", n)})
	return nil
}

// prepareFloor starts this program a second time as the smallest ARI program.
func prepareFloor(ctx context.Context, h *e2e.Hospital) (func(), []int, error) {
	if err := dialplan(ctx, h, map[string][]string{"3000": {"Stasis(" + floorApp + ",call)", "Hangup()"}}); err != nil {
		return nil, nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	cmd := exec.Command(self, floorCommand, strings.Join(allPhones(), ","))
	cmd.Env = append(os.Environ(), "ARI_URL="+h.Site.Asterisk.URL, "ARI_USER="+h.Site.Asterisk.User, "ARI_PASSWORD="+h.Site.Asterisk.Password.Reveal())
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, fmt.Errorf("start the smallest ARI program: %w", err)
	}
	stop := func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }
	if !bufio.NewScanner(out).Scan() { // its one line: it is connected
		stop()
		return nil, nil, fmt.Errorf("the smallest ARI program ended before it was connected")
	}
	return stop, []int{cmd.Process.Pid}, nil
}
