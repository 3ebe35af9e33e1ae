package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

// keySize is the length of a derived key, in bytes: AES-256.
const keySize = 32

// Sealer seals and opens for one purpose. It is immutable and never prints itself.
type Sealer struct{ keys []key }

// key is what is derived from one secret.
type key struct {
	id    string // tells which secret, and nothing of it
	aead  cipher.AEAD
	marks []byte
}

// String hides it.
func (Sealer) String() string { return "keys (hidden)" }

// GoString hides it too.
func (Sealer) GoString() string { return "keys (hidden)" }

// For derives the keys of a purpose.
func (r *Ring) For(purpose string) *Sealer {
	s := &Sealer{}
	for _, secret := range r.secrets {
		derive := func(use string, n int) []byte {
			k, err := hkdf.Key(sha256.New, secret, nil, "accueil "+purpose+": "+use, n)
			if err != nil {
				panic(err) // only of a length that SHA-256 cannot give
			}
			return k
		}
		s.keys = append(s.keys, key{
			id: hex.EncodeToString(derive("name of the key", idSize)), aead: gcm(derive("personal fields", keySize)), marks: derive("persons", keySize),
		})
	}
	return s
}

func gcm(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err == nil {
		var aead cipher.AEAD
		if aead, err = cipher.NewGCM(block); err == nil {
			return aead
		}
	}
	panic(err) // only a key of another length makes it fail
}

// idSize is the length of a key's id, in bytes; as text it is twice as long.
const idSize = 8

// ID names the key that seals.
func (s *Sealer) ID() string { return s.keys[0].id }

// IDs names all keys, the one that seals first.
func (s *Sealer) IDs() []string {
	ids := make([]string, len(s.keys))
	for i, k := range s.keys {
		ids[i] = k.id
	}
	return ids
}

// Opens reports whether there is the key of that id.
func (s *Sealer) Opens(id string) bool { return s.find(id) != nil }

func (s *Sealer) find(id string) *key {
	for i := range s.keys {
		if s.keys[i].id == id {
			return &s.keys[i]
		}
	}
	return nil
}

// UnknownKeyError says that something was sealed with a key that is not there.
type UnknownKeyError struct{ ID string }

func (e UnknownKeyError) Error() string {
	return fmt.Sprintf("it was sealed with key %s, which is not in the key file: put it back there as a line after the first", e.ID)
}

// ErrDamaged says that something cannot be opened although its key is there: it was damaged, cut short,
// or is in the place of another. Nothing tells which.
var ErrDamaged = errors.New("it cannot be opened: it was damaged or moved")

// version begins every sealed value: version, nonce, ciphertext with its tag.
const version = 1

// overhead is how many bytes a sealed value is longer than the plain one.
const overhead = 1 + 12 + 16

// Seal hides a value under the first key. It opens for that name alone. Who keeps it keeps ID with it.
func (s *Sealer) Seal(name string, plain []byte) []byte {
	return sealValue(s.keys[0].aead, name, plain)
}

func sealValue(aead cipher.AEAD, name string, plain []byte) []byte {
	n := 1 + aead.NonceSize()
	out := make([]byte, n, n+len(plain)+aead.Overhead())
	out[0] = version
	_, _ = rand.Read(out[1:]) // never fails since Go 1.24: the program stops instead
	return aead.Seal(out, out[1:], plain, []byte(name))
}

// Open opens what was sealed with the key of that id: UnknownKeyError without it, ErrDamaged for what is
// not its work.
func (s *Sealer) Open(id, name string, sealed []byte) ([]byte, error) {
	k := s.find(id)
	if k == nil {
		return nil, UnknownKeyError{id}
	}
	return openValue(k.aead, name, sealed)
}

func openValue(aead cipher.AEAD, name string, sealed []byte) ([]byte, error) {
	n := 1 + aead.NonceSize()
	if len(sealed) < n || sealed[0] != version {
		return nil, ErrDamaged
	}
	plain, err := aead.Open(nil, sealed[1:n], sealed[n:], []byte(name))
	if err != nil {
		return nil, ErrDamaged
	}
	return plain, nil
}

// Marks are what a text is known again by, under each key, the one that seals first: a value that tells
// nothing of it to who has not the key. None for "".
func (s *Sealer) Marks(text string) [][]byte {
	if text == "" {
		return nil
	}
	out := make([][]byte, len(s.keys))
	for i, k := range s.keys {
		mac := hmac.New(sha256.New, k.marks)
		mac.Write([]byte(text))
		out[i] = mac.Sum(nil)
	}
	return out
}
