package why

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"accueil/acd"
	"accueil/routing"
)

// Log is a stretch of a site's log with what is needed to follow it.
type Log struct {
	// Image is what the log had made of everything before the first entry, with the ID of the entry it
	// stands behind; "" at the beginning of a data set.
	Image acd.Entry
	// Rules are the versions of the routing rules, as JSON, by their hash.
	Rules map[string]json.RawMessage
	// Each gives the entries in their order. It may be called several times and gives the same. An
	// error of yield ends it and is returned.
	Each func(ctx context.Context, yield func(acd.Entry) error) error
}

// rules reads a version of the rules; its hash is that of its text, so that a kept version is known
// again whatever fields a later program adds.
func (l Log) rules(hash string) (routing.Rules, error) {
	text, ok := l.Rules[hash]
	if !ok {
		return routing.Rules{}, fmt.Errorf("the routing rules %s are not kept", hash)
	}
	rules, err := routing.ParseRules(text)
	if err != nil {
		return routing.Rules{}, fmt.Errorf("the routing rules %s: %w", hash, err)
	}
	if got := routing.HashOf(text); got != hash {
		return routing.Rules{}, fmt.Errorf("the routing rules kept as %s are %s: they were changed", hash, got)
	}
	return rules, nil
}

// afterEnd is how much of the log is read behind the end of a contact: whatever is told of it late.
const afterEnd = time.Minute

// About returns the log as far as it concerns the contact: it ends a while after the contact has.
func (l Log) About(contact acd.ContactID) Log {
	each := l.Each
	l.Each = func(ctx context.Context, yield func(acd.Entry) error) error {
		live := map[acd.LegID]bool{}
		var ended acd.Instant
		err := each(ctx, func(e acd.Entry) error {
			for _, leg := range e.Legs {
				if leg.ID.Contact() == contact {
					live[leg.ID] = leg.Live()
					ended = e.At
				}
			}
			for _, alive := range live {
				if alive {
					ended = 0
				}
			}
			if ended != 0 && e.At.Sub(ended) > afterEnd {
				return errEnough
			}
			return yield(e)
		})
		if errors.Is(err, errEnough) {
			return nil
		}
		return err
	}
	return l
}

// compareIDs orders ids of entries: "<ms>-<n>", by both numbers; "" comes first.
func compareIDs(a, b string) int {
	ms, n := parts(a)
	ms2, n2 := parts(b)
	return cmp.Or(cmp.Compare(ms, ms2), cmp.Compare(n, n2))
}

func parts(id string) (ms, n int64) {
	left, right, _ := strings.Cut(id, "-")
	ms, _ = strconv.ParseInt(left, 10, 64)
	n, _ = strconv.ParseInt(right, 10, 64)
	return ms, n
}
