package flow

import (
	"bytes"
	"math/rand"
	"net/netip"
	"testing"

	"netifyd/core/packet"
)

func TestBlocksKeepAndFree(t *testing.T) {
	p := NewBlocks(50)
	rng := rand.New(rand.NewSource(1))
	kept := map[uint32][]byte{}
	for step := range 5000 {
		if rng.Intn(2) == 0 {
			b := make([]byte, rng.Intn(400))
			rng.Read(b)
			if h := p.Keep(b); h != 0 {
				if _, twice := kept[h]; twice {
					t.Fatalf("step %d: handle %d given twice", step, h)
				}
				kept[h] = b
			}
			continue
		}
		for h, b := range kept {
			got := p.Append(nil, h)
			if !bytes.HasPrefix(got, b) || len(bytes.Trim(got[len(b):], "\x00")) != 0 {
				t.Fatalf("step %d: kept bytes differ", step)
			}
			p.Free(h)
			delete(kept, h)
			break
		}
	}
	for h := range kept {
		p.Free(h)
	}
	if p.left != 50 {
		t.Errorf("%d blocks free at the end, want 50", p.left)
	}
	if p.Refused == 0 {
		t.Error("a pool this small must have refused something")
	}
}

func TestTunnelHandles(t *testing.T) {
	p, table := NewTunnels(8), New(4, 1)
	mk := func(n byte) *packet.Tunnel {
		return &packet.Tunnel{Type: packet.TunnelGTP, Version: 4, Src: [16]byte{n}, Dst: [16]byte{1}, ID: uint32(n)}
	}
	h := p.Handle(table, mk(1))
	p.SetBack(h, 77)
	if p.Handle(table, mk(1)) != h {
		t.Error("the same carrier has two handles")
	}
	if got, back := p.Get(h); got == nil || *got != *mk(1) || back != 77 {
		t.Errorf("%+v %d", got, back)
	}
	for n := byte(2); n < 250; n++ {
		x := p.Handle(table, mk(n))
		if got, _ := p.Get(x); got == nil || *got != *mk(n) {
			t.Fatalf("carrier %d: %+v", n, got)
		}
	}
	if got, _ := p.Get(h); got != nil {
		t.Errorf("a handle whose place was used anew says %+v", got)
	}
	if got, _ := p.Get(0); got != nil {
		t.Error("handle 0 is no carrier")
	}
}

// The numbers of handles repeat after 65535 carriers. What a flow holds goes on
// to mean its own carrier, or nothing.
func TestTunnelHandlesRepeat(t *testing.T) {
	p, table := NewTunnels(tunnelWays), New(4, 1)
	mk := func(n uint32) *packet.Tunnel {
		return &packet.Tunnel{Type: packet.TunnelGTP, Version: 4, Src: [16]byte{1}, Dst: [16]byte{2}, ID: n}
	}
	open := func(n int) *Record {
		k := key(n)
		r, _ := table.Touch(&k, 1, nil)
		r.TunnelRef = p.Handle(table, mk(uint32(n)))
		return r
	}
	old := open(1) // its carrier is soon forgotten
	const many = 1<<16 + 100
	var live *Record
	for n := uint32(2); n < many; n++ {
		h := p.Handle(table, mk(n))
		if n == 1<<16-2 {
			k := key(2)
			live, _ = table.Touch(&k, 1, nil)
			live.TunnelRef = h
		}
		if got, _ := p.Get(old.TunnelRef); n > tunnelWays && got != nil {
			t.Fatalf("after %d carriers the first flow's is %+v", n, *got)
		}
		if live == nil || n > 1<<16 {
			continue
		}
		if got, _ := p.Get(live.TunnelRef); got == nil || got.ID != 1<<16-2 {
			t.Fatalf("after %d carriers the newest flow's is %+v", n, got)
		}
	}
}

func TestOrient(t *testing.T) {
	lan := NewAddresses([]netip.Prefix{netip.MustParsePrefix("192.168.1.1/24"), netip.MustParsePrefix("2001:db8:1::1/64")}, nil)
	host := NewAddresses([]netip.Prefix{netip.MustParsePrefix("203.0.113.5/32")}, nil)
	for _, c := range []struct {
		on             *Addresses
		opener, target string
		local          string
		other          OtherType
	}{
		{lan, "192.168.1.7", "198.51.100.1", "192.168.1.7", OtherRemote},
		{lan, "198.51.100.1", "192.168.1.7", "192.168.1.7", OtherRemote},
		{lan, "192.168.1.7", "192.168.1.1", "192.168.1.7", OtherLocal},
		{lan, "192.168.1.1", "192.168.1.7", "192.168.1.1", OtherLocal},
		{lan, "10.0.0.9", "192.168.1.7", "10.0.0.9", OtherLocal},
		{lan, "192.168.1.7", "224.0.0.251", "192.168.1.7", OtherMulticast},
		{lan, "192.168.1.7", "192.168.1.255", "192.168.1.7", OtherBroadcast},
		{lan, "0.0.0.0", "255.255.255.255", "0.0.0.0", OtherBroadcast},
		{lan, "2001:db8:1::7", "2001:db8:2::1", "2001:db8:1::7", OtherRemote},
		{lan, "fe80::1", "ff02::fb", "fe80::1", OtherMulticast},
		{host, "203.0.113.5", "10.1.1.1", "203.0.113.5", OtherRemote},
		{host, "203.0.113.9", "203.0.113.5", "203.0.113.5", OtherRemote},
		{nil, "198.51.100.1", "203.0.113.9", "198.51.100.1", OtherRemote},
		{nil, "::1", "::1", "::1", OtherLocal},
	} {
		var r Record
		bytes16 := func(s string) (a [16]byte) { copy(a[:], netip.MustParseAddr(s).AsSlice()); return }
		src, dst := bytes16(c.opener), bytes16(c.target)
		version := uint8(4)
		if netip.MustParseAddr(c.opener).Is6() {
			version = 6
		}
		if MakeKey(&r.Key, version, 6, 0, &src, &dst, 40000, 80) == Upper {
			r.Flags |= OpenerUpper
		}
		c.on.Orient(&r)
		if got := Addr(r.Version, &r.Addr[r.Local()]).String(); got != c.local || r.Other != c.other {
			t.Errorf("%s to %s: local %s, other %v; want %s, %v", c.opener, c.target, got, r.Other, c.local, c.other)
		}
	}
}
