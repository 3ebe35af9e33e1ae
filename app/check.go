package app

import (
	"errors"
	"os"

	"accueil/diag"
	"accueil/site"
	"accueil/wording"
)

// Check reads a site with all that it names and reports every finding. ok is false when one of them
// forbids its use; serve refuses such a site too.
func Check(path string) (findings diag.Findings, ok bool) {
	s, findings := site.Load(path)
	if s == nil {
		return findings.Sorted(), false
	}
	c, more := compileStrictly(s)
	findings = append(findings, more...)
	return findings.Sorted(), c != nil && !findings.Failed()
}

// loadSite is Check for those who want the site itself.
func loadSite(path string) (*site.Site, error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, ExitError{ExitConfig, wording.Say("there is no site file at %s: name it with --site, or write one (docs/site.md)", path)}
	}
	s, findings := site.Load(path)
	if s == nil || findings.Failed() {
		return nil, BuildError{findings}
	}
	return s, nil
}

// CheckWords sums up a check in one sentence; ran is how many calls of tests were played, -1 for none.
func CheckWords(path string, findings diag.Findings, ran int) *wording.Text {
	errors, warnings := len(findings.Errors()), len(findings.Warnings())
	switch {
	case errors > 0 && ran >= 0:
		return wording.Say("%s can be used, but calls go another way than expected (calls: %d, differences: %d)", path, ran, errors)
	case errors > 0:
		return wording.Say("%s cannot be used (errors: %d, warnings: %d)", path, errors, warnings)
	case ran == 1:
		return wording.Say("%s can be used; 1 call went as expected", path)
	case ran >= 0:
		return wording.Say("%s can be used; %d calls went as expected", path, ran)
	}
	return wording.Say("%s can be used", path)
}
