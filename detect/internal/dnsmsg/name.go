package dnsmsg

import "encoding/binary"

// Limits of names (RFC 1035, section 2.3.4).
const (
	maxLabel = 63
	// MaxName is the longest text of a name, without the dot at its end.
	MaxName = 253
	// maxJumps bounds the pointers followed in one name; each must lead backwards.
	maxJumps = 32
)

// SkipName gives the offset after the name at off, which may end in a pointer
// (RFC 1035, section 4.1.4). False: the name is malformed or does not end in msg.
func SkipName(msg []byte, off int) (next int, ok bool) {
	for start := off; off < len(msg) && off-start < 255; {
		switch n := int(msg[off]); {
		case n == 0:
			return off + 1, true
		case n >= 0xc0:
			if off+2 > len(msg) || n&0x3f<<8|int(msg[off+1]) >= start {
				return 0, false
			}
			return off + 2, true
		case n > maxLabel:
			return 0, false
		default:
			off += 1 + n
		}
	}
	return 0, false
}

// labels walks the labels of a name: begin with the name's offset, pass what
// came back. label is nil at the end of the name or where it is malformed.
type labels struct {
	msg   []byte
	off   int
	low   int // pointers must lead before this offset
	jumps int
	bad   bool
}

func (l *labels) next() []byte {
	for l.off < len(l.msg) {
		n := int(l.msg[l.off])
		switch {
		case n == 0:
			return nil
		case n >= 0xc0:
			if l.off+2 > len(l.msg) {
				l.bad = true
				return nil
			}
			to := n&0x3f<<8 | int(l.msg[l.off+1])
			if to >= l.low || l.jumps == maxJumps {
				l.bad = true
				return nil
			}
			l.off, l.low = to, to
			l.jumps++
		case n > maxLabel || l.off+1+n > len(l.msg):
			l.bad = true
			return nil
		default:
			label := l.msg[l.off+1 : l.off+1+n]
			l.off += 1 + n
			return label
		}
	}
	l.bad = true
	return nil
}

// Text writes the name at off to dst as "www.example.org" and gives what was
// written; the root is empty. Inside a label, dots and backslashes get a
// backslash before them, and bytes that are not printed stand as three digits
// (RFC 4343, section 2.1): "www\.example.org" has two labels. False: the name is
// malformed or longer than dst.
func Text(dst, msg []byte, off int) (name []byte, ok bool) { return text(dst, msg, off, false) }

// Unicode is Text for names that are made to be read: spaces and what is
// beyond ASCII stand as they are (RFC 6763, section 4.3).
func Unicode(dst, msg []byte, off int) (name []byte, ok bool) { return text(dst, msg, off, true) }

func text(dst, msg []byte, off int, unicode bool) (name []byte, ok bool) {
	if n := plainText(dst, msg, off); n > 0 {
		return dst[:n], true
	}
	l := labels{msg: msg, off: off, low: off}
	name, room := dst[:0], min(len(dst), MaxName)
	for first := true; ; first = false {
		label := l.next()
		if label == nil {
			return name, !l.bad
		}
		if !first {
			if len(name) == room {
				return nil, false
			}
			name = append(name, '.')
		}
		if n := len(name); len(label) <= room-n && copyPlain(dst[n:n+len(label)], label) { // as most are
			name = dst[:n+len(label)]
			continue
		}
		for _, c := range label {
			n := written(c, unicode)
			switch {
			case len(name)+n > room:
				return nil, false
			case n == 1:
				name = append(name, c)
			case n == 2:
				name = append(name, '\\', c)
			default:
				name = append(name, '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
			}
		}
	}
}

// plainText is text for the usual name, without pointers and escapes; 0: it is another.
func plainText(dst, msg []byte, off int) (n int) {
	end := off
	for ; end < len(msg) && msg[end] != 0; end += 1 + int(msg[end]) {
		if msg[end] > maxLabel {
			return 0
		}
	}
	size := end - off // of the text, and one
	if end >= len(msg) || size < 2 || size > min(len(dst), MaxName) {
		return 0
	}
	n = size - 1
	copy(dst, msg[off+1:end])
	for at := int(msg[off]); at < n; { // the dots, which are not odd where they are those of the labels
		next := at + 1 + int(dst[at])
		dst[at] = plainDot
		at = next
	}
	if !plain(dst[:n]) {
		return 0
	}
	for at := off; ; {
		at += 1 + int(msg[at])
		if at == end {
			return n
		}
		dst[at-off-1] = '.'
	}
}

// plainDot stands for a dot until the text was looked at.
const plainDot = 'a'

// plain says that bytes of labels stand in the text as they are. It looks at
// eight at a time: a byte is odd if it is no letter, digit or one of the
// characters from '!' on but for '.', '\\' and DEL.
func plain(text []byte) bool {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	odd := uint64(0)
	for ; len(text) >= 8; text = text[8:] {
		w := binary.LittleEndian.Uint64(text)
		// A byte that is 0 after the exclusive or borrows from its high bit.
		odd |= w | (w - ones*0x21) | ((w ^ ones*'.') - ones) | ((w ^ ones*'\\') - ones) | (w + ones)
	}
	for _, c := range text {
		odd |= uint64(odds[c])
	}
	return odd&high == 0
}

// copyPlain copies a label of the same length and says whether it stands in the
// text as it is.
func copyPlain(dst, label []byte) bool { return copy(dst, label) == len(label) && plain(label) }

// odds has the high bit for the bytes that are not written as they are in every form.
var odds = func() (table [256]byte) {
	for c := range table {
		if written(byte(c), false) != 1 || written(byte(c), true) != 1 {
			table[c] = 0x80
		}
	}
	return table
}()

// written is how many bytes the text of a label's byte has.
func written(c byte, unicode bool) int {
	switch {
	case c == '.' || c == '\\':
		return 2
	case c < ' ' || c == 0x7f, !unicode && (c == ' ' || c > 0x7f):
		return 4
	}
	return 1
}

// Hash is a number that stands for a name, as Text writes it, without regard to
// case: the bit that is a letter's case is left out of every byte, eight bytes at a time.
func Hash(name []byte) uint64 {
	const folded = 0x2020202020202020
	sum := uint64(len(name))
	for ; len(name) >= 8; name = name[8:] {
		sum = mix(sum, binary.LittleEndian.Uint64(name)|folded)
	}
	rest := uint64(folded)
	for _, c := range name {
		rest = rest<<8 | uint64(c|0x20)
	}
	return mix(sum, rest)
}

func mix(sum, word uint64) uint64 {
	sum = (sum ^ word) * 0x9e3779b97f4a7c15
	return sum ^ sum>>32
}

// Same says that the names at two offsets are equal but for case.
func Same(msg []byte, a, b int) bool {
	a, b = behindPointer(msg, a), behindPointer(msg, b)
	if a == b { // most owners are a pointer to the name asked for
		return true
	}
	x, y := labels{msg: msg, off: a, low: a}, labels{msg: msg, off: b, low: b}
	for range 128 {
		p, q := x.next(), y.next()
		if p == nil || q == nil {
			return p == nil && q == nil && !x.bad && !y.bad
		}
		if !sameLabel(p, q) {
			return false
		}
	}
	return false
}

// behindPointer is where a name goes on that is nothing but a pointer.
func behindPointer(msg []byte, off int) int {
	if off+2 <= len(msg) && msg[off] >= 0xc0 {
		if to := int(msg[off])&0x3f<<8 | int(msg[off+1]); to < off {
			return to
		}
	}
	return off
}

func sameLabel(p, q []byte) bool {
	if len(p) != len(q) {
		return false
	}
	for i := range p {
		if lower(p[i]) != lower(q[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
