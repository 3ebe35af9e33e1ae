package site

import (
	"fmt"
	"strings"
	"testing"
)

func TestDirectory(t *testing.T) {
	t.Parallel()
	src := "\xef\xbb\xbfnumber;name\r\n" +
		"06 39 98 01 01;  Jeanne   Rousseau \r\n" +
		"+33199000103;\"Ambulances; Parc\"\r\n" +
		"\r\n" +
		"nobody;Paul\r\n" + // line 5
		"0639980104\r\n" +
		"0639980105;\r\n" +
		"0639980106;\x1b[31mred\r\n" +
		"0639980107;" + strings.Repeat("x", 81) + "\r\n" +
		"0639980101;Somebody Else\r\n" +
		"0639980108;bad \xff byte\r\n" +
		"4012;Urgences\r\n"
	d, found := readDirectory("d.csv", "FR", strings.NewReader(src))
	for number, want := range map[string]string{"+33639980101": "Jeanne Rousseau", "+33199000103": "Ambulances; Parc", "4012": "Urgences"} {
		if got, ok := d.Name(number); !ok || got != want {
			t.Errorf("%s is %q, %v; want %q", number, got, ok, want)
		}
	}
	if d.Len() != 3 {
		t.Errorf("%d numbers, want 3", d.Len())
	}
	if len(found) != 7 || found.Failed() {
		t.Errorf("findings, want 7 warnings:\n%s", found)
	}
	for _, secret := range []string{"Paul", "0639", "Somebody", "red"} {
		if strings.Contains(found.String(), secret) {
			t.Errorf("a finding shows what the directory holds: %s", secret)
		}
	}
	if name, ok := (*Directory)(nil).Name("4012"); ok || name != "" {
		t.Error("no directory knows somebody")
	}
}

func TestDirectoryOfCommas(t *testing.T) {
	t.Parallel()
	d, found := readDirectory("d.csv", "FR", strings.NewReader("0639980101,Jeanne Rousseau"))
	if name, _ := d.Name("+33639980101"); name != "Jeanne Rousseau" || len(found) > 0 {
		t.Errorf("name %q, findings %v", name, found)
	}
}

func TestDirectoryIsBounded(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for i := range maxDirectoryLines + 1 {
		fmt.Fprintf(&many, "%d;n\n", 10000+i%80000)
	}
	for what, src := range map[string]string{
		"lines": many.String(),
		"bytes": strings.Repeat("0639980101;"+strings.Repeat("n", 500)+"\n", maxDirectoryBytes/500),
		"quote": "number;name\n\"" + strings.Repeat("x", maxDirectoryBytes+10),
	} {
		if d, found := readDirectory("d.csv", "FR", strings.NewReader(src)); d != nil || !found.Failed() {
			t.Errorf("%s: a directory beyond the bounds was taken: %d findings", what, len(found))
		}
	}
	d, found := readDirectory("d.csv", "FR", strings.NewReader(strings.Repeat("x;y\n", 1000)))
	if d == nil || len(found) != maxDirectoryTold {
		t.Errorf("%d findings, want %d", len(found), maxDirectoryTold)
	}
}
