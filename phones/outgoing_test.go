package phones

import (
	"testing"

	"github.com/emiago/sipgo/sip"
)

// TestTargets: a number is one of the server's, and a whole URI stays as it is, so that whoever is sent
// there (302, REFER) can read it.
func TestTargets(t *testing.T) {
	t.Parallel()
	p := &Phone{server: sip.Uri{Scheme: "sip", Host: "192.0.2.1", Port: 5060}}
	for target, want := range map[string]string{
		"4000":                    "sip:4000@192.0.2.1:5060",
		"sip:4000@192.0.2.7:5070": "sip:4000@192.0.2.7:5070",
		"sip:4000@192.0.2.7":      "sip:4000@192.0.2.7",
	} {
		uri, err := p.resolve(target)
		if err != nil {
			t.Fatal(err)
		}
		if uri.String() != want {
			t.Errorf("%s leads to %s, want %s", target, uri.String(), want)
		}
		var read sip.Uri
		if err := sip.ParseUri(uri.String(), &read); err != nil || read.Host != uri.Host || read.User != "4000" {
			t.Errorf("%s is read as %s, %v", uri.String(), read.String(), err)
		}
	}
}
