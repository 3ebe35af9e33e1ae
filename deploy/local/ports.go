package local

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// The port numbers given out. Both zones end below 32768, where Linux starts
// to choose ports for outgoing connections, so that nothing the kernel does
// by itself can take a port between its reservation and its use.
const (
	rangeZoneFirst = 10000 // media: contiguous ranges, in blocks
	rangeZoneLast  = 19999
	portZoneFirst  = 20000 // everything else: single ports
	portZoneLast   = 31999
	rangeBlock     = 100 // ports in one lock of the range zone
)

// ErrNoPort means that every port of the zone is held or in use.
var ErrNoPort = errors.New("no free port left: stop other demos and tests, or wait for them")

// Reservation is a port, or a contiguous range of ports, that no other
// process using this package will be given until Release.
//
// It is a lock file, not a bound socket: the server that is going to use the
// port can bind it, lose it and bind it again (a restart), while the port
// stays reserved. The kernel drops the lock when the process dies.
type Reservation struct {
	First, Last int // both included
	locks       []*os.File
}

// Port is the reserved port (the first one of a range).
func (r *Reservation) Port() int { return r.First }

// Release gives the ports back. It may be called twice, and on nil.
func (r *Reservation) Release() {
	if r == nil {
		return
	}
	for _, f := range r.locks {
		_ = f.Close()
	}
	r.locks = nil
}

// FreePort reserves one port that is free for both TCP and UDP on every
// address of this machine.
func FreePort() (*Reservation, error) {
	size := portZoneLast - portZoneFirst + 1
	// A random start keeps parallel processes off each other's first tries.
	offset := rand.IntN(size)
	for i := range size {
		port := portZoneFirst + (offset+i)%size
		lock, err := lockPort(port)
		if err != nil {
			return nil, err
		}
		if lock == nil {
			continue
		}
		if free(port, true) {
			return &Reservation{First: port, Last: port, locks: []*os.File{lock}}, nil
		}
		_ = lock.Close()
	}
	return nil, fmt.Errorf("reserve a port in %d-%d: %w", portZoneFirst, portZoneLast, ErrNoPort)
}

// FreePorts reserves n separate ports, or none.
func FreePorts(n int) ([]*Reservation, error) {
	ports := make([]*Reservation, 0, n)
	for range n {
		r, err := FreePort()
		if err != nil {
			for _, p := range ports {
				p.Release()
			}
			return nil, err
		}
		ports = append(ports, r)
	}
	return ports, nil
}

// FreeRange reserves n contiguous ports, free for UDP, starting at an even
// number as RTP wants (RFC 3550 §11). n is rounded up to a multiple of 100.
func FreeRange(n int) (*Reservation, error) {
	blocks := (n + rangeBlock - 1) / rangeBlock
	zone := (rangeZoneLast - rangeZoneFirst + 1) / rangeBlock
	if blocks < 1 || blocks > zone {
		return nil, fmt.Errorf("reserve %d media ports: want 1 to %d", n, zone*rangeBlock)
	}
	starts := zone - blocks + 1
	offset := rand.IntN(starts)
	for i := range starts {
		first := rangeZoneFirst + (offset+i)%starts*rangeBlock
		r, err := tryRange(first, first+blocks*rangeBlock-1)
		if err != nil || r != nil {
			return r, err
		}
	}
	return nil, fmt.Errorf("reserve %d media ports in %d-%d: %w", n, rangeZoneFirst, rangeZoneLast, ErrNoPort)
}

// tryRange locks every block of first..last, or returns nil when one of them
// is held or one of their ports is in use.
func tryRange(first, last int) (*Reservation, error) {
	r := &Reservation{First: first, Last: last}
	for port := first; port <= last; port += rangeBlock {
		lock, err := lockPort(port)
		if err != nil || lock == nil {
			r.Release()
			return nil, err
		}
		r.locks = append(r.locks, lock)
	}
	for port := first; port <= last; port++ {
		if !free(port, false) {
			r.Release()
			return nil, nil
		}
	}
	return r, nil
}

// free says whether this process could bind the port now, on all addresses.
func free(port int, tcp bool) bool {
	address := ":" + strconv.Itoa(port)
	u, err := net.ListenPacket("udp", address)
	if err != nil {
		return false
	}
	defer func() { _ = u.Close() }()
	if !tcp {
		return true
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return false
	}
	_ = l.Close()
	return true
}

// lockPort takes the lock of one port. A nil file without error means that
// somebody else holds it, this process included: flock(2) belongs to the open
// file, so two reservations of one process exclude each other too.
func lockPort(port int) (*os.File, error) {
	folder := filepath.Join(os.TempDir(), fmt.Sprintf("accueil-ports-%d", os.Getuid()))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of port locks: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(folder, strconv.Itoa(port)), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock of port %d: %w", port, err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return f, nil
	}
	_ = f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, nil
	}
	return nil, fmt.Errorf("lock port %d: %w", port, err)
}
