package app

import (
	"errors"
	"os"

	"accueil/diag"
	"accueil/site"
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
	if findings == nil {
		findings = diag.Findings{} // as JSON an empty list, not null
	}
	return findings.Sorted(), c != nil && !findings.Failed()
}

// loadSite is Check for those who want the site itself.
func loadSite(path string) (*site.Site, error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, ExitError{ExitConfig, errors.New("there is no site file at " + path + ": name it with --site, or write one (docs/site.md)")}
	}
	s, findings := site.Load(path)
	if s == nil || findings.Failed() {
		return nil, BuildError{findings}
	}
	return s, nil
}
