package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"accueil/acd"
)

var metricName = regexp.MustCompile(`\baccueil_[a-z_]+`)

// TestAlertsNameMetricsThatExist compares the shipped alert rules with what a running node exports: a
// renamed metric would otherwise silence its alert.
func TestAlertsNameMetricsThatExist(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(ProjectRoot(), "deploy", "prometheus", "accueil.rules.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct {
			Name  string
			Rules []struct {
				Alert, Expr         string
				For                 string
				Labels, Annotations map[string]string
			}
		}
	}
	if err := yaml.UnmarshalWithOptions(text, &file, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	ctx, h := hospital(t, Options{})
	status, page, err := h.Request(ctx, http.MethodGet, "/metrics", nil)
	if err != nil || status != http.StatusOK {
		t.Fatalf("read the metrics: %d, %v", status, err)
	}
	exported := map[string]bool{"accueil_" + acd.MetricAnomalies: true} // without a series until the first
	for line := range strings.Lines(string(page)) {
		if name, ok := strings.CutPrefix(line, "# TYPE "); ok {
			exported[strings.Fields(name)[0]] = true
		}
	}
	rules := 0
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			rules++
			if r.Alert == "" || r.Labels["severity"] == "" || r.Annotations["summary"] == "" {
				t.Errorf("the rule of %s lacks name, severity or summary", r.Expr)
			}
			for _, name := range metricName.FindAllString(r.Expr, -1) {
				if !exported[name] {
					t.Errorf("%s: no node exports %s", r.Alert, name)
				}
			}
		}
	}
	if rules == 0 || len(exported) < 20 {
		t.Errorf("%d rules, %d metrics: nothing was compared", rules, len(exported))
	}
}
