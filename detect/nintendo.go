package detect

import "netifyd/core/proto"

// Nintendo's Pia, the library that consoles play with each other through
// (https://github.com/kinnay/NintendoClients/wiki/Pia-Protocol): a magic
// number, then a version whose highest bit says "encrypted" (old versions: 1
// plain, 2 encrypted), a connection and a sequence number.
var nintendoCard = Protocol{ID: proto.Nintendo, Over: UDP, First: "\x32\xea", Inspect: inspectNintendo}

func inspectNintendo(in *Input, _ *Result) Verdict {
	const magic, least, newest = 0x32ab9864, 32, 15
	d := in.Newest()
	if isPRUDP(d) {
		return Match
	}
	if len(d) < least || be32(d) != magic || d[4]&0x7f == 0 || d[4]&0x7f > newest {
		return No
	}
	return Match
}

// isPRUDP knows the transport to Nintendo's game servers (same wiki, "PRUDP
// Protocol", version 1): a magic number, a version, the lengths of the options
// and of the payload, which fill the datagram behind a signature.
func isPRUDP(d []byte) bool {
	const fixed, types = 30, 7
	return len(d) >= fixed && string(d[:3]) == "\xea\xd0\x01" && fixed+int(d[3])+le16(d[4:]) == len(d) && d[8]&0xf < types
}
