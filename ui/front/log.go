package front

import (
	"fmt"
	"io"
	"log/slog"
)

// NewLog returns a log that writes one line of text for each event from the given level up.
func NewLog(to io.Writer, level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("the log level must be debug, info, warn or error, not %q", level)
	}
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{Level: l})), nil
}
