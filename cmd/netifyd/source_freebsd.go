package main

import (
	"netifyd/core"
	"netifyd/core/capture/bpf"
	"netifyd/core/config"
)

// openCapture opens an interface through /dev/bpf. FreeBSD does not spread
// packets over sockets by flow, so there is one, whatever c.Shards says.
func openCapture(_ <-chan struct{}, i *config.Interface, c *config.Capture, notice func(string)) ([]core.Source, error) {
	s, err := bpf.Open(bpf.Config{Interface: i.Name, Filter: c.FilterOf(i, hasMAC(i.Name)), SnapLength: c.SnapLength, Promiscuous: c.Promiscuous, BufferBytes: c.RingKB << 10, Timeout: c.Timeout,
		Await: true, Event: func(e core.Change) { notice(e.String()) }})
	if err != nil {
		return nil, err
	}
	if text := s.Notice(); text != "" {
		notice(text)
	}
	return []core.Source{s}, nil
}
