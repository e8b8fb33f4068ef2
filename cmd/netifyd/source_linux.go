package main

import (
	"netifyd/afpacket"
	"netifyd/core"
	"netifyd/core/config"
)

// programs are those of captures that were stopped, for when they start again.
var programs afpacket.Keep

// openCapture opens an interface through AF_PACKET, unless the agent is to end.
func openCapture(end <-chan struct{}, i *config.Interface, c *config.Capture, notice func(string)) ([]core.Source, error) {
	conf := afpacket.Config{
		Interface: i.Name, Method: i.Capture, RingBytes: c.RingKB << 10, BlockBytes: c.BlockKB << 10, Timeout: c.Timeout,
		SnapLength: c.SnapLength, Promiscuous: c.Promiscuous, Filter: c.FilterOf(i, hasMAC(i.Name)),
		Await: true, Stop: end, Event: func(e core.Change) { notice(e.String()) },
	}
	if c.Shunt {
		conf.Shunt, conf.Keep = afpacket.DefaultShunt, &programs
	}
	if i.Capture == "gopacket" {
		conf.Method = ""
		s, err := afpacket.OpenGopacket(conf)
		return []core.Source{s}, err
	}
	shards, err := afpacket.OpenShards(conf, c.Shards)
	if err != nil {
		return nil, err
	}
	sources := make([]core.Source, len(shards))
	for n, s := range shards {
		sources[n] = s
	}
	if text := shards[0].Notice(); text != "" {
		notice(text)
	}
	return sources, nil
}
