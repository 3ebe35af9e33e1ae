package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"accueil/e2e"
)

// app_queue as it is set up by someone who wants it quick: nobody waits behind anybody (autofill), no
// pause after a call, one second between rounds (the least it can), no ring for who is busy.
const appQueueGeneral = "[general]\nautofill = yes\n"

const appQueueTuned = "strategy = leastrecent\nwrapuptime = 0\nretry = 1\nringinuse = no\nautofill = yes\n" +
	"musicclass = accueil-music\nannounce-frequency = 0\njoinempty = yes\nleavewhenempty = no\n"

// appQueue is one queue of app_queue.
type appQueue struct {
	name    string
	timeout int               // ring time, s
	members []string          // phones
	extra   string            // further lines
	penalty map[string]string // by phone
}

func (q appQueue) conf() string {
	var b strings.Builder
	fmt.Fprintf(&b, "[%s]\n%stimeout = %d\n%s", q.name, appQueueTuned, q.timeout, q.extra)
	for _, m := range q.members {
		fmt.Fprintf(&b, "member => PJSIP/%s,%s\n", m, q.penalty[m])
	}
	return b.String()
}

// loadAppQueue lets the Asterisk run the queues, and waits until the last of them has its last member.
func loadAppQueue(ctx context.Context, h *e2e.Hospital, queues ...appQueue) error {
	conf := appQueueGeneral
	for _, q := range queues {
		conf += q.conf()
	}
	if err := h.Asterisk.WriteFile("queues.conf", []byte(conf)); err != nil {
		return err
	}
	if out, err := h.Asterisk.CLI(ctx, "module load app_queue.so"); err != nil {
		return fmt.Errorf("load app_queue: %w %s", err, out)
	}
	last := queues[len(queues)-1]
	return poll(ctx, "the queues", func() (bool, error) {
		out, err := h.Asterisk.CLI(ctx, "queue show "+last.name)
		return strings.Contains(out, "PJSIP/"+last.members[len(last.members)-1]), err
	})
}

// prepareAppQueue gives the callers at 3000 to app_queue.
func prepareAppQueue(ctx context.Context, h *e2e.Hospital) (func(), []int, error) {
	if err := loadAppQueue(ctx, h, appQueue{name: "bench", timeout: 15, members: allPhones()}); err != nil {
		return nil, nil, err
	}
	return func() {}, nil, dialplan(ctx, h, map[string][]string{"3000": {"Answer()", "Queue(bench)", "Hangup()"}})
}

func allPhones() []string {
	var out []string
	for _, d := range desks(0) {
		out = append(out, string(d.phone))
	}
	return out
}

// dialplan adds numbers to what the operator may call. A number that was there is replaced.
func dialplan(ctx context.Context, h *e2e.Hospital, numbers map[string][]string) error {
	path := filepath.Join(h.Asterisk.Dir, "etc", "accueil_extensions.conf")
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the dialplan: %w", err)
	}
	var kept [][]byte
	for line := range bytes.Lines(text) {
		number, _, _ := strings.Cut(strings.TrimPrefix(string(line), "exten => "), ",")
		if _, replaced := numbers[number]; replaced && strings.Contains(string(line), "Goto(accueil-entry") {
			continue
		}
		kept = append(kept, line)
	}
	more := "\n[accueil-trunk-operateur]\n"
	last := ""
	for number, steps := range numbers {
		more += fmt.Sprintf("exten => %s,1,NoOp()\n same => n,%s\n", number, strings.Join(steps, "\n same => n,"))
		last = number
	}
	if err := h.Asterisk.WriteFile("accueil_extensions.conf", append(bytes.Join(kept, nil), more...)); err != nil {
		return err
	}
	if _, err := h.Asterisk.CLI(ctx, "dialplan reload"); err != nil {
		return err
	}
	first := strings.SplitN(numbers[last][0], "(", 2)[0]
	return poll(ctx, "the dialplan", func() (bool, error) {
		out, err := h.Asterisk.CLI(ctx, "dialplan show "+last+"@accueil-trunk-operateur")
		return strings.Contains(out, first), err
	})
}
