// Package nftset puts addresses, ports and the like of flows into sets of
// nftables. It adds and removes elements, and makes a set where it is told to;
// it never touches a chain or a rule.
package nftset

import (
	"fmt"
	"slices"
	"strings"

	"netifyd/core/action"
)

// Settings of a target.
type Settings struct {
	action.Common
	Table       string   // default "nfa"
	TableFamily string   // inet, ip, ip6, bridge, netdev; default inet
	Set         string   // its name; where Family is * and Key has an address, .v4 and .v6 are appended
	Family      string   // of addresses: ipv4, ipv6, or * for both; default *
	Key         []string // what an element is made of, in this order: see fields; default other_addr
	Mark        uint32   // what the part "mark" is; 0: the flow's
	// Managed sets are made where they are missing, and the agent's elements leave them when it ends.
	Managed bool
	// Hold leaves elements until their time is over, though no flow wants them: see action.Holder.
	Hold bool
	// Empty takes the agent's elements out when it ends, also of a set that is not managed.
	Empty bool
	// Interface gives the name of an interface of a flow; needed where Key has "interface".
	Interface func(number uint8) string
}

// A field is a part of an element. Kind and length are those by which nft
// itself names the type of a set (nftables include/datatype.h).
type field struct {
	name      string
	kind, len uint32
	nft       string // name of the type in nft's language
}

var fields = []field{
	{"local_addr", 7, 4, "ipv4_addr"},
	{"other_addr", 7, 4, "ipv4_addr"},
	{"local_mac", 9, 6, "ether_addr"},
	{"other_mac", 9, 6, "ether_addr"},
	{"local_port", 13, 2, "inet_service"},
	{"other_port", 13, 2, "inet_service"},
	{"ip_proto", 12, 1, "inet_proto"},
	{"mark", 19, 4, "mark"},
	{"interface", 41, 16, "ifname"},
}

var ipv6Address = field{"", 8, 16, "ipv6_addr"}

// kindBits is what the kind of one field takes in that of several (TYPE_BITS there).
const kindBits = 6

// longest is what an element may have, which is what nft can hold in a register's place.
const longest = 64

var tableFamilies = map[string]uint8{"inet": 1, "ip": 2, "arp": 3, "netdev": 5, "bridge": 7, "ip6": 10}

// set is one set of the kernel's that a target feeds.
type set struct {
	name    string
	address bool // its elements have an address, of one family
	v6      bool
	kind    uint32 // of its elements, as nft numbers it
	length  int    // of an element
	nft     string // its type in nft's language
	ready   bool   // it is there, and of the right type
	times   bool   // its elements may have a timeout
	handle  uint64 // of the kernel, another if the set was made anew
	made    bool   // by this target
	settled bool   // it was once found to be right: who makes another of it is at odds with the agent
}

// complete fills in what is not set, and says what is wrong.
func (s *Settings) complete() (fs []field, sets []set, err error) {
	fail := func(format string, a ...any) ([]field, []set, error) {
		return nil, nil, fmt.Errorf(format, a...)
	}
	s.Table, s.TableFamily, s.Family = or(s.Table, "nfa"), or(s.TableFamily, "inet"), or(s.Family, "*")
	if s.Most == 0 {
		s.Most = action.DefaultMost
	}
	if s.Set == "" {
		return fail("no set is named: give it set = \"NAME\"")
	}
	if _, ok := tableFamilies[s.TableFamily]; !ok {
		return fail("there is no table family %q: take inet, ip, ip6, bridge or netdev", s.TableFamily)
	}
	if len(s.Key) == 0 {
		s.Key = []string{"other_addr"}
	}
	address := false
	for _, name := range s.Key {
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == name })
		if i < 0 {
			return fail("elements: there is no part %q: take %s", name, names())
		}
		fs = append(fs, fields[i])
		address = address || fields[i].kind == fields[0].kind
		if name == "interface" && s.Interface == nil {
			return fail("elements: those with an interface need its name")
		}
	}
	var which []bool
	switch s.Family {
	case "ipv4":
		which = []bool{false}
	case "ipv6":
		which = []bool{true}
	case "*":
		which = []bool{false, true}
	default:
		return fail("there is no family %q of addresses: take ipv4, ipv6 or *", s.Family)
	}
	if !address {
		which = which[:1]
	}
	for _, v6 := range which {
		one := set{name: s.Set, address: address, v6: v6}
		if address && s.Family == "*" {
			one.name += map[bool]string{false: ".v4", true: ".v6"}[v6]
		}
		var kinds []string
		for _, f := range fs {
			if f.kind == fields[0].kind && v6 {
				f = ipv6Address
			}
			one.kind = one.kind<<kindBits | f.kind
			one.length += int(f.len+3) &^ 3
			kinds = append(kinds, f.nft)
		}
		if len(fs) == 1 {
			one.length = int(fs[0].len)
			if v6 && address {
				one.length = 16
			}
		}
		one.nft = strings.Join(kinds, " . ")
		if one.length > longest || len(fs) > 5 {
			return fail("elements: %s is too long: nftables takes 5 parts and %d bytes", one.nft, longest)
		}
		sets = append(sets, one)
	}
	return fs, sets, nil
}

// Check says what is wrong with the settings.
func (s Settings) Check() error {
	_, _, err := s.complete()
	return err
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func names() string {
	var n []string
	for _, f := range fields {
		n = append(n, f.name)
	}
	return strings.Join(n, ", ")
}

// appendKey writes the element of a flow: each part padded to four bytes if there are several.
func (s *Settings) appendKey(b []byte, fs []field, f *action.Subject) []byte {
	size := 4
	if f.V6 {
		size = 16
	}
	for i := range fs {
		at := len(b)
		switch fs[i].name {
		case "local_addr":
			b = append(b, f.Local[:size]...)
		case "other_addr":
			b = append(b, f.Other[:size]...)
		case "local_mac":
			b = append(b, f.LocalMAC[:]...)
		case "other_mac":
			b = append(b, f.OtherMAC[:]...)
		case "local_port":
			b = append(b, byte(f.LocalPort>>8), byte(f.LocalPort))
		case "other_port":
			b = append(b, byte(f.OtherPort>>8), byte(f.OtherPort))
		case "ip_proto":
			b = append(b, f.Transport)
		case "mark":
			mark := f.Mark
			if s.Mark != 0 {
				mark = s.Mark
			}
			b = native.AppendUint32(b, mark)
		case "interface":
			name := s.Interface(f.Interface)
			b = append(b, name[:min(len(name), 15)]...)
			for len(b)-at < 16 {
				b = append(b, 0)
			}
		}
		for len(fs) > 1 && (len(b)-at)%4 != 0 {
			b = append(b, 0)
		}
	}
	return b
}

// has says that the flow has what the element is made of.
func has(fs []field, f *action.Subject) bool {
	for i := range fs {
		switch fs[i].name {
		case "local_mac":
			if f.LocalMAC == [6]byte{} {
				return false
			}
		case "other_mac":
			if f.OtherMAC == [6]byte{} {
				return false
			}
		}
	}
	return true
}
