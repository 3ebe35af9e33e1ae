package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"accueil/asterisk"
)

const (
	floorCommand = "smallest-ari-program" // first argument that makes this program be it
	floorApp     = "floor"
)

// floor is the least that a program beside Asterisk must do to hand callers on: a list of waiting
// channels, a list of free phones, and nothing that would outlive it. It keeps no place, no age, no
// record and no promise; it shows what Asterisk and ARI themselves take.
type floor struct {
	tel *asterisk.Telephony

	mu      sync.Mutex
	waiting []string          // callers' channels, first come first
	free    []string          // phones
	phone   map[string]string // by agent's channel
	caller  map[string]string // by agent's channel
	rung    int
}

// floorMain runs until it is killed; it prints one line when it is connected.
func floorMain(args []string) int {
	f := &floor{phone: map[string]string{}, caller: map[string]string{}, free: strings.Split(args[0], ",")}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	conn, err := asterisk.NewConn(asterisk.ConnConfig{
		RESTConfig: asterisk.RESTConfig{URL: os.Getenv("ARI_URL"), User: os.Getenv("ARI_USER"), Password: os.Getenv("ARI_PASSWORD")},
		CallApp:    floorApp, OnEvent: f.event,
		OnConnected: func(context.Context, uint64) error { fmt.Println("connected"); return nil },
	})
	if err == nil {
		f.tel = conn.Telephony()
		err = conn.Run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "smallest ARI program:", err)
		return 1
	}
	return 0
}

func (f *floor) event(e asterisk.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch e := e.(type) {
	case *asterisk.StasisStart:
		id := e.Channel.ID
		if e.Args[0] == "leg" {
			go f.join(id, f.caller[id])
			return
		}
		f.waiting = append(f.waiting, id)
		go f.do(func(ctx context.Context) error {
			if err := f.tel.Answer(ctx, id); err != nil {
				return err
			}
			return f.tel.StartMOH(ctx, id, "accueil-music")
		})
		f.match()
	case *asterisk.StasisEnd:
		f.waiting = slices.DeleteFunc(f.waiting, func(w string) bool { return w == e.Channel.ID })
	case *asterisk.ChannelDestroyed:
		id := e.Channel.ID
		if phone, ok := f.phone[id]; ok {
			caller := f.caller[id]
			delete(f.phone, id)
			delete(f.caller, id)
			f.free = append(f.free, phone)
			f.match()
			go f.do(func(ctx context.Context) error { return f.tel.Hangup(ctx, caller, "") })
			go f.do(func(ctx context.Context) error { return f.tel.DestroyBridge(ctx, "b"+id) })
		}
	}
}

// match rings the first free phone for the first caller. The caller holds f.mu.
func (f *floor) match() {
	for len(f.free) > 0 && len(f.waiting) > 0 {
		phone, caller := f.free[0], f.waiting[0]
		f.free, f.waiting = f.free[1:], f.waiting[1:]
		f.rung++
		id := fmt.Sprintf("floor.%d", f.rung)
		f.phone[id], f.caller[id] = phone, caller
		go f.do(func(ctx context.Context) error {
			err := f.tel.Originate(ctx, asterisk.OriginateSpec{
				ChannelID: id, Endpoint: "PJSIP/" + phone, AppArgs: []string{"leg"}, Timeout: 15 * time.Second, OriginatorChannel: caller,
			})
			if err != nil { // no event will tell of this channel
				f.lost(id)
			}
			return err
		})
	}
}

// lost takes back a ring that Asterisk refused.
func (f *floor) lost(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.free, f.waiting = append(f.free, f.phone[id]), append(f.waiting, f.caller[id])
	delete(f.phone, id)
	delete(f.caller, id)
}

func (f *floor) join(agent, caller string) {
	f.do(func(ctx context.Context) error {
		if err := f.tel.CreateBridge(ctx, "b"+agent, "", ""); err != nil {
			return err
		}
		if err := f.tel.StopMOH(ctx, caller); err != nil {
			return err
		}
		return f.tel.AddChannels(ctx, "b"+agent, caller, agent)
	})
}

// do runs one errand; what is gone meanwhile needs none.
func (f *floor) do(errand func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := errand(ctx); err != nil && !asterisk.IsNotFound(err) {
		fmt.Fprintln(os.Stderr, "smallest ARI program:", err)
	}
}
