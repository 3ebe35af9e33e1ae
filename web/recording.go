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
	// Open returns the sound, a wav file, and notes who heard it.
	Open(id, who string) (io.ReadSeekCloser, error)
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
// task's story and in the log who did.
func (s *Server) recording(ctx context.Context, in *named) (*soundReply, error) {
	who := readerOf(ctx).account
	t, err := s.findTask(ctx, in.ID)
	switch {
	case err != nil:
		return nil, err
	case who.Role == RoleAgent && t.Owner != who.Agent && t.State != acd.TaskOpen, t.Recording == "" || s.Recordings == nil:
		return nil, errCode{code: codeNoRecording}
	}
	// A recording goes with what is personal of its task.
	if _, err := s.Tasks.Reveal(ctx, t.ID, TaskDeed{By: who.Name, What: "listen", At: s.Board.Now()}); err != nil {
		return nil, err
	}
	sound, err := s.Recordings.Open(t.Recording, who.Name)
	if errors.As(err, &acd.ErrNotFound{}) {
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
