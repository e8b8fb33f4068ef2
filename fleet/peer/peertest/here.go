// Package peertest is for tests that want a server beside them.
package peertest

import (
	"errors"
	"testing"

	"netifyd/fleet/peer"
)

// Here gives what a constructor of peer gives. The test is skipped where the
// server is not installed, and fails where it does not start.
func Here[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if errors.Is(err, peer.ErrNone) {
			t.Skip(err)
		} else if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
