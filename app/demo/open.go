package demo

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"time"

	"go.uber.org/zap"
)

// httpsPort is where browsers of other machines find the demonstration.
const httpsPort = 8443

// open serves the API over HTTPS on the address that was asked for, with a certificate made for the
// occasion: browsers will ask once.
func (d *Demo) open(context.Context) error {
	if d.opt.Listen == "" {
		return nil
	}
	ip := net.ParseIP(d.opt.Listen)
	if ip == nil {
		return fmt.Errorf("LISTEN=%s is not an IP address of this machine", d.opt.Listen)
	}
	port, err := d.freeTCP("HTTPS", net.JoinHostPort(d.opt.Listen, fmt.Sprint(httpsPort)))
	if err != nil {
		return err
	}
	cert, err := selfSigned(ip)
	if err != nil {
		return err
	}
	ln, err := tls.Listen("tcp", net.JoinHostPort(d.opt.Listen, fmt.Sprint(port)), &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12})
	if err != nil {
		return err
	}
	server := &http.Server{Handler: d.app.Handler(), ReadHeaderTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			d.opt.Log.Error("the HTTPS listener ended", zap.Error(err))
		}
	}()
	d.later(func() { _ = server.Close(); <-done })
	d.say("HTTPS     https://%s/   (certificate made just now; your browser will ask)", ln.Addr())
	return nil
}

// selfSigned makes a certificate for one address, valid for a week.
func selfSigned(ip net.IP) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "Accueil demonstration"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(7 * 24 * time.Hour), IPAddresses: []net.IP{ip},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
