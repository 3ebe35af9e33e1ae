package main

import (
	"io"
	"os"
	"sync"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// newLogger writes structured lines for journald or a terminal. Nothing that identifies a patient is
// ever given to it; control characters are escaped by the JSON encoder.
func newLogger(w io.Writer, level zapcore.Level) *zap.Logger {
	config := zap.NewProductionEncoderConfig()
	config.EncodeTime = zapcore.ISO8601TimeEncoder
	config.TimeKey = "at"
	return zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(config), zapcore.Lock(zapcore.AddSync(w)), level))
}

// progressBar draws a bar on a terminal and plain lines, one for each tenth, elsewhere.
type progressBar struct {
	w        io.Writer
	terminal bool
	mu       sync.Mutex
	tenth    int
}

func newProgress(w io.Writer) *progressBar {
	p := &progressBar{w: w, tenth: -1}
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil {
			p.terminal = info.Mode()&os.ModeCharDevice != 0
		}
	}
	return p
}
