package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"accueil/acd"
	"accueil/queues"
	"accueil/routing/why"
	"accueil/site"
)

// openArchive connects to the past of the site's data set.
func openArchive(ctx context.Context, path string) (*site.Site, *queues.Archive, error) {
	s, err := loadSite(path)
	if err != nil {
		return nil, nil, err
	}
	if len(s.Redis.Addresses) == 0 {
		return nil, nil, ExitError{ExitConfig, errors.New("the site file names no Redis: the embedded store keeps no log")}
	}
	a, err := queues.OpenArchive(ctx, queues.Options{
		Addresses: s.Redis.Addresses, Master: s.Redis.Master, Cluster: s.Redis.Cluster,
		Username: s.Redis.User, Password: s.Redis.Password.Reveal(), Site: s.ID, Node: s.Node,
	})
	if err != nil {
		return nil, nil, ExitError{ExitDependency, fmt.Errorf("the Redis that the site file names (%s): %w", strings.Join(s.Redis.Addresses, ", "), err)}
	}
	return s, a, nil
}

// ExportLogOptions say what to export.
type ExportLogOptions struct {
	Site     string
	From, To string // dates or instants of the site; "" for all there is
	Program  string // version
}

// ExportLog writes the log as JSON lines that can be replayed without anything else: the versions of
// the rules, an image of everything, then the entries.
func ExportLog(ctx context.Context, o ExportLogOptions, out, talk io.Writer) error {
	s, archive, err := openArchive(ctx, o.Site)
	if err != nil {
		return err
	}
	defer archive.Close()
	from, err := whenIn(o.From, s.Location)
	if err != nil {
		return ExitError{ExitUsage, fmt.Errorf("--from: %w", err)}
	}
	to, err := whenIn(o.To, s.Location)
	if err != nil {
		return ExitError{ExitUsage, fmt.Errorf("--to: %w", err)}
	}
	if !to.Never() && to <= from {
		return ExitError{ExitUsage, errors.New("--to: the end comes before the beginning")}
	}
	log, err := archived(ctx, archive, from, to)
	if errors.Is(err, queues.ErrNoImage) {
		return ExitError{ExitFailure, fmt.Errorf("%w: a node keeps one within a minute of its start, then every hour", err)}
	}
	if err != nil {
		return ExitError{ExitDependency, err}
	}
	if log.Rules, err = named(ctx, log); err != nil {
		return err
	}
	n, err := why.Write(ctx, out, why.Header{Site: s.ID, Program: o.Program, From: o.From, To: o.To}, log)
	if err != nil {
		return err
	}
	fmt.Fprintf(talk, "%d entries written; ids, codes and times only: nothing in them tells who called\n", n)
	return nil
}

// named returns those versions of the rules that decisions of the log name; all of them when none does.
func named(ctx context.Context, log why.Log) (map[string]json.RawMessage, error) {
	out := map[string]json.RawMessage{}
	err := log.Each(ctx, func(e acd.Entry) error {
		if e.Decision != nil {
			if text, kept := log.Rules[e.Decision.Rules]; kept {
				out[e.Decision.Rules] = text
			}
		}
		return nil
	})
	if len(out) == 0 {
		return log.Rules, err
	}
	return out, err
}

// Replay makes every decision of an exported log again and tells whether all are the same; when one is
// not, the first.
func Replay(ctx context.Context, path string, asJSON bool, out io.Writer, progress func(step string, done, total int)) error {
	h, log, err := why.Open(path)
	if err != nil {
		return ExitError{ExitConfig, err}
	}
	total := 0
	if err := log.Each(ctx, func(acd.Entry) error { total++; return nil }); err != nil {
		return unreadable(ctx, err)
	}
	r, err := why.Replay(ctx, log, func(entries int) { progress("replay", entries, total) })
	if err != nil {
		return unreadable(ctx, err)
	}
	if err := tellOrEncode(out, asJSON, r, replayWords(h, r)); err != nil {
		return err
	}
	if r.Equal < r.Remade || r.Remade == 0 && r.Decisions > 0 {
		return ExitError{Code: ExitFailure} // all has been said
	}
	return nil
}

// unreadable gives the exit code of a file that cannot be used, unless the reader was stopped.
func unreadable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	return ExitError{ExitConfig, err}
}

func replayWords(h why.Header, r why.Replayed) string {
	var b strings.Builder
	fmt.Fprintf(&b, "site %s: %d entries, %d decisions\n", h.Site, r.Entries, r.Decisions)
	fmt.Fprintf(&b, "made again: %d, of these equal: %d\n", r.Remade, r.Equal)
	for _, hash := range slices.Sorted(maps.Keys(r.Rules)) {
		fmt.Fprintf(&b, "  under the rules %s: %d\n", hash, r.Rules[hash])
	}
	for _, doubt := range why.Doubts {
		if n := r.Doubts[doubt]; n > 0 {
			fmt.Fprintf(&b, "not made again: %d, %s\n", n, doubt.Words())
		}
	}
	switch {
	case r.First != nil:
		fmt.Fprintf(&b, "the first that differs: %s\n", r.First)
	case r.Remade == 0 && r.Decisions > 0:
		b.WriteString("nothing is proved: no decision could be made again\n")
	case r.Remade == 0:
		b.WriteString("there is no decision in this log\n")
	default:
		b.WriteString("every decision made again is the one in the log\n")
	}
	return b.String()
}
