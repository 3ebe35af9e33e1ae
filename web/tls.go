package web

import (
	"crypto/tls"
	"errors"
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

// use reads another pair of files, or the same ones anew; an error leaves the former.
func (c *certificate) use(cert, key string) error {
	next, err := loadCertificate(cert, key)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cert, c.key, c.pair, c.changed = cert, key, next.pair, next.changed
	return nil
}

// left is how long the pair in force lasts.
func (c *certificate) left() time.Duration {
	pair, _ := c.get(nil)
	return time.Until(pair.Leaf.NotAfter)
}

// UseCertificate takes the pair of these files from the next connection on. Only a server that was
// started with one can change it.
func (s *Server) UseCertificate(cert, key string) error {
	if s.certs == nil {
		return errors.New("web: the listener was started without TLS")
	}
	return s.certs.use(cert, key)
}

// CertificateLeft is how long the certificate lasts; false without one.
func (s *Server) CertificateLeft() (time.Duration, bool) {
	if s.certs == nil {
		return 0, false
	}
	return s.certs.left(), true
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
