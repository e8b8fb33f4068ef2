package engine

import (
	"bytes"
	"net/netip"
	"strconv"

	"netifyd/core"
	"netifyd/core/conntrack"
)

// connection is a line of the kernel's connection table, as ct_seq_show of linux
// net/netfilter/nf_conntrack_standalone.c writes it: the connection as it was
// opened, then what its answers look like, which NAT makes another thing.
type connection struct {
	tuples  [2]core.Tuple // of the packets that opened it, of the answers
	count   [2]core.Count // since it was opened, of each
	marked  bool          // forwarded where no capture sees it
	counted bool          // accounting is on
}

// parse reads a line without its end. False for what is not TCP or UDP, or not whole.
func (c *connection) parse(line []byte) bool {
	*c = connection{}
	family, line := word(line)
	_, line = word(line)
	_, line = word(line)
	number, line := word(line)
	protocol, ok := decimal(number, 8)
	if !ok || protocol != ipTCP && protocol != ipUDP {
		return false
	}
	version := uint8(4)
	if string(family) == "ipv6" {
		version = 6
	} else if string(family) != "ipv4" {
		return false
	}
	way, seen := -1, [2]int{}
	for len(line) > 0 {
		var w []byte
		w, line = word(line)
		if bytes.Equal(w, markSoftware) || bytes.Equal(w, markHardware) {
			c.marked = true
		}
		name, value, _ := bytes.Cut(w, []byte("="))
		switch string(name) {
		case "src":
			way++
		case "dst", "sport", "dport", "packets", "bytes":
		default:
			continue
		}
		if way < 0 || way > 1 || !c.set(way, version, string(name), value) {
			return false
		}
		c.tuples[way].Protocol, c.tuples[way].Version = uint8(protocol), version
		seen[way]++
	}
	c.counted = seen == [2]int{6, 6}
	return c.counted || seen == [2]int{4, 4}
}

// translated is as conntrack.Conn.NAT.
func (c *connection) translated() bool {
	n := conntrack.Conn{Tuples: c.tuples}
	return n.NAT()
}

// set takes one field of a direction.
func (c *connection) set(way int, version uint8, name string, value []byte) (ok bool) {
	t, n := &c.tuples[way], &c.count[way]
	var port uint64
	switch name {
	case "src":
		return address(&t.Src, version, value)
	case "dst":
		return address(&t.Dst, version, value)
	case "sport":
		port, ok = decimal(value, 16)
		t.SrcPort = uint16(port)
	case "dport":
		port, ok = decimal(value, 16)
		t.DstPort = uint16(port)
	case "packets":
		n.Packets, ok = decimal(value, 63)
	case "bytes":
		n.Bytes, ok = decimal(value, 63)
	}
	return ok
}

// sum is the count of both directions.
func sum(c [2]core.Count) core.Count {
	return core.Count{Packets: c[0].Packets + c[1].Packets, Bytes: c[0].Bytes + c[1].Bytes}
}

// word cuts off the first word; columns are parted by one or more spaces.
func word(line []byte) (w, rest []byte) {
	w, rest, _ = bytes.Cut(bytes.TrimLeft(line, " "), []byte(" "))
	return w, bytes.TrimLeft(rest, " ")
}

func decimal(b []byte, bits int) (uint64, bool) {
	n, err := strconv.ParseUint(string(b), 10, bits)
	return n, err == nil
}

func address(dst *[16]byte, version uint8, b []byte) bool {
	a, err := netip.ParseAddr(string(b))
	if err != nil || a.Zone() != "" || a.Is4() != (version == 4) {
		return false
	}
	copy(dst[:], a.AsSlice())
	return true
}
