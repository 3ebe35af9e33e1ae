package ledger

import (
	"errors"
	"slices"
	"testing"
	"time"

	"accueil/acd"
)

// What was said is written down with the rest of what is personal, and goes with it.
func TestRecordings(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, o Options) {
		l := open(t, o)
		ctx := t.Context()
		task := missed(1)
		task.Kind, task.Recording = acd.TaskVoicemail, "acc.c1.r1"
		add(t, l, task, "p")
		add(t, l, missed(2), "p")
		if err := l.Transcribed(ctx, "acc.c1.r1", "Bonjour, rappelez-moi.", noon.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if p := must[acd.TaskPersonal](t)(l.Reveal(ctx, task.ID, deed("read"))); p.Text != secret.Text+"\nBonjour, rappelez-moi." {
			t.Error("what was said is not with the task")
		}
		if story := must[[]Step](t)(l.Story(ctx, task.ID)); !slices.ContainsFunc(story, func(s Step) bool { return s.What == "transcript" && s.By == System }) {
			t.Errorf("the transcript is not in the story: %+v", story)
		}
		if err := l.Transcribed(ctx, "acc.c9.r1", "x", noon); !errors.As(err, &acd.ErrNotFound{}) {
			t.Errorf("of no task: %v", err)
		}
		end := noon.Add(time.Hour)
		must[acd.Task](t)(l.Change(ctx, task.ID, deed("close"), func(t acd.Task) (acd.Task, error) { return t.Close(acd.ResultHandled, end) }))
		if got := must[[]string](t)(l.Erasable(ctx, end)); len(got) != 0 {
			t.Errorf("erasable while it can still be read: %v", got)
		}
		later := end.Add(25 * time.Hour)
		must[Swept](t)(l.Sweep(ctx, later, Keep{Personal: 24 * time.Hour, Task: 30 * 24 * time.Hour}))
		if got := must[[]string](t)(l.Erasable(ctx, later.Add(-24*time.Hour))); !slices.Equal(got, []string{"acc.c1.r1"}) {
			t.Errorf("erasable: %v", got)
		}
		if err := l.Transcribed(ctx, "acc.c1.r1", "x", later); !errors.As(err, &acd.ErrNotFound{}) {
			t.Errorf("after the erasure: %v", err)
		}
	})
}
