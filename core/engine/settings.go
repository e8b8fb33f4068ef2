package engine

import (
	"netifyd/core/config"
	"netifyd/core/proto"
	"netifyd/core/risk"
	"netifyd/detect"
	"netifyd/detect/app"
)

// settings is what a reload may change, in the form that the corridor wants.
// It is never changed: a reload puts another in its place between batches.
type settings struct {
	apps         *app.Catalogue
	ifaces       []*iface
	maxDetection int
	disabled     detect.Candidates
	interval     int64 // nanoseconds, as all below
	book         int64
	idleFlow     int64
	idleTCP      int64
	idleClosed   int64
	unknownFlows bool
	established  bool
	portGuess    bool
	checksum     bool
	several      bool     // shards share an interface
	named        bool     // counters of dialects 3 and 4 say what the flow is
	risksOff     risk.Set // that nobody is to be told of
}

// sooner says that flows end sooner than before.
func (s *settings) sooner(before *settings) bool {
	return s.idleFlow < before.idleFlow || s.idleTCP < before.idleTCP || s.idleClosed < before.idleClosed
}

func newSettings(c *config.Config, apps *app.Catalogue, ifaces []*iface) *settings {
	s := &settings{
		apps: apps, ifaces: ifaces, maxDetection: c.MaxDetectionPackets,
		interval: int64(c.UpdateInterval), book: int64(c.Usage.Interval), idleFlow: int64(c.IdleFlow), idleTCP: int64(c.IdleTCP), idleClosed: int64(c.IdleClosed),
		unknownFlows: c.UnknownFlows, established: c.DumpEstablished, portGuess: c.PortGuess, checksum: c.Checksums, named: c.NamedCounters,
	}
	s.several = c.Capture.Shards > 1
	for _, name := range c.DisabledProtocols {
		if id, ok := proto.Parse(name); ok {
			s.disabled.Disable(id)
		}
	}
	for _, name := range c.DisabledRisks {
		if id, ok := risk.Parse(name); ok {
			s.risksOff |= 1 << id
		} else {
			s.risksOff = ^risk.Set(0) // all
		}
	}
	return s
}
