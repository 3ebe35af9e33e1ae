package ledger

import (
	"context"
	"database/sql"
	"errors"

	"accueil/acd"
)

// noNPS stands for a question that was not answered: 0 is an answer.
const noNPS = -1

// Surveyed keeps the answers of a leg that has ended; one leg once.
func (b *Batch) Surveyed(l acd.Leg) error {
	if l.End == nil || !l.Survey.Answered() {
		return nil
	}
	nps := noNPS
	if l.Survey.NPS != nil {
		nps = *l.Survey.NPS
	}
	_, err := b.tx.Exec(`INSERT INTO surveys (leg, contact, entry, queue, reason, lang, ended_ms, csat, nps, comment)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (leg) DO NOTHING`,
		string(l.ID), string(l.ID.Contact()), string(l.Entry), string(l.Queue), string(l.Reason), string(l.Lang), int64(l.End.At), l.Survey.CSAT, nps, l.Survey.Comment)
	return away("keep the answers to a survey", err)
}

const surveyColumns = `leg, entry, queue, reason, lang, ended_ms, csat, nps, comment`

// Surveys returns answers, the latest first.
func (l *Ledger) Surveys(ctx context.Context, q acd.SurveyQuery) ([]acd.SurveyRecord, error) {
	w := where{}
	if q.Queue != "" {
		w.terms = append(w.terms, "queue = "+w.add(string(q.Queue)))
	}
	if !q.From.Never() {
		w.terms = append(w.terms, "ended_ms >= "+w.add(int64(q.From)))
	}
	if !q.To.Never() {
		w.terms = append(w.terms, "ended_ms < "+w.add(int64(q.To)))
	}
	if q.Comment {
		w.terms = append(w.terms, "comment <> ''")
	}
	if q.Leg != "" {
		at, leg := w.add(int64(q.Before)), w.add(string(q.Leg))
		w.terms = append(w.terms, "(ended_ms < "+at+" OR ended_ms = "+at+" AND leg < "+leg+")")
	}
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	rows, err := l.read.QueryContext(ctx, `SELECT `+surveyColumns+` FROM surveys`+w.String()+` ORDER BY ended_ms DESC, leg DESC LIMIT `+w.add(limit), w.args...)
	if err != nil {
		return nil, away("list the answers to surveys", err)
	}
	defer func() { _ = rows.Close() }()
	var out []acd.SurveyRecord
	for rows.Next() {
		s, err := scanSurvey(rows)
		if err != nil {
			return nil, away("list the answers to surveys", err)
		}
		out = append(out, s)
	}
	return out, away("list the answers to surveys", rows.Err())
}

// Commented returns the contact's answers with a spoken comment, the latest; acd.ErrNotFound when there
// are none, or none any more.
func (l *Ledger) Commented(ctx context.Context, c acd.ContactID) (acd.SurveyRecord, error) {
	s, err := scanSurvey(l.read.QueryRowContext(ctx, `SELECT `+surveyColumns+` FROM surveys WHERE contact = $1 AND comment <> '' ORDER BY ended_ms DESC LIMIT 1`, string(c)))
	if errors.Is(err, sql.ErrNoRows) {
		return s, acd.ErrNotFound{What: "comment", ID: string(c)}
	}
	return s, away("look for a comment", err)
}

func scanSurvey(row scanner) (acd.SurveyRecord, error) {
	var s acd.SurveyRecord
	var nps int
	err := row.Scan(&s.Leg, &s.Entry, &s.Queue, &s.Reason, &s.Lang, &s.Ended, &s.Answer.CSAT, &nps, &s.Answer.Comment)
	if nps >= acd.LeastNPS {
		s.Answer.NPS = &nps
	}
	return s, err
}
