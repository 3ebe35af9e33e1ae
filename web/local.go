package web

import (
	"context"
	"net"
)

// localAccount is who asks through the machine's own socket: whoever may open that file administers the
// machine, and with it the site's files and its token file.
var localAccount = Account{Name: "local", Role: RoleAdmin}

type localKey struct{}

// StartLocal serves the same routes on a listener that only the machine's administrators can reach, such
// as a unix socket in a folder of mode 0700: they need no token there. It comes after Start; the server owns the
// listener from then on.
func (s *Server) StartLocal(ln net.Listener) {
	s.local = s.httpServer()
	s.local.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, localKey{}, true)
	}
	s.done.Go(func() { s.ended(s.local.Serve(ln)) })
}

// account is who asks: by the token, or by the way the request came.
func (s *Server) account(ctx context.Context, authorization string) (Account, bool) {
	if ctx.Value(localKey{}) != nil {
		return localAccount, true
	}
	return s.bearer(authorization)
}
