package expr

import (
	"bytes"
	"net"
	"net/netip"
	"slices"
	"sort"
	"sync/atomic"
	"unsafe"
)

// Group is a set of addresses that expressions are compared with. Its members
// may be replaced at any time, by any goroutine.
type Group struct{ members atomic.Pointer[Members] }

// Members are the addresses of a group. They do not change once they are in one.
type Members struct {
	macs [][6]byte      // sorted
	nets []prefixes     // one for each length of prefix, IPv4 and IPv6 apart
	list []netip.Prefix // as given, sorted
}

// prefixes are networks of one length.
type prefixes struct {
	bits  int
	is4   bool
	first []netip.Addr // sorted
}

// MaxMembers is how many addresses a group may have.
const MaxMembers = 65536

// NewGroup makes a group; nil: nobody.
func NewGroup(m *Members) *Group {
	g := new(Group)
	g.Set(m)
	return g
}

// Set replaces the members. changed says that they are others than before.
func (g *Group) Set(m *Members) (changed bool) {
	if m == nil {
		m = new(Members)
	}
	old := g.members.Swap(m)
	return old == nil || !slices.Equal(old.macs, m.macs) || !slices.Equal(old.list, m.list)
}

// Has says that one of both addresses is in the group.
func (g *Group) Has(mac *[6]byte, ip netip.Addr) bool { return g.HasMAC(mac) || g.HasAddr(ip) }

// HasMAC says that a hardware address is in the group.
func (g *Group) HasMAC(mac *[6]byte) bool {
	list := g.members.Load().macs
	low, high := 0, len(list)
	for low < high {
		mid := int(uint(low+high) / 2)
		switch c := bytes.Compare(list[mid][:], mac[:]); {
		case c == 0:
			return true
		case c < 0:
			low = mid + 1
		default:
			high = mid
		}
	}
	return false
}

// HasAddr says that an address is in one of the group's networks.
func (g *Group) HasAddr(ip netip.Addr) bool {
	m := g.members.Load()
	if len(m.nets) == 0 || !ip.IsValid() {
		return false
	}
	ip = ip.Unmap()
	for i := range m.nets {
		n := &m.nets[i]
		if n.is4 != ip.Is4() {
			continue
		}
		p, err := ip.Prefix(n.bits)
		if err != nil {
			continue
		}
		if _, ok := slices.BinarySearchFunc(n.first, p.Addr(), netip.Addr.Compare); ok {
			return true
		}
	}
	return false
}

// Len is how many addresses the group has.
func (g *Group) Len() int {
	m := g.members.Load()
	return len(m.macs) + len(m.list)
}

// Size is about the memory of the group.
func (g *Group) Size() int {
	m := g.members.Load()
	return len(m.macs)*6 + len(m.list)*int(unsafe.Sizeof(netip.Prefix{})+unsafe.Sizeof(netip.Addr{}))
}

// NewMembers makes members of hardware addresses and networks, in any order.
func NewMembers(macs [][6]byte, nets []netip.Prefix) *Members {
	m := &Members{macs: slices.Clone(macs), list: slices.Clone(nets)}
	sort.Slice(m.macs, func(i, j int) bool { return bytes.Compare(m.macs[i][:], m.macs[j][:]) < 0 })
	m.macs = slices.Compact(m.macs)
	for i, p := range m.list {
		m.list[i] = p.Masked()
	}
	sort.Slice(m.list, func(i, j int) bool {
		a, b := m.list[i], m.list[j]
		switch {
		case a.Addr().BitLen() != b.Addr().BitLen():
			return a.Addr().BitLen() < b.Addr().BitLen()
		case a.Bits() != b.Bits():
			return a.Bits() > b.Bits()
		}
		return a.Addr().Less(b.Addr())
	})
	m.list = slices.Compact(m.list)
	for _, p := range m.list {
		n := len(m.nets)
		if n == 0 || m.nets[n-1].bits != p.Bits() || m.nets[n-1].is4 != p.Addr().Is4() {
			m.nets = append(m.nets, prefixes{bits: p.Bits(), is4: p.Addr().Is4()})
			n++
		}
		m.nets[n-1].first = append(m.nets[n-1].first, p.Addr())
	}
	return m
}

// ParseMember reads an address, a network or a hardware address; false: it is none.
func ParseMember(s string) (mac [6]byte, net netip.Prefix, ok bool) {
	if hw, good := parseMAC(s); good {
		return hw, net, true
	}
	p, err := parsePrefix(s)
	return mac, p, err == nil
}

// ParseMembers reads addresses, networks and hardware addresses; false: one of them is none.
func ParseMembers(list []string) (*Members, bool) {
	var macs [][6]byte
	var nets []netip.Prefix
	for _, s := range list {
		mac, net, ok := ParseMember(s)
		switch {
		case !ok:
			return nil, false
		case net.IsValid():
			nets = append(nets, net)
		default:
			macs = append(macs, mac)
		}
	}
	return NewMembers(macs, nets), true
}

func parseMAC(s string) (mac [6]byte, ok bool) {
	hw, err := net.ParseMAC(s)
	if err != nil || len(hw) != 6 {
		return mac, false
	}
	return [6]byte(hw), true
}
