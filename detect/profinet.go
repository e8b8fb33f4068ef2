package detect

import "netifyd/core/proto"

// PROFINET IO's acyclic services (IEC 61158-6-10, clause 5): connectionless
// DCE RPC (C706, chapter 12.5) to its own interfaces, which are
// dea00001 to dea00004-6c97-11d1-8271-00a02442df7d.
var profinetCard = Protocol{ID: proto.PROFINETIO, Over: UDP, Ports: []uint16{34964}, First: "\x04", Inspect: inspectPROFINET}

func inspectPROFINET(in *Input, _ *Result) Verdict {
	d := in.Newest()
	const header, maxType, interfaceAt = 80, 10, 24
	if len(d) < header || d[0] != 4 || d[1] > maxType || d[4]&0xef != 0 || header+rpc16(d, 74) > len(d) {
		return No
	}
	id := d[interfaceAt : interfaceAt+16]
	if n := rpc32(d, interfaceAt); n < 0xdea00001 || n > 0xdea00004 {
		return No
	}
	if rpc16(d, interfaceAt+4) != 0x6c97 || rpc16(d, interfaceAt+6) != 0x11d1 || string(id[8:]) != "\x82\x71\x00\xa0\x24\x42\xdf\x7d" {
		return No
	}
	return Match
}

// rpc16 and rpc32 read in the order that the header's data representation gives.
func rpc16(d []byte, at int) int {
	if d[4] == 0 {
		return be16(d[at:])
	}
	return le16(d[at:])
}

func rpc32(d []byte, at int) uint32 {
	if d[4] == 0 {
		return be32(d[at:])
	}
	return le32(d[at:])
}
