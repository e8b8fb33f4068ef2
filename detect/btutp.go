package detect

// utp is a header of µTP (BEP 29).
type utp struct {
	kind       uint8
	connection uint16
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
	h = utp{kind: d[0] >> 4, connection: uint16(be16(d[2:])), delay: be32(d[8:]), sequence: uint16(be16(d[16:])), ack: uint16(be16(d[18:]))}
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

// btUTP recognises a connection: a SYN, whose fields are all known but for its
// identifiers, or two packets, one each way, that acknowledge each other, or
// data that begins with the peer handshake.
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
	if h.kind == utpSyn {
		if h.delay != 0 || h.ack != 0 || be32(d[4:]) == 0 {
			return No
		}
		return Match
	}
	for b, fromServer, at := in.Datagram(0); b != nil; b, fromServer, at = in.Datagram(at) {
		before, ok := readUTP(b)
		if !ok {
			return No
		}
		if before.kind == utpSyn {
			return Match
		}
		if fromServer == in.FromServer {
			continue
		}
		step := h.connection - before.connection
		if (step == 1 || step == 0xffff) && h.ack-before.sequence+8 <= 16 {
			return Match
		}
	}
	res.More = false
	return NeedMore
}
