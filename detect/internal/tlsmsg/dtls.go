package tlsmsg

import "netifyd/core/wire"

// DTLS record header (RFC 6347, section 4.1): type, version, epoch (2),
// sequence number (6), length (2).
const DTLSHeaderSize = 13

// DTLSRecord is one record of a datagram.
type DTLSRecord struct {
	Type    byte
	Version uint16
	Epoch   uint16
	Body    []byte
}

// NextDTLS takes the first record off a datagram. False where there is none
// that is whole.
func NextDTLS(b []byte) (r DTLSRecord, rest []byte, ok bool) {
	c := wire.New(b)
	r.Type = c.U8()
	r.Version = c.U16()
	r.Epoch = c.U16()
	c.Skip(6)
	r.Body = c.Vec16()
	if !c.Ok() || r.Type < ChangeCipherSpec || r.Type > ApplicationData+3 || !IsDTLSVersion(r.Version) {
		return r, nil, false
	}
	return r, c.Rest(), true
}

// IsDTLSVersion says that a record may carry the version: 1.0, 1.2, and 0x0100
// of OpenSSL before 0.9.8f, which Cisco's AnyConnect still speaks. DTLS 1.3
// writes 1.2.
func IsDTLSVersion(v uint16) bool { return v == 0xfefd || v == 0xfeff || v == 0x0100 }

// Fragment is a part of a handshake message (RFC 6347, section 4.2.2).
type Fragment struct {
	Type   byte
	Length int    // of the message
	Seq    uint16 // number of the message
	Offset int    // of Body in the message
	Body   []byte
}

// NextFragment takes the first fragment off the body of a handshake record.
func NextFragment(b []byte) (f Fragment, rest []byte, ok bool) {
	c := wire.New(b)
	f.Type = c.U8()
	f.Length = int(c.U24())
	f.Seq = c.U16()
	f.Offset = int(c.U24())
	f.Body = c.Vec24()
	if !c.Ok() || f.Offset+len(f.Body) > f.Length {
		return f, nil, false
	}
	return f, c.Rest(), true
}

// IsUnified says that a record has the header of protected records in DTLS 1.3
// (RFC 9147, section 4): it begins with the bits 001.
func IsUnified(b []byte) bool { return len(b) > 0 && b[0]>>5 == 1 }

// AreUnified says that b is made of such records. The length of a connection
// identifier is not told: a record with one is taken to be the last.
func AreUnified(b []byte) bool {
	const identifier, long, length, least = 0x10, 0x08, 0x04, 16 // sealed bytes (section 4.2.3)
	for len(b) > 0 {
		if !IsUnified(b) || b[0]&3 == 0 { // epoch 0 is never protected
			return false
		}
		at := 2
		if b[0]&long != 0 {
			at++
		}
		if b[0]&length == 0 || b[0]&identifier != 0 {
			return len(b) >= at+least
		}
		if len(b) < at+2+least {
			return false
		}
		n := int(b[at])<<8 | int(b[at+1])
		if at += 2; n < least || n > len(b)-at {
			return false
		}
		b = b[at+n:]
	}
	return true
}
