package seal

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
)

// An envelope is: its head (magic, id of the key, wrapped key), then the content under the key that is
// wrapped. Both parts are bound to the name.
var magic = []byte("ACCv2\n")

// Lengths in bytes.
var (
	// HeadSize is that of an envelope's head: whoever overwrites it has destroyed the content.
	HeadSize = len(magic) + idSize + overhead + keySize
	// EnvelopeOverhead is how much longer an envelope is than its content.
	EnvelopeOverhead = HeadSize + overhead
)

// Envelope seals a content under a random key of its own, bound to the name.
func (s *Sealer) Envelope(name string, content []byte) []byte {
	own := make([]byte, keySize)
	_, _ = rand.Read(own) // never fails
	defer clear(own)
	out := make([]byte, 0, len(content)+EnvelopeOverhead)
	out = append(out, s.head(name, own)...)
	return append(out, sealValue(gcm(own), name, content)...)
}

func (s *Sealer) head(name string, own []byte) []byte {
	id, err := hex.DecodeString(s.ID())
	if err != nil {
		panic(err) // it was encoded by For
	}
	out := append(append(make([]byte, 0, HeadSize), magic...), id...)
	return append(out, s.Seal("key "+name, own)...)
}

// EnvelopeKey names the key that an envelope was sealed with; false for what is none.
func EnvelopeKey(head []byte) (id string, ok bool) {
	rest, ok := bytes.CutPrefix(head, magic)
	if !ok || len(head) < HeadSize {
		return "", false
	}
	return hex.EncodeToString(rest[:idSize]), true
}

// own opens the key that a head wraps.
func (s *Sealer) own(name string, sealed []byte) ([]byte, error) {
	id, ok := EnvelopeKey(sealed)
	if !ok {
		return nil, ErrDamaged
	}
	return s.Open(id, "key "+name, sealed[len(magic)+idSize:HeadSize])
}

// Unenvelope opens what Envelope made under the name: UnknownKeyError without its key, ErrDamaged for
// everything else.
func (s *Sealer) Unenvelope(name string, sealed []byte) ([]byte, error) {
	own, err := s.own(name, sealed)
	if err != nil {
		return nil, err
	}
	defer clear(own)
	return openValue(gcm(own), name, sealed[HeadSize:])
}

// Rehead returns a head under the key that seals now, for the same content.
func (s *Sealer) Rehead(name string, head []byte) ([]byte, error) {
	own, err := s.own(name, head)
	if err != nil {
		return nil, err
	}
	defer clear(own)
	return s.head(name, own), nil
}
