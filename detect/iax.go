package detect

import "netifyd/core/proto"

var iaxCard = Protocol{ID: proto.IAX, Over: UDP, Ports: []uint16{4569}, First: bytesBetween(0x80, 0xff), Inspect: inspectIAX}

// inspectIAX recognises a full frame of IAX2 (RFC 5456, section 8.1.1) of type
// IAX whose information elements end where the datagram does. The first frame
// of a call has no destination and no sequence numbers yet; any other needs
// the usual port beside it.
func inspectIAX(in *Input, _ *Result) Verdict {
	d := in.Newest()
	const header, typeIAX, maxSubclass, port = 12, 6, 0x28, 4569
	if len(d) < header || d[0]&0x80 == 0 || d[10] != typeIAX || d[11] == 0 || d[11] > maxSubclass {
		return No
	}
	elements := 0
	for b := d[header:]; len(b) > 0; elements++ {
		if len(b) < 2 || b[0] == 0 || len(b) < 2+int(b[1]) {
			return No
		}
		b = b[2+int(b[1]):]
	}
	opens := be16(d[2:])&0x7fff == 0 && d[8] == 0 && d[9] == 0
	const day = 24 * 3600 * 1000 // of the timestamp's milliseconds
	goesOn := d[2]&0x80 == 0 && be16(d[2:]) != 0 && be32(d[4:]) < day
	if opens && elements > 0 || goesOn && in.HasPort(port) {
		return Match
	}
	return No
}
