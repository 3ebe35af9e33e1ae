package local

import (
	"bytes"
	"io"
	"strings"
	"sync"
)

// tailLines is how many of the last lines an error message can show.
const tailLines = 30

// console receives a child's output: it hands it on, keeps its last lines for
// error messages, and announces the line that says the server is ready.
type console struct {
	forward io.Writer // may be nil
	marker  string    // part of the line that means ready
	ready   chan struct{}
	once    sync.Once

	mu      sync.Mutex // guards the fields below
	partial []byte     // a line whose end has not come yet
	tail    []string
}

func newConsole(forward io.Writer, marker string) *console {
	return &console{forward: forward, marker: marker, ready: make(chan struct{})}
}

// Write never fails: a log writer that gives up must not stop a server.
func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.forward != nil {
		_, _ = c.forward.Write(p)
	}
	c.partial = append(c.partial, p...)
	for {
		i := bytes.IndexByte(c.partial, '\n')
		if i < 0 {
			return len(p), nil
		}
		c.line(strings.TrimRight(string(c.partial[:i]), "\r"))
		c.partial = c.partial[i+1:]
	}
}

func (c *console) line(s string) {
	if len(c.tail) == tailLines {
		c.tail = c.tail[1:]
	}
	c.tail = append(c.tail, s)
	if strings.Contains(s, c.marker) {
		c.once.Do(func() { close(c.ready) })
	}
}

// lastLines returns the end of the output, for a message to a person.
func (c *console) lastLines() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.tail, "\n")
}
