package detect

import "netifyd/core/proto"

// EtherNet/IP (ODVA, The CIP Networks Library volume 2, chapter 2): the
// encapsulation header, little-endian, over TCP and UDP, and the datagrams of
// connected I/O on UDP 2222, which are a packet of two items without a header.
var enipCard = Protocol{ID: proto.EtherNetIP, Over: TCP, Ports: []uint16{44818}, Limit: 64, Inspect: inspectENIP}

var enipDatagramCard = Protocol{ID: proto.EtherNetIP, Over: UDP, Ports: []uint16{44818, 2222}, First: "\x02\x04\x63\x64\x65\x66\x6f\x70\x72\x73", Inspect: inspectENIPDatagram}

const enipHeader = 24 // command, length, session, status, sender context, options

func inspectENIP(in *Input, _ *Result) Verdict {
	if in.HasPort(enipPort) {
		return eitherWay(in, enipMessage)
	}
	up, down := enipMessage(in.ToServer), enipMessage(in.ToClient)
	switch {
	case up == No || down == No:
		return No
	case up == Match && isENIPProof(in.ToServer), down == Match && isENIPProof(in.ToClient):
		return Match
	}
	return NeedMore
}

const enipPort = 44818

// isENIPProof says that a sound message has more than a command and zeros: data
// with a version or items. Elsewhere than at the port it must.
func isENIPProof(b []byte) bool { return le16(b[2:]) >= 4 }

// isCPF knows the items that packets begin with (table 2-6.3): null, lists, addresses.
func isCPF(kind int) bool {
	switch kind {
	case 0x0000, 0x000c, 0x0086, 0x00a1, 0x0100, 0x8000, 0x8001, 0x8002:
		return true
	}
	return false
}

func inspectENIPDatagram(in *Input, _ *Result) Verdict {
	d := in.Newest()
	switch {
	case isCIPIO(d):
		return Match
	case len(d) < enipHeader || enipHeader+le16(d[2:]) != len(d) || enipMessage(d) != Match:
		return No
	case !isENIPProof(d) && !in.HasPort(enipPort):
		return Odd // a question for lists: the answer will tell
	}
	return Match
}

func enipMessage(b []byte) Verdict {
	if len(b) > 0 && !isENIPCommand(b[0]) || len(b) > 1 && b[1] != 0 {
		return No
	}
	if len(b) < enipHeader {
		return NeedMore
	}
	length, session, status := le16(b[2:]), le32(b[4:]), le32(b[8:])
	if le32(b[20:]) != 0 || status > 0x69 || status > 3 && status < 0x64 {
		return No
	}
	const (
		nop             = 0x00
		listServices    = 0x04
		listInterfaces  = 0x64
		registerSession = 0x65
		unregister      = 0x66
		sendRRData      = 0x6f
		sendUnitData    = 0x70
	)
	body := b[enipHeader:]
	switch b[0] {
	case nop: // nothing but zeros: no proof
		return No
	case registerSession: // version 1, no options
		if length != 4 && (length != 0 || status == 0) {
			return No
		}
		if length == 4 && len(body) < 4 {
			return NeedMore
		}
		if length == 4 && le32(body) != 1 {
			return No
		}
	case unregister:
		if length != 0 || session == 0 {
			return No
		}
	case sendRRData, sendUnitData: // interface 0, timeout, items
		if length == 0 && status != 0 {
			return Match
		}
		if length < 8 || session == 0 && status == 0 {
			return No
		}
		if len(body) < 10 {
			return NeedMore
		}
		if le32(body) != 0 || le16(body[6:]) < 1 || le16(body[6:]) > 8 || !isCPF(le16(body[8:])) {
			return No
		}
	default: // lists: asked for with nothing, answered with counted items
		if length == 0 {
			if session != 0 || status != 0 || b[0] == listServices && !isZero(b[4:enipHeader]) {
				return No
			}
			return Match
		}
		if len(body) < 4 && length != 2 {
			return NeedMore
		}
		if length != 2 && (le16(body) == 0 || le16(body) > 16 || length < 6 || !isCPF(le16(body[2:])) || le16(body[2:]) == 0) {
			return No
		}
	}
	return Match
}

// isENIPCommand knows the commands of section 2-3.2.
func isENIPCommand(c byte) bool {
	switch c {
	case 0x00, 0x04, 0x63, 0x64, 0x65, 0x66, 0x6f, 0x70, 0x72, 0x73:
		return true
	}
	return false
}

// isCIPIO wants a sequenced address of eight bytes and connected data that
// end with the datagram (section 2-6).
func isCIPIO(d []byte) bool {
	const header = 18
	return len(d) >= header && string(d[:6]) == "\x02\x00\x02\x80\x08\x00" && le16(d[14:]) == 0x00b1 && header+le16(d[16:]) == len(d)
}
