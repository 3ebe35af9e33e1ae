package ledger

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"accueil/acd"
	"accueil/seal"
)

// purpose names what the keys are derived for; another one opens nothing of this.
const purpose = "history 1"

// clear is what is sealed: acd.TaskPersonal hides itself from every encoder.
type clear struct {
	Number string `json:"n,omitempty"`
	Name   string `json:"a,omitempty"`
	Text   string `json:"t,omitempty"`
}

// sealFields hides the fields of a task, for that task alone; nil for none.
func sealFields(s *seal.Sealer, id acd.TaskID, p acd.TaskPersonal) []byte {
	if p == (acd.TaskPersonal{}) {
		return nil
	}
	text, err := json.Marshal(clear(p))
	if err != nil {
		panic(err) // three texts always encode
	}
	return s.Seal(string(id), text)
}

// openFields opens what sealFields hid under the key of that id.
func openFields(s *seal.Sealer, key string, id acd.TaskID, sealed []byte) (acd.TaskPersonal, error) {
	if len(sealed) == 0 {
		return acd.TaskPersonal{}, nil
	}
	text, err := s.Open(key, string(id), sealed)
	if err != nil {
		return acd.TaskPersonal{}, fmt.Errorf("the fields of task %s: %w", id, err)
	}
	var c clear
	if json.Unmarshal(text, &c) != nil {
		return acd.TaskPersonal{}, fmt.Errorf("the fields of task %s: %w", id, seal.ErrDamaged)
	}
	return acd.TaskPersonal(c), nil
}

// mark is what a person is known again by in new rows; nil for who is not.
func mark(s *seal.Sealer, person string) []byte {
	if person == "" {
		return nil
	}
	return s.Marks(person)[0]
}

// isOf reports whether a mark is of that person, under whichever key of the file.
func isOf(s *seal.Sealer, mark []byte, person string) bool {
	return slices.ContainsFunc(s.Marks(person), func(m []byte) bool { return bytes.Equal(m, mark) })
}
