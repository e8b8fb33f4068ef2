package detect

import (
	"bytes"

	"netifyd/core/attr"
	"netifyd/core/proto"
	"netifyd/core/wire"
	"netifyd/detect/internal/dnsmsg"
)

// netbiosName is the length of an encoded name without its scope: a length of
// 32 and two letters for each of 16 bytes (RFC 1001, section 14.1).
const netbiosName = 33

// Ports of the three services (RFC 1002, sections 4.2, 4.4 and 4.3).
const (
	nbdgmPort = 138
	nbssPort  = 139
)

// NetBIOS over UDP and TCP (RFC 1002): name service, datagram service, and the
// request that opens a session. The encoded names, 32 letters from A to P, are the evidence.
var netbiosCard = Protocol{
	ID: proto.NETBIOS, Over: TCP | UDP, Ports: []uint16{nbnsPort, nbdgmPort, nbssPort},
	Limit: 512, Feed: true, Alone: true, Inspect: inspectNetBIOS,
}

func inspectNetBIOS(in *Input, res *Result) Verdict {
	if in.Over == TCP {
		return inspectNetBIOSSession(in, res)
	}
	d := in.Newest()
	var name []byte
	if !in.HasPort(dnsPort) {
		name = netbiosQuery(d)
	}
	if name == nil {
		name = netbiosDatagram(d)
	}
	switch {
	case name != nil:
		putNetBIOSName(res, name)
		return Match
	case in.HasPort(nbnsPort) && roughNBNS(d):
		putNetBIOSName(res, damagedName(d, dnsmsg.HeaderLen))
		res.More = true
		return Match
	case in.HasPort(nbdgmPort) && roughNBDGM(d):
		putNetBIOSName(res, damagedName(d, 14))
		res.More = true
		return Match
	case in.HasPort(nbnsPort) || in.HasPort(nbdgmPort): // one damaged datagram says nothing of the next
		return NeedMore
	}
	return No
}

// netbiosQuery is the encoded name of a message of the name service (section
// 4.2.1): either that of its question or, in a response, of its first record.
func netbiosQuery(d []byte) []byte {
	h, ok := dnsmsg.ReadHeader(d)
	if !ok || h.QD > 1 || int(h.QD)+h.Records() == 0 || int(h.QD)+h.Records() > 4 {
		return nil
	}
	switch h.Opcode() {
	case 0, 5, 6, 7, 8, 9, 15: // query, registration, release, wait, refresh and its twin, multi-homed registration
	default:
		return nil
	}
	name := encodedName(d, dnsmsg.HeaderLen)
	if name == nil {
		return nil
	}
	if q, _, ok := dnsmsg.ReadQuestion(d, dnsmsg.HeaderLen); !ok || q.Class != 1 {
		return nil
	}
	return name
}

// roughNBNS accepts, at the port of the name service only, the header of a
// request whose name is damaged.
func roughNBNS(d []byte) bool {
	h, ok := dnsmsg.ReadHeader(d)
	return ok && !h.Response() && h.Flags&0x0060 == 0 && h.Rcode() == 0 && h.QD == 1 && h.AN == 0 && h.NS == 0 && h.AR <= 1
}

// roughNBDGM accepts, at the port of the datagram service only, a datagram
// whose header names that port and whose names are damaged.
func roughNBDGM(d []byte) bool {
	return len(d) >= 14 && d[0] >= 0x10 && d[0] <= 0x16 && d[1]&0xf0 == 0 && d[8] == 0 && d[9] == nbdgmPort
}

// netbiosDatagram is the encoded name of the sender of a datagram (section 4.4.2)
// or the name asked for in a query of a datagram server (section 4.4.4).
func netbiosDatagram(d []byte) []byte {
	c := wire.New(d)
	kind, flags := c.U8(), c.U8()
	c.Skip(8) // identifier, source address and port
	if flags&0xf0 != 0 || !c.Ok() {
		return nil
	}
	switch {
	case kind >= 0x10 && kind <= 0x12:
		c.Skip(4) // length, offset
		if c.Ok() && encodedName(d, c.Offset()) != nil {
			return encodedName(d, c.Offset())
		}
	case kind >= 0x14 && kind <= 0x16:
		return encodedName(d, c.Offset())
	}
	return nil
}

// encodedName gives the 32 letters of the name at off; nil where there is none.
func encodedName(d []byte, off int) []byte {
	if off+netbiosName > len(d) || d[off] != netbiosName-1 {
		return nil
	}
	name := d[off+1 : off+netbiosName]
	for _, c := range name {
		if !isNameLetter(c) {
			return nil
		}
	}
	return name
}

// damagedName gives the letters of the name at off where the damage lies in
// what fills it up: the name before it is whole. nil: the name itself is damaged.
func damagedName(d []byte, off int) []byte {
	const letters, filler = 30, "CA" // of the 15 bytes without the service; a space
	if off+1+letters > len(d) {
		return nil
	}
	name := d[off+1 : off+1+letters]
	n := 0
	for n < letters && isNameLetter(name[n]) && isNameLetter(name[n+1]) {
		n += 2
	}
	for i := n + 2; i < letters; i += 2 {
		if string(name[i:i+2]) != filler {
			return nil
		}
	}
	return name[:n]
}

func isNameLetter(c byte) bool { return c >= 'A' && c <= 'P' }

// putNetBIOSName decodes a name. Its sixteenth byte says which service is
// meant and is left out, as are the spaces that fill it up.
func putNetBIOSName(res *Result, encoded []byte) {
	var name [15]byte
	n := min(len(name), len(encoded)/2)
	for i := range n {
		name[i] = (encoded[2*i]-'A')<<4 | (encoded[2*i+1] - 'A')
	}
	putHost(res, bytes.TrimRight(name[:n], " \x00"))
}

// inspectNetBIOSSession knows the request that opens a session (section
// 4.3.2): type 0x81, length, the name called and the name that calls.
func inspectNetBIOSSession(in *Input, res *Result) Verdict {
	b := in.ToServer
	if len(b) == 0 && len(in.ToClient) > 0 {
		return No
	}
	// Names without a scope end in a zero: 68 bytes in all.
	const start, request = "\x81\x00\x00\x44\x20", 4 + 2*(netbiosName+1)
	n := min(len(b), len(start))
	if string(b[:n]) != start[:n] {
		return No
	}
	for i := len(start); i < min(len(b), 4+netbiosName); i++ {
		if !isNameLetter(b[i]) {
			return No
		}
	}
	if len(b) < request {
		return NeedMore
	}
	caller := encodedName(b, 4+netbiosName+1)
	if caller == nil {
		return No
	}
	putNetBIOSName(res, encodedName(b, 4))
	if len(res.Get(attr.HostName)) == 0 {
		putNetBIOSName(res, caller)
	}
	return netbiosSession(b[request:], in.ToClient)
}

// netbiosSession decides by what follows the request: SMB has a card of its
// own; a refusal (section 4.3.4) or anything else leaves the session service.
func netbiosSession(client, server []byte) Verdict {
	const refused, header = 0x83, 4
	switch {
	case len(server) > 0 && server[0] == refused:
		return Match
	case len(client) < header+4:
		return NeedMore
	case string(client[header+1:header+4]) == "SMB":
		return No
	}
	return Match
}
