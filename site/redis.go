package site

import (
	"strconv"

	"accueil/diag"
)

// Addresses is a list of host:port.
type Addresses []string

// DecodeNode also takes what the YAML parser makes of [127.0.0.1:6379], where it sees a key and a
// value although no space follows the colon.
func (a *Addresses) DecodeNode(n *diag.Node, at diag.Place) diag.Findings {
	var found diag.Findings
	*a = nil
	if n.Kind != diag.Sequence {
		var plain []string
		return at.Decode(n, &plain)
	}
	for i, item := range n.Items {
		var address string
		if pair := item.Fields; len(pair) == 1 && pair[0].Value.Kind == diag.Scalar && isPort(pair[0].Value.Value) {
			address = pair[0].Key + ":" + pair[0].Value.Value
		} else {
			found = append(found, at.Under(item, i).Decode(item, &address)...)
		}
		*a = append(*a, address)
	}
	return found
}

func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}
