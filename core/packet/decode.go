package packet

import (
	"encoding/binary"

	"netifyd/core"
)

// Bounds of what Decode follows. A frame that goes beyond them is viewed as
// far as they let it.
const (
	maxNesting    = 8  // IP headers inside each other
	maxLayers     = 32 // link layer headers (MPLS, pseudowire, VLAN, PPP) in front of or between IP headers
	maxExtensions = 16 // IPv6 extension headers of one packet
	maxPacket     = 65535
	maxWire       = 1 << 20 // length on the link that is believed; a damaged file may say anything
)

// Decoder reads the frames of one shard. It owns the fragment pool, so it must
// not be shared between goroutines.
type Decoder struct {
	pool   pool
	depth  int  // IP headers read so far in this frame
	layers int  // link layer headers read so far in this frame
	padded bool // the 802.11 header of this frame is filled to words of four bytes
	train  train
}

// New returns a decoder that joins up to fragments datagrams at a time, of
// BufferSize bytes each, all allocated here. With 0 no datagram is joined:
// first fragments are viewed as they come.
func New(fragments int) *Decoder {
	d := &Decoder{}
	d.pool.init(fragments)
	return d
}

// Fragments counts what became of the fragments met since New.
func (d *Decoder) Fragments() FragmentCounters { return d.pool.count }

// Decode fills v with the innermost IP packet of f. Every field of v is reset
// first. v.Payload is lent until f's bytes change or the next call of Decode or
// Expire, whichever comes first. v means nothing unless the verdict is OK.
func (d *Decoder) Decode(f *core.Frame, v *View) Verdict {
	n := max(min(f.Length, maxWire), len(f.Data))
	*v = View{Time: f.Time, WireLen: n}
	d.depth, d.layers, d.train.left = 0, 0, 0
	d.pool.reclaim()
	if f.HasVLAN {
		v.VLAN = f.VLAN & vlanMask
		v.Seen = SeenVLAN
	}
	if f.Link == core.LinkEthernet {
		return d.ethernet(f.Data, n, v)
	}
	return d.link(f.Link, f.Data, n, v)
}

// link reads b, which begins with a header of type t. n is the length of b on
// the wire; here and everywhere below n is never less than len(b).
func (d *Decoder) link(t core.LinkType, b []byte, n int, v *View) Verdict {
	if size, inside := front(t); size != 0 {
		if len(b) < size {
			return Malformed
		}
		t, b, n = inside, b[size:], n-size
	}
	switch t {
	case core.LinkEthernet:
		return d.ethernet(b, n, v)
	case core.LinkNull, core.LinkLoop:
		return d.loopback(b, n, v)
	case core.LinkPPP, core.LinkPPPHDLC:
		return d.serial(b, n, v)
	case core.LinkPPPD:
		return d.pppd(b, n, v)
	case core.LinkPPPoE:
		return d.pppoe(b, n, v)
	case core.LinkRaw, core.LinkRawBSD, core.LinkRawOpen:
		return d.raw(b, n, v)
	case core.LinkIPv4:
		return d.ipv4(b, n, v)
	case core.LinkIPv6:
		return d.ipv6(b, n, v)
	case core.LinkPFLog:
		return d.pflog(b, n, v)
	case core.LinkMPLS:
		return d.network(typeMPLS, b, n, v)
	case core.LinkATM, core.LinkCLIP:
		return d.atm(b, n, v)
	case core.LinkFireWire:
		return d.fireWire(b, n, v)
	case core.LinkIPoIB:
		return d.infiniBand(b, n, v)
	case core.LinkCHDLC:
		return d.chdlc(b, n, v)
	case core.LinkFrameRelay:
		return d.frameRelay(b, n, v)
	case core.LinkJuniperPPPoE, core.LinkJuniperEther, core.LinkJuniperPPP, core.LinkJuniperFrame, core.LinkJuniperCHDLC:
		return d.juniper(t, b, n, v)
	case core.LinkDOCSIS:
		return d.docsis(b, n, v)
	case core.LinkTZSP:
		return d.tzsp(b, n, v)
	case core.LinkLinuxSLL:
		return d.cooked(b, n, v)
	case core.LinkLinuxSLL2:
		return d.cooked2(b, n, v)
	case core.LinkPPI:
		return d.ppi(b, n, v)
	case core.LinkDot11:
		return d.dot11(b, n, v)
	case core.LinkRadiotap:
		return d.radiotap(b, n, v)
	case core.LinkPrism, core.LinkAVS:
		return d.prism(b, n, v)
	case core.LinkNFLOG:
		return d.nflog(b, n, v)
	case core.LinkPKTAP:
		return d.pktap(b, n, v)
	case core.LinkBRCM:
		return d.brcm(b, n, v)
	case core.LinkBRCMPrepend:
		return d.brcmPrepend(b, n, v)
	case core.LinkDSA:
		return d.dsa(b, n, v)
	case core.LinkEDSA:
		return d.ethernet(b, n, v)
	}
	return NotIP
}

// EtherTypes (IEEE 802 numbers, https://www.iana.org/assignments/ieee-802-numbers).
const (
	typeIPv4     = 0x0800
	typeTEB      = 0x6558 // transparent Ethernet bridging
	typeVLAN     = 0x8100 // IEEE 802.1Q
	typeIPv6     = 0x86dd
	typePPP      = 0x880b
	typeMPLS     = 0x8847
	typeMPLSMult = 0x8848
	typePPPoE    = 0x8864 // session stage
	typeQinQ     = 0x88a8 // IEEE 802.1ad
	typeQinQOld  = 0x9100 // the same before it had a number
	typeQinQOld2 = 0x9200
	typeBatman   = 0x4305
	typeMACsec   = 0x88e5
	typeMetadata = 0x8909 // Cisco's
	typeNSH      = 0x894f
)

// network reads b, which is of EtherType t.
func (d *Decoder) network(t uint16, b []byte, n int, v *View) Verdict {
	switch t {
	case typeIPv4:
		return d.ipv4(b, n, v)
	case typeIPv6:
		return d.ipv6(b, n, v)
	}
	if d.layers++; d.layers > maxLayers {
		return Malformed
	}
	switch t {
	case typeVLAN, typeQinQ, typeQinQOld, typeQinQOld2:
		return d.vlan(b, n, v)
	case typeMPLS, typeMPLSMult:
		return d.mpls(b, n, v)
	case typePPPoE:
		return d.pppoe(b, n, v)
	case typePPP:
		return d.ppp(b, n, v)
	case typeTEB:
		return d.ethernet(b, n, v)
	case typeNSH:
		return d.nsh(b, n, v)
	case typeMetadata:
		return d.metadata(b, n, v)
	case typeMACsec:
		return d.macsec(b, n, v)
	case typeEDSA:
		return d.edsa(b, n, v)
	case typeBatman:
		return d.batman(b, n, v)
	case typePBB:
		return d.carriedFrame(serviceLen, b, n, v)
	case typeFabric:
		return d.carriedFrame(fabricLen, b, n, v)
	case typeTRILL:
		return d.trill(b, n, v)
	case typeVNTag:
		return d.tagged(vnTagLen, b, n, v)
	case typeETag:
		return d.tagged(eTagLen, b, n, v)
	case typeHSR:
		return d.tagged(hsrLen, b, n, v)
	case typeRealtek:
		return d.realtek(b, n, v)
	}
	return NotIP
}

// cut is b without what lies behind its first n bytes.
func cut(b []byte, n int) []byte {
	if len(b) > n {
		return b[:n]
	}
	return b
}

// rest is b without its first n bytes, empty where there are fewer.
func rest(b []byte, n int) []byte {
	if len(b) > n {
		return b[n:]
	}
	return nil
}

func be16(b []byte) uint16 { return binary.BigEndian.Uint16(b) }
func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }
