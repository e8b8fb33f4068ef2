package engine

import (
	"testing"

	"netifyd/core/flow"
	"netifyd/core/packet"
)

// TestOpener: which side of a first datagram asked.
func TestOpener(t *testing.T) {
	for _, c := range []struct {
		src, dst uint16
		asked    bool // the sender
		what     string
	}{
		{40000, 53, true, "a question"},
		{53, 40000, false, "an answer"},
		{53, 2049, false, "an answer to a port that something is usual at"},
		{123, 123, true, "both the same"},
		{800, 2049, true, "NFS from a reserved port"},
		{1023, 20048, true, "mount from a reserved port"},
		{2049, 800, false, "NFS answers a reserved port"},
		{3300, 800, true, "nothing is usual at either"},
		{547, 40000, false, "an answer of DHCPv6"},
		{111, 700, true, "both low"},
		{111, 40000, false, "an answer of the port mapper"},
		{137, 40000, false, "an answer of NetBIOS"},
		{19, 40000, false, "an answer of an old service"},
		{40000, 50000, true, "both high"},
	} {
		v := &packet.View{Protocol: ipUDP, SrcPort: c.src, DstPort: c.dst}
		if got := opener(v, flow.Lower) == flow.Lower; got != c.asked {
			t.Errorf("%s, %d to %d: the sender asked is %v", c.what, c.src, c.dst, got)
		}
	}
}

// TestOpenerOfStream: who asked in a connection that was joined in the middle.
func TestOpenerOfStream(t *testing.T) {
	for _, c := range []struct {
		src, dst uint16
		asked    bool // the sender
		what     string
	}{
		{40000, 443, true, "a question"},
		{443, 40000, false, "an answer"},
		{800, 2049, true, "NFS from a reserved port"},
		{2049, 800, false, "NFS answers a reserved port"},
		{636, 2049, false, "both ports are some protocol's"},
		{800, 40000, false, "nothing is usual at either"},
	} {
		v := &packet.View{Protocol: ipTCP, TCPFlags: packet.ACK, SrcPort: c.src, DstPort: c.dst}
		if got := opener(v, flow.Lower) == flow.Lower; got != c.asked {
			t.Errorf("%s, %d to %d: the sender asked is %v", c.what, c.src, c.dst, got)
		}
	}
}
