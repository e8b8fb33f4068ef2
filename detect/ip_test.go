package detect

import (
	"strings"
	"testing"

	"netifyd/core/proto"
)

// TestIPProtocols: a sound header of each, made by hand, and one that is not.
func TestIPProtocols(t *testing.T) {
	for _, x := range []struct {
		id, want    proto.ID
		number      uint8
		sound, poor string
	}{
		{proto.ICMP, proto.ICMP, 1, "0800f7ff00000000", "fe00f7ff00000000"},
		{proto.IGMP, proto.IGMP, 2, "1600fa01effffffa", "0600fa01effffffa"},
		{proto.IPinIP, proto.IPinIP, 4, "4500001400000000" + "4001" + "0000c0000201c0000202", "6500001400000000400100000102030405060708"},
		{proto.EGP, proto.EGP, 8, "02030000000000000000", "01030000000000000000"},
		{proto.RSVP, proto.RSVP, 46, "1001000040000014000c0101c00002010000000a", "2001000040000014000c0101c00002010000000a"},
		{proto.GRE, proto.GRE, 47, "3001880b00100001", "3007880b00100001"},
		{proto.ESP, proto.IPSEC, 50, "c9a1b2c300000001" + strings.Repeat("5a", 16), "0000000000000001" + strings.Repeat("5a", 16)},
		{proto.AH, proto.IPSEC, 51, "0604000000000101" + strings.Repeat("5a", 16), "0604123400000101" + strings.Repeat("5a", 16)},
		{proto.ICMPv6, proto.ICMPv6, 58, "87001234000000002001", "7f00123400000000"},
		{proto.EIGRP, proto.EIGRP, 88, "0205ee6400000000" + strings.Repeat("00", 12), "0305ee6400000000" + strings.Repeat("00", 12)},
		{proto.OSPF, proto.OSPF, 89, "02010018c000020100000000" + strings.Repeat("00", 12), "02060018c000020100000000" + strings.Repeat("00", 12)},
		{proto.PIM, proto.PIM, 103, "2000dffd00010002", "1000dffd00010002"},
		{proto.VRRP, proto.VRRP, 112, "3101640100640000c0000201", "4101640100640000c0000201"},
		{proto.CARP, proto.CARP, 112, "21010007" + strings.Repeat("a5", 32), "21010007" + strings.Repeat("a5", 33)},
		{proto.PGM, proto.PGM, 113, "0001000204000000a1a2a3a4a5a60000", "0001000207000000a1a2a3a4a5a60000"},
		{proto.SCTP, proto.SCTP, 132, "1234000700000000" + "00000000" + "01000014" + strings.Repeat("00", 16), "3f000003"},
	} {
		in := Input{Over: IP, IPProtocol: x.number, ToServer: unhex(x.sound)}
		v, res := inspectBytes(t, x.id, in)
		if v != Match || res.Protocol != x.want {
			t.Errorf("%v: verdict %d, %v", x.id, v, res.Protocol)
		}
		in.FromServer, in.ToServer, in.ToClient = true, nil, unhex(x.sound)
		if v, _ = inspectBytes(t, x.id, in); v != Match {
			t.Errorf("%v from the server: verdict %d", x.id, v)
		}
		in.IPProtocol++
		if v, _ = inspectBytes(t, x.id, in); v != No {
			t.Errorf("%v under another number: verdict %d", x.id, v)
		}
		in.IPProtocol, in.ToClient = x.number, unhex(x.poor)
		if v, _ = inspectBytes(t, x.id, in); v != No {
			t.Errorf("%v of a poor header: verdict %d", x.id, v)
		}
	}
}

func TestIPCaptures(t *testing.T) {
	for _, id := range []proto.ID{proto.ICMP, proto.ICMPv6, proto.OSPF, proto.VRRP} {
		testProtocol(t, id)
	}
}

// TestVRRPIsNotCARP: both have number 112.
func TestVRRPIsNotCARP(t *testing.T) {
	carp := Input{Over: IP, IPProtocol: 112, ToServer: unhex("21010007" + strings.Repeat("a5", 32))}
	if v, _ := inspectBytes(t, proto.VRRP, carp); v != No {
		t.Errorf("verdict %d", v)
	}
	vrrp := Input{Over: IP, IPProtocol: 112, ToServer: unhex("21016407" + strings.Repeat("00", 40))}
	if v, _ := inspectBytes(t, proto.CARP, vrrp); v != No {
		t.Errorf("verdict %d", v)
	}
}

// TestSCTPWithoutPorts: the common header may have been read already.
func TestSCTPWithoutPorts(t *testing.T) {
	in := Input{Over: IP, IPProtocol: 132, ToServer: unhex("01000014" + strings.Repeat("00", 16))}
	if v, _ := inspectBytes(t, proto.SCTP, in); v != Match {
		t.Errorf("verdict %d", v)
	}
}
