package site

import (
	"path/filepath"
	"testing"
)

// TestDoubtful: what an operator would refuse is told, and nothing that he would take.
func TestDoubtful(t *testing.T) {
	t.Parallel()
	s, found := Load(filepath.Join(folder(t), "site.yaml"))
	if s == nil {
		t.Fatal(found)
	}
	for number, want := range map[string]bool{
		"4000": false, "400": true, "40000": true, "5000": true, // the hospital's extensions are 4xxx
		"0199003000": false, "+33199003000": false, "0033199003000": false, "019900300": true, "+442079460000": false, "+3312": true,
		"15": false, "112": false, "19": true, "3639": false, "116117": false, "118712": false, "1012": false,
	} {
		if got := s.Doubtful(number); got != want {
			t.Errorf("%s: %v, want %v", number, got, want)
		}
	}
}
