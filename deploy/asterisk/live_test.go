package asteriskconf_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	asteriskconf "accueil/deploy/asterisk"
	"accueil/deploy/local"
	"accueil/site"
)

func TestLive(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	root, err := local.FindAsterisk(ctx)
	if err != nil {
		t.Skip(err)
	}
	s, fs := site.Load("../demo/site.yaml")
	if s == nil {
		t.Fatal(fs)
	}
	sip, _ := local.FreePort()
	http, _ := local.FreePort()
	rtp, _ := local.FreeRange(100)
	files, err := asteriskconf.Render(s, asteriskconf.Options{SIPBind: "0.0.0.0:" + itoa(sip.Port()), HTTPPort: http.Port(), RTPFirst: rtp.First, RTPLast: rtp.Last})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	a, err := local.StartAsterisk(ctx, local.AsteriskOptions{Root: root, Files: files, HTTPPort: http.Port(), SIPPort: sip.Port(), RTP: *rtp, Log: &log})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Stop(ctx)
	for _, c := range []string{"pjsip show endpoints", "dialplan show accueil-trunk-operateur", "dialplan show accueil-net", "dialplan show accueil-phones", "cdr show status", "cel show status", "pjsip show identifies", "moh show classes", "ari show users", "core show settings"} {
		out, err := a.CLI(ctx, c)
		t.Log(c, err, "\n"+out)
	}
	t.Log(log.String())
}
