package detect

import "netifyd/core/proto"

// ENet (http://enet.bespin.org/structENetProtocolHeader.html; protocol.h), the
// library that many games send their packets with. Its connections open with a
// command whose numbers are bounded: the packet size lies between 576 and
// 4096, the window between 4096 and 65536, at most 255 channels.
var enetCard = Protocol{ID: proto.ENet, Over: UDP, Inspect: inspectENet}

const (
	enetConnect = 2
	enetVerify  = 3
)

func inspectENet(in *Input, res *Result) Verdict {
	d := in.Newest()
	if !isENetOpening(d) {
		return No
	}
	// Gaijin's support page opens these ports for War Thunder and its kin.
	if in.ServerPort >= 20010 && in.ServerPort <= 20500 {
		res.Protocol = proto.GaijinEntertainment
	}
	return Match
}

func isENetOpening(d []byte) bool {
	const longest = 64
	if len(d) < 44 || len(d) > longest {
		return false
	}
	at := 2 // the peer; its highest bit says that a time follows
	if d[0]&0x80 != 0 {
		at = 4
	}
	if isENetCommand(d, at) {
		return true
	}
	return len(d) > at+4 && isENetCommand(d, at+4) // a checksum
}

// isENetCommand reads a connect or its verification at a place, which ends the datagram.
func isENetCommand(d []byte, at int) bool {
	const acknowledge, anyChannel = 0x80, 0xff
	b := d[at:]
	if len(b) < 44 || b[1] != anyChannel || be16(b[2:]) == 0 || be16(b[2:]) > 8 || b[6] > 3 && b[6] != 0xff || b[7] > 3 && b[7] != 0xff {
		return false
	}
	switch {
	case b[0] == acknowledge|enetConnect && len(b) == 48:
	case b[0] == acknowledge|enetVerify && len(b) == 44:
	default:
		return false
	}
	mtu, window, channels := be32(b[8:]), be32(b[12:]), be32(b[16:])
	return mtu >= 576 && mtu <= 4096 && window >= 4096 && window <= 65536 && channels >= 1 && channels <= 255
}
