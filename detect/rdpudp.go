package detect

import "netifyd/core/proto"

// RDP over UDP is proven by its SYN. TLS or, where losses are suffered, DTLS
// follows in the packets of [MS-RDPEUDP] 2.2 or, where both sides know it, TLS in those of
// [MS-RDPEUDP2] 2.2.
var rdpUDPCard = Protocol{ID: proto.RDP, Over: UDP, Ports: []uint16{3389}, First: "\xff", Limit: dtlsLimit, Inspect: inspectRDPUDP}

func inspectRDPUDP(in *Input, res *Result) Verdict {
	first, opener, behind := in.Datagram(0)
	if !isRDPSyn(first) {
		return No
	}
	switch form := rdpFormOf(in, behind); form {
	case rdpNothing:
		res.More = true
	case rdpDatagrams:
		rdpDTLS(in, behind, opener, res)
	default:
		rdpTLS(in, behind, opener, form, res)
	}
	return Match
}

// isRDPSyn wants a SYN ([MS-RDPEUDP] 2.2.2.1 and 2.2.2.5): no acknowledgement yet,
// SYN among the flags, an MTU each way of 1132 to 1232 bytes.
func isRDPSyn(d []byte) bool {
	const syn, minMTU, maxMTU = 0x0001, 1132, 1232
	if len(d) < 16 || be32(d) != 0xffffffff || be16(d[6:])&syn == 0 {
		return false
	}
	up, down := be16(d[12:]), be16(d[14:])
	return up >= minMTU && up <= maxMTU && down >= minMTU && down <= maxMTU
}

// How the packets of a flow carry data.
const (
	rdpNothing   = iota // none did yet
	rdpDatagrams        // DTLS in packets of version 1 or 2
	rdpStream           // TLS in those
	rdpStream2          // TLS in packets of version 3
)

// rdpFormOf finds out how by the first record.
func rdpFormOf(in *Input, at int) int {
	var room [rdpLongest]byte
	for d, _, at := in.Datagram(at); d != nil; d, _, at = in.Datagram(at) {
		if data, _ := rdpData(d, rdpStream, &room); isTLSRecord(data) {
			return rdpStream
		} else if len(data) > 13 && isDTLS(data) {
			return rdpDatagrams
		}
		if data, _ := rdpData(d, rdpStream2, &room); isTLSRecord(data) {
			return rdpStream2
		}
	}
	return rdpNothing
}

// rdpTLS joins the pieces of each side in the order of their numbers. They may
// come in another, so the datagrams are walked again as long as that helps.
func rdpTLS(in *Input, start int, opener bool, form int, res *Result) {
	const walks = 4
	var side [2]struct { // of the client, of the server
		n     int
		begun bool
		next  uint16
	}
	half := len(res.Scratch) / 2
	rooms := [2][]byte{res.Scratch[:half], res.Scratch[half:]}
	var room [rdpLongest]byte
	for more, walk := true, 0; more && walk < walks; walk++ {
		more = false
		for d, from, at := in.Datagram(start); d != nil; d, from, at = in.Datagram(at) {
			i := 0
			if from != opener {
				i = 1
			}
			s := &side[i]
			data, number := rdpData(d, form, &room)
			if len(data) == 0 || s.begun && number != s.next || !s.begun && !isTLSRecord(data) {
				continue
			}
			s.begun, s.next, more = true, number+1, true
			s.n += copy(rooms[i][s.n:], data)
		}
	}
	insideTLS(rooms[0][:side[0].n], rooms[1][:side[1].n], res)
}

// rdpDTLS reads the records in the packets; each holds whole ones.
func rdpDTLS(in *Input, start int, opener bool, res *Result) {
	var f dtlsFlow
	f.init(res)
	var room [rdpLongest]byte
	for d, from, at := in.Datagram(start); d != nil; d, from, at = in.Datagram(at) {
		if data, _ := rdpData(d, rdpStream, &room); len(data) > 13 && isDTLS(data) {
			f.datagram(data, from != opener)
		}
	}
	f.fill(res)
	res.Partial = false
}

// rdpLongest is the longest packet.
const rdpLongest = 1500

// rdpData is what a packet carries, and the lower half of its number; nil: nothing.
func rdpData(d []byte, form int, room *[rdpLongest]byte) (data []byte, number uint16) {
	if form == rdpStream2 {
		return rdpData2(d, room)
	}
	const head, syn, ack, coded, payload, acks = 8, 0x1, 0x4, 0x10, 0x8, 0x100
	if len(d) < head+2 {
		return nil, 0
	}
	flags := be16(d[6:])
	if flags&payload == 0 || flags&(syn|coded) != 0 {
		return nil, 0
	}
	at := head
	if flags&ack != 0 { // the vector is filled up to words of four bytes
		at += (2 + be16(d[at:]) + 3) &^ 3
	}
	if flags&acks != 0 {
		at += 4
	}
	if at+8 >= len(d) {
		return nil, 0
	}
	return d[at+8:], uint16(be16(d[at+6:])) // snSourceStart
}

// rdpData2 undoes the exchange of the first and the eighth byte ([MS-RDPEUDP2]
// 3.1.1.1.5.2) and passes over what the flags announce (2.2.1). Numbers are little-endian.
func rdpData2(d []byte, room *[rdpLongest]byte) (data []byte, number uint16) {
	const ack, payload, vector, acks, overhead, delay = 0x001, 0x004, 0x008, 0x010, 0x040, 0x100
	if len(d) < 14 || len(d) > len(room) {
		return nil, 0
	}
	b := room[:copy(room[:], d)]
	b[7] = b[0]
	b = b[1:]
	flags, at := le16(b)&0xfff, 2
	if flags&payload == 0 || flags&(ack|vector) == ack|vector {
		return nil, 0
	}
	if flags&ack != 0 {
		at += 7 + int(b[at+6]&0x0f)
	}
	if flags&overhead != 0 {
		at++
	}
	if flags&delay != 0 {
		at += 3
	}
	if flags&acks != 0 {
		at += 2
	}
	if at+2 > len(b) {
		return nil, 0
	}
	number = uint16(b[at]) | uint16(b[at+1])<<8
	if at += 2; flags&vector != 0 {
		if at+3 > len(b) {
			return nil, 0
		}
		n := int(b[at+2] & 0x7f)
		if b[at+2]&0x80 != 0 {
			n += 4
		}
		at += 3 + n
	}
	if at += 2; at >= len(b) { // the number in its channel
		return nil, 0
	}
	return b[at:], number
}
