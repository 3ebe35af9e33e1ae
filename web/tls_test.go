package web

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// selfSigned writes a certificate of the given serial for 127.0.0.1 and returns its files and pool.
func selfSigned(t *testing.T, folder string, serial int64) (cert, key string, pool *x509.CertPool) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool = x509.NewCertPool()
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(parsed)
	return cert, key, pool
}

func TestTLS(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	cert, key, pool := selfSigned(t, folder, 1)
	h := newHospital(t, func(o *Options) { o.CertFile, o.KeyFile = cert, key })
	h.url = strings.Replace(h.url, "http:", "https:", 1)
	h.client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: pool}
	got := h.get("/v1/queues", "tok-admin")
	if got.status != 200 || got.header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%d %v", got.status, got.header)
	}
}

func TestCertificateIsReadAgain(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	cert, key, _ := selfSigned(t, folder, 1)
	c, err := loadCertificate(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	serial := func() int64 {
		t.Helper()
		c.checked = time.Time{}
		pair, err := c.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(pair.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		return leaf.SerialNumber.Int64()
	}
	if n := serial(); n != 1 {
		t.Fatalf("serial %d", n)
	}
	if err := os.WriteFile(cert, []byte("half a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Minute)
	if err := os.Chtimes(cert, old, old); err != nil {
		t.Fatal(err)
	}
	if n := serial(); n != 1 {
		t.Errorf("a half-written certificate gave serial %d", n)
	}
	selfSigned(t, folder, 2)
	if n := serial(); n != 2 {
		t.Errorf("serial %d after renewal", n)
	}
	other := filepath.Join(folder, "other")
	if err := os.Mkdir(other, 0o700); err != nil {
		t.Fatal(err)
	}
	cert3, key3, _ := selfSigned(t, other, 3)
	if err := c.use(cert3, key); err == nil || serial() != 2 {
		t.Error("a pair that does not fit was taken")
	}
	if err := c.use(cert3, key3); err != nil || serial() != 3 {
		t.Errorf("another pair: serial %d, %v", serial(), err)
	}
	if left := c.left(); left <= 0 || left > time.Hour {
		t.Errorf("lasts for %v", left)
	}
	if _, err := loadCertificate(cert, filepath.Join(folder, "none")); err == nil {
		t.Error("a certificate without its key was accepted")
	}
}
