package main

import (
	"syscall"
	"time"
	"unsafe"
)

// stopwatch adds up the time that this thread had a processor: what others run on the machine meanwhile
// does not count. The caller stays on one thread.
type stopwatch struct {
	total time.Duration
	n     int
	from  time.Duration
}

func (w *stopwatch) start() { w.from = busy() }

func (w *stopwatch) stop(n int) {
	w.total += busy() - w.from
	w.n += n
}

// each is the mean of what was timed, in nanoseconds.
func (w *stopwatch) each() float64 { return float64(w.total.Nanoseconds()) / float64(max(w.n, 1)) }

// busy is CLOCK_THREAD_CPUTIME_ID of Linux: getrusage tells the same, but in steps of a tick.
func busy() time.Duration {
	const threadTime = 3
	var t syscall.Timespec
	// It can fail for an unknown clock only.
	_, _, _ = syscall.Syscall(syscall.SYS_CLOCK_GETTIME, threadTime, uintptr(unsafe.Pointer(&t)), 0)
	return time.Duration(t.Nano())
}
