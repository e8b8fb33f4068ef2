package packet

const (
	etherIPLen  = 2
	etherIPHead = 0x3000 // version 3, the rest reserved (RFC 3378, section 3)
)

// etherIP reads the Ethernet frame behind an EtherIP header, as bridges of
// FreeBSD and OpenBSD send it.
func (d *Decoder) etherIP(b []byte, n int, v *View) Verdict {
	if len(b) <= etherIPLen || be16(b) != etherIPHead {
		return OK
	}
	return d.carry(TunnelEtherIP, 0, typeTEB, b[etherIPLen:], n-etherIPLen, v)
}
