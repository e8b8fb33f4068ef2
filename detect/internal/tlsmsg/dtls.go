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
