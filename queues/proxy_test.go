package queues

import (
	"bytes"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// lateness is longer than the hot path waits.
const lateness = hotTimeout + hotTimeout/2

// proxy stands between a Book and Redis and fails on command.
type proxy struct {
	listener net.Listener
	target   string
	wg       sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]struct{}

	// lose is the number of coming answers of scripts that are swallowed, with the connection cut: the
	// script was done and nobody was told.
	lose atomic.Int64
	lost atomic.Int64
	// scripts counts the pieces with scripts in them that went to Redis.
	scripts atomic.Int64
	deny    atomic.Bool // refuse connections and cut those that are
	late    atomic.Bool // hold the answers to scripts and to reads of images back for lateness
}

func startProxy(t testing.TB, target string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p := &proxy{listener: l, target: target, conns: map[net.Conn]struct{}{}}
	p.wg.Add(1)
	go func() { defer p.wg.Done(); p.accept() }()
	t.Cleanup(func() { _ = l.Close(); p.cut(); p.wg.Wait() })
	return p
}

func (p *proxy) addr() string { return p.listener.Addr().String() }

func (p *proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		if p.deny.Load() {
			_ = c.Close()
			continue
		}
		s, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = c.Close()
			continue
		}
		p.mu.Lock()
		p.conns[c], p.conns[s] = struct{}{}, struct{}{}
		p.mu.Unlock()
		var script, images atomic.Bool
		p.wg.Add(2)
		go func() {
			defer p.wg.Done()
			p.pipe(s, c, func(b []byte) bool {
				script.Store(isScript(b))
				images.Store(bytes.Contains(b, []byte("hmget")))
				if script.Load() {
					p.scripts.Add(1)
				}
				return true
			})
		}()
		go func() {
			defer p.wg.Done()
			p.pipe(c, s, func([]byte) bool {
				if script.Load() && p.lose.Load() > 0 && p.lose.Add(-1) >= 0 {
					p.lost.Add(1)
					return false
				}
				if p.late.Load() && (script.Load() || images.Load()) {
					<-time.After(lateness)
				}
				return true
			})
		}()
	}
}

func isScript(b []byte) bool {
	for i := 0; i+7 < len(b); i++ {
		if string(b[i:i+7]) == "evalsha" {
			return true
		}
	}
	return false
}

func (p *proxy) pipe(to, from net.Conn, pass func([]byte) bool) {
	defer func() {
		_, _ = to.Close(), from.Close()
		p.mu.Lock()
		delete(p.conns, to)
		delete(p.conns, from)
		p.mu.Unlock()
	}()
	buf := make([]byte, 1<<16)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if !pass(buf[:n]) {
				return
			}
			if _, werr := to.Write(buf[:n]); werr != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// cut closes every connection.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

func (p *proxy) away(deny bool) {
	p.deny.Store(deny)
	if deny {
		p.cut()
	}
}
