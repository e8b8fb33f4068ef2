package detect

// utp is a header of µTP (BEP 29).
type utp struct {
	kind       uint8
	connection uint16
	time       uint32
	delay      uint32
	sequence   uint16
	ack        uint16
	payload    []byte
}

// Types of µTP packets.
const (
	utpData = iota
	utpFin
	utpState
	utpReset
	utpSyn
)

// readUTP reads a header of version 1 with its chain of extensions (1
// selective acknowledgement, 2 extension bits, 3 close reason).
func readUTP(d []byte) (h utp, ok bool) {
	if len(d) < 20 || d[0]&0x0f != 1 || d[0]>>4 > utpSyn {
		return h, false
	}
	if isZero(d[2:4]) || isZero(d[4:8]) {
		return h, false // every connection has a number, every packet a time
	}
	h = utp{kind: d[0] >> 4, connection: uint16(be16(d[2:])), time: be32(d[4:]), delay: be32(d[8:]), sequence: uint16(be16(d[16:])), ack: uint16(be16(d[18:]))}
	extension, b := d[1], d[20:]
	for n := 0; extension != 0; n++ {
		if extension > 3 || len(b) < 2 || n > 3 {
			return h, false
		}
		size := int(b[1])
		if size == 0 || size&3 != 0 || extension == 2 && size != 8 || extension == 3 && size != 4 || len(b) < 2+size {
			return h, false
		}
		extension, b = b[0], b[2+size:]
	}
	h.payload = b
	if h.kind != utpData && len(b) > 0 {
		return h, false
	}
	return h, true
}

// btUTP recognises a connection: a SYN and its answer, or the same again, or two
// packets, one each way, that acknowledge each other, or data that begins with
// the peer handshake. A SYN alone is not enough: it has nothing that any record
// of small numbers could not have.
func btUTP(in *Input, d []byte, res *Result) Verdict {
	h, ok := readUTP(d)
	if !ok {
		return No
	}
	if begins(h.payload, btHandshake) == Match {
		btPeer(h.payload, res)
		return Match
	}
	res.More = true // the handshake is still to come
	if h.kind == utpSyn && (h.delay != 0 || h.ack != 0) {
		return No
	}
	for b, fromServer, at := in.Datagram(0); b != nil; b, fromServer, at = in.Datagram(at) {
		if &b[0] == &d[0] {
			break
		}
		before, ok := readUTP(b)
		switch {
		case !ok:
			return No
		case before.kind == utpSyn:
			if h.follows(&before, fromServer == in.FromServer) {
				return Match
			}
		case fromServer != in.FromServer:
			step := h.connection - before.connection
			if (step == 1 || step == 0xffff) && h.ack-before.sequence+8 <= 16 && h.ack != 0 {
				return Match
			}
		}
	}
	res.More = false
	return NeedMore
}

// follows says that a packet comes behind a SYN: the same once more, at another
// time; the other side's answer, which has its number and acknowledges it; or
// the next of its own side, whose number is one more.
func (h *utp) follows(syn *utp, sameSide bool) bool {
	switch {
	case !sameSide:
		return h.connection == syn.connection && h.kind != utpSyn && (h.ack == syn.sequence || h.kind == utpReset)
	case h.kind == utpSyn:
		return h.connection == syn.connection && h.sequence == syn.sequence && h.time != syn.time
	}
	return h.connection == syn.connection+1 && h.sequence-syn.sequence <= 8
}
