package packet

const (
	gtpLen        = 8
	gtpVersion    = 0x30 // version 1, GTP rather than GTP' (3GPP TS 29.281, section 5.1)
	gtpFixed      = 0xf8 // version, protocol type and the spare bit
	gtpExtension  = 0x04
	gtpOptional   = 0x07 // E, S, PN: any of them brings four bytes
	gtpPacket     = 0xff // G-PDU
	gtpMaxHeaders = 8
)

// gtp reads a GTP-U header. Only a G-PDU carries a user's packet; echo, error
// indication and end marker are the carrier's own talk.
func (d *Decoder) gtp(b []byte, n int, v *View) Verdict {
	if len(b) < gtpLen || b[0]&gtpFixed != gtpVersion || b[1] != gtpPacket || int(be16(b[2:]))+gtpLen != n {
		return OK
	}
	size, ok := gtpLen, true
	if b[0]&gtpOptional != 0 {
		if size, ok = gtpHeaders(b); !ok {
			return OK
		}
	}
	teid := be32(b[4:])
	b, n = rest(b, size), n-size
	t, sound := ipType(b, n)
	if !sound {
		return OK
	}
	return d.carry(TunnelGTP, teid, t, b, n, v)
}

// gtpHeaders is the length of the header with sequence number, N-PDU number and
// extension headers (section 5.2), each of which has its length in units of
// four bytes in front and the next one's type at its end.
func gtpHeaders(b []byte) (size int, ok bool) {
	size = gtpLen + 4
	if len(b) < size {
		return 0, false
	}
	if b[0]&gtpExtension == 0 {
		return size, true
	}
	next := b[size-1]
	for range gtpMaxHeaders {
		if next == 0 {
			return size, true
		}
		if len(b) <= size || b[size] == 0 {
			return 0, false
		}
		size += int(b[size]) * 4
		if len(b) < size {
			return 0, false
		}
		next = b[size-1]
	}
	return 0, false
}
