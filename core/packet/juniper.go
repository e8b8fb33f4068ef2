package packet

import "netifyd/core"

const (
	juniperLen   = 4        // magic and flags
	juniperMagic = 0x4d4743 // "MGC"
	juniperMore  = 0x80     // flag: values follow, behind their length of two bytes
	juniperBare  = 0x02     // flag: no link header, but four bytes that say the family
	bareLen      = 4
)

// juniper reads the header that routers of Juniper put in front of the frames
// of their captures, and the frame, of the kind that the link type says.
func (d *Decoder) juniper(t core.LinkType, b []byte, n int, v *View) Verdict {
	if len(b) < juniperLen {
		return Malformed
	}
	flags := b[3]
	if be32(b)>>8 != juniperMagic {
		return NotIP
	}
	size := juniperLen
	if flags&juniperMore != 0 {
		if len(b) < size+2 {
			return Malformed
		}
		size += 2 + int(be16(b[size:]))
	}
	if flags&juniperBare != 0 {
		size += bareLen
	}
	if len(b) < size {
		return Malformed
	}
	b, n = b[size:], n-size
	switch {
	case flags&juniperBare != 0:
		return d.raw(b, n, v)
	case t == core.LinkJuniperPPP:
		return d.ppp(b, n, v)
	case t == core.LinkJuniperFrame:
		return d.frameRelay(b, n, v)
	case t == core.LinkJuniperCHDLC:
		return d.chdlc(b, n, v)
	}
	return d.ethernet(b, n, v)
}
