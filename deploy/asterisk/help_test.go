package asteriskconf_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"accueil/acd"
	asteriskconf "accueil/deploy/asterisk"
	"accueil/deploy/local"
	"accueil/phones"
	"accueil/site"
)

// What a caller hears, in hertz: away from the voices of the phones (400, 460 …).
const (
	emergencyHertz = 3777.0
	musicHertz     = 853.0
	awayHertz      = 3637.0
)

// server is a private Asterisk with the demonstration's configuration.
type server struct {
	*local.Asterisk
	site  *site.Site
	hosts map[acd.TrunkID]string
	log   *logged
}

// logged keeps the console's lines; Asterisk writes them from a goroutine of its own.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// complaints are the lines that warn of something.
func (l *logged) complaints() (out []string) {
	for line := range strings.Lines(l.String()) {
		if strings.Contains(line, "WARNING") || strings.Contains(line, "ERROR") {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}

func demo(t *testing.T) *site.Site {
	t.Helper()
	s, found := site.Load(filepath.Join("..", "demo", "site.yaml"))
	if s == nil {
		t.Fatal(found)
	}
	return s
}

func start(t *testing.T, s *site.Site, change func(*asteriskconf.Options)) *server {
	t.Helper()
	ctx := timeout(t, 30*time.Second)
	root, err := local.FindAsterisk(ctx)
	if err != nil {
		t.Skip(err)
	}
	ports, err := local.FreePorts(2 + len(s.Trunks))
	if err != nil {
		t.Fatal(err)
	}
	media, err := local.FreeRange(100)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		media.Release()
		for _, p := range ports {
			p.Release()
		}
	})
	r := &server{site: s, hosts: map[acd.TrunkID]string{}, log: &logged{}}
	for id, tr := range s.Trunks {
		r.hosts[id] = fmt.Sprintf("%s:%d", tr.Match[0], ports[len(r.hosts)+2].Port())
	}
	dir := t.TempDir()
	o := asteriskconf.Options{
		SIPBind: fmt.Sprintf("127.0.0.1:%d", ports[0].Port()), HTTPPort: ports[1].Port(),
		RTPFirst: media.First, RTPLast: media.Last, TrunkHosts: r.hosts, TrunkQualify: -1,
		MusicDir: filepath.Join(dir, "music"), Net: map[acd.Lang]asteriskconf.NetPrompts{},
	}
	tone(t, filepath.Join(o.MusicDir, "waiting", "waiting.wav"), musicHertz, 10*time.Second)
	tone(t, filepath.Join(o.MusicDir, "soft", "soft.wav"), musicHertz, time.Second)
	for _, l := range s.Languages {
		stem := filepath.Join(dir, string(l))
		tone(t, stem+"-emergency.wav", emergencyHertz, time.Second)
		tone(t, stem+"-away.wav", awayHertz, time.Second)
		o.Net[l] = asteriskconf.NetPrompts{Emergency: stem + "-emergency", Accept: stem + "-away", Away: stem + "-away", Sorry: stem + "-away"}
	}
	if change != nil {
		change(&o)
	}
	files, err := asteriskconf.Render(s, o)
	if err != nil {
		t.Fatal(err)
	}
	r.Asterisk, err = local.StartAsterisk(ctx, local.AsteriskOptions{
		Root: root, Dir: filepath.Join(dir, "server"), Files: files, HTTPPort: ports[1].Port(), SIPPort: ports[0].Port(), RTP: *media, Log: r.log,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := r.Stop(ctx); err != nil {
			t.Errorf("stop asterisk: %v", err)
		}
	})
	return r
}

// phone registers the site's phone.
func (r *server) phone(t *testing.T, id acd.PhoneID, p phones.Policy) *phones.Phone {
	t.Helper()
	ctx := timeout(t, 5*time.Second)
	ph := r.open(t, phones.Config{Server: r.SIPAddr(), User: string(id), Password: "demo-" + string(id), Policy: p})
	if err := ph.Register(ctx, time.Minute); err != nil {
		t.Fatalf("register %s: %v", id, err)
	}
	return ph
}

// peer is the other end of a trunk.
func (r *server) peer(t *testing.T, id acd.TrunkID, p phones.Policy) *phones.Phone {
	t.Helper()
	host, port, _ := strings.Cut(r.hosts[id], ":")
	var n int
	if _, err := fmt.Sscan(port, &n); err != nil {
		t.Fatal(err)
	}
	return r.open(t, phones.Config{Server: r.SIPAddr(), LocalIP: host, LocalPort: n, User: "0639980142", Policy: p})
}

func (r *server) open(t *testing.T, c phones.Config) *phones.Phone {
	t.Helper()
	ph, err := phones.New(context.WithoutCancel(t.Context()), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ph.Close(); err != nil {
			t.Errorf("close phone: %v", err)
		}
	})
	return ph
}

func timeout(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// tone writes a sine as 8 kHz WAV.
func tone(t *testing.T, file string, hertz float64, d time.Duration) {
	t.Helper()
	samples := int(d.Seconds() * 8000)
	b := []byte("RIFF....WAVEfmt ")
	binary.LittleEndian.PutUint32(b[4:], uint32(36+2*samples))
	for _, n := range []uint32{16, 1 | 1<<16, 8000, 16000, 2 | 16<<16} {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	b = binary.LittleEndian.AppendUint32(append(b, "data"...), uint32(2*samples))
	for i := range samples {
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(8000*math.Sin(2*math.Pi*hertz*float64(i)/8000))))
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o644); err != nil {
		t.Fatal(err)
	}
}
