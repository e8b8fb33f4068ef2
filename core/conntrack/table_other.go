//go:build !linux

package conntrack

import (
	"errors"

	"netifyd/core"
)

// Table is a way to the kernel's connection table, which this system does not have.
type Table struct{}

// Open gives an error that wraps errors.ErrUnsupported.
func Open() (*Table, error) { return nil, errors.ErrUnsupported }

// Close ends it.
func (t *Table) Close() error { return nil }

// Lookup finds nothing.
func (t *Table) Lookup(*core.Tuple, *Entry) bool { return false }
