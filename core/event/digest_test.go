package event

import (
	"encoding/hex"
	"strings"
	"testing"

	"netifyd/core/flow"
)

// The values were computed apart from the code: printf of the bytes into sha1sum.
func TestDigest(t *testing.T) {
	v4 := &flow.Record{Key: flow.Key{Addr: [2][16]byte{ip("104.86.97.179"), ip("192.168.1.7")}, Port: [2]uint16{443, 53141}, Protocol: 6, Version: 4}}
	v6 := &flow.Record{Key: flow.Key{Addr: [2][16]byte{ip("2001:db8::1"), ip("2001:db8::2")}, Port: [2]uint16{443, 53141}, Protocol: 17, Version: 6}}
	dhcp := &flow.Record{Key: flow.Key{Addr: [2][16]byte{ip("0.0.0.0"), ip("255.255.255.255")}, Port: [2]uint16{68, 67}, Protocol: 17, Version: 4},
		MAC: [2][6]byte{{2, 0, 0, 0, 0, 1}}}
	for _, c := range []struct {
		rec  *flow.Record
		want string
	}{{v4, wantV4}, {v6, wantV6}, {dhcp, wantDHCP}} {
		d := Digest("lan0", c.rec)
		if got := hex.EncodeToString(d[:]); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
	other := *v4
	other.VLAN, other.Group, other.MAC[0][0] = 5, 3, 9
	if Digest("lan0", &other) != Digest("lan0", v4) {
		t.Error("what is no part of the digest changes it")
	}
	if Digest("lan1", v4) == Digest("lan0", v4) {
		t.Error("the tag does not change it")
	}
	Digest(strings.Repeat("x", 1000), v6) // a path as a tag
	if n := testing.AllocsPerRun(100, func() { Digest("lan0", v6) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

const (
	wantV4   = "e8b262823ece7c3163f98a398abb3ad2241a65fa"
	wantV6   = "1f877470ce0ece43a8a099e511b4dd3939261274"
	wantDHCP = "731cf32a73574de5c52f6d502d2913acbe529443"
)
