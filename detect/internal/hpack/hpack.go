// Package hpack reads the header block that begins a connection of HTTP/2 (RFC
// 7541). The first block of a connection needs no table but the static one: what
// it adds to the dynamic table is read as well, but never looked up.
package hpack

// Decoder reads the fields of a block, one after the other.
type Decoder struct {
	b    []byte
	room []byte // for texts that were Huffman coded
}

// New reads block; room holds what had to be decoded, and bounds it.
func New(block, room []byte) Decoder { return Decoder{block, room[:0]} }

// Next gives a field. Both texts are valid as long as block and room are. ok is
// false at the end, where the block is cut off, and where it cannot be read.
func (d *Decoder) Next() (name, value []byte, ok bool) {
	for len(d.b) > 0 {
		c := d.b[0]
		switch {
		case c&0x80 != 0: // section 6.1: both from the table
			i, ok := d.number(7)
			if !ok || i == 0 || i > len(static) {
				return nil, nil, false
			}
			return static[i-1].name, static[i-1].value, true
		case c&0xe0 == 0x20: // section 6.3: the size of the table
			if _, ok := d.number(5); !ok {
				return nil, nil, false
			}
			continue
		case c&0x40 != 0: // section 6.2.1
			return d.literal(6)
		}
		return d.literal(4) // sections 6.2.2 and 6.2.3
	}
	return nil, nil, false
}

// literal reads a field whose value is written out.
func (d *Decoder) literal(bits uint) (name, value []byte, ok bool) {
	i, ok := d.number(bits)
	if !ok || i > len(static) {
		return nil, nil, false
	}
	if i > 0 {
		name = static[i-1].name
	} else if name, ok = d.text(); !ok {
		return nil, nil, false
	}
	value, ok = d.text()
	return name, value, ok
}

// Sound says that block can be one of a connection whose table is not known:
// its fields end where it does.
func Sound(block []byte) bool {
	d := Decoder{b: block}
	for len(d.b) > 0 {
		c, bits, literal := d.b[0], uint(4), true
		switch {
		case c&0x80 != 0:
			bits, literal = 7, false
		case c&0xe0 == 0x20:
			bits, literal = 5, false
		case c&0x40 != 0:
			bits = 6
		}
		i, ok := d.number(bits)
		if !ok || bits == 7 && i == 0 {
			return false
		}
		if literal && (i == 0 && !d.skip() || !d.skip()) {
			return false
		}
	}
	return true
}

// skip passes over a string.
func (d *Decoder) skip() bool {
	n, ok := d.number(7)
	if !ok || n > len(d.b) {
		return false
	}
	d.b = d.b[n:]
	return true
}

// number reads an integer with a prefix of so many bits (section 5.1), at most 2^20.
func (d *Decoder) number(bits uint) (n int, ok bool) {
	if len(d.b) == 0 {
		return 0, false
	}
	most := 1<<bits - 1
	n = int(d.b[0]) & most
	d.b = d.b[1:]
	if n < most {
		return n, true
	}
	for shift := 0; len(d.b) > 0 && shift <= 14; shift += 7 {
		c := d.b[0]
		d.b = d.b[1:]
		n += int(c&0x7f) << shift
		if c&0x80 == 0 {
			return n, true
		}
	}
	return 0, false
}

// text reads a string (section 5.2).
func (d *Decoder) text() (s []byte, ok bool) {
	if len(d.b) == 0 {
		return nil, false
	}
	coded := d.b[0]&0x80 != 0
	n, ok := d.number(7)
	if !ok || n > len(d.b) {
		return nil, false
	}
	s, d.b = d.b[:n], d.b[n:]
	if !coded {
		return s, true
	}
	at := len(d.room)
	if d.room, ok = decode(d.room, s); !ok {
		return nil, false
	}
	return d.room[at:], true
}

// decode appends what a Huffman code stands for (section 5.2 and appendix B).
// The code is canonical: codes of one length are numbers in a row, in the order
// of their symbols.
func decode(dst, b []byte) ([]byte, bool) {
	code, length := uint32(0), 0
	for _, c := range b {
		for bit := 7; bit >= 0; bit-- {
			code, length = code<<1|uint32(c>>bit&1), length+1
			if length > longest {
				return dst, false
			}
			if i := code - first[length]; code >= first[length] && i < uint32(count[length]) {
				if len(dst) == cap(dst) {
					return dst, false
				}
				dst = append(dst, symbols[int(index[length])+int(i)])
				code, length = 0, 0
			}
		}
	}
	return dst, length < 8 && code == 1<<length-1 // padded with ones
}

const longest = 30

// What follows from the lengths.
var (
	first   [longest + 1]uint32 // smallest code of a length
	count   [longest + 1]uint16 // how many codes of it there are
	index   [longest + 1]uint16 // where its symbols begin
	symbols [256]byte           // in the order of their codes
)

func init() {
	code, at := uint32(0), 0
	for n := 1; n <= longest; n++ {
		code <<= 1
		first[n], index[n] = code, uint16(at)
		for s := range 256 {
			if int(lengths[s]) == n {
				symbols[at] = byte(s)
				at++
				code++
				count[n]++
			}
		}
	}
}

// lengths of the codes of all bytes, in bits (appendix B).
const lengths = "" +
	"\x0d\x17\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x18\x1e\x1c\x1c\x1e\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1e\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c\x1c" +
	"\x06\x0a\x0a\x0c\x0d\x06\x08\x0b\x0a\x0a\x08\x0b\x08\x06\x06\x06\x05\x05\x05\x06\x06\x06\x06\x06\x06\x06\x07\x08\x0f\x06\x0c\x0a" +
	"\x0d\x06\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x08\x07\x08\x0d\x13\x0d\x0e\x06" +
	"\x0f\x05\x06\x05\x06\x05\x06\x06\x06\x05\x07\x07\x06\x06\x06\x05\x06\x07\x06\x05\x05\x06\x07\x07\x07\x07\x07\x0f\x0b\x0e\x0d\x1c" +
	"\x14\x16\x14\x14\x16\x16\x16\x17\x16\x17\x17\x17\x17\x17\x18\x17\x18\x18\x16\x17\x18\x17\x17\x17\x17\x15\x16\x17\x16\x17\x17\x18" +
	"\x16\x15\x14\x16\x16\x17\x17\x15\x17\x16\x16\x18\x15\x16\x17\x17\x15\x15\x16\x15\x17\x16\x17\x17\x14\x16\x16\x16\x17\x16\x16\x17" +
	"\x1a\x1a\x14\x13\x16\x17\x16\x19\x1a\x1a\x1a\x1b\x1b\x1a\x18\x19\x13\x15\x1a\x1b\x1b\x1a\x1b\x18\x15\x15\x1a\x1a\x1c\x1b\x1b\x1b" +
	"\x14\x18\x14\x15\x16\x15\x15\x17\x16\x16\x19\x19\x18\x18\x1a\x17\x1a\x1b\x1a\x1a\x1b\x1b\x1b\x1b\x1b\x1c\x1b\x1b\x1b\x1b\x1b\x1a"

type field struct{ name, value []byte }

// static is the static table (appendix A).
var static = [...]field{
	f(":authority", ""),
	f(":method", "GET"),
	f(":method", "POST"),
	f(":path", "/"),
	f(":path", "/index.html"),
	f(":scheme", "http"),
	f(":scheme", "https"),
	f(":status", "200"),
	f(":status", "204"),
	f(":status", "206"),
	f(":status", "304"),
	f(":status", "400"),
	f(":status", "404"),
	f(":status", "500"),
	f("accept-charset", ""),
	f("accept-encoding", "gzip, deflate"),
	f("accept-language", ""),
	f("accept-ranges", ""),
	f("accept", ""),
	f("access-control-allow-origin", ""),
	f("age", ""),
	f("allow", ""),
	f("authorization", ""),
	f("cache-control", ""),
	f("content-disposition", ""),
	f("content-encoding", ""),
	f("content-language", ""),
	f("content-length", ""),
	f("content-location", ""),
	f("content-range", ""),
	f("content-type", ""),
	f("cookie", ""),
	f("date", ""),
	f("etag", ""),
	f("expect", ""),
	f("expires", ""),
	f("from", ""),
	f("host", ""),
	f("if-match", ""),
	f("if-modified-since", ""),
	f("if-none-match", ""),
	f("if-range", ""),
	f("if-unmodified-since", ""),
	f("last-modified", ""),
	f("link", ""),
	f("location", ""),
	f("max-forwards", ""),
	f("proxy-authenticate", ""),
	f("proxy-authorization", ""),
	f("range", ""),
	f("referer", ""),
	f("refresh", ""),
	f("retry-after", ""),
	f("server", ""),
	f("set-cookie", ""),
	f("strict-transport-security", ""),
	f("transfer-encoding", ""),
	f("user-agent", ""),
	f("vary", ""),
	f("via", ""),
	f("www-authenticate", ""),
}

func f(name, value string) field { return field{[]byte(name), []byte(value)} }
