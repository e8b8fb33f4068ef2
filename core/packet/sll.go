package packet

const (
	cookedLen  = 16
	cooked2Len = 20
	// Protocol values below minType (linux/if_ether.h).
	cookedLLC = 0x0004 // IEEE 802.2 header follows
	macLen    = 6
)

// Hardware types whose protocol field is not an EtherType (linux/if_arp.h).
const (
	hardwareRadiotap = 803
	hardwareNetlink  = 824
)

// cooked reads the header of Linux cooked captures
// (https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html).
func (d *Decoder) cooked(b []byte, n int, v *View) Verdict {
	if len(b) < cookedLen {
		return Malformed
	}
	if be16(b[4:]) == macLen {
		v.SrcMAC = [6]byte(b[6:12])
	}
	return d.cookedType(be16(b[2:]), be16(b[14:]), b[cookedLen:], n-cookedLen, v)
}

// cooked2 reads the second version of that header, as the "any" device gives it
// (https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html).
func (d *Decoder) cooked2(b []byte, n int, v *View) Verdict {
	if len(b) < cooked2Len {
		return Malformed
	}
	if b[11] == macLen {
		v.SrcMAC = [6]byte(b[12:18])
	}
	return d.cookedType(be16(b[8:]), be16(b), b[cooked2Len:], n-cooked2Len, v)
}

func (d *Decoder) cookedType(hardware, protocol uint16, b []byte, n int, v *View) Verdict {
	switch {
	case hardware == hardwareNetlink || hardware == hardwareRadiotap:
		return NotIP
	case protocol == cookedLLC:
		return d.llc(b, n, v)
	}
	return d.network(protocol, b, n, v)
}
