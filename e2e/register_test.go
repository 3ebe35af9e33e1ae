package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"

	"accueil/acd"
	"accueil/deploy/local"
	"accueil/phones"
)

// providerIP is where the operator of this test lives, who wants to be registered with.
const providerIP = "127.0.0.5"

// registrar is that operator's SIP server: it lets in whoever knows the password, and tells who did.
func registrar(ctx context.Context, t *testing.T, port int, user, password string) <-chan *sip.Request {
	t.Helper()
	ua := must[*sipgo.UserAgent](t)(sipgo.NewUA())
	server := must[*sipgo.Server](t)(sipgo.NewServer(ua))
	in := make(chan *sip.Request, 10)
	challenge := digest.Challenge{Realm: "operator.test", Nonce: "once", Algorithm: "MD5"}
	server.OnRegister(func(req *sip.Request, tx sip.ServerTransaction) {
		header := req.GetHeader("Authorization")
		if header == nil {
			res := sip.NewResponseFromRequest(req, sip.StatusUnauthorized, "Unauthorized", nil)
			res.AppendHeader(sip.NewHeader("WWW-Authenticate", challenge.String()))
			_ = tx.Respond(res)
			return
		}
		got, err := digest.ParseCredentials(header.Value())
		want, wrong := digest.Digest(&challenge, digest.Options{Method: "REGISTER", URI: req.Recipient.String(), Username: user, Password: password})
		if err != nil || wrong != nil || got.Username != user || got.Response != want.Response {
			_ = tx.Respond(sip.NewResponseFromRequest(req, sip.StatusForbidden, "Forbidden", nil))
			return
		}
		res := sip.NewResponseFromRequest(req, sip.StatusOK, "OK", nil)
		if c := req.Contact(); c != nil {
			res.AppendHeader(c.Clone())
		}
		res.AppendHeader(sip.NewHeader("Expires", "300"))
		_ = tx.Respond(res)
		in <- req
	})
	listening, stop := context.WithCancel(context.WithoutCancel(ctx))
	over := make(chan struct{})
	go func() {
		defer close(over)
		_ = server.ListenAndServe(listening, "udp", fmt.Sprintf("%s:%d", providerIP, port))
	}()
	t.Cleanup(func() { stop(); _ = ua.Close(); <-over })
	return in
}

// TestTrunkThatRegisters: a trunk of kind register logs in at its operator with user and password, and
// calls that come from there reach their entry.
func TestTrunkThatRegisters(t *testing.T) {
	t.Parallel()
	port := must[*local.Reservation](t)(local.FreePort())
	defer port.Release()
	secret := filepath.Join(t.TempDir(), "trunk")
	if err := os.WriteFile(secret, []byte("tres-secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	in := registrar(ctx, t, port.Port(), "hopital", "tres-secret")
	ctx, s := tell(t, with(quick(), nil,
		"\ntrunks:\n", fmt.Sprintf("\ntrunks:\n  fournisseur: {kind: register, host: \"%s:%d\", user: hopital, password_file: %q}\n", providerIP, port.Port(), secret),
		"\nentries:\n", "\nentries:\n  \"3500\": {trunk: fournisseur, scenario: direct}\n"))
	c := s.in(t)
	select {
	case req := <-in:
		if contact := req.Contact(); contact == nil || contact.Address.User != "3500" {
			t.Errorf("registered as %v, want its entry", contact)
		}
	case <-time.After(patience):
		t.Fatal("nobody registers at the operator")
	}
	operator := must[*phones.Phone](t)(phones.New(context.WithoutCancel(ctx), phones.Config{LocalIP: providerIP, Server: s.h.Asterisk.SIPAddr()}))
	defer operator.Close()
	agent := must[*phones.Phone](t)(s.h.Phone(ctx, "118", 1))
	c.sits(ctx, agent, "a18", phones.AnswerAfter(0))
	call := must[*phones.Call](t)(operator.Dial(ctx, "3500", phones.CallOptions{User: "0612345678", Tone: phones.PatientVoice(1)}))
	at := nextCall(ctx, t, agent)
	meets(ctx, t, patient{Call: call}, at)
	if _, number := at.Caller(); number != "0612345678" {
		t.Errorf("the agent sees %q", number)
	}
	var contact acd.ContactID
	c.until(ctx, "the call is talked to", func(v *acd.View, _ []acd.Entry) bool {
		for _, l := range v.Image().Legs {
			if l.State == acd.LegTalking && l.Trunk == "fournisseur" && l.Entry == "3500" {
				contact = l.ID.Contact()
			}
		}
		return contact != ""
	})
	c.hangup(ctx, call)
	c.ends(ctx, patient{call, contact}, acd.Answered, acd.LegTalking, "")
	refusedCall(ctx, t, operator, "3100", phones.CallOptions{}) // another trunk's entry
	nothingLeft(ctx, t, s.h)
}
