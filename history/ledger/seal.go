package ledger

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"accueil/acd"
)

// leastKey is the least length of a key file's content, in characters.
const leastKey = 32

// sealer seals personal fields and knows persons again, with keys derived from one secret.
type sealer struct {
	id     string // tells which secret, and nothing of it
	aead   cipher.AEAD
	person []byte
}

func newSealer(secret []byte) (*sealer, error) {
	if len(secret) < leastKey {
		return nil, fmt.Errorf("the key of the database has fewer than %d characters", leastKey)
	}
	derive := func(use string, n int) []byte {
		key, err := hkdf.Key(sha256.New, secret, nil, "accueil history 1: "+use, n)
		if err != nil {
			panic(err) // only of a length that SHA-256 cannot give
		}
		return key
	}
	block, err := aes.NewCipher(derive("personal fields", 32))
	if err != nil {
		return nil, fmt.Errorf("make the cipher of personal fields: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("make the cipher of personal fields: %w", err)
	}
	return &sealer{id: hex.EncodeToString(derive("name of the key", 8)), aead: aead, person: derive("persons", 32)}, nil
}

// sealVersion begins every sealed value: version, nonce, ciphertext with its tag.
const sealVersion = 1

// clear is what is sealed: acd.TaskPersonal hides itself from every encoder.
type clear struct {
	Number string `json:"n,omitempty"`
	Name   string `json:"a,omitempty"`
	Text   string `json:"t,omitempty"`
}

// seal hides the fields of a task. They open for that task alone: a value moved to another row does not.
func (s *sealer) seal(id acd.TaskID, p acd.TaskPersonal) []byte {
	if p == (acd.TaskPersonal{}) {
		return nil
	}
	text, err := json.Marshal(clear(p))
	if err != nil {
		panic(err) // three texts always encode
	}
	out := make([]byte, 1+s.aead.NonceSize(), 1+s.aead.NonceSize()+len(text)+s.aead.Overhead())
	out[0] = sealVersion
	_, _ = rand.Read(out[1:]) // never fails since Go 1.24: the program stops instead
	return s.aead.Seal(out, out[1:], text, []byte(id))
}

// errSealed tells nothing of what could not be opened.
var errSealed = errors.New("the sealed fields cannot be opened: the row is damaged or was moved")

func (s *sealer) open(id acd.TaskID, sealed []byte) (acd.TaskPersonal, error) {
	if len(sealed) == 0 {
		return acd.TaskPersonal{}, nil
	}
	n := 1 + s.aead.NonceSize()
	if len(sealed) < n || sealed[0] != sealVersion {
		return acd.TaskPersonal{}, errSealed
	}
	text, err := s.aead.Open(nil, sealed[1:n], sealed[n:], []byte(id))
	if err != nil {
		return acd.TaskPersonal{}, errSealed
	}
	var c clear
	if json.Unmarshal(text, &c) != nil {
		return acd.TaskPersonal{}, errSealed
	}
	return acd.TaskPersonal(c), nil
}

// known is the mark by which a person is known again; nil for who is not.
func (s *sealer) known(person string) []byte {
	if person == "" {
		return nil
	}
	mac := hmac.New(sha256.New, s.person)
	mac.Write([]byte(person))
	return mac.Sum(nil)
}
