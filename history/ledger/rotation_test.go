package ledger

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"accueil/acd"
)

// Keys of the tests, the old one first.
var keyOld, keyNew = strings.Repeat("a", 32), strings.Repeat("b", 32)

// withKeys is a database whose key file holds these, the one that seals first.
func withKeys(o Options, keys ...string) Options {
	o.Key = []byte(strings.Join(keys, "\n"))
	return o
}

// owedTo counts what is owed to a person.
func owedTo(t *testing.T, l *Ledger, person string) (n int) {
	t.Helper()
	if err := l.Fold(t.Context(), nil, func(b *Batch) error {
		list, err := b.OwedTo(person)
		n = len(list)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// A note, or what was said in a recording, that is written between the start with a new key and sealing anew
// takes the mark of the person along: he is known again when the old key is gone.
func TestANoteDuringARotationKeepsThePerson(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		l := open(t, withKeys(o, keyOld))
		noted := add(t, l, missed(1), secret.Number)
		said := missed(2)
		said.Recording = "acc.c2.r1"
		add(t, l, said, secret.Number)
		l = open(t, withKeys(o, keyNew, keyOld))
		d := deed("take")
		d.Note = "rappeler le soir"
		must[acd.Task](t)(l.Change(t.Context(), noted.ID, d, take("claire")))
		if err := l.Transcribed(t.Context(), said.Recording, "bonjour", noon); err != nil {
			t.Fatal(err)
		}
		must[Resealed](t)(l.Reseal(t.Context(), func(int, int) {}))
		l = open(t, withKeys(o, keyNew))
		if n := owedTo(t, l, secret.Number); n != 2 {
			t.Errorf("%d of 2 tasks of one person are known", n)
		}
		if p := must[acd.TaskPersonal](t)(l.Reveal(t.Context(), noted.ID, deed("read"))); p.Number != secret.Number || !strings.HasSuffix(p.Text, d.Note) {
			t.Error("the note is not with the task")
		}
		d.What, d.Note = "attempt", "encore"
		must[acd.Task](t)(l.Change(t.Context(), noted.ID, d, acd.Task.Release)) // under the key that sealed it
		if n := owedTo(t, l, secret.Number); n != 2 {
			t.Errorf("after a note under the same key: %d of 2", n)
		}
	})
}

// While a person has marks under two keys he is one person still: called by one agent, on whatever node.
func TestOnePersonOneAgentDuringARotation(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		l := open(t, withKeys(o, keyOld))
		one := add(t, l, missed(1), secret.Number)
		l = open(t, withKeys(o, keyNew, keyOld))
		two := add(t, l, missed(2), secret.Number)
		for id, other := range map[acd.TaskID]acd.TaskID{one.ID: two.ID, two.ID: one.ID} {
			if list := must[[]acd.Task](t)(l.Others(t.Context(), id)); len(list) != 1 || list[0].ID != other {
				t.Errorf("others: %+v", list)
			}
		}
		must[acd.Task](t)(l.Change(t.Context(), one.ID, deed("take"), take("a01")))
		var taken acd.ErrPersonTaken
		if _, err := l.Change(t.Context(), two.ID, deed("take"), take("a02")); !errors.As(err, &taken) || taken.Agent != "a01" || taken.Task != one.ID {
			t.Errorf("by a colleague: %v", err)
		}
		must[acd.Task](t)(l.Change(t.Context(), one.ID, deed("release"), acd.Task.Release))
		// one node seals with the new key already, the other with the old one yet
		nodes := []*Ledger{l, open(t, withKeys(o, keyOld, keyNew))}
		for range 20 {
			var wg sync.WaitGroup
			var won atomic.Int64
			for n, id := range []acd.TaskID{one.ID, two.ID} {
				wg.Go(func() {
					_, err := nodes[n].Change(context.Background(), id, deed("take"), take([]acd.AgentID{"a10", "a11"}[n]))
					if err == nil {
						won.Add(1)
					} else if !errors.As(err, new(acd.ErrPersonTaken)) {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if won.Load() != 1 {
				t.Fatalf("%d agents deal with one person", won.Load())
			}
			for _, id := range []acd.TaskID{one.ID, two.ID} {
				must[acd.Task](t)(l.Change(t.Context(), id, deed("release"), func(t acd.Task) (acd.Task, error) {
					if t.State != acd.TaskTaken {
						return t, nil
					}
					return t.Release()
				}))
			}
		}
	})
}

// Only a program that goes on sealing makes its key known: who merely brings the schema up to date does not
// let sealing anew lock out a program that runs with the old key alone.
func TestMigratingDoesNotMakeAKeyKnown(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		add(t, open(t, withKeys(o, keyOld)), missed(1), secret.Number)
		both := withKeys(o, keyNew, keyOld)
		l := must[*Ledger](t)(Open(t.Context(), both))
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if look := must[Look](t)(Inspect(t.Context(), both)); look.Known || look.Key != nil {
			t.Errorf("after a migration: %+v", look)
		}
		open(t, both)
		if look := must[Look](t)(Inspect(t.Context(), both)); !look.Known {
			t.Errorf("after a start: %+v", look)
		}
	})
}
