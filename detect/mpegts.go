package detect

import "netifyd/core/proto"

// MPEG transport streams in datagrams without RTP: packets of 188 bytes that
// begin with 0x47 (ISO/IEC 13818-1, 2.4.3.2). Where a datagram has few of them, more datagrams must bear it out.
var mpegtsCard = Protocol{ID: proto.MPEGTS, Over: UDP, Ports: []uint16{1234}, First: "\x47", Limit: 8192, Inspect: inspectMPEGTS}

func inspectMPEGTS(in *Input, _ *Result) Verdict {
	const packet, sync, enough, reserved = 188, 0x47, 5, 0x30
	packets := 0
	for at := 0; ; {
		var d []byte
		if d, _, at = in.Datagram(at); d == nil {
			break
		}
		if len(d) < 4 || in.size(d)%packet != 0 {
			return No
		}
		for ; len(d) > 3; d = behind(d, packet) {
			if d[0] != sync || d[3]&reserved == 0 {
				return No
			}
			packets++
		}
	}
	if packets >= enough {
		return Match
	}
	return NeedMore
}
