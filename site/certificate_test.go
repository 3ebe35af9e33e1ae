package site

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pair writes a certificate of that life and its key.
func pair(t *testing.T, dir, name string, from, to time.Time) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: to}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{name + ".pem": {Type: "CERTIFICATE", Bytes: der}, name + ".key": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(filepath.Join(dir, file), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCertificate(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	now, year := time.Now(), 365*24*time.Hour
	pair(t, dir, "good", now.Add(-year), now.Add(year))
	pair(t, dir, "soon", now.Add(-year), now.Add(RenewBefore-time.Hour))
	pair(t, dir, "over", now.Add(-year), now.Add(-time.Hour))
	pair(t, dir, "later", now.Add(time.Hour), now.Add(year))
	pair(t, dir, "shown", now.Add(-year), now.Add(year))
	if err := os.Chmod(filepath.Join(dir, "shown.key"), 0o644); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(filepath.Join(dir, "site.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "site.yaml")
	for _, test := range []struct {
		tls, want string // a part of the only finding; "" for none
		failed    bool
	}{
		{"{certificate: good.pem, key: good.key}", "", false},
		{"{certificate: soon.pem, key: soon.key}", "the certificate ends on ", false},
		{"{certificate: over.pem, key: over.key}", "the certificate ended on ", false},
		{"{certificate: later.pem, key: later.key}", "the certificate begins on ", false},
		{"{certificate: good.pem, key: over.key}", "does not belong to the certificate", true},
		{"{certificate: good.key, key: good.key}", "holds no certificate", true},
		{"{certificate: none.pem, key: good.key}", "cannot be read", true},
		{"{certificate: shown.pem, key: shown.key}", "everybody on this machine may read", true},
		{"{certificate: good.pem}", "key", true},
		{"{certificat: good.pem, key: good.key}", "certificate", true},
	} {
		text := strings.Replace(string(good), "version: 1\n", "version: 1\nlisten: {tls: "+test.tls+"}\n", 1)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s, found := Load(path)
		if found.Failed() != test.failed || (len(found) > 0) != (test.want != "") || !strings.Contains(found.String(), test.want) {
			t.Errorf("%s: %v", test.tls, found)
		}
		if s != nil && (!s.Listen.TLS.Given() || s.Listen.TLS.Certificate[0] != '/') {
			t.Errorf("%s: %+v", test.tls, s.Listen.TLS)
		}
	}
	ends, err := TLS{Certificate: filepath.Join(dir, "good.pem")}.Ends()
	if err != nil || ends.Sub(now.Add(year)).Abs() > time.Minute {
		t.Errorf("ends %v, %v", ends, err)
	}
}
