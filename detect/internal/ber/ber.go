// Package ber reads the Basic Encoding Rules (X.690) as far as LDAP, SNMP,
// Kerberos and MMS need them: single-byte tags, definite lengths.
package ber

// Tags that several protocols share (X.690, section 8; X.680, section 8.4).
const (
	Boolean     = 0x01
	Integer     = 0x02
	OctetString = 0x04
	Null        = 0x05
	OID         = 0x06
	Enumerated  = 0x0a
	Sequence    = 0x30
	Set         = 0x31
)

// State says how far a header could be read.
type State uint8

// States.
const (
	OK    State = iota
	Short       // the bytes end before the header does
	Bad         // no header that these protocols use
)

// Header reads the tag and the length before a value: size is the bytes both
// take, length the bytes of the value, which need not be there. Lengths of
// more than four bytes and the indefinite form are Bad.
func Header(b []byte) (tag uint8, size, length int, s State) {
	if len(b) == 0 {
		return 0, 0, 0, Short
	}
	tag = b[0]
	if tag&0x1f == 0x1f {
		return tag, 0, 0, Bad
	}
	if len(b) < 2 {
		return tag, 0, 0, Short
	}
	if b[1] < 0x80 {
		return tag, 2, int(b[1]), OK
	}
	n := int(b[1] & 0x7f)
	if n == 0 || n > 4 {
		return tag, 0, 0, Bad
	}
	if len(b) < 2+n {
		return tag, 0, 0, Short
	}
	var l uint32
	for _, c := range b[2 : 2+n] {
		l = l<<8 | uint32(c)
	}
	if l > 1<<30 {
		return tag, 0, 0, Bad
	}
	return tag, 2 + n, int(l), OK
}

// Take splits the first value off b. ok is false unless all of it is there. The results alias b.
func Take(b []byte) (tag uint8, value, rest []byte, ok bool) {
	tag, size, length, s := Header(b)
	if s != OK || length > len(b)-size {
		return tag, nil, b, false
	}
	return tag, b[size : size+length], b[size+length:], true
}

// Expect is Take for a value that must have the tag.
func Expect(b []byte, want uint8) (value, rest []byte, ok bool) {
	tag, value, rest, ok := Take(b)
	return value, rest, ok && tag == want
}

// Enter gives what is there of the value of a constructed type, which may be
// cut short: partial says that it was.
func Enter(b []byte, want uint8) (value []byte, partial, ok bool) {
	tag, size, length, s := Header(b)
	switch {
	case len(b) > 0 && tag != want || s == Bad:
		return nil, false, false
	case s == Short:
		return nil, true, true
	case length > len(b)-size:
		return b[size:], true, true
	}
	return b[size : size+length], false, true
}
