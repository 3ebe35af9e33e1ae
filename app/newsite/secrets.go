package newsite

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
)

// Handover is what people are given to work with: each secret once. Phones' passwords and PINs also
// stand in files of their own; of the tokens only the hash is kept.
type Handover struct {
	Desks  []Desk  `json:"desks"`
	Tokens []Token `json:"tokens"`
}

// Desk is a telephone and who usually sits at it.
type Desk struct {
	Phone    string `json:"phone"`
	Password string `json:"password"`
	Agent    string `json:"agent"`
	Number   string `json:"agent_number"` // keyed to log in elsewhere: *20<number>#<pin>
	PIN      string `json:"pin"`
}

// Token opens the HTTP interface for an account.
type Token struct {
	Name  string `json:"name"`
	Role  string `json:"role"`
	Token string `json:"token"`
}

// passwordLetters are those that nobody confuses when he types a password into a telephone.
const passwordLetters = "abcdefghjkmnpqrstuvwxyz23456789"

const (
	passwordLength = 16 // 79 bits
	pinLength      = 6
	keyLength      = 32 // bytes, of the ARI password and of tokens
)

// draw takes n characters of an alphabet, each equally likely.
func draw(dice io.Reader, n int, alphabet string) (string, error) {
	out := make([]byte, 0, n)
	most := 256 - 256%len(alphabet)
	var b [1]byte
	for len(out) < n {
		if _, err := io.ReadFull(dice, b[:]); err != nil {
			return "", fmt.Errorf("draw a secret: %w", err)
		}
		if int(b[0]) < most {
			out = append(out, alphabet[int(b[0])%len(alphabet)])
		}
	}
	return string(out), nil
}

func drawKey(dice io.Reader) (string, error) {
	b := make([]byte, keyLength)
	if _, err := io.ReadFull(dice, b); err != nil {
		return "", fmt.Errorf("draw a secret: %w", err)
	}
	return hex.EncodeToString(b), nil
}

// secrets makes those of a site, as files and as what is handed over.
func (a *Answers) secrets(l Lang, dice io.Reader) (files []File, out Handover, err error) {
	keep := func(path, value string) { files = append(files, File{path, []byte(value + "\n"), true}) }
	ari, err := drawKey(dice)
	if err != nil {
		return nil, out, err
	}
	keep("secrets/ari", ari)
	if a.Trunk.Registers() {
		stand, err := draw(dice, passwordLength, passwordLetters)
		if err != nil {
			return nil, out, err
		}
		keep("secrets/operateur", stand)
	}
	for _, agent := range a.agents(l) {
		password, err := draw(dice, passwordLength, passwordLetters)
		if err != nil {
			return nil, out, err
		}
		pin, err := draw(dice, pinLength, "0123456789")
		if err != nil {
			return nil, out, err
		}
		keep("secrets/phones/"+agent.Phone, password)
		keep("secrets/pins/"+agent.ID, pin)
		out.Desks = append(out.Desks, Desk{agent.Phone, password, agent.ID, agent.ID[1:], pin})
	}
	tokens := say("# nom rôle sha256(jeton) ; les jetons ont été affichés une fois, à la création du site (docs/api.md)",
		"# name role sha256(token); the tokens were shown once, when the site was made (docs/api.md)").In(l) + "\n"
	for _, t := range []Token{{Name: "administration", Role: "admin"}, {Name: "supervision", Role: "supervisor"}} {
		if t.Token, err = drawKey(dice); err != nil {
			return nil, out, err
		}
		tokens += fmt.Sprintf("%s %s %x\n", t.Name, t.Role, sha256.Sum256([]byte(t.Token)))
		out.Tokens = append(out.Tokens, t)
	}
	files = append(files, File{"secrets/tokens", []byte(tokens), true})
	return files, out, nil
}
