// Package dnsmsg reads messages of the domain name system (RFC 1035, section
// 4) and of its cousins that share the format: multicast DNS (RFC 6762),
// LLMNR (RFC 4795) and the NetBIOS name service (RFC 1002).
package dnsmsg

// Lengths of the fixed parts (RFC 1035, section 4.1).
const (
	HeaderLen   = 12
	questionLen = 4  // type and class
	recordLen   = 10 // type, class, time to live, data length
)

// Types of records that are read (IANA, "Resource Record (RR) TYPEs").
const (
	A     = 1
	NS    = 2
	CNAME = 5
	PTR   = 12
	MX    = 15
	TXT   = 16
	AAAA  = 28
	SRV   = 33
	OPT   = 41
	SVCB  = 64 // RFC 9460
	HTTPS = 65
	TSIG  = 250
)

// Header is the first twelve bytes of a message.
type Header struct {
	ID, Flags      uint16
	QD, AN, NS, AR uint16 // numbers of questions and of answer, authority and additional records
}

// ReadHeader reads the header; false where b is shorter than one.
func ReadHeader(b []byte) (h Header, ok bool) {
	if len(b) < HeaderLen {
		return h, false
	}
	return Header{u16(b), u16(b[2:]), u16(b[4:]), u16(b[6:]), u16(b[8:]), u16(b[10:])}, true
}

// Response says that the message is one (flag QR).
func (h Header) Response() bool { return h.Flags&0x8000 != 0 }

// Opcode is the kind of query.
func (h Header) Opcode() uint8 { return uint8(h.Flags>>11) & 15 }

// Rcode is the result that the header tells.
func (h Header) Rcode() uint8 { return uint8(h.Flags) & 15 }

// Records is how many records follow the questions.
func (h Header) Records() int { return int(h.AN) + int(h.NS) + int(h.AR) }

// Question is one entry of the question section.
type Question struct {
	Name        int // offset of the name in the message
	Type, Class uint16
}

// ReadQuestion reads the question at off; next is the offset after it.
func ReadQuestion(msg []byte, off int) (q Question, next int, ok bool) {
	at, ok := SkipName(msg, off)
	if !ok || at+questionLen > len(msg) {
		return q, 0, false
	}
	return Question{off, u16(msg[at:]), u16(msg[at+2:])}, at + questionLen, true
}

// Record is one entry of the other sections.
type Record struct {
	Name        int // offset of the owner's name in the message
	Type, Class uint16
	TTL         uint32 // seconds
	Data        int    // offset of the data in the message
	Len         int    // bytes of data
}

// ReadRecord reads the record at off; next is the offset after it.
func ReadRecord(msg []byte, off int) (r Record, next int, ok bool) {
	at, ok := SkipName(msg, off)
	if !ok || at+recordLen > len(msg) {
		return r, 0, false
	}
	r = Record{off, u16(msg[at:]), u16(msg[at+2:]), uint32(u16(msg[at+4:]))<<16 | uint32(u16(msg[at+6:])), at + recordLen, int(u16(msg[at+8:]))}
	next = r.Data + r.Len
	return r, next, next <= len(msg)
}

// Service is the data of a record of type SVCB or HTTPS (RFC 9460, section 2.2).
type Service struct {
	Alias  bool   // Target is another name of the owner, and there is nothing else
	Target int    // offset of the name
	IPv4   []byte // addresses, one after the other
	IPv6   []byte
}

// ReadService reads the data of such a record.
func ReadService(msg []byte, r Record) (s Service, ok bool) {
	const ipv4hint, ipv6hint = 4, 6
	end := r.Data + r.Len
	if r.Len < 3 || end > len(msg) {
		return s, false
	}
	s.Alias, s.Target = u16(msg[r.Data:]) == 0, r.Data+2
	at, ok := SkipName(msg, s.Target)
	if !ok {
		return s, false
	}
	for at+4 <= end {
		key, n := u16(msg[at:]), int(u16(msg[at+2:]))
		if at += 4; at+n > end {
			return s, false
		}
		switch value := msg[at : at+n]; {
		case key == ipv4hint && n%4 != 0 || key == ipv6hint && n%16 != 0:
			return s, false
		case key == ipv4hint:
			s.IPv4 = value
		case key == ipv6hint:
			s.IPv6 = value
		}
		at += n
	}
	return s, at == end
}

// Whole says that all sections of msg can be read and that they end where msg ends.
func Whole(msg []byte) bool {
	h, ok := ReadHeader(msg)
	// The shortest question takes five bytes, the shortest record eleven.
	if !ok || int(h.QD)*5+h.Records()*11 > len(msg)-HeaderLen {
		return false
	}
	off := HeaderLen
	for range h.QD {
		if _, off, ok = ReadQuestion(msg, off); !ok {
			return false
		}
	}
	for range h.Records() {
		if _, off, ok = ReadRecord(msg, off); !ok {
			return false
		}
	}
	return off == len(msg)
}

// Answers is the offset of the answer section; false where a question before it cannot be read.
func Answers(msg []byte) (off int, ok bool) {
	h, ok := ReadHeader(msg)
	off = HeaderLen
	for range h.QD {
		if !ok {
			return 0, false
		}
		_, off, ok = ReadQuestion(msg, off)
	}
	return off, ok
}

func u16(b []byte) uint16 { return uint16(b[0])<<8 | uint16(b[1]) }
