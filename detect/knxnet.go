package detect

import "netifyd/core/proto"

// KNXnet/IP (EN 13321-2, clause 5): a header of six bytes, protocol version
// 1.0, service, and the length of the message.
var knxnetCard = Protocol{ID: proto.KNXnetIP, Over: TCP | UDP, Ports: []uint16{3671}, First: "\x06", Limit: 64, Inspect: inspectKNXnetIP}

func inspectKNXnetIP(in *Input, _ *Result) Verdict {
	if in.Over == UDP {
		if d := in.Newest(); knxMessage(d) == Match && be16(d[4:]) == len(d) {
			return Match
		}
		return No
	}
	return eitherWay(in, knxMessage)
}

func knxMessage(b []byte) Verdict {
	if v := begins(b, "\x06\x10"); v != Match {
		return v
	}
	if len(b) > 2 && b[2] > 9 {
		return No
	}
	if len(b) < 8 {
		return NeedMore
	}
	const largest = 1024
	service, length := be16(b[2:]), be16(b[4:])
	if length < 8 || length > largest {
		return No
	}
	body := b[6:]
	const connectionHeader = 4
	switch {
	case service == 0x0201, service == 0x0203, service == 0x020b: // search, describe: begins with where to answer
		return knxHost(body)
	case service == 0x0205: // connect
		return knxHost(body)
	case service == 0x0202, service == 0x020c: // found
		return knxHost(body)
	case service == 0x0204: // description: a block of 54 bytes
		if body[0] != 0x36 || body[1] != 1 {
			return No
		}
	case service >= 0x0206 && service <= 0x020a: // channel and status, mostly with where to answer
		if length > 6+24 {
			return No
		}
	case service == 0x0310, service == 0x0311, service == 0x0420, service == 0x0421:
		if body[0] != connectionHeader {
			return No
		}
	case service >= 0x0530 && service <= 0x0533: // routing: cEMI
		switch {
		case service == 0x0530 && body[0] != 0x29 && body[0] != 0x11 && body[0] != 0x2e, service == 0x0531 && body[0] != 4, service == 0x0532 && body[0] != 6:
			return No
		}
	case service >= 0x0740 && service <= 0x0743, service >= 0x0950 && service <= 0x0955:
	default:
		return No
	}
	return Match
}

// knxHost wants the start of host protocol address information: length 8, UDP or TCP.
func knxHost(body []byte) Verdict {
	if body[0] != 8 || body[1] != 1 && body[1] != 2 {
		return No
	}
	return Match
}
