package local

import (
	"net"
	"strconv"
	"sync"
	"testing"
)

func TestPortsAreNotGivenTwice(t *testing.T) {
	t.Parallel()
	const askers, each = 8, 20
	var mu sync.Mutex
	holder := map[int]int{}
	var wg sync.WaitGroup
	for asker := range askers {
		wg.Go(func() {
			ports, err := FreePorts(each)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			for _, p := range ports {
				if other, held := holder[p.Port()]; held {
					t.Errorf("port %d was given to %d and to %d", p.Port(), other, asker)
				}
				holder[p.Port()] = asker
				t.Cleanup(p.Release)
			}
		})
	}
	wg.Wait()
	if len(holder) != askers*each {
		t.Errorf("%d different ports, want %d", len(holder), askers*each)
	}
}

func TestReservedPortCanBeBoundAgainAndAgain(t *testing.T) {
	t.Parallel()
	r, err := FreePort()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	for range 3 { // a server that is restarted
		l, err := net.Listen("tcp", ":"+strconv.Itoa(r.Port()))
		if err != nil {
			t.Fatal(err)
		}
		u, err := net.ListenPacket("udp", ":"+strconv.Itoa(r.Port()))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = l.Close(), u.Close()
	}
	if again, err := lockPort(r.Port()); err != nil || again != nil {
		t.Errorf("the lock of a reserved port could be taken: %v, %v", again, err)
	}
	r.Release()
	r.Release()
	again, err := lockPort(r.Port())
	if err != nil || again == nil {
		t.Fatalf("the lock of a released port could not be taken: %v", err)
	}
	_ = again.Close()
}

func TestBusyPortIsNotFree(t *testing.T) {
	t.Parallel()
	r, err := FreePort()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	if !free(r.Port(), true) {
		t.Fatalf("port %d is not free right after its reservation", r.Port())
	}
	// Foreign servers bind one protocol on one address, without any lock.
	l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(r.Port()))
	if err != nil {
		t.Fatal(err)
	}
	if free(r.Port(), true) {
		t.Error("a port with a TCP listener on loopback counts as free")
	}
	_ = l.Close()
	u, err := net.ListenPacket("udp", "127.0.0.1:"+strconv.Itoa(r.Port()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = u.Close() }()
	if free(r.Port(), false) {
		t.Error("a port with a UDP socket on loopback counts as free")
	}
}

func TestRangesDoNotOverlap(t *testing.T) {
	t.Parallel()
	owner := map[int]int{}
	for i, n := range []int{1, 100, 101, 250} {
		r, err := FreeRange(n)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(r.Release)
		if size := r.Last - r.First + 1; size < n || r.First%2 != 0 {
			t.Errorf("FreeRange(%d) = %d-%d: too small, or odd", n, r.First, r.Last)
		}
		for port := r.First; port <= r.Last; port++ {
			if other, held := owner[port]; held {
				t.Fatalf("port %d is in range %d and in range %d", port, other, i)
			}
			owner[port] = i
		}
	}
	for _, n := range []int{0, -1, 10001} {
		if r, err := FreeRange(n); err == nil {
			r.Release()
			t.Errorf("FreeRange(%d) gave %d-%d, want an error", n, r.First, r.Last)
		}
	}
}
