package owed

import (
	"testing"
	"time"

	"accueil/acd"
)

// back is the leg that calls c1 back: he waited from noon, chose it two minutes later.
func back(edit func(*acd.Leg)) acd.Leg {
	at := noon.Add(2 * time.Minute)
	l := acd.Leg{
		ID: "c1/2", Previous: "c1/1", Rev: 1, State: acd.LegCallback, Since: at, Arrived: at, AgeFrom: noon, Entry: "3000", Queue: "rdv", Reason: "rdv.imagerie",
		Callback: &acd.Callback{NotBefore: at, Until: at.Add(24 * time.Hour)},
	}
	if edit != nil {
		edit(&l)
	}
	return l
}

func tried(at acd.Instant, r acd.AttemptResult) acd.Attempt {
	return acd.Attempt{At: at, By: "a01", Result: r}
}

func TestACallbacksTaskFollowsItsLeg(t *testing.T) {
	t.Parallel()
	task, err := NewCallback(back(nil))
	if err != nil || task.Kind != acd.TaskCallback || task.Since != noon || task.Due != noon.Add(2*time.Minute) || task.Until != noon.Add(24*time.Hour+2*time.Minute) {
		t.Fatalf("%+v, %v", task, err)
	}
	first, second := noon.Add(10*time.Minute), noon.Add(50*time.Minute)
	offered := func(l *acd.Leg) { l.State, l.Agent = acd.LegOffered, "a01" }
	missed := func(l *acd.Leg) {
		l.Callback.Attempts, l.Callback.NotBefore = []acd.Attempt{tried(first, acd.AttemptBusy)}, noon.Add(40*time.Minute)
	}
	ended := func(o acd.Outcome, reason string) func(*acd.Leg) {
		return func(l *acd.Leg) {
			missed(l)
			l.State, l.End = acd.LegEnded, &acd.End{Outcome: o, Reason: reason, At: second}
		}
	}
	for name, c := range map[string]struct {
		legs   []func(*acd.Leg)
		state  acd.TaskState
		owner  acd.AgentID
		result acd.TaskResult
		tries  int
		due    acd.Instant
	}{
		"waits":       {[]func(*acd.Leg){nil}, acd.TaskOpen, "", "", 0, noon.Add(2 * time.Minute)},
		"is offered":  {[]func(*acd.Leg){offered}, acd.TaskTaken, "a01", "", 0, noon.Add(2 * time.Minute)},
		"goes back":   {[]func(*acd.Leg){offered, nil}, acd.TaskOpen, "", "", 0, noon.Add(2 * time.Minute)},
		"another has": {[]func(*acd.Leg){offered, func(l *acd.Leg) { l.State, l.Agent = acd.LegBriefing, "a02" }}, acd.TaskTaken, "a02", "", 0, noon.Add(2 * time.Minute)},
		"is tried":    {[]func(*acd.Leg){offered, missed}, acd.TaskOpen, "", "", 1, noon.Add(40 * time.Minute)},
		"is heard of late, and of all at once": {[]func(*acd.Leg){func(l *acd.Leg) {
			missed(l)
			l.Callback.Attempts = append(l.Callback.Attempts, tried(second, acd.AttemptMachine))
		}}, acd.TaskOpen, "", "", 2, noon.Add(40 * time.Minute)},
		"is lost": {[]func(*acd.Leg){offered, missed, func(l *acd.Leg) {
			ended(acd.CalledBack, acd.CallbackLost)(l)
			l.Callback.Attempts = append(l.Callback.Attempts, tried(second, acd.AttemptNoAnswer))
		}}, acd.TaskLost, "a01", acd.ResultUnreached, 2, 0},
		"is reached": {[]func(*acd.Leg){offered, func(l *acd.Leg) {
			offered(l)
			l.Callback.Attempts, l.Callback.Reached = []acd.Attempt{tried(first, acd.AttemptReached)}, first
		}}, acd.TaskDone, "a01", acd.ResultReached, 1, 0},
		"expires":       {[]func(*acd.Leg){ended(acd.CalledBack, acd.CallbackExpired)}, acd.TaskExpired, "", acd.ResultExpired, 1, 0},
		"is withdrawn":  {[]func(*acd.Leg){ended(acd.CalledBack, acd.CallbackWithdrawn)}, acd.TaskWithdrawn, "", acd.ResultWithdrawn, 1, 0},
		"is served":     {[]func(*acd.Leg){ended(acd.CalledBack, acd.CallbackServed)}, acd.TaskDone, "", acd.ResultReached, 1, 0},
		"is resumed":    {[]func(*acd.Leg){ended(acd.CalledBack, acd.CallbackResumed)}, acd.TaskDone, "", acd.CallbackResumed, 1, 0},
		"fails":         {[]func(*acd.Leg){offered, ended(acd.Failed, "")}, acd.TaskOpen, "", "", 1, noon.Add(40 * time.Minute)},
		"is moved":      {[]func(*acd.Leg){func(l *acd.Leg) { l.Queue = "accueil" }}, acd.TaskOpen, "", "", 0, noon.Add(2 * time.Minute)},
		"told it twice": {[]func(*acd.Leg){missed, missed, missed}, acd.TaskOpen, "", "", 1, noon.Add(40 * time.Minute)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := task
			for _, edit := range c.legs {
				next, err := Follow(got, back(edit))
				if err != nil {
					t.Fatal(err)
				}
				if err := next.Check(); err != nil || next.Rev > got.Rev+1 {
					t.Fatalf("%v: %+v after %+v", err, next, got)
				}
				got = next
			}
			if got.State != c.state || got.Owner != c.owner || got.Result != c.result || len(got.Attempts) != c.tries || got.Due != c.due {
				t.Errorf("%+v", got)
			}
			if last := back(c.legs[len(c.legs)-1]); got.Queue != last.Queue {
				t.Errorf("it is of queue %s, its leg of %s", got.Queue, last.Queue)
			}
			if same, err := Follow(got, back(c.legs[len(c.legs)-1])); err != nil || same.Rev != got.Rev {
				t.Errorf("the same again changes it: %v", err)
			}
		})
	}
}

// A task that an agent works on by a leg keeps its own state; attempts count in it.
func TestATaskThatIsWorkedOnByALeg(t *testing.T) {
	t.Parallel()
	open, err := New(leg(1, acd.Abandoned, acd.LegQueued), acd.TaskMissed, "", week)
	if err != nil {
		t.Fatal(err)
	}
	task, err := open.Take("a01")
	if err != nil {
		t.Fatal(err)
	}
	of := func(edit func(*acd.Leg)) acd.Leg {
		return back(func(l *acd.Leg) {
			l.Callback.Task = task.ID
			if edit != nil {
				edit(l)
			}
		})
	}
	if n, err := Follow(task, of(nil)); err != nil || n.Rev != task.Rev {
		t.Errorf("a leg that waits for its agent changes the task: %+v %v", n, err)
	}
	at := noon.Add(10 * time.Minute)
	n, err := Follow(task, of(func(l *acd.Leg) {
		l.Callback.Attempts, l.Callback.NotBefore = []acd.Attempt{tried(at, acd.AttemptNoAnswer)}, noon.Add(time.Hour)
	}))
	if err != nil || n.State != acd.TaskOpen || len(n.Attempts) != 1 || n.Due != noon.Add(time.Hour) {
		t.Errorf("after an attempt: %+v %v", n, err)
	}
	// A leg that is given up does not give the task up: people may still try.
	n, err = Follow(task, of(func(l *acd.Leg) {
		l.State, l.End = acd.LegEnded, &acd.End{Outcome: acd.CalledBack, Reason: acd.CallbackExpired, At: at}
	}))
	if err != nil || n.State != acd.TaskOpen {
		t.Errorf("after the leg's end: %+v %v", n, err)
	}
	n, err = Follow(task, of(func(l *acd.Leg) {
		l.State, l.Agent, l.Bridged, l.End = acd.LegEnded, "a01", at, &acd.End{Outcome: acd.Answered, At: at.Add(time.Minute)}
	}))
	if err != nil || n.State != acd.TaskDone || n.Result != acd.ResultReached {
		t.Errorf("after a conversation: %+v %v", n, err)
	}
}

// The keeper opens a callback's task once, and follows it over a restart.
func TestCallbacksAreKept(t *testing.T) {
	t.Parallel()
	h := newHospital(t)
	h.site.tell("+33611111111", leg(1, acd.CalledBack, acd.LegQueued), back(nil))
	h.has(1)
	h.site.tell("+33611111111", back(func(l *acd.Leg) { l.Rev, l.State, l.Agent = 2, acd.LegOffered, "a01" }))
	h.within("that it is taken", func() bool { return h.tasks()[0].Owner == "a01" })
	h.site.tell("+33611111111", leg(3, acd.Abandoned, acd.LegQueued)) // he is to be called anyway
	h.folded()
	h.stop()
	h.site.tell("+33611111111", back(func(l *acd.Leg) {
		l.Rev, l.State, l.Agent, l.Bridged = 4, acd.LegEnded, "a01", noon.Add(20*time.Minute)
		l.Callback.Attempts, l.Callback.Reached = []acd.Attempt{tried(noon.Add(19*time.Minute), acd.AttemptReached)}, noon.Add(19*time.Minute)
		l.End = &acd.End{Outcome: acd.Answered, At: noon.Add(25 * time.Minute)}
	}))
	h.start()
	h.folded()
	h.has(1)
	if got := h.tasks()[0]; got.State != acd.TaskDone || got.Result != acd.ResultReached || got.Count != 2 || len(got.Attempts) != 1 {
		t.Errorf("%+v", got)
	}
}
