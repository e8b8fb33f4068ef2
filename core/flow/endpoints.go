package flow

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
	"slices"
	"unsafe"
)

// class of an address (netifyd-style: which side of a flow is ours).
type class uint8

const (
	classOther    class = iota
	classLocal          // address of a capture interface
	classLocalNet       // in a network of a capture interface, or one that was configured
	classReserved       // private, shared, link-local, loopback
	classMulticast
	classBroadcast
	classNone // 0.0.0.0, ::
)

// Addresses are the addresses that count as ours on an interface. It is
// never changed after New: a new one replaces it.
type Addresses struct {
	local []netip.Addr
	nets  []netip.Prefix

	// Those of IPv4 once more, as words: every new flow asks.
	local4, broadcast4 []uint32
	nets4              []net4
}

type net4 struct{ addr, mask uint32 }

// NewAddresses takes the addresses of an interface with their prefix lengths,
// and further addresses and networks. The broadcast address of each IPv4
// network of up to 30 bits belongs to it.
func NewAddresses(prefixes []netip.Prefix, extra []netip.Prefix) *Addresses {
	a := new(Addresses)
	for _, p := range prefixes {
		a.local = append(a.local, p.Addr())
		if p.IsSingleIP() {
			continue
		}
		a.nets = append(a.nets, p.Masked())
		if p.Addr().Is4() && p.Bits() <= 30 {
			b := p.Masked().Addr().As4()
			a.broadcast4 = append(a.broadcast4, binary.BigEndian.Uint32(b[:])|uint32(1<<(32-p.Bits())-1))
		}
	}
	for _, p := range extra {
		if p.IsSingleIP() {
			a.local = append(a.local, p.Addr())
		} else {
			a.nets = append(a.nets, p.Masked())
		}
	}
	for _, l := range a.local {
		if l.Is4() {
			b := l.As4()
			a.local4 = append(a.local4, binary.BigEndian.Uint32(b[:]))
		}
	}
	for _, n := range a.nets {
		if n.Addr().Is4() {
			b := n.Addr().As4()
			a.nets4 = append(a.nets4, net4{binary.BigEndian.Uint32(b[:]), uint32(^uint64(0) << (32 - n.Bits()))})
		}
	}
	return a
}

// Addr turns an address of a key into netip form.
func Addr(version uint8, a *[16]byte) netip.Addr {
	if version == 4 {
		return netip.AddrFrom4([4]byte(a[:4]))
	}
	return netip.AddrFrom16(*a)
}

// class of an address of a key.
func (a *Addresses) class(version uint8, addr *[16]byte) class {
	if version == 4 {
		return a.class4(binary.BigEndian.Uint32(addr[:4]))
	}
	return a.class6(netip.AddrFrom16(*addr))
}

func (a *Addresses) class4(ip uint32) class {
	switch {
	case ip == 0:
		return classNone
	case ip>>28 == 0xe:
		return classMulticast
	case ip == 0xffffffff, ip == 0xa9feffff: // 169.254.255.255
		return classBroadcast
	}
	if a != nil {
		if slices.Contains(a.local4, ip) {
			return classLocal
		}
		if slices.Contains(a.broadcast4, ip) {
			return classBroadcast
		}
		for _, n := range a.nets4 {
			if ip&n.mask == n.addr {
				return classLocalNet
			}
		}
	}
	if isReserved4(ip) {
		return classReserved
	}
	return classOther
}

// isReserved4 says that an address is private (RFC 1918), shared (RFC 6598),
// link-local (RFC 3927) or loopback.
func isReserved4(ip uint32) bool {
	switch ip >> 24 {
	case 10, 127:
		return true
	case 100:
		return ip>>22 == 100<<2|1 // 100.64.0.0/10
	case 169:
		return ip>>16 == 169<<8|254
	case 172:
		return ip>>20 == 172<<4|1 // 172.16.0.0/12
	case 192:
		return ip>>16 == 192<<8|168
	}
	return false
}

func (a *Addresses) class6(ip netip.Addr) class {
	switch {
	case ip.IsUnspecified():
		return classNone
	case ip.IsMulticast():
		return classMulticast
	}
	if a != nil {
		if slices.Contains(a.local, ip) {
			return classLocal
		}
		for _, n := range a.nets {
			if n.Contains(ip) {
				return classLocalNet
			}
		}
	}
	if ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsLoopback() {
		return classReserved
	}
	return classOther
}

// IsOurs says that an address of a key is of this side: an interface's, in one of its networks, or private.
func (a *Addresses) IsOurs(version uint8, addr *[16]byte) bool { return isOurs(a.class(version, addr)) }

func isOurs(c class) bool { return c == classLocal || c == classLocalNet || c == classReserved }

// Behind says that an address is of a network that the interface leads to, and not its own.
func (a *Addresses) Behind(version uint8, addr *[16]byte) bool {
	return a.class(version, addr) == classLocalNet
}

// Routes says that the interface has addresses: a mirror port has none.
func (a *Addresses) Routes() bool { return a != nil && len(a.local) > 0 }

// Orient decides which side of a new flow is local and what the other one is,
// by the classes of both addresses, and says whether the local one is of this
// side (IsOurs). Where both are local the side that opened
// the flow is (netifyd takes the lower address instead; ours says which device asked).
func (a *Addresses) Orient(r *Record) (ours bool) {
	lower, upper := a.class(r.Version, &r.Addr[Lower]), a.class(r.Version, &r.Addr[Upper])
	opener := r.Opener()
	local, other := orient(lower, upper, opener)
	r.Other = other
	r.Flags &^= LocalIsUpper
	if local == Upper {
		r.Flags |= LocalIsUpper
		return isOurs(upper)
	}
	return isOurs(lower)
}

func orient(lower, upper class, opener Side) (local Side, other OtherType) {
	ours := func(c class) bool {
		return c == classLocal || c == classLocalNet || c == classReserved || c == classNone
	}
	switch {
	case lower == classMulticast:
		return Upper, OtherMulticast
	case upper == classMulticast:
		return Lower, OtherMulticast
	case lower == classBroadcast:
		return Upper, OtherBroadcast
	case upper == classBroadcast:
		return Lower, OtherBroadcast
	case lower == classLocal && upper == classReserved:
		return Lower, OtherRemote // a private address beyond our own networks
	case lower == classReserved && upper == classLocal:
		return Upper, OtherRemote
	case ours(lower) && ours(upper):
		return opener, OtherLocal
	case lower == classOther && upper == classOther:
		return opener, OtherRemote
	case lower == classOther:
		return Upper, OtherRemote
	default:
		return Lower, OtherRemote
	}
}

// MakeKey fills k from a packet's addresses and ports and says which side sent
// it: the ends are in the order of their addresses, then of their ports. src and
// dst lie at a multiple of four bytes, as in a packet.View.
func MakeKey(k *Key, version, protocol, group uint8, src, dst *[16]byte, sport, dport uint16) Side {
	k.Protocol, k.Version, k.Group = protocol, version, group
	if bits.UintSize == 32 {
		return k.order32(src, dst, sport, dport)
	}
	return k.order64(src, dst, sport, dport)
}

// order32 moves words: many processors of 32 bits read others byte by byte.
func (k *Key) order32(src, dst *[16]byte, sport, dport uint16) Side {
	side, at := Lower, 0
	s, d := (*[4]uint32)(unsafe.Pointer(src)), (*[4]uint32)(unsafe.Pointer(dst))
	for at < len(s)-1 && s[at] == d[at] {
		at++
	}
	x, y := binary.BigEndian.Uint32(src[4*at:]), binary.BigEndian.Uint32(dst[4*at:])
	if x > y || x == y && sport > dport {
		s, d, sport, dport, side = d, s, dport, sport, Upper
	}
	to := (*[2][4]uint32)(unsafe.Pointer(&k.Addr))
	to[0], to[1], k.Port = *s, *d, [2]uint16{sport, dport}
	return side
}

// order64 moves halves, as the decoder writes them: what was just written in
// pieces a processor cannot read as a whole before all of it is in its cache.
func (k *Key) order64(src, dst *[16]byte, sport, dport uint16) Side {
	s0, d0 := binary.BigEndian.Uint64(src[:]), binary.BigEndian.Uint64(dst[:])
	s1, d1 := binary.BigEndian.Uint64(src[8:]), binary.BigEndian.Uint64(dst[8:])
	side := Lower
	if s0 > d0 || s0 == d0 && (s1 > d1 || s1 == d1 && sport > dport) {
		s0, s1, d0, d1 = d0, d1, s0, s1
		sport, dport = dport, sport
		side = Upper
	}
	binary.BigEndian.PutUint64(k.Addr[0][:], s0)
	binary.BigEndian.PutUint64(k.Addr[0][8:], s1)
	binary.BigEndian.PutUint64(k.Addr[1][:], d0)
	binary.BigEndian.PutUint64(k.Addr[1][8:], d1)
	k.Port = [2]uint16{sport, dport}
	return side
}
