package flow

// Bytes that may be a fake: some clients send another beginning before their
// own, at the same sequence number and made so that the server never reads it.
// Such bytes wait at their place. What lies beside them is seen as if they were
// not there, others for the same place take it, and the other side's answer
// makes them bytes like any.

// Doubt puts a segment of a direction in its place, as far as no bytes lie
// there, without believing it.
func (s *Slot) Doubt(dir int, seq uint32, b []byte) {
	st, room := &s.stream[dir], s.room(dir)
	if !st.known {
		s.Start(dir, seq)
	}
	at := int64(int32(seq - st.base))
	if skip := int64(st.n) - at; skip > 0 {
		if skip >= int64(len(b)) {
			return
		}
		b, at = b[skip:], int64(st.n)
	}
	if at >= int64(len(room)) {
		return
	}
	from := int(at)
	to := min(from+len(b), len(room))
	for _, p := range st.pieces {
		if p.from != p.to && int(p.to) > from && int(p.from) < to {
			to = int(p.from)
		}
	}
	d := &st.doubt
	if d.from != d.to {
		if from > int(d.to) || from < int(d.from) {
			return // one stretch is enough
		}
		b, from = b[min(len(b), int(d.to)-from):], int(d.to)
	}
	if from >= to {
		return
	}
	copy(room[from:to], b)
	if d.from == d.to {
		d.from = uint16(from)
	}
	d.to = uint16(to)
}

// Believe makes doubted bytes of a direction bytes like any where ack, the
// other side's acknowledgement, says that they arrived, and nothing took their
// place. It says whether there were some.
func (s *Slot) Believe(dir int, ack uint32) bool {
	st := &s.stream[dir]
	d := st.doubt
	if d.from == d.to || int32(ack-st.base-uint32(d.from)) <= 0 {
		return false
	}
	st.doubt = piece{}
	room := s.room(dir)
	if st.cover(room, room[d.from:d.to], int(d.from)) {
		st.grow()
	}
	return true
}

// Continue believes doubted bytes that are zeros where the same side goes on
// behind them: it would not have gone on behind padding. It says whether there were some.
func (s *Slot) Continue(dir int, seq uint32) bool {
	d := s.stream[dir].doubt
	return d.from != d.to && int32(seq-s.stream[dir].base-uint32(d.to)) >= 0 && s.Blank(dir) && s.Believe(dir, seq)
}

// MaxBlank is how many bytes padding has at the most: it fills frames of 64 bytes.
const MaxBlank = 46

// Blank says that a direction has nothing but a few zeros that are doubted.
func (s *Slot) Blank(dir int) bool {
	st := &s.stream[dir]
	if n := st.doubt.to - st.doubt.from; n == 0 || n > MaxBlank || st.n != 0 {
		return false
	}
	for _, c := range s.room(dir)[st.doubt.from:st.doubt.to] {
		if c != 0 {
			return false
		}
	}
	return true
}
