// Package lookup asks a service of the hospital about a caller: over HTTP, with a bound on everything,
// and an answer that can say nothing but what the site file declares.
//
// A question is a POST of JSON:
//
//	{"lookup": "dossier", "number": "+33612345678", "keyed": {"naissance": "07031950"}}
//
// The answer is 200 with JSON of at most 16 KiB:
//
//	{"outcome": "found", "values": {"secteur": "a"}}
//
// outcome is found or unknown. With "confidential": true, whatever else it says is dropped: it counts
// as unknown. Everything else (another status, a redirect, another type, a value that is not declared)
// is an error, and the call goes on by the way named for that. Nothing of question or answer is in an
// error.
package lookup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"accueil/acd"
	"accueil/app/outward"
)

// Service is one lookup as the site file declares it.
type Service struct {
	Name    acd.LookupID
	URL     string
	Token   string              // sent as a bearer token; empty for none
	Timeout time.Duration       // of the whole question
	Answers map[string][]string // variables with every value of each
}

// Question is what is asked. It is personal.
type Question struct {
	Number string // as normalised; empty when withheld
	Keyed  map[string]acd.Keyed
}

// Client asks services. It is safe for concurrent use.
type Client struct{ out *outward.Client }

// New returns a client that asks through out.
func New(out *outward.Client) *Client { return &Client{out} }

type body struct {
	Lookup acd.LookupID      `json:"lookup"`
	Number string            `json:"number,omitempty"`
	Keyed  map[string]string `json:"keyed,omitempty"`
}

type answer struct {
	Outcome      acd.LookupOutcome `json:"outcome"`
	Confidential bool              `json:"confidential"`
	Values       map[string]string `json:"values"`
}

// Ask puts the question. With an error the answer is acd.LookupError.
func (c *Client) Ask(ctx context.Context, s Service, q Question) (acd.HeardLookup, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	failed := acd.HeardLookup{Outcome: acd.LookupError}
	keyed := make(map[string]string, len(q.Keyed))
	for name, digits := range q.Keyed {
		keyed[name] = digits.Reveal()
	}
	text, err := c.out.Post(ctx, outward.Request{URL: s.URL, Token: s.Token, Body: body{s.Name, q.Number, keyed}, Answered: true})
	if err != nil {
		return failed, fmt.Errorf("lookup %s: %w", s.Name, err)
	}
	heard, err := read(text, s.Answers)
	if err != nil {
		return failed, fmt.Errorf("lookup %s: %w", s.Name, err)
	}
	return heard, nil
}

// read takes an answer at its word, and only at the words declared.
func read(text []byte, declared map[string][]string) (acd.HeardLookup, error) {
	failed := acd.HeardLookup{Outcome: acd.LookupError}
	var a answer
	if json.Unmarshal(text, &a) != nil {
		return failed, errors.New("the answer cannot be read")
	}
	if a.Outcome != acd.LookupFound && a.Outcome != acd.LookupUnknown {
		return failed, errors.New("the answer has no outcome, found or unknown")
	}
	for name, value := range a.Values {
		if !slices.Contains(declared[name], value) {
			return failed, errors.New("the answer has a value that the site file does not declare")
		}
	}
	if a.Confidential || a.Outcome == acd.LookupUnknown {
		return acd.HeardLookup{Outcome: acd.LookupUnknown}, nil
	}
	return acd.HeardLookup{Outcome: acd.LookupFound, Values: a.Values}, nil
}
