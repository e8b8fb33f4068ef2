package compact

import (
	"net/netip"
	"slices"
	"sort"
)

// Address finds the longest listed prefix that holds addr.
func (t *Table) Address(addr netip.Addr) (app int, prefix netip.Prefix, ok bool) {
	var value uint16
	var bits int
	if addr = addr.Unmap(); addr.Is4() {
		a := addr.As4()
		value, bits = t.search4(uint32(a[0])<<24 | uint32(a[1])<<16 | uint32(a[2])<<8 | uint32(a[3]))
	} else if addr.Is6() {
		value, bits = t.search6(addr.As16())
	}
	if value == 0 {
		return 0, netip.Prefix{}, false
	}
	prefix, _ = addr.WithZone("").Prefix(bits)
	return int(value) - 1, prefix, true
}

func (t *Table) search4(a uint32) (value uint16, bits int) {
	lo, hi := 0, len(t.range4)/range4Size
	for lo < hi {
		if mid := (lo + hi) / 2; u32(t.range4, mid*range4Size) <= a {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == 0 {
		return 0, 0
	}
	at := (lo - 1) * range4Size
	return u16(t.range4, at+6), int(t.range4[at+4])
}

func (t *Table) search6(a [16]byte) (value uint16, bits int) {
	lo, hi := 0, len(t.range6)/range6Size
	for lo < hi {
		mid := (lo + hi) / 2
		if at := mid * range6Size; t.range6[at:at+16] <= string(a[:]) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == 0 {
		return 0, 0
	}
	at := (lo - 1) * range6Size
	return u16(t.range6, at+18), int(t.range6[at+16])
}

type network struct {
	prefix netip.Prefix
	app    int
}

// segment is a run of addresses that one prefix, or none, decides.
type segment struct {
	from  netip.Addr
	bits  int
	value uint16
}

// flatten turns prefixes of one family, which may lie in each other, into
// disjoint runs. Of equal prefixes the last stays.
func flatten(nets []network) []segment {
	nets = slices.Clone(nets)
	sort.SliceStable(nets, func(i, j int) bool {
		a, b := nets[i].prefix, nets[j].prefix
		c := a.Addr().Compare(b.Addr())
		return c < 0 || c == 0 && a.Bits() < b.Bits()
	})
	var out []segment
	var open []network
	put := func(from netip.Addr, in []network) {
		s := segment{from: from}
		if n := len(in); n > 0 {
			s.bits, s.value = in[n-1].prefix.Bits(), uint16(in[n-1].app+1)
		}
		if n := len(out); n > 0 && out[n-1].from == from {
			out = out[:n-1]
		}
		out = append(out, s)
	}
	end := func() {
		last := after(open[len(open)-1].prefix)
		open = open[:len(open)-1]
		if last.IsValid() {
			put(last, open)
		}
	}
	for _, n := range nets {
		for len(open) > 0 && !open[len(open)-1].prefix.Contains(n.prefix.Addr()) {
			end()
		}
		open = append(open, n)
		put(n.prefix.Addr(), open)
	}
	for len(open) > 0 {
		end()
	}
	return out
}

// after is the first address behind a prefix; invalid where there is none.
func after(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a.Next()
}
