package local

import (
	"crypto/rand"
	"fmt"
	"net"
	"strings"
)

// notifier is the receiving end of sd_notify(3). Asterisk says READY=1 there
// when it is fully booted, which is an event and needs no polling.
type notifier struct {
	conn  *net.UnixConn
	ready chan struct{} // closed at the first READY=1
	done  chan struct{} // closed when the reader ended
}

// newNotifier listens on an abstract socket: no file to remove, and no limit
// of 108 bytes on the path of the server's folder.
func newNotifier() (*notifier, error) {
	addr := &net.UnixAddr{Net: "unixgram", Name: "@accueil-" + rand.Text()}
	conn, err := net.ListenUnixgram("unixgram", addr)
	if err != nil {
		return nil, fmt.Errorf("listen for the ready message: %w", err)
	}
	n := &notifier{conn: conn, ready: make(chan struct{}), done: make(chan struct{})}
	go n.read()
	return n, nil
}

// env is the variable that tells a child where to report.
func (n *notifier) env() string { return "NOTIFY_SOCKET=" + n.conn.LocalAddr().String() }

func (n *notifier) read() {
	defer close(n.done)
	told := false
	buf := make([]byte, 4096)
	for {
		size, err := n.conn.Read(buf)
		if err != nil {
			return
		}
		for _, line := range strings.Split(string(buf[:size]), "\n") {
			if line == "READY=1" && !told {
				told = true
				close(n.ready)
			}
		}
	}
}

func (n *notifier) close() {
	_ = n.conn.Close()
	<-n.done
}
