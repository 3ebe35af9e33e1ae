package site

import (
	"errors"
	"net"
	"net/netip"
	"regexp"
	"strings"

	"accueil/acd"
	"accueil/diag"
	"accueil/wording"
)

func (c *checker) trunks() {
	outside := acd.TrunkID("")
	var seen []network
	for _, id := range sorted(c.site.Trunks) {
		t := c.site.Trunks[id]
		path := diag.Join("trunks", string(id))
		c.trunkKind(path, t)
		for i, m := range t.Match {
			seen = c.match(diag.Join(path, "match", i), id, m, seen)
		}
		if t.Host == "" && len(t.Match) > 0 {
			t.Host = t.Match[0]
			if strings.Contains(t.Host, "/") {
				c.key(path, wording.Say("add host"), "the first address of match is a network: where are calls sent?")
			}
		}
		t.Host = c.host(path, t.Host)
		for i, e := range t.Extensions {
			re, err := compileExtension(e)
			if err != nil {
				c.fail(diag.Join(path, "extensions", i), wording.Say(`write digits and classes such as 4[0-9]{3}`), "the expression does not describe numbers of a known length")
				continue
			}
			t.Reaches = append(t.Reaches, re)
		}
		if t.CallbackVia {
			if outside != "" {
				c.fail(diag.Join(path, "callback_via"), nil, "the trunk %q has callback_via already, one trunk leads outside", outside)
			}
			outside = id
		}
		c.site.Trunks[id] = t
	}
	if outside == "" && len(c.site.Trunks) > 0 {
		c.key("trunks", wording.Say("set callback_via: true on the one that leads outside"),
			"no trunk leads outside: emergency calls from agents' phones could not leave")
	}
}

func (c *checker) trunkKind(path string, t Trunk) {
	switch t.Kind {
	case TrunkIP:
		if len(t.Match) == 0 {
			c.key(path, nil, "%s needs match: the addresses that its calls come from", path)
		}
		for _, key := range []string{"user", "password_file"} {
			if c.given(diag.Join(path, key)) {
				c.key(diag.Join(path, key), wording.Say("remove it, or set kind: register"), "a trunk of kind ip has no %s", key)
			}
		}
	case TrunkRegister:
		for _, key := range []string{"host", "user", "password_file"} {
			if !c.given(diag.Join(path, key)) {
				c.key(path, wording.Say("add it"), "a trunk of kind register needs %s", key)
			}
		}
		if t.User != "" && !userPattern.MatchString(t.User) {
			c.fail(diag.Join(path, "user"), nil, "the user holds characters that SIP names do not have")
		}
	}
}

// userPattern is what a SIP user may hold here (RFC 3261 §25.1, less what needs escapes).
var userPattern = regexp.MustCompile(`^[A-Za-z0-9._+@-]{1,64}$`)

type network struct {
	prefix netip.Prefix
	trunk  acd.TrunkID
}

// match checks one address and that no other trunk claims it: Asterisk would take the first it finds.
func (c *checker) match(path string, id acd.TrunkID, text string, seen []network) []network {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		address, err := netip.ParseAddr(text)
		if err != nil {
			c.fail(path, wording.Say("write 192.0.2.10 or 192.0.2.0/28"), "%q is not an address or a network", text)
			return seen
		}
		prefix = netip.PrefixFrom(address, address.BitLen())
	}
	if prefix.Bits() == 0 {
		c.fail(path, nil, "this network is the whole Internet: anybody could call as this trunk")
		return seen
	}
	for _, n := range seen {
		if n.prefix.Overlaps(prefix) {
			c.fail(path, nil, "%s belongs to the trunk %q already", text, n.trunk)
			return seen
		}
	}
	return append(seen, network{prefix.Masked(), id})
}

// host checks host or host:port and returns it with its port.
func (c *checker) host(path, host string) string {
	if host == "" || strings.Contains(host, "/") {
		return host
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return net.JoinHostPort(a.String(), "5060")
	}
	if !strings.Contains(host, ":") {
		host += ":5060"
	}
	c.address(diag.Join(path, "host"), host)
	return host
}

// extensionForm are the regular expressions that a dialplan can follow: digits, classes of digits,
// {n}, {n,m}, ?, groups and |. No * or +: a number of any length is no extension.
var extensionForm = regexp.MustCompile(`^([0-9()|?:]|\[[0-9-]+\]|\{[0-9]+(,[0-9]+)?\}|\\d)+$`)

// maxExtensionText bounds the work that one expression asks of the dialplan's generator.
const maxExtensionText = 100

// errExtension: the check says it with the place.
var errExtension = errors.New("no expression for numbers")

func compileExtension(text string) (*regexp.Regexp, error) {
	if len(text) > maxExtensionText || !extensionForm.MatchString(text) {
		return nil, errExtension
	}
	re, err := regexp.Compile("^(?:" + text + ")$")
	if err != nil || re.MatchString("") {
		return nil, errExtension
	}
	return re, nil
}

func (c *checker) entries() {
	for _, id := range sorted(c.site.Entries) {
		e := c.site.Entries[id]
		path := diag.Join("entries", string(id))
		refers(c, diag.Join(path, "trunk"), e.Trunk, c.site.Trunks, "there is no trunk %q")
		c.speaks(diag.Join(path, "language"), e.Language)
		if e.Language == "" && len(c.site.Languages) > 0 {
			e.Language = c.site.Languages[0]
			c.site.Entries[id] = e
		}
	}
}
