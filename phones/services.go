package phones

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// The extensions of the hospital's own PBX in the demo.
const (
	FirstService = 4000
	LastService  = 4019
)

// Services is the hospital's PBX as Asterisk sees it: one SIP peer, a trunk
// without registration, behind which every ward and office has an extension
// with a policy of its own. All send the same tone.
type Services struct {
	phone *Phone

	mu       sync.Mutex // guards policies
	policies map[string]Policy
}

// ServicesConfig says where the PBX stands. Only Server is needed.
type ServicesConfig struct {
	LocalIP   string            // default 127.0.0.4, the demo's autocom
	LocalPort int               // 0 takes any free one
	Server    string            // Asterisk, for calls from the wards
	Tone      float64           // hertz; 0 takes the next of the process
	Policies  map[string]Policy // by extension; nil takes DefaultServices
}

// DefaultServices answers most extensions after two to five seconds; 4014 and
// 4015 are busy, 4016 and 4017 never answer, 4018 refuses, and the answered
// 4019 hangs up after ten seconds.
func DefaultServices() map[string]Policy {
	policies := map[string]Policy{}
	for n := FirstService; n <= LastService; n++ {
		policies[strconv.Itoa(n)] = AnswerAfter(time.Duration(2+n%4) * time.Second)
	}
	policies["4014"], policies["4015"] = Busy(), Busy()
	policies["4016"], policies["4017"] = NoAnswer(), NoAnswer()
	policies["4018"] = RejectAfter(time.Second, sip.StatusGlobalDecline)
	policies["4019"] = Run(2*time.Second, Script{Talk(10 * time.Second), HangUp()})
	return policies
}

// NewServices starts the PBX. Release it with Close.
func NewServices(ctx context.Context, cfg ServicesConfig) (*Services, error) {
	if cfg.LocalIP == "" {
		cfg.LocalIP = "127.0.0.4"
	}
	s := &Services{policies: map[string]Policy{}}
	policies := cfg.Policies
	if policies == nil {
		policies = DefaultServices()
	}
	for extension, policy := range policies {
		s.policies[extension] = policy
	}
	phone, err := New(ctx, Config{
		LocalIP:   cfg.LocalIP,
		LocalPort: cfg.LocalPort,
		Server:    cfg.Server,
		User:      "autocom",
		Tone:      cfg.Tone,
		Policy:    s.decide,
	})
	if err != nil {
		return nil, fmt.Errorf("start the services' PBX: %w", err)
	}
	s.phone = phone
	return s, nil
}

// decide gives a call to the extension it asks for; unknown ones are 404.
func (s *Services) decide(ctx context.Context, c *Call) {
	s.mu.Lock()
	policy := s.policies[c.Target()]
	s.mu.Unlock()
	if policy == nil {
		policy = NotFound()
	}
	policy(ctx, c)
}

// Set changes what an extension does with its next calls; nil removes it.
func (s *Services) Set(extension string, policy Policy) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if policy == nil {
		delete(s.policies, extension)
		return
	}
	s.policies[extension] = policy
}

// Phone is the peer itself: its address and tone, its calls, and calls from the
// wards (set CallOptions.User to the extension).
func (s *Services) Phone() *Phone { return s.phone }

// Close hangs up and waits.
func (s *Services) Close() error { return s.phone.Close() }
