package web

import (
	"regexp"
	"time"

	"go.uber.org/zap"
)

// watched are the operations that show what callers said, whom something is owed to, and who heard it:
// who asks for one in vain is in the log.
var watched = map[string]bool{"get-recording": true, "get-comment": true, "get-task": true, "list-audit": true}

// idForm is that of the ids of tasks and contacts (UUIDs). Whatever else somebody wrote in the place of one,
// a number or a name, is not logged.
var idForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// refused logs that an account (none when its token is not known) asked in vain for what is watched. Of one
// account ten at once are logged, and one every six seconds then.
func (s *Server) refused(who Account, op, id, code string) {
	if !watched[op] || s.refusals.fail(who.Name, time.Now()) > 0 {
		return
	}
	if !idForm.MatchString(id) {
		id = ""
	}
	s.Log.Warn("a request was refused", zap.String("account", who.Name), zap.String("operation", op), zap.String("id", id), zap.String("code", code))
}

// idOf is the id in the path of a request that has one.
func idOf(in any) string {
	if n, ok := in.(*named); ok {
		return n.ID
	}
	return ""
}
