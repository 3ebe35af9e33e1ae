package site

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestNormalizeCallerID(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ raw, region, want string }{
		{"0639980101", "FR", "+33639980101"},
		{"06 39.98-01/01", "FR", "+33639980101"},
		{"+33 (0)6 39 98 01 01", "FR", "+33639980101"},
		{"0033639980101", "FR", "+33639980101"},
		{"+33639980101;cpc=ordinary", "FR", "+33639980101"},
		{"0692123456", "RE", "+262692123456"}, // wrong as FR: the region comes from the site
		{"0596123456", "MQ", "+596596123456"},
		{"15", "FR", "15"},
		{"112", "FR", "112"},
		{"3639", "FR", "3639"},
		{"4012", "FR", "4012"}, // an extension of the hospital
		{"118000", "FR", "118000"},
		{"+4930123456", "FR", "+4930123456"},
		{"anonymous", "FR", ""},
		{"", "FR", ""},
		{"5", "FR", ""},
		{"+", "FR", ""},
		{"0639980101\r\nVia: x", "FR", ""},
		{"06<script>", "FR", ""},
		{"06\x00399801", "FR", ""},
		{"+33++6", "FR", ""},
		{strings.Repeat("6", 10_000), "FR", ""},
		{"٠٦٣٩٩٨٠١٠١", "FR", ""}, // digits of another script are not dialled
		{"0639980101", "", ""},   // no region: a national number means nothing
	} {
		if got := NormalizeCallerID(c.raw, c.region); got != c.want {
			t.Errorf("%.40q in %s: %q, want %q", c.raw, c.region, got, c.want)
		}
	}
}

func FuzzNormalizeCallerID(f *testing.F) {
	for _, s := range []string{"0639980101", "+33 (0)6", "15", "sip:x@y", "\xff\xfe", strings.Repeat("0", 64)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got := NormalizeCallerID(raw, "FR")
		if len(got) > 20 || !utf8.ValidString(got) || strings.Trim(got, "+0123456789") != "" {
			t.Fatalf("%q became %q", raw, got)
		}
		if got != "" && NormalizeCallerID(got, "FR") != got {
			t.Fatalf("%q became %q, which does not stay itself", raw, got)
		}
	})
}
