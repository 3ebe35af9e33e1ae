package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"accueil/acd"
)

// Heard is one entry of the audit: who heard or read what a caller said, or that it was erased.
type Heard struct {
	Seq       int64 // from 1, without a gap
	At        acd.Instant
	Who       string // account, or System
	What      string // AuditListen, AuditRead or AuditErase
	Task      acd.TaskID
	Contact   acd.ContactID
	Recording string
	Prev      []byte // hash of the entry before; zeros before the first
	Hash      []byte // of everything above
}

// What the audit tells of.
const (
	AuditListen = "listen" // a recording was played
	AuditRead   = "read"   // number, name or text of a task was shown
	AuditErase  = "erase"  // a recording was erased
)

// sum is the entry's hash: SHA-256 over the hash before and every field, each with its length.
func (h Heard) sum() []byte {
	b := []byte("accueil audit 1")
	text := func(s string) {
		b = binary.BigEndian.AppendUint64(b, uint64(len(s)))
		b = append(b, s...)
	}
	text(string(h.Prev))
	b = binary.BigEndian.AppendUint64(b, uint64(h.Seq))
	b = binary.BigEndian.AppendUint64(b, uint64(h.At))
	for _, s := range []string{h.Who, h.What, string(h.Task), string(h.Contact), h.Recording} {
		text(s)
	}
	sum := sha256.Sum256(b)
	return sum[:]
}

// Mark names an entry so that it can be recognised: what a copy of it elsewhere has to hold.
func (h Heard) Mark() AuditMark { return AuditMark{h.Seq, hex.EncodeToString(h.Hash)} }

// Audit appends an entry, whose number and hashes it returns. Once it has returned, the entry outlives a
// power cut: only then may anything be heard.
func (l *Ledger) Audit(ctx context.Context, h Heard) (Heard, error) {
	for range races {
		err := l.quietly(ctx, "note who heard what", func(tx *sql.Tx) (err error) { h, err = l.appendAudit(tx, h); return err })
		if !raced(err) {
			return h, err
		}
	}
	return h, fmt.Errorf("note who heard what: %w", acd.ErrStale)
}

// auditLock is what nodes agree on in PostgreSQL so that one at a time appends; of SQLite one writes anyway.
const auditLock = lockName + 1

// appendAudit adds an entry behind the last one.
func (l *Ledger) appendAudit(tx *sql.Tx, h Heard) (Heard, error) {
	if l.file == "" {
		if _, err := tx.Exec(`SELECT pg_advisory_xact_lock($1)`, int64(auditLock)); err != nil {
			return h, away("note who heard what", err)
		}
	}
	err := tx.QueryRow(`SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1`).Scan(&h.Seq, &h.Prev)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		h.Seq, h.Prev = 0, make([]byte, sha256.Size)
	case err != nil:
		return h, away("note who heard what", err)
	}
	h.Seq++
	h.Hash = h.sum()
	_, err = tx.Exec(`INSERT INTO audit (seq, at_ms, who, what, task, contact, recording, prev, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		h.Seq, int64(h.At), h.Who, h.What, string(h.Task), string(h.Contact), h.Recording, h.Prev, h.Hash)
	return h, away("note who heard what", err)
}

// Trail returns at most so many entries after the one of that number, oldest first.
func (l *Ledger) Trail(ctx context.Context, after int64, most int) ([]Heard, error) {
	rows, err := l.read.QueryContext(ctx, `SELECT seq, at_ms, who, what, task, contact, recording, prev, hash FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2`, after, most)
	if err != nil {
		return nil, away("read who heard what", err)
	}
	defer func() { _ = rows.Close() }()
	var out []Heard
	for rows.Next() {
		var h Heard
		if err := rows.Scan(&h.Seq, &h.At, &h.Who, &h.What, &h.Task, &h.Contact, &h.Recording, &h.Prev, &h.Hash); err != nil {
			return nil, away("read who heard what", err)
		}
		out = append(out, h)
	}
	return out, away("read who heard what", rows.Err())
}

// forgetAudit drops the entries at the beginning that are from before the instant, but for the last of
// them: that the first entry is older than anything must be kept shows that nothing was taken away too
// early. It ends at the first entry that is not old: what a wrong clock has dated long ago takes nothing
// before it along.
func forgetAudit(tx *sql.Tx, before acd.Instant) error {
	_, err := tx.Exec(`DELETE FROM audit WHERE seq < COALESCE((SELECT MIN(seq) FROM audit WHERE at_ms >= $1), (SELECT MAX(seq) + 1 FROM audit)) - 1`, int64(before))
	return away("drop old entries of the audit", err)
}

// AuditMark is the number of an entry with its hash, in hexadecimal digits.
type AuditMark struct {
	Seq  int64
	Hash string
}

// String is "seq:hash".
func (m AuditMark) String() string { return fmt.Sprintf("%d:%s", m.Seq, m.Hash) }

// Audited is what a look at the whole audit has found.
type Audited struct {
	First, Last   int64 // numbers; zero when there are none
	Since, Latest acd.Instant
	Head          AuditMark // of the last entry
	// Early says that the beginning is gone although the first entry is younger than keep.
	Early bool
	// Fell are the first numbers, at most ten, of entries that are dated more than clockTolerance before one
	// that was written earlier.
	Fell []int64
}

// AuditError says where the audit is not as it was written.
type AuditError struct {
	Seq int64
	Why string
}

func (e AuditError) Error() string { return fmt.Sprintf("entry %d of the audit %s", e.Seq, e.Why) }

// CheckAudit reads the audit of a database from its beginning and recomputes every hash; each reads every
// entry, if it is not nil. It changes nothing and needs no key. AuditError names the first entry that was
// changed, removed or put in; marks, from an earlier look or from the program's log, must be among the
// entries: else the end was cut off, everything was written anew, or, of one before the first entry that is
// left, its time had come. Which of these only who noted it can tell, who knows when that was: a beginning
// that was taken away is seen without a mark only as long as no old entry was written in its place.
func CheckAudit(ctx context.Context, o Options, before acd.Instant, marks []AuditMark, each func(Heard) error) (Audited, error) {
	var out Audited
	wanted := map[int64]string{}
	for _, m := range marks {
		wanted[m.Seq] = m.Hash
	}
	l, err := lookAt(ctx, o)
	if err != nil {
		return out, err
	}
	if l != nil {
		defer func() { _ = l.Close() }()
	}
	prev := make([]byte, sha256.Size)
	var newest acd.Instant
	for l != nil {
		page, err := l.Trail(ctx, out.Last, auditPage)
		if err != nil {
			return out, err
		}
		for _, h := range page {
			if out.First == 0 {
				out.First, out.Since, out.Last = h.Seq, h.At, h.Seq-1
				if h.Seq > 1 { // what was before is gone: its hash is believed
					prev, out.Early = h.Prev, h.At >= before
				}
			}
			want, marked := wanted[h.Seq]
			switch {
			case h.Seq != out.Last+1:
				return out, AuditError{out.Last + 1, "is missing"}
			case !bytes.Equal(h.Prev, prev):
				return out, AuditError{h.Seq, "does not follow the one before it"}
			case !bytes.Equal(h.Hash, h.sum()):
				return out, AuditError{h.Seq, "was changed"}
			case marked && want != hex.EncodeToString(h.Hash):
				return out, AuditError{h.Seq, "is another than the one that was noted: the audit was written anew"}
			}
			delete(wanted, h.Seq)
			if h.At < newest.Add(-clockTolerance) && len(out.Fell) < maxFell {
				out.Fell = append(out.Fell, h.Seq)
			}
			newest = max(newest, h.At)
			prev, out.Last, out.Latest, out.Head = h.Hash, h.Seq, h.At, h.Mark()
			if each != nil {
				if err := each(h); err != nil {
					return out, err
				}
			}
		}
		if len(page) < auditPage {
			break
		}
	}
	if len(wanted) > 0 { // none of them was among the entries, which have no gap
		seq := slices.Max(slices.Collect(maps.Keys(wanted)))
		if seq > out.Last {
			return out, AuditError{seq, fmt.Sprintf("was noted and is gone: the audit ends with entry %d", out.Last)}
		}
		return out, AuditError{seq, fmt.Sprintf("was noted and is gone: the audit begins with entry %d, of %s; if the noted one is older its time had come, if it is younger it was taken away",
			out.First, out.Since.Time().UTC().Format(time.RFC3339))}
	}
	return out, nil
}

// clockTolerance is how far an entry may be dated before an earlier one: nodes' clocks differ, and of two
// that append at once the one that waited has asked the time first.
const clockTolerance = time.Minute

// maxFell bounds Audited.Fell.
const maxFell = 10

// auditPage bounds what of the audit is in memory at once.
const auditPage = 1000

// lookAt connects to a database that is up to date, for reading; nil where there is none yet.
func lookAt(ctx context.Context, o Options) (*Ledger, error) {
	pending, err := Pending(ctx, o)
	if err != nil {
		return nil, err
	}
	all, err := steps()
	switch {
	case err != nil || len(pending) == len(all):
		return nil, err
	case len(pending) > 0:
		return nil, fmt.Errorf("the database has an older schema: accueil migrate brings it up to date: %w", acd.ErrUnavailable)
	}
	return connect(ctx, o)
}
