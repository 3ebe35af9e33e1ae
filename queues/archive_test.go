package queues

import (
	"fmt"
	"testing"

	"go.uber.org/zap"

	"accueil/acd"
)

// An image of the log and the entries behind it are the whole log; rules are kept by their hash, the
// oldest forgotten; images from which the log cannot be followed any more go.
func TestArchive(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, addresses []string) {
		// Not the lead until the log is as wanted: a lead keeps an image by itself soon after opening.
		b := open(t, Options{Addresses: addresses, Log: zap.NewNop(), NoCampaign: true})
		a, ctx := b.Archive(), t.Context()
		for n := range 5 {
			arrive(t, b, contact(n))
			login(t, b, acd.AgentID(fmt.Sprint("a", n)), acd.PhoneID(fmt.Sprint(100+n)))
		}
		must(t, b.Flush(ctx))
		begin, err := a.Image(ctx, b.Now())
		must(t, err)
		if begin.ID != "" || len(begin.Legs) > 0 {
			t.Fatalf("the beginning holds %+v", begin)
		}
		b.campaign(ctx, "keep")
		must(t, b.keepImage(ctx))
		image, err := a.Image(ctx, b.Now())
		must(t, err)
		if image.ID == "" || len(image.Legs) != 5 || len(image.Agents) != 5 {
			t.Fatalf("image at %q with %d legs, %d agents", image.ID, len(image.Legs), len(image.Agents))
		}
		if early, err := a.Image(ctx, 1); err != nil || early.ID != "" {
			t.Errorf("before everything: %q, %v", early.ID, err)
		}
		must(t, b.Record(acd.KindEnded, func(tx *acd.Tx) error { return tx.EndLeg(contact(0), acd.End{Outcome: acd.Abandoned}) }))
		must(t, b.Flush(ctx))
		whole, err := a.follow(ctx, begin)
		must(t, err)
		rest, err := a.follow(ctx, image)
		must(t, err)
		if string(encode(whole)) != string(encode(rest)) || whole.ID != rest.ID || whole.Seq != image.Seq+1 {
			t.Errorf("from the image %s, from the beginning %s", encode(rest), encode(whole))
		}

		// The log is shortened: the beginning is gone, the image still stands, an older one would not.
		must(t, b.reads.HSet(ctx, b.keys.images(), "1-0", encode(acd.Entry{V: acd.LogVersion, Gen: image.Gen, Seq: 1})).Err())
		must(t, b.reads.XTrimMinID(ctx, b.keys.log(), image.ID).Err())
		if got, err := a.Image(ctx, 1); err != nil || got.ID != image.ID {
			t.Errorf("after the log was shortened: image %q, %v, want %q", got.ID, err, image.ID)
		}
		must(t, a.forgetImages(ctx, []acd.Entry{image}, image.ID))
		if ids := b.reads.HKeys(ctx, b.keys.images()).Val(); len(ids) != 1 || ids[0] != image.ID {
			t.Errorf("images %v, want %s alone", ids, image.ID)
		}

		for n := range maxRules + 3 {
			b.KeepRules(fmt.Sprintf("hash%03d", n), []byte(fmt.Sprintf(`{"n":%d}`, n)))
		}
		rules, err := a.Rules(ctx)
		must(t, err)
		if len(rules) != maxRules || string(rules["hash102"]) != `{"n":102}` {
			t.Errorf("%d versions of the rules, newest %s", len(rules), rules["hash102"])
		}
	})
}
