package site

import (
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a server without zone files must still open at eight

	"github.com/nyaruka/phonenumbers"

	"accueil/diag"
	"accueil/wording"
)

// general checks what is said once for the whole site.
func (c *checker) general() {
	s := c.site
	c.timezone()
	if s.Region != "" && pattern(`^[A-Z]{2}$`).MatchString(s.Region) && !phonenumbers.GetSupportedRegions()[s.Region] {
		c.fail("region", nil, "%q is not the code of a country", s.Region)
	}
	once(c, "languages", s.Languages)
	once(c, "skills", s.Skills)
	once(c, "emergency_numbers", s.EmergencyNumbers)
	for i, skill := range s.Skills {
		if contains([]string{"and", "or", "not", "in", "true", "false", "nil", "any"}, string(skill)) {
			c.fail(diag.Join("skills", i), nil, "the word %q has a meaning of its own in requirements", skill)
		}
	}
	c.address("listen.http", s.Listen.HTTP)
	c.address("listen.sip", s.Listen.SIP)
	c.mediaPorts()
	c.ari()
	c.redis()
	once(c, "callers.shared", s.Callers.Shared)
	for i, number := range s.Callers.Shared {
		if NormalizeCallerID(number, s.Region) == "" {
			c.fail(diag.Join("callers", "shared", i), nil, "%q is no number that can be called from", number)
		}
	}
	if len(s.Prompts.Command) > 0 && s.Prompts.Command[0] == "" {
		c.fail("prompts.command[0]", nil, "the command has no name")
	}
	for _, l := range sorted(s.Prompts.Voices) {
		c.speaks(diag.Join("prompts.voices", string(l)), l)
	}

	s.DataDir, s.Asterisk.CallRecords, s.Asterisk.Recordings = c.abs(s.DataDir), c.abs(s.Asterisk.CallRecords), c.abs(s.Asterisk.Recordings)
	s.Listen.TLS.Certificate, s.Listen.TLS.Key = c.abs(s.Listen.TLS.Certificate), c.abs(s.Listen.TLS.Key)
	s.Music, s.Directory, s.Knowledge.Articles = c.abs(s.Music), c.abs(s.Directory), c.abs(s.Knowledge.Articles)
	s.Knowledge.Directory, s.Knowledge.OnCall = c.abs(s.Knowledge.Directory), c.abs(s.Knowledge.OnCall)
	s.API.TokensFile, s.Prompts.Dir = c.abs(s.API.TokensFile), c.abs(s.Prompts.Dir)
	if s.Prompts.Cache == "" {
		s.Prompts.Cache = filepath.Join(s.DataDir, "prompts")
	}
	s.Prompts.Cache = c.abs(s.Prompts.Cache)
	if s.Voicemail.KeyFile == "" {
		s.Voicemail.KeyFile = filepath.Join(s.DataDir, "voicemail.key")
	}
	s.Voicemail.KeyFile = c.abs(s.Voicemail.KeyFile)
	if len(s.Voicemail.TranscriptCommand) > 0 && s.Voicemail.TranscriptCommand[0] == "" {
		c.fail("voicemail.transcript_command[0]", nil, "the command has no name")
	}
	if s.History.URL == "" {
		s.History.URL = "sqlite:" + filepath.Join(s.DataDir, "history.db")
	}
	if file, ok := strings.CutPrefix(s.History.URL, "sqlite:"); ok {
		if file == "" {
			c.fail("history.url", wording.Say("write sqlite:data/history.db"), "the name of the file is missing")
		}
		s.History.URL = "sqlite:" + c.abs(file)
	}
}

// zones are suggested for a misspelt one: those of France.
var zones = []string{
	"Europe/Paris", "Indian/Reunion", "Indian/Mayotte", "America/Martinique", "America/Guadeloupe", "America/Cayenne",
	"America/Miquelon", "Pacific/Noumea", "Pacific/Tahiti", "Pacific/Wallis",
}

func (c *checker) timezone() {
	s := c.site
	s.Location = time.UTC
	if s.Timezone == "" {
		return
	}
	location, err := time.LoadLocation(s.Timezone)
	if err != nil || s.Timezone == "Local" {
		c.fail("timezone", diag.DidYouMean(s.Timezone, zones), "there is no time zone %q", s.Timezone)
		return
	}
	s.Location = location
}

// address checks host:port; the host may be empty for all addresses.
func (c *checker) address(path, address string) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		c.fail(path, wording.Say("write host:port"), "%q is not an address with a port", address)
		return
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		c.fail(path, nil, "%q is not a port", port)
	}
	if host != "" && !hostname(host) {
		c.fail(path, nil, "%q is not the name or address of a machine", host)
	}
}

// hostname reports whether the text is an IP address or a DNS name (RFC 1123 §2.1).
func hostname(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	if len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, r := range label {
			if r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
				return false
			}
		}
	}
	return true
}

// leastRTP is enough for ten calls of two legs, each with its control port.
const leastRTP = 40

func (c *checker) mediaPorts() {
	l := &c.site.Listen
	first, last, _ := strings.Cut(l.RTP, "-")
	a, err1 := strconv.ParseUint(first, 10, 16)
	b, err2 := strconv.ParseUint(last, 10, 16)
	if err1 != nil || err2 != nil || a < 1024 || b < a+leastRTP-1 {
		c.fail("listen.rtp", wording.Say("write 10000-10999"), "%q is not a range of at least %d ports from 1024 to 65535", l.RTP, leastRTP)
		return
	}
	l.RTPFirst, l.RTPLast = int(a), int(b)
}

func (c *checker) ari() {
	u, err := url.Parse(c.site.Asterisk.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		c.fail("asterisk.url", wording.Say("write http://127.0.0.1:8088/ari"), "this is not the address of a REST interface")
		return
	}
	address, err := netip.ParseAddr(u.Hostname())
	near := u.Hostname() == "localhost" || err == nil && (address.IsLoopback() || address.IsPrivate())
	if u.Scheme == "http" && !near {
		c.fail("asterisk.url", wording.Say("use https, or an address of this machine or of a private network"),
			"the password would travel in clear over a public network")
	}
	if c.given("asterisk.waiver") && len(strings.Fields(c.site.Asterisk.Waiver)) < 3 {
		c.fail("asterisk.waiver", nil, "a waiver gives its reason in a few words")
	}
}

func (c *checker) redis() {
	r := c.site.Redis
	for i, a := range r.Addresses {
		c.address(diag.Join("redis.addresses", i), a)
	}
	once(c, "redis.addresses", r.Addresses)
	switch {
	case r.Master != "" && r.Cluster:
		c.fail("redis.cluster", wording.Say("keep one of them"), "master is for Sentinels, cluster for a Cluster: both cannot be")
	case (r.Master != "" || r.Cluster) && len(r.Addresses) == 0:
		c.key("redis", nil, "master and cluster need addresses")
	case r.Master == "" && !r.Cluster && len(r.Addresses) > 1:
		c.fail("redis.addresses[1]", wording.Say("name the master that the Sentinels watch, or say cluster: true"),
			"several addresses are given and nothing says what they are")
	}
}

// once reports an item that is listed twice.
func once[T ~string](c *checker, path string, list []T) {
	for i, v := range list {
		if contains(list[:i], v) {
			c.fail(diag.Join(path, i), nil, "%q is listed twice", string(v))
		}
	}
}
