package asterisk_test

import (
	"bytes"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"accueil/deploy/local"
)

// proxy stands between a controller and Asterisk and fails on command.
type proxy struct {
	listener net.Listener
	server   string // host:port of Asterisk

	mu       sync.Mutex
	pairs    map[*pair]bool
	refusing bool
	all      sync.WaitGroup
}

// pair is one connection through the proxy.
type pair struct {
	near, far net.Conn
	mu        sync.Mutex
	websocket bool // what the server says is an event stream
	deaf      bool // what the server says is lost
}

func newProxy(t *testing.T, server *local.Asterisk) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	address := strings.TrimSuffix(strings.TrimPrefix(server.ARIURL(), "http://"), "/ari")
	p := &proxy{listener: listener, server: address, pairs: map[*pair]bool{}}
	p.all.Go(p.accept)
	t.Cleanup(func() { listener.Close(); p.cut(); p.all.Wait() })
	return p
}

func (p *proxy) url() string { return "http://" + p.listener.Addr().String() + "/ari" }

func (p *proxy) accept() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		refusing := p.refusing
		p.mu.Unlock()
		far, err := net.Dial("tcp", p.server)
		if err != nil || refusing {
			near.Close()
			if far != nil {
				far.Close()
			}
			continue
		}
		c := &pair{near: near, far: far}
		p.mu.Lock()
		p.pairs[c] = true
		p.mu.Unlock()
		p.all.Go(func() { p.pump(c, c.far, c.near, false) })
		p.all.Go(func() { p.pump(c, c.near, c.far, true) })
	}
}

// pump copies one direction until either side ends.
func (p *proxy) pump(c *pair, to io.Writer, from io.Reader, fromServer bool) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		c.mu.Lock()
		if bytes.Contains(buffer[:n], []byte("101 Switching Protocols")) {
			c.websocket = true
		}
		lost := c.deaf && fromServer
		c.mu.Unlock()
		if n > 0 && !lost {
			if _, err := to.Write(buffer[:n]); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	c.near.Close()
	c.far.Close()
	p.mu.Lock()
	delete(p.pairs, c)
	p.mu.Unlock()
}

func (p *proxy) each(do func(*pair)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.pairs {
		do(c)
	}
}

// cut breaks every connection.
func (p *proxy) cut() { p.each(func(c *pair) { c.near.Close(); c.far.Close() }) }

// swallow loses what comes on the present websockets.
func (p *proxy) swallow() {
	p.each(func(c *pair) { c.mu.Lock(); c.deaf = c.websocket; c.mu.Unlock() })
}

func (p *proxy) setRefusing(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refusing = on
}

// refuse closes new connections at once, admit ends that.
func (p *proxy) refuse() { p.setRefusing(true) }
func (p *proxy) admit()  { p.setRefusing(false) }

// eventually polls a state that no event announces.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("never: %s", what)
		}
	}
}
