package phones

import (
	"context"
	"fmt"
	"strings"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// asBuilt tells sipgo to send a request as it is.
func asBuilt(*sipgo.Client, *sip.Request) error { return nil }

// via is the top Via of a new transaction.
func (p *Phone) via() *sip.ViaHeader {
	v := &sip.ViaHeader{
		ProtocolName:    "SIP",
		ProtocolVersion: "2.0",
		Transport:       strings.ToUpper(string(p.cfg.Transport)),
		Host:            p.ip.String(),
		Port:            p.port,
	}
	v.Params.Add("branch", sip.GenerateBranchN(16))
	return v
}

// build assembles a request in the order that people expect to read.
func (p *Phone) build(method sip.RequestMethod, target sip.Uri, from, to sip.Header, callID string, cseq uint32, extra ...sip.Header) *sip.Request {
	req := sip.NewRequest(method, target)
	id := sip.CallIDHeader(callID)
	forwards := sip.MaxForwardsHeader(70)
	req.AppendHeader(p.via())
	req.AppendHeader(&forwards)
	req.AppendHeader(sip.HeaderClone(from))
	req.AppendHeader(sip.HeaderClone(to))
	req.AppendHeader(&id)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: cseq, MethodName: method})
	if method != sip.CANCEL {
		req.AppendHeader(p.contact())
	}
	for _, h := range extra {
		req.AppendHeader(h)
	}
	req.AppendHeader(sip.NewHeader("User-Agent", "accueil-phones"))
	req.SetBody(nil)
	p.route(req)
	return req
}

// setBody puts a body with its type on a request or response.
func setBody(msg sip.Message, contentType string, body []byte) {
	msg.AppendHeader(sip.NewHeader("Content-Type", contentType))
	msg.SetBody(body)
}

// authorize answers a 401 or 407 in place: credentials, the next CSeq, a new
// Via. False when there is no challenge that the phone can answer.
func (p *Phone) authorize(req *sip.Request, res *sip.Response) (bool, error) {
	ask, give := "WWW-Authenticate", "Authorization"
	if res.StatusCode == sip.StatusProxyAuthRequired {
		ask, give = "Proxy-Authenticate", "Proxy-Authorization"
	} else if res.StatusCode != sip.StatusUnauthorized {
		return false, nil
	}
	header := res.GetHeader(ask)
	if header == nil || p.cfg.Password == "" {
		return false, nil
	}
	challenge, err := digest.ParseChallenge(header.Value())
	if err != nil {
		return false, fmt.Errorf("read challenge: %w", err)
	}
	credentials, err := digest.Digest(challenge, digest.Options{
		Method:   req.Method.String(),
		URI:      req.Recipient.String(),
		Username: p.cfg.User,
		Password: p.cfg.Password,
	})
	if err != nil {
		return false, fmt.Errorf("answer challenge: %w", err)
	}
	req.RemoveHeader(give)
	req.AppendHeader(sip.NewHeader(give, credentials.String()))
	req.CSeq().SeqNo++
	req.RemoveHeader("Via")
	req.PrependHeader(p.via())
	return true, nil
}

// maxChallenges is one for a fresh nonce and one for a stale one.
const maxChallenges = 2

// do sends a request outside INVITE and returns the final response, having
// answered challenges. An unplugged phone sends nothing and waits.
func (p *Phone) do(ctx context.Context, req *sip.Request) (*sip.Response, error) {
	for try := 0; ; try++ {
		if p.unplugged.Load() {
			<-ctx.Done()
			return nil, fmt.Errorf("%s: unplugged: %w", req.Method, context.Cause(ctx))
		}
		res, err := p.client.Do(ctx, req, asBuilt)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", req.Method, err)
		}
		if try == maxChallenges {
			return res, nil
		}
		again, err := p.authorize(req, res)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", req.Method, err)
		}
		if !again {
			return res, nil
		}
	}
}

// A StatusError is a final SIP answer that is not what was asked for.
type StatusError struct {
	Method string
	Code   int
	Reason string // the server's words
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s: answered %d %s", e.Method, e.Code, e.Reason)
}
