package detect

import (
	"netifyd/core/proto"
	"netifyd/core/wire"
)

const ipfixPort = 4739

// netflowPorts: the usual one first, those of some collectors, IPFIX's.
var netflowPorts = []uint16{2055, 9995, 9996, 2056, ipfixPort}

// NetFlow versions 1, 5, 7 (Cisco, "NetFlow Export Datagram Format"), 9 (RFC
// 3954) and IPFIX (RFC 7011). The early ones count records of one size; the
// later ones have sets whose lengths fill the datagram.
var netflowCard = Protocol{ID: proto.NetFlow, Over: TCP, Ports: []uint16{ipfixPort}, Limit: 1536, Inspect: inspectIPFIXStream}

var netflowUDPCard = Protocol{ID: proto.NetFlow, Over: UDP, Ports: netflowPorts, First: "\x00", Inspect: inspectNetFlow}

// year2000 is the least time that an exporter's clock is believed to show.
const year2000 = 946684800

func inspectNetFlow(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if len(d) < 20 || d[0] != 0 {
		return No
	}
	sound, size := false, in.size(d)
	clock := d[4:]
	if d[1] != 10 {
		clock = d[8:]
	}
	// A small exporter may never have been told the time.
	if be32(clock) < year2000 && !in.HasPort(netflowPorts[0]) && !in.HasPort(ipfixPort) {
		return No
	}
	switch n := be16(d[2:]); d[1] {
	case 1:
		sound = in.HasPort(netflowPorts[0]) && n >= 1 && n <= 24 && 16+52*n == size
	case 5:
		sound = n >= 1 && n <= 30 && 24+48*n == size && (in.HasPort(netflowPorts[0]) || soundFlowTimes(d))
	case 7:
		sound = in.HasPort(netflowPorts[0]) && n >= 1 && n <= 28 && 24+52*n == size
	case 9:
		sound = n >= 1 && soundFlowSets(d[20:], in.Lost, 0)
	case 10:
		sound = n == size && soundFlowSets(d[16:], in.Lost, 2)
	}
	if !sound {
		return No
	}
	return Match
}

// soundFlowTimes says of version 5 that the first flow ended after it began, and
// not after now, all in milliseconds since the exporter started. What the snap length cut off says nothing.
func soundFlowTimes(d []byte) bool {
	const uptime, first, last, minute = 4, 24 + 24, 24 + 28, 60000
	return len(d) >= last+4 && be32(d[first:]) <= be32(d[last:]) && be32(d[last:]) <= be32(d[uptime:])+minute
}

// soundFlowSets wants sets with the identifier of templates (first), of their
// options (the next), or of data (from 256), that end with b and what was cut off. Version 9 may be padded.
func soundFlowSets(b []byte, lost int, first uint16) bool {
	c := wire.New(b)
	for c.Len() > 3 {
		id, n := c.U16(), int(c.U16())
		if id != first && id != first+1 && id < 256 || n <= 4 {
			return false
		}
		if lost > 0 && n-4 > c.Len() {
			return n-4 <= c.Len()+lost
		}
		c.Skip(n - 4)
	}
	return c.Ok() && len(b) > 4 && c.Len() == 0
}

// inspectIPFIXStream wants a message of sets (RFC 7011, section 10.4): one
// that begins with templates, as a session does, or one whose sets fill it.
func inspectIPFIXStream(in *Input, _ *Result) Verdict { return eitherWay(in, ipfixMessage) }

func ipfixMessage(b []byte) Verdict {
	if v := begins(b, "\x00\x0a"); v != Match {
		return v
	}
	const header, templates, options, data = 16, 2, 3, 256
	if len(b) < header+4 {
		return NeedMore
	}
	n, set, size := be16(b[2:]), be16(b[header:]), be16(b[header+2:])
	if n < header+4 || be32(b[4:]) < year2000 || set != templates && set != options && set < data || size < 5 || size > n-header {
		return No
	}
	if set < data {
		return Match
	}
	if len(b) < n {
		return NeedMore
	}
	if !soundFlowSets(b[header:n], 0, templates) {
		return No
	}
	return Match
}
