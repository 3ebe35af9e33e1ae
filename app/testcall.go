package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"accueil/acd"
	"accueil/asterisk"
)

// testCallLimit bounds the doctor's call: the dialplan decides within a second (DESIGN §4.1).
const testCallLimit = 6 * time.Second

// The near half of the call waits there for some seconds while we look at the far one: in a place
// that ended at once it would be gone before it was seen.
const (
	holdContext   = "accueil-feature"
	holdExtension = "away"
)

// testCall sends a call into an entry from inside Asterisk and looks where it arrives: in the
// controller, or in the dialplan's safety net. It is hung up at once; the log shows it as a short call.
func (d *doctor) testCall(ctx context.Context, call bool) {
	if !call {
		d.say("test call", CheckSkipped, "not asked for", "")
		return
	}
	entry, trunk := d.firstEntry()
	ctx, cancel := context.WithTimeout(ctx, testCallLimit)
	defer cancel()
	id := "doctor-" + acd.NewOpID(acd.At(time.Now()))
	priority, ring := 1, 5
	_, err := d.rest.ChannelOriginateWithID(ctx, id, asterisk.ChannelOriginateWithIDParams{
		Endpoint: fmt.Sprintf("Local/%s@accueil-trunk-%s/n", entry, trunk),
		Context:  holdContext, Extension: holdExtension, Priority: &priority, CallerID: "doctor", Timeout: &ring,
	})
	if err != nil {
		d.say("test call", CheckFailed, "entry "+string(entry)+": "+err.Error(), "accueil asterisk-config, then reload Asterisk")
		return
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		_ = d.tel.Hangup(end, id, "")
	}()
	d.where(ctx, entry)
}

func (d *doctor) firstEntry() (acd.EntryID, acd.TrunkID) {
	var entries []string
	for id := range d.site.Entries {
		entries = append(entries, string(id))
	}
	slices.Sort(entries)
	id := acd.EntryID(entries[0])
	return id, d.site.Entries[id].Trunk
}

// where looks at the call's far half until it has arrived somewhere.
func (d *doctor) where(ctx context.Context, entry acd.EntryID) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		list, err := d.tel.ListChannels(ctx)
		if err != nil {
			d.say("test call", CheckFailed, err.Error(), "")
			return
		}
		for _, ch := range list {
			if !strings.HasPrefix(ch.Name, "Local/"+string(entry)+"@") {
				continue
			}
			switch {
			case ch.Dialplan.Context == netContext:
				d.say("test call", CheckWarning, "entry "+string(entry)+" reaches the safety net", "start the controller: accueil serve")
				return
			case strings.HasPrefix(ch.Dialplan.AppName, "Stasis") && ch.State == "Up":
				d.say("test call", CheckOK, "entry "+string(entry)+" reaches the controller", "")
				return
			}
		}
		select {
		case <-ctx.Done():
			d.say("test call", CheckFailed, "entry "+string(entry)+" reaches nobody", "look at Asterisk's log; write its configuration again: accueil asterisk-config")
			return
		case <-tick.C:
		}
	}
}
