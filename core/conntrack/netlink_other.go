//go:build !linux

package conntrack

import "errors"

var errNone = errors.New("this system has no table of connections")

// Table is the table of connections, which only Linux has.
type Table struct{}

// Open fails.
func Open() (*Table, error) { return nil, errNone }

// Each fails.
func (*Table) Each(int, func(*Conn)) (bool, error) { return false, errNone }

// Close does nothing.
func (*Table) Close() {}

// Watcher tells of new connections.
type Watcher struct{}

// Watch fails.
func Watch(func(*Conn), func()) (*Watcher, error) { return nil, errNone }

// Close does nothing.
func (*Watcher) Close() {}
