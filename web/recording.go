package web

import (
	"context"
	"errors"
	"io"
	"slices"

	"accueil/acd"
)

// Recordings are what callers have said. One that does not exist (any more) is an acd.ErrNotFound.
type Recordings interface {
	// Open returns the sound, a wav file, once it is written for good who hears it; where that cannot be
	// written nothing is heard (acd.ErrUnavailable).
	Open(context.Context, Hearing) (io.ReadSeekCloser, error)
}

// Hearing is somebody's wish to hear a recording, which he may.
type Hearing struct {
	Recording string
	Task      acd.TaskID // that it belongs to; none for a comment
	Contact   acd.ContactID
	By        string // account
	At        acd.Instant
}

// maxSound bounds a recording, in bytes: ten minutes.
const maxSound = 10 << 20

// soundReply is a recording. No browser or proxy may keep it.
type soundReply struct {
	Type  string `header:"Content-Type"`
	Cache string `header:"Cache-Control"`
	Body  []byte
}

// recording plays the message of a task to who may also read whom the task is owed to. It is noted in the
// task's story, in the audit and in the log who did.
func (s *Server) recording(ctx context.Context, in *named) (*soundReply, error) {
	who := readerOf(ctx).account
	t, err := s.findTask(ctx, in.ID)
	switch {
	case err != nil:
		return nil, err
	case who.Role == RoleAgent && t.Owner != who.Agent && t.State != acd.TaskOpen, t.Recording == "" || s.Recordings == nil:
		return nil, errCode{code: codeNoRecording}
	}
	sound, err := s.play(ctx, Hearing{Recording: t.Recording, Task: t.ID, Contact: t.Contact})
	if err != nil {
		return nil, err
	}
	// Only what is there to be heard is noted in the story, and what cannot be noted is not played.
	if _, err := s.Tasks.Reveal(ctx, t.ID, TaskDeed{By: who.Name, What: "listen", At: s.Board.Now()}); err != nil {
		return nil, err
	}
	return sound, nil
}

// play answers with a recording that the reader may hear.
func (s *Server) play(ctx context.Context, h Hearing) (*soundReply, error) {
	h.By, h.At = readerOf(ctx).account.Name, s.Board.Now()
	sound, err := s.Recordings.Open(ctx, h)
	if isMissing(err) {
		return nil, errCode{code: codeNoRecording}
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = sound.Close() }()
	body, err := io.ReadAll(io.LimitReader(sound, maxSound))
	if err != nil {
		return nil, err
	}
	return &soundReply{"audio/wav", "no-store", slices.Clip(body)}, nil
}

func isMissing(err error) bool {
	var missing acd.ErrNotFound
	return errors.As(err, &missing)
}
