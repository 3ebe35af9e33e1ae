package asteriskconf

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strconv"
	"time"

	"accueil/acd"
	"accueil/site"
)

// Options are what the site file does not say, or what a demonstration and a test change in it. The
// zero value takes everything from the site.
type Options struct {
	Node     acd.NodeID // claims the calls; the site's
	HTTPBind string     // address of ARI; the host of the site's asterisk.url when it is one of this machine
	HTTPPort int        // port of ARI; that of asterisk.url
	SIPBind  string     // host:port, UDP and TCP; the site's listen.sip
	RTPFirst int        // media ports; the site's listen.rtp
	RTPLast  int

	// TrunkHosts replaces the host:port that a trunk's calls are sent to.
	TrunkHosts map[acd.TrunkID]string
	// TrunkQualify is how often a trunk's peer is asked whether it lives, whole seconds; 15 s, less than
	// zero for never. The answer is shown by the doctor and decides nothing: calls are sent all the same.
	TrunkQualify time.Duration

	// MusicDir holds the folders waiting (music in queues and on hold, unless the site names its own),
	// soft (the sound behind every prompt) and SiteMusic (the site's own music, made ready);
	// <data_dir>/music. The first two hold a sound file of their name.
	MusicDir string
	// Net are the prompts of the safety net for each language. Paths are absolute and without
	// extension; Asterisk takes the best format it finds. A prompt without a path is left out.
	Net map[acd.Lang]NetPrompts

	// NoBroadcast is for an Asterisk without StasisBroadcast (below 22.7, or its module not
	// installed): a hung controller is then noticed by the time-out of the call only.
	NoBroadcast bool
	// ClaimTimeout is how long a controller may take to claim a call; 500 ms.
	ClaimTimeout time.Duration
}

// NetPrompts are the sound files of the safety net.
type NetPrompts struct {
	Emergency string // danger for life: hang up, dial 15 or 112 (sys.emergency)
	Wait      string // we are calling somebody (sys.operator)
	Sorry     string // nobody answered, please call again (sys.technical)
	Accept    string // to a trunk phone: press 1 to take a patient's call (sys.accept)
	Away      string // to an agent who dialled a code while the controller is away (sys.fault)
}

const (
	defaultClaim   = 500 * time.Millisecond
	defaultQualify = 15 * time.Second
)

// fill takes from the site what the options leave open.
func (o Options) fill(s *site.Site) (Options, error) {
	if o.Node == "" {
		o.Node = s.Node
	}
	if o.SIPBind == "" {
		o.SIPBind = s.Listen.SIP
	}
	if o.RTPFirst == 0 {
		o.RTPFirst, o.RTPLast = s.Listen.RTPFirst, s.Listen.RTPLast
	}
	if o.RTPFirst < 1024 || o.RTPLast <= o.RTPFirst || o.RTPLast > 65535 {
		return o, fmt.Errorf("media ports %d-%d are no range", o.RTPFirst, o.RTPLast)
	}
	if o.MusicDir == "" {
		o.MusicDir = filepath.Join(s.DataDir, "music")
	}
	if o.ClaimTimeout == 0 {
		o.ClaimTimeout = defaultClaim
	}
	if o.TrunkQualify == 0 {
		o.TrunkQualify = defaultQualify
	}
	host, port, err := net.SplitHostPort(o.SIPBind)
	if err != nil || port == "" {
		return o, fmt.Errorf("%q is not an address to listen on", o.SIPBind)
	}
	if host == "" {
		o.SIPBind = net.JoinHostPort("0.0.0.0", port)
	}
	for l, p := range o.Net {
		for _, file := range []string{p.Emergency, p.Wait, p.Sorry, p.Accept, p.Away} {
			if file != "" && (!filepath.IsAbs(file) || unsafe(file)) {
				return o, fmt.Errorf("the prompt %q (%s) is not the absolute path of a sound file", file, l)
			}
		}
	}
	if !filepath.IsAbs(o.MusicDir) || unsafe(o.MusicDir) {
		return o, fmt.Errorf("the folder of music %q is not an absolute path of plain characters", o.MusicDir)
	}
	return o.fillHTTP(s)
}

func (o Options) fillHTTP(s *site.Site) (Options, error) {
	u, err := url.Parse(s.Asterisk.URL)
	if err != nil {
		return o, fmt.Errorf("read asterisk.url: %w", err)
	}
	if o.HTTPBind == "" {
		o.HTTPBind = "127.0.0.1"
		// Another name is how the controller reaches a proxy in front of it, not an address to bind.
		if a, err := netip.ParseAddr(u.Hostname()); err == nil && (a.IsLoopback() || a.IsPrivate()) {
			o.HTTPBind = a.String()
		}
	}
	if o.HTTPPort == 0 {
		o.HTTPPort = 8088
		if p, err := strconv.Atoi(u.Port()); err == nil {
			o.HTTPPort = p
		}
	}
	if _, err := netip.ParseAddr(o.HTTPBind); err != nil {
		return o, errors.New("ARI must be bound to an address, not to a name")
	}
	return o, nil
}
