package main

import (
	"slices"
	"syscall"
	"time"
	"unsafe"
)

// stopwatch takes the time that this thread had a processor, round by round: what others run on the
// machine meanwhile does not count, but for what they push out of the caches. The caller stays on one
// thread.
type stopwatch struct {
	rounds []float64 // nanoseconds for one decision
	from   time.Duration
}

func (w *stopwatch) start() { w.from = busy() }

func (w *stopwatch) stop(n int) {
	w.rounds = append(w.rounds, float64((busy()-w.from).Nanoseconds())/float64(max(n, 1)))
}

// each is the median of the rounds, in nanoseconds for one decision.
func (w *stopwatch) each() float64 {
	slices.Sort(w.rounds)
	return w.rounds[len(w.rounds)/2]
}

// busy is CLOCK_THREAD_CPUTIME_ID of Linux: getrusage tells the same, but in steps of a tick.
func busy() time.Duration {
	const threadTime = 3
	var t syscall.Timespec
	// It can fail for an unknown clock only.
	_, _, _ = syscall.Syscall(syscall.SYS_CLOCK_GETTIME, threadTime, uintptr(unsafe.Pointer(&t)), 0)
	return time.Duration(t.Nano())
}
