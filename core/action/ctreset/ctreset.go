// Package ctreset takes connections out of the kernel's table, and so out of
// its flow table: their next packet passes through all rules again, as that of
// a new connection. Labels and marks go with the connection, so this is for
// rules that fill sets. A connection that is translated gets a new port where
// the old one was not its own, and then ends, as if its router had restarted.
package ctreset

import (
	"netifyd/core/action"
	"netifyd/core/action/connection"
)

// Settings of a target.
type Settings struct{ action.Common }

// Target resets connections once, when Add tells of them.
type Target struct{ *connection.Target }

// Open opens a target.
func Open(s Settings) (*Target, error) {
	t, err := connection.Open(connection.Settings{Common: s.Common, Kind: connection.Delete, Once: true})
	if err != nil {
		return nil, err
	}
	return &Target{t}, nil
}
