package detect

import "netifyd/core/proto"

var oracleCard = Protocol{ID: proto.Oracle, Over: TCP, Ports: []uint16{1521}, Limit: 128, Inspect: inspectOracle}

// inspectOracle recognises the CONNECT packet of TNS: length, no checksum,
// type 1, no header checksum, then a version of 300 to 330 and the oldest that
// the client speaks, which is no newer.
func inspectOracle(in *Input, _ *Result) Verdict {
	const header, connect, oldest, newest = 8, 1, 300, 330
	b := in.ToServer
	if len(b) == 0 {
		if len(in.ToClient) > 0 {
			return No
		}
		return NeedMore
	}
	for i, ch := range b[:min(len(b), header)] {
		if i == 4 && ch != connect || i != 4 && i > 1 && ch != 0 && i != 5 {
			return No
		}
	}
	if len(b) < header+12 {
		return NeedMore
	}
	length, version, compatible := be16(b), be16(b[8:]), be16(b[10:])
	if length != 0 && length < 34 || version < oldest || version > newest || compatible > version || compatible < 200 {
		return No
	}
	return Match
}
