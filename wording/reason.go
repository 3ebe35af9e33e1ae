package wording

import (
	"errors"
	"io/fs"
	"syscall"
)

// Reason says why the system refused something, without the name of the file and of the operation,
// which the sentence around it has.
func Reason(err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		err = path.Err
	}
	if t := reason(err); t != nil {
		return t
	}
	return err
}

// reason is the sentence for what systems often refuse; nil for anything else.
func reason(err error) *Text {
	for _, known := range []struct {
		is  error
		say Sentence
	}{
		{syscall.ENOENT, "no such file or directory"},
		{syscall.EACCES, "permission denied"},
		{syscall.EPERM, "operation not permitted"},
		{syscall.EISDIR, "is a directory"},
		{syscall.ENOTDIR, "not a directory"},
		{syscall.ENOSPC, "no space left on device"},
		{syscall.EROFS, "read-only file system"},
	} {
		if err == known.is { //nolint:errorlint // what wraps it says more
			return Say(known.say)
		}
	}
	return nil
}
