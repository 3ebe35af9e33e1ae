package app

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
	"accueil/site"
)

// callersKeyFile is the secret of the site's caller references, where the site file names none.
const callersKeyFile = "callers.key"

// leastKey is the least length of that secret, in characters.
const leastKey = 32

// callersKey returns the secret with which callers' numbers are disguised in the store: the site
// file's, else one in the data folder, made at the first start and readable by this program's user
// alone. Whoever has it and the store can find out who called; who has the store alone cannot.
func callersKey(s *site.Site) ([]byte, error) {
	if !s.Callers.Key.Empty() {
		return []byte(s.Callers.Key.Reveal()), nil
	}
	path := filepath.Join(s.DataDir, callersKeyFile)
	key, err := os.ReadFile(path)
	switch {
	case err == nil && len(key) >= leastKey:
		return key, nil
	case err == nil:
		return nil, fmt.Errorf("the secret of the callers' references, %s, is too short: remove it, and a new one is made", path)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("read the secret of the callers' references: %w", err)
	}
	key = []byte(hex.EncodeToString(random(leastKey)))
	next := path + ".new" // a power cut must not leave half a secret: the next start would refuse it
	if err := os.WriteFile(next, key, 0o600); err != nil {
		return nil, fmt.Errorf("keep a secret for the callers' references: %w", err)
	}
	if err := os.Rename(next, path); err != nil {
		return nil, fmt.Errorf("keep a secret for the callers' references: %w", err)
	}
	return key, nil
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails since Go 1.24: the program stops instead
	return b
}

// callerRef disguises a number; "" for a caller who is not known again: his number is withheld or no
// number, short or internal, or shared with others.
func callerRef(key []byte, s *site.Site, trunk acd.TrunkID, raw string) acd.CallerRef {
	number := site.NormalizeCallerID(raw, s.Region)
	if !strings.HasPrefix(number, "+") || len(s.Trunks[trunk].Extensions) > 0 {
		return "" // behind a trunk with extensions are the hospital's own telephones
	}
	if slices.ContainsFunc(s.Callers.Shared, func(n string) bool { return site.NormalizeCallerID(n, s.Region) == number }) {
		return ""
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(number))
	return acd.CallerRef(hex.EncodeToString(mac.Sum(nil)))
}

// acquainting bounds one note about who answered; the next one waits behind it.
const acquainting = 300 * time.Millisecond

// startAcquaintances notes, from the log, which agent has dealt with which caller, where a reason
// keeps callers for that agent. Each node notes its own calls.
func (a *App) startAcquaintances(context.Context) error {
	var err error
	if a.callersKey, err = callersKey(a.opt.Site); err != nil {
		return err
	}
	sub := a.book.Subscribe("acquaintances")
	a.undo = append(a.undo, sub.Close)
	a.later(func() {
		for e := range sub.Entries {
			for _, l := range e.Legs {
				if l.End != nil && l.End.At == e.At && l.Node == a.opt.Site.Node {
					a.acquaint(l)
				}
			}
		}
	})
	return nil
}

// acquaint notes who has dealt with the caller of a leg that ended. That he is known again is a
// convenience: where it cannot be noted, it is not.
func (a *App) acquaint(l acd.Leg) {
	s := a.live.Load().site
	if l.End.Outcome != acd.Answered || l.Agent == "" || s.Reasons[l.Reason].Hold <= 0 {
		return
	}
	ctx, cancel := context.WithTimeout(a.ctx, acquainting)
	defer cancel()
	caller, ok := a.callerOf(ctx, l.ID.Contact(), l.Trunk)
	if !ok {
		return
	}
	if err := a.book.Acquaint(ctx, caller, l.Reason, acd.Acquaintance{Agent: l.Agent, At: l.End.At}); err != nil {
		a.log.Debug("who answered a caller was not noted", zap.String("contact_id", string(l.ID.Contact())), zap.Error(err))
	}
}

// acquaintances tells who has dealt with the contact's caller lately (calls.Options).
func (a *App) acquaintances(ctx context.Context, c acd.ContactID, trunk acd.TrunkID) map[acd.ReasonID]acd.AgentID {
	reasons := held(a.live.Load().site)
	if len(reasons) == 0 {
		return nil
	}
	caller, ok := a.callerOf(ctx, c, trunk)
	if !ok {
		return nil
	}
	known, err := a.book.Acquaintances(ctx, caller, reasons)
	if err != nil {
		a.log.Debug("who answered a caller is not known", zap.String("contact_id", string(c)), zap.Error(err))
	}
	return known
}

// held returns the reasons that keep callers for who has dealt with them, in a fixed order.
func held(s *site.Site) (out []acd.ReasonID) {
	for _, id := range slices.Sorted(maps.Keys(s.Reasons)) {
		if s.Reasons[id].Hold > 0 {
			out = append(out, id)
		}
	}
	return out
}

func (a *App) callerOf(ctx context.Context, c acd.ContactID, trunk acd.TrunkID) (acd.CallerRef, bool) {
	who, ok, err := a.book.Personal(ctx, c)
	if err != nil || !ok {
		return "", false
	}
	ref := callerRef(a.callersKey, a.live.Load().site, trunk, who.Number)
	return ref, ref != ""
}
