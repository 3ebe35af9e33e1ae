package site

import (
	"net/netip"
	"net/url"
	"time"

	"github.com/nyaruka/phonenumbers"

	"accueil/wording"
)

// SMS is the service that sends text messages: a gateway of the hospital, or of an operator.
type SMS struct {
	// URL of the service, https or on this machine or a private network. Each text is one POST of JSON.
	URL string `yaml:"url" schema:"required"`
	// TokenFile holds what is sent to the service as a bearer token; nothing is sent when absent.
	TokenFile string `yaml:"token_file"`
	// From is the sender that the person sees, where the service lets it be chosen.
	From string `yaml:"from" schema:"form=1 to 11 letters\\, digits and spaces,pattern=^[A-Za-z0-9 ]{1\\,11}$"`
	// Timeout is how long the service may take to accept a text.
	Timeout time.Duration `yaml:"timeout" schema:"min=100ms,max=2s,default=1500ms"`

	// Token is the content of TokenFile.
	Token Secret `yaml:"-"`
}

// Given reports whether the site has a sender.
func (s SMS) Given() bool { return s.URL != "" }

func (c *checker) sms() {
	if s := c.site.SMS; s.Given() {
		c.service("sms.url", s.URL, "whom a text is for would travel in clear over a public network")
	}
}

// service checks the address of a service; open says what would be seen on a public network without TLS.
func (c *checker) service(path, address string, open wording.Sentence) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		c.fail(path, wording.Say("write https://…"), "this is not the address of a service")
		return
	}
	ip, err := netip.ParseAddr(u.Hostname())
	if near := u.Hostname() == "localhost" || err == nil && (ip.IsLoopback() || ip.IsPrivate()); u.Scheme == "http" && !near {
		c.fail(path, wording.Say("use https, or an address of this machine or of a private network"), open)
	}
}

// TextNumber returns a number to which a text message may be sent, in E.164 form: a mobile's of the
// site's own country, as those that may be called back.
func TextNumber(raw, region string) (string, bool) {
	if _, ok := OutwardNumber(raw, region); !ok {
		return "", false
	}
	e164 := NormalizeCallerID(raw, region)
	n, err := phonenumbers.Parse(e164, region)
	if err != nil {
		return "", false
	}
	switch phonenumbers.GetNumberType(n) {
	case phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE:
		return e164, true
	}
	return "", false
}
