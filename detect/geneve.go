package detect

import "netifyd/core/proto"

const genevePort = 6081

// GENEVE (RFC 8926, section 3.4) that carries something other than IP, or
// nothing: inner IP packets are looked into elsewhere. Version 0, reserved bits
// zero, and an EtherType or a frame behind the options.
var geneveCard = Protocol{ID: proto.GENEVE, Over: UDP, Ports: []uint16{genevePort}, Inspect: inspectGENEVE}

func inspectGENEVE(in *Input, _ *Result) Verdict {
	const header, ethernet, bridged, control = 8, 14, 0x6558, 0x80
	d := in.Newest()
	if !in.HasPort(genevePort) || len(d) < header || d[0]>>6 != 0 || d[1]&0x3f != 0 || d[7] != 0 {
		return No
	}
	size, kind := header+4*int(d[0]&0x3f), be16(d[2:])
	if len(d) < size {
		return No
	}
	frame := d[size:]
	if kind != bridged {
		if isEtherType(kind) && (d[1]&control != 0 || isWithin(kind, frame)) {
			return Match
		}
		return No
	}
	if len(frame) < ethernet || frame[6]&1 != 0 {
		return No
	}
	if kind = be16(frame[12:]); isEtherType(kind) || kind <= len(frame)-ethernet && isLLC(frame[ethernet:]) {
		return Match
	}
	return No
}
