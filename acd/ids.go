package acd

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// Identifiers have their own types so that a channel's id cannot be passed where a contact's is meant.
type (
	// ContactID names one person's journey; a UUIDv7 (RFC 9562 §5.7), so ids sort by arrival.
	ContactID string
	// LegID names one stretch of a contact: "<contact>/<n>", n from 1.
	LegID string
	// AgentID names a person who answers, as keyed in the site file.
	AgentID string
	// PhoneID names a device; who sits at it changes by shift.
	PhoneID string
	// QueueID, ReasonID, SkillID, EntryID, TrunkID and ScenarioID are keys of the site file.
	QueueID    string
	ReasonID   string
	SkillID    string
	EntryID    string // the number or address reached
	TrunkID    string
	ScenarioID string
	// AnnouncementID and LookupID are keys of the site file.
	AnnouncementID string
	LookupID       string
	// NodeID names one controller process.
	NodeID string
	// OfferID names one exclusive lease of an agent's slot for a leg.
	OfferID string
	// Lang is a language code of the site file ("fr", "en").
	Lang string
)

// NewContactID returns a UUIDv7 of the instant now with 74 random bits.
func NewContactID(now Instant) ContactID { return ContactID(uuid7(now)) }

// NewOfferID returns a UUIDv7 of the instant now.
func NewOfferID(now Instant) OfferID { return OfferID(uuid7(now)) }

// NewOpID returns the name of one operation, by which a repeat of it is recognised.
func NewOpID(now Instant) string { return uuid7(now) }

// ContactIDOf returns the contact id of what began then and has the given name elsewhere: always the
// same one, so that whoever tells of it twice tells of one contact.
func ContactIDOf(began Instant, name string) ContactID {
	return ContactID(uuid7From(began, sha256.Sum256([]byte(name))))
}

func uuid7(now Instant) string {
	var b [32]byte
	_, _ = rand.Read(b[:16]) // never fails since Go 1.24: the program stops instead
	return uuid7From(now, b)
}

// uuid7From makes the id of an instant and of what is otherwise random.
func uuid7From(now Instant, b [32]byte) string {
	ms := uint64(now)
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	b[6] = b[6]&0x0f | 0x70
	b[8] = b[8]&0x3f | 0x80
	var s [36]byte
	hex.Encode(s[0:8], b[0:4])
	hex.Encode(s[9:13], b[4:6])
	hex.Encode(s[14:18], b[6:8])
	hex.Encode(s[19:23], b[8:10])
	hex.Encode(s[24:36], b[10:16])
	s[8], s[13], s[18], s[23] = '-', '-', '-', '-'
	return string(s[:])
}

// Leg returns the id of the contact's n-th leg, n from 1.
func (c ContactID) Leg(n int) LegID { return LegID(string(c) + "/" + strconv.Itoa(n)) }

// Contact returns the contact that the leg belongs to.
func (l LegID) Contact() ContactID {
	c, _, _ := strings.Cut(string(l), "/")
	return ContactID(c)
}

// Number returns the place of the leg in its contact, from 1; 0 for a malformed id.
func (l LegID) Number() int {
	_, n, ok := strings.Cut(string(l), "/")
	if !ok {
		return 0
	}
	i, err := strconv.Atoi(n)
	if err != nil || i < 1 {
		return 0
	}
	return i
}

// Valid reports whether the id can be used: a contact and a positive number.
func (l LegID) Valid() bool { return l.Contact() != "" && l.Number() > 0 }

// Next returns the id of the leg that follows in the same contact.
func (l LegID) Next() LegID { return l.Contact().Leg(l.Number() + 1) }

// ErrNotFound says that a view holds no entity of that id.
type ErrNotFound struct {
	What string // "leg", "agent", "phone"
	ID   string
}

func (e ErrNotFound) Error() string { return fmt.Sprintf("no %s %q", e.What, e.ID) }
