// Package ipset puts addresses and MACs of flows into sets of ipset, for
// firewalls that are older than nftables.
package ipset

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"netifyd/core/action"
	"netifyd/core/netlink"
)

// Settings of a target.
type Settings struct {
	action.Common
	Set    string // its name; where Family is * and Type has an address, .v4 and .v6 are appended
	Family string // of addresses: ipv4, ipv6, or * for both; default *
	// Type is hash:ip (the other address), hash:ip,port (and the other port),
	// hash:ip,port,ip (and the local address) or hash:mac (the local one); default hash:ip.
	Type string
	// What packets that match get (skbinfo); 0: nothing.
	SkbMark, SkbMask uint32
	SkbPrio          uint32 // major and minor, 16 bits each
	SkbQueue         uint16
	// Managed sets are made where they are missing, and the agent's elements leave them when it ends.
	Managed bool
	// Hold leaves elements until their time is over, though no flow wants them: see action.Holder.
	Hold bool
	// Empty takes the agent's elements out when it ends, also of a set that is not managed.
	Empty bool
}

// Types of sets.
var types = []string{"hash:ip", "hash:ip,port", "hash:ip,port,ip", "hash:mac"}

// Messages (linux include/uapi/linux/netfilter/ipset/ip_set.h).
const (
	subsystem  = 6 << 8
	cmdCreate  = subsystem | 2
	cmdDestroy = subsystem | 3
	cmdList    = subsystem | 7
	cmdAdd     = subsystem | 9
	cmdDel     = subsystem | 10
	cmdHeader  = subsystem | 12
	cmdType    = subsystem | 13

	protocol = 6 // understood since Linux 2.6.39

	attrProtocol, attrSet, attrType      = 1, 2, 3
	attrRevision, attrFamily, attrData   = 4, 5, 7
	attrElements                         = 8
	attrLine                             = 9
	elemIP, elemPort                     = 1, 4
	elemTimeout, elemProto, elemFlags    = 6, 7, 8
	elemMost                             = 19
	elemEther, elemIP2, elemComment      = 17, 20, 26
	elemSkbMark, elemSkbPrio, elemSkbQue = 27, 28, 29
	ipv4, ipv6                           = 1, 2

	network = 0x4000 // NLA_F_NET_BYTEORDER

	withComment, withSkb = 1 << 4, 1 << 6

	nameMost = 31
	comment  = "netifyd"
)

// Errors of ipset's own, as its errno.
const (
	errProtocol     = 4097
	errFindType     = 4098
	errTypeMismatch = 4102
	errExist        = 4103
	errFamily       = 4106
	errTimeout      = 4107
	errComment      = 4112
	errSkb          = 4114
	errFull         = 4352
)

// Class reads a class of tc, as 1:10; both numbers are hexadecimal.
func Class(s string) (uint32, error) {
	major, minor, ok := strings.Cut(s, ":")
	a, err := strconv.ParseUint(major, 16, 16)
	b, err2 := strconv.ParseUint(minor, 16, 16)
	if !ok || err != nil || err2 != nil {
		return 0, fmt.Errorf("class %q: want two hexadecimal numbers, as 1:10", s)
	}
	return uint32(a<<16 | b), nil
}

// Check says what is wrong with the settings.
func (s Settings) Check() error {
	_, err := s.complete()
	return err
}

// complete fills in what is not set, and says what is wrong.
func (s *Settings) complete() (sets []set, err error) {
	fail := func(format string, a ...any) ([]set, error) {
		return nil, fmt.Errorf(format, a...)
	}
	if s.Most == 0 {
		s.Most = action.DefaultMost
	}
	if s.Family == "" {
		s.Family = "*"
	}
	if s.Type == "" {
		s.Type = types[0]
	}
	if !strings.HasPrefix(s.Type, "hash:") {
		s.Type = "hash:" + s.Type
	}
	if !slices.Contains(types, s.Type) {
		return fail("elements: there is no type %q of sets: take %s", s.Type, strings.Join(types, ", "))
	}
	which := []bool{false}
	switch {
	case s.Family != "ipv4" && s.Family != "ipv6" && s.Family != "*":
		return fail("there is no family %q of addresses: take ipv4, ipv6 or *", s.Family)
	case s.Type == "hash:mac":
	case s.Family == "ipv6":
		which = []bool{true}
	case s.Family == "*":
		which = []bool{false, true}
	}
	for _, v6 := range which {
		one := set{name: s.Set, v6: v6, mac: s.Type == "hash:mac"}
		if s.Family == "*" && !one.mac {
			one.name += map[bool]string{false: ".v4", true: ".v6"}[v6]
		}
		if s.Set == "" || len(one.name) > nameMost {
			return fail("set %q: give a name of 1 to %d letters", one.name, nameMost)
		}
		sets = append(sets, one)
	}
	return sets, nil
}

// set is one set of the kernel's.
type set struct {
	name  string
	v6    bool
	mac   bool
	ready bool // it is there
	notes bool // it keeps comments
	made  bool // by this target
}

// skb says that packets that match get something.
func (s *Settings) skb() bool { return s.SkbMark|s.SkbMask|s.SkbPrio != 0 || s.SkbQueue != 0 }

func begin(b []byte, kind, flags uint16, number uint32, family uint8) ([]byte, int) {
	b, at := netlink.Message(b, kind, flags, number, family, 0)
	return netlink.Uint8(b, attrProtocol, protocol), at
}

// appendAddress writes an address within an attribute of its own.
func appendAddress(b []byte, kind uint16, a *[16]byte, v6 bool) []byte {
	b, at := netlink.Begin(b, kind)
	if v6 {
		b = netlink.Attribute(b, ipv6|network, a[:])
	} else {
		b = netlink.Attribute(b, ipv4|network, a[:4])
	}
	netlink.Finish(b, at)
	return b
}

// item is an element: fields that the type does not have are zero, so that it can be compared.
type item struct {
	ip, ip2 [16]byte
	port    uint16
	proto   uint8
	v6      bool
	mac     [6]byte
}

// item of a flow. False: it has none.
func (s *Settings) item(f *action.Subject) (i item, ok bool) {
	if s.Type == "hash:mac" {
		i.mac = f.LocalMAC
		return i, i.mac != [6]byte{}
	}
	i.ip, i.v6 = f.Other, f.V6
	if s.Type == "hash:ip" {
		return i, true
	}
	i.port, i.proto = f.OtherPort, f.Transport
	if s.Type == "hash:ip,port,ip" {
		i.ip2 = f.Local
	}
	switch f.Transport {
	case 6, 17, 132, 136: // TCP, UDP, SCTP, UDP-Lite: what ipset knows ports of
		return i, true
	}
	return i, false
}

func (i *item) append(b []byte, kind string) []byte {
	if kind == "hash:mac" {
		return netlink.Attribute(b, elemEther, i.mac[:])
	}
	b = appendAddress(b, elemIP, &i.ip, i.v6)
	if kind == "hash:ip" {
		return b
	}
	b = netlink.Uint16(b, elemPort|network, i.port)
	b = netlink.Uint8(b, elemProto, i.proto)
	if kind == "hash:ip,port,ip" {
		b = appendAddress(b, elemIP2, &i.ip2, i.v6)
	}
	return b
}

// key is what the ledger counts an element by.
func (i *item) key(b []byte) []byte {
	b = append(append(append(b, i.ip[:]...), i.ip2[:]...), i.mac[:]...)
	return append(b, byte(i.port>>8), byte(i.port), i.proto, map[bool]byte{true: 1}[i.v6])
}

// appendItem writes a message about one element. A timeout is in seconds; 0: none.
func (s *Settings) appendItem(b []byte, kind, flags uint16, number uint32, x *set, i *item, ttl uint32) []byte {
	b, at := begin(b, kind, flags|netlink.Ack, number, family(x.v6))
	b = netlink.Text(b, attrSet, x.name)
	b, data := netlink.Begin(b, attrData)
	b = i.append(b, s.Type)
	if kind == cmdAdd {
		if ttl != 0 {
			b = netlink.Uint32(b, elemTimeout|network, ttl)
		}
		if x.notes {
			b = netlink.Text(b, elemComment, comment)
		}
		if s.SkbMark|s.SkbMask != 0 {
			mask := s.SkbMask
			if mask == 0 {
				mask = 1<<32 - 1
			}
			b = netlink.Uint64(b, elemSkbMark|network, uint64(s.SkbMark)<<32|uint64(mask))
		}
		if s.SkbPrio != 0 {
			b = netlink.Uint32(b, elemSkbPrio|network, s.SkbPrio)
		}
		if s.SkbQueue != 0 {
			b = netlink.Uint16(b, elemSkbQue|network, s.SkbQueue)
		}
	}
	b = netlink.Uint32(b, attrLine|network, 0)
	netlink.Finish(b, data)
	netlink.End(b, at)
	return b
}

func (s *Settings) appendCreate(b []byte, number uint32, x *set, revision uint8, most int) []byte {
	b, at := begin(b, cmdCreate, netlink.Ack|netlink.Create|netlink.Excl, number, family(x.v6))
	b = netlink.Text(b, attrSet, x.name)
	b = netlink.Text(b, attrType, s.Type)
	b = netlink.Uint8(b, attrRevision, revision)
	b = netlink.Uint8(b, attrFamily, s.family(x))
	b, data := netlink.Begin(b, attrData)
	b = netlink.Uint32(b, elemMost|network, uint32(most))
	b = netlink.Uint32(b, elemTimeout|network, 0)
	flags := uint32(withComment)
	if s.skb() {
		flags |= withSkb
	}
	b = netlink.Uint32(b, elemFlags|network, flags)
	netlink.Finish(b, data)
	netlink.End(b, at)
	return b
}

func family(v6 bool) uint8 {
	if v6 {
		return netlink.IPv6
	}
	return netlink.IPv4
}

// family that a set is made of.
func (s *Settings) family(x *set) uint8 {
	if x.mac {
		return netlink.Unspecified
	}
	return family(x.v6)
}

// appendAsk writes a question about a set or a type.
func (s *Settings) appendAsk(b []byte, kind, flags uint16, number uint32, x *set) []byte {
	b, at := begin(b, kind, flags, number, family(x.v6))
	if kind == cmdType {
		b = netlink.Text(b, attrType, s.Type)
		b = netlink.Uint8(b, attrFamily, s.family(x))
	} else {
		b = netlink.Text(b, attrSet, x.name)
	}
	netlink.End(b, at)
	return b
}
