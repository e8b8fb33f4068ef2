//go:build !linux

package conntrack

import (
	"errors"

	"netifyd/core"
)

// Asker asks a table that this system does not have.
type Asker struct{}

// NewAsker gives an error that wraps errors.ErrUnsupported.
func NewAsker() (*Asker, error) { return nil, errors.ErrUnsupported }

// Close ends it.
func (a *Asker) Close() error { return nil }

// Lookup finds nothing.
func (a *Asker) Lookup(*core.Tuple, *Conn) bool { return false }
