package asterisk

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"sync"
)

// appName keeps commas (lists of applications) and spaces out.
var appName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// vital are the events that the connection itself lives on.
var vital = []string{"ChannelUserevent", "ApplicationReplaced"}

// filterOf chooses the events of an application. The call application gives what
// was asked for or, where nothing was, loses what comes often and says nothing to
// us; the phones application keeps only what is about endpoints.
func (c *ConnConfig) filterOf(app string) EventFilter {
	wanted := c.CallEvents
	if app == c.PhonesApp {
		wanted = []string{"EndpointStateChange", "ContactStatusChange", "PeerStatusChange", "ChannelCreated", "ChannelDestroyed"}
	}
	if len(wanted) == 0 {
		return EventFilter{Disallowed: EventTypes("ChannelVarset", "ChannelDialplan", "ChannelConnectedLine")}
	}
	return EventFilter{Allowed: EventTypes(slices.Concat(wanted, vital)...)}
}

// subscribeBatch bounds one request; a body holds 40 kB, an endpoint id 40 bytes.
const subscribeBatch = 50

// subscriptions remembers the endpoints that the phones application follows, for
// Asterisk forgets them with the application.
type subscriptions struct {
	mu     sync.Mutex // guards wanted
	wanted []string   // event sources, sorted, each once
}

func (s *subscriptions) add(sources []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wanted = append(s.wanted, sources...)
	slices.Sort(s.wanted)
	s.wanted = slices.Compact(s.wanted)
}

func (s *subscriptions) remove(sources []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wanted = slices.DeleteFunc(s.wanted, func(w string) bool { return slices.Contains(sources, w) })
}

func (s *subscriptions) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.wanted)
}

// apply subscribes app to sources and lists those that Asterisk does not know,
// which is no error: a phone can be in our site file and not yet in Asterisk's.
func (s *subscriptions) apply(ctx context.Context, rest *REST, app string, sources []string) (missing []string, err error) {
	for batch := range slices.Chunk(sources, subscribeBatch) {
		_, err := rest.ApplicationSubscribe(ctx, app, ApplicationSubscribeParams{EventSource: batch})
		if err == nil {
			continue
		}
		if !unknownSource(err) {
			return missing, err
		}
		for _, source := range batch { // one unknown refuses the whole batch
			_, err := rest.ApplicationSubscribe(ctx, app, ApplicationSubscribeParams{EventSource: []string{source}})
			switch {
			case err == nil:
			case unknownSource(err):
				missing = append(missing, source)
			default:
				return missing, err
			}
		}
	}
	return missing, nil
}

func unknownSource(err error) bool { return Status(err) == 400 || IsUnprocessable(err) }

// SubscribeEndpoints follows endpoints (PJSIP ids) in the phones application: their
// state, contacts, and the calls they make themselves. They are followed again
// after every connect. missing lists those that Asterisk does not know; call
// again after a reload. Without a connection they are only noted, and the error
// is ErrNotConnected when ctx ends first.
func (c *Conn) SubscribeEndpoints(ctx context.Context, ids ...string) (missing []string, err error) {
	if c.cfg.PhonesApp == "" {
		return nil, errors.New("asterisk: this connection has no application for phones")
	}
	sources := endpointSources(ids)
	c.subscriptions.add(sources)
	unknown, err := c.subscriptions.apply(ctx, c.rest, c.cfg.PhonesApp, sources)
	for _, source := range unknown {
		missing = append(missing, source[len(endpointPrefix):])
	}
	return missing, err
}

// UnsubscribeEndpoints stops following endpoints.
func (c *Conn) UnsubscribeEndpoints(ctx context.Context, ids ...string) error {
	sources := endpointSources(ids)
	c.subscriptions.remove(sources)
	for _, source := range sources {
		_, err := c.rest.ApplicationUnsubscribe(ctx, c.cfg.PhonesApp, ApplicationUnsubscribeParams{EventSource: []string{source}})
		if err != nil && !IsConflict(err) && !IsNotFound(err) && !unknownSource(err) { // those mean: was not followed
			return err
		}
	}
	return nil
}

const endpointPrefix = "endpoint:PJSIP/"

func endpointSources(ids []string) []string {
	sources := make([]string, len(ids))
	for i, id := range ids {
		sources[i] = endpointPrefix + id
	}
	return sources
}
