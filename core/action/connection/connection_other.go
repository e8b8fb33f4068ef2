//go:build !linux

package connection

import (
	"errors"

	"netifyd/core/action"
)

// Target is what only Linux has.
type Target struct{ action.Target }

// Open fails.
func Open(Settings) (*Target, error) {
	return nil, errors.New("labels and marks of connections are there on Linux only")
}
