//go:build !linux

package ipset

import (
	"errors"

	"netifyd/core/action"
)

// Target is what only Linux has.
type Target struct{ action.Target }

// Open fails.
func Open(Settings) (*Target, error) {
	return nil, errors.New("sets of ipset are there on Linux only: take pftable on FreeBSD")
}
