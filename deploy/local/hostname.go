package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// nameStall is how long the look-up of this machine's own name may take
// before we say that it stalls. A name in /etc/hosts takes a millisecond.
const nameStall = 250 * time.Millisecond

// ownNameStalls says whether looking up this machine's own name hangs.
//
// Asterisk's SIP stack looks it up at its start and in transactions. Where it
// is not in /etc/hosts and no DNS server answers, that was measured to take
// 12 s at the start and more than 12 s before the answer to an INVITE. A name
// that is refused at once does no harm.
func ownNameStalls(ctx context.Context) bool {
	name, err := os.Hostname()
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, nameStall)
	defer cancel()
	_, err = net.DefaultResolver.LookupHost(ctx, name)
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return dns.IsTimeout || dns.IsTemporary
	}
	return err != nil
}

// asLocalhost makes cmd believe that this machine is called localhost, which
// every /etc/hosts knows: it runs in its own UTS namespace (and, without
// root, its own user namespace). The machine keeps its name and its files.
func asLocalhost(cmd *exec.Cmd) {
	// Two ways to set it: the program may be missing, the file is root's.
	const script = `hostname localhost 2>/dev/null || echo localhost >/proc/sys/kernel/hostname; exec "$@"`
	cmd.Args = append([]string{"sh", "-c", script, "sh"}, cmd.Args...)
	cmd.Path = "/bin/sh"
	// Some /etc/hosts have no IPv6 line for localhost: the one question that
	// is then left for DNS, at the start, waits 1 s instead of 5.
	cmd.Env = append([]string{"RES_OPTIONS=timeout:1 attempts:1"}, cmd.Env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUTS}
	if os.Getuid() == 0 {
		return
	}
	cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
	cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
	cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
}

// errOwnName replaces the error of a kernel that refuses the namespace.
func errOwnName(cause error) error {
	name, _ := os.Hostname()
	return fmt.Errorf("this machine's name %q does not resolve, which would stall every call for seconds: add the line \"127.0.1.1 %s\" to /etc/hosts (%w)", name, name, cause)
}
