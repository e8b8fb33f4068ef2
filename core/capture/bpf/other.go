//go:build !freebsd

package bpf

import (
	"errors"

	"netifyd/core"
)

// Source is what Open gives on FreeBSD.
type Source struct{ core.Source }

// Open fails: this /dev/bpf is FreeBSD's.
func Open(Config) (*Source, error) {
	return nil, errors.New("/dev/bpf is FreeBSD's: use afpacket on Linux, or replay a capture file")
}
