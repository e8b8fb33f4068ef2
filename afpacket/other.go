//go:build !linux

package afpacket

import (
	"errors"

	"netifyd/core"
)

// Keep is what sources share on Linux.
type Keep struct{}

// Source is what Open gives on Linux.
type Source struct{ core.Source }

var errLinux = errors.New("AF_PACKET is a Linux interface: use core/capture/bpf on FreeBSD, or replay a capture file")

// Open fails: only Linux has AF_PACKET.
func Open(Config) (*Source, error) { return nil, errLinux }

// OpenShards fails: only Linux has AF_PACKET.
func OpenShards(Config, int) ([]*Source, error) { return nil, errLinux }

// OpenGopacket fails: only Linux has AF_PACKET.
func OpenGopacket(Config) (core.Source, error) { return nil, errLinux }

// Method is empty.
func (*Source) Method() string { return "" }

// Notice is empty.
func (*Source) Notice() string { return "" }

type group struct{}
