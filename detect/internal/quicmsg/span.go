package quicmsg

// maxGaps bounds how many pieces apart from each other a Span remembers.
const maxGaps = 64

// Span joins pieces of a stream that come in any order. It holds no bytes of
// its own: Room is lent by the caller. Pieces beyond its end, and pieces apart
// from all others once there are too many of those, are left out.
type Span struct {
	Room []byte
	n    int
	part [maxGaps]struct{ from, to int } // sorted, apart from each other
}

// Add copies data to its place. Bytes that are there already stay.
func (s *Span) Add(offset int, data []byte) {
	if offset < 0 || offset >= len(s.Room) || len(data) == 0 {
		return
	}
	from, to := offset, min(offset+len(data), len(s.Room))
	// i is the first part that ends at or behind from, j the first that begins behind to.
	i := 0
	for i < s.n && s.part[i].to < from {
		i++
	}
	j := i
	for j < s.n && s.part[j].from <= to {
		j++
	}
	if i == j && s.n == len(s.part) {
		return
	}
	at := from
	for k := i; k < j; k++ {
		if p := s.part[k]; at < p.from {
			copy(s.Room[at:p.from], data[at-offset:])
		}
		at = max(at, s.part[k].to)
	}
	if at < to {
		copy(s.Room[at:to], data[at-offset:])
	}
	if i < j {
		from, to = min(from, s.part[i].from), max(to, s.part[j-1].to)
		copy(s.part[i+1:], s.part[j:s.n])
		s.n -= j - i - 1
	} else {
		copy(s.part[i+1:s.n+1], s.part[i:s.n])
		s.n++
	}
	s.part[i].from, s.part[i].to = from, to
}

// Bytes is what there is from the start on without a gap.
func (s *Span) Bytes() []byte {
	if s.n == 0 || s.part[0].from != 0 {
		return nil
	}
	return s.Room[:s.part[0].to]
}

// Reset forgets all pieces.
func (s *Span) Reset() { s.n = 0 }
