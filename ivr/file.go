package ivr

// fileScenario is a scenario file as written (CONTRACT, Scenario).
type fileScenario struct {
	Version    int                 `yaml:"version"`
	Start      string              `yaml:"start"`
	Emergency  *bool               `yaml:"emergency_message"` // spoken before start; true when absent
	Timetables map[string]fileWeek `yaml:"timetables"`
	Nodes      map[string]fileNode `yaml:"nodes"`
}
