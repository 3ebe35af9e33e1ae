package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.uber.org/zap"

	"accueil/acd"
	"accueil/app/outward"
	"accueil/knowledge"
	"accueil/site"
)

// sms is what the sender of text messages is given:
//
//	{"to": "+33612345678", "text": "…", "language": "fr", "from": "CH Demo"}
//
// Any of the statuses 200, 201, 202 and 204 says that it has taken it. A repeat has the same header
// Idempotency-Key.
type sms struct {
	To   string   `json:"to"`
	Text string   `json:"text"`
	Lang acd.Lang `json:"language,omitempty"`
	From string   `json:"from,omitempty"`
}

// Why no text message went.
var (
	errNoSender   = errors.New("the site has no sender of SMS")
	errNoMobile   = errors.New("the caller's number takes no SMS")
	errNoSMSWords = errors.New("there is no such text")
)

// text sends the caller a text of his scenario, or an article in its words for SMS (calls.Surroundings).
// It goes once: the caller is told whether it went, and so is nobody surprised by a late one.
func (a *App) text(ctx context.Context, out *outward.Client, contact acd.ContactID, id string, lang acd.Lang) error {
	err := a.sendText(ctx, out, contact, id, lang)
	if err != nil {
		a.log.Warn("a text message did not go", zap.String("contact_id", string(contact)), zap.Error(err))
	}
	return err
}

func (a *App) sendText(ctx context.Context, out *outward.Client, contact acd.ContactID, id string, lang acd.Lang) error {
	c := a.live.Load()
	s := c.site.SMS
	if !s.Given() {
		return errNoSender // a reload has taken it away
	}
	who, _, err := a.book.Personal(ctx, contact)
	if err != nil {
		return err
	}
	to, ok := site.TextNumber(who.Number, c.site.Region)
	if !ok {
		return errNoMobile
	}
	words, ok := c.textWords(id, lang, time.Now())
	if !ok {
		return errNoSMSWords
	}
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	if _, err := out.Post(ctx, outward.Request{URL: s.URL, Token: s.Token.Reveal(), Key: string(contact) + "." + id, Body: sms{to, words, lang, s.From}}); err != nil {
		return fmt.Errorf("sms: %w", err)
	}
	return nil
}

// textWords are the words of a text message: an article's own for SMS, else what the scenario says.
func (c *config) textWords(id string, lang acd.Lang, now time.Time) (string, bool) {
	if article, ok := strings.CutPrefix(id, "article."); ok && c.knowledge != nil {
		if a, ok := c.knowledge.Article(knowledge.ArticleID(article)); ok {
			words := a.Text(knowledge.SMS, lang, now).String()
			return words, words != ""
		}
	}
	words, ok := c.program.Written(id, lang, now)
	return strings.Join(strings.Fields(words), " "), ok
}
