package app

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
	"accueil/history/ledger"
)

// VerifyOptions say what to look for.
type VerifyOptions struct {
	// Marks are "seq:hash" of entries that must be there, from an earlier look or from the program's log.
	Marks []string
	List  bool // print every entry
	JSON  bool
	Log   *zap.Logger
}

// verified is what verify prints as JSON at the end.
type verified struct {
	First int64  `json:"first"`
	Last  int64  `json:"last"`
	Since string `json:"since,omitempty"`
	Until string `json:"until,omitempty"`
	Head  string `json:"head,omitempty"`
	Early bool   `json:"beginning_missing,omitempty"`
	// Fell are entries that are dated clearly before an earlier one; the first ten.
	Fell []int64 `json:"dated_before_earlier,omitempty"`
}

// heardLine is one entry of the audit as verify prints it.
type heardLine struct {
	Seq       int64         `json:"seq"`
	At        string        `json:"at"`
	Who       string        `json:"who"`
	What      string        `json:"what"`
	Task      acd.TaskID    `json:"task,omitempty"`
	Contact   acd.ContactID `json:"contact,omitempty"`
	Recording string        `json:"recording,omitempty"`
	Hash      string        `json:"hash"`
}

// Verify recomputes the audit of who heard what: exit code 1 where it is not as it was written, 4 where
// the database cannot be read. It changes nothing.
func Verify(ctx context.Context, path string, o VerifyOptions, out io.Writer) error {
	s, err := loadSite(path)
	if err != nil {
		return err
	}
	marks, err := parseMarks(o.Marks)
	if err != nil {
		return err
	}
	stamp := func(i acd.Instant) string {
		if i.Never() {
			return ""
		}
		return i.Time().In(s.Location).Format(time.RFC3339)
	}
	enc := json.NewEncoder(out)
	var each func(ledger.Heard) error
	if o.List {
		each = func(h ledger.Heard) error {
			l := heardLine{h.Seq, stamp(h.At), h.Who, h.What, h.Task, h.Contact, h.Recording, hex.EncodeToString(h.Hash)}
			if o.JSON {
				return enc.Encode(l)
			}
			_, err := fmt.Fprintln(out, l.Seq, l.At, l.Who, l.What, dash(string(l.Task)), dash(string(l.Contact)), dash(l.Recording), l.Hash)
			return err
		}
	}
	a, err := ledger.CheckAudit(ctx, ledgerOptions(s, o.Log), acd.At(time.Now()).Add(-s.History.Audit.Keep), marks, each)
	if err != nil {
		var broken ledger.AuditError
		if errors.As(err, &broken) {
			return err
		}
		return migrateError(err)
	}
	v := verified{First: a.First, Last: a.Last, Since: stamp(a.Since), Until: stamp(a.Latest), Early: a.Early, Fell: a.Fell}
	if a.Last > 0 {
		v.Head = a.Head.String()
	}
	if o.JSON {
		return enc.Encode(v)
	}
	switch {
	case a.Last == 0:
		_, err = fmt.Fprintln(out, "nobody has heard or read anything yet")
	default:
		_, err = fmt.Fprintf(out, "entries %d to %d, from %s to %s, are as they were written\n%s\n", v.First, v.Last, v.Since, v.Until, v.Head)
	}
	if err == nil && a.Early {
		_, err = fmt.Fprintf(out, "entries 1 to %d are gone although their time has not come: was history.audit.keep made longer since?\n", a.First-1)
	}
	for _, seq := range a.Fell {
		if err == nil {
			_, err = fmt.Fprintf(out, "entry %d is dated before an earlier one: was a clock wrong?\n", seq)
		}
	}
	return err
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// parseMarks reads "seq:hash"; exit code 2 for what is none.
func parseMarks(texts []string) ([]ledger.AuditMark, error) {
	var out []ledger.AuditMark
	for _, text := range texts {
		n, hash, _ := strings.Cut(text, ":")
		seq, err := strconv.ParseInt(n, 10, 64)
		if b, herr := hex.DecodeString(hash); err != nil || herr != nil || seq < 1 || len(b) != 32 {
			return nil, ExitError{ExitUsage, errors.New("--mark takes the number of an entry, a colon and its hash of 64 digits, as verify and the log print them")}
		}
		out = append(out, ledger.AuditMark{Seq: seq, Hash: hash})
	}
	return out, nil
}
