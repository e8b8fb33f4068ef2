package packet

// span is a stretch of payload, from the first byte to the one behind the last.
type span struct{ from, end uint32 }

// datagram is one pool entry.
type datagram struct {
	live     bool
	hasFirst bool
	version  uint8
	protocol uint8 // IPv4: part of the key (RFC 791, section 3.2); IPv6: the first fragment's
	id       uint32
	src, dst [16]byte
	deadline int64
	total    int // payload bytes; 0 until the last fragment came
	ipLen    int
	wireLen  int
	pieces   int // used entries of spans
	spans    [maxSpans]span
	first    View // of the first fragment, up to the IP header
	buf      []byte
}

// staleAt says whether g's time is over, also where the clock went back far.
func (g *datagram) staleAt(now int64) bool {
	return now >= g.deadline || now < g.deadline-stretch
}

// fits says whether f agrees with where the datagram is known to end.
func (g *datagram) fits(f *fragment) bool {
	end := f.offset + f.length
	if g.total != 0 {
		return end <= g.total && (f.more || end == g.total)
	}
	return f.more || g.pieces == 0 || end >= int(g.spans[g.pieces-1].end)
}

// whole says whether every byte came.
func (g *datagram) whole() bool {
	return g.total != 0 && g.pieces == 1 && g.spans[0].from == 0 && int(g.spans[0].end) == g.total
}

// add copies data to offset, but never over a byte that was there before. It
// gives false when the datagram is in too many pieces.
func (g *datagram) add(offset int, data []byte) bool {
	from, end := uint32(offset), uint32(offset+len(data))
	lo := 0
	for lo < g.pieces && g.spans[lo].end < from {
		lo++
	}
	hi := lo
	for hi < g.pieces && g.spans[hi].from <= end {
		hi++
	}
	if lo == hi && g.pieces == maxSpans {
		return false
	}
	at := from
	for _, s := range g.spans[lo:hi] {
		if s.from > at {
			g.write(at, data[at-from:s.from-from])
		}
		at = max(at, s.end)
	}
	if at < end {
		g.write(at, data[at-from:])
	}
	g.merge(lo, hi, span{from, end})
	return true
}

func (g *datagram) write(at uint32, data []byte) {
	if int(at) < len(g.buf) {
		copy(g.buf[at:], data)
	}
}

// merge puts s in the place of the spans lo to hi, which it touches.
func (g *datagram) merge(lo, hi int, s span) {
	if lo < hi {
		s.from = min(s.from, g.spans[lo].from)
		s.end = max(s.end, g.spans[hi-1].end)
	}
	copy(g.spans[lo+1:], g.spans[hi:g.pieces])
	g.spans[lo] = s
	g.pieces += 1 - (hi - lo)
}
