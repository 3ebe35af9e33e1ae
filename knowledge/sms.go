package knowledge

import (
	"strings"
	"unicode/utf16"
)

// The alphabet of SMS (3GPP TS 23.038 §6.2.1): most French letters, but not ê, ô, î, û, ç and œ. The
// second line takes two places each.
const (
	gsm7 = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	wide = "^{}\\[~]|€\f"
)

// smsSegments is how many messages a text takes, and the first character, if any, because of which each
// holds 70 characters (67 of several) instead of 160 (153).
func smsSegments(text string) (segments int, forces rune) {
	septets := 0
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsm7, r):
			septets++
		case strings.ContainsRune(wide, r):
			septets += 2
		case forces == 0:
			forces = r
		}
	}
	if forces != 0 {
		return parts(len(utf16.Encode([]rune(text))), 70, 67), forces
	}
	return parts(septets, 160, 153), 0
}

func parts(length, one, each int) int {
	if length <= one {
		return 1
	}
	return (length + each - 1) / each
}
