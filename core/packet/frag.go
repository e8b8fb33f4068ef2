package packet

// fragment is one piece of a datagram, as its IP header describes it.
type fragment struct {
	id       uint32
	protocol uint8 // of the payload; in IPv6 only the first fragment's counts
	offset   int   // of data in the datagram's payload, bytes
	more     bool  // not the last one
	data     []byte
	length   int // of data on the wire
}

// join takes fragment f of the packet that v describes so far. It gives the
// payload of the whole datagram to transport once every byte is there, and
// otherwise Held. IPLen and WireLen of a joined datagram are the sums over its
// fragments, so that no byte goes uncounted.
func (d *Decoder) join(f fragment, v *View) Verdict {
	v.Seen |= SeenFragment
	end := f.offset + f.length
	if f.length <= 0 || end > maxPacket || f.more && f.length%8 != 0 {
		d.pool.count.Dropped++
		return Malformed
	}
	if len(f.data) < f.length { // cut by the snap length: can never be whole
		return d.alone(f, v, &d.pool.count.Dropped)
	}
	g := d.pool.find(&f, v)
	if g == nil {
		return d.alone(f, v, &d.pool.count.Overflow)
	}
	if !g.fits(&f) || !g.add(f.offset, f.data) {
		d.pool.count.Dropped++
		return Held
	}
	d.pool.count.Held++
	g.ipLen = min(g.ipLen+v.IPLen, maxSum)
	g.wireLen = min(g.wireLen+v.WireLen, maxSum)
	if !f.more {
		g.total = end
	}
	if f.offset == 0 && !g.hasFirst {
		g.first, g.hasFirst, g.protocol = *v, true, f.protocol
	}
	if !g.whole() {
		return Held
	}
	d.pool.count.Joined++
	d.pool.spend(g)
	v.IPLen, v.WireLen, v.Protocol = g.ipLen, g.wireLen, g.protocol
	return d.joined(g, g.total, v)
}

// alone views a first fragment by itself and loses any other.
func (d *Decoder) alone(f fragment, v *View, count *uint64) Verdict {
	*count++
	if f.offset != 0 {
		return Held
	}
	return d.payload(f.protocol, f.data, f.length, v)
}

// joined reads the first n bytes of a datagram's payload. What does not fit the
// buffer looks like a packet that the snap length cut.
func (d *Decoder) joined(g *datagram, n int, v *View) Verdict {
	return d.payload(g.protocol, cut(g.buf, n), n, v)
}

// payload reads what follows a fragmentation header.
func (d *Decoder) payload(protocol uint8, b []byte, n int, v *View) Verdict {
	if v.Version == 6 {
		return d.extensions(protocol, b, n, v)
	}
	return d.transport(protocol, b, n, v)
}

// Expire views the first fragment of a datagram whose rest has not come by now
// (nanoseconds since 1970). Call it now and then until it gives false; at the
// end of a capture with the largest time there is. v.Payload is lent as by
// Decode.
func (d *Decoder) Expire(now int64, v *View) bool {
	d.pool.reclaim()
	for {
		g := d.pool.stale(now)
		if g == nil {
			return false
		}
		d.pool.count.Expired++
		d.pool.spend(g)
		if !g.hasFirst {
			continue
		}
		*v = g.first
		v.IPLen, v.WireLen, v.Protocol = g.ipLen, g.wireLen, g.protocol
		d.depth, d.layers = 1, 0
		if d.joined(g, int(g.spans[0].end), v) == OK {
			return true
		}
	}
}
