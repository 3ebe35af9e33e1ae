package web

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"
)

// certificate is a key pair read again when its file changes, so that a renewed one needs no restart.
type certificate struct {
	cert, key string

	mu      sync.Mutex // guards all below
	pair    *tls.Certificate
	changed time.Time
	checked time.Time
}

func loadCertificate(cert, key string) (*certificate, error) {
	c := &certificate{cert: cert, key: key}
	if err := c.load(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *certificate) load() error {
	info, err := os.Stat(c.cert)
	if err != nil {
		return fmt.Errorf("look at certificate: %w", err)
	}
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return fmt.Errorf("load certificate: %w", err)
	}
	c.pair, c.changed = &pair, info.ModTime()
	return nil
}

// get returns the pair in force. One that cannot be read leaves the former: renewal writes two files,
// and between them they do not fit.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.checked) > time.Minute {
		c.checked = now
		if info, err := os.Stat(c.cert); err == nil && !info.ModTime().Equal(c.changed) {
			_ = c.load()
		}
	}
	return c.pair, nil
}
