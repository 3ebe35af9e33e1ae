package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	drainLook = time.Second // how often the number of calls left is asked
	drainTime = 10 * time.Second
)

// AskDrain asks a running node to take no new calls and waits until none is left, telling how many
// remain.
func AskDrain(ctx context.Context, o NodeOptions, talk io.Writer) error {
	n, err := findNode(o)
	if err != nil {
		return err
	}
	var refused refusal
	if err := n.ask(ctx, http.MethodPost, "/v1/drain", drainTime, nil); errors.As(err, &refused) {
		return ExitError{ExitRefused, err}
	} else if err != nil {
		return err
	}
	last := -1
	for {
		var calls []json.RawMessage
		if err := n.ask(ctx, http.MethodGet, "/v1/contacts", drainTime, &calls); err != nil {
			return err
		}
		if len(calls) == 0 {
			fmt.Fprintln(talk, "no calls left: the node can be stopped")
			return nil
		}
		if len(calls) != last {
			fmt.Fprintf(talk, "%d calls in progress\n", len(calls))
			last = len(calls)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(drainLook):
		}
	}
}
