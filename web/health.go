package web

import (
	"encoding/json"
	"errors"
	"net/http"
)

// dependencyView is one dependency on /readyz.
type dependencyView struct {
	Up       bool   `json:"up"`
	Required bool   `json:"required"`
	Detail   string `json:"detail,omitempty"`
}

// livez says that the process answers; whether it can serve is readyz's question.
func (s *Server) livez(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]bool{"live": true})
}

// readyz is 200 while every required dependency is up, else 503; the body is the same in both.
func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	deps := map[string]dependencyView{}
	ready := true
	for _, d := range s.Health.Dependencies() {
		deps[d.Name] = dependencyView{d.Up, d.Required, d.Detail}
		ready = ready && (d.Up || !d.Required)
	}
	tokens := dependencyView{Up: true}
	if err := s.Tokens.Err(); err != nil {
		tokens = dependencyView{Detail: "the token file cannot be read as it is now; the accounts read before stay"}
		var line ErrTokenLine
		if errors.As(err, &line) { // says where and why, and repeats nothing of the file
			tokens.Detail = line.Error() + "; the accounts read before stay"
		}
	}
	deps["tokens"] = tokens
	status := http.StatusOK
	if !ready {
		status = http.StatusServiceUnavailable
	}
	writeJSON(w, status, map[string]any{"ready": ready, "dependencies": deps})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
