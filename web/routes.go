package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"go.uber.org/zap"

	"accueil/acd"
)

// Who may use a route. "Own" in the comments of a route means that the handler narrows an agent's
// account further, to himself and to contacts that are his.
var (
	everyone    = Roles
	observers   = []Role{RoleAgent, RoleSupervisor, RoleAdmin, RoleIntegrator} // of people: not the auditor
	explainees  = []Role{RoleSupervisor, RoleAdmin, RoleAuditor}
	operators   = []Role{RoleAgent, RoleSupervisor, RoleIntegrator}
	serving     = []Role{RoleAgent, RoleSupervisor} // the only ones who may learn who calls
	chiefs      = []Role{RoleSupervisor}
	supervisors = []Role{RoleSupervisor, RoleAdmin}
	inspectors  = []Role{RoleAdmin, RoleAuditor}
	assigners   = []Role{RoleAgent, RoleSupervisor, RoleAdmin}
	admins      = []Role{RoleAdmin}
)

// route is one operation of the API.
type route struct {
	method, path string
	id           string
	summary      string
	allow        []Role
	status       int // of success; 200 when zero
}

// routes registers every operation. The order is that of the document.
func (s *Server) routes() {
	add(s, route{"GET", "/v1/queues", "list-queues", "Queues, with who waits and today's figures", everyone, 0}, s.queues)
	add(s, route{"GET", "/v1/queues/{id}/contacts", "list-queue-contacts", "Contacts waiting in a queue, in their order", everyone, 0}, s.queueContacts)
	add(s, route{"GET", "/v1/queues/{id}/paused", "get-queue-paused", "Whether a queue is paused", everyone, 0}, s.queuePause)
	add(s, route{"PUT", "/v1/queues/{id}/paused", "set-queue-paused", "Offer nobody from a queue, or go on", supervisors, 204}, s.setPaused)
	add(s, route{"GET", "/v1/agents", "list-agents", "Agents and their states; an agent sees himself", observers, 0}, s.agents)
	add(s, route{"GET", "/v1/contacts", "list-contacts", "Live contacts; an agent sees his own", everyone, 0}, s.contacts)
	add(s, route{"GET", "/v1/contacts/{id}", "get-contact", "One contact with its legs, 48 hours back; an agent sees his own", everyone, 0}, s.contact)
	add(s, route{"GET", "/v1/contacts/{id}/comment", "get-comment", "What the caller said of his conversation, a wav file; noted", chiefs, 0}, s.comment)
	add(s, route{"GET", "/v1/surveys", "list-surveys", "What callers answered after their conversations, the latest first", supervisors, 0}, s.surveys)
	add(s, route{"GET", "/v1/audit", "list-audit", "Who heard or read what callers said", inspectors, 0}, s.audit)
	addShaped(s, route{"GET", "/v1/contacts/{id}/explain", "explain-contact", "Why it was offered to whom, and what it waits for; 48 hours back", explainees, 0}, "Life", s.LifeShape, s.explain)
	addShaped(s, route{"GET", "/v1/explain", "explain-question", "What would happen to a call with that reason, at that instant", explainees, 0}, "WouldHappen", s.AnswerShape, s.wouldHappen)
	add(s, route{"GET", "/v1/contacts/{id}/card", "get-card", "Who calls and why; for the agent who has the contact, and supervisors", serving, 0}, s.card)
	add(s, route{"PUT", "/v1/agents/{id}/state", "set-agent-state", "Ready, paused or offline; an agent changes himself", operators, 204}, s.setState)
	add(s, route{"PUT", "/v1/agents/{id}/skills", "set-agent-skills", "Override an agent's skills; null returns to the site file's", supervisors, 204}, s.setSkills)
	add(s, route{"PUT", "/v1/contacts/{id}/points", "set-contact-points", "Priority of a contact", supervisors, 204}, s.setPoints)
	add(s, route{"POST", "/v1/contacts/{id}/assign", "assign-contact", "Keep a waiting contact for an agent by name; an agent who is a supervisor takes it himself", assigners, 0}, s.assign)
	add(s, route{"POST", "/v1/contacts/{id}/transfer", "transfer-contact", "Hand a caller on, an agent his own; one who waits still, to another queue", serving, 202}, s.transfer)
	add(s, route{"POST", "/v1/contacts/{id}/withdraw", "withdraw-callback", "End a callback that is no longer wanted", supervisors, 204}, s.withdraw)
	add(s, route{"GET", "/v1/entries", "list-entries", "Entries, and which are closed exceptionally", everyone, 0}, s.entries)
	add(s, route{"GET", "/v1/entries/{id}/closed", "get-entry-closed", "Whether an entry is closed exceptionally", everyone, 0}, s.entry)
	add(s, route{"PUT", "/v1/entries/{id}/closed", "set-entry-closed", "Close or reopen an entry exceptionally", supervisors, 204}, s.setClosed)
	add(s, route{"GET", "/v1/announcements", "list-announcements", "Announcements, and which are on", everyone, 0}, s.announcements)
	add(s, route{"PUT", "/v1/announcements/{id}", "set-announcement", "Switch an announcement on, at some entries or all, or off", supervisors, 204}, s.setAnnouncement)
	add(s, route{"GET", "/v1/articles", "search-articles", "Answers of the knowledge base, best first", everyone, 0}, s.articles)
	add(s, route{"GET", "/v1/articles/{id}", "get-article", "One answer, with its texts for every channel", everyone, 0}, s.article)
	add(s, route{"GET", "/v1/directory", "search-directory", "Services, people and rooms; confidential ones to agents and supervisors alone", everyone, 0}, s.directory)
	add(s, route{"GET", "/v1/on-call", "list-on-call", "Who is on call now", serving, 0}, s.onCall)
	add(s, route{"GET", "/v1/tasks", "list-tasks", "What is still owed to somebody, oldest first; an agent sees what his queues owe", everyone, 0}, s.tasks)
	add(s, route{"POST", "/v1/tasks", "open-task", "Leave a message for who serves a queue", serving, 201}, s.openTask)
	add(s, route{"GET", "/v1/tasks/{id}", "get-task", "One task; whom it is owed to for agents and supervisors, noted", everyone, 0}, s.task)
	add(s, route{"GET", "/v1/tasks/{id}/recording", "get-recording", "What the caller said, a wav file; noted", serving, 0}, s.recording)
	add(s, route{"POST", "/v1/tasks/{id}/take", "take-task", "Take a task, or give it to an agent", serving, 0}, s.takeTask)
	add(s, route{"POST", "/v1/tasks/{id}/call", "call-task", "Call the person back with one key: the agent's phone rings, and then the person's", serving, 202}, s.callTask)
	add(s, route{"POST", "/v1/tasks/{id}/release", "release-task", "Give a task back", serving, 0}, s.releaseTask)
	add(s, route{"POST", "/v1/tasks/{id}/attempt", "try-task", "Tell how an attempt to reach the person ended", serving, 0}, s.tryTask)
	add(s, route{"POST", "/v1/tasks/{id}/close", "close-task", "Say that a task is handled, and with what", serving, 0}, s.closeTask)
	add(s, route{"POST", "/v1/tasks/{id}/withdraw", "withdraw-task", "The person no longer wants it", serving, 0}, s.withdrawTask)
	s.addKPIs(route{"GET", "/v1/kpis", "get-kpis", "Figures of the last 48 hours, with any threshold", everyone, 0})
	s.addStreams(
		route{"GET", "/v1/events", "stream-events", "Every change, as server-sent events; resumes with Last-Event-ID", everyone, 0},
		route{"GET", "/v1/ws", "socket-events", "The same events over a WebSocket", everyone, 0})
	s.addReload(route{"POST", "/v1/config/reload", "reload-config", "Read the site's files again", admins, 0})
	add(s, route{"POST", "/v1/drain", "drain", "Take no new calls and let the present ones end", admins, 202}, s.drain)
}

// operation describes a route to the framework.
func (s *Server) operation(r route) huma.Operation {
	roles := make([]string, len(r.allow))
	for i, a := range r.allow {
		roles[i] = string(a)
	}
	return huma.Operation{
		Method: r.method, Path: r.path, OperationID: r.id, Summary: r.summary, DefaultStatus: r.status,
		Description:  "Roles: " + strings.Join(roles, ", ") + ".",
		Security:     []map[string][]string{{"bearer": {}}},
		MaxBodyBytes: maxBody, BodyReadTimeout: bodyTime,
		Errors:      []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusInternalServerError},
		Middlewares: huma.Middlewares{s.admit(r)},
	}
}

// add registers a route whose errors are put into words for their reader.
func add[I, O any](s *Server, r route, handle func(context.Context, *I) (*O, error)) {
	huma.Register(s.api, s.operation(r), within(s, r, actionTime, handle))
}

// within bounds what a handler may take, and puts its errors into words.
func within[I, O any](s *Server, r route, most time.Duration, handle func(context.Context, *I) (*O, error)) func(context.Context, *I) (*O, error) {
	return func(ctx context.Context, in *I) (*O, error) {
		ctx, cancel := context.WithTimeout(ctx, most)
		defer cancel()
		out, err := handle(ctx, in)
		if err != nil {
			p := s.problem(ctx, r.id, err)
			if p.Status == http.StatusForbidden || p.Status == http.StatusNotFound {
				s.refused(readerOf(ctx).account, r.id, idOf(in), p.Code)
			}
			return nil, p
		}
		return out, nil
	}
}

// problem words an error, and logs those that are ours.
func (s *Server) problem(ctx context.Context, op string, err error) *Problem {
	p := problemOf(ctx, err)
	if p.Status == http.StatusInternalServerError {
		s.Log.Error("request failed", zap.String("operation", op), zap.Error(err))
	}
	return p
}

// admit lets in who presents a token of one of the route's roles.
func (s *Server) admit(r route) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		lang := preferred(ctx.Header("Accept-Language"))
		who, ok := s.account(ctx.Context(), ctx.Header("Authorization"))
		switch {
		case !ok:
			s.refuse(ctx, r.id, lang)
		case !slices.Contains(r.allow, who.Role):
			s.refused(who, r.id, ctx.Param("id"), codeForbidden)
			s.deny(ctx, newProblem(lang, codeForbidden))
		default:
			next(huma.WithContext(ctx, withReader(ctx.Context(), reader{who, lang})))
		}
	}
}

func (s *Server) bearer(header string) (Account, bool) {
	scheme, token, ok := strings.Cut(header, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return Account{}, false
	}
	return s.Tokens.Account(strings.TrimSpace(token), time.Now())
}

func (s *Server) refuse(ctx huma.Context, op string, lang acd.Lang) {
	if wait := s.failures.fail(ctx.RemoteAddr(), time.Now()); wait > 0 {
		ctx.SetHeader("Retry-After", strconv.Itoa(int(wait.Seconds())+1))
		s.deny(ctx, newProblem(lang, codeTooMany))
		return
	}
	s.refused(Account{}, op, ctx.Param("id"), codeUnauthorized)
	ctx.SetHeader("WWW-Authenticate", `Bearer realm="accueil"`)
	s.deny(ctx, newProblem(lang, codeUnauthorized))
}

func (s *Server) deny(ctx huma.Context, p *Problem) {
	ctx.SetHeader("Content-Type", p.ContentType(""))
	ctx.SetStatus(p.Status)
	_ = s.api.Marshal(ctx.BodyWriter(), "application/json", p)
}
