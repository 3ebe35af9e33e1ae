package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// drainDelay bounds the wait for output that a grandchild keeps open after
// the child itself ended.
const drainDelay = time.Second

// child is one run of one process. A restarted server gets a new child.
type child struct {
	pid  int
	done chan struct{} // closed when the process was reaped and its output read
	err  error         // how it ended; read only after done
}

// startChild starts cmd as the leader of its own process group.
//
// The kernel sends Pdeathsig when the parent's *thread* ends, not its process,
// and Go moves goroutines between threads. So one goroutine keeps its thread
// from before the fork until the child was reaped.
func startChild(cmd *exec.Cmd) (*child, error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	cmd.WaitDelay = drainDelay
	c := &child{done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(c.done)
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		c.pid = cmd.Process.Pid
		started <- nil
		c.err = cmd.Wait()
		// Whatever the child left in its group goes with it.
		_ = syscall.Kill(-c.pid, syscall.SIGKILL)
	}()
	if err := <-started; err != nil {
		<-c.done
		return nil, err
	}
	return c, nil
}

// running says whether the process has not been reaped yet.
func (c *child) running() bool {
	select {
	case <-c.done:
		return false
	default:
		return true
	}
}

// signal sends sig to the whole process group. It returns os.ErrProcessDone
// when the child has ended.
func (c *child) signal(sig syscall.Signal) error {
	if !c.running() {
		return os.ErrProcessDone
	}
	err := syscall.Kill(-c.pid, sig)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}

// stop asks the process to end, waits up to grace or until ctx ends, then
// kills it. It returns when the process is gone; a child that had ended
// already is no error. A paused child is woken first, or it could not obey.
func (c *child) stop(ctx context.Context, grace time.Duration) error {
	if err := c.signal(syscall.SIGTERM); errors.Is(err, os.ErrProcessDone) {
		<-c.done
		return nil
	}
	_ = c.signal(syscall.SIGCONT)
	return c.ended(ctx, grace)
}

// ended waits for a process that was told to end, and kills it when it does not.
func (c *child) ended(ctx context.Context, grace time.Duration) error {
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-c.done:
		return nil
	case <-timer.C:
	case <-ctx.Done():
	}
	if err := c.kill(); err != nil {
		return err
	}
	return fmt.Errorf("process %d did not end within %v and was killed", c.pid, grace)
}

// kill sends SIGKILL and waits until the process is reaped.
func (c *child) kill() error {
	if err := c.signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill process %d: %w", c.pid, err)
	}
	<-c.done
	return nil
}
