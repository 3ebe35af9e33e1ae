package site

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"

	"accueil/wording"
)

// RenewBefore is how long before its end a certificate ought to have been renewed.
const RenewBefore = 14 * 24 * time.Hour

// certificate checks the pair of listen.tls. One that is out of date is a warning only: the telephone
// does not depend on it.
func (c *checker) certificate() {
	t := c.site.Listen.TLS
	if !t.Given() {
		return // the decoder has told what is missing
	}
	cert, ok := c.open("listen.tls.certificate", t.Certificate, false)
	key, okKey := c.open("listen.tls.key", t.Key, true)
	if !ok || !okKey {
		return
	}
	leaf, err := leafOf(cert)
	if err != nil {
		c.fail("listen.tls.certificate", nil, "the file holds no certificate")
		return
	}
	if _, err := tls.X509KeyPair(cert, key); err != nil {
		c.fail("listen.tls.key", nil, "the key does not belong to the certificate, or cannot be read")
		return
	}
	now := time.Now()
	switch left := leaf.NotAfter.Sub(now); {
	case now.Before(leaf.NotBefore):
		c.warn("listen.tls.certificate", nil, "the certificate begins on %s only", day(leaf.NotBefore))
	case left <= 0:
		c.warn("listen.tls.certificate", wording.Say("renew it"), "the certificate ended on %s: browsers and phones refuse it", day(leaf.NotAfter))
	case left < RenewBefore:
		c.warn("listen.tls.certificate", wording.Say("renew it"), "the certificate ends on %s", day(leaf.NotAfter))
	}
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// leafOf reads the first certificate of a PEM file.
func leafOf(text []byte) (*x509.Certificate, error) {
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return nil, errors.New("no PEM block of a certificate")
		}
		if block.Type == "CERTIFICATE" {
			return x509.ParseCertificate(block.Bytes)
		}
	}
}

// Ends returns the instant at which the certificate of the file ends.
func (t TLS) Ends() (time.Time, error) {
	text, err := os.ReadFile(t.Certificate)
	if err != nil {
		return time.Time{}, fmt.Errorf("read the certificate: %w", err)
	}
	leaf, err := leafOf(text)
	if err != nil {
		return time.Time{}, fmt.Errorf("read the certificate: %w", err)
	}
	return leaf.NotAfter, nil
}
